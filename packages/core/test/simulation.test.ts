import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FailureKind, Limits, Outcome, RouteFacts, RunEvent } from '../src/index.ts'
import {
  createVirtualWorld,
  CUT,
  HANG,
  HANG_BEFORE_HEADERS,
  scripted,
  type Script,
} from '../src/testing.ts'
import { eventsOf, FAILURE_KINDS, stage } from './play.ts'

const kinds = FAILURE_KINDS.filter((kind) => kind !== 'offline')

const beat = fc.oneof(
  fc.string({ minLength: 1, maxLength: 400 }),
  fc.integer({ min: 0, max: 15_000 }),
  fc.constantFrom<Script[number][]>(
    HANG,
    HANG_BEFORE_HEADERS,
    CUT,
    { malformed: true },
    { reasoning: 'hm' },
    { usage: { inputTokens: 3, outputTokens: 5 } },
    { finish: 'filtered' },
    { finish: 'length' },
    { refusal: 'No.' },
    { call: { name: 'look', input: {} } },
  ),
  fc.constantFrom(...kinds).map((fail) => ({ fail })),
  fc
    .constantFrom(400, 401, 402, 403, 404, 408, 409, 413, 429, 500, 503, 504)
    .map((status) => ({ status, headers: { 'retry-after': String(status % 7) } })),
)
/** Most scripts break sooner or later; half of them at once. */
const script = fc.oneof(
  fc.array(beat, { maxLength: 6 }),
  fc.tuple(
    fc.constantFrom<Script[number][]>(
      HANG,
      { status: 429, headers: { 'retry-after': '3' } },
      { status: 503 },
      { fail: 'network' },
      { fail: 'blocked-content' },
      { status: 401 },
    ),
  ),
)
const facts: fc.Arbitrary<RouteFacts> = fc.record({
  provider: fc.constantFrom('p', 'q', 'r'),
  region: fc.constantFrom('eu', 'us', undefined),
  compliance: fc.constantFrom(['gdpr'], [], undefined),
  quality: fc.constantFrom(0.2, 0.5, 0.8, undefined),
  price: fc.constantFrom('included' as const, { inputPerMTok: 1, outputPerMTok: 10 }, undefined),
  expect: fc.constantFrom({ firstChunkMs: 300 }, undefined),
  payer: fc.constantFrom('user', undefined, undefined, undefined),
})
const route = fc.record({
  facts,
  scripts: fc.array(script, { minLength: 1, maxLength: 3 }),
})
/** Silent for seconds before it does what it does, so that others are asked beside it. */
const lateRoute = fc
  .tuple(route, fc.integer({ min: 1000, max: 9000 }), fc.constantFrom([], ['word '], ['word ']))
  .map(([one, waitMs, words]) => ({
    facts: one.facts,
    scripts: one.scripts.map((beats) => beats.toSpliced(0, 0, waitMs, ...words)),
  }))
