import type { Cancel, World } from '../words/world.ts'

/** Longest delay that `setTimeout` keeps; above it the task would run at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1

/** The page's monotonic clock: never goes back, whatever happens to the wall clock. */
export const clock: Pick<World, 'now' | 'timeOrigin' | 'after'> = {
  now: () => performance.timeOrigin + performance.now(),
  timeOrigin: performance.timeOrigin,
  after(ms: number, task: () => void): Cancel {
    const timer = setTimeout(task, Math.min(ms, LONGEST_DELAY_MS))
    return () => {
      clearTimeout(timer)
    }
  },
}

/** A clock that counts from 1970 is far beyond this, ms; one that counts from the page's load never gets there. */
const EPOCH_MS = 1e11

/**
 * When the page's own clock (`event.timeStamp`) was 0, on a clock that is not this one. A clock that begins
 * near 0 is taken for the page's own.
 */
export function timeOriginOn(now: () => number): number {
  const at = now()
  return at < EPOCH_MS ? 0 : at - performance.now()
}
