import { ConfirmRun, PausedNotice, SlowNotice, useLLMObject } from '@rungs/react'
import { useEffect, useRef, type ReactNode } from 'react'
import { bylineWords, endingWords, progressWords, waitWords } from '../ask/words.ts'
import { How } from '../How.tsx'
import type { Kitchen } from '../llm.ts'
import { names } from '../names.ts'
import { Service } from '../Service.tsx'
import { Brief } from './Brief.tsx'
import { Menu } from './menu.ts'
import { Plan } from './Plan.tsx'

/** A report: the best route for it takes its time and costs, so the visitor is asked first. */
export function Week({ llm }: { llm: Kitchen }): ReactNode {
  const week = useLLMObject({
    workload: 'week',
    surface: 'week',
    id: 'week',
    onUnmount: 'keep',
    output: Menu,
  })
  const question = useRef<HTMLDivElement>(null)
  const { answerRef, attempts, failure, object, outcome, phase, retry, send, stop } = week
  const isBusy = phase !== 'idle' && outcome === null
  const canRetry = outcome !== null && ['failed', 'partial'].includes(outcome.status)
  const isAsking = phase === 'asking'
  useEffect(() => {
    // on a phone it may come below what is seen
    if (isAsking) question.current?.scrollIntoView({ block: 'nearest' })
  }, [isAsking])
  return (
    <main className="chat" aria-label="Plan a week">
      <Service llm={llm} job="week" live={week} />
      <div className="sheet">
        <section className="week" aria-labelledby="week-title">
          <h2 id="week-title">What will this week taste of?</h2>
          <p className="sheet-lead">Five dinners from what is already on the shelf.</p>
          <Brief
            isBusy={isBusy}
            onPlan={(prompt, event) => send(prompt, { event: event.nativeEvent })}
            onStop={() => void stop()}
          />
          <div ref={question} className="question-place">
            <ConfirmRun of={week} names={names} />
          </div>
          <SlowNotice of={week} />
          <PausedNotice of={week} />
          {phase !== 'idle' && (
            <div
              className="answer"
              data-outcome={outcome?.status}
              data-phase={phase}
              ref={answerRef}
            >
              <How attempts={attempts}>
                {outcome ? bylineWords(outcome) : progressWords(week)}
                {outcome && waitWords(week)}
              </How>
              {object && <Plan menu={object} isBusy={isBusy} />}
              {outcome && outcome.status !== 'completed' && (
                <p className="tail">
                  {endingWords(outcome.status)} {failure?.message}
                </p>
              )}
              {canRetry && (
                <button
                  type="button"
                  className="retry"
                  onClick={(event) => retry({ event: event.nativeEvent })}
                >
                  Try again
                </button>
              )}
            </div>
          )}
        </section>
      </div>
      <output aria-label="Progress" className="unseen">
        {progressWords(week)}
      </output>
    </main>
  )
}
