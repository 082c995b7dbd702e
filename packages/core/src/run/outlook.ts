import type { LatencyModel } from '../health/latency.ts'
import type { Candidate, PlanInput } from '../policy/candidate.ts'
import { kindAgainst, plan, promised } from '../policy/plan.ts'
import { tradeoff } from '../policy/tradeoff.ts'
import type { Degraded } from '../words/policy.ts'
import type { Course } from './course.ts'
import type { RunTools } from './tools.ts'
import { paceOf, reachable, survey, type Brief, type Shared } from './survey.ts'

/** What one run sees from where it stands. */
export interface Outlook<Name extends string> {
  /** All that is known now, with so much more spent. */
  readonly look: (moreUsd?: number) => PlanInput<Name>
  /** What is left of the run's time, and of its thread's, ms. */
  readonly leftMs: () => number
  /** Acceptable and untried, in the order in which to take them. */
  readonly openRoutes: (input: PlanInput<Name>) => readonly Candidate<Name>[]
  /** How slow the other rungs are that are still open. */
  readonly later: (route: Name) => readonly LatencyModel[]
  /** What an attempt on it would cost by what is known now, USD. */
  readonly reckoned: (route: Name) => number | null
  /** With what was expected of it when the run began: what this run does to a measurement changes no promise. */
  readonly asExpected: (one: Candidate<Name>) => Candidate<Name>
  /** The first rung that the tier and the request permit, as it was promised. */
  readonly promise: (input: PlanInput<Name>) => Candidate<Name> | null
  /** What a route is against the promised one; null where it is that. */
  readonly compare: (route: Name) => Degraded<Name> | null
  /** Whether a route would be acceptable, had it not been tried. */
  readonly isAcceptableAgain: (route: Name, input?: PlanInput<Name>) => boolean
}

export function createOutlook<Name extends string>(
  shared: Shared<Name>,
  brief: Brief<Name>,
  tools: Pick<RunTools<Name>, 'activeMs'>,
  course: Course<Name>,
  hasDeclined: (route: Name) => boolean,
): Outlook<Name> {
  const { book, world } = shared
  const { terms } = brief
  const { limits } = terms
  const within = reachable(terms)

  const ownLeftMs = (): number => (limits.totalMs ?? Infinity) - tools.activeMs()
  const look = (moreUsd = 0): PlanInput<Name> =>
    survey(shared, brief, {
      isTried: (route) => course.tries.has(route),
      isKeyless: (route) => course.keyless.has(route),
      spentUsd: course.spentUsd + moreUsd,
      leftMs: ownLeftMs(),
    })
  const expected = look().candidates
  function openRoutes(input: PlanInput<Name>): readonly Candidate<Name>[] {
    return plan(input, within).routes.flatMap(({ route }) => input.candidates.get(route) ?? [])
  }
  function asExpected(one: Candidate<Name>): Candidate<Name> {
    return { ...one, expected: (expected.get(one.name) ?? one).expected }
  }
  function promise(input: PlanInput<Name>): Candidate<Name> | null {
    const from = promised(input)
    return from && asExpected(from)
  }

  function causeOf(from: Candidate<Name>, input: PlanInput<Name>): Degraded<Name>['cause'] {
    const { name, hold, suspectedBy } = from
    if (hasDeclined(name)) return 'declined'
    const kind = course.kinds.get(name)
    if (kind !== undefined) return kind
    if (hold) return 'hold-off'
    return plan(input).routes.some(({ route }) => route === name)
      ? suspectedBy
      : (course.failure?.kind ?? kindAgainst(from, input) ?? 'offline')
  }

  return {
    look,
    leftMs: () => Math.min(ownLeftMs(), brief.thread.left(limits).ms),
    openRoutes,
    later: (route) =>
      openRoutes(look())
        .filter(({ name }) => name !== route && terms.ladder.includes(name))
        .map((one) => book.latency(one, paceOf(brief, one))),
    reckoned: (route) => look().candidates.get(route)?.expected.costUsd ?? null,
    asExpected,
    promise,
    compare(route) {
      const input = look()
      const from = promise(input)
      const to = input.candidates.get(route)
      if (!from || !to || from.name === route) return null
      const { hold, backAt } = from
      const { degraded } = course
      return {
        from: from.name,
        to: route,
        cause: route === brief.kept ? 'thread' : causeOf(from, input),
        since: degraded?.from === from.name ? degraded.since : world.now(),
        backAt: hold ? (hold.until < Infinity ? hold.until : null) : backAt,
        tradeoff: tradeoff(from, asExpected(to)),
      }
    },
    isAcceptableAgain(route, input = look()) {
      const candidates = new Map(input.candidates)
      const one = candidates.get(route)
      if (one) candidates.set(route, { ...one, isTried: false })
      return plan({ ...input, candidates }, [route]).routes.length > 0
    },
  }
}
