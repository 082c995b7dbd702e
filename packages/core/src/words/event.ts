import type { Failure, FailureKind } from './failure.ts'
import type { Part, ToolCall } from './message.ts'
import type { Confirmation, Degraded, Move, Plan } from './policy.ts'

/** Input counts cached input, output counts reasoning; the other two say how much of it that was. */
export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly reasoningTokens?: number
  readonly cachedTokens?: number
}

/** Why an answer ended. `refused`: the model declined in its own words. `filtered`: the provider cut it. */
export type Finish = 'stop' | 'length' | 'tool-calls' | 'refused' | 'filtered' | 'truncated'

/** Whether the provider may charge for an attempt. */
export type Billing = 'none' | 'billed' | 'possible'

/** One try of one route inside a run. Durations are ms from the attempt's start. */
export interface Attempt<Name extends string = string> {
  /** 1, 2, 3 … */
  readonly attempt: number
  readonly route: Name
  readonly why: 'first' | 'next' | 'retry' | 'probe' | 'hedge' | 'confirmed' | 'hold-out'
  /** Epoch ms. */
  readonly startedAt: number
  readonly headersMs: number | null
  readonly firstContentMs: number | null
  readonly totalMs: number | null
  /** Null for one that answered, and for one that was ended because another answered first. */
  readonly failure: Failure<Name> | null
  /** What was done about the failure. */
  readonly move: Move<Name> | null
  readonly usage: Usage | null
  /** By its usage, without one by what was reckoned. Null when the price is unknown. */
  readonly costUsd: number | null
  readonly billing: Billing
  /** Malformed events passed over. */
  readonly skippedEvents: number
  /**
   * The host's name of the model that answered, only where it is another one than was asked for: a gateway's
   * own fallback, a model that was retired, an alias that has moved on.
   */
  readonly servedModel?: string
}

/** What the user waited, in ms from the gesture, or from `run()` where no gesture was given. */
export interface Latency {
  readonly firstContentMs: number | null
  /** Null until a view notes it; a hidden page never paints. */
  readonly firstPaintMs: number | null
  readonly paintedBy: 'element' | 'resize' | 'hidden' | 'miss' | 'none'
  readonly longestGapMs: number
  readonly totalMs: number | null
  readonly hiddenMs: number
}

/** How a run ended. */
export interface Outcome<Name extends string = string, Output = unknown> {
  /**
   * `completed`: a whole answer. `partial`: stopped short by a failure and kept. `safe`: the canned
   * answer. `failed`: no answer. `stopped`, `superseded`, `abandoned`: ended by the user.
   */
  readonly status:
    | 'completed'
    | 'partial'
    | 'safe'
    | 'failed'
    | 'stopped'
    | 'superseded'
    | 'abandoned'
  /** What stood on the screen last, in every status; a refusal's own words are text. */
  readonly text: string
  /** What to append to the next request's messages. */
  readonly message: { readonly role: 'assistant'; readonly content: readonly Part[] }
  /** Validated against `output`; null without one, or when not completed. */
  readonly object: Output | null
  /** Who answered; null when nobody did. */
  readonly route: Name | null
  readonly finish: Finish | null
  readonly degraded: Degraded<Name> | null
  /** True when the answer's route is below the tier's `reviewBelow`. */
  readonly review: boolean
  readonly attempts: readonly Attempt<Name>[]
  readonly usage: Usage | null
  /** Of every attempt; null when a price is unknown. */
  readonly costUsd: number | null
  readonly latency: Latency
  /** What ended it; for `safe` and `partial`, what led there; null when completed or left by the user. */
  readonly failure: Failure<Name> | null
}

/** What a screen draws. */
export interface RunState<Name extends string = string, Output = unknown> {
  /** `submitted` before text, `streaming` after, `ready` when idle or settled, `error` when failed. */
  readonly status: 'ready' | 'submitted' | 'streaming' | 'error'
  readonly phase:
    | 'idle'
    | 'connecting'
    | 'waiting'
    | 'streaming'
    | 'switching'
    | 'asking'
    | 'paused'
    | 'settled'
  readonly text: string
  readonly parts: readonly Part[]
  /** As much of the structured output as has come, what a stop left included; checked once the run is completed. */
  readonly object: unknown
  /** The route in use, or the one that answered. */
  readonly route: Name | null
  readonly attempts: readonly Attempt<Name>[]
  readonly degraded: Degraded<Name> | null
  readonly confirmation: Confirmation<Name> | null
  /** Waiting longer than the route's p90. */
  readonly isSlow: boolean
  /** 0 to 1 while a model is being fetched to the device, else null. */
  readonly download: number | null
  /** The newest failure of this run; null once a run completes. */
  readonly failure: Failure<Name> | null
  readonly outcome: Outcome<Name, Output> | null
  readonly latency: Latency
  readonly usage: Usage | null
  readonly costUsd: number | null
}

