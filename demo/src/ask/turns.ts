import type { ChatMessage } from '@rungs/react'
import type { RouteName } from '../names.ts'

type Said = ChatMessage<RouteName>

/** A question, and the answer to it as far as it has come. */
interface Asked {
  readonly question: Said
  readonly answer: Said | null
}

/** The messages of a chat, two by two. */
export function turnsOf(messages: readonly Said[]): readonly Asked[] {
  return messages.flatMap((question, place) => {
    if (question.role !== 'user') return []
    const next = messages[place + 1]
    return [{ question, answer: next?.role === 'assistant' ? next : null }]
  })
}
