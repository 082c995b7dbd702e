import { Fault, judged } from '../policy/fault.ts'
import type { Finish, Usage } from '../words/event.ts'
import type { EndpointRouteOptions, Route } from '../words/route.ts'
import type { WireEvent } from '../words/wire.ts'
import { createEndpointRoute } from './endpoint.ts'
import { encodeUiMessages } from './uiMessages.ts'
import { readEvents, type Decode } from './events.ts'
import { bounded, parseJson } from './json.ts'

/**
 * A route to the product's own backend that answers with the AI SDK's UI message stream (v5 to v7), as
 * `toUIMessageStreamResponse()` does. Parts that it does not know are passed over. Usage is read from the
 * message's metadata, `{ usage: { inputTokens, outputTokens } }`, where the backend puts it there.
 * Format: https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol
 *
 * @example
 * aiSdk({ url: '/api/chat', provider: 'ours', price: 'included' })
 */
export function aiSdk(options: EndpointRouteOptions): Route {
  return createEndpointRoute(options, {
    protocol: 'ai-sdk',
    abilities: ['text', 'image', 'tools', 'json', 'reasoning'],
    accept: 'text/event-stream',
    encode: encodeUiMessages,
    receive: (answer, tell) => readEvents(answer, decode, tell),
  })
}

/** The parts of a chunk that are read. */
interface Chunk {
  readonly type?: string
  readonly delta?: unknown
  readonly toolCallId?: string
  readonly toolName?: string
  readonly input?: unknown
  readonly providerExecuted?: boolean
  readonly errorText?: string
  readonly finishReason?: string
  readonly messageMetadata?: { readonly usage?: Partial<Usage> } | null
}

const FINISHES = new Map<string, Finish>([
  ['length', 'length'],
  ['tool-calls', 'tool-calls'],
  ['content-filter', 'filtered'],
])

function decode(tell: (event: WireEvent) => void): Decode {
  /** Calls that the backend has not executed itself: they are the caller's. */
  let calls = new Map<string, { name: string; input: unknown }>()
  /** What the step under way has told: `reset-step` takes it back. */
  let hasText = false
  let callsBefore = new Map(calls)

  function finishCalls(): void {
    for (const [id, { name, input }] of calls) {
      tell({ type: 'tool-call', call: { type: 'tool-call', id, name, input } })
    }
    calls.clear()
  }

  return (data) => {
    if (data === '[DONE]') {
      finishCalls()
      tell({ type: 'terminal' })
      return
    }
    const chunk = parseJson(data) as Chunk | undefined
    if (typeof chunk?.type !== 'string') {
      tell({ type: 'skipped' })
      return
    }
    const { toolCallId = '' } = chunk
    const usage = chunk.messageMetadata?.usage
    if (typeof usage?.inputTokens === 'number' && typeof usage.outputTokens === 'number') {
      const { inputTokens, outputTokens, reasoningTokens, cachedTokens } = usage
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
    switch (chunk.type) {
      case 'start-step':
        hasText = false
        callsBefore = new Map(calls)
        return
      case 'text-delta':
      case 'reasoning-delta': {
        const { delta } = chunk
        if (typeof delta !== 'string') tell({ type: 'skipped' })
        else if (delta !== '') {
          hasText ||= chunk.type === 'text-delta'
          tell({ type: chunk.type === 'text-delta' ? 'text' : 'reasoning', text: delta })
        }
        return
      }
      case 'tool-input-start':
      case 'tool-input-delta':
        tell({ type: 'tool-delta' })
        return
      case 'tool-input-available':
        tell({ type: 'tool-delta' })
        if (!chunk.providerExecuted) {
          calls.set(toolCallId, { name: chunk.toolName ?? '', input: bounded(chunk.input) })
        }
        return
      case 'tool-output-available':
      case 'tool-output-error':
      case 'tool-output-denied':
        tell({ type: 'tool-delta' })
        calls.delete(toolCallId)
        return
      case 'reset-step':
        // The step is told again from its start; text that is shown cannot be run into that.
        if (hasText) throw judged('truncated')
        calls = new Map(callsBefore)
        return
      case 'abort':
        throw judged('truncated')
      case 'error':
        throw new Fault({ from: 'event', error: parseJson(chunk.errorText ?? '') ?? chunk })
      case 'finish': {
        const { finishReason = 'stop' } = chunk
        if (finishReason === 'interrupted') throw judged('truncated')
        if (finishReason === 'error') throw new Fault({ from: 'event', error: chunk })
        finishCalls()
        tell({ type: 'finish', finish: FINISHES.get(finishReason) ?? 'stop' })
        return
      }
      default:
    }
  }
}
