import type { ReactNode } from 'react'
import { useBreakage } from './breakage.ts'
import type { Kitchen } from './llm.ts'
import { type Names, rungs } from './names.ts'
import { Rung } from './Rung.tsx'
import { useStandings } from './useStandings.ts'
import { passedWords } from './words.ts'

/** The panel's ladder, the first choice on top. */
export function Rungs({
  llm,
  names,
  hasKey,
}: {
  llm: Kitchen
  names: Names
  hasKey: boolean
}): ReactNode {
  const breakage = useBreakage()
  const standings = useStandings(llm)
  return (
    <ol className="rungs">
      {rungs.map(({ route, wire }) => (
        <Rung
          key={route}
          route={route}
          name={names[route]}
          wire={wire}
          fault={breakage[route]}
          standing={standings.has(route) ? passedWords(standings.get(route) ?? null) : null}
          isReal={route === 'swift' && hasKey}
        />
      ))}
    </ol>
  )
}
