import type { Run, RunRequest } from '@rungs/core'
import type { AnyLLM } from './register.ts'
import type { Seat } from './session/seat.ts'

/** What asked for an answer: an event of the DOM's or of React's. */
export interface Gesture {
  /** ms on the page's own clock. */
  readonly timeStamp: number
}

export interface SendOptions {
  /** Perceived time starts at this event. */
  readonly event?: Gesture | undefined
}

/** What a hook was given for every request. */
export interface Defaults {
  readonly workload: string
  readonly tier: string | undefined
  readonly surface: string | undefined
  readonly thread: string | undefined
  readonly system?: string | undefined
  readonly tools?: RunRequest['tools']
}

export type Start = <Output>(
  request: Partial<RunRequest<string, string, Output>>,
  options?: SendOptions,
) => Run<string, Output>

/** Starts runs: what a request leaves out comes from the hook, and who can answer questions from what is mounted. */
export function createStart(llm: AnyLLM, seat: Seat, defaults: Defaults): Start {
  return (request, { event } = {}) => {
    const { workload = defaults.workload } = request
    seat.check(workload)
    const session = seat.session()
    return llm.run({
      ...request,
      workload,
      tier: request.tier ?? defaults.tier,
      surface: request.surface ?? defaults.surface,
      thread: request.thread ?? defaults.thread,
      system: request.system ?? defaults.system,
      tools: request.tools ?? defaults.tools,
      canConfirm: request.canConfirm ?? session.isAttended,
      gestureAt: event?.timeStamp ?? request.gestureAt,
    })
  }
}
