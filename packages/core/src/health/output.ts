import { createLatency, P50, P95, quantile, reduceLatency, type LatencyModel } from './latency.ts'

/** How much a route writes: a log-normal like its waits, in tokens. */
export type OutputModel = LatencyModel

/** The 95th percentile before anything is measured, tokens. */
const PRIOR_P95 = 800
/** Answers differ in length more than in their waits: with less, one short answer would raise the percentile. */
const PRIOR_VARIANCE = 1

const spread: OutputModel = { ...createLatency(1), variance: PRIOR_VARIANCE }
export const unknownOutput: OutputModel = {
  ...spread,
  mean: Math.log(PRIOR_P95 / quantile(spread, P95)),
}

/** Take in the length of one whole answer, tokens, reasoning included. */
export const reduceOutput: (model: OutputModel, tokens: number) => OutputModel = reduceLatency

/** What 19 of 20 answers stay below, tokens. Few samples widen it. */
export function outputTokens(model: OutputModel): number {
  return Math.round(quantile(model, P95))
}

/** What half of its answers stay below, tokens. */
export function usualTokens(model: OutputModel): number {
  return quantile(model, P50)
}

/** Fewer tokens come in too few reads to tell how fast they were written. */
const LEAST_TOKENS = 16
/** What one answer counts against all before it. */
const SHARE = 0.2

/** Take in one answer: how long a route takes for each token once it has begun, ms. */
export function reduceTokenMs(
  known: number | null,
  tokens: number,
  writingMs: number,
): number | null {
  if (tokens < LEAST_TOKENS || writingMs <= 0) return known
  const measured = writingMs / tokens
  return known === null ? measured : known + SHARE * (measured - known)
}