const limits: fc.Arbitrary<Limits> = fc.record({
  regions: fc.constantFrom(['eu'], undefined, undefined),
  require: fc.constantFrom(['gdpr'], undefined, undefined),
  minQuality: fc.constantFrom(0.4, undefined, undefined),
  costUsd: fc.constantFrom(0.01, undefined, undefined),
  totalMs: fc.constantFrom(2000, 8000, 30_000.5, undefined, undefined),
  maxAttempts: fc.constantFrom(1, 2, undefined, undefined),
})
const plot = fc.record({
  seed: fc.integer(),
  routes: fc.tuple(route, route, route, route),
  ladder: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 }),
  limits,
  recovery: fc.constantFrom('restart', 'ask', 'keep', undefined),
  on: fc.dictionary(
    fc.constantFrom<FailureKind[]>('rate-limit', 'queue-stall', 'outage', ...kinds),
    fc.constantFrom('next', 'faster', 'cheaper', 'stronger', 'larger', 'retry', 'ask', 'safe', [
      'd',
    ]),
    { maxKeys: 3 },
  ),
  safe: fc.constantFrom('sorry', undefined),
  holdOut: fc.constantFrom(
    { share: 0.1 },
    { share: 0.1, kinds: ['outage', 'queue-stall'] as const },
    undefined,
  ),
  /** All that is drawn is low, so that every trigger is held out. */
  isHeldOut: fc.boolean(),
  hedge: fc.boolean(),
  canConfirm: fc.boolean(),
  /** What happens beside the run, each so long after the one before. */
  turns: fc.array(
    fc.record({
      afterMs: fc.integer({ min: 0, max: 20_000 }),
      what: fc.constantFrom(
        ...([
          'stop',
          'confirm',
          'decline',
          'hide',
          'show',
          'leave',
          'sleep',
          'lose',
          'find',
        ] as const),
      ),
    }),
    { maxLength: 4 },
  ),
})
const latePlot = fc
  .tuple(plot, fc.tuple(lateRoute, lateRoute, lateRoute, lateRoute))
  .map(([plotted, routes]) => Object.assign({}, plotted, { routes, hedge: true }))
type Plot = typeof plot extends fc.Arbitrary<infer Value> ? Value : never

interface Told {
  readonly events: readonly RunEvent[]
  readonly outcome: Outcome
  readonly pending: number
}

async function tell(plotted: Plot): Promise<Told> {
  const { seed, routes, limits: asked, canConfirm, turns, isHeldOut, ...workload } = plotted
  const seeded = createVirtualWorld({ seed })
  const random = (): number => seeded.world.random() / (isHeldOut ? 10 : 1)
  const virtual = { ...seeded, world: { ...seeded.world, random } }
  const [a, b, c, d] = routes.map((one) => scripted(one.facts, ...one.scripts))
  if (!a || !b || !c || !d) throw new Error('there are four routes')
  const { start } = stage({ a, b, c, d }, workload, { virtual })
  const run = start({ limits: asked, canConfirm })
  for (const { afterMs, what } of turns) {
    await (what === 'sleep' ? virtual.sleep(afterMs) : virtual.advance(afterMs))
    if (what === 'stop') void run.stop()
    if (what === 'confirm') run.confirm('session')
    if (what === 'decline') run.decline()
    if (what === 'leave') run.note({ type: 'left', how: 'closed', isFinal: true })
    if (what === 'hide' || what === 'show') virtual.setHidden(what === 'hide')
    if (what === 'lose' || what === 'find') virtual.setOnline(what === 'find')
  }
  virtual.setOnline(true)
  virtual.setHidden(false)
  const outcome = await virtual.until(run.outcome)
  expect(run.store.getState()).toMatchObject({ phase: 'settled', text: outcome.text })
  return { events: run.events, outcome, pending: virtual.pending() }
}

/** The text of the last attempt that showed anything. */
function shownText(events: readonly RunEvent[]): string {
  let shown = 0
  let text = ''
  for (const event of events) {
    if (event.type !== 'content' && event.type !== 'tool-call') continue
    if (event.attempt !== shown) text = ''
    shown = event.attempt
    if (event.type === 'content') text += event.text
  }
  return text
}

/** USD that a route is expected to cost: two tokens in, 800 out. */
function usdOf(plotted: Plot, name: string): number {
  const price = plotted.routes['abcd'.indexOf(name)]?.facts.price
  if (name === 'sorry' || price === 'included') return 0
  return price ? (2 * price.inputPerMTok + 800 * price.outputPerMTok) / 1e6 : Infinity
}

