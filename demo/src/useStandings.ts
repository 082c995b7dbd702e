import { useEffect, useState } from 'react'
import type { Kitchen } from './llm.ts'
import type { RouteName } from './names.ts'

/** The routes that would be passed over if a question came now, and until when where that is known. */
export type Standings = ReadonlyMap<RouteName, number | null>

// a route may be let in a little after its time, and a timer must not be set for weeks
const SOONEST_MS = 250
const LATEST_MS = 60_000

/** Reads the plan again whenever a run has learnt something of a route, and when a route's time is up. */
export function useStandings(llm: Kitchen): Standings {
  const [standings, setStandings] = useState(() => read(llm))
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const wake = (next: Standings): void => {
      clearTimeout(timer)
      const times = [...next.values()].filter((until) => until !== null)
      if (times.length === 0) return
      const wait = Math.min(...times) - Date.now()
      timer = setTimeout(look, Math.min(Math.max(wait, SOONEST_MS), LATEST_MS))
    }
    const look = (): void => {
      const next = read(llm)
      setStandings(next)
      wake(next)
    }
    look()
    const stop = llm.subscribe(({ type }) => {
      if (type === 'attempt-failed' || type === 'settled') look()
    })
    return () => {
      clearTimeout(timer)
      stop()
    }
  }, [llm])
  return standings
}

function read(llm: Kitchen): Standings {
  const { excluded } = llm.explain({ workload: 'chat', prompt: '?' })
  return new Map(excluded.map(({ route, until }) => [route, until ?? null]))
}
