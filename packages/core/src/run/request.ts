import type { Failure } from '../words/failure.ts'
import type { Message, Part } from '../words/message.ts'
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

/** An image by its address, which may hold it whole. */
export function imageOf(address: string, mediaType = ''): Part {
  const [, type = '', data] = /^data:([^;,]*);base64,(.*)$/s.exec(address) ?? []
  return data === undefined
    ? { type: 'image', mediaType, data: new URL(address) }
    : { type: 'image', mediaType: type || mediaType, data }
}

/** An image as the wires take it: base64, or a `URL`. A text with a colon is an address, for base64 has none. */
function addressed(part: Part): Part {
  if (part.type !== 'image') return part
  const address = String(part.data)
  return address.includes(':') && URL.canParse(address) ? imageOf(address, part.mediaType) : part
}

/** A message whose images are as the wires take them. */
export function withImages(message: Message): Message {
  const { role, content } = message
  const hasImage = typeof content !== 'string' && content.some(({ type }) => type === 'image')
  return hasImage ? { role, content: content.map(addressed) } : message
}
