import type { RunRequest, RunState } from '@rungs/core'
import { useMemo, type RefCallback } from 'react'
import { createChatVerbs, messagesOf, type ChatVerbs } from './chat/chatVerbs.ts'
import type { ChatMessage } from './chat/message.ts'
import type { AnyLLM, RegisteredLLM, RouteOf } from './register.ts'
import { useSession } from './session/useSession.ts'
import type { UseLLMOptions } from './useLLM.ts'

export interface UseLLMChatOptions<Llm extends AnyLLM = RegisteredLLM> extends UseLLMOptions<Llm> {
  /** What was said before, as `messages` gave it. It counts until something is sent or set. */
  readonly initialMessages?: readonly ChatMessage<RouteOf<Llm>>[] | undefined
  /** Instructions that go before every message. */
  readonly system?: string | undefined
  /** Tools by name, for every request. Made outside of the component, so that the verbs stay the same. */
  readonly tools?: RunRequest['tools']
}

/** The newest run's state, every message, and what can be done. */
export type UseLLMChat<Llm extends AnyLLM = RegisteredLLM> = RunState<RouteOf<Llm>> &
  ChatVerbs<Llm> & {
    /**
     * What was said, oldest first. The answer that is under way is the last, its content empty before the first
     * text. A message that does not change is the same object from render to render.
     */
    readonly messages: readonly ChatMessage<RouteOf<Llm>>[]
    /** For the element that shows the answer, as in `useLLM`. */
    readonly answerRef: RefCallback<Element>
  }

const none: readonly ChatMessage[] = []

/**
 * A conversation. Each answer keeps who gave it, why it was not the preferred route, and how it ended.
 * Its runs are one thread: `thread`, or one of its own until `reset`.
 *
 * @throws a TypeError in the same cases as `useLLM`
 * @example
 * const { messages, send, status } = useLLMChat({ workload: 'chat' })
 * {messages.map((message) => <Row key={message.id} message={message} />)}
 */
export function useLLMChat<Llm extends AnyLLM = RegisteredLLM>(
  options: UseLLMChatOptions<Llm>,
): UseLLMChat<Llm>
// Inside, names are strings, as in useLLM.
export function useLLMChat(options: UseLLMChatOptions<AnyLLM>): UseLLMChat<AnyLLM> {
  const { workload, tier, surface, thread, system, tools, initialMessages = none } = options
  const { llm, seat, shown, answerRef } = useSession(options)
  const verbs = useMemo(() => {
    const defaults = { workload, tier, surface, thread, system, tools }
    return createChatVerbs(llm, seat, defaults, initialMessages)
  }, [llm, seat, workload, tier, surface, thread, system, tools, initialMessages])
  const messages = useMemo(() => messagesOf(shown, initialMessages), [shown, initialMessages])
  const { state } = shown
  return useMemo(
    () => ({ ...state, ...verbs, messages, answerRef }),
    [state, verbs, messages, answerRef],
  )
}
