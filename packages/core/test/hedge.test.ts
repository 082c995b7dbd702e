import { describe, expect, test } from 'vitest'
import { canned, createLLM } from '../src/index.ts'
import type { Outcome, StandardSchema, Workload } from '../src/index.ts'
import {
  createVirtualWorld,
  HANG,
  HANG_BEFORE_HEADERS,
  scripted,
  type Script,
  type ScriptedOptions,
  type VirtualWorld,
} from '../src/testing.ts'
import { judged } from '../src/policy/fault.ts'
import type { Wire } from '../src/words/wire.ts'
import { eventsOf, P95_MS, silence, stage, wired, type Played, type Stage } from './play.ts'

const price = { inputPerMTok: 10, outputPerMTok: 100 }
/** Two tokens in, 800 out. */
const USD = 0.08002

const late: Script = [HANG_BEFORE_HEADERS]
const quick: Script = [500, 'quick']

/** A route of provider `p` that is late, and one of `q` that is not, in a workload that hedges. */
function pair(
  {
    ours = late,
    mini = quick,
    before = [],
    oursFacts = {},
    miniFacts = {},
  }: {
    readonly ours?: Script
    readonly mini?: Script
    /** What the first does in earlier attempts. */
    readonly before?: readonly Script[]
    readonly oursFacts?: ScriptedOptions
    readonly miniFacts?: ScriptedOptions
  } = {},
  workload: Partial<Workload<string>> = {},
): Stage {
  return stage(
    {
      ours: scripted({ provider: 'p', price, ...oursFacts }, ...before, ours),
      mini: scripted({ provider: 'q', price, ...miniFacts }, mini),
    },
    { hedge: true, ...workload },
  )
}

/** A wire that does what it does when the gate opens, in the very turn in which others do. */
function behind(
  gate: () => Promise<void>,
  then: (tell: Parameters<Wire['stream']>[1]) => void,
): Wire['stream'] {
  return async (_, tell) => {
    await gate()
    then(tell)
  }
}
/** Opens 5 s after somebody first waits. */
function gateOf({ world }: VirtualWorld): () => Promise<void> {
  let gate: Promise<void> | null = null
  return () =>
    (gate ??= new Promise((resolve) => {
      world.after(5_000, resolve)
    }))
}
const whole =
  (text: string) =>
  (tell: Parameters<Wire['stream']>[1]): void => {
    tell({ type: 'text', text })
    tell({ type: 'usage', usage: { inputTokens: 1, outputTokens: 1 } })
    tell({ type: 'terminal' })
  }

/** When each hedge began, ms. */
function hedgedAt({ events }: Pick<Played, 'events'>): readonly number[] {
  return eventsOf(events, 'attempt-started').flatMap(({ why, at }) => (why === 'hedge' ? [at] : []))
}
const attemptOf = ({ attempts }: Outcome, route: string): Outcome['attempts'][number] | undefined =>
  attempts.find((one) => one.route === route)

describe('a route that is late', () => {
  test('has another one asked as well after its predicted p95, and not before', async () => {
    const played = await pair().play()
    expect(played.lines).toEqual([
      'try ours',
      'slow',
      'try mini',
      'timeout -> mini',
      '"quick"',
      'completed',
    ])
    expect(hedgedAt(played)).toEqual([expect.closeTo(P95_MS, 6)])
    const inTime = await pair({ ours: [P95_MS - 1, 'just in time'] }).play()
    expect(inTime.lines).toEqual(['try ours', 'slow', '"just in time"', 'completed'])
  })

  test.each<readonly [string, ScriptedOptions, number]>([
    ['not before 1.2 s', { expect: { firstChunkMs: 100 } }, 1_200],
    ['after 6 s at the latest', { expect: { firstChunkMs: 3_000 } }, 6_000],
    [
      'after its own p95 where it thinks first',
      { expect: { firstChunkMs: 9_000 }, pace: 'reasoning' },
      9 * P95_MS,
    ],
  ])('is hedged %s', async (_, oursFacts, at) => {
    const [first] = hedgedAt(await pair({ oursFacts }).play())
    expect(first).toBeCloseTo(at, 6)
  })

  test('is not hedged where the workload does not say so', async () => {
    const played = await pair({}, { hedge: false }).play()
    expect(played.lines).toEqual([
      'try ours',
      'slow',
      'timeout -> mini',
      'try mini',
      '"quick"',
      'completed',
    ])
  })

  test('is hedged once in a run, whatever has been earned', async () => {
    const fine = Array.from({ length: 40 }, (): Script => ['fine'])
    const { play } = stage(
      Object.fromEntries(
        ['p', 'q', 'r', 's'].map((provider) => [
          provider,
          scripted({ provider }, ...(provider === 'p' ? fine : []), late),
        ]),
      ),
      { hedge: true },
    )
    for (const _ of fine) await play()
    const played = await play()
    expect(played.outcome.status).toBe('safe')
    expect(hedgedAt(played)).toHaveLength(1)
  })

  test('has not waited while the page slept', async () => {
    const { start, virtual } = pair({ ours: [4_000, 'whole'] })
    const run = start()
    await virtual.advance(1_000)
    await virtual.sleep(60_000)
    await virtual.advance(1_500)
    expect(hedgedAt(run)).toEqual([])
    await virtual.until(run.outcome)
  })
})

