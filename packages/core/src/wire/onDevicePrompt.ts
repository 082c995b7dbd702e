import { Fault } from '../policy/fault.ts'
import type { Message, Part } from '../words/message.ts'
import type { WireRequest } from '../words/wire.ts'
import type { World } from '../words/world.ts'
import { asText } from './json.ts'

export interface Said {
  readonly role: string
  readonly content: string | readonly { readonly type: string; readonly value: unknown }[]
}

/**
 * System text first, the only place for it; then the history, and apart from it what is asked
 * now.
 */
export async function encode(
  { system, messages }: WireRequest,
  world: World,
  signal: AbortSignal,
): Promise<{ readonly initialPrompts: readonly Said[]; readonly prompt: string | Said[] }> {
  const systems = messages.filter(({ role }) => role === 'system').map(plainText)
  if (system !== null) systems.unshift(system)
  const said: Said[] = []
  for (const message of messages) {
    const role = message.role === 'assistant' ? 'assistant' : 'user'
    const parts = await encodeParts(message, world, signal)
    if (message.role === 'system' || parts.length === 0) continue
    const isPlain = parts.every(({ type }) => type === 'text')
    said.push({ role, content: isPlain ? parts.map(({ value }) => value).join('') : parts })
  }
  const last = said.pop()
  const initialPrompts = [
    ...(systems.length > 0 ? [{ role: 'system', content: systems.join('\n\n') }] : []),
    ...said,
  ]
  if (!last) return { initialPrompts, prompt: '' }
  const { role, content } = last
  const isShort = role === 'user' && typeof content === 'string'
  return { initialPrompts, prompt: isShort ? content : [last] }
}

function plainText({ content }: Message): string {
  if (typeof content === 'string') return content
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('')
}

async function encodeParts(
  { role, content }: Message,
  world: World,
  signal: AbortSignal,
): Promise<{ type: string; value: unknown }[]> {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', value: content }]
  const parts: { type: string; value: unknown }[] = []
  for (const part of content) {
    if (part.type !== 'image') {
      const value = asSaid(part)
      if (value !== '') parts.push({ type: 'text', value })
    } else if (role !== 'assistant') {
      parts.push({ type: 'image', value: await fetchImage(part, world, signal) })
    }
  }
  return parts
}

/** A part as a model without tools can read it. */
function asSaid(part: Exclude<Part, { type: 'image' }>): string {
  switch (part.type) {
    case 'text':
      return part.text
    case 'tool-call':
      return `\n[${part.name} called with ${part.inputText || JSON.stringify(part.input ?? {})}]\n`
    case 'tool-result':
      return `\n[${part.name} ${part.isError ? 'failed' : 'gave'}: ${asText(part.output)}]\n`
    case 'reasoning':
      return ''
    default:
      return part satisfies never
  }
}

async function fetchImage(
  { data, mediaType }: Extract<Part, { type: 'image' }>,
  world: World,
  signal: AbortSignal,
): Promise<Blob> {
  try {
    if (!(data instanceof URL)) {
      const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0))
      return new Blob([bytes], { type: mediaType })
    }
    const { fetch } = world
    const response = await fetch(data, {
      signal,
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
    })
    if (response.ok) return await response.blob()
  } catch {
    signal.throwIfAborted()
  }
  // Without its image the request says something else.
  throw new Fault({ from: 'unsent', kind: 'unsupported-capability' })
}
