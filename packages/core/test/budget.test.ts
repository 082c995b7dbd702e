import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  canned,
  createLLM,
  type LLM,
  type Outcome,
  type Route,
  type RouteFacts,
  type RunEvent,
  type World,
} from '../src/index.ts'
import { digest } from '../src/page/digest.ts'
import {
  createVirtualDisk,
  createVirtualWorld,
  HANG,
  scripted,
  tellEvents,
  type Script,
  type VirtualDisk,
  type VirtualWorld,
} from '../src/testing.ts'
import { createIdentity } from '../src/store/identity.ts'
import { createBudgets, type Purse } from '../src/run/budget.ts'
import type { Budget } from '../src/policy/budget.ts'
import { eventsOf, P95_MS } from './play.ts'

const DAY_MS = 86_400_000
const SESSION_MS = 1_800_000
const OPEN_MS = 3_600_000
/** Only what is sent is paid for, a tenth of a cent for a token: the prompt says what an attempt is reckoned at. */
const price = { inputPerMTok: 1000, outputPerMTok: 0 }
/** A prompt that is reckoned at so many USD. */
const worth = (usd: number): string => 'one '.repeat(Math.round(usd * 1000))
/** What the provider says that it came to. */
const bills = (usd: number): Script[number] => ({
  usage: { inputTokens: Math.round(usd * 1000), outputTokens: 0 },
})

interface Tab {
  readonly llm: LLM<string, string, string>
  readonly events: readonly RunEvent[]
  /** Starts a run that is reckoned at so many USD on a route with that price. */
  readonly start: (usd: number, tier?: string) => ReturnType<LLM<string, string, string>['run']>
  /** The same, to its end. */
  readonly play: (usd: number, tier?: string) => Promise<Outcome>
  /** What the plan says of a route for a run of so many USD. */
  readonly why: (
    usd: number,
    route?: string,
  ) => { readonly why: string; readonly because: string } | null
}

/** A page that has just been loaded. */
function open(
  virtual: VirtualWorld,
  {
    budget = { usdPerDay: 1 },
    routes,
    facts = {},
    scripts = [['hi']],
    user,
    world = {},
    hedge = false,
  }: {
    readonly budget?: Budget
    readonly routes?: Readonly<Record<string, Route>>
    readonly facts?: RouteFacts
    readonly scripts?: readonly Script[]
    readonly user?: () => string | undefined
    readonly world?: Partial<World>
    readonly hedge?: boolean
  } = {},
): Tab {
  const ladder = routes ?? { ours: scripted({ price, ...facts }, ...scripts) }
  const llm = createLLM<string, string, string>({
    world: { ...virtual.world, ...world },
    ...(user ? { user } : {}),
    routes: { ...ladder, sorry: canned('Sorry.') },
    workloads: { chat: { ladder: Object.keys(ladder), safe: 'sorry', hedge } },
    tiers: { free: { budget }, open: {} },
    defaultTier: 'free',
  })
  const events: RunEvent[] = []
  llm.subscribe((event) => events.push(event))
  const start: Tab['start'] = (usd, tier) => llm.run({ workload: 'chat', tier, prompt: worth(usd) })
  return {
    llm,
    events,
    start,
    play: (usd, tier) => virtual.until(start(usd, tier).outcome),
    why: (usd, route = 'ours') => {
      const { excluded } = llm.explain({ workload: 'chat', prompt: worth(usd) })
      return excluded.find((one) => one.route === route) ?? null
    },
  }
}

/** What a page that is loaded now finds left of a budget for the day, USD. */
async function leftOn(
  disk: VirtualDisk,
  startAt: number,
  budget: Budget = { usdPerDay: 1 },
): Promise<string> {
  const virtual = createVirtualWorld({
    seed: 99,
    startAt,
    disk: { ...disk, delayMs: 0, isBroken: false },
  })
  const { why } = open(virtual, { budget })
  await virtual.advance(0)
  // More than all of it would be no more than the budget's own size.
  const all = Math.min(budget.usdPerDay ?? Infinity, budget.usdPerSession ?? Infinity)
  return /([\d.]+) USD is left/.exec(why(all)?.because ?? '')?.[1] ?? `all ${all}`
}

function refuse(): never {
  throw new Error('no')
}

let warn: { readonly mock: { readonly calls: readonly unknown[][] } }
beforeEach(() => {
  warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.restoreAllMocks()
})

