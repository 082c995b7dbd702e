/** Technical: it broke. Business: it broke a promise of the product. Policy: it must not be done. */
export type FailureClass = 'technical' | 'business' | 'policy'

export type TechnicalKind =
  | 'rate-limit'
  | 'quota-exhausted'
  | 'timeout'
  | 'queue-stall'
  | 'stream-stall'
  | 'outage'
  | 'network'
  | 'offline'
  | 'blocked-request'
  | 'invalid-response'
  | 'truncated'
  | 'auth'
  | 'not-found'
  | 'invalid-request'
  | 'context-length'
  | 'unsupported-capability'
export type BusinessKind = 'budget-breach' | 'latency-ceiling' | 'quality-floor'
export type PolicyKind = 'blocked-content' | 'region-restriction' | 'compliance-mismatch'

/** Why an attempt gave no acceptable answer. */
export type FailureKind = TechnicalKind | BusinessKind | PolicyKind

/** How far the attempt had come: no request sent, no content yet, content on the screen, a whole answer. */
export type FailurePhase = 'before-request' | 'before-content' | 'streaming' | 'after-answer'

/**
 * Why an attempt gave no acceptable answer. Plain data: it can be stored, compared and sent. It never
 * holds a provider's words, a prompt, a URL or a key.
 */
export interface Failure<Route extends string = string> {
  readonly class: FailureClass
  readonly kind: FailureKind
  readonly phase: FailurePhase
  /** The route that was tried; null when no route could be. */
  readonly route: Route | null
  readonly provider: string | null
  /** HTTP status, where there was one. */
  readonly status?: number
  /** The provider's own machine-readable code, if it is one we know; else absent. */
  readonly code?: string
  /** How long the provider asks to be left alone, in ms. */
  readonly retryAfterMs?: number
  readonly requestId?: string
  /** One fixed sentence for each kind, in words a person can act on. */
  readonly message: string
}
