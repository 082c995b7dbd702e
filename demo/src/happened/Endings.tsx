import type { ReactNode } from 'react'
import { Parts } from './Bar.tsx'
import { endings, percent } from './words.ts'

/** How runs ended: a bar in parts, and each part in words. */
export function Endings({ counts }: { counts: Readonly<Record<string, number>> }): ReactNode {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0)
  const parts = Object.keys(endings).flatMap((status) => {
    const count = counts[status] ?? 0
    return count === 0 ? [] : [{ status, count, share: count / all }]
  })
  return (
    <div className="endings">
      <Parts parts={parts} />
      <ul>
        {parts.map(({ status, count, share }) => (
          <li key={status} data-status={status}>
            {endings[status]} <b>{count}</b> <span>{percent(share)}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}
