import { useCallback, useSyncExternalStore } from 'react'
import { keyring, type Kitchen } from './llm.ts'
import type { Job, RouteName } from './names.ts'

/** The route that the next request would start with; null while every one is being left alone. */
export function useFirst(llm: Kitchen, job: Job): RouteName | null {
  const subscribe = useCallback(
    (listener: () => void) => {
      const stops = [llm.health.subscribe(listener), keyring.store.subscribe(listener)]
      return () => {
        for (const stop of stops) stop()
      }
    },
    [llm],
  )
  return useSyncExternalStore(
    subscribe,
    () => llm.explain({ workload: job, prompt: '?' }).routes[0]?.route ?? null,
  )
}
