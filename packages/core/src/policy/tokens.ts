import { estimateTokenCount } from 'tokenx'

/** Scripts that the estimator takes for English, from Armenian to Khmer: about three characters a token. */
const languageConfigs = [{ pattern: /[\u0530-\u17ff]/, averageCharsPerToken: 3 }]
/** Of a longer text its two ends are looked at, this much of each: a look at 100,000 characters takes 8 ms. */
const END_CHARS = 4_000

/** About how many tokens a text comes to with any provider. */
export function tokensOf(text: string): number {
  const { length } = text
  const sample = length > 2 * END_CHARS ? text.slice(0, END_CHARS) + text.slice(-END_CHARS) : text
  const tokens = estimateTokenCount(sample, { languageConfigs })
  return Math.ceil((tokens * length) / (sample.length || 1))
}
