import { useLLMSelector } from '@rungs/react'
import type { RunState } from '@rungs/core'
import type { ReactNode, Ref } from 'react'
import { countBroken, useBreakage } from './breakage.ts'
import { views, type View } from './useView.ts'

const order: readonly View[] = ['ask', 'week', 'happened']

/** The name, the views, and what can be done with the whole page. */
export function Header({
  view,
  breakButton,
  onBreak,
}: {
  view: View
  breakButton: Ref<HTMLButtonElement>
  onBreak: (() => void) | null
}): ReactNode {
  const broken = countBroken(useBreakage())
  const news = { ask: useNews('ask'), week: useNews('week'), happened: null }
  return (
    <header className="header">
      <h1 className="brand">Larder</h1>
      <nav className="views" aria-label="Views">
        {order.map((each) => (
          <a key={each} href={`#${each}`} aria-current={each === view ? 'page' : undefined}>
            {views[each]}
            {each !== view && news[each] && (
              <span className="news">
                <span className="unseen"> {news[each]}</span>
              </span>
            )}
          </a>
        ))}
      </nav>
      {onBreak && (
        <button
          ref={breakButton}
          type="button"
          className="quiet"
          aria-haspopup="dialog"
          onClick={onBreak}
        >
          Break a route
          {broken > 0 && (
            <span className="count">
              {broken}
              <span className="unseen"> broken</span>
            </span>
          )}
        </button>
      )}
    </header>
  )
}

/** What goes on in a view that is not shown. */
function useNews(id: 'ask' | 'week'): string | null {
  return useLLMSelector(id, newsOf)
}

function newsOf({ phase, outcome }: RunState): string | null {
  if (phase === 'asking') return 'has a question for you'
  return phase === 'idle' || outcome !== null ? null : 'is being answered'
}
