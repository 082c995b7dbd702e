import { onINP } from 'web-vitals/attribution/onINP.js'
import type { Inp, Strain, Strained, Vitals } from '../words/world.ts'

/** The shortest interaction that browsers tell of: so that most runs with one are known to have had one. */
const SHORTEST_MS = 16
/** What reading a stream is called by in Chromium's long frames (measured in Chromium 156). */
const READING = 'ReadableStreamDefaultReader.read'

type Attribution = Parameters<Parameters<typeof onINP>[0]>[0]['attribution']

interface Watch {
  readonly from: number
  until: number
  strain: Strain
}

const none: Strain = { longFrames: null, blockingMs: null, streamMs: null, inpMs: null }

/**
 * The browser's own figures of how the page answers: long frames and interactions while somebody watches, and the
 * page's INP, whenever web-vitals has it. This is the only file that knows web-vitals, and is loaded when it is needed.
 */
export function createVitals(): Vitals {
  const watches = new Set<Watch>()
  const listeners = new Set<(inp: Inp) => void>()
  const observers: PerformanceObserver[] = []
  let isReporting = false

  const add = (
    { startTime, duration }: PerformanceEntry,
    change: (strain: Strain) => Partial<Strain>,
  ): void => {
    for (const watch of watches) {
      if (startTime > watch.until || startTime + duration < watch.from) continue
      watch.strain = { ...watch.strain, ...change(watch.strain) }
    }
  }
  const takeFrame = (entry: PerformanceEntry): void => {
    const blockingMs = figure(entry, 'blockingDuration')
    const streamMs = readingMs(entry)
    add(entry, (strain) => ({
      longFrames: (strain.longFrames ?? 0) + 1,
      blockingMs: (strain.blockingMs ?? 0) + blockingMs,
      streamMs: (strain.streamMs ?? 0) + streamMs,
    }))
  }
  const takeEvent = (entry: PerformanceEntry): void => {
    // Hovering and the like are no interactions.
    if (figure(entry, 'interactionId') === 0) return
    add(entry, ({ inpMs }) => ({ inpMs: Math.max(inpMs ?? 0, entry.duration) }))
  }
  const kinds = [
    ['long-animation-frame', takeFrame],
    ['event', takeEvent],
  ] as const
  const hasFrames = PerformanceObserver.supportedEntryTypes.includes('long-animation-frame')

  /** Only while somebody watches: an observer costs with each entry. */
  function connect(): void {
    for (const [type, take] of kinds) {
      if (!PerformanceObserver.supportedEntryTypes.includes(type)) continue
      const observer = new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) take(entry)
      })
      // What was before is told too; `add` leaves out what is no watcher's. Not every browser's types know the last.
      const options = { type, buffered: true, durationThreshold: SHORTEST_MS }
      observer.observe(options)
      observers.push(observer)
    }
  }
  function drain(): void {
    for (const [index, observer] of observers.entries()) {
      const [, take] = kinds[index] ?? []
      for (const entry of observer.takeRecords()) take?.(entry)
    }
  }
  return {
    watch(from): Strained {
      const watch: Watch = {
        from,
        until: Number.POSITIVE_INFINITY,
        strain: hasFrames ? { ...none, longFrames: 0, blockingMs: 0, streamMs: 0 } : none,
      }
      watches.add(watch)
      if (observers.length === 0) connect()
      return {
        read() {
          drain()
          return watch.strain
        },
        end(at) {
          watch.until = at
        },
        stop() {
          watches.delete(watch)
          if (watches.size > 0) return
          for (const observer of observers.splice(0)) observer.disconnect()
        },
      }
    },
    onInp(listener) {
      listeners.add(listener)
      // It cannot be told to stop, so it is begun once.
      if (!isReporting) {
        onINP(({ value, attribution }) => {
          const { interactionTime } = attribution
          if (interactionTime === undefined) return
          for (const one of listeners) {
            one({ at: interactionTime, ms: value, part: longestPart(attribution) })
          }
        })
      }
      isReporting = true
      return () => {
        listeners.delete(listener)
      }
    },
  }
}

function longestPart(attribution: Attribution): Inp['part'] {
  const { inputDelay, processingDuration, presentationDelay } = attribution
  const longest = Math.max(inputDelay, processingDuration, presentationDelay)
  if (longest === inputDelay) return 'input'
  return longest === processingDuration ? 'processing' : 'presentation'
}

/** How long the scripts of a long frame ran that read a stream. */
function readingMs(frame: PerformanceEntry): number {
  const scripts: unknown = Reflect.get(frame, 'scripts')
  if (!Array.isArray(scripts)) return 0
  return scripts
    .filter((script) => String(Reflect.get(script, 'invoker')).startsWith(READING))
    .reduce((sum, script) => sum + figure(script, 'duration'), 0)
}

/** A number that not every browser's entries have; 0 without. */
function figure(entry: object, name: string): number {
  const value: unknown = Reflect.get(entry, name)
  return typeof value === 'number' ? value : 0
}
