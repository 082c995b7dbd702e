import { describe, expect, test } from 'vitest'
import {
  isHinted,
  isSuspected,
  pBadAt,
  reduceBad,
  reduceBlame,
  reduceGood,
  reduceProbing,
  reduceUntold,
  unknownBelief,
  weightOf,
  withHint,
  type Belief,
} from '../src/health/belief.ts'
import { failureOf } from '../src/policy/failure.ts'
import { FAILURE_KINDS } from './play.ts'

const MINUTE = 60_000
const bad = (belief: Belief, now = 0, jitter = 0): Belief => reduceBad(belief, 1, now, jitter)

describe('what is believed of a route', () => {
  test('begins at one in a hundred', () => {
    expect(pBadAt(unknownBelief, 0)).toBe(0.01)
    expect(pBadAt(unknownBelief, 1e9)).toBe(0.01)
  })

  test('is 0.38 after one failure and 0.97 after two', () => {
    const once = bad(unknownBelief)
    expect(once.pBad).toBeCloseTo(0.377, 3)
    expect(bad(once).pBad).toBeCloseTo(0.973, 3)
  })

  test('falls with an answer', () => {
    expect(reduceGood(bad(unknownBelief), 0, 0).pBad).toBeCloseTo(0.197, 3)
  })

  test('fades to the usual by 1/e in 300 s', () => {
    const { pBad } = bad(unknownBelief)
    expect(pBadAt(bad(unknownBelief), 300_000)).toBeCloseTo(0.01 + (pBad - 0.01) / Math.E, 6)
  })

  test('does not go back in time when the clock does', () => {
    expect(pBadAt(bad(unknownBelief, 1000), 0)).toBeCloseTo(0.377, 3)
  })

  test('takes half evidence for the root of the odds', () => {
    // Odds 1/99 times the root of 60.
    expect(reduceBad(unknownBelief, 0.5, 0, 0).pBad).toBeCloseTo(0.0726, 3)
  })

  test('lifts the others of a provider to 0.6 of it, and never lowers them', () => {
    expect(reduceBlame(unknownBelief, 0.5, 0, 0).pBad).toBeCloseTo(0.3, 9)
    const worse = bad(bad(unknownBelief))
    expect(reduceBlame(worse, 0.5, 0, 0)).toBe(worse)
  })
})

/** When a route that failed at 0 is probed, if each probe fails at once. */
function probes(untilMs: number, jitter: number): number[] {
  const at: number[] = []
  let belief = bad(unknownBelief, 0, jitter)
  while (belief.probeAt < untilMs) {
    const now = belief.probeAt
    at.push(now)
    belief = bad(reduceProbing(belief, now), now, jitter)
  }
  return at
}

describe('a probe', () => {
  test('comes after 7.5 to 15 s', () => {
    expect(bad(unknownBelief, 0, 0).probeAt).toBe(7_500)
    expect(bad(unknownBelief, 0, 1).probeAt).toBe(15_000)
  })

  test('comes at most 24 s after the last in the first 5 minutes, then at most 300 s after', () => {
    const [first = 0, ...rest] = probes(3_600_000, 1)
    const gaps = rest.map((at, index) => [at, at - (index === 0 ? first : (rest[index - 1] ?? 0))])
    for (const [at = 0, gap = 0] of gaps)
      expect(gap).toBeLessThanOrEqual(at < 324_000 ? 24_000 : 300_000)
    expect(gaps.at(-1)?.[1]).toBe(300_000)
  })

  test('is not put off by what fails beside it', () => {
    const once = bad(unknownBelief, 0, 0)
    expect(bad(once, 5_000, 1).probeAt).toBe(7_500)
  })

  test('that succeeds leaves at most 0.10 and forgets the failed ones', () => {
    const worst = bad(bad(bad(unknownBelief, 0), 1), 2)
    const after = reduceGood(reduceProbing(worst, 10), 20, 0.5)
    expect(after.pBad).toBe(0.1)
    expect(after).toMatchObject({ badSince: null, failedProbes: 0, returnAt: 0 })
  })

  test('that succeeds after more than 5 minutes brings the route back within 120 s', () => {
    const old = reduceProbing(bad(bad(unknownBelief, 0), 6 * MINUTE), 6 * MINUTE + 1)
    // It faded in between, so the second failure is an outage of its own.
    expect(reduceGood(old, 7 * MINUTE, 1).returnAt).toBe(0)
    let belief = bad(unknownBelief, 0)
    for (let now = MINUTE; now <= 6 * MINUTE; now += MINUTE) belief = bad(belief, now)
    const probing = reduceProbing(belief, 6 * MINUTE + 1)
    expect(reduceGood(probing, 6 * MINUTE + 2, 1).returnAt).toBe(8 * MINUTE + 2)
    expect(reduceGood(probing, 6 * MINUTE + 2, 0).returnAt).toBe(6 * MINUTE + 2)
  })

  test('that says nothing is over, and one that is never heard of again too', () => {
    const probing = reduceProbing(bad(unknownBelief), 0)
    expect(reduceUntold(probing).probingUntil).toBe(0)
    expect(probing.probingUntil).toBe(MINUTE)
  })

  test('is one however long its answer takes', () => {
    const probing = reduceProbing(bad(unknownBelief), 0)
    expect(reduceGood(probing, 10 * MINUTE, 0)).toMatchObject({ badSince: null, probingUntil: 0 })
    const { failedProbes, probeAt } = bad(reduceProbing(bad(bad(unknownBelief)), 0), 90_000)
    expect(failedProbes).toBe(1)
    expect(probeAt).toBe(90_000 + 15_000)
  })
})