describe('a budget', () => {
  test('counts each of several runs at once where a test gives the same random number over and over', async () => {
    const virtual = createVirtualWorld()
    const { start } = open(virtual, { scripts: [[100, 'hi']], world: { random: () => 0.5 } })
    const runs = [start(0.4), start(0.4), start(0.4)]
    const outcomes = await virtual.until(Promise.all(runs.map(({ outcome }) => outcome)))
    expect(outcomes.map(({ status }) => status)).toEqual(['completed', 'completed', 'safe'])
  })

  test('leaves out the route that does not fit any more, and says until when', async () => {
    const virtual = createVirtualWorld({ startAt: 3 * DAY_MS + 5 })
    const { play, why, llm } = open(virtual, { scripts: [['hi', bills(0.75)]] })
    expect(await play(0.5)).toMatchObject({ status: 'completed', costUsd: 0.75 })
    expect(why(0.25)).toBeNull()
    expect(llm.explain({ workload: 'chat', prompt: worth(0.5) }).excluded).toEqual([
      {
        route: 'ours',
        why: 'over-budget',
        because: 'it would cost about 0.5000 USD, 0.2500 USD is left of the budget for the day',
        until: 4 * DAY_MS,
      },
    ])
    const outcome = await play(0.5)
    expect(outcome).toMatchObject({
      status: 'safe',
      attempts: [{ route: 'sorry' }],
      degraded: { from: 'ours', to: 'sorry', cause: 'budget-breach' },
      failure: { kind: 'budget-breach', phase: 'before-request', retryAfterMs: DAY_MS - 5 },
    })
    expect(virtual.pending()).toBe(0)
  })

  test('that is smaller than what a route costs never permits that route', async () => {
    const { why, play, llm } = open(createVirtualWorld(), { budget: { usdPerDay: 0.1 } })
    expect(why(0.2)).toMatchObject({
      why: 'over-budget',
      because: 'it would cost about 0.2000 USD, the whole budget is 0.1000 USD',
    })
    expect(llm.explain({ workload: 'chat', prompt: worth(0.2) }).excluded[0]).not.toHaveProperty(
      'until',
    )
    expect(await play(0.2)).toMatchObject({ status: 'safe', degraded: null })
  })

  test('takes the next route that fits', async () => {
    const half = { inputPerMTok: 500, outputPerMTok: 0 }
    const virtual = createVirtualWorld()
    const { play, events } = open(virtual, {
      routes: {
        dear: scripted({ price, provider: 'a' }, ['dear', bills(0.6)]),
        cheap: scripted({ price: half, provider: 'b' }, ['cheap']),
      },
    })
    await play(0.6)
    expect(await play(0.6)).toMatchObject({
      status: 'completed',
      text: 'cheap',
      degraded: { from: 'dear', to: 'cheap', cause: 'budget-breach' },
    })
    expect(tellEvents(events)).toEqual([
      'try dear',
      '"dear"',
      'completed',
      'budget-breach -> cheap',
      'try cheap',
      '"cheap"',
      'completed',
    ])
  })

  test('is not fitted by an unknown price, always by one that is included or that the user pays', async () => {
    const virtual = createVirtualWorld()
    const { llm, play } = open(virtual, {
      budget: { usdPerDay: 0 },
      routes: {
        unknown: scripted({}, ['no']),
        product: scripted({ price }, ['no']),
        user: scripted({ payer: 'user', provider: 'u' }, ['user']),
        dear: scripted({ payer: 'user', provider: 'd', price }, ['dear', bills(5)]),
        own: scripted({ price: 'included', provider: 'o' }, ['own']),
      },
    })
    const { routes, excluded } = llm.explain({ workload: 'chat', prompt: worth(0.5) })
    expect(excluded.map(({ route, why }) => [route, why])).toEqual([
      ['unknown', 'price-unknown'],
      ['product', 'over-budget'],
    ])
    expect(routes.map(({ route }) => route)).toEqual(['user', 'dear', 'own'])
    expect(await play(0.5)).toMatchObject({ status: 'completed', text: 'user' })
  })

  test('counts nothing of what the user pays', async () => {
    const virtual = createVirtualWorld()
    const { play, why } = open(virtual, { facts: { payer: 'user' }, scripts: [['hi', bills(5)]] })
    expect(await play(0.9)).toMatchObject({ status: 'completed', costUsd: 5 })
    expect(await play(0.9)).toMatchObject({ status: 'completed', costUsd: 5 })
    expect(why(0.9)).toBeNull()
  })

  test('of a tier is of no other tier', async () => {
    const disk = createVirtualDisk()
    const virtual = createVirtualWorld({ disk })
    const { play } = open(virtual)
    await play(0.9, 'open')
    expect(await leftOn(disk, 0)).toBe('all 1')
  })

  test('is counted over workloads and tiers together: it is the user who has it', async () => {
    const virtual = createVirtualWorld()
    const llm = createLLM({
      world: virtual.world,
      routes: { ours: scripted({ price }, ['hi']), sorry: canned('Sorry.') },
      workloads: {
        chat: { ladder: ['ours'], safe: 'sorry' },
        report: { ladder: ['ours'], safe: 'sorry' },
      },
      tiers: { free: { budget: { usdPerDay: 1 } }, trial: { budget: { usdPerDay: 1.2 } } },
      defaultTier: 'free',
    })
    const play = (job: 'chat' | 'report', tier: 'free' | 'trial'): Promise<Outcome> =>
      virtual.until(llm.run({ workload: job, tier, prompt: worth(0.6) }).outcome)
    expect(await play('chat', 'free')).toMatchObject({ status: 'completed' })
    expect(await play('report', 'free')).toMatchObject({ status: 'safe' })
    expect(await play('report', 'trial')).toMatchObject({ status: 'completed' })
  })

  test.each<[string, Script, string]>([
    ['by its usage', ['hi', bills(0.25)], '0.7500'],
    ['by its usage, if that is more', ['hi', bills(0.75)], '0.2500'],
    ['by its usage, if that is more than there was: nothing is left', ['hi', bills(7)], '0.0000'],
    ['by the usage of one that broke', ['hi', bills(0.25), { fail: 'stream-stall' }], '0.7500'],
    ['without usage at its reserve', ['hi'], '0.5000'],
    ['at its reserve where it may have been billed', ['hi', { fail: 'stream-stall' }], '0.5000'],
    ['at its reserve where no headers came in time', [HANG], '0.5000'],
    ['at nothing where it was refused', [{ status: 503 }], 'all 1'],
    ['at nothing where the connection failed at once', [{ fail: 'network' }], 'all 1'],
  ])('is settled %s', async (_, script, left) => {
    const disk = createVirtualDisk()
    const virtual = createVirtualWorld({ disk })
    // The first script once; whatever follows (a retry) costs nothing.
    const { play } = open(virtual, { scripts: [script, [{ status: 503 }]] })
    await play(0.5)
    expect(await leftOn(disk, virtual.world.now())).toBe(left)
  })

  test('is settled at nothing where the credential was missing', async () => {
    const disk = createVirtualDisk()
    const virtual = createVirtualWorld({ disk })
    const { play } = open(virtual, {
      routes: { ours: scripted({ price, apiKey: () => undefined }, ['no']) },
    })
    expect(await play(0.5)).toMatchObject({ status: 'safe', attempts: [{ billing: 'none' }, {}] })
    expect(await leftOn(disk, 0)).toBe('all 1')
  })

  test('is reserved while an attempt is under way, and settled when the user stops it', async () => {
    const disk = createVirtualDisk()
    const virtual = createVirtualWorld({ disk })
    const { start, why } = open(virtual, { scripts: [['hi', HANG]] })
    const run = start(0.75)
    await virtual.advance(10)
    expect(why(0.5)).toMatchObject({ because: expect.stringContaining('0.2500 USD is left') })
    expect(await leftOn(disk, 10)).toBe('0.2500')
    await run.stop()
    expect(await run.outcome).toMatchObject({ status: 'stopped', costUsd: 0.75 })
    expect(await leftOn(disk, 10)).toBe('0.2500')
  })

  test('never cuts a stream that is under way', async () => {
    const virtual = createVirtualWorld()
    const { start, play } = open(virtual, {
      scripts: [
        ['a ', bills(0.4), 3000, 'whole ', bills(4), 3000, 'answer', bills(9)],
        ['other', bills(3)],
      ],
    })
    const first = start(0.5)
    await virtual.advance(1000)
    expect(await play(0.5)).toMatchObject({ text: 'other', costUsd: 3 })
    expect(await virtual.until(first.outcome)).toMatchObject({
      status: 'completed',
      text: 'a whole answer',
      costUsd: 9,
    })
    expect(await play(0.001)).toMatchObject({ status: 'safe' })
  })

  test('permits to the last cent what fits, in spite of fractions', async () => {
    const virtual = createVirtualWorld()
    const { play } = open(virtual, { budget: { usdPerDay: 0.3 } })
    for (const _ of [1, 2, 3]) expect(await play(0.1)).toMatchObject({ status: 'completed' })
    expect(await play(0.001)).toMatchObject({ status: 'safe' })
  })

  test('is no matter of a tier without one, which touches no storage', async () => {
    const update = vi.fn<NonNullable<World['storage']>['update']>()
    const virtual = createVirtualWorld()
    const llm = createLLM({
      world: { ...virtual.world, storage: { update } },
      routes: { ours: scripted({ price }, ['hi']) },
      workloads: { chat: { ladder: ['ours'] } },
    })
    await virtual.until(llm.run({ workload: 'chat', prompt: worth(9) }).outcome)
    expect(update).not.toHaveBeenCalled()
  })

  test('makes the reason of a run with no way on a budget, in words for the user', async () => {
    const virtual = createVirtualWorld()
    const { play } = open(virtual, { budget: { usdPerDay: 0 } })
    expect((await play(0.1)).failure?.message).toMatch(/budget/)
  })
})

