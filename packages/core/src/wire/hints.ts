import { readHints } from '../policy/hint.ts'
import { describeThrown } from '../policy/thrown.ts'
import type { Hint } from '../words/policy.ts'
import type { Cancel, World } from '../words/world.ts'

/** Asked this often where nothing else is said, ms. */
const EVERY_MS = 60_000
/** Nobody has run anything for this long: the backend is not asked any more until somebody does, ms. */
const IDLE_MS = 600_000

export type Hints = { readonly url: string; readonly everyMs?: number } | (() => readonly Hint[])

/** Where hints come from. */
export interface Hinting {
  /** A function's hints are handed on at once; a backend is asked, and its hints come, when a run begins. */
  look(isRun: boolean): void
  close(): void
}

/** Hands hints to `onHints`. What is no hint is passed over; without any, the page goes by what it sees itself. */
export function createHinting(
  hints: Hints,
  world: World,
  onHints: (hints: readonly Hint[]) => void,
): Hinting {
  if (typeof hints === 'function') {
    return {
      look() {
        try {
          onHints(readHints(hints()))
        } catch (error) {
          console.error('[rungs] hints threw', describeThrown(error))
        }
      },
      close: () => undefined,
    }
  }
  const { url, everyMs = EVERY_MS } = hints
  let cancel: Cancel | null = null
  let lookedAt = 0
  let isClosed = false
  async function ask(): Promise<void> {
    const askedAt = world.now()
    try {
      // Loaded by those who have a backend to ask.
      const { getJson } = await import('./http.ts')
      const { value, date } = await getJson(url, world)
      // The server's clock may be another: what counts is how old a hint was when it was sent.
      const skewMs = date === null ? 0 : askedAt - date
      if (isClosed) return
      onHints(
        readHints(value).map(({ route, pBad, asOf }) => ({ route, pBad, asOf: asOf + skewMs })),
      )
    } catch {
      // The next time will do: hints are no condition of anything.
    }
  }
  function arm(): void {
    cancel = world.after(everyMs, () => {
      cancel = null
      if (world.now() - lookedAt > IDLE_MS) return
      if (!world.page.isHidden()) void ask()
      arm()
    })
  }
  return {
    look(isRun) {
      if (!isRun) return
      lookedAt = world.now()
      if (cancel || isClosed) return
      void ask()
      arm()
    },
    close() {
      isClosed = true
      cancel?.()
      cancel = null
    },
  }
}
