import { describe, expect, test, vi } from 'vitest'
import type { Attempt, RunEvent, Tier, Workload } from '../src/index.ts'
import { failureOf } from '../src/policy/failure.ts'
import { isTrigger, noTally, reduceTally, type Tally } from '../src/policy/holdOut.ts'
import { mergeTerms } from '../src/policy/limits.ts'
import {
  createVirtualWorld,
  HANG,
  HANG_BEFORE_HEADERS,
  scripted,
  type Script,
  type VirtualWorld,
} from '../src/testing.ts'
import { eventsOf, FIRST_MS, stage, wired, type Played, type Request, type Stage } from './play.ts'

type Fate = 'hold' | 'act'
/** A world in which every draw of a tenth comes out the same. */
function fated(fate: () => Fate): VirtualWorld {
  const virtual = createVirtualWorld()
  const random = (): number => {
    const roll = virtual.world.random()
    return fate() === 'hold' ? roll / 10 : 0.1 + 0.9 * roll
  }
  return { ...virtual, world: { ...virtual.world, random } }
}
const HOLD = (): Fate => 'hold'
const ACT = (): Fate => 'act'
const silent: Script = [HANG_BEFORE_HEADERS]
const queued: Script = [HANG]
const down: Script = [{ status: 503 }]
const b = scripted({ provider: 'b', region: 'us' }, ['b'])

interface Given extends Partial<Workload<string>> {
  readonly tiers?: Readonly<Record<string, Tier<string, string>>>
}
/** `a`, which does as it is told, then `b`, which answers at once; a tenth is held out. */
function stageOf(
  fate: () => Fate,
  scripts: readonly Script[],
  { tiers, ...workload }: Given = {},
): Stage {
  const a = scripted({ provider: 'a', region: 'eu', compliance: ['gdpr'] }, ...scripts)
  return stage(
    { a, b },
    { holdOut: { share: 0.1 }, ...workload },
    { virtual: fated(fate), ...(tiers ? { tiers } : {}) },
  )
}
const drawn = ({ events }: Pick<Played, 'events'>): readonly object[] =>
  eventsOf(events, 'held-out').map(({ type, attempt, kind, arm, propensity }) => ({
    type,
    attempt,
    kind,
    arm,
    propensity,
  }))
const whys = ({ outcome }: Played): readonly Attempt['why'][] =>
  outcome.attempts.map(({ why }) => why)
/** How long the second try of the first route was put off. */
function waitedMs({ outcome }: Played): number {
  const move = outcome.attempts[0]?.move
  return move?.to === 'retry' ? move.delayMs : NaN
}
/** What happens from the trigger on, in order. */
const since = (events: readonly RunEvent[]): readonly (readonly [string, number])[] =>
  events
    .slice(events.findIndex(({ type }) => type === 'held-out'))
    .map(({ type, at }) => [type, Math.round(at)])