describe('a day', () => {
  test('is that of UTC, and what was spent counts for the day in which the attempt began', async () => {
    const disk = createVirtualDisk()
    const virtual = createVirtualWorld({ startAt: 2 * DAY_MS - 1000, disk })
    const { start, play, why } = open(virtual, {
      scripts: [['hi', 5000, 'ho', bills(0.8)], ['hi']],
    })
    const late = start(0.5)
    await virtual.advance(500)
    expect(why(0.6)).not.toBeNull()
    await virtual.advance(600)
    expect(why(0.6)).toBeNull()
    expect(await virtual.until(late.outcome)).toMatchObject({ costUsd: 0.8 })
    await virtual.advance(0)
    expect(await leftOn(disk, virtual.world.now())).toBe('all 1')
    await play(0.25)
    expect(await leftOn(disk, virtual.world.now())).toBe('0.7500')
    expect(await leftOn(disk, 3 * DAY_MS)).toBe('all 1')
  })

  test('does not begin again for a page whose clock is behind', async () => {
    const disk = createVirtualDisk()
    const ahead = createVirtualWorld({ seed: 1, startAt: 2 * DAY_MS + 5, disk })
    const behind = createVirtualWorld({ seed: 2, startAt: 2 * DAY_MS - 5, disk })
    await open(ahead).play(0.5)
    const { play } = open(behind)
    await play(0.25)
    expect(await play(0.5)).toMatchObject({ status: 'safe' })
    expect(await leftOn(disk, 2 * DAY_MS + 10)).toBe('0.2500')
  })

  test('far ahead, of a clock that was wrong, is forgotten', async () => {
    const disk = createVirtualDisk()
    await open(createVirtualWorld({ startAt: 9 * DAY_MS, disk })).play(0.5)
    expect(await leftOn(disk, 7 * DAY_MS)).toBe('all 1')
  })
})

