/** The browser's clock and timers, and a way to go ahead of them. */
export interface Skipping {
  readonly now: () => number
  readonly after: (ms: number, task: () => void) => () => void
  /** Go ahead by so long: every timer that is due until then runs at its own moment. */
  readonly skip: (ms: number) => void
}

export function createSkipping(): Skipping {
  interface Timer {
    readonly at: number
    readonly task: () => void
    handle: ReturnType<typeof setTimeout> | undefined
  }
  const timers = new Set<Timer>()
  let aheadMs = 0
  const now = (): number => performance.timeOrigin + performance.now() + aheadMs
  function fire(timer: Timer): void {
    clearTimeout(timer.handle)
    if (timers.delete(timer)) timer.task()
  }
  function arm(timer: Timer): void {
    clearTimeout(timer.handle)
    timer.handle = setTimeout(fire, timer.at - now(), timer)
  }
  return {
    now,
    after(ms, task) {
      const timer: Timer = { at: now() + ms, task, handle: undefined }
      timers.add(timer)
      arm(timer)
      return () => {
        clearTimeout(timer.handle)
        timers.delete(timer)
      }
    },
    skip(ms) {
      const until = now() + ms
      for (;;) {
        const next = [...timers].toSorted((one, other) => one.at - other.at)[0]
        if (!next || next.at > until) break
        aheadMs += Math.max(0, next.at - now())
        fire(next)
      }
      aheadMs += Math.max(0, until - now())
      for (const timer of timers) arm(timer)
    },
  }
}
