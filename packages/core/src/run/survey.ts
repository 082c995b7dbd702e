import type { HealthBook } from '../health/book.ts'
import { slowerPace } from '../health/latency.ts'
import { noBudget } from '../policy/budget.ts'
import type { Consent } from '../policy/consent.ts'
import { expectedUsd } from '../policy/cost.ts'
import type { Tally } from '../policy/holdOut.ts'
import type { Terms } from '../policy/limits.ts'
import type { Candidate, Needs, PlanInput } from '../policy/candidate.ts'
import { plan } from '../policy/plan.ts'
import type { Plan } from '../words/policy.ts'
import type { RunRequest } from '../words/request.ts'
import type { Ability, Pace } from '../words/route.ts'
import type { Rung } from '../words/rung.ts'
import type { Availability, Wire, WireRequest } from '../words/wire.ts'
import type { World } from '../words/world.ts'
import type { Purse } from './budget.ts'
import type { Passing } from './checks.ts'
import { inputTokens } from './sized.ts'
import type { Thread } from './thread.ts'
import { within } from './within.ts'

/** A route with what makes it work. */
export interface Equipped<Name extends string = string> {
  readonly rung: Rung<Name>
  readonly wire: Wire
}

interface RefusedKey<Name extends string> {
  readonly route: Name
  readonly key: string | undefined
  /** Whether there is another one by now is being asked. */
  isBeingRead: boolean
}

/** What the runs of one LLM share. */
export interface Shared<Name extends string> {
  readonly routes: ReadonlyMap<Name, Equipped<Name>>
  readonly book: HealthBook
  readonly world: World
  /** Credentials that were refused, by account, to see when they are replaced. Memory only. */
  readonly refusedKeys: Map<string, RefusedKey<Name>>
  /** What wires that may not be there said last, whatever they were asked. */
  readonly availabilities: Map<Name, Availability>
  /** Yeses for the session. Memory only. */
  readonly consents: Consent[]
  /** What came of holding out, by workload. */
  readonly holdOuts: Map<string, Tally>
  /** What each workload has left of hedges (`health/hedges.ts`). */
  readonly hedges: Map<string, number>
}

export function equipped<Name extends string>(
  { routes }: Shared<Name>,
  route: Name,
): Equipped<Name> {
  const known = routes.get(route)
  if (!known) throw new TypeError(`there is no route ${route}`)
  return known
}

/** What one request comes to before any route is chosen. */
export interface Brief<Name extends string> {
  readonly workload: string
  readonly terms: Terms<Name>
  readonly request: Omit<WireRequest, 'failure'>
  readonly needs: Needs
  /** The route that the thread is with, where it is in the middle of a tool's use. */
  readonly kept: Name | null
  readonly canConfirm: RunRequest['canConfirm']
  /** The user's budget; null where the tier has none. */
  readonly purse: Purse | null
  readonly thread: Thread
  /** What wires that may not be there said of this request. */
  readonly availabilities: Map<Name, Availability>
  /** What the whole answer has to pass; throws a Fault where it does not. */
  readonly check: Passing['check']
}

/** Where a run stands, as far as a plan depends on it. */
export interface Position<Name extends string> {
  readonly isTried: (route: Name) => boolean
  /** The route's credential turned out to be missing. */
  readonly isKeyless: (route: Name) => boolean
  readonly spentUsd: number
  /** Of the run alone. */
  readonly leftMs: number
}

/** What a request asks of a route. */
export function needsOf(request: Omit<WireRequest, 'failure'>): Needs {
  const { messages, tools = {}, output, maxOutputTokens = 0 } = request
  const hasImage = messages.some(
    ({ content }) => typeof content !== 'string' && content.some(({ type }) => type === 'image'),
  )
  const asked: readonly (readonly [Ability, boolean])[] = [
    ['image', hasImage],
    ['tools', Object.keys(tools).length > 0],
    ['json', output !== undefined],
  ]
  return {
    abilities: asked.flatMap(([ability, isAsked]) => (isAsked ? [ability] : [])),
    contextTokens: inputTokens(request) + maxOutputTokens,
  }
}

export function paceOf<Name extends string>({ terms }: Brief<Name>, { facts }: Rung): Pace {
  return slowerPace(terms.workload.pace, facts.pace)
}

