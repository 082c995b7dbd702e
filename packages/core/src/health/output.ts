import { createLatency, P95, quantile, reduceLatency, type LatencyModel } from './latency.ts'

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
