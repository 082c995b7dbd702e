import type { HealthBook } from '../health/book.ts'
import { firstContentMs, gapMs, P90, P95, quantile, slowerPace } from '../health/latency.ts'
import { covers, type Consent } from '../policy/consent.ts'
import { expectedUsd, inputTokens } from '../policy/cost.ts'
import type { Terms } from '../policy/limits.ts'
import { plan, promised, type Candidate, type Needs, type PlanInput } from '../policy/plan.ts'
import type { Failure } from '../words/failure.ts'
import type { Pace, Plan } from '../words/policy.ts'
import type { RunRequest } from '../words/request.ts'
import type { Ability } from '../words/route.ts'
import type { Rung } from '../words/rung.ts'
import type { Wire, WireRequest } from '../words/wire.ts'
import type { World } from '../words/world.ts'
import type { Story } from './ascent.ts'
import { attempt } from './attempt.ts'
import type { RunTools } from './run.ts'
import type { Deadlines } from './watchdog.ts'

/** A route with what makes it work. */
export interface Equipped<Name extends string = string> {
  readonly rung: Rung<Name>
  readonly wire: Wire
}

/** What the runs of one LLM share. */
export interface Shared<Name extends string> {
  readonly routes: ReadonlyMap<Name, Equipped<Name>>
  readonly book: HealthBook
  readonly world: World
  /** Credentials that were refused, by route, to see when they are replaced. Memory only. */
  readonly refusedKeys: Map<Name, string | undefined>
  /** Yeses for the session. Memory only. */
  readonly consents: Consent[]
}

/** What one request comes to before any route is chosen. */
export interface Brief<Name extends string> {
  readonly workload: string
  readonly terms: Terms<Name>
  readonly request: Omit<WireRequest, 'failure'>
  readonly needs: Needs
  readonly canConfirm: RunRequest['canConfirm']
  /** What the whole answer has to pass; throws a Fault where it does not. */
  readonly check: (text: string) => Promise<void>
}

/** What a request asks of a route. */
export function needsOf(request: Omit<WireRequest, 'failure'>): Needs {
  const hasImage = request.messages.some(
    ({ content }) => typeof content !== 'string' && content.some(({ type }) => type === 'image'),
  )
  const abilities: Ability[] = [
    ...(hasImage ? (['image'] as const) : []),
    ...(request.tools && Object.keys(request.tools).length > 0 ? (['tools'] as const) : []),
    ...(request.output ? (['json'] as const) : []),
  ]
  return { abilities, contextTokens: inputTokens(request) + (request.maxOutputTokens ?? 0) }
}

/** Where a run stands, as far as a plan depends on it. */
interface Position<Name extends string> {
  readonly tried: ReadonlySet<Name>
  readonly keyless: ReadonlySet<Name>
  readonly leftUsd: number
  readonly leftMs: number
}

function paceOf<Name extends string>({ terms }: Brief<Name>, { facts }: Rung): Pace {
  return slowerPace(terms.workload.pace, facts.pace)
}

function survey<Name extends string>(
  { routes, book, world }: Shared<Name>,
  brief: Brief<Name>,
  { tried, keyless, leftUsd, leftMs }: Position<Name>,
): PlanInput<Name> {
  const candidates = new Map<Name, Candidate<Name>>()
  for (const [name, { rung }] of routes) {
    candidates.set(name, {
      ...rung,
      credential: keyless.has(name) ? 'missing' : rung.credential,
      hold: book.hold(rung),
      isTried: tried.has(name),
      expected: {
        ...book.wait(rung, paceOf(brief, rung)),
        costUsd: expectedUsd(rung, brief.request),
        quality: rung.quality,
      },
    })
  }
  return {
    terms: brief.terms,
    needs: brief.needs,
    candidates,
    isOnline: world.page.isOnline(),
    now: world.now(),
    leftUsd,
    leftMs,
  }
}

/** The plan for a request before anything was tried. */
export function explain<Name extends string>(shared: Shared<Name>, brief: Brief<Name>): Plan<Name> {
  const { costUsd = Infinity, totalMs = Infinity } = brief.terms.limits
  const none: ReadonlySet<Name> = new Set()
  return plan(
    survey(shared, brief, { tried: none, keyless: none, leftUsd: costUsd, leftMs: totalMs }),
  )
}

