import { useEffect, useState } from 'react'
import type { Kitchen } from './llm.ts'
import type { RouteName } from './names.ts'
import { timeOfDay } from './words.ts'

/** Why a rung would be passed over if a question came now; absent while it would be tried. */
export type Standings = ReadonlyMap<RouteName, string>

/** Reads the plan again whenever a run has learnt something of a route. */
export function useStandings(llm: Kitchen): Standings {
  const [standings, setStandings] = useState(() => read(llm))
  useEffect(
    () =>
      llm.subscribe(({ type }) => {
        if (type === 'attempt-failed' || type === 'settled') setStandings(read(llm))
      }),
    [llm],
  )
  return standings
}

function read(llm: Kitchen): Standings {
  const { excluded } = llm.explain({ workload: 'chat', prompt: '?' })
  return new Map(
    excluded.map(({ route, until }) => [
      route,
      until === undefined ? 'Passed over for now' : `Passed over until ${timeOfDay(until)}`,
    ]),
  )
}