describe('the one that was asked as well', () => {
  test('answers where it is faster, as a move that is told', async () => {
    const { outcome, events, states } = await pair().play()
    const [moved] = eventsOf(events, 'moved')
    expect(moved).toMatchObject({
      move: { to: 'route', route: 'mini', direction: 'faster' },
      because: 'ours is late: mini answers first',
      degraded: { from: 'ours', to: 'mini', cause: 'timeout' },
    })
    expect(events.findIndex(({ type }) => type === 'moved')).toBe(
      events.findIndex(({ type }) => type === 'content') - 1,
    )
    expect(outcome).toMatchObject({
      status: 'completed',
      text: 'quick',
      route: 'mini',
      degraded: { from: 'ours', to: 'mini', cause: 'timeout' },
      failure: null,
    })
    // Until it answers, the screen is the first one's.
    expect(states.filter(({ text }) => text === '').map(({ route }) => route)).not.toContain('mini')
    expect(states.filter(({ text }) => text !== '').map(({ route }) => route)).not.toContain('ours')
  })

  test('has the one that is silent after its headers taken for stalled', async () => {
    const { outcome } = await pair({ ours: [100, HANG] }).play()
    expect(outcome.degraded).toMatchObject({ cause: 'queue-stall' })
  })

  test('ends the other, which is possibly billed and has not failed', async () => {
    const { outcome, events } = await pair().play()
    expect(attemptOf(outcome, 'ours')).toMatchObject({
      why: 'first',
      failure: null,
      move: null,
      firstContentMs: null,
      totalMs: expect.closeTo(P95_MS + 500, 6),
      billing: 'possible',
      costUsd: USD,
    })
    expect(attemptOf(outcome, 'mini')).toMatchObject({ why: 'hedge', billing: 'billed' })
    expect(outcome.costUsd).toBeCloseTo(2 * USD, 9)
    expect(eventsOf(events, 'attempt-failed')).toEqual([])
    expect(eventsOf(events, 'attempt-finished')).toHaveLength(1)
  })

  test('is ended where the first answers after all, and nothing has moved', async () => {
    const { outcome, lines } = await pair({
      ours: [4_000, 'late, ', 50, 'but whole'],
      mini: late,
    }).play()
    expect(lines).toEqual(['try ours', 'slow', 'try mini', '"late, but whole"', 'completed'])
    expect(outcome).toMatchObject({ route: 'ours', degraded: null })
    expect(attemptOf(outcome, 'mini')).toMatchObject({
      failure: null,
      totalMs: expect.closeTo(4_000 - P95_MS, 6),
      billing: 'possible',
      costUsd: USD,
    })
    expect(outcome.costUsd).toBeCloseTo(2 * USD, 9)
  })

  test('is billed by what it said it used', async () => {
    const usage = { inputTokens: 10, outputTokens: 0 }
    const { outcome } = await pair({ ours: [4_000, 'whole'], mini: [{ usage }, HANG] }).play()
    expect(attemptOf(outcome, 'mini')).toMatchObject({ billing: 'billed', costUsd: 1e-4, usage })
    expect(outcome.usage).toBeNull()
  })

  test('goes on alone at once where the first fails', async () => {
    const played = await pair({ ours: [4_000, { status: 503 }], mini: [3_000, 'whole'] }).play()
    expect(played.lines).toEqual([
      'try ours',
      'slow',
      'try mini',
      'outage -> mini',
      'slow',
      '"whole"',
      'completed',
    ])
    const { events, outcome } = played
    expect(eventsOf(events, 'moved')).toMatchObject([
      { at: 4_000, move: { route: 'mini', direction: 'next' }, degraded: { cause: 'outage' } },
    ])
    expect(outcome.attempts).toMatchObject([
      { route: 'ours', failure: { kind: 'outage' }, move: { to: 'route', route: 'mini' } },
      { route: 'mini', failure: null, firstContentMs: expect.closeTo(3_000, 6) },
    ])
  })

  test('may fail while the first goes on, and nothing has moved', async () => {
    const { lines, outcome, states } = await pair({
      ours: [5_000, 'whole'],
      mini: [{ status: 503 }],
    }).play()
    expect(lines).toEqual(['try ours', 'slow', 'try mini', '"whole"', 'completed'])
    expect(outcome).toMatchObject({ route: 'ours', degraded: null, failure: null })
    expect(attemptOf(outcome, 'mini')).toMatchObject({ failure: { kind: 'outage' }, move: null })
    expect(states.map(({ phase }) => phase)).not.toContain('switching')
  })

  test('leaves it to the policy where both fail', async () => {
    const { play } = stage(
      {
        ours: scripted({ provider: 'p' }, [4_000, { status: 503 }]),
        mini: scripted({ provider: 'q' }, [{ status: 503 }]),
        euro: scripted({ provider: 'r' }, ['third']),
      },
      { hedge: true },
    )
    const { lines, outcome } = await play()
    expect(lines).toEqual([
      'try ours',
      'slow',
      'try mini',
      'outage -> euro',
      'try euro',
      '"third"',
      'completed',
    ])
    expect(outcome.degraded).toMatchObject({ from: 'ours', to: 'euro', cause: 'outage' })
    expect(attemptOf(outcome, 'ours')?.move).toMatchObject({ route: 'euro' })
  })

  test('is not given what the first was blocked for', async () => {
    const { lines, outcome } = await pair({
      ours: [4_000, { fail: 'blocked-content' }],
      mini: late,
    }).play()
    expect(lines).toEqual([
      'try ours',
      'slow',
      'try mini',
      'blocked-content -> safe sorry',
      'try sorry',
      '"Sorry."',
      'safe',
    ])
    expect(attemptOf(outcome, 'mini')).toMatchObject({ failure: null, billing: 'possible' })
  })

  test('counts as an attempt, though it was cut', async () => {
    const { outcome } = await pair(
      { ours: [4_000, 'half', { fail: 'stream-stall' }], mini: late },
      { limits: { maxAttempts: 2 } },
    ).play()
    expect(outcome.attempts.map(({ route }) => route)).toEqual(['ours', 'mini', 'sorry'])
  })

  test('may be blocked itself, and the first goes on', async () => {
    const { lines } = await pair({
      ours: [4_000, 'whole'],
      mini: [{ fail: 'blocked-content' }],
    }).play()
    expect(lines).toEqual(['try ours', 'slow', 'try mini', '"whole"', 'completed'])
  })

  test('is not waited for by a credential that is looked for once more', async () => {
    let reads = 0
    const { play, llm } = stage(
      {
        ours: wired(
          { provider: 'p' },
          async ({ world }) => {
            await new Promise<void>((resolve) => {
              world.after(4_000, resolve)
            })
            throw judged('auth')
          },
          () => {
            reads += 1
            return reads === 1 ? Promise.resolve('key') : new Promise(() => undefined)
          },
        ),
        mini: scripted({ provider: 'q' }, [1_100, 'whole']),
      },
      { hedge: true },
    )
    const { lines, events, tookMs } = await play()
    expect(lines).toEqual(['try ours', 'slow', 'try mini', 'auth -> mini', '"whole"', 'completed'])
    expect(eventsOf(events, 'content')[0]?.at).toBeCloseTo(P95_MS + 1_100, 6)
    // It is over when nothing of it is left.
    expect(tookMs).toBe(5_000)
    expect(llm.health.getState()['ours']?.state).toBe('disabled')
  })

  test('ends what was to find out whether its route is good again', async () => {
    const { play, llm, virtual } = stage(
      {
        ours: scripted({ provider: 'p' }, [{ status: 503 }], late),
        mini: scripted({ provider: 'q' }, quick),
      },
      { hedge: true },
    )
    await play()
    await virtual.advance(15_000)
    const { outcome } = await play()
    expect(outcome.attempts.map(({ why }) => why)).toEqual(['probe', 'hedge'])
    expect(llm.health.getState()['ours']?.state).toBe('suspect')
  })

  test('leaves a second try of the same route the last', async () => {
    const { lines } = await pair(
      {
        ours: late,
        mini: [500, 'half', { fail: 'stream-stall' }],
        before: [[{ status: 503 }]],
      },
      { on: { outage: 'retry' } },
    ).play()
    expect(lines.slice(-4)).toEqual(
      ['"half"', 'stream-stall -> safe sorry', 'try sorry', '"Sorry."', 'safe'].slice(-4),
    )
    expect(lines.filter((line) => line === 'try ours')).toHaveLength(2)
  })

  test('may be asked again where the one that was faster breaks', async () => {
    const { lines } = await pair({
      ours: [4_000, 'half', { fail: 'stream-stall' }],
      mini: late,
    }).play()
    expect(lines.slice(0, 7)).toEqual([
      'try ours',
      'slow',
      'try mini',
      '"half"',
      'stream-stall -> restart on mini',
      'try mini',
      'slow',
    ])
  })
})

