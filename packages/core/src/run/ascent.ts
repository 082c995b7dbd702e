import { decide, type Decision } from '../policy/decide.ts'
import type { Terms } from '../policy/limits.ts'
import { emptiness, type Candidate } from '../policy/plan.ts'
import { failureOf } from '../policy/failure.ts'
import { tradeoff } from '../policy/tradeoff.ts'
import type { Attempt, Finish, RunStep } from '../words/event.ts'
import type { Failure, FailureKind } from '../words/failure.ts'
import type { Confirmation, Degraded, Move, Plan } from '../words/policy.ts'
import type { AttemptResult } from './attempt.ts'
import type { Reply } from './run.ts'

/** Which routes may serve at this moment, and all that is known of them. */
export interface Survey<Name extends string> {
  readonly plan: Plan<Name>
  readonly candidates: ReadonlyMap<Name, Candidate<Name>>
  /** Acceptable and untried: the ladder in its order, then routes that only `on` names. */
  readonly open: readonly Candidate<Name>[]
  /** The first rung that the tier and the request permit. */
  readonly promised: Candidate<Name> | null
  readonly isOutOfTime: boolean
}

/** What the ladder asks of the run it belongs to. */
export interface Story<Name extends string> {
  readonly terms: Terms<Name>
  /** @param tried routes that were tried @param keyless routes whose credential turned out to be missing */
  survey(tried: ReadonlySet<Name>, keyless: ReadonlySet<Name>): Survey<Name>
  attempt(input: {
    readonly attempt: number
    readonly route: Name
    readonly why: Attempt['why']
    /** What led here. */
    readonly failure: Failure<Name> | null
    /** Routes that must be left time after this one. */
    readonly later: readonly Candidate<Name>[]
  }): AsyncGenerator<RunStep<Name>, AttemptResult<Name>, void>
  /** Whether a credential that failed has been replaced since. */
  hasChangedCredential(route: Name, key: string | undefined): Promise<boolean>
  canRetry(route: Name): boolean
  /** Take one same-route retry out of the budget. */
  spendRetry(route: Name): void
  /** Note what a failure says of its route. */
  blame(failure: Failure<Name>, key: string | undefined): void
  canAsk(): boolean
  ask(confirmation: Confirmation<Name>): Promise<Reply>
  /** Wait; returns early when the run is ended. */
  wait(ms: number): Promise<void>
  /** Wait for the network, at most so long; whether it is there. */
  waitOnline(patienceMs: number): Promise<boolean>
  isEnded(): boolean
  now(): number
  random(): number
}

/** How the climb ended. */
export interface Ending<Name extends string> {
  readonly status: 'answered' | 'kept' | 'failed' | 'left'
  readonly finish: Finish | null
  /** What led here. */
  readonly failure: Failure<Name> | null
}

/** A question that is not answered in this time is answered no, ms. */
const QUESTION_MS = 60_000

type Step<Name extends string> = Decision<Name>['move']
type Try<Name extends string> = Extract<Step<Name>, { route: Name }>

/** Where one run stands: what was tried and why, and what follows from it. */
export interface Ascent<Name extends string> {
  readonly plan: Plan<Name>
  /** The first route, or what is to be done when there is none. */
  open(): Decision<Name>
  /** The step as a move to tell of; null for the first route when it is the promised one. */
  announce(step: Step<Name>): Move<Name> | null
  degraded(): Degraded<Name> | null
  start(step: Try<Name>): Parameters<Story<Name>['attempt']>[0]
  failed(
    route: Name,
    result: Extract<AttemptResult<Name>, { type: 'failed' }>,
  ): Promise<Decision<Name>>
  confirmation(step: Extract<Step<Name>, { to: 'ask' }>): Confirmation<Name>
  answered(isYes: boolean, step: Extract<Step<Name>, { to: 'ask' }>): Decision<Name>
  /** Nothing more is waited for: the safe answer, or the end. */
  giveUp(): Decision<Name>
  end(status: Ending<Name>['status'], finish?: Finish): Ending<Name>
}

