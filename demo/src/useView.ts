import { useSyncExternalStore } from 'react'

export const views = { ask: 'Ask', week: 'Plan a week', happened: 'What happened' } as const
export type View = keyof typeof views

/** Which view the address names: `#week`, `#happened`, else the first. */
export function useView(): View {
  return useSyncExternalStore(subscribe, read)
}

function read(): View {
  const name = location.hash.slice(1)
  return name === 'week' || name === 'happened' ? name : 'ask'
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}
