import type { Usage } from '../words/event.ts'
import type { Rung } from '../words/rung.ts'
import type { WireRequest } from '../words/wire.ts'

/** English text runs to about four characters a token (https://help.openai.com/en/articles/4936856). */
const CHARS_PER_TOKEN = 4
/** What an image comes to with most providers, tokens. */
const IMAGE_TOKENS = 800

type Sized = Pick<WireRequest, 'system' | 'messages' | 'maxOutputTokens'>

/** About how many tokens a request sends. */
export function inputTokens({ system, messages }: Sized): number {
  let chars = system?.length ?? 0
  let images = 0
  for (const { content } of messages) {
    if (typeof content === 'string') chars += content.length
    else {
      for (const part of content) {
        if (part.type === 'image') images += 1
        else if (part.type === 'text' || part.type === 'reasoning') chars += part.text?.length ?? 0
        else if (part.type === 'tool-call')
          chars += (part.inputText ?? JSON.stringify(part.input) ?? '').length
        else chars += JSON.stringify(part.output)?.length ?? 0
      }
    }
  }
  return Math.ceil(chars / CHARS_PER_TOKEN) + images * IMAGE_TOKENS
}

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
export function expectedUsd(rung: Rung, request: Sized, usualTokens: number): number | null {
  const outputTokens = Math.min(request.maxOutputTokens ?? Infinity, usualTokens)
  return costUsd(rung, { inputTokens: inputTokens(request), outputTokens })
}
