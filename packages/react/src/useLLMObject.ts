import type { Outcome, OutputSchema, Run, RunRequest } from '@rungs/core'
import { useMemo } from 'react'
import type { AnyLLM, RegisteredLLM, RouteOf, TierOf, WorkloadOf } from './register.ts'
import { useLLM, type UseLLM, type UseLLMOptions } from './useLLM.ts'
import type { SendOptions } from './start.ts'

/** As much of a value as has come: any field may be missing yet, and lists grow. */
export type Streamed<Value> = Value extends readonly (infer Item)[]
  ? readonly Streamed<Item>[]
  : Value extends object
    ? { readonly [Field in keyof Value]?: Streamed<Value[Field]> }
    : Value

export interface UseLLMObjectOptions<
  Output,
  Llm extends AnyLLM = RegisteredLLM,
> extends UseLLMOptions<Llm> {
  /** What the answer must be. Made outside of the component, so that the verbs stay the same. */
  readonly output: OutputSchema<Output>
}

export interface UseLLMObject<Output, Llm extends AnyLLM = RegisteredLLM> extends Omit<
  UseLLM<Llm>,
  'object' | 'outcome' | 'send'
> {
  /**
   * As much as has come, not checked; of a completed run the whole, checked. Null before, and when nothing was kept
   * (a failed run, a safe answer).
   */
  readonly object: Streamed<Output> | null
  readonly outcome: Outcome<RouteOf<Llm>, Output> | null
  /** As in `useLLM`; the answer has to be what `output` says. */
  readonly send: (
    input: string | Partial<Omit<RunRequest<WorkloadOf<Llm>, TierOf<Llm>>, 'output'>>,
    options?: SendOptions,
  ) => Run<RouteOf<Llm>, Output>
}

/**
 * A structured answer as it streams. One that the schema refuses is the failure `invalid-response`, and the
 * next route is asked.
 *
 * @throws a TypeError in the same cases as `useLLM`
 * @example
 * const { object, send } = useLLMObject({ workload: 'recipe', output: Recipe })
 * <h2>{object?.title}</h2>
 */
export function useLLMObject<Output, Llm extends AnyLLM = RegisteredLLM>(
  options: UseLLMObjectOptions<Output, Llm>,
): UseLLMObject<Output, Llm>
// Inside, names are strings, as in useLLM, and what an object is, its schema knows.
export function useLLMObject({
  output,
  ...options
}: UseLLMObjectOptions<unknown, AnyLLM>): UseLLMObject<unknown, AnyLLM> {
  const hook = useLLM<AnyLLM>(options)
  const { send } = hook
  const verbs = useMemo((): Pick<UseLLMObject<unknown, AnyLLM>, 'send'> => {
    return {
      send: (input, sending) =>
        send({ ...(typeof input === 'string' ? { prompt: input } : input), output }, sending),
    }
  }, [send, output])
  return useMemo(() => ({ ...hook, object: hook.object ?? null, ...verbs }), [hook, verbs])
}
