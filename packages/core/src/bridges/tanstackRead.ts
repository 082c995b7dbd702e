import { isRecord } from '../config/checks.ts'
import type { Message, Part } from '../words/message.ts'
import { inputOf } from './input.ts'
import { unseal } from './thought.ts'
import { createTurns, imageOf, type Turns } from './turns.ts'

/** The part of TanStack AI's messages that is read here: its `UIMessage`, or its `ModelMessage`. */
export type TanstackMessage =
  | { readonly role: string; readonly parts: readonly unknown[] }
  | { readonly role: string; readonly content: unknown }

/**
 * TanStack AI's messages as ours. A call without a result is left out: no provider takes one back.
 *
 * @throws TypeError for audio, video and documents
 */
export function readTanstack(messages: readonly TanstackMessage[]): readonly Message[] {
  const turns = createTurns()
  const names = new Map<string, string>()
  for (const message of messages) {
    turns.next()
    const { role } = message
    if ('parts' in message) readUi(speakerOf(role), message.parts, turns)
    else if (isRecord(message)) readModel(role, message, names, turns)
  }
  return turns.messages()
}

function speakerOf(role: string): 'system' | 'user' | 'assistant' {
  return role === 'system' || role === 'user' ? role : 'assistant'
}

function readUi(
  role: 'system' | 'user' | 'assistant',
  parts: readonly unknown[],
  turns: Turns,
): void {
  const known = parts.filter(isRecord)
  const results = new Map(
    known.filter(({ type }) => type === 'tool-result').map((part) => [part['toolCallId'], part]),
  )
  for (const part of known) {
    const { type, content, signature, id, name, input, output, state } = part
    if (type === 'thinking') {
      turns.add(role, { type: 'reasoning', text: String(content), ...unseal(signature) })
    } else if (type === 'tool-call') {
      const result = results.get(id)
      const failed = result?.['state'] === 'error' ? result['error'] : undefined
      const given = output ?? result?.['content']
      if (failed === undefined && given === undefined && state !== 'error') continue
      addCall(turns, String(id), String(name), input ?? inputOf(part['arguments']))
      turns.result({
        type: 'tool-result',
        id: String(id),
        name: String(name),
        output: failed ?? given ?? 'It failed.',
        ...(failed === undefined && given !== undefined ? {} : { isError: true }),
      })
    } else if (type === 'structured-output') {
      const { raw } = part
      if (typeof raw === 'string') turns.add(role, { type: 'text', text: raw })
    } else if (type !== 'tool-result') turns.add(role, ...contentOf(part))
  }
}

function readModel(
  role: string,
  message: Readonly<Record<string, unknown>>,
  names: Map<string, string>,
  turns: Turns,
): void {
  const { content, toolCalls, toolCallId, thinking, error } = message
  if (role === 'tool') {
    const id = String(toolCallId)
    const name = names.get(id)
    // A result goes back with its call; one of a call that is not there belongs nowhere.
    if (name !== undefined) {
      turns.result({
        type: 'tool-result',
        id,
        name,
        output: error ?? content,
        ...(error === undefined ? {} : { isError: true }),
      })
    }
    return
  }
  const speaker = speakerOf(role)
  if (Array.isArray(thinking)) {
    for (const one of thinking.filter(isRecord)) {
      turns.add(speaker, {
        type: 'reasoning',
        text: String(one['content']),
        ...unseal(one['signature']),
      })
    }
  }
  const parts = typeof content === 'string' ? [{ type: 'text', content }] : content
  if (Array.isArray(parts)) turns.add(speaker, ...parts.filter(isRecord).flatMap(contentOf))
  if (!Array.isArray(toolCalls)) return
  for (const call of toolCalls.filter(isRecord)) {
    const { id, function: called } = call
    if (!isRecord(called)) continue
    names.set(String(id), String(called['name']))
    addCall(turns, String(id), String(called['name']), inputOf(called['arguments']))
  }
}

function addCall(turns: Turns, id: string, name: string, input: unknown): void {
  turns.add('assistant', { type: 'tool-call', id, name, input })
}

function contentOf({ type, content, source }: Readonly<Record<string, unknown>>): Part[] {
  if (type === 'text') return [{ type, text: String(content) }]
  if (type === 'image' && isRecord(source)) {
    const { value, mimeType } = source
    const mediaType = typeof mimeType === 'string' ? mimeType : ''
    return [
      source['type'] === 'data'
        ? { type, mediaType, data: String(value) }
        : imageOf(String(value), mediaType),
    ]
  }
  if (type === 'audio' || type === 'video' || type === 'document') {
    throw new TypeError(`Only texts and images can be sent to a route, not ${type}.`)
  }
  return []
}
