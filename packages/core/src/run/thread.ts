import type { Limits } from '../words/policy.ts'
import { recent } from './recent.ts'

/** What the runs of one thread have taken together, for as long as the page lives. */
export interface Thread {
  /** What is left of its limits, USD and ms; Infinity where there is none. */
  left(limits: Limits): { readonly usd: number; readonly ms: number }
  spend(usd: number): void
  /** Tell a run of the thread, `activeMs` its clock. */
  timed<Step, Ending>(
    told: AsyncGenerator<Step, Ending, void>,
    activeMs: () => number,
  ): AsyncGenerator<Step, Ending, void>
}

function createThread(): Thread {
  let spentUsd = 0
  let pastMs = 0
  /** More than one, where a new run begins before the one that it supersedes is over. */
  const clocks = new Set<() => number>()
  return {
    left({ thread: { costUsd = Infinity, totalMs = Infinity } = {} }) {
      const ms = [...clocks].reduce((sum, activeMs) => sum + activeMs(), pastMs)
      return { usd: costUsd - spentUsd, ms: totalMs - ms }
    },
    spend(usd) {
      spentUsd += usd
    },
    async *timed(told, activeMs) {
      clocks.add(activeMs)
      try {
        return yield* told
      } finally {
        clocks.delete(activeMs)
        pastMs += activeMs()
      }
    },
  }
}

/** The threads of one LLM, by name; a run of none is a thread of its own. */
export function createThreads(): (name: string | null) => Thread {
  const threads = new Map<string, Thread>()
  return (name) => (name === null ? createThread() : recent(threads, name, createThread))
}
