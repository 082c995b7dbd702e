import type { ReactNode } from 'react'
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
  return (
    <details className="attempts">
      <summary>
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

function firstWords(ms: number | null): string {
  if (ms === null) return 'none'
  return ms < 50 ? 'at once' : `after ${seconds(ms)}`
}
