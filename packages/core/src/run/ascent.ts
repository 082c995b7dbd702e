import { decide, type Decision, type Retry, type Situation } from '../policy/decide.ts'
import { P99, quantile, type LatencyModel } from '../health/latency.ts'
import { failureOf } from '../policy/failure.ts'
import type { Candidate, PlanInput } from '../policy/candidate.ts'
import { emptiness, kindAgainst, plan, promised } from '../policy/plan.ts'
import { tradeoff } from '../policy/tradeoff.ts'
import type { Attempt, Finish, RunStep } from '../words/event.ts'
import type { Failure, FailureKind } from '../words/failure.ts'
import type { Confirmation, Degraded, Move, Plan } from '../words/policy.ts'
import type { Rung } from '../words/rung.ts'
import { createAsking } from './asking.ts'
import { setAside, type Aside } from './budget.ts'
import { attempt, LOST, type AttemptResult, type Bill } from './attempt.ts'
import { deadlines, noDeadlines, spareMs } from './deadlines.ts'
import { createHedging } from './hedge.ts'
import { createHolding } from './holding.ts'
import { createRace, type Racer } from './race.ts'
import { requestFor } from './request.ts'
import type { Reply, RunTools } from './tools.ts'
import {
  isReplacedSoon,
  paceOf,
  reachable,
  survey,
  type Brief,
  type Equipped,
  type Shared,
} from './survey.ts'

/** How a climb ended. */
export interface Ending<Name extends string> {
  readonly status: 'answered' | 'kept' | 'failed' | 'left'
  readonly finish: Finish | null
  /** What led here. */
  readonly failure: Failure<Name> | null
  /** What each attempt came to, by its number: those that were cut have told nobody. */
  readonly bills: ReadonlyMap<number, Bill>
}

/** Where one run stands: what was tried and why, and what follows from it. */
export interface Ascent<Name extends string> {
  /** The plan before anything was tried. */
  readonly plan: Plan<Name>
  /** The first route, or what is to be done when there is none. */
  open(): Decision<Name>
  /** The move that a decision comes to, its question or its tradeoff worked out. */
  take(decision: Decision<Name>): Move<Name>
  /** What the newest route taken is against the promised one. */
  degraded(): Degraded<Name> | null
  /** False for the first step onto the promised route, which is no move. */
  hasMoved(): boolean
  /** One attempt, unless what it would cost is no longer in the budget: nothing is told then. */
  try(
    route: Name,
    isRetry: boolean,
  ): AsyncGenerator<RunStep<Name>, AttemptResult<Name> | { readonly type: 'unaffordable' }, void>
  /** What to do now that what was chosen earlier is no longer acceptable; a text on the screen stays. */
  chooseAnew(): Decision<Name>
  /** What is to be done about a failed attempt. */
  failed(
    result: Extract<AttemptResult<Name>, { type: 'failed' }>,
  ): AsyncGenerator<RunStep<Name>, Decision<Name>, void>
  /** The reply to a question that need not be put: agreed before, or nobody is there. */
  foregone(confirmation: Confirmation<Name>): Reply | null
  answered(reply: Reply, confirmation: Confirmation<Name>): Decision<Name>
  /** Nothing more is waited for: the safe answer, or the end. */
  giveUp(because: string): Decision<Name>
  end(status: Ending<Name>['status'], finish?: Finish): Ending<Name>
}

/** A question that is not answered in this time is answered no, ms. */
const QUESTION_MS = 60_000

/** A run that goes offline more often than this is not waiting for the network but for luck. */
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

const noRetry: Retry = {
  isAcceptable: false,
  isAffordable: false,
  hasChangedCredential: false,
  lastedMs: 0,
  tries: 0,
}

