import { classify } from '../policy/classify.ts'
import { DEFAULTS } from '../policy/direction.ts'
import { Fault, type Evidence } from '../policy/fault.ts'
import { billingOf } from '../run/billing.ts'
import type { Failure, FailureKind, FailurePhase } from '../words/failure.ts'
import type { Rung } from '../words/rung.ts'

function isKind(key: string): key is FailureKind {
  return key in DEFAULTS
}
export const KINDS: readonly FailureKind[] = Object.keys(DEFAULTS).filter(isKind)

function status(code: number, body = ''): Evidence {
  return { from: 'status', status: code, headers: {}, body }
}
function judgement(kind: FailureKind): Evidence {
  return { from: 'judgement', kind }
}

/** How each kind mostly comes about. A status is an answer that nobody charges for. */
const EVIDENCE: Readonly<Record<FailureKind, Evidence>> = {
  'rate-limit': status(429),
  'quota-exhausted': status(402),
  timeout: judgement('timeout'),
  'queue-stall': judgement('queue-stall'),
  'stream-stall': judgement('stream-stall'),
  outage: status(503),
  network: { from: 'transport', isOnline: true, isBlocked: false },
  offline: { from: 'transport', isOnline: false, isBlocked: false },
  'blocked-request': { from: 'redirect' },
  'invalid-response': judgement('invalid-response'),
  truncated: judgement('truncated'),
  auth: status(401),
  'not-found': status(404),
  'invalid-request': status(400),
  'context-length': status(413),
  'unsupported-capability': status(501),
  'budget-breach': judgement('budget-breach'),
  'latency-ceiling': judgement('latency-ceiling'),
  'quality-floor': judgement('quality-floor'),
  'blocked-content': status(400, '{"error":{"code":"content_filter"}}'),
  'region-restriction': status(451),
  'compliance-mismatch': status(403, '{"error":{"code":"data_policy"}}'),
}

/** When it comes, where that is not before the content. */
const PHASES: Partial<Record<FailureKind, FailurePhase>> = {
  'stream-stall': 'streaming',
  truncated: 'streaming',
  'quality-floor': 'after-answer',
}

/** A failure as a run would have it. */
export interface Broken<Name extends string> {
  readonly failure: Failure<Name>
  /** Of an answer there are words on the screen: so few that nobody is asked before they are replaced. */
  readonly hasText: boolean
  /** The provider may charge for the attempt. */
  readonly isBilled: boolean
}

export function breakOf<Name extends string>(rung: Rung<Name>, kind: FailureKind): Broken<Name> {
  const fault = new Fault(EVIDENCE[kind])
  const phase = PHASES[kind] ?? 'before-content'
  const { name: route, provider } = rung
  const failure = classify<Name>(fault, { route, provider, phase, now: 0 })
  return {
    failure,
    hasText: phase !== 'before-content',
    isBilled: billingOf(fault, failure, 0) !== 'none',
  }
}
