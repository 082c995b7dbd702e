import type { Cancel } from '../../packages/core/src/words/world.ts'

/** Virtual time of one page. */
export interface Clock {
  readonly now: () => number
  readonly after: (ms: number, task: () => void) => Cancel
  readonly wait: (ms: number) => Promise<void>
  /** Run what falls due next; false when there is nothing. */
  readonly step: () => boolean
}

interface Timer {
  readonly at: number
  task: (() => void) | null
}

/** @param startAt epoch ms */
export function createClock(startAt: number): Clock {
  let now = startAt
  /** The next one last. A page has a handful, so insertion beats a heap. */
  const timers: Timer[] = []

  function after(ms: number, task: () => void): Cancel {
    if (ms === Infinity) return () => undefined
    const timer: Timer = { at: now + Math.max(0, ms), task }
    let place = timers.length
    // Of two that are due together, the one that was set first runs first.
    while (place > 0 && (timers[place - 1]?.at ?? Infinity) <= timer.at) place -= 1
    timers.splice(place, 0, timer)
    return () => {
      timer.task = null
    }
  }
  return {
    now: () => now,
    after,
    wait: (ms) =>
      new Promise((resolve) => {
        after(ms, resolve)
      }),
    step() {
      for (let timer = timers.pop(); timer; timer = timers.pop()) {
        const { task } = timer
        if (!task) continue
        now = timer.at
        task()
        return true
      }
      return false
    },
  }
}

/** A story told on a clock of its own. */
export interface Tale {
  readonly clock: Clock
  readonly done: Promise<void>
}

/** Tales that are told side by side: each turn of the event loop moves each of them by one timer. */
const SIDE_BY_SIDE = 64

/**
 * Tell tales to their ends. They share nothing, so their clocks need not agree. What a timer sets going in promises is
 * over before the next timer runs: a turn of the event loop comes after all of them.
 */
export async function tellAll(tales: Iterator<Tale>): Promise<void> {
  const open = new Set<Tale>()
  const failures: unknown[] = []
  const more = (): void => {
    for (let next = tales.next(); !next.done; next = tales.next()) {
      const tale = next.value
      open.add(tale)
      tale.done.then(
        () => open.delete(tale),
        (error: unknown) => failures.push(error),
      )
      if (open.size >= SIDE_BY_SIDE) return
    }
  }
  more()
  while (open.size > 0) {
    await turn()
    if (failures.length > 0) throw failures[0]
    for (const tale of open) {
      if (!tale.clock.step()) throw new Error('A page waits for something that will never come.')
    }
    if (open.size < SIDE_BY_SIDE) more()
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
