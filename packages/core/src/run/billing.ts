import { Fault } from '../policy/fault.ts'
import type { Billing } from '../words/event.ts'
import type { Failure } from '../words/failure.ts'

/** What an attempt cost, USD, and whether the provider may charge for it. */
export interface Bill {
  readonly costUsd: number | null
  readonly billing: Billing
}

/** A connection that broke before headers this fast did no work that could be charged. */
const UNBILLED_MS = 2_000

/** Whether a provider may charge for an attempt that failed without a word on its usage. */
export function billingOf(thrown: unknown, failure: Failure, lastedMs: number): Billing {
  if (failure.phase === 'before-request') return 'none'
  // A whole answer is charged, whatever we think of it.
  if (failure.phase === 'after-answer') return 'billed'
  if (failure.phase !== 'before-content') return 'possible'
  const from = thrown instanceof Fault ? thrown.evidence.from : 'event'
  if (from === 'status' || from === 'redirect') return 'none'
  return from === 'transport' && lastedMs < UNBILLED_MS ? 'none' : 'possible'
}
