import type { RouteHealth } from '@rungs/core'
import { useMemo, useSyncExternalStore } from 'react'
import { useProvided } from './LLMContext.ts'
import type { AnyLLM, RegisteredLLM, RouteOf } from './register.ts'

type Health = Readonly<Record<string, RouteHealth>>

/**
 * Every route's health as this browser sees it, or one route's. It changes as runs teach it, and as time
 * passes.
 *
 * @throws a TypeError without an `LLMProvider`
 * @example
 * const { state } = useRouteHealth('ours')
 */
export function useRouteHealth<Llm extends AnyLLM = RegisteredLLM>(): {
  readonly [Name in RouteOf<Llm>]: RouteHealth
}
export function useRouteHealth<Llm extends AnyLLM = RegisteredLLM>(route: RouteOf<Llm>): RouteHealth
// Inside, names are strings, as in useLLM.
export function useRouteHealth(route?: string): Health | RouteHealth | undefined {
  const { health } = useProvided()
  const watch = useMemo(() => createWatch(health), [health])
  const all = useSyncExternalStore(watch.subscribe, watch.get, () => health.getInitialState())
  return route === undefined ? all : all[route]
}

/**
 * Until somebody subscribes, the store looks anew each time that it is read, and what fades has changed by
 * then; React has to be given the same until it is told of a change.
 */
function createWatch(health: AnyLLM['health']): {
  readonly subscribe: (onChange: () => void) => () => void
  readonly get: () => Health
} {
  let held: Health | undefined
  return {
    get: () => (held ??= health.getState()),
    subscribe(onChange) {
      const look = (): void => {
        held = undefined
        onChange()
      }
      const unsubscribe = health.subscribe(look)
      // What came between rendering and now.
      look()
      return unsubscribe
    },
  }
}
