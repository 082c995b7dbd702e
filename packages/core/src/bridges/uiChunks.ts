import { isRecord } from '../config/checks.ts'
import type { Outcome, Run } from '../words/event.ts'
import { dataOf, metadataOf, type RungsData, type RungsMetadata } from './data.ts'
import { seal } from './thought.ts'
import { tell } from './told.ts'
import type { UiMessage } from './uiRead.ts'

type Sealed = { rungs: { sealed: string } }

/** What the AI SDK's version 7 obeys, while 5 and 6 pass over it: the step's parts are void. */
export interface UiReset {
  type: 'reset-step'
}

/** Chunks that useChat of AI SDK 5, 6 and 7 knows. */
export type UiChunk =
  | { type: 'start'; messageId: string }
  | { type: 'start-step' | 'finish-step' }
  | { type: 'text-start' | 'text-end'; id: string }
  | { type: 'text-delta' | 'reasoning-delta'; id: string; delta: string }
  | { type: 'reasoning-start'; id: string }
  | { type: 'reasoning-end'; id: string; providerMetadata?: Sealed }
  | { type: 'tool-input-start'; toolCallId: string; toolName: string; dynamic?: boolean }
  | { type: 'tool-input-delta'; toolCallId: string; inputTextDelta: string }
  | { type: 'tool-input-available'; toolCallId: string; toolName: string; input: unknown }
  | { type: 'tool-output-available'; toolCallId: string; output: unknown }
  | { type: 'tool-output-error'; toolCallId: string; errorText: string }
  | { type: 'file'; url: string; mediaType: string }
  | { type: 'data-rungs'; data: RungsData; transient: true }
  | { type: 'finish'; finishReason: UiFinish; messageMetadata: RungsMetadata }
  | { type: 'error'; errorText: string }

type UiFinish = 'stop' | 'length' | 'content-filter' | 'tool-calls' | 'other'

const FINISH: Readonly<Record<string, UiFinish>> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool-calls',
  refused: 'content-filter',
  filtered: 'content-filter',
}

const LEFT = new Set<Outcome['status']>(['stopped', 'superseded', 'abandoned'])

export interface UiTelling {
  readonly messageId: string
  /** The parts that the message has already, told again where a stream has to give the whole message. */
  readonly before: UiMessage['parts']
  readonly canRetract: boolean
}

/**
 * A run as the chunks of one step. The message begins with the first thing to see, so that a run which fails
 * without any leaves no empty message, and the chat is `submitted` until there is a text.
 */
export async function* uiChunks<Name extends string>(
  run: Run<Name>,
  { messageId, before, canRetract }: UiTelling,
): AsyncGenerator<UiChunk | UiReset> {
  let hasBegun = false
  let parts = 0
  let open: { readonly type: 'text' | 'reasoning'; readonly id: string } | null = null
  let sealed: string | undefined
  let said = ''

  function* begin(): Generator<UiChunk> {
    if (hasBegun) return
    hasBegun = true
    yield { type: 'start', messageId }
    yield* before.flatMap(again)
    yield { type: 'start-step' }
  }
  function* close(): Generator<UiChunk> {
    if (!open) return
    const { type, id } = open
    open = null
    if (type === 'text') yield { type: 'text-end', id }
    else if (sealed === undefined) yield { type: 'reasoning-end', id }
    else yield { type: 'reasoning-end', id, providerMetadata: { rungs: { sealed } } }
    sealed = undefined
  }
  function* say(type: 'text' | 'reasoning', delta: string): Generator<UiChunk> {
    yield* begin()
    if (open?.type !== type) {
      yield* close()
      parts += 1
      open = { type, id: `${run.id}-${parts}` }
      yield { type: `${type}-start`, id: open.id }
    }
    if (delta !== '') yield { type: `${type}-delta`, id: open.id, delta }
  }

  for await (const told of tell(run)) {
    switch (told.type) {
      case 'state': {
        const data = dataOf(run, told.state)
        const now = JSON.stringify(data)
        if (now !== said) yield { type: 'data-rungs', data, transient: true }
        said = now
        break
      }
      case 'retracted':
        yield* close()
        if (canRetract) yield { type: 'reset-step' }
        break
      case 'text':
        yield* say('text', told.text)
        break
      case 'reasoning':
        // A sealed thought is a part of its own.
        if (sealed !== undefined) yield* close()
        yield* say('reasoning', told.part.text ?? '')
        sealed = seal(told.part)
        break
      case 'end': {
        yield* close()
        const { outcome, calls } = told
        if (outcome.status === 'failed') {
          const errorText = outcome.failure?.message ?? 'There is no answer.'
          if (hasBegun) yield { type: 'finish-step' }
          yield { type: 'error', errorText }
          return
        }
        // Whoever left before there was anything to see left nothing.
        if (!hasBegun && LEFT.has(outcome.status)) return
        yield* begin()
        for (const { id, name, input } of calls) {
          yield { type: 'tool-input-available', toolCallId: id, toolName: name, input }
        }
        yield { type: 'finish-step' }
        yield {
          type: 'finish',
          finishReason: FINISH[outcome.finish ?? ''] ?? 'other',
          messageMetadata: metadataOf(run, outcome),
        }
        return
      }
      default:
        told satisfies never
    }
  }
}

/** A part that is there already, as the chunks that make it; a tool that has run is not called again. */
function again(raw: UiMessage['parts'][number], index: number): UiChunk[] {
  if (raw.type === 'step-start') return [{ type: 'start-step' }]
  const part: Readonly<Record<string, unknown>> = { ...raw }
  const id = `before-${index}`
  const { type, text, providerMetadata, url, mediaType } = part
  if (type === 'text' || type === 'reasoning') {
    const { rungs } = isRecord(providerMetadata) ? providerMetadata : {}
    const { sealed } = isRecord(rungs) ? rungs : {}
    const marks = typeof sealed === 'string' ? { providerMetadata: { rungs: { sealed } } } : {}
    return [
      { type: `${type}-start`, id },
      { type: `${type}-delta`, id, delta: String(text) },
      { type: `${type}-end`, id, ...marks },
    ]
  }
  if (type === 'file') return [{ type, url: String(url), mediaType: String(mediaType) }]
  const { toolCallId, input, state, output, errorText } = part
  if (typeof toolCallId !== 'string') return []
  const dynamic = type === 'dynamic-tool'
  const toolName = dynamic ? String(part['toolName']) : raw.type.slice('tool-'.length)
  const called: UiChunk[] = [
    { type: 'tool-input-start', toolCallId, toolName, dynamic },
    { type: 'tool-input-delta', toolCallId, inputTextDelta: JSON.stringify(input ?? {}) },
  ]
  if (state === 'output-available')
    return [...called, { type: 'tool-output-available', toolCallId, output }]
  if (state === 'output-error')
    return [...called, { type: 'tool-output-error', toolCallId, errorText: String(errorText) }]
  return []
}
