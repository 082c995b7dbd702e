import type { World } from '../words/world.ts'
import { createVirtualDisk, mount, type VirtualDisk } from './disk.ts'
import { createVirtualPage } from './page.ts'
import { createRandom, createVirtualTime } from './time.ts'

export interface VirtualWorld {
  /** For `createLLM({ world })`. Its `fetch` refuses: scripted routes need none. */
  readonly world: World
  /** Let virtual time pass, running what falls due on the way and all that follows from it. */
  advance(ms: number): Promise<void>
  /** Let time pass until `promise` is settled; throws when nothing is left that could settle it. */
  until<Value>(promise: Promise<Value>): Promise<Value>
  setOnline(isOnline: boolean): void
  setHidden(isHidden: boolean): void
  /** The page is left: for good, or for a return by the back button. */
  leave(mayReturn?: boolean): void
  /** The user copies a text. */
  copy(text: string): void
  /** The page is gone from one moment to the next: nothing of it runs any more, and it holds nothing. */
  crash(): void
  /** The page sleeps: time passes, timers do not run, and all that fell due runs afterwards. */
  sleep(ms: number): Promise<void>
  /** Timers that are pending: 0 when a run has left nothing behind. */
  pending(): number
}

/**
 * A world on a virtual clock: hours pass in milliseconds, and the same seed gives the same run.
 *
 * @param options `seed` of the random numbers, default 1; `startAt`, epoch ms, default 0; `disk`, default one of its own
 */
export function createVirtualWorld(
  options: { readonly seed?: number; readonly startAt?: number; readonly disk?: VirtualDisk } = {},
): VirtualWorld {
  const { seed = 1, startAt = 0, disk = createVirtualDisk() } = options
  const time = createVirtualTime(startAt)
  const view = createVirtualPage()
  const mounted = mount(disk, time)
  const { local, storage, archive, locks } = mounted
  const lines = new Map<string, Set<(message: unknown) => void>>()
  return {
    world: {
      fetch: () => Promise.reject(new TypeError('A virtual world has no network.')),
      now: time.now,
      timeOrigin: startAt,
      after: time.after,
      random: createRandom(seed),
      page: view.page,
      channel(name) {
        const all = lines.get(name) ?? new Set()
        lines.set(name, all)
        let own: ((message: unknown) => void) | null = null
        return {
          post(message) {
            const others = [...all].filter((one) => one !== own)
            // As between tabs: a copy, and not before whoever speaks has finished.
            const copy: unknown = structuredClone(message)
            for (const other of others) queueMicrotask(() => other(copy))
          },
          listen(listener) {
            own = listener
            all.add(listener)
          },
          close() {
            if (own) all.delete(own)
          },
        }
      },
      // Nothing is secret here; WebCrypto would not keep to the virtual clock.
      digest: async (text) => `digest of ${text.split('').toReversed().join('')}`,
      local,
      storage,
      archive,
      locks,
    },
    advance: (ms) => time.runUntil(time.now() + ms),
    until: time.until,
    setOnline: view.setOnline,
    setHidden: view.setHidden,
    leave: (mayReturn = false) => {
      view.leave(mayReturn)
    },
    copy: view.copy,
    crash() {
      time.clear()
      mounted.crash()
    },
    sleep: time.sleep,
    pending: time.pending,
  }
}