describe('a late first content', () => {
  test.each([
    ['timeout', silent],
    ['queue-stall', queued],
  ] as const)(
    'that is held out (%s) is waited for as long as its pace allows',
    async (kind, script) => {
      const played = await stageOf(HOLD, [script]).play()
      expect(drawn(played)).toEqual([
        { type: 'held-out', attempt: 1, kind, arm: 'hold', propensity: 0.1 },
      ])
      expect(since(played.events).slice(0, 4)).toEqual([
        ['held-out', FIRST_MS],
        ['attempt-failed', 20_000],
        ['moved', 20_000],
        ['attempt-started', 20_000],
      ])
      expect(played.lines).toEqual(['try a', 'slow', `${kind} -> b`, 'try b', '"b"', 'completed'])
    },
  )

  test('that is acted upon is fallen back from at once, once that is told', async () => {
    const played = await stageOf(ACT, [silent]).play()
    expect(drawn(played)).toEqual([
      { type: 'held-out', attempt: 1, kind: 'timeout', arm: 'act', propensity: 0.9 },
    ])
    expect(since(played.events).slice(0, 3)).toEqual([
      ['held-out', FIRST_MS],
      ['attempt-failed', FIRST_MS],
      ['moved', FIRST_MS],
    ])
    expect(played.outcome).toMatchObject({ status: 'completed', route: 'b' })
  })

  test('that comes while it is waited for is the answer, and nothing has changed', async () => {
    const { outcome, tookMs, lines } = await stageOf(HOLD, [[15_000, 'late']]).play()
    expect(outcome).toMatchObject({ status: 'completed', text: 'late', route: 'a', degraded: null })
    expect([tookMs, lines]).toEqual([15_000, ['try a', 'slow', '"late"', 'completed']])
  })

  test('is late as it was, where the ceiling of the product ends the wait', async () => {
    // By a ceiling alone a faster route would be looked for, and `b` is not known to be one.
    const limits = { firstChunkMs: 16_000 }
    const played = await stageOf(HOLD, [silent], {
      limits,
      on: { 'latency-ceiling': 'safe' },
    }).play()
    expect(since(played.events)[1]).toEqual(['attempt-failed', 16_000])
    expect(played.outcome).toMatchObject({ status: 'completed', route: 'b' })
    expect(played.outcome.attempts[0]?.failure?.kind).toBe('timeout')
  })

  test('is late as it was, where thoughts put it off to that ceiling', async () => {
    const thinking: Script = [15_000, { reasoning: 'hm' }, HANG]
    const limits = { firstChunkMs: 18_000 }
    const on = { 'latency-ceiling': 'safe' } as const
    const { outcome } = await stageOf(HOLD, [thinking], { limits, on }).play()
    expect(outcome.attempts[0]?.failure?.kind).toBe('queue-stall')
    expect(outcome).toMatchObject({ status: 'completed', route: 'b' })
  })

  test('that is thought over is waited for anew', async () => {
    const thinking: Script = [15_000, { reasoning: 'hm' }, HANG]
    const { events } = await stageOf(HOLD, [thinking]).play()
    expect(since(events).find(([type]) => type === 'attempt-failed')).toEqual([
      'attempt-failed',
      15_000 + FIRST_MS,
    ])
  })

  test('is waited for with half of the time that the others leave', async () => {
    const { tookMs, outcome, events } = await stageOf(HOLD, [silent], {
      limits: { totalMs: 24_000 },
    }).play()
    const [held] = eventsOf(events, 'held-out')
    const p95 = 1000 * Math.exp(1.6449 * 0.6 * Math.sqrt(1.25))
    expect(tookMs).toBeCloseTo((held?.at ?? 0) + (24_000 - (held?.at ?? 0) - p95) / 2, 6)
    expect(outcome).toMatchObject({ status: 'completed', route: 'b' })
  })

  test('that the page has slept through is no trigger', async () => {
    const { virtual, start } = stageOf(HOLD, [silent])
    const run = start()
    await virtual.advance(1000)
    await virtual.sleep(5000)
    await virtual.until(run.outcome)
    expect(drawn(run)).toEqual([])
  })
})

