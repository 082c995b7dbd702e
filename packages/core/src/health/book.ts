import type { Expected } from '../words/policy.ts'
import type { Pace } from '../words/route.ts'
import type { Failure } from '../words/failure.ts'
import type { Rung } from '../words/rung.ts'
import { canRetry, createBucket, reduceRetried, reduceSucceeded, type Bucket } from './bucket.ts'
import {
  holdAt,
  reduceAnswered,
  reduceFailed,
  unknownStanding,
  type Hold,
  type Standing,
} from './holds.ts'
import { createLatency, P50, P90, quantile, reduceLatency, type LatencyModel } from './latency.ts'

/** What is remembered of every route, for as long as the page lives. */
export interface HealthBook {
  latency(rung: Rung, pace: Pace): LatencyModel
  wait(rung: Rung, pace: Pace): Pick<Expected, 'waitMs' | 'waitFrom'>
  hold(rung: Rung): Hold | null
  /** Let go of a hold that was of a credential since replaced. */
  release(accountKey: string): void
  /** The first content came; `waitMs` is null when the wait says nothing of the route. */
  answered(rung: Rung, pace: Pace, waitMs: number | null): void
  failed(rung: Rung, failure: Failure, jitter: number): void
  canRetry(rung: Rung): boolean
  spendRetry(rung: Rung): void
}

/** How long a refused session that cannot be read is left alone, ms. */
const UNREADABLE_MS = 60_000

export function createHealthBook(now: () => number): HealthBook {
  const standings = new Map<string, Standing>()
  const latencies = new Map<string, LatencyModel>()
  const buckets = new Map<string, Bucket>()
  /** Holds of a credential are of every route that has it, by account. */
  const credentials = new Map<string, Hold & { readonly by: string }>()

  const standing = ({ name }: Rung): Standing => standings.get(name) ?? unknownStanding
  const bucket = ({ origin, name }: Rung): Bucket =>
    buckets.get(origin ?? name) ?? createBucket(now())
  const latency = ({ name, facts }: Rung, pace: Pace): LatencyModel =>
    latencies.get(`${pace} ${name}`) ?? createLatency(facts.expect?.firstChunkMs)

  return {
    latency,
    wait(rung, pace) {
      const model = latency(rung, pace)
      const isDeclared = rung.facts.expect?.firstChunkMs !== undefined
      return {
        waitMs: rung.isCanned ? [0, 0] : [quantile(model, P50), quantile(model, P90)],
        waitFrom:
          model.samples > 0 ? 'measured' : isDeclared || rung.isCanned ? 'declared' : 'prior',
      }
    },
    hold: (rung) => credentials.get(rung.accountKey) ?? holdAt(standing(rung), now()),
    release(accountKey) {
      credentials.delete(accountKey)
    },
    answered(rung, pace, waitMs) {
      // An answer that was begun before the refusal says nothing against it, unless it is the route's own.
      if (credentials.get(rung.accountKey)?.by === rung.name) credentials.delete(rung.accountKey)
      standings.set(rung.name, reduceAnswered(standing(rung)))
      if (waitMs !== null) {
        latencies.set(`${pace} ${rung.name}`, reduceLatency(latency(rung, pace), waitMs))
      }
      buckets.set(rung.origin ?? rung.name, reduceSucceeded(bucket(rung), now()))
    },
    failed(rung, failure, jitter) {
      const next = reduceFailed(standing(rung), failure, now(), jitter)
      const { hold } = next
      if (!hold?.isOfCredential) standings.set(rung.name, next)
      else if (rung.credential === 'none') {
        // A session that is not ours to read (cookies) can be renewed unseen: it is asked again soon.
        standings.set(rung.name, { ...next, hold: { ...hold, until: now() + UNREADABLE_MS } })
      } else {
        credentials.set(rung.accountKey, { ...hold, by: rung.name })
        standings.set(rung.name, { ...next, hold: null })
      }
    },
    canRetry: (rung) => canRetry(bucket(rung), now()),
    spendRetry(rung) {
      buckets.set(rung.origin ?? rung.name, reduceRetried(bucket(rung), now()))
    },
  }
}
