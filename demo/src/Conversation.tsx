import type { RunState } from '@rungs/core'
import type { Ref, SyntheticEvent, ReactNode } from 'react'
import { Answer } from './Answer.tsx'
import type { RouteName } from './names.ts'
import type { Turn } from './turn.ts'
import { Welcome } from './Welcome.tsx'

/**
 * Every question with its answer, the newest live. The scroller's direction is reversed in CSS, so it stays
 * at the end while text comes in, and where the reader has scrolled it stays there.
 */
export function Conversation({
  ref,
  turns,
  live,
  onAsk,
  onRetry,
}: {
  ref: Ref<HTMLDivElement>
  turns: readonly Turn[]
  live: RunState<RouteName>
  onAsk: (question: string, event: SyntheticEvent) => void
  onRetry: (event: SyntheticEvent) => void
}): ReactNode {
  const isBusy = live.status === 'submitted' || live.status === 'streaming'
  return (
    <div className="scroller" ref={ref} tabIndex={-1}>
      {turns.length === 0 ? (
        <Welcome onAsk={onAsk} />
      ) : (
        // busy while an answer comes in: it is read out once it is whole, not token by token
        <div className="turns" role="log" aria-label="Conversation" aria-busy={isBusy}>
          {turns.map((turn, index) => {
            const isLatest = index === turns.length - 1
            return (
              <article key={turn.id} className="turn" aria-labelledby={`question-${turn.id}`}>
                <h2
                  id={`question-${turn.id}`}
                  className="question"
                  data-long={turn.question.length > 160}
                >
                  {turn.question}
                </h2>
                <Answer
                  state={isLatest ? live : turn.run.store.getState()}
                  names={turn.names}
                  onRetry={isLatest ? onRetry : null}
                />
              </article>
            )
          })}
        </div>
      )}
    </div>
  )
}