describe('an outage', () => {
  test('that is held out is tried again after a moment, and not at the price of a retry', async () => {
    const { play } = stageOf(HOLD, [down, ['a'], down, ['a'], down, ['a']])
    const played = await play()
    expect(played.lines).toEqual(['try a', 'outage -> retry a', 'try a', '"a"', 'completed'])
    expect(whys(played)).toEqual(['first', 'hold-out'])
    expect(waitedMs(played)).toBeGreaterThan(0)
    expect(waitedMs(played)).toBeLessThan(500)
    expect(drawn(played)).toEqual([
      { type: 'held-out', attempt: 1, kind: 'outage', arm: 'hold', propensity: 0.1 },
    ])
    expect(
      since(played.events)
        .map(([type]) => type)
        .slice(0, 3),
    ).toEqual(['held-out', 'moved', 'attempt-started'])
    // The two retries that there are in the beginning are there still.
    const last = { limits: { regions: ['eu'] } }
    expect(whys(await play(last))).toEqual(['first', 'retry'])
    expect(whys(await play(last))).toEqual(['first', 'retry'])
  })

  test('that is acted upon is fallen back from, once that is told', async () => {
    const played = await stageOf(ACT, [down]).play()
    expect(played.lines).toEqual(['try a', 'outage -> b', 'try b', '"b"', 'completed'])
    expect(drawn(played)).toEqual([
      { type: 'held-out', attempt: 1, kind: 'outage', arm: 'act', propensity: 0.9 },
    ])
  })

  test('that comes again is fallen back from, and drawn for no more', async () => {
    const played = await stageOf(HOLD, [down]).play()
    expect(played.lines).toEqual([
      'try a',
      'outage -> retry a',
      'try a',
      'outage -> b',
      'try b',
      '"b"',
      'completed',
    ])
    expect(whys(played)).toEqual(['first', 'hold-out', 'next'])
    expect(drawn(played)).toHaveLength(1)
  })

  test('whose second try takes too long is fallen back from as from the first', async () => {
    // `b` is not faster, so a mere ceiling would end in the safe answer.
    const quick = scripted({ provider: 'a', expect: { firstChunkMs: 900 } }, down, silent)
    const slow = scripted({ provider: 'b', expect: { firstChunkMs: 1000 } }, ['b'])
    const { play } = stage(
      { a: quick, b: slow },
      { holdOut: { share: 0.1 }, limits: { totalMs: 10_000 } },
      { virtual: fated(HOLD) },
    )
    const { outcome, lines, tookMs } = await play()
    expect(lines).toEqual([
      'try a',
      'outage -> retry a',
      'try a',
      'slow',
      'latency-ceiling -> b',
      'try b',
      '"b"',
      'completed',
    ])
    expect(outcome.attempts[1]?.failure?.kind).toBe('latency-ceiling')
    expect(tookMs).toBeLessThan(5000)
  })

  test('with a time to wait is tried again after that', async () => {
    const busy: Script = [{ status: 503, headers: { 'retry-after': '2' } }]
    const played = await stageOf(HOLD, [busy, ['a']]).play()
    expect(waitedMs(played)).toBeGreaterThan(2000)
    expect(waitedMs(played)).toBeLessThan(2500)
    const busier: Script = [{ status: 503, headers: { 'retry-after': '6' } }]
    expect(drawn(await stageOf(HOLD, [busier, ['a']]).play())).toEqual([])
  })

  test('of a route that is held back meanwhile is fallen back from', async () => {
    const busy: Script = [{ status: 429, headers: { 'retry-after': '30' } }]
    const { start, virtual } = stageOf(HOLD, [[1000, { status: 503 }], busy])
    const [one, other] = [start(), start()]
    expect(one.id).not.toBe(other.id)
    await virtual.until(Promise.all([one.outcome, other.outcome]))
    expect(drawn(one)).toEqual([])
    expect((await one.outcome).route).toBe('b')
  })

  test('that the page has slept before is no trigger', async () => {
    const { virtual, start } = stageOf(HOLD, [[8000, { status: 503 }], ['a']])
    const run = start()
    await virtual.advance(1000)
    await virtual.sleep(5000)
    await virtual.until(run.outcome)
    expect(drawn(run)).toEqual([])
  })

  test('of an answer in time by its status is as one without headers', async () => {
    const played = await stageOf(HOLD, [[{ status: 504 }], ['a']]).play()
    expect(drawn(played)).toMatchObject([{ kind: 'timeout', arm: 'hold' }])
    expect(whys(played)).toEqual(['first', 'hold-out'])
  })
})