export function createAscent<Name extends string>(story: Story<Name>): Ascent<Name> {
  const { terms } = story
  const tries = new Map<Name, number>()
  /** What each route last failed by in this run. */
  const kinds = new Map<Name, FailureKind>()
  const keyless = new Set<Name>()
  let attempts = 0
  /** Attempts that sent a request: those count against the limit. */
  let requests = 0
  let failure: Failure<Name> | null = null
  let why: Attempt['why'] = 'first'
  let standing: Degraded<Name> | null = null

  const survey = (): Survey<Name> => story.survey(new Set(tries.keys()), keyless)
  const first = survey()

  /** What the answer of `route` is against what was promised. */
  function compare(route: Name): Degraded<Name> | null {
    const { promised, candidates } = survey()
    const to = candidates.get(route)
    if (!promised || !to || promised.name === route) return null
    const backAt = promised.hold && promised.hold.until < Infinity ? promised.hold.until : null
    return {
      from: promised.name,
      to: route,
      cause:
        kinds.get(promised.name) ?? (promised.hold ? 'hold-off' : (failure?.kind ?? 'offline')),
      since: standing?.from === promised.name ? standing.since : story.now(),
      backAt,
      tradeoff: tradeoff(promised, to),
    }
  }

  function ground(because: string): Decision<Name> {
    return terms.safe === null
      ? { move: { to: 'stop' }, because }
      : { move: { to: 'safe', route: terms.safe }, because }
  }

  return {
    plan: first.plan,
    open() {
      const { plan, open, candidates, isOutOfTime } = survey()
      const [choice] = plan.routes
      if (choice && !isOutOfTime) {
        const rejected = plan.excluded
          .map(({ route, because }) => `${route}: ${because}`)
          .join('; ')
        return {
          move: { to: 'route', route: choice.route, direction: 'next' },
          because: rejected === '' ? choice.because : rejected,
        }
      }
      const empty = emptiness(plan, candidates)
      const reason = failureOf(empty.kind, {
        phase: 'before-request',
        route: empty.route,
        provider: empty.provider,
        ...(empty.until === null ? {} : { retryAfterMs: Math.max(0, empty.until - story.now()) }),
      })
      failure ??= reason
      return decide({
        failure: reason,
        failed: null,
        open,
        terms,
        visibleChars: 0,
        isStructured: false,
        canAsk: false,
        isOutOfTime,
        attemptsLeft: attemptsLeft(),
        isRepeat: false,
        retry: { isAffordable: false, hasChangedCredential: false, lastedMs: 0, triesOfRoute: 0 },
        jitter: story.random(),
      })
    },
    announce(step) {
      if (step.to === 'ask') return null
      if ('route' in step) standing = compare(step.route)
      return attempts === 0 && failure === null && standing === null ? null : step
    },
    degraded: () => standing,
    start(step) {
      attempts += 1
      if (step.to === 'retry') why = 'retry'
      const started = { attempt: attempts, route: step.route, why, failure }
      tries.set(step.route, (tries.get(step.route) ?? 0) + 1)
      why = 'next'
      return { ...started, later: step.to === 'safe' ? [] : survey().open }
    },
    async failed(route, result) {
      const isRepeat = [...kinds.values()].includes(result.failure.kind)
      failure = result.failure
      kinds.set(route, failure.kind)
      if (failure.kind === 'offline') tries.delete(route)
      else if (failure.phase === 'before-request') keyless.add(route)
      else requests += 1
      story.blame(failure, result.key)
      const hasChangedCredential =
        failure.kind === 'auth' &&
        (tries.get(route) ?? 0) < 2 &&
        (await story.hasChangedCredential(route, result.key))
      const { open, candidates, isOutOfTime } = survey()
      return decide({
        failure,
        failed: candidates.get(route) ?? null,
        open,
        terms,
        visibleChars: result.visibleChars,
        isStructured: result.isStructured,
        canAsk: story.canAsk(),
        isOutOfTime,
        attemptsLeft: attemptsLeft(),
        isRepeat,
        retry: {
          isAffordable: story.canRetry(route),
          hasChangedCredential,
          lastedMs: result.lastedMs,
          triesOfRoute: tries.get(route) ?? 0,
        },
        jitter: story.random(),
      })
    },
    confirmation(step) {
      const { candidates, promised } = survey()
      const to = candidates.get(step.route)
      return {
        about: step.about,
        route: step.route,
        cause: failure?.kind ?? null,
        tradeoff: promised && to ? tradeoff(promised, to) : {},
        expiresAt: story.now() + QUESTION_MS,
        declineTo: step.declineTo,
      }
    },
    answered(isYes, step) {
      if (isYes) {
        why = 'confirmed'
        return {
          move: { to: 'route', route: step.route, direction: 'next' },
          because: 'the user agreed',
        }
      }
      return step.declineTo === 'keep'
        ? { move: { to: 'keep' }, because: 'what there is was kept' }
        : ground('no other route was wanted')
    },
    giveUp: () => ground('the network did not come back in time'),
    end: (status, finish) => ({ status, finish: finish ?? null, failure }),
  }

  function attemptsLeft(): number {
    return (terms.limits.maxAttempts ?? Infinity) - requests
  }
}
