import type { Feedback, Run, RunRequest } from '@rungs/core'
import type { AnyLLM, RegisteredLLM, RouteOf, TierOf, WorkloadOf } from './register.ts'
import type { Seat } from './session/seat.ts'
import { createStart, type Defaults, type SendOptions } from './start.ts'

/** What a component can do with its run. Each verb is the same function from render to render. */
export interface LLMVerbs<Llm extends AnyLLM = RegisteredLLM> {
  /**
   * Start a run and show it in place of the one before, which ends: as `superseded` where both are in one
   * thread, else as `stopped`. A text is the prompt; a request may replace what the hook was given.
   *
   * @throws a TypeError for a request that nothing could serve; what is shown then stays
   */
  readonly send: <Output = never>(
    input: string | Partial<RunRequest<WorkloadOf<Llm>, TierOf<Llm>, Output>>,
    options?: SendOptions,
  ) => Run<RouteOf<Llm>, Output>
  /** Keeps what there is; resolves when nothing of the run is left. */
  readonly stop: () => Promise<void>
  /**
   * Send the last input once more, from the ladder's top, without its gesture and a signal that is aborted.
   * Null when nothing was sent.
   */
  readonly retry: (options?: SendOptions) => Run<RouteOf<Llm>> | null
  /** Answer the open question with yes; without one, nothing happens. */
  readonly confirm: (scope?: 'once' | 'session') => void
  /** Answer the open question with no; without one, nothing happens. */
  readonly decline: () => void
  /** What the user made of the answer. */
  readonly feedback: (value: Feedback) => void
  /** Stop what runs, and show nothing. */
  readonly reset: () => void
  /**
   * Somebody can answer questions from now on, until the returned function is called; else each is answered
   * no, at once. `ConfirmRun` does it while it is mounted, a confirmation of your own with
   * `useEffect(attend, [attend])`.
   */
  readonly attend: () => () => void
}

export function createVerbs(llm: AnyLLM, seat: Seat, defaults: Defaults): LLMVerbs<AnyLLM> {
  const start = createStart(llm, seat, defaults)
  function send<Output>(
    input: string | Partial<RunRequest<string, string, Output>>,
    options?: SendOptions,
  ): Run<string, Output> {
    const run = start(typeof input === 'string' ? { prompt: input } : input, options)
    seat.session().show(run, input)
    return run
  }
  const run = (): Run | null => seat.session().run()
  return {
    send,
    async stop() {
      await run()?.stop()
    },
    retry(options) {
      const input = seat.session().input()
      if (input === null) return null
      if (typeof input === 'string') return send(input, options)
      const { gestureAt: _past, signal, ...again } = input
      return send(signal?.aborted ? again : { ...again, signal }, options)
    },
    confirm: (scope) => run()?.confirm(scope),
    decline: () => run()?.decline(),
    feedback: (value) => run()?.feedback(value),
    reset: () => {
      seat.session().reset()
    },
    attend: () => seat.session().attend(),
  }
}
