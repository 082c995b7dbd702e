import type { Feedback, Message, Run, RunRequest } from '@rungs/core'
import type { AnyLLM, RegisteredLLM, RouteOf, TierOf, WorkloadOf } from '../register.ts'
import type { Seat } from '../session/seat.ts'
import type { Session, Shown } from '../session/session.ts'
import { createStart, type Defaults, type SendOptions } from '../start.ts'
import { createVerbs, type LLMVerbs } from '../verbs.ts'
import { answerOf, historyOf, type ChatMessage } from './message.ts'

type Messages<Llm extends AnyLLM> = readonly ChatMessage<RouteOf<Llm>>[]

/** What can be done in a chat. Each verb is the same function from render to render. */
export interface ChatVerbs<Llm extends AnyLLM = RegisteredLLM> extends Omit<
  LLMVerbs<Llm>,
  'send' | 'retry' | 'feedback'
> {
  /**
   * Ask on top of what has been said. A text is the user's next message; the `messages` and `prompt` of a
   * request come after those that are there (an image, the results of tools).
   *
   * @throws a TypeError for a request that nothing could serve; what is shown then stays
   */
  readonly send: (
    input: string | Partial<RunRequest<WorkloadOf<Llm>, TierOf<Llm>, never>>,
    options?: SendOptions,
  ) => Run<RouteOf<Llm>>
  /** Put other words into a message of the user's, drop what came after it, and ask again. Null where there is none with this id. */
  readonly edit: (id: string, text: string, options?: SendOptions) => Run<RouteOf<Llm>> | null
  /**
   * Drop an answer and what came after it, and ask for another, from the ladder's top. The id of a message that
   * is no answer asks for the one after it; without an id, the last is meant. Null where there is none.
   */
  readonly regenerate: (id?: string, options?: SendOptions) => Run<RouteOf<Llm>> | null
  /**
   * What the user made of an answer, by its id; without one, of the newest. Of an answer that was stored and given
   * back, it counts for as long as this browser keeps its report.
   */
  readonly feedback: (value: Feedback, id?: string) => void
  /** Replace every message; what runs is stopped. */
  readonly setMessages: (
    messages: Messages<Llm> | ((messages: Messages<Llm>) => Messages<Llm>),
  ) => void
}

/** Every message that is shown: what was said before, and the newest run's answer. */
export function messagesOf(
  { of, runId, state, past }: Shown,
  initial: readonly ChatMessage[],
): readonly ChatMessage[] {
  if (of === null) return initial
  return runId === null ? past : [...past, answerOf(runId, state)]
}

/** A chat is a thread, whether its product has a name for it or not. Not made while rendering: it is random. */
const threads = new WeakMap<Session, string>()
function threadOf(session: Session): string {
  const thread = threads.get(session) ?? [...crypto.getRandomValues(new Uint32Array(3))].join('-')
  threads.set(session, thread)
  return thread
}

export function createChatVerbs(
  llm: AnyLLM,
  seat: Seat,
  defaults: Defaults,
  initial: readonly ChatMessage[],
): ChatVerbs<AnyLLM> {
  const start = createStart(llm, seat, defaults)
  const { send: _send, retry: _retry, ...verbs } = createVerbs(llm, seat, defaults)
  const current = (): readonly ChatMessage[] => messagesOf(seat.session().newest(), initial)
  function ask(
    before: readonly ChatMessage[],
    added: readonly Message[],
    request: Partial<RunRequest<string, string, never>>,
    options?: SendOptions,
  ): Run {
    const session = seat.session()
    const { prompt: _said, ...rest } = request
    const thread = request.thread ?? defaults.thread ?? threadOf(session)
    const messages = [...historyOf(before), ...added]
    const run = start({ ...rest, messages, thread }, options)
    const named = added.map((message, index) => ({ ...message, id: `${run.id}.${index}` }))
    change(session, () => {
      session.show(run, request, [...before, ...named])
    })
    return run
  }
  return {
    ...verbs,
    send(input, options) {
      const request = typeof input === 'string' ? { prompt: input } : input
      const { messages = [], prompt } = request
      const added: Message[] = [...messages]
      if (prompt !== undefined) added.push({ role: 'user', content: prompt })
      return ask(current(), added, request, options)
    },
    edit(id, text, options) {
      const all = current()
      const index = all.findIndex((message) => message.id === id && message.role === 'user')
      const message = all[index]
      if (!message) return null
      return ask([...all.slice(0, index), reworded(message, text)], [], {}, options)
    },
    regenerate(id, options) {
      const all = current()
      const index = id === undefined ? all.length - 1 : all.findIndex((one) => one.id === id)
      const message = all[index]
      if (!message) return null
      const end = message.role === 'assistant' ? index : index + 1
      return ask(all.slice(0, end), [], {}, options)
    },
    feedback(value, id) {
      const runId = current().find((message) => message.id === id)?.served?.runId
      if (id === undefined || runId === seat.session().run()?.id) verbs.feedback(value)
      else if (runId !== undefined) llm.feedback(runId, value)
    },
    setMessages(messages) {
      const session = seat.session()
      const next = typeof messages === 'function' ? messages(current()) : messages
      change(session, () => {
        session.reset(next)
      })
    },
    reset() {
      threads.delete(seat.session())
      verbs.reset()
    },
  }
}

/** Do what ends the run that is shown. How it ended is known later, and its answer is to say so too. */
function change(session: Session, turn: () => void): void {
  const before = session.run()
  turn()
  if (before) void tellEnd(session, before)
}
async function tellEnd(session: Session, run: Run): Promise<void> {
  await run.outcome
  session.revise(answerOf(run.id, run.store.getState()))
}

/** What is no text, such as an image, stays with it. */
function reworded(message: ChatMessage, text: string): ChatMessage {
  const { content } = message
  if (typeof content === 'string') return { ...message, content: text }
  const others = content.filter(({ type }) => type !== 'text')
  return { ...message, content: [...others, { type: 'text', text }] }
}