export function createAscent<Name extends string>(
  shared: Shared<Name>,
  brief: Brief<Name>,
  tools: RunTools<Name>,
): Ascent<Name> {
  const { book, world, routes } = shared
  const { terms } = brief
  const { limits } = terms
  const tries = new Map<Name, number>()
  /** What each route last failed by in this run. */
  const kinds = new Map<Name, FailureKind>()
  const keyless = new Set<Name>()
  let attempts = 0
  /** Attempts that sent a request: those count against the limit. */
  let requests = 0
  /** What the attempts so far cost or may have cost, USD. */
  let spentUsd = 0
  const bills = new Map<number, Bill>()
  /** The attempt whose page time is the run's: of two beside each other, one. */
  let leading = 0
  let failure: Failure<Name> | null = null
  let why: Attempt['why'] = 'first'
  let degraded: Degraded<Name> | null = null
  /** What the text on the screen failed by, and its finish where it came whole; null without a text. */
  let shown: { readonly by: Failure<Name>; readonly finish: Finish | null } | null = null
  let offlines = 0
  /** Whether the newest attempt is of a prepared text. */
  let isCanned = false
  /** Of a probe and of another try, little is expected: what follows is not put off. */
  let canHold = false
  const asking = createAsking(shared, brief)
  const hedging = createHedging(shared, brief)
  /** What a yes to the open question is a yes to. */
  let agreed: Extract<Move<Name>, { to: 'route' | 'retry' }> | null = null

  const isJudged = (kind: FailureKind): boolean =>
    shown?.by.phase === 'after-answer' && shown.by.kind === kind
  /** A whole answer is on the screen that was only not good enough. */
  const hasDraft = (): boolean => isJudged('quality-floor')
  /** Some text is on the screen that may stay there. */
  const hasText = (): boolean => shown !== null && !isJudged('blocked-content')

  const within = reachable(terms)

  const ownLeftMs = (): number => (limits.totalMs ?? Infinity) - tools.activeMs()
  const leftMs = (): number => Math.min(ownLeftMs(), brief.thread.left(limits).ms)
  const look = (moreUsd = 0): PlanInput<Name> =>
    survey(shared, brief, {
      isTried: (route) => tries.has(route),
      isKeyless: (route) => keyless.has(route),
      spentUsd: spentUsd + moreUsd,
      leftMs: ownLeftMs(),
    })
  function openRoutes(input: PlanInput<Name>): readonly Candidate<Name>[] {
    return plan(input, within).routes.flatMap(({ route }) => input.candidates.get(route) ?? [])
  }
  /** How slow the other rungs are that are still open. */
  function later(route: Name): readonly LatencyModel[] {
    return openRoutes(look())
      .filter(({ name }) => name !== route && terms.ladder.includes(name))
      .map((one) => book.latency(one, paceOf(brief, one)))
  }
  function equipped(route: Name): Equipped<Name> {
    const known = routes.get(route)
    if (!known) throw new TypeError(`there is no route ${route}`)
    return known
  }

  /** What an attempt on it would cost by what is known now, USD. */
  function reckoned(route: Name): number | null {
    return look().candidates.get(route)?.expected.costUsd ?? null
  }

  /** What was expected of a route when the run began: what this run does to a measurement changes no promise. */
  const expected = look().candidates
  function asExpected(one: Candidate<Name>): Candidate<Name> {
    return { ...one, expected: (expected.get(one.name) ?? one).expected }
  }
  function promise(input: PlanInput<Name>): Candidate<Name> | null {
    const from = promised(input)
    return from && asExpected(from)
  }

  function compare(route: Name): Degraded<Name> | null {
    const input = look()
    const from = promise(input)
    const to = input.candidates.get(route)
    if (!from || !to || from.name === route) return null
    const { hold, backAt } = from
    return {
      from: from.name,
      to: route,
      cause: route === brief.kept ? 'thread' : causeOf(from, input),
      since: degraded?.from === from.name ? degraded.since : world.now(),
      backAt: hold ? (hold.until < Infinity ? hold.until : null) : backAt,
      tradeoff: tradeoff(from, asExpected(to)),
    }
  }

  function causeOf(from: Candidate<Name>, input: PlanInput<Name>): Degraded<Name>['cause'] {
    const { name, hold, suspectedBy } = from
    if (asking.hasDeclined(name)) return 'declined'
    const kind = kinds.get(name)
    if (kind !== undefined) return kind
    if (hold) return 'hold-off'
    return plan(input).routes.some(({ route }) => route === name)
      ? suspectedBy
      : (failure?.kind ?? kindAgainst(from, input) ?? 'offline')
  }

  const isBlocked = (): boolean => [...kinds.values()].includes('blocked-content')
  /** Whoever names the routes that may see what was blocked has named all of them, whatever breaks next. */
  function mayBeAsked(route: Name): boolean {
    const list = terms.on['blocked-content']
    return !isBlocked() || typeof list !== 'object' || list.some((name) => name === route)
  }

  /** Put a choice to the user where it has to be. */
  function gate(
    input: PlanInput<Name>,
    choose: (open: readonly Candidate<Name>[]) => Decision<Name>,
  ): Decision<Name> {
    return asking.gate({
      choose,
      open: openRoutes(input)
        .filter(({ name }) => !asking.hasDeclined(name) && mayBeAsked(name))
        .map(asExpected),
      promised: promise(input),
      about: attempts === 0 && failure === null ? 'first' : 'tradeoff',
      hasText: hasText(),
    })
  }

  function react(
    situation: Pick<Situation<Name>, 'failure' | 'visibleChars' | 'isStructured' | 'isRepeat'>,
    failed: Candidate<Name> | null,
    retry: Retry,
    input = look(),
    used = requests,
  ): Decision<Name> {
    return gate(input, (open) =>
      decide({
        ...situation,
        failed,
        retry,
        open,
        terms,
        hasText: hasText(),
        hasDraft: hasDraft(),
        canAsk: asking.canAsk(),
        leftMs: leftMs(),
        attemptsLeft: (limits.maxAttempts ?? Infinity) - used,
        jitter: world.random(),
      }),
    )
  }
  /** Whether a route would be acceptable, had it not been tried. */
  function isAcceptableAgain(route: Name, input: PlanInput<Name>): boolean {
    const candidates = new Map(input.candidates)
    const one = candidates.get(route)
    if (one) candidates.set(route, { ...one, isTried: false })
    return plan({ ...input, candidates }, [route]).routes.length > 0
  }

  const holding = createHolding(shared, brief, {
    attempt: () => attempts,
    hasText,
    spareMs: (route) => spareMs(later(route), leftMs()),
    isAcceptableAgain: (route) => isAcceptableAgain(route, look()),
    leadsOn(rung, cause) {
      const input = look(reckoned(rung.name) ?? 0)
      const { move } = react(
        { failure: cause, visibleChars: 0, isStructured: false, isRepeat: false },
        input.candidates.get(rung.name) ?? null,
        { ...noRetry, ...retryOf(rung, input), tries: tries.get(rung.name) ?? 0 },
        input,
        requests + 1,
      )
      return move.to === 'route' && !equipped(move.route).rung.isCanned
    },
  })
  function retryOf(
    rung: Rung<Name>,
    input: PlanInput<Name>,
  ): Pick<Retry, 'isAcceptable' | 'isAffordable'> {
    return {
      isAcceptable: isAcceptableAgain(rung.name, input),
      isAffordable: book.canRetry(rung),
    }
  }

  function giveUp(because: string): Decision<Name> {
    const { safe } = terms
    if (hasDraft()) return { move: { to: 'keep' }, because }
    return { move: safe === null ? { to: 'stop' } : { to: 'safe', route: safe }, because }
  }

  function begin(): Decision<Name> {
    const input = look()
    const { routes: acceptable, excluded } = plan(input)
    if (acceptable.length > 0) {
      const { ladder } = terms
      const isAhead = (one: Name, other: Name): boolean =>
        ladder.indexOf(one) < ladder.indexOf(other)
      return gate(input, (open) => {
        const choice = acceptable.find(({ route }) => open.some(({ name }) => name === route))
        if (!choice) return giveUp('every route left would have to be asked for')
        const told = [...excluded, ...acceptable].filter(({ route }) =>
          isAhead(route, choice.route),
        )
        return {
          move: { to: 'route', route: choice.route, direction: 'next' },
          because: told.map((one) => `${one.route}: ${one.because}`).join('; ') || choice.because,
        }
      })
    }
    const empty = emptiness(plan(input), input.candidates)
    if (!empty) return giveUp('no acceptable route is left')
    const { kind, route, provider, until } = empty
    const cause = failureOf<Name>(kind, {
      phase: 'before-request',
      route,
      provider,
      ...(until === null ? {} : { retryAfterMs: Math.max(0, until - world.now()) }),
    })
    failure ??= cause
    return react(
      { failure: cause, visibleChars: 0, isStructured: false, isRepeat: false },
      null,
      noRetry,
    )
  }
  function chooseAnew(): Decision<Name> {
    const decision = begin()
    const isOver = decision.move.to === 'safe' || decision.move.to === 'stop'
    return hasText() && isOver ? { ...decision, move: { to: 'keep' } } : decision
  }
  /** Much can happen while somebody thinks: a route that was to be taken has to be acceptable still. */
  function stillOr(decision: Decision<Name>): Decision<Name> {
    const { move } = decision
    return move.to !== 'route' || isAcceptableAgain(move.route, look()) ? decision : chooseAnew()
  }

  /** Set up an attempt, which begins when it is first asked for a step. */
  function start(
    route: Name,
    reason: Attempt['why'],
    aside: Aside,
    onLate?: () => void,
  ): Racer<Name> {
    const { rung, wire } = equipped(route)
    const pace = paceOf(brief, rung)
    const input = look()
    const isContested = openRoutes(input).some(({ name }) => name !== route)
    const isAgain = reason === 'retry' || reason === 'hold-out'
    const isProbe = !isAgain && input.candidates.get(route)?.isProbeDue === true
    if (isProbe) book.probing(rung)
    attempts += 1
    const number = attempts
    // A hedge is a fallback already: what it stands beside is not held out of one.
    canHold = !isProbe && !isAgain && reason !== 'hedge'
    if (reason !== 'hedge') {
      leading = number
      isCanned = rung.isCanned
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
      request: requestFor(rung, brief.request, failure),
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
      onOverdue: (kind, mostMs) => (canHold ? holding.overdue(rung, kind, mostMs) : null),
      onSuspended: (ms) => {
        if (number === leading) tools.passOver(ms)
      },
      onFirstContent: (waitMs) => {
        if (!rung.isCanned) book.answered(rung, pace, waitMs)
      },
      onBill: (bill) => {
        const costUsd = bill.costUsd ?? 0
        spentUsd += costUsd
        brief.thread.spend(costUsd)
        aside.settle(costUsd)
        bills.set(number, bill)
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
        requests += 1
        // It was slower and did not fail: should the other break, it may be asked again.
        const before = (tries.get(route) ?? 1) - 1
        if (before > 0) tries.set(route, before)
        else tries.delete(route)
      },
    }
  }

  /** An attempt has had its end. */
  function over(racer: Racer<Name>, result: AttemptResult<Name>): AttemptResult<Name> {
    const { rung } = equipped(racer.route)
    if (result.type === 'answered' && !rung.isCanned) {
      book.succeeded(rung)
      if (result.usage) book.wrote(rung, result.usage.outputTokens)
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
  }: Extract<AttemptResult<Name>, { type: 'failed' }>): Promise<{
    readonly route: Name
    readonly isRepeat: boolean
    readonly tries: number
    readonly hasChangedCredential: boolean
  }> {
    failure = cause
    if (hasContent) shown = visibleChars > 0 ? { by: cause, finish } : null
    const { kind, route, phase, status } = cause
    if (route === null) throw new TypeError('an attempt has a route')
    const { rung, wire } = equipped(route)
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
    if (phase !== 'before-request') requests += kind === 'offline' ? 0 : 1
    // A rung without a credential is not one that the request permits; one that failed otherwise still is.
    else if (kind === 'auth') keyless.add(route)
    const hasChangedCredential =
      kind === 'auth' && triesBefore < 2 && (await isReplacedSoon(wire, key, world))
    // What was refused is not what would be tried: it speaks against nobody.
    if (!hasChangedCredential && !isNobodys) {
      const model = book.latency(rung, paceOf(brief, rung))
      book.failed(rung, cause, phase === 'before-content' && lastedMs > quantile(model, P99))
      if (kind === 'auth' && phase !== 'before-request') wire.refuseKey?.()
    } else book.untold(rung)
    if (OF_CREDENTIAL.has(kind) && book.hold(rung)?.isOfCredential) {
      shared.refusedKeys.set(rung.accountKey, { route, key })
    }
    return { route, isRepeat, tries: triesBefore, hasChangedCredential }
  }

  return {
    plan: plan(look()),
    open: begin,
    take({ move }) {
      if (move.to !== 'ask') {
        if ('route' in move) degraded = compare(move.route)
        return move
      }
      const { about, route, declineTo } = move
      agreed = move.agreed
      return {
        to: 'ask',
        confirmation: {
          about,
          route,
          cause: failure?.kind ?? null,
          tradeoff: move.tradeoff ?? compare(route)?.tradeoff ?? {},
          expiresAt: world.now() + QUESTION_MS,
          declineTo,
        },
      }
    },
    degraded: () => degraded,
    hasMoved: () => attempts > 0 || failure !== null || degraded !== null,
    async *try(route, isRetry) {
      const { rung } = equipped(route)
      const aside = await setAside(brief.purse, rung, reckoned(route))
      if (!aside) {
        // Nor is it tried again for the sake of knowing.
        if (failure) holding.ruling(failure)
        return { type: 'unaffordable' }
      }
      if (tools.signal.aborted) {
        aside.settle(0)
        return { type: 'ended' }
      }
      const isCovered = hedging.covers(rung)
      const isHoldOut = holding.isTrying()
      const reason = isHoldOut ? 'hold-out' : isRetry ? 'retry' : why
      const first = start(route, reason, aside, isCovered ? () => void hedge() : undefined)
      if (isRetry && !isHoldOut) book.spendRetry(rung)
      why = 'next'
      if (!isCovered) return over(first, yield* first.told)
      const race = createRace<Name>({
        failed: note,
        taken({ route: by, attempt: number }, direction, cause) {
          // A wait that was cut short is no evidence against a route, but it is why another one answers.
          kinds.set(route, cause)
          leading = number
          degraded = compare(by)
          const because =
            direction === 'next'
              ? `${cause}: ${by} is under way already`
              : `${route} is late: ${by} answers first`
          return { type: 'moved', move: { to: 'route', route: by, direction }, because, degraded }
        },
      })
      async function hedge(): Promise<void> {
        // What was blocked is not put to one more at random.
        if (requests + 2 > (limits.maxAttempts ?? Infinity) || isBlocked()) return
        const input = look()
        const second = hedging.take(input, input.candidates.get(route), promise(input))
        if (second === null) return
        const other = await setAside(brief.purse, equipped(second).rung, reckoned(second))
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
    async *failed(result) {
      const { failure: cause, visibleChars, isStructured, lastedMs, wasSuspended } = result
      const { route, isRepeat, tries: triesBefore, hasChangedCredential } = await note(result)
      const { rung } = equipped(route)
      const input = look()
      const decision = react(
        { failure: holding.ruling(cause), visibleChars, isStructured, isRepeat },
        input.candidates.get(route) ?? null,
        { ...retryOf(rung, input), hasChangedCredential, lastedMs, tries: triesBefore },
      )
      // A deadline has been drawn for when it was over.
      const isOpen = canHold && !result.isExpired && !wasSuspended
      return isOpen ? yield* holding.settle(rung, cause, decision) : decision
    },
    chooseAnew,
    foregone: (confirmation) => asking.foregone(confirmation),
    answered(reply, confirmation) {
      const instead = asking.answered(reply, confirmation)
      if (instead === 'give-up') return giveUp('no other route was wanted')
      if (instead) return stillOr(instead)
      if (!agreed) throw new TypeError('there was no question')
      why = 'confirmed'
      return stillOr({ move: agreed, because: 'the user agreed' })
    },
    giveUp,
    end(status, finish) {
      holding.end(status === 'left' ? null : status !== 'answered' || isCanned)
      if (status !== 'kept' || !shown) return { status, finish: finish ?? null, failure, bills }
      // A draft was kept for what it lacks itself, whatever came of doing better.
      return { status, finish: shown.finish, failure: hasDraft() ? shown.by : failure, bills }
    },
  }
}
