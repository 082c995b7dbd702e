import type { Candidate, PlanInput } from '../policy/candidate.ts'
import { decide } from '../policy/decide.ts'
import { failureOf } from '../policy/failure.ts'
import { emptiness, plan } from '../policy/plan.ts'
import type { Decision, Retry, Situation } from '../policy/situation.ts'
import type { Finish, RunStep } from '../words/event.ts'
import type { Failure } from '../words/failure.ts'
import type { Confirmation, Degraded, Move, Plan } from '../words/policy.ts'
import type { Rung } from '../words/rung.ts'
import { createAsking } from './asking.ts'
import type { AttemptResult } from './attempt.ts'
import type { Bill } from './billing.ts'
import { createCourse, hasDraft, hasText, mayBeAsked } from './course.ts'
import { spareMs } from './deadlines.ts'
import { createHolding } from './holding.ts'
import { createOutlook } from './outlook.ts'
import { QUESTION_MS } from './state.ts'
import { equipped, type Brief, type Shared } from './survey.ts'
import type { Reply, RunTools } from './tools.ts'
import { createTrying, type Trying } from './trying.ts'

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
  readonly try: Trying<Name>['try']
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
  const { book, world } = shared
  const { terms } = brief
  const { limits } = terms
  const asking = createAsking(shared, brief)
  const course = createCourse<Name>()
  const { tries } = course
  const outlook = createOutlook(shared, brief, tools, course, (route) => asking.hasDeclined(route))
  const { look, leftMs, openRoutes, asExpected, promise, compare, isAcceptableAgain } = outlook
  /** What a yes to the open question is a yes to. */
  let agreed: Extract<Move<Name>, { to: 'route' | 'retry' }> | null = null

  /** Put a choice to the user where it has to be. */
  function gate(
    input: PlanInput<Name>,
    choose: (open: readonly Candidate<Name>[]) => Decision<Name>,
  ): Decision<Name> {
    return asking.gate({
      choose,
      open: openRoutes(input)
        .filter(({ name }) => !asking.hasDeclined(name) && mayBeAsked(course, terms, name))
        .map(asExpected),
      promised: promise(input),
      about: course.attempts === 0 && course.failure === null ? 'first' : 'tradeoff',
      hasText: hasText(course),
    })
  }

  function react(
    situation: Pick<Situation<Name>, 'failure' | 'visibleChars' | 'isStructured' | 'isRepeat'>,
    failed: Candidate<Name> | null,
    retry: Retry,
    input = look(),
    used = course.requests,
  ): Decision<Name> {
    return gate(input, (open) =>
      decide({
        ...situation,
        failed,
        retry,
        open,
        terms,
        hasText: hasText(course),
        hasDraft: hasDraft(course),
        canAsk: asking.canAsk(),
        leftMs: leftMs(),
        attemptsLeft: (limits.maxAttempts ?? Infinity) - used,
        jitter: world.random(),
      }),
    )
  }
  const holding = createHolding(shared, brief, {
    attempt: () => course.attempts,
    hasText: () => hasText(course),
    spareMs: (route) => spareMs(outlook.later(route), leftMs()),
    isAcceptableAgain: (route) => isAcceptableAgain(route),
    leadsOn(rung, cause) {
      const input = look(outlook.reckoned(rung.name) ?? 0)
      const { move } = react(
        { failure: cause, visibleChars: 0, isStructured: false, isRepeat: false },
        input.candidates.get(rung.name) ?? null,
        { ...noRetry, ...retryOf(rung, input), tries: tries.get(rung.name) ?? 0 },
        input,
        course.requests + 1,
      )
      return move.to === 'route' && !equipped(shared, move.route).rung.isCanned
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

  const trying = createTrying(shared, brief, tools, course, outlook, holding)

  function giveUp(because: string): Decision<Name> {
    const { safe } = terms
    if (hasDraft(course)) return { move: { to: 'keep' }, because }
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
    course.failure ??= cause
    return react(
      { failure: cause, visibleChars: 0, isStructured: false, isRepeat: false },
      null,
      noRetry,
    )
  }
  function chooseAnew(): Decision<Name> {
    const decision = begin()
    const isOver = decision.move.to === 'safe' || decision.move.to === 'stop'
    return hasText(course) && isOver ? { ...decision, move: { to: 'keep' } } : decision
  }
  /** Much can happen while somebody thinks: a route that was to be taken has to be acceptable still. */
  function stillOr(decision: Decision<Name>): Decision<Name> {
    const { move } = decision
    return move.to !== 'route' || isAcceptableAgain(move.route) ? decision : chooseAnew()
  }

  return {
    plan: plan(look()),
    open: begin,
    take({ move }) {
      if (move.to !== 'ask') {
        if ('route' in move) course.degraded = compare(move.route)
        return move
      }
      const { about, route, declineTo } = move
      agreed = move.agreed
      return {
        to: 'ask',
        confirmation: {
          about,
          route,
          cause: course.failure?.kind ?? null,
          tradeoff: move.tradeoff ?? compare(route)?.tradeoff ?? {},
          expiresAt: world.now() + QUESTION_MS,
          declineTo,
        },
      }
    },
    degraded: () => course.degraded,
    hasMoved: () => course.attempts > 0 || course.failure !== null || course.degraded !== null,
    try: (route, isRetry) => trying.try(route, isRetry),
    async *failed(result) {
      const { failure: cause, visibleChars, isStructured, lastedMs, wasSuspended } = result
      const {
        route,
        isRepeat,
        tries: triesBefore,
        hasChangedCredential,
      } = await trying.note(result)
      const { rung } = equipped(shared, route)
      const input = look()
      const decision = react(
        { failure: holding.ruling(cause), visibleChars, isStructured, isRepeat },
        input.candidates.get(route) ?? null,
        { ...retryOf(rung, input), hasChangedCredential, lastedMs, tries: triesBefore },
      )
      // A deadline has been drawn for when it was over.
      const isOpen = course.canHold && !result.isExpired && !wasSuspended
      return isOpen ? yield* holding.settle(rung, cause, decision) : decision
    },
    chooseAnew,
    foregone: (confirmation) => asking.foregone(confirmation),
    answered(reply, confirmation) {
      const instead = asking.answered(reply, confirmation)
      if (instead === 'give-up') return giveUp('no other route was wanted')
      if (instead) return stillOr(instead)
      if (!agreed) throw new TypeError('there was no question')
      course.why = 'confirmed'
      return stillOr({ move: agreed, because: 'the user agreed' })
    },
    giveUp,
    end(status, finish) {
      const { bills, failure, isCanned, shown } = course
      holding.end(status === 'left' ? null : status !== 'answered' || isCanned)
      if (status !== 'kept' || !shown) return { status, finish: finish ?? null, failure, bills }
      // A draft was kept for what it lacks itself, whatever came of doing better.
      return { status, finish: shown.finish, failure: hasDraft(course) ? shown.by : failure, bills }
    },
  }
}