describe('of two that answer', () => {
  test('one is heard, even where both come in the same moment', async () => {
    const said: Script = ['one', 10, ' and on']
    const { outcome, events } = await pair({
      ours: [P95_MS + 100, ...said],
      mini: [100, ...said],
    }).play()
    expect(new Set(eventsOf(events, 'content').map(({ attempt }) => attempt)).size).toBe(1)
    expect(outcome.text).toBe('one and on')
  })

  test('the thoughts are never mixed', async () => {
    const { outcome, states } = await pair({
      ours: [{ reasoning: 'ours ' }, 3_500, { reasoning: 'thinks' }, HANG],
      mini: [{ reasoning: 'mini ' }, 1_000, { reasoning: 'thinks' }, 'quick'],
    }).play()
    expect(outcome.message.content).toEqual([
      { type: 'reasoning', text: 'mini thinks' },
      { type: 'text', text: 'quick' },
    ])
    const thoughts = states.map(({ parts: [first] }) =>
      first && 'text' in first ? first.text : '',
    )
    expect(new Set(thoughts)).toEqual(new Set(['', 'ours ', 'ours thinks', 'mini thinks']))
  })

  test('the other’s connection is closed', async () => {
    const aborted: boolean[] = []
    const { play } = stage(
      {
        ours: scripted({ provider: 'p' }, [4_000, 'whole']),
        mini: wired({ provider: 'q' }, async ({ signal }, tell) => {
          await silence(signal).catch(() => undefined)
          aborted.push(signal.aborted)
          tell({ type: 'text', text: 'never heard' })
        }),
      },
      { hedge: true },
    )
    const { outcome } = await play()
    expect(aborted).toEqual([true])
    expect(outcome).toMatchObject({ text: 'whole', route: 'ours' })
  })

  test('the other’s whole answer is not even looked at', async () => {
    const looks: unknown[] = []
    const output: StandardSchema = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value) => {
          looks.push(value)
          return { value }
        },
      },
    }
    const virtual = createVirtualWorld()
    const gate = gateOf(virtual)
    const { play } = stage(
      {
        ours: wired({ provider: 'p', price }, behind(gate, whole('1'))),
        mini: wired({ provider: 'q', price }, behind(gate, whole('2'))),
      },
      { hedge: true },
      { virtual },
    )
    const { outcome, events } = await play({ output })
    expect(eventsOf(events, 'content').map(({ text }) => text)).toEqual(['1'])
    expect(outcome).toMatchObject({ object: 1, route: 'ours' })
    expect(looks).toEqual([1])
    expect(attemptOf(outcome, 'mini')).toMatchObject({ billing: 'possible', costUsd: USD })
  })

  test('one that fails in the moment in which the other answers has failed', async () => {
    const virtual = createVirtualWorld()
    const gate = gateOf(virtual)
    const { play, llm } = stage(
      {
        ours: wired(
          { provider: 'p' },
          behind(gate, (tell) => {
            for (let event = 0; event < 4; event += 1) tell({ type: 'skipped' })
          }),
        ),
        mini: wired({ provider: 'q' }, behind(gate, whole('mini'))),
      },
      { hedge: true },
      { virtual },
    )
    const { lines } = await play()
    expect(lines).toEqual([
      'try ours',
      'slow',
      'try mini',
      'invalid-response -> mini',
      '"mini"',
      'completed',
    ])
    expect(llm.health.getState()['ours']?.lastFailure).toBe('invalid-response')
  })

  test('the loser is neither blamed nor measured', async () => {
    const { play, llm } = pair()
    await play()
    const { routes } = llm.explain({ workload: 'chat', prompt: 'Hello?' })
    expect(routes.map(({ route, expected }) => [route, expected.waitFrom])).toEqual([
      ['ours', 'prior'],
      ['mini', 'measured'],
    ])
  })
})

