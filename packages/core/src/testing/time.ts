import type { Cancel } from '../words/world.ts'

/** A clock that stands still until it is told to go on. */
export interface VirtualTime {
  readonly now: () => number
  readonly after: (ms: number, task: () => void) => Cancel
  /** Go on to an instant, running what falls due on the way and all that follows from it. */
  readonly runUntil: (at: number) => Promise<void>
  /** Go on until `promise` is settled; throws when nothing is left that could settle it. */
  readonly until: <Value>(promise: Promise<Value>) => Promise<Value>
  /** Time passes, and no timer runs before it has. */
  readonly sleep: (ms: number) => Promise<void>
  /** Nothing that is pending will run. */
  readonly clear: () => void
  readonly pending: () => number
}

/** Resolves once promises have nothing left to do: a macrotask comes after all of them. */
function flush(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.addEventListener('message', () => {
      port1.close()
      resolve()
    })
    port1.start()
    port2.postMessage(null)
  })
}

export function createVirtualTime(startAt: number): VirtualTime {
  let now = startAt
  let order = 0
  const timers = new Map<number, { readonly at: number; readonly task: () => void }>()
  const nextDue = (): readonly [number, { at: number; task: () => void }] | undefined =>
    [...timers].toSorted(([a, one], [b, other]) => one.at - other.at || a - b)[0]

  async function runUntil(target: number): Promise<void> {
    await flush()
    for (let due = nextDue(); due && due[1].at <= target; due = nextDue()) {
      const [key, timer] = due
      timers.delete(key)
      now = Math.max(now, timer.at)
      timer.task()
      await flush()
    }
    now = Math.max(now, target)
  }
  return {
    now: () => now,
    after(ms, task) {
      order += 1
      const key = order
      if (ms < Infinity) timers.set(key, { at: now + Math.max(0, ms), task })
      return () => {
        timers.delete(key)
      }
    },
    runUntil,
    async until(promise) {
      const settled = { is: false }
      const mark = (): void => {
        settled.is = true
      }
      promise.then(mark, mark)
      await flush()
      for (let due = nextDue(); !settled.is && due; due = nextDue()) await runUntil(due[1].at)
      if (!settled.is) throw new Error('Nothing is left to wait for, and it is not settled.')
      return promise
    },
    async sleep(ms) {
      await flush()
      now += ms
      await runUntil(now)
    },
    clear: () => {
      timers.clear()
    },
    pending: () => timers.size,
  }
}

/** Mulberry32, by Tommy Ettinger (public domain): small, and good enough to spread delays. */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
