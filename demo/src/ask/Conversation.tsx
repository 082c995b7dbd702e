import type { UseLLMChat } from '@rungs/react'
import type { ReactNode, Ref, SyntheticEvent } from 'react'
import { Turn } from './Turn.tsx'
import { turnsOf } from './turns.ts'
import { Welcome } from './Welcome.tsx'

/**
 * Every question with its answer, the newest live. The scroller's direction is reversed in CSS, so it stays
 * at the end while text comes in, and where the reader has scrolled it stays there.
 */
export function Conversation({
  ref,
  chat,
  isBusy,
  onAsk,
}: {
  ref: Ref<HTMLDivElement>
  chat: UseLLMChat
  isBusy: boolean
  onAsk: (question: string, event: SyntheticEvent) => void
}): ReactNode {
  const turns = turnsOf(chat.messages)
  return (
    <div className="scroller" ref={ref} tabIndex={-1}>
      {turns.length === 0 ? (
        <Welcome onAsk={onAsk} />
      ) : (
        // busy while an answer comes in: it is read out once it is whole, not token by token
        <div className="turns" role="log" aria-label="Conversation" aria-busy={isBusy}>
          {turns.map(({ question, answer }, index) => (
            <Turn
              key={question.id}
              question={question}
              answer={answer}
              live={index === turns.length - 1 ? chat : null}
              onFeedback={chat.feedback}
            />
          ))}
        </div>
      )}
    </div>
  )
}
