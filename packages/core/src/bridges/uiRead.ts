import { isRecord } from '../config/checks.ts'
import type { Message } from '../words/message.ts'
import { unseal } from './thought.ts'
import { createTurns, imageOf, type Turns } from './turns.ts'

/** The part of the AI SDK's `UIMessage` that is read here; the same in its versions 5, 6 and 7. */
export interface UiMessage {
  readonly id: string
  readonly role: 'system' | 'user' | 'assistant'
  readonly parts: readonly { readonly type: string }[]
}

/**
 * The AI SDK's messages as ours. A call without a result is left out: no provider takes one back.
 *
 * @throws TypeError for a file that is no image
 */
export function readUiMessages(messages: readonly UiMessage[]): readonly Message[] {
  const turns = createTurns()
  for (const { role, parts } of messages) {
    turns.next()
    for (const part of parts) {
      if (part.type === 'step-start') turns.next()
      else if (isRecord(part)) readPart(role, part, turns)
    }
  }
  return turns.messages()
}

function readPart(
  role: UiMessage['role'],
  part: Readonly<Record<string, unknown>>,
  turns: Turns,
): void {
  const { type, text, url, mediaType } = part
  if (type === 'text' && typeof text === 'string') turns.add(role, { type, text })
  else if (type === 'reasoning' && typeof text === 'string') {
    const { providerMetadata } = part
    const { rungs } = isRecord(providerMetadata) ? providerMetadata : {}
    const sealed = isRecord(rungs) ? unseal(rungs['sealed']) : {}
    if (text !== '' || sealed.opaque !== undefined) turns.add(role, { type, text, ...sealed })
  } else if (type === 'file' && role === 'user') {
    if (typeof mediaType !== 'string' || !mediaType.startsWith('image')) {
      throw new TypeError(`Only images can be sent to a route, not ${String(mediaType)}.`)
    }
    turns.add(role, imageOf(String(url), mediaType))
  } else if (typeof type === 'string' && isToolType(type)) readTool(type, part, turns)
}

const isToolType = (type: string): boolean => type === 'dynamic-tool' || type.startsWith('tool-')

/** A call and what came of it; the next step's parts follow behind. */
function readTool(type: string, part: Readonly<Record<string, unknown>>, turns: Turns): void {
  const { toolCallId, toolName, input, rawInput, output, errorText, approval, state } = part
  const name = type === 'dynamic-tool' ? String(toolName) : type.slice('tool-'.length)
  const id = String(toolCallId)
  const result = ((): { readonly output: unknown; readonly isError?: boolean } | null => {
    if (state === 'output-available') return { output }
    if (state === 'output-error') return { output: errorText, isError: true }
    if (state !== 'output-denied') return null
    const { reason } = isRecord(approval) ? approval : {}
    return { output: reason ?? 'The user did not allow this.', isError: true }
  })()
  if (!result) return
  turns.add('assistant', { type: 'tool-call', id, name, input: input ?? rawInput ?? {} })
  turns.result({ type: 'tool-result', id, name, ...result })
}
