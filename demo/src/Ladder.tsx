import type { ReactNode } from 'react'

/** Two rails and a rung for each route, the first on top; the one in use is lit, below the ladder none is. */
export function Ladder({ rungs, lit }: { rungs: number; lit: number | null }): ReactNode {
  return (
    <svg className="ladder" viewBox="0 0 24 28" width="30" height="35" aria-hidden="true">
      <path className="rail" d="M5 2v24M19 2v24" />
      {Array.from({ length: rungs }, (_, rung) => {
        const y = (28 * (rung + 1)) / (rungs + 1)
        return <path key={y} className={rung === lit ? 'rung lit' : 'rung'} d={`M5 ${y}h14`} />
      })}
    </svg>
  )
}
