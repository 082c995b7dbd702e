import { Fault, judged } from '../policy/fault.ts'
import type { Finish } from '../words/event.ts'
import type { ToolCall } from '../words/message.ts'
import type { WireEvent } from '../words/wire.ts'
import type { Decode } from './events.ts'
import { parseInput, parseJson } from './json.ts'

/** The parts of an event that are read. Some producers send null for what is optional. */
interface Event {
  readonly type?: string
  /** TanStack AI's envelope of an event that can be resumed from. */
  readonly chunk?: Event
  readonly error?: unknown
  readonly subagentRunId?: string | null
  readonly messageId?: string | null
  readonly role?: string | null
  readonly delta?: unknown
  readonly toolCallId?: string | null
  readonly toolCallName?: string | null
  readonly result?: unknown
  readonly messages?: readonly { readonly toolCallId?: string | null }[] | null
  readonly usage?: RawUsage | readonly RawUsage[] | null
  readonly finishReason?: string | null
  readonly metadata?: {
    readonly tanstack?: { readonly finishReason?: string | null } | null
  } | null
  readonly outcome?: {
    readonly type?: string
    readonly pendingToolCallIds?: readonly string[] | null
    readonly interrupts?:
      | readonly { readonly toolCallId?: string | null; readonly message?: string | null }[]
      | null
  } | null
}
interface RawUsage {
  readonly inputTokens?: unknown
  readonly outputTokens?: unknown
  readonly promptTokens?: unknown
  readonly completionTokens?: unknown
  readonly reasoningTokens?: unknown
  readonly cachedInputTokens?: unknown
}

/** The reasons that TanStack AI adds; the protocol has no word for them. */
const FINISHES = new Map<string | null | undefined, Finish>([
  ['length', 'length'],
  ['content_filter', 'filtered'],
  ['content-filter', 'filtered'],
])

function count(tokens: unknown): number {
  return typeof tokens === 'number' && tokens >= 0 ? tokens : 0
}

/**
 * Reads one stream, in which several runs may follow one another: an agent's loop ends each of
 * its turns.
 */
export function createReader(tell: (event: WireEvent) => void): {
  readonly decode: Decode
  readonly end: () => void
} {
  const calls = new Map<string, { name: string; text: string }>()
  /** Messages that are not the agent's own words. */
  const foreign = new Set<string>()
  const total = { inputTokens: 0, outputTokens: 0, reasoningTokens: 0, cachedTokens: 0 }
  let lastCall = ''
  let lastMessage = ''
  let hasText = false
  let finish: Finish | null = null
  let isRunning = false

  function readText({ type, subagentRunId, messageId, role, delta }: Event): void {
    lastMessage = messageId || lastMessage
    if (role && role !== 'assistant') foreign.add(lastMessage)
    if (delta == null && type !== 'TEXT_MESSAGE_CONTENT') return
    if (typeof delta !== 'string') tell({ type: 'skipped' })
    else if (subagentRunId || foreign.has(lastMessage)) tell({ type: 'tool-delta' })
    else if (delta !== '') {
      hasText = true
      tell({ type: 'text', text: delta })
    }
  }

  function readCall({ toolCallId, toolCallName, delta }: Event): void {
    tell({ type: 'tool-delta' })
    lastCall = toolCallId || lastCall || 'call_0'
    const call = calls.get(lastCall) ?? { name: '', text: '' }
    call.name ||= toolCallName ?? ''
    if (typeof delta === 'string') call.text += delta
    calls.set(lastCall, call)
  }

  function readUsage(usage: Event['usage']): void {
    if (!usage) return
    for (const one of [usage].flat()) {
      total.inputTokens += count(one?.inputTokens ?? one?.promptTokens)
      total.outputTokens += count(one?.outputTokens ?? one?.completionTokens)
      total.reasoningTokens += count(one?.reasoningTokens)
      total.cachedTokens += count(one?.cachedInputTokens)
    }
    const { inputTokens, outputTokens, reasoningTokens, cachedTokens } = total
    if (inputTokens + outputTokens === 0) return
    tell({
      type: 'usage',
      usage: {
        inputTokens,
        outputTokens,
        ...(reasoningTokens ? { reasoningTokens } : {}),
        ...(cachedTokens ? { cachedTokens } : {}),
      },
    })
  }

  function readFinish({ outcome, finishReason, metadata, usage }: Event): void {
    isRunning = false
    readUsage(usage)
    if (outcome?.type === 'cancelled') throw judged('truncated')
    finish = FINISHES.get(finishReason ?? metadata?.tanstack?.finishReason) ?? 'stop'
    const interrupts = outcome?.interrupts ?? []
    // Where the agent says which calls are open, the others are its own.
    const open = new Set(outcome?.pendingToolCallIds ?? interrupts.map((one) => one.toolCallId))
    if (open.size > 0) for (const id of calls.keys()) if (!open.has(id)) calls.delete(id)
    // An agent that waits for a person has said why; nothing else may have been said.
    const [question] = interrupts.flatMap(({ message }) => message || [])
    if (!hasText && calls.size === 0 && question) tell({ type: 'text', text: question })
    // A call without a result may yet get one, from a turn that follows.
    if (calls.size === 0 || open.size > 0) tellEnd()
  }

  function tellEnd(): void {
    for (const [id, { name, text }] of calls) {
      const call: ToolCall = {
        type: 'tool-call',
        id,
        name,
        input: parseInput(text),
        inputText: text,
      }
      tell({ type: 'tool-call', call })
    }
    calls.clear()
    if (finish) tell({ type: 'finish', finish })
  }

  return {
    decode(data) {
      if (data === '') return
      if (data === '[DONE]') {
        tellEnd()
        tell({ type: 'terminal' })
        return
      }
      const outer = parseJson(data) as Event | null | undefined
      const event = outer?.chunk ?? outer
      switch (event?.type) {
        case undefined:
          if (event?.error) throw new Fault({ from: 'event', error: event })
          tell({ type: 'skipped' })
          return
        case 'RUN_STARTED':
          isRunning = true
          return
        case 'TEXT_MESSAGE_START':
        case 'TEXT_MESSAGE_CONTENT':
        case 'TEXT_MESSAGE_CHUNK':
          readText(event)
          return
        case 'REASONING_MESSAGE_CONTENT':
        case 'REASONING_MESSAGE_CHUNK':
        case 'THINKING_TEXT_MESSAGE_CONTENT': {
          const { delta, subagentRunId } = event
          if (typeof delta !== 'string' || delta === '') return
          tell(subagentRunId ? { type: 'tool-delta' } : { type: 'reasoning', text: delta })
          return
        }
        case 'TOOL_CALL_START':
        case 'TOOL_CALL_ARGS':
        case 'TOOL_CALL_CHUNK':
          readCall(event)
          return
        case 'TOOL_CALL_END':
          if (event.result != null) calls.delete(event.toolCallId ?? lastCall)
          return
        case 'TOOL_CALL_RESULT':
          tell({ type: 'tool-delta' })
          calls.delete(event.toolCallId ?? lastCall)
          return
        case 'MESSAGES_SNAPSHOT':
          // Older agents tell the results of their own tools here alone.
          for (const { toolCallId } of event.messages ?? []) calls.delete(toolCallId ?? '')
          return
        case 'RUN_ERROR':
          readUsage(event.usage)
          throw new Fault({ from: 'event', error: event })
        case 'RUN_FINISHED':
          readFinish(event)
          return
        default:
      }
    },
    end() {
      if (!finish) return
      if (isRunning) throw judged('truncated')
      tellEnd()
      tell({ type: 'terminal' })
    },
  }
}
