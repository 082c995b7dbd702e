import type { FailureKind } from '../words/failure.ts'
import type { Direction } from '../words/policy.ts'
import type { Candidate } from './candidate.ts'
import type { Situation } from './situation.ts'

/** Where each kind looks by itself; a workload's `on` overrides any row. */
export const DEFAULTS: Readonly<Record<FailureKind, Direction>> = {
  'rate-limit': 'next',
  'quota-exhausted': 'next',
  timeout: 'next',
  'queue-stall': 'next',
  'stream-stall': 'next',
  outage: 'next',
  network: 'next',
  offline: 'next',
  'blocked-request': 'next',
  'invalid-response': 'next',
  truncated: 'next',
  auth: 'next',
  'not-found': 'next',
  'invalid-request': 'next',
  'context-length': 'larger',
  'unsupported-capability': 'next',
  'budget-breach': 'cheaper',
  'latency-ceiling': 'faster',
  'quality-floor': 'stronger',
  'blocked-content': 'safe',
  'region-restriction': 'next',
  'compliance-mismatch': 'next',
}

function isOfUnknownWait({ expected }: Candidate): boolean {
  return expected.waitFrom === 'prior'
}

/** A direction that leads to another route. */
export type Way = 'next' | 'faster' | 'cheaper' | 'stronger' | 'larger'

/** How much of each fact a route has, more being better; what is not known counts as the worst. */
const BETTER: Readonly<Record<Exclude<Way, 'next'>, (candidate: Candidate) => number>> = {
  faster: (candidate) => (isOfUnknownWait(candidate) ? -Infinity : -candidate.expected.waitMs[0]),
  cheaper: ({ expected }) => -(expected.costUsd ?? Infinity),
  stronger: ({ facts }) => facts.quality ?? 0,
  larger: ({ facts }) => facts.contextTokens ?? 0,
}

/** Where to go in a direction, best first. */
export function choose<Name extends string>(
  { failure, failed, open, retry }: Situation<Name>,
  direction: Way,
): readonly Candidate<Name>[] {
  if (direction === 'next') return elsewhereFirst(failure.kind, failed, open)
  const amount = BETTER[direction]
  // Of a route that was waited for in vain, how long is known better than what it used to take.
  const waitedMs = direction === 'faster' && failure.phase === 'before-content' ? retry.lastedMs : 0
  const least = failed ? Math.min(amount(failed), waitedMs > 0 ? -waitedMs : Infinity) : -Infinity
  const better = open
    .filter((candidate) => amount(candidate) > least)
    .toSorted((one, other) => amount(other) - amount(one) || 0)
  // Nothing may be known of any wait yet. Of a route that was just cut it is known that it was too slow, so
  // one of which nothing is known comes before giving up.
  return direction === 'faster' ? [...better, ...open.filter(isOfUnknownWait)] : better
}

const OTHER_PROVIDER_FIRST = new Set<FailureKind>([
  'rate-limit',
  'timeout',
  'queue-stall',
  'stream-stall',
  'truncated',
  'outage',
  'network',
])

/** Who fails together is asked last. */
function elsewhereFirst<Name extends string>(
  kind: FailureKind,
  failed: Candidate<Name> | null,
  open: readonly Candidate<Name>[],
): readonly Candidate<Name>[] {
  const isElsewhere = ({ provider, accountKey, payer }: Candidate): boolean =>
    kind === 'quota-exhausted'
      ? accountKey !== failed?.accountKey || payer !== failed.payer
      : !OTHER_PROVIDER_FIRST.has(kind) || provider !== failed?.provider
  return [...open.filter(isElsewhere), ...open.filter((one) => !isElsewhere(one))]
}

/** Where a kind looks by itself, for the move that is asked about. */
export function directionOf(kind: FailureKind): Way {
  const own = DEFAULTS[kind]
  return own === 'larger' || own === 'cheaper' || own === 'faster' || own === 'stronger'
    ? own
    : 'next'
}
