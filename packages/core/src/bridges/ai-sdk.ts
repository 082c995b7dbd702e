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
  /** Stop the run that answers a chat now, and keep what there is; resolves when nothing of it is left. */
  readonly stop: (chatId: string) => Promise<void>
}

/** How a transport stands to its chats. */
export interface LadderTransportOptions {
  /** Take back what is shown and show another answer in its place, which version 7 obeys. Default: false. */
  readonly canRetract?: boolean | undefined
  /**
   * What becomes of the run when useChat lets go of it, which it does for its `stop` and, in version 7, when its
   * component goes: it ends (`stop`, the default), or it goes on to its end (`keep`), and a chat of that id that
   * resumes has it whole, once, also when it has ended meanwhile. With `keep` the transport's own `stop` ends it.
   */
  readonly onAbort?: 'stop' | 'keep' | undefined
}

interface Live<Name extends string> {
  readonly run: Run<Name>
  readonly telling: UiTelling
  /** Readers that have come back to it. */
  resumes: number
  /** Readers that have not been aborted. */
  listeners: number
}

/** A chat reads the run from its start, until it is aborted. */
function read<Name extends string>(
  live: Live<Name>,
  telling: UiTelling,
  abortSignal: AbortSignal | undefined,
): ReadableStream<UiChunk | UiReset> {
  live.listeners += 1
  abortSignal?.addEventListener('abort', () => (live.listeners -= 1), { once: true })
  return streamOf(uiChunks(live.run, telling))
}

const hasEnded = ({ run }: Live<string>): boolean => run.store.getState().outcome !== null

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
  options?: LadderTransportOptions & { readonly canRetract?: false | undefined },
): LadderTransport<Name>
export function ladderTransport<Name extends string, Job extends string, Level extends string>(
  llm: Runs<Name, Job, Level>,
  request: Resolvable<BridgeRequest<NoInfer<Job>, NoInfer<Level>>, UiSend>,
  options: LadderTransportOptions & { readonly canRetract: true },
): LadderTransport<Name, UiChunk | UiReset>
export function ladderTransport<Name extends string, Job extends string, Level extends string>(
  llm: Runs<Name, Job, Level>,
  request: Resolvable<BridgeRequest<NoInfer<Job>, NoInfer<Level>>, UiSend>,
  { canRetract = false, onAbort = 'stop' }: LadderTransportOptions = {},
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
          signal: onAbort === 'keep' ? undefined : abortSignal,
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
      const live: Live<Name> = { run, telling, resumes: 0, listeners: 0 }
      const isHeard = (): boolean => onAbort === 'stop' || live.listeners > 0
      void keepLive(lives, chatId, live, run, isHeard)
      return read(live, { ...telling, before: [] }, abortSignal)
    },
    async reconnectToStream({ chatId, abortSignal }) {
      const live = lives.get(chatId)
      if (!live) return null
      if (hasEnded(live)) lives.delete(chatId)
      if (onAbort === 'keep') return read(live, live.telling, abortSignal)
      live.resumes += 1
      const mine = live.resumes
      abortSignal?.addEventListener('abort', () => {
        // A reader that another one replaces is aborted just before that: only the last one stops the run.
        queueMicrotask(() => {
          if (live.resumes === mine) void live.run.stop()
        })
      })
      return read(live, live.telling, abortSignal)
    },
    run(chatId) {
      const live = lives.get(chatId)
      return live && !hasEnded(live) ? live.run : null
    },
    async stop(chatId) {
      await lives.get(chatId)?.run.stop()
    },
  }
}
