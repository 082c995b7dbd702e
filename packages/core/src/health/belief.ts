import type { Failure } from '../words/failure.ts'
import type { Hint } from '../words/policy.ts'

/**
 * How probable it is that a route is bad now: a two-state Bayesian filter. One number with its time, no
 * window, so that a single sample says something and silence heals.
 */
export interface Belief {
  /** The probability at `at`, 0 to 1. */
  readonly pBad: number
  /** Epoch ms. */
  readonly at: number
  /** Since when it is believed bad; null while it is not. */
  readonly badSince: number | null
  /** Probes in a row that failed. */
  readonly failedProbes: number
  /** Not tried before then, but as the last resort; the run that comes first is its probe. */
  readonly probeAt: number
  /** A probe is under way, and until then no other is made; 0 while there is none. */
  readonly probingUntil: number
  /** It is good again, and this browser goes back to it then: not all do at once. */
  readonly returnAt: number
}

/** Share of the time that a route is bad, and how fast that is what is believed again, ms. */
const BASE = 0.01
const FORGET_MS = 300_000
/** How often a good and a bad route fail. */
const FAILS_GOOD = 0.01
const FAILS_BAD = 0.6
/** What a failed route lifts its provider's others to: in declared incidents they mostly fail together. */
const BLAME = 0.6
/** Above this an outage has begun, and its probes are counted. */
const SUSPECT = 0.15
/** A good probe leaves no more than this. */
const AFTER_PROBE = 0.1

const PROBE_MS = 15_000
/** An outage younger than this is probed often, and its end is nobody's rush hour. */
const YOUNG_MS = 300_000
const YOUNG_PROBE_MS = 24_000
const LONGEST_PROBE_MS = 300_000
const RETURN_MS = 120_000
/** A probe that has not ended by then keeps no other from being made: its page may be gone. */
const PROBING_MS = 60_000

export const unknownBelief: Belief = {
  pBad: BASE,
  at: 0,
  badSince: null,
  failedProbes: 0,
  probeAt: 0,
  probingUntil: 0,
  returnAt: 0,
}

/** What is believed at `now`: what was learnt fades. */
export function pBadAt({ pBad, at }: Belief, now: number): number {
  return BASE + (pBad - BASE) * Math.exp(-Math.max(0, now - at) / FORGET_MS)
}

/** An outage is believed to be on, as far as this browser has seen. */
export function isSuspected(belief: Belief, now: number): boolean {
  return pBadAt(belief, now) > SUSPECT
}

/** The hint alone says that an outage is on. */
export function isHinted(hint: Pick<Hint, 'pBad' | 'asOf'>, now: number): boolean {
  return withHint(BASE, hint, now) > SUSPECT
}

/** By Bayes, with the likelihood ratio to the power of the evidence's weight. */
function update(pBad: number, ratio: number, weight: number): number {
  const odds = (pBad / (1 - pBad)) * ratio ** weight
  return odds / (1 + odds)
}

/** Evidence against a route. `jitter` is 0 up to 1. */
export function reduceBad(belief: Belief, weight: number, now: number, jitter: number): Belief {
  return suspect(belief, update(pBadAt(belief, now), FAILS_BAD / FAILS_GOOD, weight), now, jitter)
}

/** A route of the same provider failed and is believed bad by `pBad`. */
export function reduceBlame(belief: Belief, pBad: number, now: number, jitter: number): Belief {
  const own = pBadAt(belief, now)
  return own >= BLAME * pBad ? belief : suspect(belief, BLAME * pBad, now, jitter)
}

function suspect(belief: Belief, pBad: number, now: number, jitter: number): Belief {
  if (pBad <= SUSPECT) return { ...belief, pBad, at: now }
  const isNew = belief.badSince === null || pBadAt(belief, now) <= SUSPECT
  const badSince = isNew ? now : (belief.badSince ?? now)
  const wasProbing = belief.probingUntil > 0
  const failedProbes = isNew ? 0 : belief.failedProbes + (wasProbing ? 1 : 0)
  return {
    pBad,
    at: now,
    badSince,
    failedProbes,
    probeAt:
      isNew || wasProbing ? now + probeMs(failedProbes, now - badSince, jitter) : belief.probeAt,
    probingUntil: 0,
    returnAt: 0,
  }
}

function probeMs(failedProbes: number, badMs: number, jitter: number): number {
  const most = badMs < YOUNG_MS ? YOUNG_PROBE_MS : LONGEST_PROBE_MS
  return Math.min(most, (0.5 + jitter / 2) * PROBE_MS * 2 ** failedProbes)
}

/** A route gave a whole answer. `jitter` is 0 up to 1. */
export function reduceGood(belief: Belief, now: number, jitter: number): Belief {
  const before = pBadAt(belief, now)
  const pBad = update(before, (1 - FAILS_BAD) / (1 - FAILS_GOOD), 1)
  if (belief.probingUntil === 0) return { ...belief, pBad, at: now }
  const isLong = belief.badSince !== null && now - belief.badSince > YOUNG_MS
  return {
    ...unknownBelief,
    pBad: Math.min(pBad, AFTER_PROBE),
    at: now,
    returnAt: isLong ? now + jitter * RETURN_MS : 0,
  }
}

/** A real request tries a route that is believed bad, here or in another tab. */
export function reduceProbing(belief: Belief, now: number): Belief {
  return { ...belief, probingUntil: now + PROBING_MS }
}

/** A probe told nothing: it was stopped, or what broke was nobody's fault. The next run may try again. */
export function reduceUntold(belief: Belief): Belief {
  return { ...belief, probingUntil: 0 }
}

/** How much a failure says of its route, 0 to 1: the route's own breaking, not what was asked of it. */
export function weightOf({ kind, phase, retryAfterMs }: Failure, isVeryLate: boolean): number {
  switch (kind) {
    case 'outage':
    case 'network':
    case 'timeout':
    case 'queue-stall':
    case 'stream-stall':
    case 'truncated':
      return 1
    case 'invalid-response':
      return phase === 'after-answer' ? 0 : 1
    case 'rate-limit':
      // With a hint the hold says all there is to say.
      return retryAfterMs === undefined ? 0.5 : 0
    case 'latency-ceiling':
      return isVeryLate ? 1 : 0
    default:
      return 0
  }
}

/**
 * What the product's backend sees weighs less as it ages, as fast as what this browser saw, and nothing after two
 * minutes, ms. Asked for every minute it is up to a minute old: it has to put a route last at that age.
 */
const HINT_FADE_MS = FORGET_MS
const HINT_LIFE_MS = 120_000
const MOST_LOGITS = 4

/** The belief with a hint: the log-odds that the hint adds to the usual, within bounds, faded by its age. */
export function withHint(pBad: number, hint: Pick<Hint, 'pBad' | 'asOf'>, now: number): number {
  const ageMs = Math.max(0, now - hint.asOf)
  if (ageMs > HINT_LIFE_MS) return pBad
  const hinted = Math.min(0.999, Math.max(0.001, hint.pBad))
  const logits = Math.log(hinted / (1 - hinted)) - Math.log(BASE / (1 - BASE))
  const added =
    Math.min(MOST_LOGITS, Math.max(-MOST_LOGITS, logits)) * Math.exp(-ageMs / HINT_FADE_MS)
  return update(pBad, Math.exp(added), 1)
}
