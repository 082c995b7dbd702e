import type { ReactNode } from 'react'
/** Two rails and three rungs, the first on top; the one in use is lit, below the ladder none is. */
export function Ladder({ lit }: { lit: number | null }): ReactNode {
  return (
    <svg className="ladder" viewBox="0 0 24 28" width="30" height="35" aria-hidden="true">
      <path className="rail" d="M5 2v24M19 2v24" />
      {[7, 14, 21].map((y, rung) => (
        <path key={y} className={rung === lit ? 'rung lit' : 'rung'} d={`M5 ${y}h14`} />
      ))}
    </svg>
  )
}
