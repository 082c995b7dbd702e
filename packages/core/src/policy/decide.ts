import type { Failure, FailureKind } from '../words/failure.ts'
import type { Direction, Move } from '../words/policy.ts'
import type { Terms } from './limits.ts'
import type { Candidate } from './plan.ts'

/** What there is to decide upon. */
export interface Situation<Name extends string = string> {
  readonly failure: Failure<Name>
  /** The route that failed; null when none could be tried. */
  readonly failed: Candidate<Name> | null
  /**
   * Acceptable and untried: the ladder in its order, then routes that only `on` names. No move leaves
   * this set, except back to the route that failed, or to safe.
   */
  readonly open: readonly Candidate<Name>[]
  readonly terms: Terms<Name>
  /** Characters of the failed attempt that the user sees. */
  readonly visibleChars: number
  /** A structured answer or a tool call is under way: half of it is worth nothing. */
  readonly isStructured: boolean
  readonly canAsk: boolean
  /** The run's time is over. */
  readonly isOutOfTime: boolean
  readonly attemptsLeft: number
  /** This kind has failed before in this run. */
  readonly isRepeat: boolean
  /** A same-route retry: whether the budget has one and the attempt's length, ms. */
  readonly retry: {
    readonly isAffordable: boolean
    readonly hasChangedCredential: boolean
    readonly lastedMs: number
    readonly triesOfRoute: number
  }
  /** 0 up to 1. */
  readonly jitter: number
}

/** A move, or the wish to put one to the user first. */
export type Decision<Name extends string = string> = {
  readonly move:
    | Exclude<Move<Name>, { to: 'ask' }>
    /** Ask before this route; no means `declineTo`. */
    | {
        readonly to: 'ask'
        readonly about: 'tradeoff' | 'recovery'
        readonly route: Name
        readonly declineTo: 'keep' | 'safe'
      }
  readonly because: string
}

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

/** Text shorter than this is replaced without asking. */
const ASK_FROM_CHARS = 300
/** The longest wait for the only route left. */
const PATIENCE_MS = 5_000
/** A failure that came faster than this did no work, so trying once more is cheap. */
const FAST_MS = 2_000
const RETRY_DELAY_MS = 500

/** What the policy does about a failure. Pure, and the whole policy: the reasons are for product people. */
export function decide<Name extends string>(situation: Situation<Name>): Decision<Name> {
  const { failure, terms, visibleChars } = situation
  const { kind } = failure
  if (situation.isOutOfTime) {
    return visibleChars > 0
      ? { move: { to: 'keep' }, because: 'the time for the whole run is over: what there is stays' }
      : ground(situation, 'the time for the whole run is over')
  }
  if (failure.phase === 'streaming' && visibleChars > 0) {
    const recovery = terms.workload.recovery ?? defaultRecovery(situation)
    if (recovery === 'keep')
      return { move: { to: 'keep' }, because: 'the workload keeps what there is' }
    if (recovery === 'ask') return askFirst(situation, 'recovery')
  }
  if (kind === 'offline') return whileOffline(situation)
  if (kind === 'invalid-request' && terms.on[kind] === undefined) return elsewhereOnce(situation)
  if (situation.retry.hasChangedCredential && situation.attemptsLeft > 0) {
    return again(situation, 0, 'its credential has changed')
  }
  const rule = terms.on[kind] ?? DEFAULTS[kind]
  if (typeof rule !== 'string') {
    const [listed] = situation.open
      .filter(({ name }) => rule.includes(name))
      .toSorted((one, other) => rule.indexOf(one.name) - rule.indexOf(other.name))
    return listed && situation.attemptsLeft > 0
      ? {
          move: { to: 'route', route: listed.name, direction: 'listed' },
          because: `${kind} has its own list`,
        }
      : forward(situation, 'next')
  }
  switch (rule) {
    case 'safe':
      return ground(situation, `${kind} is not put to another provider`)
    case 'stop':
      return { move: { to: 'stop' }, because: `${kind} stops the run` }
    case 'ask':
      return askFirst(situation, 'tradeoff')
    case 'retry':
      return situation.retry.triesOfRoute < 2 &&
        situation.retry.isAffordable &&
        situation.attemptsLeft > 0
        ? again(situation, RETRY_DELAY_MS * situation.jitter, `${kind} is tried again here first`)
        : forward(situation, 'next')
    case 'next':
    case 'faster':
    case 'cheaper':
    case 'stronger':
    case 'larger':
      return forward(situation, rule)
    default:
      return rule satisfies never
  }
}

function defaultRecovery({ visibleChars, isStructured, canAsk }: Situation): 'restart' | 'ask' {
  return visibleChars < ASK_FROM_CHARS || isStructured || !canAsk ? 'restart' : 'ask'
}

