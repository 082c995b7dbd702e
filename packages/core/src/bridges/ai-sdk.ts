import type { Run } from '../words/event.ts'
import {
  keepLive,
  resolve,
  start,
  threadOf,
  type BridgeRequest,
  type Resolvable,
  type Runs,
} from './request.ts'
import { streamOf } from './told.ts'
import { uiChunks, type UiChunk, type UiReset, type UiTelling } from './uiChunks.ts'
import { readUiMessages, type UiMessage } from './uiRead.ts'

export type { RungsData, RungsMetadata } from './data.ts'
export type { UiChunk, UiReset } from './uiChunks.ts'
export type { UiMessage } from './uiRead.ts'
export type { BridgeRequest } from './request.ts'

/** What useChat sends: the AI SDK's own words. */
export interface UiSend {
  readonly trigger: 'submit-message' | 'regenerate-message'
  readonly chatId: string
  readonly messageId: string | undefined
  readonly messages: readonly UiMessage[]
  readonly abortSignal: AbortSignal | undefined
  readonly body?: object | undefined
  readonly metadata?: unknown
}

/** A `ChatTransport` for useChat. */
export interface LadderTransport<Name extends string, Chunk = UiChunk> {
  readonly resumeStreamIsReplay: true
  readonly sendMessages: (call: UiSend) => Promise<ReadableStream<Chunk>>
  readonly reconnectToStream: (call: {
    readonly chatId: string
    readonly abortSignal?: AbortSignal
  }) => Promise<ReadableStream<Chunk> | null>
  /** The run that answers a chat now, to answer its question; null when none does. */
  readonly run: (chatId: string) => Run<Name> | null
}

interface Live<Name extends string> {
  readonly run: Run<Name>
  readonly telling: UiTelling
  /** Readers that have come to it. */
  resumes: number
}

/**
 * The ladder under the AI SDK's useChat, versions 5 to 7: each message is a run, its events are the chunks that
 * useChat reads. Its state comes as transient `data-rungs` parts (`onData`), who answered as the message's
 * `metadata`. What is shown stays: an answer that breaks off is kept as `partial`, whatever `recovery` the
 * workload names. With `canRetract`, which only version 7 obeys, the workload's `recovery` holds: with 5 and 6
 * it would show two answers.
 *
 * `sendMessages` rejects with a TypeError for a request that nothing could serve.
 *
 * @example
 * const chat = useChat({ transport: ladderTransport(llm, { workload: 'chat' }) })
 */
export function ladderTransport<Name extends string, Job extends string, Level extends string>(
  llm: Runs<Name, Job, Level>,
  request: Resolvable<BridgeRequest<NoInfer<Job>, NoInfer<Level>>, UiSend>,
): LadderTransport<Name>
export function ladderTransport<Name extends string, Job extends string, Level extends string>(
  llm: Runs<Name, Job, Level>,
  request: Resolvable<BridgeRequest<NoInfer<Job>, NoInfer<Level>>, UiSend>,
  options: { readonly canRetract: true },
): LadderTransport<Name, UiChunk | UiReset>
export function ladderTransport<Name extends string, Job extends string, Level extends string>(
  llm: Runs<Name, Job, Level>,
  request: Resolvable<BridgeRequest<NoInfer<Job>, NoInfer<Level>>, UiSend>,
  { canRetract = false }: { readonly canRetract?: boolean } = {},
): LadderTransport<Name, UiChunk | UiReset> {
  const lives = new Map<string, Live<Name>>()
  return {
    resumeStreamIsReplay: true,
    async sendMessages(call) {
      const { chatId, messages, trigger, abortSignal } = call
      const run = start(
        llm,
        {
          thread: threadOf(chatId),
          ...resolve(request, call),
          messages: readUiMessages(messages),
          signal: abortSignal,
        },
        canRetract,
      )
      const last = messages.at(-1)
      // After a tool's result the same message goes on.
      const goesOn = trigger === 'submit-message' && last?.role === 'assistant' ? last : null
      const telling = {
        messageId: goesOn?.id ?? run.id,
        before: [...(goesOn?.parts ?? [])],
        canRetract,
      }
      const live: Live<Name> = { run, telling, resumes: 0 }
      void keepLive(lives, chatId, live, run)
      return streamOf(uiChunks(run, { ...telling, before: [] }))
    },
    async reconnectToStream({ chatId, abortSignal }) {
      const live = lives.get(chatId)
      if (!live) return null
      live.resumes += 1
      const mine = live.resumes
      abortSignal?.addEventListener('abort', () => {
        // A reader that another one replaces is aborted just before that: only the last one stops the run.
        queueMicrotask(() => {
          if (live.resumes === mine) void live.run.stop()
        })
      })
      return streamOf(uiChunks(live.run, live.telling))
    },
    run: (chatId) => lives.get(chatId)?.run ?? null,
  }
}
