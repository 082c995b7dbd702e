import { textOf, type ChatMessage, type UseLLMChat } from '@rungs/react'
import { memo, type NamedExoticComponent, type ReactNode } from 'react'
import type { RouteName } from '../names.ts'
import { Answer } from './Answer.tsx'

interface TurnProps {
  readonly question: ChatMessage<RouteName>
  readonly answer: ChatMessage<RouteName> | null
  /** The run under way, or the newest that has ended; null for an older turn. */
  readonly live: UseLLMChat | null
  readonly onFeedback: UseLLMChat['feedback']
}

/** A question with its answer. One that is not the newest stays the same, and is not rendered with each piece of text. */
export const Turn: NamedExoticComponent<TurnProps> = memo(function Turn({
  question,
  answer,
  live,
  onFeedback,
}: TurnProps): ReactNode {
  const text = textOf(question)
  const id = `question-${question.id}`
  return (
    <article className="turn" aria-labelledby={id}>
      <h2 id={id} className="question" data-long={text.length > 160}>
        {text}
      </h2>
      {answer && <Answer message={answer} live={live} onFeedback={onFeedback} />}
    </article>
  )
})