describe('somebody else is asked', () => {
  test.each<readonly [string, Parameters<typeof pair>[0], Partial<Workload<string>>]>([
    ['of higher quality', { miniFacts: { quality: 0.6 } }, {}],
    ['within the cost limit', {}, { limits: { costUsd: 2.1 * USD } }],
    ['as the last attempt that there may be', {}, { limits: { maxAttempts: 2 } }],
    [
      'for no more than may be spent unasked',
      {},
      { ask: { costlierByUsd: 1.1 * USD, first: { costUsd: 2.1 * USD } } },
    ],
  ])('%s', async (_, given, workload) => {
    const played = await pair({ mini: late, ...given }, workload).play()
    expect(hedgedAt(played)).toHaveLength(1)
    // It was one of the attempts, and counts as one.
    expect(played.outcome.attempts.map(({ route }) => route)).toEqual(['ours', 'mini', 'sorry'])
  })
})

describe('nobody else is asked', () => {
  test.each<readonly [string, Parameters<typeof pair>[0], Partial<Workload<string>>]>([
    ['of the same provider', { miniFacts: { provider: 'p' } }, {}],
    ['of lower quality', { miniFacts: { quality: 0.4 } }, {}],
    ['at the user’s cost', { miniFacts: { payer: 'user' } }, { ask: { payer: false } }],
    ['where the user pays the first', { oursFacts: { payer: 'user' } }, { ask: { payer: false } }],
    ['for more than the cost limit', {}, { limits: { costUsd: 1.9 * USD } }],
    ['for more attempts than there may be', {}, { limits: { maxAttempts: 1 } }],
    ['who would have to be asked for, as dearer', {}, { ask: { costlierByUsd: 0.9 * USD } }],
    ['who would have to be asked for, as dear', {}, { ask: { first: { costUsd: 1.9 * USD } } }],
    [
      'who would have to be asked for, as slower',
      { miniFacts: { expect: { firstChunkMs: 2_000 } } },
      { ask: { slowerByMs: 900 } },
    ],
    ['on the device', { miniFacts: { privacy: 'device' } }, {}],
  ])('%s', async (_, given, workload) => {
    const { start, virtual } = pair(given, workload)
    const run = start()
    await virtual.advance(8_000)
    expect(hedgedAt(run)).toEqual([])
    await virtual.until(run.outcome)
  })

  test('while the page is hidden', async () => {
    const { start, virtual } = pair()
    const run = start()
    virtual.setHidden(true)
    await virtual.advance(5_000)
    virtual.setHidden(false)
    await virtual.advance(5_000)
    expect(hedgedAt(run)).toEqual([])
    await virtual.until(run.outcome)
  })

  test('who is held back', async () => {
    const { play } = stage(
      {
        ours: scripted({ provider: 'p' }, [{ status: 503 }], late),
        mini: scripted({ provider: 'q' }, [{ status: 429, headers: { 'retry-after': '60' } }]),
      },
      { hedge: true },
    )
    expect((await play()).outcome.attempts).toHaveLength(3)
    expect(hedgedAt(await play())).toEqual([])
  })

  test('who is believed bad', async () => {
    const { play, llm } = stage(
      {
        ours: scripted({ provider: 'p' }, [{ status: 404 }], [7_000, 'late']),
        mini: scripted({ provider: 'q' }, [{ status: 503 }]),
        euro: scripted({ provider: 'q', model: 'other' }, late),
      },
      { hedge: true, ladder: ['mini', 'ours', 'euro'], limits: { maxAttempts: 2 } },
    )
    expect(llm.health.getState()['euro']?.pBad).toBeLessThan(0.15)
    await play()
    expect(llm.health.getState()['euro']?.pBad).toBeGreaterThan(0.15)
    expect(hedgedAt(await play())).toEqual([])
  })

  test('who only has words of the product’s', async () => {
    const { play } = stage(
      { ours: scripted({ provider: 'p' }, [7_000, 'late']), words: canned('Sorry.') },
      { hedge: true },
    )
    expect(hedgedAt(await play())).toEqual([])
  })

  test('to go on with the result of a tool', async () => {
    const { start, virtual } = pair()
    const messages = [
      { role: 'user', content: 'Hello?' },
      { role: 'assistant', content: [{ type: 'tool-call', id: '1', name: 'look', input: {} }] },
      { role: 'tool', content: [{ type: 'tool-result', id: '1', name: 'look', output: 1 }] },
    ] as const
    const run = start({ prompt: undefined, messages })
    await virtual.advance(8_000)
    expect(hedgedAt(run)).toEqual([])
    await virtual.until(run.outcome)
  })
})