/** What the ladder needs of the world, for one run. */
export function createStory<Name extends string>(
  shared: Shared<Name>,
  brief: Brief<Name>,
  tools: RunTools<Name>,
): Story<Name> {
  const { book, world } = shared
  const { terms, request } = brief
  const { limits } = terms
  /** What the attempts so far cost or may have cost, USD. */
  let spentUsd = 0

  const leftMs = (): number => (limits.totalMs ?? Infinity) - tools.activeMs()
  const equipped = (name: Name): Equipped<Name> => {
    const route = shared.routes.get(name)
    if (!route) throw new TypeError(`there is no route ${name}`)
    return route
  }
  /** The ladder, then what only `on` names. */
  const reachable: readonly Name[] = [
    ...new Set([
      ...terms.ladder,
      ...Object.values(terms.on).flatMap((rule) => (Array.isArray(rule) ? (rule as Name[]) : [])),
    ]),
  ]

  function deadlinesFor(rung: Rung<Name>, later: readonly Candidate<Name>[]): Deadlines {
    const pace = paceOf(brief, rung)
    const model = book.latency(rung, pace)
    const left = leftMs()
    // Each later rung is left its predicted p95; they lose it from the bottom until this attempt has its own.
    const own = quantile(model, P95)
    const reserves = later.map((one) => quantile(book.latency(one, paceOf(brief, one)), P95))
    let reserved = reserves.reduce((sum, ms) => sum + ms, 0)
    while (reserves.length > 0 && left - reserved < own) reserved -= reserves.pop() ?? 0
    return {
      firstMs: firstContentMs(model, pace),
      ceilingMs: Math.min(limits.firstChunkMs ?? Infinity, left - reserved),
      gapMs: Math.min(limits.chunkMs ?? Infinity, gapMs(pace)),
      totalMs: left,
      slowMs: quantile(model, P90),
    }
  }

  return {
    terms,
    survey(tried, keyless) {
      const input = survey(shared, brief, {
        tried,
        keyless,
        leftUsd: (limits.costUsd ?? Infinity) - spentUsd,
        leftMs: leftMs(),
      })
      const open = plan(input, reachable).routes.flatMap(({ route }) => {
        const candidate = input.candidates.get(route)
        return candidate ? [candidate] : []
      })
      return {
        plan: plan(input),
        candidates: input.candidates,
        open,
        promised: promised(input),
        isOutOfTime: leftMs() <= 0,
      }
    },
    async *attempt({ attempt: number, route, why, failure, later }) {
      const { rung, wire } = equipped(route)
      const pace = paceOf(brief, rung)
      const told = attempt<Name>({
        attempt: number,
        why,
        rung,
        wire,
        world,
        request: { ...request, failure },
        // A canned answer is never late: it is what comes when time is over.
        deadlines: rung.isCanned ? NEVER : deadlinesFor(rung, later),
        signal: tools.signal,
        onFirstContent: (waitMs) => {
          if (!rung.isCanned) book.answered(rung, pace, waitMs)
        },
        check: rung.isCanned ? async () => undefined : brief.check,
      })
      let step = await told.next()
      while (!step.done) {
        const { value } = step
        if (value.type === 'attempt-failed' || value.type === 'attempt-finished') {
          spentUsd += value.costUsd ?? 0
        }
        yield value
        step = await told.next()
      }
      return step.value
    },
    async hasChangedCredential(route, key) {
      const { wire } = equipped(route)
      const now = await wire.readKey?.()
      return now !== undefined && now !== key
    },
    canRetry: (route) => book.canRetry(equipped(route).rung),
    spendRetry: (route) => {
      book.spendRetry(equipped(route).rung)
    },
    blame(failure: Failure<Name>, key) {
      if (failure.route === null) return
      const { rung } = equipped(failure.route)
      book.failed(rung, failure, world.random())
      if (book.hold(rung)?.isOfCredential) shared.refusedKeys.set(failure.route, key)
    },
    canAsk: () =>
      typeof brief.canConfirm === 'function' ? brief.canConfirm() : brief.canConfirm === true,
    async ask(confirmation) {
      const consent: Consent = { workload: brief.workload, ...confirmation }
      if (shared.consents.some((given) => covers(given, consent))) {
        return { answer: 'yes', scope: 'session' }
      }
      const reply = await tools.ask(confirmation)
      if (reply.answer === 'yes' && reply.scope === 'session') shared.consents.push(consent)
      return reply
    },
    wait: (ms) => tools.wait(ms),
    waitOnline: (patienceMs) => tools.waitOnline(patienceMs),
    isEnded: () => tools.signal.aborted,
    now: () => world.now(),
    random: () => world.random(),
  }
}

const NEVER: Deadlines = {
  firstMs: Infinity,
  ceilingMs: Infinity,
  gapMs: Infinity,
  totalMs: Infinity,
  slowMs: Infinity,
}

/** Let go of holds on credentials that have been replaced since they were refused. */
export async function releaseReplaced<Name extends string>({
  routes,
  book,
  refusedKeys,
}: Shared<Name>): Promise<void> {
  await Promise.all(
    [...refusedKeys].map(async ([name, refused]) => {
      const route = routes.get(name)
      const key = await route?.wire.readKey?.()
      if (route && key !== undefined && key !== refused) {
        refusedKeys.delete(name)
        book.release(route.rung)
      }
    }),
  )
}
