import type { FailureKind } from '../words/failure.ts'

/** More malformed events than this and a stream is not to be trusted. */
export const SKIPPED_EVENTS = 3

/** What is known of something that broke, before it is classified. */
export type Evidence =
  /** An HTTP answer that is not a success. `headers` has lower-case names; `body` is cut at 64 KiB. */
  | {
      readonly from: 'status'
      readonly status: number
      readonly headers: Readonly<Record<string, string>>
      readonly body: string
    }
  /** An error inside a stream or a body that began as a success: the parsed payload, or its text. */
  | { readonly from: 'event'; readonly error: unknown }
  /** `fetch` rejected, or the body broke off. `isOnline` and `isBlocked` as the page saw it then. */
  | {
      readonly from: 'transport'
      readonly isOnline: boolean
      readonly isBlocked: boolean
    }
  /** The server answered with a redirect, which is not followed. */
  | { readonly from: 'redirect' }
  /** Our own judgement: a deadline, a missing end, a wrong shape. */
  | { readonly from: 'judgement'; readonly kind: FailureKind; readonly status?: number }
  /** What the request needs was not to be had (a credential, an address), so nothing was sent. */
  | { readonly from: 'unsent'; readonly kind: FailureKind }

/** What a wire or a watchdog throws: evidence, for `classify` to read. Its message never quotes a provider. */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly evidence: Evidence
  constructor(evidence: Evidence) {
    super(`an attempt broke (${evidence.from})`)
    this.evidence = evidence
  }
}

/** An attempt is over because we say so: shorthand for a `judgement`. */
export function judged(kind: FailureKind, status?: number): Fault {
  return new Fault({ from: 'judgement', kind, ...(status === undefined ? {} : { status }) })
}
