import { useCallback, useEffect, useState } from 'react'
import type { Answers } from '../../server/team.ts'

/** What the team's view has to show. */
export type TeamView =
  | { readonly is: 'coming' }
  | { readonly is: 'here'; readonly answers: Answers; readonly at: number }
  | { readonly is: 'missing'; readonly problem: string }

/** Reports are sent 5 s after a run, so that a look now and then is enough. */
const EVERY_MS = 4000

/** The collector's answers, looked at again while the view is open, and when asked to. */
export function useTeam(): { readonly view: TeamView; readonly look: () => Promise<void> } {
  const [view, setView] = useState<TeamView>({ is: 'coming' })
  const look = useCallback(async () => {
    const next = await ask()
    // what was seen before is more than that it cannot be had just now
    setView((last) => (next.is === 'missing' && last.is === 'here' ? last : next))
  }, [])
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let isOver = false
    const again = async (): Promise<void> => {
      if (document.visibilityState === 'visible') await look()
      if (!isOver) timer = setTimeout(() => void again(), EVERY_MS)
    }
    void again()
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [look])
  return { view, look }
}

async function ask(): Promise<TeamView> {
  try {
    const response = await fetch('/team')
    const body = await response.json()
    if (response.ok) return { is: 'here', answers: body, at: Date.now() }
    return { is: 'missing', problem: body.problem }
  } catch {
    return { is: 'missing', problem: 'The server of this demo cannot be reached.' }
  }
}
