import type { FailureKind } from './failure.ts'
import type { Message } from './message.ts'
import type { Pace, Route } from './route.ts'

/** What an answer may cost the user and the product. Money is USD, times are ms. */
export interface Limits {
  /** Until the first content of an attempt, as the product promises it; breaking it is `latency-ceiling`. */
  readonly firstChunkMs?: number | undefined
  /** Longest gap between contents. */
  readonly chunkMs?: number | undefined
  /** The whole run, asking and pausing apart. */
  readonly totalMs?: number | undefined
  /** Of the whole run. A route whose price is unknown fits no cost limit. */
  readonly costUsd?: number | undefined
  /** 0 to 1, against a route's declared `quality`. */
  readonly minQuality?: number | undefined
  readonly maxAttempts?: number | undefined
  /** Regions an answer may come from; a route that declares none does not satisfy this. */
  readonly regions?: readonly string[] | undefined
  /** Compliance tags a route must carry, all of them. */
  readonly require?: readonly string[] | undefined
  /**
   * Of all runs of one thread in this page together: their time without asking and pausing, and their cost.
   * Without a `thread` in the request it does nothing.
   */
  readonly thread?: { readonly totalMs?: number; readonly costUsd?: number } | undefined
}

/** Where a move looks for its route. */
export type Direction =
  | 'next'
  | 'faster'
  | 'cheaper'
  | 'stronger'
  | 'larger'
  | 'retry'
  | 'ask'
  | 'safe'
  | 'stop'

/** Per failure kind: a direction, or a list of routes to try in that order. */
export type Rules<Name extends string> = {
  readonly [Kind in FailureKind]?: Direction | readonly NoInfer<Name>[]
}

/**
 * When a tradeoff is put to the user before it is made, against what the preferred route was expected to
 * give. A threshold that is not set notifies and never asks.
 */
export interface Ask {
  /** Ask before waiting longer by more than this, ms. */
  readonly slowerByMs?: number | undefined
  /** Ask before spending more by more than this, USD. */
  readonly costlierByUsd?: number | undefined
  readonly lowerQuality?: boolean | undefined
  /** Another would pay. Default true, even with no `ask` at all. */
  readonly payer?: boolean | undefined
  /** Content would leave the device. Default true, even with no `ask` at all. */
  readonly leavesDevice?: boolean | undefined
  /** A model would be downloaded. Default true, even with no `ask` at all. */
  readonly download?: boolean | undefined
  /** Before the first attempt: a run that will be this slow or dear. No takes the best route under both. */
  readonly first?: { readonly waitMs?: number; readonly costUsd?: number } | undefined
}

/** What a check makes of an answer. `reason` is for the product's own eyes and leaves the page nowhere. */
export type CheckVerdict =
  | { readonly ok: true }
  | {
      readonly ok: false
      readonly reason: string
      /** Default `quality-floor`. */
      readonly kind?: 'quality-floor' | 'blocked-content' | 'invalid-response'
    }

/**
 * Looks at a whole answer before it counts as one. May be a run of its own; `signal` says when nobody waits
 * any more. One that throws, gives no verdict or takes too long has found nothing: the answer passes it.
 */
export type Check = (
  answer: { readonly text: string; readonly message: Message; readonly object: unknown },
  context: { readonly signal: AbortSignal },
) => CheckVerdict | Promise<CheckVerdict>

/** A kind of job in the product. */
export interface Workload<Name extends string, Level extends string = string> {
  /** Routes in order of preference. */
  readonly ladder: readonly NoInfer<Name>[]
  /** A `canned` route: the answer when nothing qualifies. */
  readonly safe?: NoInfer<Name> | undefined
  readonly limits?: Limits | undefined
  readonly on?: Rules<Name> | undefined
  /** Questions arise only where the request says that somebody can answer; elsewhere the answer is no. */
  readonly ask?: Ask | undefined
  /**
   * What happens to text already on the screen when its attempt fails. `restart`: the next route's answer
   * replaces it at its first content, atomically. `keep`: the run ends `partial`. `ask`: the user chooses.
   * Default: `ask` from 300 characters on where somebody can answer, else `restart`.
   */
  readonly recovery?: 'restart' | 'ask' | 'keep' | undefined
  /**
   * What an answer has to pass, in this order (`noRefusal()` before all others); the first miss counts. Tool
   * calls and the safe answer are not checked.
   */
  readonly checks?: readonly Check[] | undefined
  /** Lengthens the deadlines of every route. */
  readonly pace?: Pace | undefined
  /**
   * Where the first content is late, ask a second provider of equal quality as well and take whichever answers
   * first: at most 5 % of runs, and never where the user pays. Default false.
   */
  readonly hedge?: boolean | undefined
  /** Whole ladders against each other: each user gets one arm's, always the same. Shares add up to 1. */
  readonly experiment?:
    | {
        readonly name: string
        readonly arms: Readonly<
          Record<string, { readonly ladder: readonly NoInfer<Name>[]; readonly share: number }>
        >
      }
    | undefined
  /**
   * Falling back, left out at random, so that its effect can be told: in this share of the triggers (at most
   * 0.1) the run keeps waiting, or tries the same route again. Default kinds: all three.
   */
  readonly holdOut?:
    | {
        readonly share: number
        readonly kinds?: readonly ('queue-stall' | 'timeout' | 'outage')[]
        readonly tiers?: readonly NoInfer<Level>[]
      }
    | undefined
}