describe('nothing is drawn', () => {
  const gdpr = { limits: { require: ['gdpr'] } }
  const both: Given = { tiers: { pro: {}, free: {} } }
  test.each<readonly [string, Script, Given, Request]>([
    ['of other kinds', [{ fail: 'network' }], {}, {}],
    ['of kinds that are not named', down, { holdOut: { share: 0.1, kinds: ['timeout'] } }, {}],
    ['with a share of 0', down, { holdOut: { share: 0 } }, {}],
    ['without a hold-out', down, { holdOut: undefined }, {}],
    ['where the workload requires a tag', down, gdpr, {}],
    ['where the tier does', down, { tiers: { pro: { require: ['gdpr'] } } }, { tier: 'pro' }],
    ['where the request does', down, {}, gdpr],
    [
      'of a tier that is not named',
      down,
      { ...both, holdOut: { share: 0.1, tiers: ['pro'] } },
      { tier: 'free' },
    ],
    ['for the last route', down, {}, { limits: { regions: ['eu'] } }],
    ['for the last route that is late', silent, {}, { limits: { regions: ['eu'] } }],
    ['before the safe answer', down, { on: { outage: 'safe' } }, {}],
    ['before a canned rung', down, { ladder: ['a', 'sorry'] }, {}],
    ['before a retry, nor after it', down, { on: { outage: 'retry' } }, {}],
    ['before a retry of what is late, nor after it', silent, { on: { timeout: 'retry' } }, {}],
    ['before a question', down, { on: { outage: 'ask' } }, { canConfirm: true }],
    ['before a question of what is late', silent, { on: { timeout: 'ask' } }, { canConfirm: true }],
    ['without an attempt to spare', down, { limits: { maxAttempts: 2 } }, {}],
    ['without the attempt that would follow', silent, { limits: { maxAttempts: 1 } }, {}],
    ['without time to spare', down, { limits: { totalMs: 8000 } }, {}],
    ['without time to wait on', silent, { limits: { totalMs: 20_000 } }, {}],
    ['where the product waits no longer', silent, { limits: { firstChunkMs: 12_500 } }, {}],
    ['once there is text', ['half', { status: 503 }], { recovery: 'restart' }, {}],
  ])('%s', async (_, script, given, request) => {
    const played = await stageOf(HOLD, [script], given).play(request)
    expect(drawn(played)).toEqual([])
    expect(whys(played)).not.toContain('hold-out')
  })

  test('twice in a run', async () => {
    const { play } = stage(
      {
        a: scripted({ provider: 'a' }, down),
        b: scripted({ provider: 'b' }, silent),
        c: scripted({ provider: 'c' }, ['c']),
      },
      { holdOut: { share: 0.1 } },
      { virtual: fated(ACT) },
    )
    const played = await play()
    expect(drawn(played)).toMatchObject([{ attempt: 1, arm: 'act' }])
    expect(played.lines.at(-2)).toBe('"c"')
  })

  test('while text of an earlier attempt is on the screen', async () => {
    const { play } = stage(
      {
        a: scripted({ provider: 'a' }, ['half', HANG]),
        b: scripted({ provider: 'b' }, down),
        c: scripted({ provider: 'c' }, ['c']),
      },
      { holdOut: { share: 0.1 } },
      { virtual: fated(HOLD) },
    )
    const played = await play()
    expect([drawn(played), played.lines.at(-2)]).toEqual([[], '"c"'])
  })

  test('while the page is hidden', async () => {
    const { virtual, play } = stageOf(HOLD, [silent])
    virtual.setHidden(true)
    expect(drawn(await play())).toEqual([])
  })

  test('at a probe', async () => {
    const { virtual, play } = stageOf(ACT, [down])
    await play()
    await virtual.advance(20_000)
    const probed = await play()
    expect(whys(probed)[0]).toBe('probe')
    expect(drawn(probed)).toEqual([])
  })

  test('where the next route could not be paid any more', async () => {
    const price = { inputPerMTok: 0, outputPerMTok: 1000 }
    // 800 tokens of output are reckoned: 0.8 USD for each attempt.
    const play = async (costUsd: number, script: Script): Promise<Played> =>
      stage(
        {
          a: scripted({ provider: 'a', price }, script),
          b: scripted({ provider: 'b', price }, ['b']),
        },
        { holdOut: { share: 0.1 }, limits: { costUsd } },
        { virtual: fated(HOLD) },
      ).play()
    for (const script of [down, silent]) {
      expect(drawn(await play(1.5, script))).toEqual([])
      expect(drawn(await play(1.7, script))).toHaveLength(1)
    }
  })
})

