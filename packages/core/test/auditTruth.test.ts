import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { audit, type AuditRow } from '../src/audit.ts'
import {
  canned,
  createLLM,
  type Config,
  type FailureKind,
  type Route,
  type RunEvent,
} from '../src/index.ts'
import type { Check, Direction, Limits, Move, Outcome, Rules } from '../src/index.ts'
import {
  createVirtualWorld,
  CUT,
  scripted,
  type Script,
  type VirtualWorld,
} from '../src/testing.ts'
import { FAILURE_KINDS } from './play.ts'

/** How each kind comes about on a wire. What takes time to show is judged at once. */
function scriptOf(kind: FailureKind, waitMs: number): Script {
  const statuses: Partial<Record<FailureKind, number>> = {
    'rate-limit': 429,
    'quota-exhausted': 402,
    outage: 503,
    'blocked-request': 302,
    auth: 401,
    'not-found': 404,
    'invalid-request': 400,
    'context-length': 413,
    'unsupported-capability': 501,
    'region-restriction': 451,
  }
  const status = statuses[kind]
  if (status !== undefined) return [{ status }]
  if (kind === 'blocked-content')
    return [{ status: 400, body: { error: { code: 'content_filter' } } }]
  if (kind === 'compliance-mismatch')
    return [{ status: 403, body: { error: { code: 'data_policy' } } }]
  if (kind === 'truncated') return [waitMs, 'half', CUT]
  if (kind === 'stream-stall') return [waitMs, 'half', { fail: kind }]
  if (kind === 'quality-floor') return [waitMs, 'poor']
  return [{ fail: kind }]
}

const NAMES = ['a', 'b', 'c', 'd'] as const
type Name = (typeof NAMES)[number]

const facts = fc.record({
  provider: fc.constantFrom('p', 'q', 'r'),
  account: fc.constantFrom('one', undefined),
  payer: fc.constantFrom('product' as const, 'product' as const, 'user' as const),
  region: fc.constantFrom('eu', 'us', undefined),
  quality: fc.constantFrom(0.2, 0.5, 0.8, undefined),
  price: fc.constantFrom(
    'included' as const,
    { inputPerMTok: 1, outputPerMTok: 10 },
    { inputPerMTok: 0.5, outputPerMTok: 1 },
    undefined,
  ),
  contextTokens: fc.constantFrom(8000, 32_000, undefined),
  expect: fc.constantFrom({ firstChunkMs: 300 }, { firstChunkMs: 3000 }, undefined),
  privacy: fc.oneof(
    { weight: 5, arbitrary: fc.constant('third-party' as const) },
    fc.constant('device' as const),
  ),
  hasKey: fc.boolean(),
})
const limits: fc.Arbitrary<Limits> = fc.record({
  regions: fc.constantFrom(['eu'], undefined, undefined),
  minQuality: fc.constantFrom(0.4, undefined, undefined),
  costUsd: fc.constantFrom(0.012, undefined),
  thread: fc.constantFrom({ costUsd: 0.012 }, undefined, undefined),
  totalMs: fc.constantFrom(2500, 30_000, undefined),
  maxAttempts: fc.constantFrom(1, 2, 3, undefined, undefined, undefined),
})
const rule = fc.constantFrom<(Direction | Name[])[]>(
  'next',
  'faster',
  'cheaper',
  'stronger',
  'larger',
  'retry',
  'ask',
  'safe',
  'stop',
  ['d'],
  ['c', 'a'],
)
const plot = fc.record({
  routes: fc.record({ a: facts, b: facts, c: facts, d: facts }),
  workload: fc.record({
    ladder: fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1 }),
    safe: fc.constantFrom('sorry' as const, undefined),
    limits,
    recovery: fc.constantFrom('restart', 'ask', 'keep', undefined),
    on: fc.dictionary(fc.constantFrom(...FAILURE_KINDS), rule, { maxKeys: 2 }),
    ask: fc.record({
      slowerByMs: fc.constantFrom(1000, undefined, undefined),
      lowerQuality: fc.constantFrom(true, undefined, undefined),
      payer: fc.constantFrom(false, undefined),
      leavesDevice: fc.constantFrom(false, undefined),
    }),
  }),
  budget: fc.constantFrom({ usdPerDay: 0.012 }, undefined, undefined),
  canConfirm: fc.boolean(),
  /** The row that is looked at. */
  kind: fc.constantFrom<FailureKind[]>('offline', ...FAILURE_KINDS),
  place: fc.nat(3),
  /** The rule for its kind, where it has one. */
  own: fc.option(rule, { nil: undefined }),
})
type Plot = typeof plot extends fc.Arbitrary<infer Value> ? Value : never

function rulesOf({ workload, kind, own }: Plot): Rules<Name> {
  return { ...workload.on, ...(own === undefined ? {} : { [kind]: own }) }
}

type Given = Config<Name | 'sorry', 'chat', 'free'>

const isGood: Check = ({ text }) => (text === 'poor' ? { ok: false, reason: 'poor' } : { ok: true })

function configOf(
  plotted: Plot,
  scripts: Partial<Record<Name, Script>> = {},
  onRequest: (name: Name) => void = () => undefined,
): Given {
  const route = (name: Name): Route => {
    const { hasKey, ...rest } = plotted.routes[name]
    const apiKey = hasKey ? { apiKey: () => 'key' } : {}
    return scripted(
      {
        ...rest,
        ...apiKey,
        onRequest: () => {
          onRequest(name)
        },
      },
      scripts[name] ?? ['whole'],
    )
  }
  return {
    routes: { a: route('a'), b: route('b'), c: route('c'), d: route('d'), sorry: canned('Sorry.') },
    workloads: { chat: { ...plotted.workload, on: rulesOf(plotted), checks: [isGood] } },
    tiers: { free: { budget: plotted.budget } },
    defaultTier: 'free',
  }
}

