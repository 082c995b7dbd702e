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
