import type { Failure } from '../words/failure.ts'
import type { Confirmation, Move, Tradeoff } from '../words/policy.ts'
import type { Candidate } from './candidate.ts'
import type { Terms } from './limits.ts'

/** What there is to decide upon. */
export interface Situation<Name extends string = string> {
  readonly failure: Failure<Name>
  /** The route that failed; null when none could be tried. */
  readonly failed: Candidate<Name> | null
  /**
   * Acceptable and untried: the ladder in its order, then routes that only `on` names. No move leaves
   * this set, except back to the route that failed, or to safe.
   */
  readonly open: readonly Candidate<Name>[]
  readonly terms: Terms<Name>
  /** Characters of the failed attempt that the user sees. */
  readonly visibleChars: number
  /** Some attempt's text is on the screen, and may stay there. */
  readonly hasText: boolean
  /** That text is a whole answer that was only not good enough. */
  readonly hasDraft: boolean
  /** A structured answer or a tool call is under way: half of it is worth nothing. */
  readonly isStructured: boolean
  readonly canAsk: boolean
  /** What is left of the run's time. */
  readonly leftMs: number
  readonly attemptsLeft: number
  /** This kind has failed before in this run. */
  readonly isRepeat: boolean
  readonly retry: Retry
  /** 0 up to 1. */
  readonly jitter: number
}

/** What speaks for and against the same route again. */
export interface Retry {
  /** It would be acceptable, had it not been tried. */
  readonly isAcceptable: boolean
  /** The budget of retries has one. */
  readonly isAffordable: boolean
  readonly hasChangedCredential: boolean
  readonly lastedMs: number
  readonly tries: number
}

/** A move, or the wish to put one to the user first. */
export type Decision<Name extends string = string> = {
  readonly move:
    | Exclude<Move<Name>, { to: 'ask' }>
    /** Ask before this move; no means `declineTo`. */
    | {
        readonly to: 'ask'
        readonly about: Confirmation['about']
        readonly route: Name
        readonly declineTo: Confirmation<Name>['declineTo']
        readonly agreed: Extract<Move<Name>, { to: 'route' | 'retry' }>
        /** What it changes, where that is not what the route changes against the promised one. */
        readonly tradeoff?: Tradeoff
      }
  readonly because: string
}
