// What a careful author writes by hand: the text grows outside of React, which is told of it once a frame.
import { useState, useSyncExternalStore } from 'react'
import { stream } from '../../floor.ts'
import type { Said, Variant } from '../variant.ts'

interface Store {
  readonly subscribe: (listener: () => void) => () => void
  readonly get: () => readonly Said[]
  readonly send: (url: string) => Promise<void>
}

function createStore(history: readonly Said[]): Store {
  let messages = history
  let text = ''
  let frame: number | null = null
  const listeners = new Set<() => void>()
  const publish = (next: readonly Said[]): void => {
    messages = next
    for (const listener of listeners) listener()
  }
  const flush = (): void => {
    frame = null
    publish(messages.with(-1, { id: 'a', role: 'assistant', text }))
  }
  return {
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    get: () => messages,
    async send(url) {
      publish([
        ...messages,
        { id: 'u', role: 'user', text: 'hi' },
        { id: 'a', role: 'assistant', text },
      ])
      await stream([url], (piece) => {
        text += piece
        frame ??= requestAnimationFrame(flush)
      })
      flush()
    },
  }
}

export const frameStore: Variant<Said> = {
  wire: 'openai',
  toMessage: (said) => said,
  textOf: ({ text }) => text,
  Chat({ url, history, children }) {
    const [store] = useState(() => createStore(history))
    const messages = useSyncExternalStore(store.subscribe, store.get)
    return children(messages, () => store.send(url))
  },
}
