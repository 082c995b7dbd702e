import { describe, expect, test } from 'vitest'
import type { FailureKind } from '../src/index.ts'
import { canRetry, createBucket, reduceRetried, reduceSucceeded } from '../src/health/bucket.ts'
import { holdAt, reduceAnswered, reduceFailed, unknownStanding } from '../src/health/holds.ts'
import {
  createLatency,
  firstContentMs,
  gapMs,
  P50,
  P90,
  P95,
  quantile,
  reduceLatency,
  slowerPace,
} from '../src/health/latency.ts'
import { failureOf } from '../src/policy/failure.ts'
import { FIRST_MS, P95_MS } from './play.ts'

const DAY = 86_400_000

const learn = (waits: readonly number[], expectedMs?: number): ReturnType<typeof createLatency> => {
  let model = createLatency(expectedMs)
  for (const wait of waits) model = reduceLatency(model, wait)
  return model
}

describe('the latency of a route', () => {
  test('begins with a median of 1 s', () => {
    const model = createLatency()
    expect(quantile(model, P50)).toBeCloseTo(1000, 6)
    expect(quantile(model, P90)).toBeCloseTo(2362.5, 0)
    expect(quantile(model, P95)).toBeCloseTo(P95_MS, 6)
    expect(model.samples).toBe(0)
  })

  test('begins where the product expects it', () => {
    expect(quantile(createLatency(300), P50)).toBeCloseTo(300, 6)
  })

  test('takes the prior for 4 samples', () => {
    const model = learn([4000])
    // ln median = (4 ln 1000 + ln 4000) / 5
    expect(quantile(model, P50)).toBeCloseTo(1000 * 4 ** (1 / 5), 6)
    expect(model.samples).toBe(1)
  })

  test('comes to what is measured', () => {
    const model = learn(Array.from({ length: 200 }, () => 250))
    expect(quantile(model, P50)).toBeCloseTo(250, -1)
    expect(quantile(model, P95)).toBeLessThan(350)
  })

  test('follows a route that has changed', () => {
    const waits = [...Array<number>(500).fill(200), ...Array<number>(80).fill(3000)]
    expect(quantile(learn(waits), P50)).toBeGreaterThan(1900)
  })

  test('is wider the less is known', () => {
    const few = learn([1000])
    const many = learn(Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? 500 : 2000)))
    expect(quantile(few, P95) / quantile(few, P50)).toBeGreaterThan(2)
    expect(quantile(many, P95)).toBeGreaterThan(quantile(many, P90))
  })

  test('takes a wait of nothing', () => {
    expect(quantile(learn([0]), P95)).toBeGreaterThan(0)
  })

  test.each([
    ['chat', 1000, FIRST_MS],
    ['chat', 100, 4_000],
    ['chat', 5000, 20_000],
    ['reasoning', 1000, 30_000],
    ['reasoning', 10_000, 10 * FIRST_MS],
    ['reasoning', 50_000, 180_000],
    ['background', 1000, 60_000],
    ['background', 20_000, 20 * FIRST_MS],
    ['background', 200_000, 600_000],
  ] as const)('gives %s at %i ms a deadline of %i ms', (pace, median, deadlineMs) => {
    expect(firstContentMs(createLatency(median), pace)).toBeCloseTo(deadlineMs, -2)
  })

  test('gives each pace its gap', () => {
    expect([gapMs('chat'), gapMs('reasoning'), gapMs('background')]).toEqual([
      10_000, 30_000, 60_000,
    ])
  })

  test.each([
    ['chat', undefined, 'chat'],
    [undefined, 'reasoning', 'reasoning'],
    ['background', 'reasoning', 'background'],
    ['reasoning', 'background', 'background'],
    [undefined, undefined, 'chat'],
  ] as const)('is that of the slower of %s and %s', (one, other, slower) => {
    expect(slowerPace(one, other)).toBe(slower)
  })
})

const failed = (kind: FailureKind, retryAfterMs?: number): ReturnType<typeof failureOf<string>> =>
  failureOf<string>(kind, {
    phase: 'before-content',
    route: 'a',
    provider: 'p',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })

describe('a hold', () => {
  const NOW = 1_000_000
  test.each<readonly [FailureKind, number | undefined, number, number]>([
    ['rate-limit', 7000, 0.9, 7000],
    ['rate-limit', undefined, 0, 15_000],
    ['rate-limit', undefined, 0.5, 30_000],
    ['rate-limit', undefined, 1, 45_000],
    ['not-found', undefined, 0.5, DAY],
    ['quota-exhausted', undefined, 0.5, Infinity],
    ['auth', undefined, 0.5, Infinity],
    ['blocked-request', undefined, 0.5, Infinity],
  ])('after %s with a hint of %s and a jitter of %d lasts %d ms', (kind, hint, jitter, ms) => {
    const standing = reduceFailed(unknownStanding, failed(kind, hint), NOW, jitter)
    expect(standing.hold).toMatchObject({ kind, until: NOW + ms })
    const end = Math.min(NOW + ms, NOW + 1000 * DAY)
    expect(holdAt(standing, end - 1)).not.toBeNull()
    expect(holdAt(standing, end) === null).toBe(ms < Infinity)
  })

  test.each<FailureKind>([
    'timeout',
    'queue-stall',
    'stream-stall',
    'outage',
    'network',
    'offline',
    'invalid-response',
    'truncated',
    'invalid-request',
    'context-length',
    'unsupported-capability',
    'budget-breach',
    'latency-ceiling',
    'quality-floor',
    'blocked-content',
    'region-restriction',
    'compliance-mismatch',
  ])('does not come of one %s', (kind) => {
    expect(reduceFailed(unknownStanding, failed(kind), NOW, 0.5).hold).toBeNull()
  })

  test('comes of three network failures in a row', () => {
    let standing = unknownStanding
    for (let count = 0; count < 3; count += 1) {
      expect(standing.hold).toBeNull()
      standing = reduceFailed(standing, failed('network'), NOW, 0.5)
    }
    expect(standing.hold).toMatchObject({ kind: 'network', until: NOW + 300_000 })
  })

  test.each<readonly [string, (standing: typeof unknownStanding) => typeof unknownStanding]>([
    ['a failure that proves a connection', (one) => reduceFailed(one, failed('outage'), NOW, 0.5)],
    ['an answer', reduceAnswered],
  ])('does not come of network failures with %s between', (_, between) => {
    let standing = unknownStanding
    standing = reduceFailed(standing, failed('network'), NOW, 0.5)
    standing = reduceFailed(standing, failed('network'), NOW, 0.5)
    standing = between(standing)
    standing = reduceFailed(standing, failed('network'), NOW, 0.5)
    expect(standing.hold).toBeNull()
  })

  test('stands while the route fails by something else', () => {
    const held = reduceFailed(unknownStanding, failed('not-found'), NOW, 0.5)
    expect(reduceFailed(held, failed('timeout'), NOW, 0.5).hold).toEqual(held.hold)
  })

  test('does not come of a credential that is not there yet', () => {
    const missing = { ...failed('auth'), phase: 'before-request' as const }
    expect(reduceFailed(unknownStanding, missing, NOW, 0.5).hold).toBeNull()
  })
})

const spend = (count: number): ReturnType<typeof createBucket> => {
  let bucket = createBucket(0)
  for (let index = 0; index < count; index += 1) bucket = reduceRetried(bucket, 0)
  return bucket
}

describe('the bucket of retries', () => {
  test('holds two', () => {
    expect([0, 1, 2].map((count) => canRetry(spend(count), 0))).toEqual([true, true, false])
  })

  test('fills by one in 180 s, up to two', () => {
    expect(canRetry(spend(2), 179_999)).toBe(false)
    expect(canRetry(spend(2), 180_000)).toBe(true)
    const full = reduceRetried(reduceRetried(spend(2), 1e9), 1e9)
    expect(canRetry(full, 1e9)).toBe(false)
  })

  test('fills by a tenth with each success, up to two', () => {
    let bucket = spend(2)
    for (let count = 0; count < 9; count += 1) bucket = reduceSucceeded(bucket, 0)
    expect(canRetry(bucket, 0)).toBe(false)
    // Ten times a tenth is a little less than one.
    bucket = reduceSucceeded(reduceSucceeded(bucket, 0), 0)
    expect(canRetry(bucket, 0)).toBe(true)
    for (let count = 0; count < 99; count += 1) bucket = reduceSucceeded(bucket, 0)
    expect(bucket.tokens).toBe(2)
  })
})