/** Whether the limits permit a route by what is declared of it. */
function permits(plotted: Plot, name: string): boolean {
  if (name === 'sorry') return plotted.safe === 'sorry'
  const { regions, require = [], minQuality = 0, costUsd } = plotted.limits
  const {
    region = 'none',
    compliance = [],
    quality = 0.5,
  } = plotted.routes['abcd'.indexOf(name)]?.facts ?? {}
  return (
    (!regions || regions.includes(region)) &&
    require.every((tag) => compliance.includes(tag)) &&
    quality >= minQuality &&
    (costUsd === undefined || usdOf(plotted, name) <= costUsd)
  )
}

/** Why an attempt may not be asked beside `beside`, by what is declared of the two; null where it may. */
function againstHedge(plotted: Plot, name: string, beside: string): string | null {
  const one = plotted.routes['abcd'.indexOf(name)]?.facts
  const other = plotted.routes['abcd'.indexOf(beside)]?.facts
  if (!plotted.hedge) return 'though the workload does not hedge'
  if (!one || !other) return 'though one of them is canned'
  if (one.provider === other.provider) return 'of the same provider'
  if ((one.quality ?? 0.5) < (other.quality ?? 0.5)) return 'of lower quality'
  return one.payer === 'user' || other.payer === 'user' ? 'at the user’s cost' : null
}

/** What of a run's hold-outs breaks a rule, in words. */
function heldOutWrongly(
  { holdOut, limits: { require = [] } }: Plot,
  told: Told,
): readonly string[] {
  const lines: string[] = []
  const { share = 0, kinds: held = ['timeout', 'queue-stall', 'outage'] } = holdOut ?? {}
  const [drawn, ...more] = eventsOf(told.events, 'held-out')
  if (more.length > 0) lines.push('it is drawn for twice')
  if (drawn) {
    const { kind, attempt, arm, propensity } = drawn
    if (!held.some((one) => one === kind)) lines.push(`${kind} is held out`)
    if (require.length > 0) lines.push('it is held out of what is required')
    if (propensity !== (arm === 'hold' ? share : 1 - share)) lines.push('its odds are wrong')
    const before = told.events.slice(0, told.events.indexOf(drawn))
    if (eventsOf(before, 'content').length > 0) lines.push('it is held out after content')
    const started = eventsOf(told.events, 'attempt-started')
    const of = started.find((one) => one.attempt === attempt)
    for (const one of started.filter(({ why }) => why === 'hold-out')) {
      if (arm === 'act') lines.push('it acts, and tries the same route again')
      if (one.attempt !== attempt + 1 || one.route !== of?.route) lines.push('it tries another')
    }
  } else if (told.outcome.attempts.some(({ why }) => why === 'hold-out')) {
    lines.push('it is held out untold')
  }
  return lines
}