describe('a session', () => {
  const budget = { usdPerSession: 1, usdPerDay: 9 }

  test('goes on over reloads, and ends after half an hour in which nothing was spent', async () => {
    const disk = createVirtualDisk()
    const virtual = createVirtualWorld({ disk })
    const { play, llm } = open(virtual, { budget })
    await play(0.5)
    await virtual.advance(SESSION_MS - 1000)
    await play(0.25)
    const at = virtual.world.now()
    expect(llm.explain({ workload: 'chat', prompt: worth(0.5) }).excluded).toEqual([
      {
        route: 'ours',
        why: 'over-budget',
        because: 'it would cost about 0.5000 USD, 0.2500 USD is left of the budget for the session',
      },
    ])
    expect(await leftOn(disk, at + SESSION_MS, budget)).toBe('0.2500')
    expect(await leftOn(disk, at + SESSION_MS + 1000, budget)).toBe('all 1')
  })

  test('is not kept up by runs that it refuses', async () => {
    const virtual = createVirtualWorld()
    const { play } = open(virtual, { budget })
    await play(0.9)
    for (const _ of [1, 2]) {
      await virtual.advance(SESSION_MS / 2)
      expect(await play(0.5)).toMatchObject({ status: 'safe' })
    }
    await virtual.advance(1000)
    expect(await play(0.5)).toMatchObject({ status: 'completed' })
  })
})

describe('an attempt', () => {
  test('that the user stops is settled by the usage that it had told', async () => {
    const disk = createVirtualDisk()
    const virtual = createVirtualWorld({ disk })
    const run = open(virtual, { scripts: [['hi', bills(0.25), HANG]] }).start(0.75)
    await virtual.advance(10)
    await run.stop()
    await virtual.advance(0)
    expect(await leftOn(disk, 10)).toBe('0.7500')
  })

  test('that the user stops while it is reserved for never begins, and costs nothing', async () => {
    const disk = createVirtualDisk()
    const virtual = createVirtualWorld({ disk })
    const { start, events } = open(virtual)
    await virtual.advance(0)
    disk.delayMs = 20
    const run = start(0.75)
    await virtual.advance(30)
    void run.stop()
    expect(await virtual.until(run.outcome)).toMatchObject({ status: 'stopped', attempts: [] })
    expect(tellEvents(events)).toEqual(['stopped'])
    await virtual.advance(100)
    expect(await leftOn(disk, virtual.world.now())).toBe('all 1')
  })

  test('counts for the session in which it began, even if it ends in the next', async () => {
    const disk = createVirtualDisk()
    const virtual = createVirtualWorld({ disk })
    const budget = { usdPerSession: 1 }
    const slow: Script = Array.from({ length: 400 }, () => [5000, '.']).flat()
    const run = open(virtual, { budget, scripts: [[...slow, bills(0.5)]] }).start(0.5)
    await virtual.advance(SESSION_MS + 1000)
    await open(virtual, { budget }).play(0.25)
    expect(await virtual.until(run.outcome)).toMatchObject({ status: 'completed', costUsd: 0.5 })
    await virtual.advance(0)
    expect(await leftOn(disk, virtual.world.now(), budget)).toBe('0.7500')
    expect(await leftOn(disk, virtual.world.now())).toBe('0.2500')
  })
})

/** Two providers, the second asked as well where the first is late. */
const racing = (virtual: VirtualWorld, oursAfterMs: number, budget: Budget): Tab =>
  open(virtual, {
    hedge: true,
    budget,
    routes: {
      ours: scripted({ price, provider: 'p' }, [oursAfterMs, 'ours', bills(0.25)]),
      mini: scripted({ price, provider: 'q' }, [500, 'mini', bills(0.125)]),
    },
  })

describe('a second provider that is asked as well', () => {
  test('draws on the budget beside the first, which may have been billed', async () => {
    const disk = createVirtualDisk()
    const virtual = createVirtualWorld({ disk })
    const { play } = racing(virtual, 20_000, { usdPerDay: 1 })
    expect(await play(0.5)).toMatchObject({ text: 'mini', costUsd: 0.625 })
    await virtual.advance(0)
    expect(await leftOn(disk, virtual.world.now())).toBe('0.3750')
  })

  test('is not asked where both do not fit', async () => {
    const virtual = createVirtualWorld()
    const { play } = racing(virtual, 5_000, { usdPerDay: 0.75 })
    expect(await play(0.5)).toMatchObject({ text: 'ours', attempts: [{ route: 'ours' }] })
  })

  test.each([
    ['where another tab took what was left', 5_000, 0.4, '0.3500'],
    ['where the first answers while money is set aside for it', P95_MS + 10, 0, '0.7500'],
  ])('is not asked %s', async (_, oursAfterMs, takenUsd, left) => {
    const disk = createVirtualDisk()
    const virtual = createVirtualWorld({ disk })
    const { start, events } = racing(virtual, oursAfterMs, { usdPerDay: 1 })
    const run = start(0.5)
    await virtual.advance(1000)
    if (takenUsd > 0) await open(virtual, { scripts: [['hi']] }).play(takenUsd)
    disk.delayMs = 20
    expect(await virtual.until(run.outcome)).toMatchObject({ text: 'ours' })
    await virtual.advance(100)
    expect(eventsOf(events, 'attempt-started')).toHaveLength(1)
    expect(await leftOn(disk, virtual.world.now())).toBe(left)
  })
})

