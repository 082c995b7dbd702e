import { examine } from './audit/examine.ts'
import type { Finding } from './audit/finding.ts'
import type { FailureKind } from './words/failure.ts'
import type { Config, Move } from './words/policy.ts'

/** What is done about one kind of failure of one route, for one workload and tier. */
export interface AuditRow<Name extends string = string> {
  readonly workload: string
  /** Null in a config without tiers. */
  readonly tier: string | null
  /** The arm of the workload's experiment, where its ladder is another than the workload's. */
  readonly arm?: string
  readonly kind: FailureKind
  /** The route that failed. Those above it in the ladder have failed before. */
  readonly on: Name
  /** The first move, where somebody can answer a question. */
  readonly move: Move<Name>['to']
  /** Where it goes to, or what is asked about; null for `pause`, `keep` and `stop`. */
  readonly route: Name | null
  /** For a product person. */
  readonly because: string
  /**
   * Nothing acceptable and no safe answer is left, at once or where nobody can answer a question, or the run
   * waits without an end. A refused request (`invalid-request`) and a rule that says `stop` are no gaps.
   */
  readonly isGap: boolean
}

/** What a config does about every failure, before one happens. */
export interface Audit<Name extends string = string> {
  readonly rows: readonly AuditRow<Name>[]
  /** `error`: it will go wrong. `warning`: it may, or nobody can have meant it. */
  readonly findings: readonly Finding[]
}

/**
 * Hold a config against every kind of failure: for each workload, tier and route, the next acceptable route,
 * or the safe answer, or a gap; and what looks wrong beside that. Pure: it runs the policy that runs use on
 * declared facts, and sends nothing. It takes it that no route is known to be slow or bad, keys and models on
 * the device are there, and a request has about 1,000 tokens and its answer 800.
 *
 * @throws the TypeError of `createLLM` for a config that it would refuse
 * @example
 * test('the ladder has no gap', () => {
 *   expect(audit(config).rows.filter((row) => row.isGap)).toEqual([])
 * })
 */
export function audit<Name extends string, Job extends string, Level extends string>(
  config: Config<Name, Job, Level>,
): Audit<Name> {
  return examine(config, {})
}

export type { Finding } from './audit/finding.ts'