/** Every rule that a run broke, in words. */
function broken(plotted: Plot, told: Told): readonly string[] {
  const { events, outcome, pending } = told
  const { costUsd = Infinity, maxAttempts = Infinity, totalMs = Infinity } = plotted.limits
  const lines: string[] = [...heldOutWrongly(plotted, told)]
  const rule = (holds: boolean, line: string): void => {
    if (!holds) lines.push(line)
  }
  rule(pending === 0, `${pending} timers are left`)
  rule(eventsOf(events, 'settled').length === 1, 'it does not settle once')
  rule(events.at(-1)?.type === 'settled', 'something comes after its end')
  rule(outcome.text === shownText(events), 'its text is not that of the last attempt shown')

  let spentUsd = 0
  let requests = 0
  let isHidden = false
  let hedges = 0
  /** The attempts under way, and who of them answers. */
  const open = new Map<number, string>()
  let answering = 0
  /** Who was cut is not heard of again, and is paid for. */
  function cutOthers(attempt: number): void {
    for (const other of open.keys()) {
      if (other === attempt) continue
      open.delete(other)
      over.add(other)
      spentUsd += outcome.attempts[other - 1]?.costUsd ?? 0
      requests += 1
    }
  }
  const heldUntil = new Map<string, number>()
  const over = new Set<number>()
  for (const event of events) {
    if ('attempt' in event && event.type !== 'held-out') {
      rule(!over.has(event.attempt), `${event.type} comes after attempt ${event.attempt} is over`)
    }
    if (event.type === 'moved' && 'route' in event.move) {
      rule(permits(plotted, event.move.route), `it moves to ${event.move.route}`)
    }
    if (event.type === 'attempt-started') {
      const { route: name, at } = event
      rule(permits(plotted, name), `it tries ${name}`)
      rule(at >= (heldUntil.get(name) ?? 0), `it tries ${name} while that is held back`)
      const [beside] = open.values()
      rule(
        (event.why === 'hedge') === (beside !== undefined),
        `${name} is no hedge, or beside nobody`,
      )
      if (beside !== undefined) {
        const against = againstHedge(plotted, name, beside)
        rule(against === null, `it hedges ${beside} with ${name}, ${against}`)
        rule(!isHidden, 'it hedges on a hidden page')
        hedges += 1
      }
      const reservedUsd = [...open.values(), name].reduce(
        (sum, one) => sum + usdOf(plotted, one),
        0,
      )
      rule(spentUsd + reservedUsd <= costUsd, `it has no money left for ${name}`)
      const isFree = name === 'sorry' || requests + open.size < maxAttempts
      rule(isFree, `${name} is an attempt too many`)
      open.set(event.attempt, name)
    }
    if (event.type === 'hidden' || event.type === 'shown') isHidden = event.type === 'hidden'
    const isContent = event.type === 'content' || event.type === 'tool-call'
    const isBlocked = event.type === 'attempt-failed' && event.failure.kind === 'blocked-content'
    if (isContent && event.attempt !== answering) {
      answering = event.attempt
      cutOthers(answering)
    } else if (isBlocked && [...open.keys()][0] === event.attempt) cutOthers(event.attempt)
    if (event.type === 'attempt-finished') open.delete(event.attempt)
    if (event.type !== 'attempt-failed') continue
    open.delete(event.attempt)
    const { kind, retryAfterMs = 0 } = event.failure
    over.add(event.attempt)
    spentUsd += event.costUsd ?? 0
    if (kind !== 'offline') requests += 1
    if (kind === 'rate-limit') heldUntil.set(event.route, event.at + retryAfterMs)
  }

  rule(hedges <= 1, `it hedges ${hedges} times`)
  for (const { attempt, route: name, totalMs: tookMs, ...one } of outcome.attempts) {
    rule(tookMs !== null, `attempt ${attempt} never ends`)
    const isCut = over.has(attempt) && one.failure === null
    const isBilled = one.billing !== 'none' && (one.costUsd ?? Infinity) <= usdOf(plotted, name)
    rule(!isCut || isBilled, `attempt ${attempt} was cut and has no bill`)
  }

  const isAway =
    events.some(({ type }) => type === 'asked' || type === 'paused') ||
    plotted.turns.some(({ what }) => what === 'sleep')
  // A wire has 50 ms to say goodbye.
  rule(isAway || (outcome.latency.totalMs ?? 0) <= totalMs + 51, 'it lasts too long')
  rule(
    outcome.status !== 'failed' || !plotted.safe || outcome.failure?.kind === 'invalid-request',
    'it fails though there is a safe answer',
  )
  return lines
}

/** More runs than the gate's, each time with others: `pnpm proof:simulation`. */
const runs = Number(process.env['RUNGS_RUNS'] ?? 0)

test.each([
  ['whatever breaks', plot],
  ['whoever is asked beside whom', latePlot],
])(
  '%s, a run ends once, within its limits, in the words of one attempt',
  async (_, plots) => {
    await fc.assert(
      fc.asyncProperty(plots, async (plotted) => {
        expect(broken(plotted, await tell(plotted))).toEqual([])
      }),
      runs > 0 ? { numRuns: runs } : { numRuns: 1000, seed: 1 },
    )
  },
  Math.max(60_000, 60 * runs),
)
