interface Presented extends PerformanceEntry {
  readonly renderTime: number
  readonly presentationTime?: number
}

/** When the browser says that it presented the answer, ms on the page's clock. */
export function presented(): Promise<number> {
  return new Promise((resolve) => {
    const observer = new PerformanceObserver((list) => {
      const [entry] = list.getEntries()
      if (!isPresented(entry)) return
      observer.disconnect()
      resolve(entry.presentationTime ?? entry.renderTime)
    })
    observer.observe({ type: 'element', buffered: false })
  })
}
function isPresented(entry: PerformanceEntry | undefined): entry is Presented {
  return entry !== undefined && 'renderTime' in entry
}

function work(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

/** How a page is kept busy while an answer comes. */
export interface Load {
  /** Of the answer. */
  readonly pieces: number
  /** Work beside the answer, until the returned function is called. */
  readonly begin: () => () => void
  /** Work after each commit of text. */
  readonly onCommit?: () => void
}
export const LOADS: Readonly<Record<string, Load>> = {
  idle: { pieces: 3, begin: () => () => undefined },
  'work after the commit': {
    pieces: 3,
    begin: () => () => undefined,
    onCommit: () => setTimeout(() => work(100)),
  },
  'work in another animation frame': {
    pieces: 3,
    begin() {
      let frame = requestAnimationFrame(function busy() {
        work(100)
        frame = requestAnimationFrame(busy)
      })
      return () => {
        cancelAnimationFrame(frame)
      }
    },
  },
  'work with every piece': { pieces: 6, begin: () => () => undefined, onCommit: () => work(60) },
  'a burst of small pieces': { pieces: 12, begin: () => () => undefined, onCommit: () => work(8) },
}
