/** Time as a scenario counts it: `scale` real milliseconds pass for each of its own. */
export interface Clock {
  readonly scale: number
  /** Since the clock was made, in the scenario's milliseconds. */
  now(): number
  wait(ms: number): Promise<void>
}

export function createClock(scale: number): Clock {
  const start = performance.now()
  return {
    scale,
    now: () => (performance.now() - start) / scale,
    wait: (ms) =>
      new Promise((resolve) => {
        setTimeout(resolve, ms * scale)
      }),
  }
}
