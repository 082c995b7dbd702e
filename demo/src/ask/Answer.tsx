import { textOf, type ChatMessage, type UseLLMChat } from '@rungs/react'
import type { ReactNode } from 'react'
import { How } from '../How.tsx'
import type { RouteName } from '../names.ts'
import { Prose } from './Prose.tsx'
import { Verdict } from './Verdict.tsx'
import { bylineWords, endingWords, progressWords, tailWords, waitWords } from './words.ts'

/** One answer: who it is by or what happens now, how it was got, and its text as far as it has come. */
export function Answer({
  message,
  live,
  onFeedback,
}: {
  message: ChatMessage<RouteName>
  live: UseLLMChat | null
  onFeedback: UseLLMChat['feedback']
}): ReactNode {
  const { served } = message
  const text = textOf(message)
  const canRetry = served && ['failed', 'safe', 'partial'].includes(served.status)
  const tail = served
    ? `${endingWords(served.status)} ${live?.failure?.message ?? ''}`.trim()
    : live && tailWords(live)
  // all that changes stands above the text or after it, so that nothing is pushed down while it grows
  return (
    <div
      className="answer"
      data-outcome={served?.status}
      data-phase={live?.phase}
      ref={live?.answerRef}
    >
      <How attempts={live?.attempts ?? []}>
        {served ? bylineWords(served) : live && progressWords(live)}
        {served && live && waitWords(live)}
      </How>
      <Prose text={text} />
      {tail && <p className="tail">{tail}</p>}
      {canRetry && live && (
        <button
          type="button"
          className="retry"
          onClick={(event) => {
            live.regenerate(undefined, { event: event.nativeEvent })
            // this button goes
            event.currentTarget.closest<HTMLElement>('.scroller')?.focus({ preventScroll: true })
          }}
        >
          Try again
        </button>
      )}
      {served?.status === 'completed' && (
        <Verdict text={text} onVerdict={(signal) => onFeedback({ signal }, message.id)} />
      )}
    </div>
  )
}