describe('tabs', () => {
  test('share a budget, and a reload begins none', async () => {
    const disk = createVirtualDisk()
    const first = createVirtualWorld({ seed: 1, disk })
    const second = createVirtualWorld({ seed: 2, disk })
    await open(first).play(0.5)
    const tab = open(second)
    expect(await tab.play(0.25)).toMatchObject({ status: 'completed' })
    expect(await tab.play(0.5)).toMatchObject({ status: 'safe' })
    expect(await open(first).play(0.5)).toMatchObject({ status: 'safe' })
    expect(await leftOn(disk, 0)).toBe('0.2500')
  })

  test('that ask at the same moment for what one of them can have are not both given it', async () => {
    const disk = createVirtualDisk()
    disk.delayMs = 20
    const virtual = createVirtualWorld({ disk })
    const cheap = { price: 'included', provider: 'b' } as const
    const routes = (): Record<string, Route> => ({
      ours: scripted({ price, provider: 'a' }, ['ours', 500, bills(0.6)]),
      cheap: scripted(cheap, ['cheap']),
    })
    const tabs = [open(virtual, { routes: routes() }), open(virtual, { routes: routes() })]
    await virtual.advance(100)
    const runs = tabs.map(({ start }) => start(0.6))
    const outcomes = await Promise.all(runs.map((run) => virtual.until(run.outcome)))
    expect(outcomes.map(({ text }) => text).toSorted()).toEqual(['cheap', 'ours'])
    // Both had planned it: whoever came second chose anew, and never began.
    for (const { events } of tabs) {
      expect(eventsOf(events, 'planned')[0]?.plan.routes[0]?.route).toBe('ours')
    }
    const loser = tabs.find(({ events }) => tellEvents(events).includes('"cheap"'))
    expect(tellEvents(loser?.events ?? [])).toEqual([
      'budget-breach -> cheap',
      'try cheap',
      '"cheap"',
      'completed',
    ])
    await virtual.advance(100)
    expect(await leftOn(disk, virtual.world.now())).toBe('0.4000')
  })

  test('hear with the next run what another has given back', async () => {
    const disk = createVirtualDisk()
    const virtual = createVirtualWorld({ disk })
    const one = open(virtual, { scripts: [['hi', 1000, bills(0.1)]] })
    const other = open(virtual)
    const run = one.start(0.9)
    await virtual.advance(10)
    expect(await other.play(0.5)).toMatchObject({ status: 'safe' })
    await virtual.until(run.outcome)
    expect(await other.play(0.5)).toMatchObject({ status: 'completed' })
  })

  test('that crash leave what they had reserved spent, for it may have been billed', async () => {
    const disk = createVirtualDisk()
    const virtual = createVirtualWorld({ disk })
    open(virtual, { scripts: [['hi', HANG]] }).start(0.75)
    // It ends here: nothing of this world runs any more.
    await virtual.advance(10)
    for (const at of [11, OPEN_MS, OPEN_MS + 11, DAY_MS - 1]) {
      expect(await leftOn(disk, at)).toBe('0.2500')
    }
    expect(await leftOn(disk, DAY_MS)).toBe('all 1')
  })

  test('that settle after more than an hour count once, as reserved', async () => {
    const disk = createVirtualDisk()
    const virtual = createVirtualWorld({ disk })
    const hour: Script = Array.from({ length: 1000 }, () => [5000, '.']).flat()
    const slow = open(virtual, { scripts: [[...hour, bills(0.2)]] })
    const other = open(virtual, { scripts: [['hi', bills(0.25)]] })
    const run = slow.start(0.5)
    await virtual.advance(OPEN_MS + 1000)
    // Whoever writes next takes it for one that was left.
    await other.play(0.25)
    expect(await virtual.until(run.outcome)).toMatchObject({ status: 'completed', costUsd: 0.2 })
    await virtual.advance(0)
    expect(await leftOn(disk, virtual.world.now())).toBe('0.2500')
  })
})

