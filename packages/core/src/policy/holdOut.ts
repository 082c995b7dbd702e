import type { RunStep } from '../words/event.ts'
import type { Failure } from '../words/failure.ts'
import type { Terms } from './limits.ts'

/** A failure, as far as it matters to whether its fallback may be held out. */
export interface Trigger {
  readonly failure: Failure
  /** Some attempt's text is on the screen. */
  readonly hasText: boolean
  /** Nobody looks, or there is no network. */
  readonly isAway: boolean
  /** How long the fallback can be put off so that it still has its time, ms. */
  readonly mostMs: number
  /** How long it has to be put off for the route to have a chance, ms. */
  readonly leastMs: number
}

/** What was drawn at a trigger: to fall back (`act`) or not yet (`hold`), and how probable that was. */
export type Drawn = Pick<Extract<RunStep, { type: 'held-out' }>, 'arm' | 'propensity'>

const KINDS = ['timeout', 'queue-stall', 'outage'] as const

/** A server that asks for a longer rest than this is left alone, ms. */
const PATIENCE_MS = 5_000

/** Whether the fallback from a failure may be held out, whatever the draw: so both arms are of one kind. */
export function isTrigger({ holdOut, require }: Terms, trigger: Trigger): boolean {
  const { kind, phase, retryAfterMs = 0 } = trigger.failure
  const { share = 0, kinds = KINDS } = holdOut ?? {}
  return (
    share > 0 &&
    require.length === 0 &&
    kinds.some((one) => one === kind) &&
    phase === 'before-content' &&
    retryAfterMs <= PATIENCE_MS &&
    !trigger.hasText &&
    !trigger.isAway &&
    trigger.mostMs >= trigger.leastMs
  )
}

/** @param roll 0 up to 1 */
export function draw(share: number, roll: number): Drawn {
  return roll < share ? { arm: 'hold', propensity: share } : { arm: 'act', propensity: 1 - share }
}

interface Count {
  readonly runs: number
  /** Of these, the runs that ended `failed`, `partial` or `safe`. */
  readonly bad: number
}
/** What came of the runs that were drawn for. */
export interface Tally {
  readonly act: Count
  readonly hold: Count
  /** Holding out did harm: no more of it. */
  readonly isStopped: boolean
}
const NONE: Count = { runs: 0, bad: 0 }
export const noTally: Tally = { act: NONE, hold: NONE, isStopped: false }

export function reduceTally(tally: Tally, arm: Drawn['arm'], isBad: boolean): Tally {
  const { runs, bad } = tally[arm]
  const next = { ...tally, [arm]: { runs: runs + 1, bad: bad + (isBad ? 1 : 0) } }
  return { ...next, isStopped: tally.isStopped || isHarmful(next) }
}

const HARM = 0.05
const CHANCE = 0.05

/**
 * Held runs end badly more often by over 5 points, and not by chance: with the other runs' rate, at least so
 * many bad ones would come in less than 5 % of cases (exact binomial; the rate with a bad and a good run
 * added, so that few runs prove little). A least number of runs instead would let twenty users fail before
 * it looked; a page rarely sees two.
 */
function isHarmful({ act, hold }: Omit<Tally, 'isStopped'>): boolean {
  const excess = hold.bad / Math.max(1, hold.runs) - act.bad / Math.max(1, act.runs)
  return excess > HARM && tail(hold, (act.bad + 1) / (act.runs + 2)) < CHANCE
}

/** How probable it is that `bad` of `runs` or more are bad, at a rate of between 0 and 1. */
function tail({ runs, bad }: Count, rate: number): number {
  let sum = 0
  let exactly = (1 - rate) ** runs
  for (let n = 0; n <= runs; n += 1) {
    if (n >= bad) sum += exactly
    exactly *= ((runs - n) / (n + 1)) * (rate / (1 - rate))
  }
  return sum
}
