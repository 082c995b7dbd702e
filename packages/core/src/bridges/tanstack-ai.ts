import type { Run } from '../words/event.ts'
import { dataOf, metadataOf } from './data.ts'
import {
  keepLive,
  resolve,
  start,
  threadOf,
  type BridgeRequest,
  type Resolvable,
  type Runs,
} from './request.ts'
import { readTanstack, type TanstackMessage } from './tanstackRead.ts'
import { seal } from './thought.ts'
import { tell } from './told.ts'

export type { BridgeRequest } from './request.ts'
export type { RungsData, RungsMetadata } from './data.ts'
export type { TanstackMessage } from './tanstackRead.ts'

/** What TanStack AI's chat client says of a run beside its messages. */
export interface TanstackCall {
  readonly messages: readonly TanstackMessage[]
  readonly data: object | undefined
  readonly threadId: string | undefined
  readonly runId: string | undefined
}

/** A connection adapter for TanStack AI's chat client. */
export interface LadderConnection<Name extends string> {
  /**
   * Typed as a stream of `never`, which fits where TanStack AI reads it: its own type of an event is an enum
   * that only its package can name. What comes are AG-UI events.
   */
  readonly connect: (
    messages: readonly TanstackMessage[],
    data?: object,
    abortSignal?: AbortSignal,
    context?: { readonly threadId: string; readonly runId: string },
  ) => AsyncIterable<never>
  /** The run that answers a thread now, to answer its question; null when none does. */
  readonly run: (threadId: string) => Run<Name> | null
}

/** An AG-UI event as it is sent. */
type AgUiEvent = { readonly type: string } & Readonly<Record<string, unknown>>

const FINISH: Readonly<Record<string, string>> = {
  stop: 'stop',
  length: 'length',
  refused: 'content_filter',
  filtered: 'content_filter',
  // `tool_calls` would tell the client that the server goes on by itself.
  'tool-calls': 'stop',
}

/**
 * The ladder under TanStack AI's chat client: each message is a run, its events are AG-UI events. Its state comes
 * as the custom event `rungs` (`onCustomEvent`), and at its end, as `rungs-outcome`, who answered. What is shown
 * stays: an answer that breaks off is kept, whatever `recovery` the workload names.
 *
 * @example
 * const chat = useChat({ connection: ladderConnection(llm, { workload: 'chat' }) })
 */
export function ladderConnection<Name extends string, Job extends string, Level extends string>(
  llm: Runs<Name, Job, Level>,
  request: Resolvable<BridgeRequest<NoInfer<Job>, NoInfer<Level>>, TanstackCall>,
): LadderConnection<Name> {
  const lives = new Map<string, Run<Name>>()
  return {
    connect(messages, data, abortSignal, context) {
      const { threadId, runId } = context ?? { threadId: undefined, runId: undefined }
      const call = { messages, data, threadId, runId }
      const run = start(
        llm,
        {
          ...(threadId && { thread: threadOf(threadId) }),
          ...resolve(request, call),
          messages: readTanstack(messages),
          signal: abortSignal,
        },
        false,
      )
      const thread = threadId ?? run.id
      void keepLive(lives, thread, run, run)
      return untyped(events(run, thread, runId ?? run.id))
    },
    run: (threadId) => lives.get(threadId) ?? null,
  }
}

/** See `LadderConnection.connect`. */
async function* untyped(source: AsyncIterable<AgUiEvent>): AsyncGenerator<never> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- whoever reads it has a type for these events that cannot be named here
  for await (const event of source) yield event as never
}

async function* events<Name extends string>(
  run: Run<Name>,
  threadId: string,
  runId: string,
): AsyncGenerator<AgUiEvent> {
  const messageId = run.id
  let hasText = false
  /** The thought that is open. */
  let thought: string | null = null
  let thoughts = 0
  let said = ''

  function* close(): Generator<AgUiEvent> {
    if (hasText) yield { type: 'TEXT_MESSAGE_END', messageId }
    hasText = false
    if (thought !== null) {
      yield { type: 'REASONING_MESSAGE_END', messageId: thought }
      yield { type: 'REASONING_END', messageId: thought }
    }
    thought = null
  }

  yield { type: 'RUN_STARTED', threadId, runId }
  for await (const told of tell(run)) {
    switch (told.type) {
      case 'state': {
        const value = dataOf(run, told.state)
        const now = JSON.stringify(value)
        if (now !== said) yield { type: 'CUSTOM', name: 'rungs', value }
        said = now
        break
      }
      case 'retracted':
        yield* close()
        break
      case 'text':
        if (!hasText) {
          yield* close()
          yield { type: 'TEXT_MESSAGE_START', messageId, role: 'assistant' }
        }
        hasText = true
        yield { type: 'TEXT_MESSAGE_CONTENT', messageId, delta: told.text }
        break
      case 'reasoning': {
        if (thought === null) {
          yield* close()
          thoughts += 1
          thought = `${messageId}-${thoughts}`
          yield { type: 'STEP_STARTED', stepName: thought }
          yield { type: 'REASONING_START', messageId: thought }
          yield { type: 'REASONING_MESSAGE_START', messageId: thought, role: 'reasoning' }
        }
        const { part } = told
        if (part.text)
          yield { type: 'REASONING_MESSAGE_CONTENT', messageId: thought, delta: part.text }
        const encryptedValue = seal(part)
        if (encryptedValue !== undefined) {
          const entityId = thought
          yield { type: 'REASONING_ENCRYPTED_VALUE', subtype: 'message', entityId, encryptedValue }
          yield* close()
        }
        break
      }
      case 'end': {
        yield* close()
        const { outcome, calls } = told
        yield { type: 'CUSTOM', name: 'rungs-outcome', value: metadataOf(run, outcome) }
        if (outcome.status === 'failed') {
          const { message = 'There is no answer.', kind: code } = outcome.failure ?? {}
          yield { type: 'RUN_ERROR', threadId, runId, message, code }
          return
        }
        for (const { id: toolCallId, name: toolCallName, input } of calls) {
          yield { type: 'TOOL_CALL_START', toolCallId, toolCallName, parentMessageId: messageId }
          yield { type: 'TOOL_CALL_ARGS', toolCallId, delta: JSON.stringify(input) }
          yield { type: 'TOOL_CALL_END', toolCallId, input }
          const value = { toolCallId, toolName: toolCallName, input }
          yield { type: 'CUSTOM', name: 'tool-input-available', value }
        }
        const finishReason = FINISH[outcome.finish ?? ''] ?? null
        yield { type: 'RUN_FINISHED', threadId, runId, metadata: { tanstack: { finishReason } } }
        return
      }
      default:
        told satisfies never
    }
  }
}