/** Everything that can happen in a run, stamped with its run and its time, ms since the run began. */
export type RunEvent<Name extends string = string> = RunStep<Name> & {
  readonly runId: string
  readonly at: number
}

export type RunStep<Name extends string = string> =
  | {
      readonly type: 'started'
      readonly workload: string
      readonly tier: string | null
      readonly surface: string | null
      readonly thread: string | null
    }
  | { readonly type: 'planned'; readonly plan: Plan<Name> }
  | {
      readonly type: 'attempt-started'
      readonly attempt: number
      readonly route: Name
      readonly why: Attempt['why']
    }
  | { readonly type: 'headers'; readonly attempt: number; readonly status: number }
  /** A model being fetched to the device, 0 to 1. */
  | { readonly type: 'downloading'; readonly attempt: number; readonly loaded: number }
  /** Text that arrived in one network read. `content`, `reasoning`, `tool-call` and `settled` carry what the model said. */
  | { readonly type: 'content'; readonly attempt: number; readonly text: string }
  | {
      readonly type: 'reasoning'
      readonly attempt: number
      readonly text: string
      readonly opaque?: unknown
      readonly madeBy?: { readonly provider: string; readonly model: string }
    }
  | { readonly type: 'tool-call'; readonly attempt: number; readonly call: ToolCall }
  | { readonly type: 'usage'; readonly attempt: number; readonly usage: Usage }
  /** The wait has passed the route's p90. */
  | { readonly type: 'slowed'; readonly attempt: number; readonly expectedMs: number }
  | {
      readonly type: 'attempt-failed'
      readonly attempt: number
      readonly route: Name
      readonly failure: Failure<Name>
      readonly visibleChars: number
      readonly skippedEvents: number
      readonly costUsd: number | null
      readonly billing: Billing
    }
  | {
      readonly type: 'attempt-finished'
      readonly attempt: number
      readonly route: Name
      readonly finish: Finish
      readonly skippedEvents: number
      readonly servedModel?: string
      readonly costUsd: number | null
      readonly billing: Billing
    }
  | {
      readonly type: 'moved'
      readonly move: Move<Name>
      readonly because: string
      readonly degraded: Degraded<Name> | null
    }
  | {
      readonly type: 'held-out'
      readonly attempt: number
      readonly kind: FailureKind
      readonly arm: 'act' | 'hold'
      readonly propensity: number
    }
  | { readonly type: 'asked'; readonly confirmation: Confirmation<Name> }
  | {
      readonly type: 'answered'
      readonly answer: 'yes' | 'no' | 'expired' | 'nobody'
      readonly scope: 'once' | 'session'
    }
  | { readonly type: 'paused'; readonly for: 'online' | 'suspended' }
  | { readonly type: 'resumed'; readonly awayMs: number }
  | { readonly type: 'painted'; readonly by: Latency['paintedBy'] }
  | { readonly type: 'hidden' }
  | { readonly type: 'shown' }
  | {
      readonly type: 'left'
      readonly how: 'unmounted' | 'navigated' | 'closed' | 'hidden'
      readonly isFinal: boolean
    }
  | { readonly type: 'settled'; readonly outcome: Outcome<Name> }
  | { readonly type: 'feedback'; readonly value: Feedback }

/** What only a view can see, given to `run.note`. */
export type Note = Extract<RunStep, { type: 'painted' | 'left' | 'hidden' | 'shown' }>

export type Feedback =
  | {
      readonly signal: 'accepted' | 'copied' | 'edited' | 'regenerated' | 'thumb-up' | 'thumb-down'
    }
  | { readonly custom: string; readonly value: number }

export interface ReadonlyStore<State> {
  getState(): State
  getInitialState(): State
  subscribe(listener: (state: State, previous: State) => void): () => void
}

/** A run under way, and then its record. Iterating replays it from the start; leaving an iteration stops nothing. */
export interface Run<Name extends string = string, Output = unknown> extends AsyncIterable<
  RunEvent<Name>
> {
  readonly id: string
  readonly store: ReadonlyStore<RunState<Name, Output>>
  /** Never rejects. */
  readonly outcome: Promise<Outcome<Name, Output>>
  /** Keeps what there is; resolves when nothing of the run is left. */
  stop(): Promise<void>
  /** Answer the open question with yes; without one, nothing happens. */
  confirm(scope?: 'once' | 'session'): void
  /** Answer the open question with no; without one, nothing happens. */
  decline(): void
  /** What the user made of the answer; joins the run's events, after its end too. */
  feedback(value: Feedback): void
  note(step: Note): void
}
