import { useSyncExternalStore } from 'react'
import { keyring } from './llm.ts'

/** Whether the visitor has put in a key of their own, which nobody has refused. */
export function useHasKey(): boolean {
  return useSyncExternalStore(subscribe, () => keyring.store.getState()['openai']?.status === 'set')
}

function subscribe(listener: () => void): () => void {
  return keyring.store.subscribe(listener)
}
