import type { Confirmation } from '../words/policy.ts'

/** What a climb asks of the run that it tells. */
export interface RunTools<Name extends string> {
  /** Aborted with `Ended`. */
  readonly signal: AbortSignal
  /** Since the run began, asking and pausing taken out, ms. */
  activeMs(): number
  /** Take time out of the run's: the page slept, ms. */
  passOver(ms: number): void
  ask(confirmation: Confirmation<Name>): Promise<Reply>
  wait(ms: number): Promise<void>
  waitOnline(patienceMs: number): Promise<boolean>
}
/** What came of a question. */
export interface Reply {
  readonly answer: 'yes' | 'no' | 'expired' | 'nobody'
  readonly scope: 'once' | 'session'
}
