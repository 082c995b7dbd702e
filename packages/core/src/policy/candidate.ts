import type { FailureKind } from '../words/failure.ts'
import type { Expected } from '../words/policy.ts'
import type { Ability } from '../words/route.ts'
import type { Rung } from '../words/rung.ts'
import type { Availability } from '../words/wire.ts'
import type { Left } from './budget.ts'
import type { Terms } from './limits.ts'

/** What one request asks of a route. */
export interface Needs {
  readonly abilities: readonly Ability[]
  /** Tokens sent and asked for. */
  readonly contextTokens: number
}

/** A route with all that is known of it at this moment. */
export interface Candidate<Name extends string = string> extends Rung<Name> {
  readonly expected: Expected
  /** When its whole answer is likely there, ms from the start; null where nobody knows how fast it writes. */
  readonly wholeMs: number | null
  readonly hold: { readonly until: number; readonly kind: FailureKind } | null
  readonly isTried: boolean
  /** How probable it is that the route is bad now, and what says so where that is too much. */
  readonly pBad: number
  readonly suspectedBy: 'belief' | 'hint'
  /** It was bad for long, is good again, and is gone back to later, so that not all clients do at once. */
  readonly isReturning: boolean
  /** Believed bad, and the next run is to find out: a real request every now and then. */
  readonly isProbeDue: boolean
  /** Epoch ms at which it is next tried, where that is known. */
  readonly backAt: number | null
  readonly availability: Availability
  /** What would have to be downloaded first. */
  readonly downloadBytes: number
}

export interface PlanInput<Name extends string = string> {
  readonly terms: Terms<Name>
  readonly candidates: ReadonlyMap<Name, Candidate<Name>>
  readonly needs: Needs
  readonly isOnline: boolean
  readonly now: number
  /** The route that the thread is with, in the middle of a tool's use. */
  readonly kept: Name | null
  /** What is left of the cost limits of run and thread, USD; Infinity without one. */
  readonly leftUsd: number
  /** What is left of the time limits of run and thread; Infinity without one. */
  readonly leftMs: number
  /** What is left of the thread's own limits. */
  readonly thread: { readonly usd: number; readonly ms: number }
  /** What is left of the user's budget. */
  readonly budget: Left
}
