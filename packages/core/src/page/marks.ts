/**
 * A measure on a track of its own in Chromium's performance panel, and among the user timings of every other. It is
 * taken off the page's own timeline at once, which would grow with each; who records or observes has it.
 */
export function measure(name: string, from: number, to: number): void {
  if (!('document' in globalThis)) return
  const { timeOrigin } = performance
  const detail = { devtools: { dataType: 'track-entry', track: 'Rungs' } }
  try {
    performance.measure(name, {
      start: Math.max(0, from - timeOrigin),
      end: Math.max(0, to - timeOrigin),
      detail,
    })
    performance.clearMeasures(name)
  } catch {
    // Simulated documents have no user timing; a picture of a run is worth no run.
  }
}
