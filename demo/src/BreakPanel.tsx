import type { ReactNode } from 'react'
import { countBroken, useBreakage } from './breakage.ts'
import { KeyField } from './KeyField.tsx'
import type { Kitchen } from './llm.ts'
import type { Names } from './names.ts'
import { Rungs } from './Rungs.tsx'

/** The ladder itself, with a fault to choose for each rung, and who stands on top of it. */
export function BreakPanel({
  llm,
  names,
  hasKey,
  onKey,
  hasSafe,
  onSafe,
  onRestore,
}: {
  llm: Kitchen
  names: Names
  hasKey: boolean
  onKey: (key: string | null) => void
  hasSafe: boolean
  onSafe: (hasSafe: boolean) => void
  onRestore: () => void
}): ReactNode {
  const breakage = useBreakage()
  return (
    <div className="panel">
      <h2 id="break-title">Break a route</h2>
      <p className="lead">
        Questions are tried on these routes from the top. Choose what goes wrong, then ask one.
      </p>
      {/* another LLM has learnt nothing yet */}
      <Rungs key={String(hasKey)} llm={llm} names={names} hasKey={hasKey} />
      <label className="check">
        <input
          type="checkbox"
          checked={hasSafe}
          onChange={(event) => onSafe(event.target.checked)}
        />
        <span>
          Prepared answer
          <small>Stands in when every rung is broken</small>
        </span>
      </label>
      <button
        type="button"
        className="restore"
        disabled={countBroken(breakage) === 0}
        onClick={onRestore}
      >
        Restore all
      </button>
      <KeyField hasKey={hasKey} onKey={onKey} />
    </div>
  )
}
