import type { FailureKind } from './failure.ts'

/** What is believed of a route right now. */
export interface RouteHealth {
  /** Probability that it is bad, 0 to 1. */
  readonly pBad: number
  readonly state: 'good' | 'suspect' | 'probing' | 'held' | 'disabled'
  /** Epoch ms until which it is not tried. */
  readonly heldUntil: number | null
  /** Measured wait to the first content, ms; null before the first one. */
  readonly firstChunkMs: readonly [p50: number, p90: number] | null
  readonly lastFailure: FailureKind | null
}