/** Kinds after which the next rung is taken in order, by whoever it is, and which say nothing of a route's health. */
const PLAIN = [
  'unsupported-capability',
  'region-restriction',
  'compliance-mismatch',
  'invalid-response',
] as const

interface Told {
  readonly events: readonly RunEvent[]
  readonly outcome: Outcome | 'waits'
}

/** A run in which all that stands above the row's route fails, then that by the row's kind. */
async function tell(
  plotted: Plot,
  { on, kind }: AuditRow,
  above: readonly string[],
): Promise<Told> {
  const plain = PLAIN.find((one) => rulesOf(plotted)[one] === undefined)
  if (!plain) throw new Error('a workload has at most three rules')
  const virtual: VirtualWorld = createVirtualWorld()
  const scripts: Partial<Record<Name, Script>> = {}
  for (const name of NAMES) {
    if (above.includes(name)) scripts[name] = [{ fail: plain }]
    if (on === name)
      scripts[name] = scriptOf(kind, plotted.routes[name].expect?.firstChunkMs ?? 1000)
  }
  const llm = createLLM({
    ...configOf(plotted, scripts, (name) => {
      if (name === on && kind === 'offline') virtual.setOnline(false)
    }),
    world: virtual.world,
  })
  const events: RunEvent[] = []
  let hasBroken = false
  llm.subscribe((event) => {
    events.push(event)
    hasBroken ||= event.type === 'attempt-failed' && event.route === on
    // Whatever is asked on the way there is agreed to.
    if (event.type === 'asked')
      queueMicrotask(() => {
        run.confirm()
      })
  })
  const run = llm.run({
    workload: 'chat',
    thread: 'one',
    prompt: 'word '.repeat(1000),
    canConfirm: () => !hasBroken || plotted.canConfirm,
  })
  try {
    return { events, outcome: await virtual.until(run.outcome) }
  } catch {
    return { events, outcome: 'waits' }
  } finally {
    await run.stop()
  }
}

/** What came of the row's failure: the first move after it; null where the run never came to it. */
function moveOf(row: AuditRow, above: readonly string[], { events }: Told): string | null {
  const tried = events.flatMap((event) => (event.type === 'attempt-started' ? [event.route] : []))
  if (String(tried.slice(0, above.length + 1)) !== String([...above, row.on])) return null
  const at = events.findIndex((event) => event.type === 'attempt-failed' && event.route === row.on)
  const broke = events[at]
  if (broke?.type !== 'attempt-failed' || broke.failure.kind !== row.kind) return null
  const moved = events.slice(at).find((event) => event.type === 'moved')
  return moved?.type === 'moved' ? tellMove(moved.move) : null
}

function tellMove(move: Move): string {
  const route = move.to === 'ask' ? move.confirmation.route : 'route' in move ? move.route : null
  return `${move.to} ${route}`
}

/** What a row says and a run does otherwise; null where the run never came to it. */
function lies(plotted: Plot, row: AuditRow, above: readonly string[], told: Told): string[] | null {
  const was = moveOf(row, above, told)
  if (was === null) return null
  const lines: string[] = []
  const said = `${row.move} ${row.route}`
  if ((plotted.canConfirm || row.move !== 'ask') && was !== said) lines.push(`${was}, not ${said}`)
  // A route on the device is never offline: only the script says so, and says it again.
  if (plotted.canConfirm || (row.kind === 'offline' && row.on === row.route)) return lines
  const own = rulesOf(plotted)[row.kind]
  const isMeant = own === 'stop' || (row.kind === 'invalid-request' && own === undefined)
  const isLost = told.outcome === 'waits' || told.outcome.status === 'failed'
  if ((isLost && !isMeant) !== row.isGap) lines.push(isLost ? 'a gap unseen' : 'no gap')
  return lines
}

/** None for a config that is refused. */
function auditOf(config: Given): readonly AuditRow[] {
  try {
    return audit(config).rows
  } catch {
    return []
  }
}

/** More runs than the gate's, each time with others: `pnpm proof:simulation`. */
const runs = Number(process.env['RUNGS_RUNS'] ?? 0)

test(
  'what an audit says of a failure is what a run does',
  { timeout: runs > 0 ? 600_000 : 120_000 },
  async () => {
    const seen = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(plot, async (plotted) => {
        const rows = auditOf(configOf(plotted))
        const chain = [...new Set(rows.map(({ on }) => on))]
        const above = chain.slice(0, plotted.place % Math.max(1, chain.length))
        const on = chain[above.length]
        const row = rows.find((one) => one.on === on && one.kind === plotted.kind)
        if (!row) return
        const found = lies(plotted, row, above, await tell(plotted, row, above))
        expect(found ?? []).toEqual([])
        if (found === null) return
        const what = [row.move, `rung ${above.length + 1}`, row.isGap ? 'gap' : 'no gap']
        for (const one of what) seen.set(one, (seen.get(one) ?? 0) + 1)
      }),
      runs > 0 ? { numRuns: runs } : { numRuns: 500, seed: 1 },
    )
    // Nothing is proven by runs that never came to what they are about.
    expect([...seen.keys()].toSorted()).toEqual([
      'ask',
      'gap',
      'keep',
      'no gap',
      'pause',
      'retry',
      'route',
      'rung 1',
      'rung 2',
      'rung 3',
      'rung 4',
      'safe',
      'stop',
    ])
    expect(seen.get('rung 1')).toBeGreaterThan(200)
  },
)
