import type { Pace } from '../words/route.ts'

/**
 * How long a route takes to its first content: a running normal of the logarithm, since first-content
 * times are log-normal with rare hangs. Three numbers, no window.
 */
export interface LatencyModel {
  /** Mean of ln(ms). */
  readonly mean: number
  readonly variance: number
  /** Weight of what is known, in samples. */
  readonly weight: number
  readonly samples: number
}

/** Prior: median 1 s, sigma 0.6, the weight of 4 samples. */
const PRIOR_MEDIAN_MS = 1000
const PRIOR_VARIANCE = 0.36
const PRIOR_WEIGHT = 4
/** Old samples fade once there are this many. */
const LONGEST_MEMORY = 40

/** Standard normal quantiles. */
export const P50 = 0
export const P90 = 1.2816
export const P95 = 1.6449
export const P99 = 2.3263
const P999 = 3.0902

/** The prior, its median moved to what the product declares. */
export function createLatency(expectedMs: number = PRIOR_MEDIAN_MS): LatencyModel {
  return {
    mean: Math.log(expectedMs),
    variance: PRIOR_VARIANCE,
    weight: PRIOR_WEIGHT,
    samples: 0,
  }
}

/** Take in one measured wait, ms. */
export function reduceLatency(model: LatencyModel, waitMs: number): LatencyModel {
  const x = Math.log(Math.max(1, waitMs))
  const weight = Math.min(LONGEST_MEMORY, model.weight + 1)
  const mean = model.mean + (x - model.mean) / weight
  const variance = model.variance + ((x - model.mean) * (x - mean) - model.variance) / weight
  return { mean, variance, weight, samples: model.samples + 1 }
}

/** The wait that the next one stays below with the probability of `z`, ms. Few samples widen it. */
export function quantile(model: LatencyModel, z: number): number {
  return Math.exp(model.mean + z * Math.sqrt(model.variance * (1 + 1 / model.weight)))
}

/** First-content deadlines, ms. */
const FIRST: Record<Pace, readonly [shortest: number, longest: number]> = {
  chat: [4_000, 20_000],
  reasoning: [30_000, 180_000],
  background: [60_000, 600_000],
}
/** Gap deadlines, ms: the least of each pace's range until gaps are measured. */
const GAP: Record<Pace, number> = { chat: 10_000, reasoning: 30_000, background: 60_000 }

/**
 * How long to wait for the first content: 1.5 x the predicted p99.9, which a healthy route misses about
 * once in a thousand (AWS Builders' Library, "Timeouts, retries and backoff with jitter"), in bounds.
 */
export function firstContentMs(model: LatencyModel, pace: Pace): number {
  const [shortest, longest] = FIRST[pace]
  return Math.min(longest, Math.max(shortest, 1.5 * quantile(model, P999)))
}

/** The longest that any route is waited for to give its first content. */
export function longestFirstMs(pace: Pace): number {
  return FIRST[pace][1]
}

/** Hedging sooner wastes money on a wait that nobody notices, ms. */
const SOONEST_HEDGE_MS = 1_200
/** Somebody who chats has waited long enough by then, whatever the route is known to take, ms. */
const LATEST_CHAT_HEDGE_MS = 6_000

/** When a route is so late that another may be asked as well: after its predicted p95, in bounds. */
export function lateMs(model: LatencyModel, pace: Pace): number {
  const latest = pace === 'chat' ? LATEST_CHAT_HEDGE_MS : Infinity
  return Math.min(latest, Math.max(SOONEST_HEDGE_MS, quantile(model, P95)))
}

/** How long content may pause. */
export function gapMs(pace: Pace): number {
  return GAP[pace]
}

/** The slower of two paces. */
export function slowerPace(one: Pace = 'chat', other: Pace = 'chat'): Pace {
  return FIRST[one][0] >= FIRST[other][0] ? one : other
}
