import type { FailureKind } from '../words/failure.ts'
import type { Candidate } from './candidate.ts'
import { choose, DEFAULTS, directionOf, type Way } from './direction.ts'
import type { Decision, Situation } from './situation.ts'

/** Text shorter than this is replaced without asking. */
const ASK_FROM_CHARS = 300
/** The longest wait for the only route left. */
const PATIENCE_MS = 5_000
/** A failure that came faster than this did no work, so trying once more is cheap. */
const FAST_MS = 2_000
const RETRY_DELAY_MS = 500

/** What the policy does about a failure. Pure, and the whole policy: the reasons are for product people. */
export function decide<Name extends string>(situation: Situation<Name>): Decision<Name> {
  const { failure, terms } = situation
  if (terms.isAppendOnly && situation.visibleChars > 0) {
    const because = 'what is shown cannot be taken back, so nothing may follow it'
    return { move: { to: failure.kind === 'blocked-content' ? 'stop' : 'keep' }, because }
  }
  if (situation.leftMs <= 0) {
    return situation.hasText
      ? { move: { to: 'keep' }, because: 'the time is over: what there is stays' }
      : ground(situation, 'the time is over')
  }
  const decision = keepDraft(situation, byRow(situation))
  if (failure.phase !== 'streaming' || situation.visibleChars === 0) return decision
  const recovery = terms.workload.recovery ?? defaultRecovery(situation)
  if (recovery === 'keep')
    return { move: { to: 'keep' }, because: 'the workload keeps what there is' }
  return recovery === 'ask' ? askFirst(situation, 'recovery', decision) : decision
}

/** Where nothing better is left, a draft is better than a canned answer, unless the row means that one. */
function keepDraft<Name extends string>(
  { failure: { kind }, terms, hasDraft }: Situation<Name>,
  { move, because }: Decision<Name>,
): Decision<Name> {
  const isOver = move.to === 'safe' || move.to === 'stop'
  return hasDraft && isOver && move.to !== (terms.on[kind] ?? DEFAULTS[kind])
    ? { move: { to: 'keep' }, because }
    : { move, because }
}

/** What the failure's own row says. */
function byRow<Name extends string>(situation: Situation<Name>): Decision<Name> {
  const { failure, terms, retry, attemptsLeft } = situation
  const { kind } = failure
  const own = terms.on[kind]
  if (own === undefined) {
    if (kind === 'offline') return whileOffline(situation)
    if (kind === 'invalid-request') return elsewhereOnce(situation)
    if (retry.hasChangedCredential && attemptsLeft > 0) {
      return again(situation, 0, 'its credential has changed')
    }
  }
  const rule = own ?? DEFAULTS[kind]
  if (typeof rule === 'object') {
    const listed = rule.flatMap((name) => situation.open.filter((one) => one.name === name))[0]
    return listed && attemptsLeft > 0
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
      return askFirst(situation, 'tradeoff', forward(situation, directionOf(kind)))
    case 'retry':
      return retry.isAcceptable && canRetry(situation)
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

function canRetry({ retry, attemptsLeft, leftMs, jitter }: Situation): boolean {
  const hasTime = leftMs > RETRY_DELAY_MS * jitter
  return retry.tries < 2 && retry.isAffordable && attemptsLeft > 0 && hasTime
}

function defaultRecovery({ visibleChars, isStructured, canAsk }: Situation): 'restart' | 'ask' {
  return visibleChars < ASK_FROM_CHARS || isStructured || !canAsk ? 'restart' : 'ask'
}

/** The next route in a direction, or what comes after the last one. */
function forward<Name extends string>(situation: Situation<Name>, direction: Way): Decision<Name> {
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
  const { failure, retry, leftMs, jitter } = situation
  const { kind, phase, status = 0, retryAfterMs = Infinity } = failure
  if (phase === 'before-content' && canRetry(situation)) {
    if (kind === 'rate-limit' && retryAfterMs < Math.min(PATIENCE_MS, leftMs)) {
      return again(situation, retryAfterMs, 'it is the last route, and the wait is short')
    }
    const isOfServer = status >= 500 || status === 408 || status === 409
    const isExplicit = kind === 'network' || (isOfServer && SERVER.has(kind))
    if (isExplicit && retry.isAcceptable && retry.lastedMs < FAST_MS) {
      return again(situation, RETRY_DELAY_MS * jitter, 'it is the last route, and it failed fast')
    }
  }
  return ground(situation, 'no acceptable route is left')
}

const SERVER = new Set<FailureKind>(['outage', 'timeout'])

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
  { terms: { safe }, failed }: Situation<Name>,
  because: string,
): Decision<Name> {
  if (failed?.name === safe && failed)
    return { move: { to: 'stop' }, because: 'the safe answer broke' }
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

/** Put a move to the user first, where it goes to another route. */
function askFirst<Name extends string>(
  { failure, hasText }: Situation<Name>,
  about: 'tradeoff' | 'recovery',
  decision: Decision<Name>,
): Decision<Name> {
  const { move } = decision
  if (move.to !== 'route' && move.to !== 'retry') {
    // No other route could do it again, so there is nothing to choose: what is there stays.
    return hasText && (move.to === 'safe' || move.to === 'stop')
      ? { move: { to: 'keep' }, because: decision.because }
      : decision
  }
  return {
    move: {
      to: 'ask',
      about,
      route: move.route,
      declineTo: hasText ? 'keep' : 'safe',
      agreed: move,
    },
    because: `${failure.kind}: the user decides`,
  }
}