describe('storage', () => {
  test('that is not there leaves the budget to the page', async () => {
    const virtual = createVirtualWorld()
    const { play } = open(virtual, { world: { storage: null } })
    await play(0.75)
    expect(await play(0.5)).toMatchObject({ status: 'safe' })
    expect(await open(virtual, { world: { storage: null } }).play(0.5)).toMatchObject({
      status: 'completed',
    })
    expect(warn.mock.calls).toEqual([])
  })

  test('that is refused leaves the budget to the page, with one warning', async () => {
    const disk = createVirtualDisk()
    disk.isBroken = true
    const virtual = createVirtualWorld({ disk })
    const { play } = open(virtual)
    await play(0.75)
    expect(await play(0.5)).toMatchObject({ status: 'safe' })
    expect(warn.mock.calls).toEqual([
      ['[rungs] budgets hold for this page only', expect.anything()],
    ])
    expect(disk.entries.size).toBe(0)
  })

  test('that throws is like one that rejects', async () => {
    const virtual = createVirtualWorld()
    const { play } = open(virtual, { world: { storage: { update: refuse } } })
    await play(0.75)
    expect(await play(0.5)).toMatchObject({ status: 'safe' })
  })

  test('that comes back is told what was spent meanwhile, once', async () => {
    const disk = createVirtualDisk()
    const virtual = createVirtualWorld({ disk })
    const other = open(virtual)
    await other.play(0.125)
    const { play } = open(virtual)
    disk.isBroken = true
    await play(0.25)
    await play(0.25)
    disk.isBroken = false
    expect(await leftOn(disk, 0)).toBe('0.8750')
    await play(0.125)
    expect(await leftOn(disk, 0)).toBe('0.2500')
    expect(await other.play(0.3)).toMatchObject({ status: 'safe' })
  })

  test('that never answers delays one run by 50 ms, and no other', async () => {
    const disk = createVirtualDisk()
    disk.delayMs = Infinity
    const virtual = createVirtualWorld({ disk })
    const { play, events } = open(virtual)
    await play(0.5)
    await play(0.25)
    expect(eventsOf(events, 'attempt-started').map(({ at }) => at)).toEqual([50, 0])
    expect(await play(0.5)).toMatchObject({ status: 'safe' })
    expect(virtual.pending()).toBe(0)
  })

  test('that is prompt is waited for, and is worth waiting for again once it is', async () => {
    const disk = createVirtualDisk()
    const virtual = createVirtualWorld({ disk })
    const { play, events } = open(virtual)
    const startedAt = (): number | undefined => eventsOf(events, 'attempt-started').at(-1)?.at
    await virtual.advance(0)
    disk.delayMs = 10
    await play(0.125)
    // Once to look, once to reserve.
    expect(startedAt()).toBe(20)
    disk.delayMs = 80
    await virtual.advance(100)
    await play(0.125)
    expect(startedAt()).toBe(50)
    await virtual.advance(1000)
    await play(0.125)
    expect(startedAt()).toBe(0)
    disk.delayMs = 10
    await virtual.advance(1000)
    await play(0.125)
    await virtual.advance(1000)
    await play(0.125)
    expect(startedAt()).toBe(20)
    await virtual.advance(1000)
    expect(await leftOn(disk, virtual.world.now())).toBe('0.3750')
  })

  test('that takes long to open is waited for once it is open', async () => {
    const disk = createVirtualDisk()
    disk.delayMs = 200
    const virtual = createVirtualWorld({ disk })
    const { play, events } = open(virtual)
    await virtual.advance(300)
    disk.delayMs = 10
    await play(0.5)
    expect(eventsOf(events, 'attempt-started').map(({ at }) => at)).toEqual([20])
  })

  test('is on the path of no token', async () => {
    const disk = createVirtualDisk()
    const virtual = createVirtualWorld({ disk })
    const { start, events } = open(virtual, { scripts: [['a', 10, 'b', 10, 'c', bills(0.1)]] })
    const run = start(0.5)
    await virtual.advance(5)
    disk.delayMs = Infinity
    await virtual.until(run.outcome)
    expect(eventsOf(events, 'content').map(({ at }) => at)).toEqual([0, 10, 20])
    expect(virtual.world.now()).toBe(20)
  })

  test.each<[string, unknown]>([
    ['a text', 'nonsense'],
    ['null', null],
    ['a list', []],
    ['of an older version', { spent: 0.9, day: '2026-01-01' }],
    ['with a sum that is none', { seenAt: 0, startedAt: 0, dayUsd: NaN, sessionUsd: 0, open: [] }],
    ['with a sum below 0', { seenAt: 0, startedAt: 0, dayUsd: -9, sessionUsd: 0, open: [] }],
    [
      'with a sum without end',
      { seenAt: 0, startedAt: 0, dayUsd: Infinity, sessionUsd: 0, open: [] },
    ],
    ['without what is open', { seenAt: 0, startedAt: 0, dayUsd: 0.9, sessionUsd: 0 }],
    [
      'with nonsense open',
      { seenAt: 0, startedAt: 0, dayUsd: 0.9, sessionUsd: 0, open: [null, 7] },
    ],
    [
      'with something open that is yet to come',
      {
        seenAt: 0,
        startedAt: 0,
        dayUsd: 0,
        sessionUsd: 0,
        open: [{ id: 'a', usd: 0.9, at: 1e300 }],
      },
    ],
    [
      'with a session that is yet to begin',
      { seenAt: 0, startedAt: 1e9, dayUsd: 0.9, sessionUsd: 0, open: [] },
    ],
  ])('with something else in it (%s) begins anew', async (_, found) => {
    const disk = createVirtualDisk()
    const virtual = createVirtualWorld({ disk })
    await open(virtual).play(0.5)
    expect(await leftOn(disk, 0)).toBe('0.5000')
    const [key = ''] = disk.entries.keys()
    for (const budget of [{ usdPerDay: 1 }, { usdPerSession: 1 }]) {
      disk.entries.set(key, found)
      expect(await leftOn(disk, 0, budget)).toBe('all 1')
    }
    await open(virtual).play(0.25)
    expect(await leftOn(disk, 0)).toBe('0.7500')
  })

  describe('that does at once what it is asked and is late to say so', () => {
    const budget = { usdPerDay: 1 }
    /** A page's purse on such a storage: each of its transactions is answered so late, ms. */
    function late(virtual: VirtualWorld, ...delays: readonly number[]): Purse {
      let calls = 0
      return createBudgets(
        {
          ...virtual.world,
          storage: {
            async update(key, change) {
              await virtual.world.storage?.update(key, change)
              const delayMs = delays[calls] ?? 0
              calls += 1
              if (delayMs > 0) await new Promise<void>((done) => virtual.world.after(delayMs, done))
            },
          },
        },
        createIdentity(undefined, virtual.world),
      )(budget)
    }

    test('counts once what page and storage both granted', async () => {
      const disk = createVirtualDisk()
      const virtual = createVirtualWorld({ disk })
      const purse = late(virtual, 0, 200)
      await virtual.until(purse.refresh())
      const settle = await virtual.until(purse.reserve(0.5))
      expect(purse.left().usd).toBe(0.5)
      await virtual.advance(1000)
      expect(await leftOn(disk, virtual.world.now())).toBe('0.5000')
      settle?.(0.25)
      await virtual.advance(0)
      expect(await leftOn(disk, virtual.world.now())).toBe('0.7500')
    })

    test('counts what the page granted and storage did not', async () => {
      const disk = createVirtualDisk()
      const virtual = createVirtualWorld({ disk })
      const purse = late(virtual, 0, 200)
      await virtual.until(purse.refresh())
      await open(virtual).play(0.75)
      const settle = await virtual.until(purse.reserve(0.5))
      expect(settle).not.toBeNull()
      await virtual.advance(1000)
      expect(await leftOn(disk, virtual.world.now())).toBe('0.0000')
      settle?.(0.125)
      await virtual.advance(0)
      expect(await leftOn(disk, virtual.world.now())).toBe('0.1250')
    })

    test('counts nothing of what storage granted and the page did not', async () => {
      const disk = createVirtualDisk()
      const virtual = createVirtualWorld({ disk })
      const other = open(virtual, { scripts: [['hi', 10, bills(0.125)]] })
      const run = other.start(0.75)
      await virtual.advance(5)
      const purse = late(virtual, 0, 200)
      await virtual.until(purse.refresh())
      await virtual.until(run.outcome)
      expect(await virtual.until(purse.reserve(0.5))).toBeNull()
      await virtual.advance(1000)
      expect(await leftOn(disk, virtual.world.now())).toBe('0.8750')
    })
  })
})