/** All that is known of every route at this moment. */
export function survey<Name extends string>(
  { routes, book, world, availabilities }: Shared<Name>,
  brief: Brief<Name>,
  { isTried, isKeyless, spentUsd, leftMs }: Position<Name>,
): PlanInput<Name> {
  const candidates = new Map<Name, Candidate<Name>>()
  const { maxOutputTokens } = brief.request
  for (const [name, { rung, wire }] of routes) {
    const availability = brief.availabilities.get(name) ?? availabilities.get(name) ?? 'available'
    candidates.set(name, {
      ...rung,
      credential: isKeyless(name) || wire.isKeyless?.() ? 'missing' : rung.credential,
      hold: book.hold(rung),
      ...book.standpoint(rung),
      isTried: isTried(name),
      availability,
      downloadBytes: availability === 'available' ? 0 : (wire.downloadBytes ?? 0),
      expected: {
        ...book.wait(rung, paceOf(brief, rung)),
        costUsd: expectedUsd(
          rung,
          inputTokens(brief.request),
          maxOutputTokens,
          book.outputTokens(rung),
        ),
        quality: rung.quality,
      },
      wholeMs: book.wholeMs(rung, paceOf(brief, rung), maxOutputTokens),
    })
  }
  const thread = brief.thread.left(brief.terms.limits)
  return {
    terms: brief.terms,
    needs: brief.needs,
    candidates,
    isOnline: world.page.isOnline(),
    now: world.now(),
    kept: brief.kept,
    leftUsd: Math.max(0, Math.min((brief.terms.limits.costUsd ?? Infinity) - spentUsd, thread.usd)),
    leftMs: Math.min(leftMs, thread.ms),
    thread,
    budget: brief.purse?.left() ?? noBudget,
  }
}

/** The plan for a request before anything was tried. */
export function explain<Name extends string>(shared: Shared<Name>, brief: Brief<Name>): Plan<Name> {
  const leftMs = brief.terms.limits.totalMs ?? Infinity
  return plan(survey(shared, brief, { isTried: no, isKeyless: no, spentUsd: 0, leftMs }))
}

function no(): boolean {
  return false
}

/** What is not told in this time is not waited for, ms. */
const PATIENCE_MS = 1_000

/** The routes that a run may come to: the ladder, then those that only `on` names. */
export function reachable<Name extends string>({ ladder, on }: Terms<Name>): readonly Name[] {
  const listed = Object.values(on).filter((rule) => typeof rule === 'object')
  return [...new Set([...ladder, ...listed.flat()])]
}

/** Ask the wires that may not be there whether they can serve a request. */
export async function askAvailability<Name extends string>(
  shared: Shared<Name>,
  brief: Brief<Name>,
): Promise<void> {
  const { routes, availabilities: last, world } = shared
  const { request, terms, availabilities } = brief
  const note = (name: Name, is: Availability): Availability => {
    availabilities.set(name, is)
    last.set(name, is)
    return is
  }
  const pending = new Set<Name>()
  const asked = reachable(terms).flatMap((name) => {
    const answer = routes.get(name)?.wire.availability?.(request)
    if (answer === undefined) return []
    if (typeof answer === 'string') {
      note(name, answer)
      return []
    }
    // Until it has said so it is not there: what may have to be downloaded is not begun unasked.
    pending.add(name)
    if (!last.has(name)) availabilities.set(name, 'unavailable')
    return [answer.then((is) => pending.delete(name) && note(name, is))]
  })
  if (asked.length === 0) return
  // Nobody waits for a route that would not be taken.
  const first = explain(shared, brief).routes[0]?.route
  const places = [...pending].map((name) => terms.ladder.indexOf(name)).filter((at) => at >= 0)
  const isAwaited = first === undefined || places.some((at) => at < terms.ladder.indexOf(first))
  if (isAwaited) await within(PATIENCE_MS, Promise.all(asked), world)
}

/** Let go of holds on credentials that a run may need and that have been replaced since they were refused. */
export async function releaseReplaced<Name extends string>(
  { routes, book, refusedKeys, world }: Shared<Name>,
  { terms }: Brief<Name>,
): Promise<void> {
  if (refusedKeys.size === 0) return
  const needed = new Set(reachable(terms).map((name) => routes.get(name)?.rung.accountKey))
  const readAgain = async (accountKey: string, refused: RefusedKey<Name>): Promise<void> => {
    const wire = routes.get(refused.route)?.wire
    // One read at a time: whoever does not answer holds up one run, and not each that follows.
    if (!wire || refused.isBeingRead || !needed.has(accountKey)) return
    refused.isBeingRead = true
    const is = await isReplaced(wire, refused.key)
    refused.isBeingRead = false
    if (!is) return
    refusedKeys.delete(accountKey)
    book.release(accountKey)
  }
  const reads = [...refusedKeys].map(([accountKey, refused]) => readAgain(accountKey, refused))
  await within(PATIENCE_MS, Promise.all(reads), world)
}

/** Whether a wire's credential is another one than `refused` by now. */
async function isReplaced({ readKey }: Wire, refused: string | undefined): Promise<boolean> {
  const key = await readKey?.()
  return key !== undefined && key !== refused
}

/** The same, where there is no time to wait for it: not in a second is no. */
export async function isReplacedSoon(
  wire: Wire,
  refused: string | undefined,
  world: World,
): Promise<boolean> {
  let isNew = false
  const read = isReplaced(wire, refused).then((is) => (isNew = is))
  await within(PATIENCE_MS, read, world)
  return isNew
}
