import { P99, quantile } from '../health/latency.ts'
import type { Attempt, RunStep } from '../words/event.ts'
import type { FailureKind } from '../words/failure.ts'
import { attempt, LOST, type AttemptResult } from './attempt.ts'
import { setAside, type Aside } from './budget.ts'
import { isBlocked, type Course } from './course.ts'
import { deadlines, noDeadlines } from './deadlines.ts'
import { createHedging } from './hedge.ts'
import type { Holding } from './holding.ts'
import type { Outlook } from './outlook.ts'
import { createRace, type Racer } from './race.ts'
import { requestFor } from './request.ts'
import { equipped, isReplacedSoon, paceOf, type Brief, type Shared } from './survey.ts'
import type { RunTools } from './tools.ts'

type Failed<Name extends string> = Extract<AttemptResult<Name>, { type: 'failed' }>

/** What a failure comes to once it has been written down. */
export interface Noted<Name extends string> {
  readonly route: Name
  /** This kind has failed before in this run. */
  readonly isRepeat: boolean
  readonly tries: number
  readonly hasChangedCredential: boolean
}

/** Attempts of one run: alone, or beside a late one. */
export interface Trying<Name extends string> {
  /** One attempt, unless what it would cost is no longer in the budget: nothing is told then. */
  try(
    route: Name,
    isRetry: boolean,
  ): AsyncGenerator<RunStep<Name>, AttemptResult<Name> | { readonly type: 'unaffordable' }, void>
  /** Take in a failure, and what it says of its route. */
  note(result: Failed<Name>): Promise<Noted<Name>>
}

/** A run that loses its connection more often than this is not waiting for the network but for luck. */
const OFFLINES = 20

/** What another credential would end. */
const OF_CREDENTIAL = new Set<FailureKind>(['auth', 'quota-exhausted'])

/** What a connection ends in that is there no more. */
const OF_CONNECTION = new Set<FailureKind>([
  'network',
  'timeout',
  'queue-stall',
  'stream-stall',
  'truncated',
])