test('a trigger is before content, with nothing on the screen, nobody away and time to spare', () => {
  const config = {
    routes: { a: b },
    workloads: { chat: { ladder: ['a'], holdOut: { share: 0.1 } } },
  } as const
  const terms = mergeTerms<'a', 'chat'>(config, 'chat', null)
  const failure = failureOf('outage', { phase: 'before-content', route: 'a', provider: 'a' })
  const trigger = { failure, hasText: false, isAway: false, mostMs: 2000, leastMs: 2000 }
  expect(isTrigger(terms, trigger)).toBe(true)
  for (const change of [
    { failure: { ...failure, phase: 'streaming' as const } },
    { failure: { ...failure, retryAfterMs: 5001 } },
    { hasText: true },
    { isAway: true },
    { mostMs: 1999 },
  ]) {
    expect(isTrigger(terms, { ...trigger, ...change })).toBe(false)
  }
})

describe('2,000 runs', () => {
  const share = 0.1
  /** A route that fails by each kind in turn, then one that answers. */
  async function playOne(seed: number): Promise<Played> {
    const script = [silent, queued, down][seed % 3] ?? down
    const { play } = stage(
      {
        a: scripted({ provider: 'a' }, script),
        b: scripted({ provider: 'b' }, [800, 'b', 900, 'c']),
      },
      { holdOut: { share }, limits: { totalMs: 30_000 } },
      { virtual: createVirtualWorld({ seed }) },
    )
    return play()
  }

  test('are held out as often as the share says, are told so first, and all get their answer in time', async () => {
    let held = 0
    for (let seed = 1; seed <= 2000; seed += 1) {
      const { events, outcome, tookMs } = await playOne(seed)
      const [one, ...more] = eventsOf(events, 'held-out')
      expect(more).toEqual([])
      expect(one?.propensity).toBe(one?.arm === 'hold' ? share : 1 - share)
      held += one?.arm === 'hold' ? 1 : 0
      const types = events.map(({ type }) => type)
      expect(types.indexOf('held-out')).toBeLessThan(types.indexOf('moved'))
      expect(outcome).toMatchObject({ status: 'completed', text: 'bc', route: 'b' })
      expect(tookMs).toBeLessThan(30_000)
    }
    // 200 are due, 13.4 is the standard deviation: outside this once in a hundred.
    expect(Math.abs(held - 200)).toBeLessThan(35)
  }, 60_000)
})

const tally = (act: readonly [number, number], hold: readonly [number, number]): Tally => {
  let told = noTally
  for (const [arm, [bad, good]] of [
    ['act', act],
    ['hold', hold],
  ] as const) {
    for (let n = 0; n < good; n += 1) told = reduceTally(told, arm, false)
    for (let n = 0; n < bad; n += 1) told = reduceTally(told, arm, true)
  }
  return told
}

/** `b` takes questions for 15 s from the run's start: whoever was held out comes too late. */
function closing(virtual: VirtualWorld): Stage {
  let startedAt = 0
  const late = wired({ provider: 'b' }, async ({ world: { now } }, tell) => {
    if (now() - startedAt > 15_000) throw new Error('closed')
    tell({ type: 'text', text: 'b' })
    tell({ type: 'terminal' })
  })
  const { start, play, ...rest } = stage(
    { a: scripted({ provider: 'a' }, silent), b: late },
    { holdOut: { share: 0.1 } },
    { virtual },
  )
  const now = <Value>(begin: () => Value): Value => {
    startedAt = virtual.world.now()
    return begin()
  }
  return { ...rest, start: () => now(start), play: () => now(play) }
}

