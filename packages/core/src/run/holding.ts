import { P95, quantile } from '../health/latency.ts'
import type { Decision } from '../policy/situation.ts'
import { failureOf } from '../policy/failure.ts'
import { draw, isTrigger, noTally, reduceTally } from '../policy/holdOut.ts'
import type { Failure, FailureKind } from '../words/failure.ts'
import type { Limits } from '../words/policy.ts'
import type { Rung } from '../words/rung.ts'
import type { Drawn } from './attempt.ts'
import type { HeldOut } from './reading.ts'
import { paceOf, type Brief, type Shared } from './survey.ts'

/** Where a run stands, as far as holding out depends on it. */
export interface Standing<Name extends string> {
  readonly attempt: () => number
  readonly hasText: () => boolean
  /** How long a fallback can be put off and still have its time, ms. */
  readonly spareMs: (route: Name) => number
  readonly isAcceptableAgain: (route: Name) => boolean
  /** Whether a failure of this route leads to another one, once the attempt under way, or one more, is paid for. */
  readonly leadsOn: (rung: Rung<Name>, cause: Failure<Name>) => boolean
}

/** The fallback that one run is held out of: one at most, so that a run has one arm and no user waits twice. */
export interface Holding<Name extends string> {
  /** The same route is tried again, where another would have been. */
  isTrying(): boolean
  /** The limits of an attempt: one that a fallback waits for leaves that its time. */
  tighten(limits: Limits, route: Name): Limits
  /** The first content is past its deadline: what was drawn, null where that is no trigger. */
  overdue(rung: Rung<Name>, kind: FailureKind, mostMs: number): Drawn | null
  /** The failure that decides: where only the time for trying again was up, the one before. */
  ruling(cause: Failure<Name>): Failure<Name>
  /** What is done about a failure: `decision`, or the same route again. */
  settle(
    rung: Rung<Name>,
    cause: Failure<Name>,
    decision: Decision<Name>,
  ): Generator<HeldOut, Decision<Name>, void>
  /** The run is over; null where the user ended it. */
  end(isBad: boolean | null): void
}

/** A route that is tried again at once would likely fail again, ms at most. */
const DELAY_MS = 500

export function createHolding<Name extends string>(
  { world, book, holdOuts }: Shared<Name>,
  brief: Brief<Name>,
  run: Standing<Name>,
): Holding<Name> {
  const { workload, terms } = brief
  const { page, random } = world
  let drawn: HeldOut | null = null
  let held: Failure<Name> | null = null

  function consider(
    rung: Rung<Name>,
    failure: Failure<Name>,
    { mostMs = Infinity, delayMs = 0 },
  ): Drawn | null {
    if (!terms.holdOut || drawn || holdOuts.get(workload)?.isStopped) return null
    const trigger = {
      failure,
      hasText: run.hasText(),
      isAway: page.isHidden() || !page.isOnline(),
      mostMs: Math.min(mostMs, run.spareMs(rung.name)),
      leastMs: delayMs + quantile(book.latency(rung, paceOf(brief, rung)), P95),
    }
    if (!isTrigger(terms, trigger) || !run.leadsOn(rung, failure)) return null
    const { arm, propensity } = draw(terms.holdOut.share, random())
    drawn = { type: 'held-out', attempt: run.attempt(), kind: failure.kind, arm, propensity }
    return { step: drawn, holdMs: arm === 'hold' ? trigger.mostMs : 0 }
  }
  return {
    isTrying: () => held !== null,
    tighten(limits, route) {
      if (!held) return limits
      return {
        ...limits,
        firstChunkMs: Math.min(limits.firstChunkMs ?? Infinity, run.spareMs(route)),
      }
    },
    overdue(rung, kind, mostMs) {
      const { name: route, provider } = rung
      return consider(rung, failureOf(kind, { phase: 'before-content', route, provider }), {
        mostMs,
      })
    },
    ruling(cause) {
      const isCut = cause.kind === 'latency-ceiling' && cause.phase === 'before-content'
      const ruling = (isCut && held) || cause
      held = null
      return ruling
    },
    *settle(rung, cause, decision) {
      if (decision.move.to !== 'route' || !run.isAcceptableAgain(rung.name)) return decision
      const { kind, retryAfterMs = 0 } = cause
      const result = consider(rung, cause, { delayMs: retryAfterMs + DELAY_MS })
      if (result) yield result.step
      if (result?.step.arm !== 'hold') return decision
      held = cause
      return {
        move: { to: 'retry', route: rung.name, delayMs: retryAfterMs + DELAY_MS * random() },
        because: `${kind}: held out of falling back, to tell what that is worth`,
      }
    },
    end(isBad) {
      if (!drawn || isBad === null) return
      const before = holdOuts.get(workload) ?? noTally
      const after = reduceTally(before, drawn.arm, isBad)
      holdOuts.set(workload, after)
      if (after.isStopped && !before.isStopped) {
        console.warn(`[rungs] ${workload} holds out no more: runs held out ended badly more often`)
      }
    },
  }
}