/** A kind of user. In a client, tiers and limits are product behaviour, not access control. */
export interface Tier<Name extends string, Job extends string> {
  /** Replace the workload's fields one by one; may loosen. */
  readonly limits?: Limits | undefined
  readonly on?: Rules<Name> | undefined
  readonly ask?: Ask | undefined
  readonly allow?: readonly NoInfer<Name>[] | undefined
  readonly deny?: readonly NoInfer<Name>[] | undefined
  readonly ladders?: { readonly [J in Job]?: readonly NoInfer<Name>[] } | undefined
  /** Invariants: no rule, failure or confirmation relaxes them. */
  readonly regions?: readonly string[] | undefined
  readonly require?: readonly string[] | undefined
  /**
   * What one user may cost the product, USD: in a session, which ends when nothing was spent for half an
   * hour, and since midnight UTC. It outlives reloads and holds over tabs. A route that the user pays draws
   * nothing; one whose price is unknown fits no budget. Product behaviour, not access control.
   */
  readonly budget?: { readonly usdPerSession?: number; readonly usdPerDay?: number } | undefined
  /** An answer from a route of lower quality is marked for human review. */
  readonly reviewBelow?: number | undefined
}

export interface Config<Name extends string, Job extends string, Level extends string> {
  readonly routes: { readonly [N in Name]: Route }
  readonly workloads: { readonly [J in Job]: Workload<Name, Level> }
  readonly tiers?: { readonly [L in Level]: Tier<Name, Job> } | undefined
  /** The tier of a run that names none. */
  readonly defaultTier?: NoInfer<Level> | undefined
}

/** A route's health as the product's backend sees it; `asOf` is epoch ms. */
export interface Hint {
  readonly route: string
  readonly pBad: number
  readonly asOf: number
}

/** What is known of a route's health in this browser. */
export interface RouteHealth {
  /** How probable it is that the route is bad now, 0 to 1. */
  readonly pBad: number
  readonly state: 'good' | 'suspect' | 'probing' | 'held' | 'disabled'
  /** Epoch ms; null where the route is not held back, or for as long as the page lives. */
  readonly heldUntil: number | null
  /** Waits to the first content as measured, ms; null before the first. */
  readonly firstChunkMs: readonly [p50: number, p90: number] | null
  readonly lastFailure: FailureKind | null
}

/** Why a route may not serve a request. */
export type WhyNot =
  | 'no-credential'
  | 'offline'
  | 'unavailable'
  | 'cannot-do'
  | 'context-too-small'
  | 'region'
  | 'compliance'
  | 'denied-to-tier'
  | 'too-costly'
  | 'price-unknown'
  | 'over-budget'
  | 'below-quality'
  | 'too-slow'
  | 'held-back'
  | 'unhealthy'
  | 'already-tried'
  | 'no-time-left'

/** What a route is expected to give, and where that comes from. */
export interface Expected {
  /** Wait to the first content, ms. */
  readonly waitMs: readonly [p50: number, p90: number]
  readonly waitFrom: 'measured' | 'declared' | 'prior'
  /** Null when the price is unknown. */
  readonly costUsd: number | null
  readonly quality: number
}

/** For one request: which routes may serve it, in which order, and why each other one may not. */
export interface Plan<Name extends string = string> {
  readonly routes: readonly {
    readonly route: Name
    readonly expected: Expected
    readonly because: string
  }[]
  readonly excluded: readonly {
    readonly route: Name
    readonly why: WhyNot
    readonly because: string
    /** Epoch ms at which this stops being so, where that is known. */
    readonly until?: number
  }[]
  readonly safe: Name | null
  /** The arm of an experiment that this user is in; null outside one. */
  readonly arm: {
    readonly experiment: string
    readonly arm: string
    readonly propensity: number
  } | null
}

export interface Difference<Value> {
  readonly promised: Value
  readonly delivered: Value
}

/** What a route changes for the user against what was promised; only what differs is there. */
export interface Tradeoff {
  readonly waitMs?: Difference<number>
  readonly costUsd?: Difference<number>
  readonly quality?: Difference<number>
  readonly payer?: Difference<'product' | 'user'>
  readonly privacy?: Difference<'device' | 'own' | 'third-party'>
  readonly downloadBytes?: Difference<number>
}

/** The answer does not come from the first rung that the tier and the request permit. */
export interface Degraded<Name extends string = string> {
  readonly from: Name
  readonly to: Name
  readonly cause: FailureKind | 'belief' | 'hold-off' | 'hint' | 'declined' | 'thread'
  /** Epoch ms. */
  readonly since: number
  /** Epoch ms at which the promised route is next tried, where that is known. */
  readonly backAt: number | null
  readonly tradeoff: Tradeoff
}

/** A question put to the user. */
export interface Confirmation<Name extends string = string> {
  readonly about: 'first' | 'tradeoff' | 'recovery'
  readonly route: Name
  readonly cause: FailureKind | null
  readonly tradeoff: Tradeoff
  /** Epoch ms; unanswered by then means no. */
  readonly expiresAt: number
  readonly declineTo: Name | 'keep' | 'safe'
}

/** What the policy does about a failure. */
export type Move<Name extends string = string> =
  | { readonly to: 'retry'; readonly route: Name; readonly delayMs: number }
  | { readonly to: 'route'; readonly route: Name; readonly direction: Direction | 'listed' }
  | { readonly to: 'ask'; readonly confirmation: Confirmation<Name> }
  | { readonly to: 'pause'; readonly for: 'online' }
  | { readonly to: 'keep' }
  | { readonly to: 'safe'; readonly route: Name }
  | { readonly to: 'stop' }
