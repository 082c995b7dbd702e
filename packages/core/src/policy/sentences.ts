import type { FailureClass, FailureKind } from '../words/failure.ts'

/** What a person is told of each kind: what broke, and what they can do. Never a provider's words. */
export const SENTENCES: { readonly [Kind in FailureKind]: string } = {
  'rate-limit': 'The service is busy; try again later.',
  'quota-exhausted': 'The account is out of credit; use another.',
  timeout: 'The service did not answer in time; try again.',
  'queue-stall': 'The answer did not start in time; try again.',
  'stream-stall': 'The answer did not go on in time; try again.',
  outage: 'The service is down; try again later.',
  network: 'The connection failed; check it and try again.',
  offline: 'You are offline; check the connection.',
  'blocked-request': 'The browser blocked the request; check CORS and CSP.',
  'invalid-response': 'The answer was not usable; try again.',
  truncated: 'The answer was cut off; try again.',
  auth: 'The service refused the key; check the key.',
  'not-found': 'The service has no such model; check the model.',
  'invalid-request': 'The service refused the request; change the request.',
  'context-length': 'The request was too long; shorten the request.',
  'unsupported-capability': 'The model could not do this; use another.',
  'budget-breach': 'The answer was over budget; change the request.',
  'latency-ceiling': 'The answer was too slow; try again.',
  'quality-floor': 'The answer was not good enough; try again.',
  'blocked-content': 'The service refused the content; change the request.',
  'region-restriction': 'The service is not for this region; use another.',
  'compliance-mismatch': 'The service is not for this data; use another.',
}

export function classOf(kind: FailureKind): FailureClass {
  if (/breach|ceil|floor/.test(kind)) return 'business'
  return /content|region|compl/.test(kind) ? 'policy' : 'technical'
}

/** The same where nothing was sent: nobody has refused anything. */
export const UNSENT: { readonly [Kind in FailureKind]?: string } = {
  auth: 'A key is missing; enter one.',
  'budget-breach': 'This is over budget; make it shorter or try later.',
  'invalid-request': 'The request could not be sent; change it.',
}
