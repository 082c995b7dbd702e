import type { RunState } from '@rungs/core'
import { useCallback, useMemo, useSyncExternalStore } from 'react'
import { useProvided } from './LLMContext.ts'
import type { AnyLLM, RegisteredLLM, RouteOf } from './register.ts'
import { sharedSeat } from './session/seat.ts'
import { nothing, type Shown } from './session/session.ts'

/**
 * A part of the run that the components with this `id` show, such as a badge draws. Renders only when
 * `select` gives something else (by `Object.is`), not with each piece of text; select what changes seldom,
 * for it renders at once. It counts as one of these components: the run of an `id` ends when the last has gone.
 *
 * @throws a TypeError without an `LLMProvider`
 * @example
 * const route = useLLMSelector('help', (state) => state.route)
 */
export function useLLMSelector<Selected, Llm extends AnyLLM = RegisteredLLM>(
  id: string,
  select: (state: RunState<RouteOf<Llm>>) => Selected,
): Selected
// Inside, names are strings, as in useLLM.
export function useLLMSelector(id: string, select: (state: RunState) => unknown): unknown {
  const llm = useProvided()
  const seat = useMemo(() => sharedSeat(llm, id, null), [llm, id])
  const choose = useMemo(() => createChoice(select), [select])
  const subscribe = useCallback(
    (onChange: () => void) =>
      seat.join({
        onUrgent: onChange,
        onMore: onChange,
        // Who looks at a part of a run does not make it faster for the others.
        throttleMs: Infinity,
        onUnmount: 'stop',
      }),
    [seat],
  )
  const { state } = useSyncExternalStore(
    subscribe,
    () => choose(seat.session().newest()),
    () => nothing,
  )
  return select(state)
}

/** Of what comes, only what changes the choice; else what was there. */
function createChoice(select: (state: RunState) => unknown): (next: Shown) => Shown {
  let last = nothing
  return (next) => {
    if (next !== last && !Object.is(select(next.state), select(last.state))) last = next
    return last
  }
}
