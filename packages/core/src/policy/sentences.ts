import type { FailureClass, FailureKind } from '../words/failure.ts'

/** What a person is told of each kind: what broke, and what they can do. Never a provider's words. */
export const SENTENCES: { readonly [Kind in FailureKind]: string } = {
  'rate-limit': 'The service is getting too many requests; try again later.',
  'quota-exhausted': 'The account has no credit left; top it up.',
  timeout: 'The service did not answer in time; try again.',
  'queue-stall': 'The service did not start its answer; try again.',
  'stream-stall': 'The answer stopped coming; try again.',
  outage: 'The service is down; try again later.',
  network: 'The service could not be reached; check the connection.',
  offline: 'You are offline; check the connection.',
  'blocked-request': 'The browser could not send the request; check CORS and CSP.',
  'invalid-response': 'The answer was not usable; try again.',
  truncated: 'The answer was cut off; try again.',
  auth: 'The service refused the key; check it.',
  'not-found': 'The service has no such model or address; check the name.',
  'invalid-request': 'The service refused the request; change it.',
  'context-length': 'The request is too long for the model; shorten it.',
  'unsupported-capability': 'The model could not do this; use another.',
  'budget-breach': 'The answer would cost too much; ask for less.',
  'latency-ceiling': 'The answer took too long; try again.',
  'quality-floor': 'The answer was not good enough; try again.',
  'blocked-content': 'The service refused the content; change it.',
  'region-restriction': 'The service is not for this region; use another.',
  'compliance-mismatch': 'The service is not for this data; use another.',
}

export function classOf(kind: FailureKind): FailureClass {
  if (/^(?:budget|latency|quality)/.test(kind)) return 'business'
  return /content|region|compliance/.test(kind) ? 'policy' : 'technical'
}
