import type { Outcome, Run, RunState, Usage } from '../words/event.ts'
import type { FailureKind } from '../words/failure.ts'
import type { Confirmation, Degraded } from '../words/policy.ts'

/** What a run is doing, told whenever it changes. */
export interface RungsData<Name extends string = string> {
  readonly runId: string
  readonly phase: RunState['phase']
  readonly route: Name | null
  readonly degraded: Degraded<Name> | null
  /** The kind of the newest failure; null once the run completes. */
  readonly failure: FailureKind | null
  readonly confirmation: Confirmation<Name> | null
  readonly isSlow: boolean
}

/** What a run came to. */
export interface RungsMetadata<Name extends string = string> {
  readonly runId: string
  /** `partial` is an answer that was cut and kept; `failure` says by what. */
  readonly status: Outcome['status']
  /** Who answered. */
  readonly route: Name | null
  readonly degraded: Degraded<Name> | null
  readonly failure: FailureKind | null
  readonly usage: Usage | null
}

export function dataOf<Name extends string>(
  { id }: Run<Name>,
  { phase, route, degraded, failure, confirmation, isSlow }: RunState<Name>,
): RungsData<Name> {
  const kind = failure?.kind ?? null
  return { runId: id, phase, route, degraded, failure: kind, confirmation, isSlow }
}

export function metadataOf<Name extends string>(
  { id }: Run<Name>,
  { status, route, degraded, failure, usage }: Outcome<Name>,
): RungsMetadata<Name> {
  return { runId: id, status, route, degraded, failure: failure?.kind ?? null, usage }
}
