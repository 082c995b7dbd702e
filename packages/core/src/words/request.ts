import type { Message } from './message.ts'
import type { Limits } from './policy.ts'
import type { OutputSchema } from './schema.ts'

export interface Tool {
  readonly description: string
  readonly input: OutputSchema
}

/** One request of one user. */
export interface RunRequest<
  Job extends string = string,
  Level extends string = string,
  Output = unknown,
> {
  readonly workload: Job
  /** Required when the config has tiers and no `defaultTier`: a forgotten tier must not drop its region and compliance. */
  readonly tier?: Level | undefined
  /** Where in the product the run was started, such as `sidebar`: at most 64 of `[\w.:/@-]`. */
  readonly surface?: string | undefined
  /**
   * Runs that belong together: a conversation, an agent's loop. A new run of a thread supersedes the
   * active one.
   */
  readonly thread?: string | undefined
  /** The conversation so far. Give this, `prompt`, or both (the prompt is then the last message). */
  readonly messages?: readonly Message[] | undefined
  readonly prompt?: string | undefined
  /** Instructions that go before every message. */
  readonly system?: string | undefined
  /** Tools by name. The caller executes them and sends the results in the next run. */
  readonly tools?: Readonly<Record<string, Tool>> | undefined
  /** The answer must be JSON that this accepts; anything else is `invalid-response`. */
  readonly output?: OutputSchema<Output> | undefined
  readonly maxOutputTokens?: number | undefined
  readonly temperature?: number | undefined
  readonly reasoning?: 'none' | 'low' | 'medium' | 'high' | undefined
  /** May only tighten what the workload and tier allow; loosening is a TypeError. */
  readonly limits?: Limits | undefined
  /**
   * Whether someone can answer a question now. Default false: every question is answered no, at once.
   */
  readonly canConfirm?: boolean | (() => boolean) | undefined
  /** Aborting it stops the run and keeps what there is. */
  readonly signal?: AbortSignal | undefined
  /** `event.timeStamp` of the gesture that asked (ms on the page's own clock); where perceived time starts. */
  readonly gestureAt?: number | undefined
  /** Said of this run in reports: names with a name, a number or a flag each, at most 16 with the config's own. */
  readonly attributes?: Readonly<Record<string, string | number | boolean>> | undefined
}
