import type { ReactNode } from 'react'
import { countBroken, useBreakage } from './breakage.ts'

/** The name, and what can be done with the whole page. */
export function Header({
  onNew,
  onBreak,
}: {
  onNew: (() => void) | null
  onBreak: (() => void) | null
}): ReactNode {
  const broken = countBroken(useBreakage())
  return (
    <header className="header">
      <h1 className="brand">Larder</h1>
      <p className="tagline">A companion in the kitchen</p>
      {onNew && (
        <button type="button" className="quiet" onClick={onNew}>
          New<span className="long"> conversation</span>
        </button>
      )}
      {onBreak && (
        <button type="button" className="quiet" aria-haspopup="dialog" onClick={onBreak}>
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
