import type { RunState } from '@rungs/core'
import type { ReactNode, SyntheticEvent } from 'react'
import { Attempts } from './Attempts.tsx'
import type { Names, RouteName } from './names.ts'
import { Prose } from './Prose.tsx'
import { bylineWords, endingWords, progressWords, tailWords } from './words.ts'

/** One answer: who it is by or what happens now, how it was got, and its text as far as it has come. */
export function Answer({
  state,
  names,
  onRetry,
}: {
  state: RunState<RouteName>
  names: Names
  onRetry: ((event: SyntheticEvent) => void) | null
}): ReactNode {
  const { attempts, outcome, phase, text } = state
  const canRetry = outcome !== null && ['failed', 'safe', 'partial'].includes(outcome.status)
  const tail = outcome === null ? tailWords(state, names) : endingWords(outcome, names)
  // all that changes stands above the text or after it, so that nothing is pushed down while it grows
  return (
    <div className="answer" data-outcome={outcome?.status} data-phase={phase}>
      <Attempts attempts={attempts} names={names}>
        {outcome === null ? progressWords(state, names) : bylineWords(outcome, names)}
      </Attempts>
      <Prose text={text} />
      {tail !== '' && <p className="tail">{tail}</p>}
      {canRetry && onRetry && (
        <button type="button" className="retry" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  )
}