export function createTrying<Name extends string>(
  shared: Shared<Name>,
  brief: Brief<Name>,
  tools: RunTools<Name>,
  course: Course<Name>,
  outlook: Outlook<Name>,
  holding: Holding<Name>,
): Trying<Name> {
  const { book, world } = shared
  const { limits } = brief.terms
  const { look, leftMs, openRoutes, later, reckoned } = outlook
  const { tries, kinds } = course
  const hedging = createHedging(shared, brief)
  /** The attempt whose page time is the run's: of two beside each other, one. */
  let leading = 0
  let offlines = 0

  /** Set up an attempt, which begins when it is first asked for a step. */
  function start(
    route: Name,
    reason: Attempt['why'],
    aside: Aside,
    onLate?: () => void,
  ): Racer<Name> {
    const { rung, wire } = equipped(shared, route)
    const pace = paceOf(brief, rung)
    const input = look()
    const isContested = openRoutes(input).some(({ name }) => name !== route)
    const isAgain = reason === 'retry' || reason === 'hold-out'
    const isProbe = !isAgain && input.candidates.get(route)?.isProbeDue === true
    if (isProbe) book.probing(rung)
    course.attempts += 1
    const number = course.attempts
    // A hedge is a fallback already: what it stands beside is not held out of one.
    course.canHold = !isProbe && !isAgain && reason !== 'hedge'
    if (reason !== 'hedge') {
      leading = number
      course.isCanned = rung.isCanned
    }
    tries.set(route, (tries.get(route) ?? 0) + 1)
    const cutter = new AbortController()
    tools.signal.addEventListener('abort', () => {
      cutter.abort(tools.signal.reason)
    })
    const told = attempt<Name>({
      attempt: number,
      why: isProbe && reason === 'first' ? 'probe' : reason,
      rung,
      wire,
      world,
      expectedUsd: aside.usd,
      request: requestFor(rung, brief.request, course.failure),
      deadlines: rung.isCanned
        ? noDeadlines
        : deadlines(
            holding.tighten(limits, route),
            pace,
            book.latency(rung, pace),
            later(route),
            leftMs(),
            isProbe && isContested,
          ),
      signal: cutter.signal,
      onLate,
      onOverdue: (kind, mostMs) => (course.canHold ? holding.overdue(rung, kind, mostMs) : null),
      onSuspended: (ms) => {
        if (number === leading) tools.passOver(ms)
      },
      onFirstContent: (waitMs) => {
        if (!rung.isCanned) book.answered(rung, pace, waitMs)
      },
      onBill: (bill) => {
        const costUsd = bill.costUsd ?? 0
        course.spentUsd += costUsd
        brief.thread.spend(costUsd)
        aside.settle(costUsd)
        course.bills.set(number, bill)
      },
      check: rung.isCanned ? async () => undefined : brief.check,
    })
    return {
      attempt: number,
      route,
      told,
      cut() {
        cutter.abort(LOST)
        book.untold(rung)
        course.requests += 1
        // It was slower and did not fail: should the other break, it may be asked again.
        const before = (tries.get(route) ?? 1) - 1
        if (before > 0) tries.set(route, before)
        else tries.delete(route)
      },
    }
  }

  /** An attempt has had its end. */
  function over(racer: Racer<Name>, result: AttemptResult<Name>): AttemptResult<Name> {
    const { rung } = equipped(shared, racer.route)
    if (result.type === 'answered' && !rung.isCanned) {
      book.succeeded(rung)
      if (result.usage) book.wrote(rung, result.usage, result.writingMs)
    }
    if (result.type === 'ended') book.untold(rung)
    return result
  }

  /** Take in a failure, and what it says of its route. */
  async function note({
    failure: cause,
    visibleChars,
    hasContent,
    finish,
    lastedMs,
    wasSuspended,
    key,
  }: Failed<Name>): Promise<Noted<Name>> {
    course.failure = cause
    if (hasContent) course.shown = visibleChars > 0 ? { by: cause, finish } : null
    const { kind, route, phase, status } = cause
    if (route === null) throw new TypeError('an attempt has a route')
    const { rung, wire } = equipped(shared, route)
    const isRepeat = [...kinds.values()].includes(kind)
    const triesBefore = tries.get(route) ?? 0
    kinds.set(route, kind)
    const isNobodys = wasSuspended && status === undefined
    // A connection that was lost while the page was offline or asleep is nobody's fault, and no try.
    if ((kind === 'offline' || (isNobodys && OF_CONNECTION.has(kind))) && offlines < OFFLINES) {
      offlines += 1
      tries.delete(route)
    }
    if (kind === 'invalid-request') {
      const how = phase === 'before-request' ? 'could not be sent' : `was refused: ${status}`
      console.warn(`[rungs] the request itself ${how} (${route} ${cause.code ?? ''})`)
    }
    if (phase !== 'before-request') course.requests += kind === 'offline' ? 0 : 1
    // A rung without a credential is not one that the request permits; one that failed otherwise still is.
    else if (kind === 'auth') course.keyless.add(route)
    const hasChangedCredential =
      kind === 'auth' && triesBefore < 2 && (await isReplacedSoon(wire, key, world))
    // What was refused is not what would be tried: it speaks against nobody.
    if (!hasChangedCredential && !isNobodys) {
      const model = book.latency(rung, paceOf(brief, rung))
      book.failed(rung, cause, phase === 'before-content' && lastedMs > quantile(model, P99))
      if (kind === 'auth' && phase !== 'before-request') wire.refuseKey?.()
    } else book.untold(rung)
    if (OF_CREDENTIAL.has(kind) && book.hold(rung)?.isOfCredential) {
      shared.refusedKeys.set(rung.accountKey, { route, key, isBeingRead: false })
    }
    return { route, isRepeat, tries: triesBefore, hasChangedCredential }
  }

  return {
    note,
    async *try(route, isRetry) {
      const { rung } = equipped(shared, route)
      const aside = await setAside(brief.purse, rung, reckoned(route))
      if (!aside) {
        // Nor is it tried again for the sake of knowing.
        if (course.failure) holding.ruling(course.failure)
        return { type: 'unaffordable' }
      }
      if (tools.signal.aborted) {
        aside.settle(0)
        return { type: 'ended' }
      }
      const isCovered = hedging.covers(rung)
      const isHoldOut = holding.isTrying()
      const reason = isHoldOut ? 'hold-out' : isRetry ? 'retry' : course.why
      const first = start(route, reason, aside, isCovered ? () => void hedge() : undefined)
      if (isRetry && !isHoldOut) book.spendRetry(rung)
      course.why = 'next'
      if (!isCovered) return over(first, yield* first.told)
      const race = createRace<Name>({
        failed: note,
        taken({ route: by, attempt: number }, direction, cause) {
          // A wait that was cut short is no evidence against a route, but it is why another one answers.
          kinds.set(route, cause)
          leading = number
          course.degraded = outlook.compare(by)
          const because =
            direction === 'next'
              ? `${cause}: ${by} is under way already`
              : `${route} is late: ${by} answers first`
          return {
            type: 'moved',
            move: { to: 'route', route: by, direction },
            because,
            degraded: course.degraded,
          }
        },
      })
      async function hedge(): Promise<void> {
        // What was blocked is not put to one more at random.
        if (course.requests + 2 > (limits.maxAttempts ?? Infinity) || isBlocked(course)) return
        const input = look()
        const second = hedging.take(input, input.candidates.get(route), outlook.promise(input))
        if (second === null) return
        const other = await setAside(brief.purse, equipped(shared, second).rung, reckoned(second))
        // Much can have come meanwhile.
        if (race.isOpen() && !tools.signal.aborted && other)
          race.enter(start(second, 'hedge', other))
        else other?.settle(0)
      }
      race.enter(first)
      const winner = yield* race.tell()
      const result = 'told' in winner ? over(winner, yield* winner.told) : over(first, winner)
      await race.over()
      if (result.type === 'answered') hedging.answered()
      return result
    },
  }
}