/** The next route in a direction, or what comes after the last one. */
function forward<Name extends string>(
  situation: Situation<Name>,
  direction: keyof typeof BETTER | 'next',
): Decision<Name> {
  const { failure, failed, open, attemptsLeft } = situation
  if (attemptsLeft <= 0) return ground(situation, 'the attempts of this run are used up')
  const choices = choose(situation, direction)
  const [choice] = choices
  if (choice) {
    return {
      move: { to: 'route', route: choice.name, direction },
      because: reason(failure.kind, direction, failed, choice),
    }
  }
  if (open.length > 0) return ground(situation, `no route is ${direction} than this one`)
  return lastResort(situation)
}

/** How much of each fact a route has, more being better; what is not known counts as the worst. */
const BETTER = {
  faster: ({ expected }: Candidate) =>
    expected.waitFrom === 'prior' ? -Infinity : -expected.waitMs[0],
  cheaper: ({ expected }: Candidate) => -(expected.costUsd ?? Infinity),
  stronger: ({ facts }: Candidate) => facts.quality ?? 0,
  larger: ({ facts }: Candidate) => facts.contextTokens ?? 0,
} as const

function choose<Name extends string>(
  { failure, failed, open }: Situation<Name>,
  direction: keyof typeof BETTER | 'next',
): readonly Candidate<Name>[] {
  if (direction === 'next') return elsewhereFirst(failure.kind, failed, open)
  const amount = BETTER[direction]
  const least = failed ? amount(failed) : -Infinity
  return open
    .filter((candidate) => amount(candidate) > least)
    .toSorted((one, other) => amount(other) - amount(one) || 0)
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

function reason(
  kind: FailureKind,
  direction: string,
  failed: Candidate | null,
  { name, provider }: Candidate,
): string {
  const whose = failed && provider !== failed.provider ? ' of another provider' : ''
  return `${kind}: ${name} is the ${direction === 'next' ? 'next' : direction} acceptable route${whose}`
}

/** Another provider's body differs and may pass; two that refuse mean that the request is wrong. */
function elsewhereOnce<Name extends string>(situation: Situation<Name>): Decision<Name> {
  const { failed, open, isRepeat, attemptsLeft } = situation
  const other = open.find(({ provider }) => provider !== failed?.provider)
  return other && !isRepeat && attemptsLeft > 0
    ? {
        move: { to: 'route', route: other.name, direction: 'next' },
        because: `invalid-request: ${other.name} of another provider gets a different body`,
      }
    : { move: { to: 'stop' }, because: 'invalid-request: the request itself has to change' }
}

/** No route is left: the same one once more where that is cheap, else safe. */
function lastResort<Name extends string>(situation: Situation<Name>): Decision<Name> {
  const { failure, retry } = situation
  const { kind, status, retryAfterMs } = failure
  if (failure.phase === 'before-content' && retry.isAffordable) {
    const isFirstRetry = retry.triesOfRoute < 2
    if (
      kind === 'rate-limit' &&
      retryAfterMs !== undefined &&
      retryAfterMs < PATIENCE_MS &&
      isFirstRetry
    ) {
      return again(situation, retryAfterMs, 'it is the last route, and the wait is short')
    }
    const isExplicit =
      kind === 'outage' ? status !== undefined : status === 408 || kind === 'network'
    if (isFirstRetry && isExplicit && retry.lastedMs < FAST_MS) {
      return again(
        situation,
        RETRY_DELAY_MS * situation.jitter,
        'it is the last route, and it failed fast',
      )
    }
  }
  return ground(situation, 'no acceptable route is left')
}

function again<Name extends string>(
  { failed }: Situation<Name>,
  delayMs: number,
  because: string,
): Decision<Name> {
  if (!failed) throw new TypeError('there is no route to try again')
  return { move: { to: 'retry', route: failed.name, delayMs }, because }
}

/** Where every ladder ends. */
function ground<Name extends string>(
  { terms: { safe } }: Situation<Name>,
  because: string,
): Decision<Name> {
  return safe === null
    ? { move: { to: 'stop' }, because: `${because}, and the workload has no safe answer` }
    : { move: { to: 'safe', route: safe }, because }
}

function whileOffline<Name extends string>(situation: Situation<Name>): Decision<Name> {
  const local = situation.open.find(({ isLocal }) => isLocal)
  return local
    ? {
        move: { to: 'route', route: local.name, direction: 'next' },
        because: `offline: ${local.name} needs no network`,
      }
    : { move: { to: 'pause', for: 'online' }, because: 'offline: waiting for the network' }
}

function askFirst<Name extends string>(
  situation: Situation<Name>,
  about: 'tradeoff' | 'recovery',
): Decision<Name> {
  const [choice] = choose(situation, 'next')
  const declineTo = situation.visibleChars > 0 ? 'keep' : 'safe'
  if (!choice || situation.attemptsLeft <= 0) {
    return declineTo === 'keep'
      ? { move: { to: 'keep' }, because: 'no other route could do it again' }
      : ground(situation, 'no acceptable route is left')
  }
  return {
    move: { to: 'ask', about, route: choice.name, declineTo },
    because: `${situation.failure.kind}: the user decides`,
  }
}