describe('a user', () => {
  test('has a budget of their own, wherever the page knows who it is', async () => {
    const disk = createVirtualDisk()
    const virtual = createVirtualWorld({ disk })
    let user: string | undefined = 'ann@example.com'
    const { play } = open(virtual, { user: () => user })
    expect(await play(0.75)).toMatchObject({ status: 'completed' })
    user = 'bob@example.com'
    expect(await play(0.75)).toMatchObject({ status: 'completed' })
    user = undefined
    expect(await play(0.75)).toMatchObject({ status: 'completed' })
    expect(await play(0.75)).toMatchObject({ status: 'safe' })
    user = 'ann@example.com'
    expect(await play(0.75)).toMatchObject({ status: 'safe' })
    expect(await play(0.25)).toMatchObject({ status: 'completed' })
    expect(disk.entries.size).toBe(3)
  })

  test('is kept as a hash alone', async () => {
    expect(await digest('abc')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
    const disk = createVirtualDisk()
    const virtual = createVirtualWorld({ disk })
    const { play } = open(virtual, { user: () => 'ann@example.com' })
    await play(0.5)
    expect(JSON.stringify([...disk.entries])).not.toContain('ann')
  })

  test('who cannot be hashed has a budget for the page', async () => {
    const disk = createVirtualDisk()
    const virtual = createVirtualWorld({ disk })
    const world = { digest: () => Promise.reject(new TypeError('no WebCrypto')) }
    const { play } = open(virtual, { user: () => 'ann@example.com', world })
    await play(0.75)
    expect(await play(0.75)).toMatchObject({ status: 'safe' })
    expect(disk.entries.size).toBe(0)
  })

  test('who cannot be told is nobody in particular', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const disk = createVirtualDisk()
    const virtual = createVirtualWorld({ disk })
    await open(virtual, { user: refuse }).play(0.75)
    expect(error).toHaveBeenCalledWith('[rungs] user threw', expect.anything())
    expect(await leftOn(disk, 0)).toBe('0.2500')
  })
})