describe('a hedge costs', () => {
  test('at most one run in twenty, however late they all are', async () => {
    // Later than 6 s, whatever comes to be predicted of it.
    const { play } = pair({ ours: [7_000, 'late'], mini: late })
    const hedged: number[] = []
    for (let run = 1; run <= 400; run += 1) {
      const played = await play()
      expect(played.outcome.status).toBe('completed')
      if (hedgedAt(played).length > 0) hedged.push(run)
    }
    expect(hedged).toEqual(Array.from({ length: 20 }, (_, index) => 1 + 20 * index))
  })

  test.each<readonly [string, Script, readonly number[]]>([
    ['of what answers have earned two at most', [3_500, 'late'], [61, 62]],
    ['nothing once both are believed bad', late, [61]],
  ])('%s', async (_, then, expected) => {
    const fine = Array.from({ length: 60 }, (): Script => ['in time'])
    const { play } = stage(
      {
        ours: scripted({ provider: 'p' }, ...fine, then),
        mini: scripted({ provider: 'q' }, late),
      },
      { hedge: true },
    )
    const hedges: number[] = []
    for (let run = 1; run <= 66; run += 1) hedges.push(...hedgedAt(await play()).map(() => run))
    expect(hedges).toEqual(expected)
  })

  test('nothing of what another workload has earned', async () => {
    const virtual = createVirtualWorld()
    const job = { ladder: ['ours', 'mini'], hedge: true } as const
    const llm = createLLM({
      world: virtual.world,
      routes: {
        ours: scripted({ provider: 'p' }, [7_000, 'late']),
        mini: scripted({ provider: 'q' }, late),
      },
      workloads: { chat: job, search: job },
    })
    const hedges: number[] = []
    for (const workload of ['chat', 'chat', 'search', 'search'] as const) {
      const { attempts } = await virtual.until(llm.run({ workload, prompt: 'Hi' }).outcome)
      hedges.push(attempts.length - 1)
    }
    expect(hedges).toEqual([1, 0, 1, 0])
  })
})

