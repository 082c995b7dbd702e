import type { MouseEvent, ReactNode } from 'react'
import type { Attempt } from '@rungs/core'
import type { Names, RouteName } from './names.ts'
import { causeWords, moveWords, seconds } from './words.ts'

/** An answer's byline, which opens to how it was got: each try of a route, as the rungs of a ladder. */
export function Attempts({
  attempts,
  names,
  children,
}: {
  attempts: readonly Attempt<RouteName>[]
  names: Names
  children: ReactNode
}): ReactNode {
  if (attempts.length === 0) {
    return (
      <p className="untried">
        <span className="byline">{children}</span>
      </p>
    )
  }
  return (
    <details className="attempts">
      <summary onClick={toggleInPlace}>
        <span className="byline">{children}</span>{' '}
        <span className="opener">
          {attempts.length === 1 ? '1 attempt' : `${attempts.length} attempts`}
        </span>
      </summary>
      <ol>
        {attempts.map((attempt) => (
          <li key={attempt.attempt} data-failed={attempt.failure !== null}>
            <p className="attempt-route">{names[attempt.route]}</p>
            <dl>
              <dt>First words</dt>
              <dd>{firstWords(attempt.firstContentMs)}</dd>
              {attempt.failure && (
                <>
                  <dt>Failure</dt>
                  <dd>
                    It {causeWords[attempt.failure.kind]} <code>{attempt.failure.kind}</code>
                  </dd>
                </>
              )}
              {attempt.move && (
                <>
                  <dt>Then</dt>
                  <dd>{moveWords(attempt.move, names)}</dd>
                </>
              )}
            </dl>
          </li>
        ))}
      </ol>
    </details>
  )
}

/** The list is held at its end, so what opens would push its own byline up and away; this puts it back. */
function toggleInPlace(event: MouseEvent<HTMLElement>): void {
  const summary = event.currentTarget
  const details = summary.closest('details')
  const scroller = summary.closest('.scroller')
  if (!details || !scroller) return
  event.preventDefault()
  const before = summary.getBoundingClientRect().top
  details.open = !details.open
  scroller.scrollBy({ top: summary.getBoundingClientRect().top - before, behavior: 'instant' })
}

function firstWords(ms: number | null): string {
  if (ms === null) return 'none'
  return ms < 50 ? 'at once' : `after ${seconds(ms)}`
}
