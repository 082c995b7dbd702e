import type { Usage } from '../words/event.ts'
import type { Rung } from '../words/rung.ts'

/** What usage costs on a route, USD; null when its price is unknown. */
export function costUsd({ facts: { price } }: Rung, usage: Usage): number | null {
  if (price === 'included') return 0
  if (!price) return null
  return (usage.inputTokens * price.inputPerMTok + usage.outputTokens * price.outputPerMTok) / 1e6
}

/**
 * What a request is expected to cost on a route, USD: its input, and the output it may have, which is
 * seldom more than the route's `usualTokens`.
 */
export function expectedUsd(
  rung: Rung,
  inputTokens: number,
  mostTokens: number | undefined,
  usualTokens: number,
): number | null {
  return costUsd(rung, { inputTokens, outputTokens: Math.min(mostTokens ?? Infinity, usualTokens) })
}
