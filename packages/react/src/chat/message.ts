import type { Degraded, Message, Outcome, Part, RunState } from '@rungs/core'

/** Who answered, why it was not the preferred route, and how it ended. */
export interface Served<Name extends string = string> {
  readonly route: Name | null
  readonly degraded: Degraded<Name> | null
  readonly status: Outcome['status']
  readonly runId: string
}

/** A message of a chat: plain data, that can be stored as JSON and given back. */
export interface ChatMessage<Name extends string = string> extends Message {
  readonly id: string
  /** There once an answer has ended; never on a message that is no answer. */
  readonly served?: Served<Name>
}

/** The words of a message, without what is no text: thoughts, calls of tools, images. */
export function textOf({ content }: Message): string {
  if (typeof content === 'string') return content
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('')
}

const answers = new WeakMap<RunState, ChatMessage>()

/** A run's answer as a message. The same state gives the same object, so that a row that has it need not render. */
export function answerOf(runId: string, state: RunState): ChatMessage {
  const known = answers.get(state)
  if (known) return known
  const { text, outcome } = state
  const parts: readonly Part[] = outcome?.message.content ?? state.parts
  const message: ChatMessage = {
    id: runId,
    role: 'assistant',
    content: parts.every(({ type }) => type === 'text') ? text : parts,
    ...(outcome && { served: servedOf(runId, outcome) }),
  }
  answers.set(state, message)
  return message
}

function servedOf(runId: string, { route, degraded, status }: Outcome): Served {
  return { route, degraded, status, runId }
}

/**
 * What the next question is asked on top of: the words of models. An answer of our own (`safe`), and one that
 * never came, is left out together with its question, so that no model answers that one as well.
 */
export function historyOf(messages: readonly ChatMessage[]): Message[] {
  const history: Message[] = []
  for (const { role, content, served } of messages) {
    const isAnswer = content.length > 0 && served?.status !== 'safe' && served?.status !== 'failed'
    if (role !== 'assistant' || isAnswer) history.push({ role, content })
    else while (history.at(-1)?.role === 'user') history.pop()
  }
  return history
}
