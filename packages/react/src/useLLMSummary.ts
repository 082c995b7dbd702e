import type { Summary } from '@rungs/core'
import { useMemo, useSyncExternalStore } from 'react'
import { useProvided } from './LLMContext.ts'
import type { AnyLLM } from './register.ts'

/**
 * The team's questions, answered for this browser: `llm.summary()`, looked at again whenever a run has ended. Null
 * until the first is there, and while there is none to be had.
 *
 * @throws a TypeError without an `LLMProvider`
 * @example
 * const summary = useLLMSummary()
 * <p>{summary?.runs} questions so far</p>
 */
export function useLLMSummary(): Summary | null {
  const llm = useProvided()
  const watch = useMemo(() => createWatch(llm), [llm])
  return useSyncExternalStore(watch.subscribe, watch.get, () => null)
}

function createWatch(llm: AnyLLM): {
  readonly subscribe: (onChange: () => void) => () => void
  readonly get: () => Summary | null
} {
  let summary: Summary | null = null
  let looks = 0
  async function look(onChange: () => void): Promise<void> {
    looks += 1
    const mine = looks
    const seen = await llm.summary().catch(() => null)
    // Of two that are on their way, the later asked is the newer.
    if (seen === null || mine !== looks) return
    summary = seen
    onChange()
  }
  return {
    get: () => summary,
    subscribe(onChange) {
      void look(onChange)
      return llm.subscribe(({ type }) => {
        if (type === 'settled') void look(onChange)
      })
    },
  }
}