const act = fc.record({
  afterMs: fc.integer({ min: 0, max: 400 }),
  tab: fc.constantFrom(0 as const, 1 as const),
  what: fc.constantFrom('run', 'run', 'run', 'run', 'stop', 'reload', 'storage'),
  reserveUsd: fc.integer({ min: 1, max: 400 }).map((mills) => mills / 1000),
  script: fc.oneof(
    // With a word of what it cost: less than was reserved, or more.
    fc
      .tuple(fc.integer({ min: 0, max: 600 }), fc.integer({ min: 1, max: 600 }))
      .map(([ms, mills]): Script => ['hi', ms, bills(mills / 1000)]),
    fc.constantFrom<Script[]>(['hi'], [{ status: 503 }], ['hi', HANG], [100, { fail: 'network' }]),
  ),
  delayMs: fc.constantFrom(0, 1, 20, 49, 51, 300),
  isBroken: fc.boolean(),
})
const acts = fc.array(act, { minLength: 3, maxLength: 15 })
type Act = typeof act extends fc.Arbitrary<infer Value> ? Value : never

interface Spent {
  /** All that attempts came to, as their runs tell it, USD. */
  readonly usd: number
  /** How far they went over what was reserved for them, all together, USD. */
  readonly overUsd: number
  /** The most that was ever spent and reserved at once, without what went over, USD. */
  readonly peakUsd: number
}

const sum = (amounts: Iterable<number>): number => [...amounts].reduce((all, usd) => all + usd, 0)

/** Two tabs do these things, until every attempt is over and storage has been told. */
async function spend(plot: readonly Act[], disk: VirtualDisk): Promise<Spent> {
  const virtual = createVirtualWorld({ disk })
  /** What each run that began had reserved, and what it has come to so far. */
  const begun = new Map<string, { readonly reserveUsd: number; readonly usd: number }>()
  const reserves = new Map<string, number>()
  let peakUsd = 0
  const opened: Tab[] = []
  const load = (): Tab => {
    const tab = open(virtual, { scripts: plot.map(({ script }) => script) })
    tab.llm.subscribe((event) => {
      if (event.type === 'attempt-started' && event.route === 'ours') {
        const reserveUsd = reserves.get(event.runId) ?? NaN
        begun.set(event.runId, { reserveUsd, usd: reserveUsd })
        const kept = [...begun.values()].map((one) => Math.min(one.reserveUsd, one.usd))
        peakUsd = Math.max(peakUsd, sum(kept))
      }
      const one = begun.get(event.runId)
      if (!one) return
      if ('costUsd' in event && event.route === 'ours') {
        begun.set(event.runId, { ...one, usd: event.costUsd ?? NaN })
      }
      if (event.type === 'settled') {
        begun.set(event.runId, { ...one, usd: event.outcome.costUsd ?? NaN })
      }
    })
    opened.push(tab)
    return tab
  }
  const tabs = [load(), load()]
  const runs: { readonly tab: number; readonly stop: () => Promise<void> }[] = []
  for (const { afterMs, tab, what, reserveUsd, delayMs, isBroken } of plot) {
    await virtual.advance(afterMs)
    if (what === 'storage') Object.assign(disk, { delayMs, isBroken })
    if (what === 'reload') tabs[tab] = load()
    if (what === 'stop') void runs.findLast((run) => run.tab === tab)?.stop()
    const run = what === 'run' && tabs[tab]?.start(reserveUsd)
    if (!run) continue
    reserves.set(run.id, reserveUsd)
    runs.push({ tab, stop: () => run.stop() })
  }
  await virtual.advance(1000)
  for (const run of runs) void run.stop()
  await virtual.advance(1000)
  Object.assign(disk, { delayMs: 0, isBroken: false })
  // Whoever looks writes what it could not write before.
  for (const { why } of opened) {
    why(0)
    await virtual.advance(1000)
  }
  return {
    usd: sum([...begun.values()].map(({ usd }) => usd)),
    overUsd: sum([...begun.values()].map((one) => Math.max(0, one.usd - one.reserveUsd))),
    peakUsd,
  }
}

/** More than the gate's, each time with others, where they are asked for. */
const numRuns = Number(process.env['RUNGS_RUNS'] ?? 0)
const numbers = numRuns > 0 ? { numRuns } : { numRuns: 60, seed: 1 }

const leftAfter = (usd: number): string => (usd < 1e-9 ? 'all 1' : Math.max(0, 1 - usd).toFixed(4))

describe('two tabs, whatever they do and in whatever order,', () => {
  test('never begin what does not fit, count all, and nothing twice', async () => {
    const prompt = acts.map((plot) => plot.filter(({ what }) => what !== 'storage'))
    await fc.assert(
      fc.asyncProperty(prompt, fc.constantFrom(0, 1, 20, 24), async (plot, delayMs) => {
        // Whoever asks while another transaction is under way waits for both.
        const disk = createVirtualDisk()
        disk.delayMs = delayMs
        const { usd, overUsd, peakUsd } = await spend(plot, disk)
        // What an attempt costs over its reserve is all that can go over a budget.
        expect(peakUsd).toBeLessThan(1 + 1e-6)
        expect(usd).toBeLessThan(1 + overUsd + 1e-6)
        expect(await leftOn(disk, 60_000)).toBe(leftAfter(usd))
      }),
      numbers,
    )
  })

  test('on a storage that is slow and breaks, count all and nothing twice once it works', async () => {
    await fc.assert(
      fc.asyncProperty(acts, async (plot) => {
        const disk = createVirtualDisk()
        const { usd } = await spend(plot, disk)
        expect(await leftOn(disk, 60_000)).toBe(leftAfter(usd))
      }),
      numbers,
    )
  })
})
