import type { Usage } from '../words/event.ts'
import type { Rung } from '../words/rung.ts'
import type { Part } from '../words/message.ts'
import type { WireRequest } from '../words/wire.ts'
import { tokensOf } from './tokens.ts'

/** What an image comes to with most providers, tokens. */
const IMAGE_TOKENS = 800

type Sized = Pick<WireRequest, 'system' | 'messages' | 'maxOutputTokens'>

/** A request is reckoned for every route and at every move, and is always the same. */
const reckoned = new WeakMap<Sized, number>()

/** About how many tokens a request sends. */
export function inputTokens(request: Sized): number {
  const known = reckoned.get(request)
  if (known !== undefined) return known
  const { system, messages } = request
  let tokens = tokensOf(system ?? '')
  for (const { content } of messages) {
    if (typeof content === 'string') tokens += tokensOf(content)
    else for (const part of content) tokens += tokensIn(part)
  }
  reckoned.set(request, tokens)
  return tokens
}

function tokensIn(part: Part): number {
  switch (part.type) {
    case 'image':
      return IMAGE_TOKENS
    case 'text':
    case 'reasoning':
      return tokensOf(part.text ?? '')
    case 'tool-call':
      return tokensOf(part.inputText ?? JSON.stringify(part.input) ?? '')
    case 'tool-result':
      return tokensOf(JSON.stringify(part.output) ?? '')
    default:
      return part satisfies never
  }
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
