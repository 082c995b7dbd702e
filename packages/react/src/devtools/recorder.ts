import type { RouteHealth } from '@rungs/core'
import type { AnyLLM } from '../register.ts'
import { reduceRuns, type RunRecord } from './record.ts'

/** Nobody reads faster than this, ms. */
const PUBLISH_MS = 100
const SAMPLE_MS = 1_000
/** Five minutes. */
const MOST_SAMPLES = 300

export type Health = Readonly<Record<string, RouteHealth>>

export interface Sample {
  /** Epoch ms. */
  readonly at: number
  readonly health: Health
}

export interface Snapshot {
  readonly runs: readonly RunRecord[]
  /** Every route's health once a second, while somebody watched. */
  readonly samples: readonly Sample[]
  readonly health: Health
}

export interface Recorder {
  readonly getSnapshot: () => Snapshot
  readonly subscribe: (listener: () => void) => () => void
  /** Record runs until the returned function is called. */
  readonly listen: () => () => void
  /** Follow the health of routes until the returned function is called. */
  readonly watch: () => () => void
  readonly clear: () => void
}

export const NOTHING: Snapshot = { runs: [], samples: [], health: {} }

/** What there is to show of an LLM. It does nothing before `listen`. */
export function createRecorder(llm: AnyLLM): Recorder {
  let snapshot = NOTHING
  let { runs } = NOTHING
  let timer: ReturnType<typeof setTimeout> | null = null
  const listeners = new Set<() => void>()
  function publish(next: Partial<Snapshot>): void {
    snapshot = { ...snapshot, ...next }
    for (const listener of listeners) listener()
  }
  function publishSoon(): void {
    timer ??= setTimeout(() => {
      timer = null
      publish({ runs })
    }, PUBLISH_MS)
  }
  return {
    getSnapshot: () => snapshot,
    subscribe(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    listen: () =>
      llm.subscribe((event) => {
        runs = reduceRuns(runs, event)
        publishSoon()
      }),
    watch() {
      let next: ReturnType<typeof setTimeout>
      const show = (): void => {
        publish({ health: llm.health.getState() })
      }
      function sample(): void {
        const health = llm.health.getState()
        const samples = [...snapshot.samples, { at: Date.now(), health }].slice(-MOST_SAMPLES)
        publish({ health, samples })
        next = setTimeout(sample, SAMPLE_MS)
      }
      const unsubscribe = llm.health.subscribe(show)
      show()
      next = setTimeout(sample, SAMPLE_MS)
      return () => {
        clearTimeout(next)
        unsubscribe()
      }
    },
    clear() {
      runs = []
      publish({ runs })
    },
  }
}
