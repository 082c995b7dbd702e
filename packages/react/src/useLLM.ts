import type { RunState } from '@rungs/core'
import { useMemo, type RefCallback } from 'react'
import type { AnyLLM, RegisteredLLM, RouteOf, TierOf, WorkloadOf } from './register.ts'
import { useSession } from './session/useSession.ts'
import { createVerbs, type LLMVerbs } from './verbs.ts'

export interface UseLLMOptions<Llm extends AnyLLM = RegisteredLLM> {
  readonly workload: WorkloadOf<Llm>
  readonly tier?: TierOf<Llm> | undefined
  /** Where in the product this is, such as `sidebar`. */
  readonly surface?: string | undefined
  /** Runs that belong together; a new run of a thread supersedes the active one. */
  readonly thread?: string | undefined
  /** Components with one id show one run. The first that mounts fixes the workload of the id. */
  readonly id?: string | undefined
  /**
   * What becomes of an active run when the last component that shows it has gone. `stop`, the default,
   * ends it as `abandoned`. `keep` lets it run on for whoever mounts with the same `id` later; what it
   * came to stays with the `id` until something else is sent, or `reset`.
   */
  readonly onUnmount?: 'stop' | 'keep' | undefined
  /**
   * At most one render in this time while text streams, ms. Default 50; of several components, the least. With
   * `Infinity` more text does not render this one at all (a list, a toolbar): its `text` is the newest of when something
   * else changed, and another component with the `id` draws the rest.
   */
  readonly throttleMs?: number | undefined
}

/** The run's state, and what can be done with it. */
export type UseLLM<Llm extends AnyLLM = RegisteredLLM> = RunState<RouteOf<Llm>> &
  LLMVerbs<Llm> & {
    /**
     * For the element that shows the answer, so that it is measured when its first text is painted. Without it the
     * next frame counts, whether the answer is in it or scrolled, collapsed or hidden away.
     */
    readonly answerRef: RefCallback<Element>
  }

/**
 * The newest run that this component, or another one with the same `id`, has sent. Nothing is sent by
 * rendering or mounting.
 *
 * @throws a TypeError without an `LLMProvider`, for `keep` without an `id`, and for an `id` that belongs to
 * another workload
 * @example
 * const { text, status, degraded, send, stop } = useLLM({ workload: 'chat' })
 * <button onClick={(event) => send(question, { event })}>Ask</button>
 */
export function useLLM<Llm extends AnyLLM = RegisteredLLM>(options: UseLLMOptions<Llm>): UseLLM<Llm>
// Inside, names are strings: which they are is known to the product's registration alone.
export function useLLM(options: UseLLMOptions<AnyLLM>): UseLLM<AnyLLM> {
  const { workload, tier, surface, thread } = options
  const { llm, seat, shown, answerRef } = useSession(options)
  const { state } = shown
  const verbs = useMemo(
    () => createVerbs(llm, seat, { workload, tier, surface, thread }),
    [llm, seat, workload, tier, surface, thread],
  )
  return useMemo(() => ({ ...state, ...verbs, answerRef }), [state, verbs, answerRef])
}