test('an outage is over when what is believed has faded', () => {
  const belief = bad(unknownBelief)
  expect(isSuspected(belief, 0)).toBe(true)
  expect(isSuspected(belief, 5 * MINUTE)).toBe(false)
  expect(bad(belief, 10 * MINUTE).badSince).toBe(10 * MINUTE)
  expect(bad(belief, MINUTE).badSince).toBe(0)
})

test('only the breaking of the route itself is evidence', () => {
  const weights = FAILURE_KINDS.map((kind) => [
    kind,
    weightOf(failureOf(kind, { phase: 'before-content', route: 'a', provider: 'a' }), false),
  ])
  expect(Object.fromEntries(weights.filter(([, weight]) => weight !== 0))).toEqual({
    'rate-limit': 0.5,
    timeout: 1,
    'queue-stall': 1,
    'stream-stall': 1,
    outage: 1,
    network: 1,
    truncated: 1,
    'invalid-response': 1,
  })
})

test('a schema miss and a limit with a date are no evidence; a ceiling past the p99 is', () => {
  const of = { route: 'a', provider: 'a' }
  const miss = failureOf('invalid-response', { phase: 'after-answer', ...of })
  const limit = failureOf('rate-limit', { phase: 'before-content', retryAfterMs: 1000, ...of })
  const ceiling = failureOf('latency-ceiling', { phase: 'before-content', ...of })
  expect(weightOf(miss, false)).toBe(0)
  expect(weightOf(limit, false)).toBe(0)
  expect([weightOf(ceiling, false), weightOf(ceiling, true)]).toEqual([0, 1])
})

describe('a hint', () => {
  test('adds its log-odds over the usual', () => {
    expect(withHint(0.01, { pBad: 0.3, asOf: 0 }, 0)).toBeCloseTo(0.3, 9)
    expect(withHint(0.01, { pBad: 0.01, asOf: 0 }, 0)).toBeCloseTo(0.01, 9)
  })

  test('adds at most 4, which a backend gone mad cannot make a certainty', () => {
    const sure = withHint(0.01, { pBad: 1, asOf: 0 }, 0)
    expect(Math.log(sure / (1 - sure)) - Math.log(0.01 / 0.99)).toBeCloseTo(4, 6)
    const good = withHint(0.9, { pBad: 0, asOf: 0 }, 0)
    expect(good).toBeGreaterThan(0.4)
  })

  test('fades, still speaks against a route at a minute, and says nothing after two', () => {
    const fresh = withHint(0.01, { pBad: 0.9, asOf: 0 }, 0)
    const old = withHint(0.01, { pBad: 0.9, asOf: 0 }, 60_000)
    expect(old).toBeLessThan(fresh)
    expect(old).toBeGreaterThan(0.15)
    expect([0, 60_000, 120_000].map((now) => isHinted({ pBad: 0.9, asOf: 0 }, now))).toEqual([
      true,
      true,
      false,
    ])
    expect(withHint(0.01, { pBad: 0.9, asOf: 0 }, 120_001)).toBe(0.01)
  })

  test('from the future is a fresh one', () => {
    expect(withHint(0.01, { pBad: 0.3, asOf: 5000 }, 0)).toBeCloseTo(0.3, 9)
  })
})