describe('a run that ends during a race', () => {
  test('leaves nothing behind, and both may be billed', async () => {
    const { start, virtual } = pair({ mini: late })
    const run = start()
    await virtual.advance(3_500)
    expect(hedgedAt(run)).toHaveLength(1)
    await virtual.until(run.stop())
    expect(virtual.pending()).toBe(0)
    const { status, attempts, costUsd, text } = await run.outcome
    expect({ status, text }).toEqual({ status: 'stopped', text: '' })
    expect(attempts).toMatchObject([
      { route: 'ours', totalMs: 3_500, billing: 'possible', costUsd: USD },
      {
        route: 'mini',
        totalMs: expect.closeTo(3_500 - P95_MS, 6),
        billing: 'possible',
        costUsd: USD,
      },
    ])
    expect(costUsd).toBeCloseTo(2 * USD, 9)
  })

  test.each([0, 1_000, 3_014, 3_015, 3_100, 3_600, 3_700])(
    'after %i ms, whatever happens then',
    async (afterMs) => {
      const { start, virtual } = pair({ mini: [500, 'quick', 100, ' and whole'] })
      const run = start()
      await virtual.advance(afterMs)
      await virtual.until(run.stop())
      expect(virtual.pending()).toBe(0)
      expect((await run.outcome).attempts.every(({ totalMs }) => totalMs !== null)).toBe(true)
    },
  )

  test('has its sleep taken out of its time once', async () => {
    const { start, virtual } = stage(
      Object.fromEntries(
        ['p', 'q', 'r'].map((provider) => [provider, scripted({ provider }, late)]),
      ),
      {
        hedge: true,
        ladder: ['p', 'q'],
        limits: { totalMs: 10_000 },
        on: { 'latency-ceiling': ['r'] },
      },
    )
    const run = start()
    await virtual.advance(5_000)
    await virtual.sleep(60_000)
    const { attempts } = await virtual.until(run.outcome)
    expect(attempts.map(({ route }) => route)).toEqual(['p', 'q', 'sorry'])
  })
})
