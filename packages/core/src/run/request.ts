import type { Failure } from '../words/failure.ts'
import type { Part } from '../words/message.ts'
import type { Rung } from '../words/rung.ts'
import type { WireRequest } from '../words/wire.ts'

/**
 * A request as one route may have it: opaque reasoning goes back only to the provider and model that made
 * it, for it is encrypted to them and may hold what they alone should read.
 */
export function requestFor(
  { provider, model }: Rung,
  request: Omit<WireRequest, 'failure'>,
  failure: Failure | null,
): WireRequest {
  const isForeign = (part: Part): boolean =>
    part.type === 'reasoning' &&
    part.opaque !== undefined &&
    !(part.madeBy?.provider === provider && part.madeBy.model === model)
  const messages = request.messages.map((message) => {
    const { role, content } = message
    if (typeof content === 'string' || !content.some(isForeign)) return message
    return { role, content: content.filter((part) => !isForeign(part)) }
  })
  return { ...request, messages, failure }
}
