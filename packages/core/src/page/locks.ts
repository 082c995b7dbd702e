import type { Cancel, Locks } from '../words/world.ts'

/** The browser's Web Locks; null where it has none, or no page. */
export function openLocks(): Locks | null {
  const locks = 'document' in globalThis ? (navigator.locks as LockManager | undefined) : undefined
  if (!locks) return null
  return {
    hold(name): Cancel {
      const aborter = new AbortController()
      const { signal } = aborter
      const held = new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => {
          resolve()
        })
      })
      // Rejects where it is let go before it was had, or where the browser refuses (a sandboxed frame).
      locks.request(name, { signal }, () => held).catch(() => undefined)
      return () => {
        aborter.abort()
      }
    },
    async held() {
      const { held = [] } = await locks.query()
      return new Set(held.map(({ name = '' }) => name))
    },
    attempt: (name, task) =>
      locks.request(name, { ifAvailable: true }, async (lock) => {
        if (lock) await task()
      }),
  }
}
