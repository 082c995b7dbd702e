import type { Attempt } from '@rungs/core'
import { Attempts } from '@rungs/react'
import type { MouseEvent, ReactNode } from 'react'
import { names, type RouteName } from './names.ts'
import { seconds } from './seconds.ts'

const words = { took: (ms: number) => `(${seconds(ms)})` }

/** An answer's byline, which opens to what was tried. */
export function How({
  attempts,
  children,
}: {
  attempts: readonly Attempt<RouteName>[]
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
    <details className="how">
      <summary onClick={toggleInPlace}>
        <span className="byline">{children}</span>{' '}
        <span className="opener">
          {attempts.length === 1 ? '1 attempt' : `${attempts.length} attempts`}
        </span>
      </summary>
      <Attempts attempts={attempts} names={names} words={words} />
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
