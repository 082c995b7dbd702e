/**
 * What keeps retries from feeding an outage: each same-route retry takes a token. Two at most, one more
 * every 180 s, a tenth for each success. Server-side budgets (Finagle's 10 retries a second) do nothing
 * for a client that asks once a minute.
 */
export interface Bucket {
  readonly tokens: number
  /** Epoch ms at which `tokens` was true. */
  readonly at: number
}

const CAPACITY = 2
const REFILL_MS = 180_000
const PER_SUCCESS = 0.1

export function createBucket(now: number): Bucket {
  return { tokens: CAPACITY, at: now }
}

function refill(bucket: Bucket, now: number, more: number): Bucket {
  const kept = Math.min(CAPACITY, bucket.tokens + (now - bucket.at) / REFILL_MS)
  return { tokens: Math.min(CAPACITY, kept + more), at: now }
}

export function canRetry(bucket: Bucket, now: number): boolean {
  return refill(bucket, now, 0).tokens >= 1
}
export function reduceRetried(bucket: Bucket, now: number): Bucket {
  return refill(bucket, now, -1)
}
export function reduceSucceeded(bucket: Bucket, now: number): Bucket {
  return refill(bucket, now, PER_SUCCESS)
}