describe('a hold-out that does harm', () => {
  test.each<
    readonly [string, act: readonly [number, number], hold: readonly [number, number], boolean]
  >([
    ['nothing is known', [0, 0], [0, 0], false],
    ['one bad run of one', [0, 9], [1, 0], false],
    ['two bad runs of two, against nine good ones', [0, 9], [2, 0], true],
    ['two bad runs of two, against none', [0, 0], [2, 0], false],
    ['as many bad runs as elsewhere', [20, 180], [2, 18], false],
    ['a few more than elsewhere', [20, 180], [4, 16], false],
    ['more than chance explains', [20, 180], [6, 14], true],
    ['4 points in a thousand runs', [50, 950], [90, 910], false],
    ['6 points in a thousand runs', [50, 950], [110, 890], true],
    ['fewer than elsewhere', [100, 100], [0, 20], false],
    ['all of very many', [0, 5000], [2000, 0], true],
  ])('stops: %s', (_, act, hold, isStopped) => {
    expect(tally(act, hold).isStopped).toBe(isStopped)
  })

  test('does not begin again', () => {
    let told = tally([0, 9], [2, 0])
    for (let n = 0; n < 98; n += 1) told = reduceTally(told, 'hold', false)
    expect(told).toMatchObject({ hold: { runs: 100, bad: 2 }, isStopped: true })
  })

  /** Until what is believed of the routes has faded. */
  const HOUR = 3_600_000

  test('is told once, and no run is held out any more', async () => {
    const told = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const virtual = createVirtualWorld({ seed: 3 })
    const { play } = closing(virtual)
    const arms: (string | undefined)[] = []
    for (let run = 0; run < 300; run += 1) {
      const { events, outcome } = await play()
      const arm = eventsOf(events, 'held-out')[0]?.arm
      arms.push(arm)
      expect(outcome.status).toBe(arm === 'hold' ? 'safe' : 'completed')
      await virtual.advance(HOUR)
    }
    const last = arms.findLastIndex((arm) => arm !== undefined)
    expect(arms.filter((arm) => arm === 'hold')).toHaveLength(2)
    expect(arms[last]).toBe('hold')
    expect(last).toBeLessThan(60)
    expect(told).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('chat holds out no more'))
    told.mockRestore()
  })

  test('is found out, however many users leave meanwhile', async () => {
    const told = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    let fate: Fate = 'hold'
    const virtual = fated(() => fate)
    const { play, start } = closing(virtual)
    for (let run = 0; run < 8; run += 1) {
      const left = start()
      await virtual.advance(15_000)
      await left.stop()
      expect(drawn(left)).toMatchObject([{ arm: 'hold' }])
      await virtual.advance(HOUR)
    }
    for (const [next, runs] of [
      ['act', 9],
      ['hold', 2],
    ] as const) {
      expect(told).not.toHaveBeenCalled()
      fate = next
      for (let run = 0; run < runs; run += 1) {
        expect(drawn(await play())).toHaveLength(1)
        await virtual.advance(HOUR)
      }
    }
    expect(told).toHaveBeenCalledOnce()
    told.mockRestore()
  })
})

test('a question that was foreseen is not the one that is asked', async () => {
  // Were `a` tried again, `b` could not be paid, and `c` at the user's cost would have to be asked for.
  const price = { inputPerMTok: 0, outputPerMTok: 1000 }
  const long: Script = ['x'.repeat(400), { error: {} }]
  const { start, virtual } = stage(
    {
      a: scripted({ provider: 'a', price }, down),
      b: scripted({ provider: 'b', price }, long),
      c: scripted({ provider: 'c', price: 'included', payer: 'user' }, ['c']),
    },
    { holdOut: { share: 0.1 }, limits: { costUsd: 1.5 } },
    { virtual: fated(HOLD) },
  )
  const run = start({ canConfirm: true })
  await virtual.advance(100)
  expect(run.store.getState().confirmation).toMatchObject({ about: 'recovery', declineTo: 'keep' })
  run.decline()
  expect(await virtual.until(run.outcome)).toMatchObject({ status: 'partial', route: 'b' })
  expect(drawn(run)).toEqual([])
})
