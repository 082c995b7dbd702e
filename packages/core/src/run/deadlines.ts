import {
  firstContentMs,
  gapMs,
  longestFirstMs,
  lateMs,
  P90,
  P95,
  quantile,
  type LatencyModel,
} from '../health/latency.ts'
import type { Limits } from '../words/policy.ts'
import type { Pace } from '../words/route.ts'
import type { Deadlines } from './watchdog.ts'

/** How long a whole answer may be checked, ms: the longest silence of each pace. */
const CHECK: Record<Pace, number> = { chat: 30_000, reasoning: 120_000, background: 300_000 }

/**
 * How long an attempt may take. Of the time left, each later route is left its predicted p95; they lose it
 * from the bottom until this attempt has its own.
 */
export function deadlines(
  limits: Limits,
  pace: Pace,
  model: LatencyModel,
  later: readonly LatencyModel[],
  leftMs: number,
  isProbe: boolean,
): Deadlines {
  const reserves = later.map((one) => quantile(one, P95))
  let ownMs = leftMs - reserves.reduce((sum, ms) => sum + ms, 0)
  while (reserves.length > 0 && ownMs < quantile(model, P95)) ownMs += reserves.pop() ?? 0
  return {
    // Somebody waits for what the probe is to find out: half the time has to do.
    firstMs: firstContentMs(model, pace) / (isProbe ? 2 : 1),
    longestMs: longestFirstMs(pace),
    ceilingMs: Math.min(limits.firstChunkMs ?? Infinity, ownMs),
    gapMs: Math.min(limits.chunkMs ?? Infinity, gapMs(pace)),
    totalMs: leftMs,
    checkMs: CHECK[pace],
    slowMs: quantile(model, P90),
    lateMs: lateMs(model, pace),
  }
}

/**
 * How long a fallback may be put off, ms: half of what is left once each later route has its predicted p95. The
 * other half is for the answer that then comes.
 */
export function spareMs(later: readonly LatencyModel[], leftMs: number): number {
  return (leftMs - later.reduce((sum, one) => sum + quantile(one, P95), 0)) / 2
}

/** A canned answer is never late: it is what comes when time is over. */
export const noDeadlines: Deadlines = {
  firstMs: Infinity,
  longestMs: Infinity,
  ceilingMs: Infinity,
  gapMs: Infinity,
  totalMs: Infinity,
  checkMs: Infinity,
  slowMs: Infinity,
  lateMs: Infinity,
}
