import { describe, expect, test, vi } from 'vitest'
import { canned, createLLM } from '../src/index.ts'
import type { Hint, Options, Plan, RouteFacts } from '../src/index.ts'
import { createVirtualWorld, scripted, type Script } from '../src/testing.ts'
import { eventsOf, stage } from './play.ts'

const DOWN: Script = [{ fail: 'outage' }]
const request = { workload: 'chat', prompt: 'Hello?' } as const
const order = (plan: Plan): string[] => plan.routes.map(({ route }) => route)
const route = (provider: string, facts: RouteFacts, ...scripts: Script[]) =>
  scripted({ provider, ...facts }, ...(scripts.length > 0 ? scripts : [[provider]]))

describe('a route that failed', () => {
  test('comes after the others where the next is as good', async () => {
    const { llm, play } = stage({ a: route('a', {}, DOWN, ['back']), b: route('b', {}) })
    await play()
    expect(order(llm.explain(request))).toEqual(['b', 'a'])
    const { lines, events, outcome } = await play()
    expect(lines).toEqual(['belief -> b', 'try b', '"b"', 'completed'])
    expect(outcome.degraded).toMatchObject({ from: 'a', to: 'b', cause: 'belief' })
    expect(eventsOf(events, 'moved')[0]?.because).toBe(
      'a: rung 1 of 2: it failed lately, so it comes after the others',
    )
  })

  test('says when it is next tried', async () => {
    const { play, virtual } = stage({ a: route('a', {}, DOWN, ['back']), b: route('b', {}) })
    await play()
    const failedAt = virtual.world.now()
    const { outcome } = await play()
    const backAt = outcome.degraded?.backAt ?? 0
    expect(backAt).toBeGreaterThanOrEqual(failedAt + 7_500)
    expect(backAt).toBeLessThanOrEqual(failedAt + 15_000)
  })

  test.each([
    [0.885, ['b', 'a']],
    [0.87, ['a', 'b']],
  ])('of quality 0.9 sees %d as %s', async (quality, expected) => {
    const { llm, play } = stage({
      a: route('a', { quality: 0.9 }, DOWN),
      b: route('b', { quality }),
    })
    await play()
    expect(order(llm.explain(request))).toEqual(expected)
  })

  test('keeps its place where the next is worse, until that is likelier than not', async () => {
    const { llm, play } = stage({
      a: route('a', { quality: 0.9 }, DOWN),
      b: route('b', { quality: 0.5 }),
    })
    await play()
    expect(order(llm.explain(request))).toEqual(['a', 'b'])
    await play()
    expect(order(llm.explain(request))).toEqual(['b', 'a'])
  })

  test('keeps its place where the next would have to be asked for, until that is likelier than not', async () => {
    const { llm, play } = stage({
      a: route('a', {}, DOWN),
      b: route('b', { payer: 'user' }),
      c: route('c', { quality: 0.1 }),
    })
    await play()
    expect(order(llm.explain(request))[0]).toBe('a')
  })

  test('takes its provider down with it', async () => {
    const { llm, play } = stage({
      a1: scripted({ provider: 'a', model: 'one' }, DOWN),
      a2: scripted({ provider: 'a', model: 'two' }),
      b: route('b', {}),
    })
    await play()
    expect(order(llm.explain(request))).toEqual(['b', 'a1', 'a2'])
  })

  test('keeps the order where everything failed', async () => {
    const { llm, play } = stage({ a: route('a', {}, DOWN), b: route('b', {}, DOWN) })
    await play()
    expect(order(llm.explain(request))).toEqual(['a', 'b'])
    expect(llm.explain(request).routes[0]?.because).toBe('rung 1 of 2: meets every condition')
  })

  test('counts no stop, no policy, no money and no wrong request against anybody', async () => {
    for (const fail of ['blocked-content', 'quota-exhausted', 'context-length', 'auth'] as const) {
      const { llm, play } = stage({ a: route('a', {}, [{ fail }]), b: route('b', {}) })
      await play()
      expect(llm.health.getState()['a']?.pBad).toBe(0.01)
    }
    const { llm, start, virtual } = stage({ a: route('a', {}, [5000, 'late']) })
    const run = start()
    await virtual.advance(100)
    await run.stop()
    expect(llm.health.getState()['a']?.pBad).toBe(0.01)
  })
})

/** `a` is down for a minute, asked for every 4 s. */
function minute(): ReturnType<typeof stage> {
  const virtual = createVirtualWorld({ seed: 3 })
  return stage({ a: route('a', {}, DOWN, DOWN, ['back']), b: route('b', {}) }, {}, { virtual })
}

describe('a probe', () => {
  test('is the first run after its time, and its failure costs that run one step', async () => {
    const { play, virtual } = minute()
    await play()
    await virtual.advance(7_000)
    expect((await play()).lines).toEqual(['belief -> b', 'try b', '"b"', 'completed'])
    await virtual.advance(8_000)
    const { lines, outcome } = await play()
    expect(lines).toEqual(['try a', 'outage -> b', 'try b', '"b"', 'completed'])
    expect(outcome.attempts.map(({ why }) => why)).toEqual(['probe', 'next'])
  })

  test('is one at a time', async () => {
    const { llm, start, virtual } = stage({
      a: route('a', {}, DOWN, [5000, 'back']),
      b: route('b', {}),
    })
    await virtual.until(start().outcome)
    await virtual.advance(15_000)
    const probing = start()
    await virtual.advance(20)
    const beside = start()
    await virtual.advance(20)
    expect(probing.store.getState().route).toBe('a')
    expect(beside.store.getState().route).toBe('b')
    expect(llm.health.getState()['a']?.state).toBe('probing')
    await virtual.until(probing.outcome)
    expect(llm.health.getState()['a']?.state).toBe('good')
  })

  test('has half the time', async () => {
    const silent: Script = [60_000, 'late']
    const { play, virtual } = stage({ a: route('a', {}, silent), b: route('b', {}) })
    const first = await play()
    await virtual.advance(15_000)
    const second = await play()
    expect(second.outcome.attempts[0]).toMatchObject({ route: 'a', why: 'probe' })
    expect(second.tookMs).toBeCloseTo(first.tookMs / 2, 6)
  })

  test('that is stopped may be made again', async () => {
    const { start, virtual } = stage({ a: route('a', {}, DOWN, [5000, 'x']), b: route('b', {}) })
    await virtual.until(start().outcome)
    await virtual.advance(15_000)
    const probing = start()
    await virtual.advance(20)
    await probing.stop()
    const again = start()
    await virtual.advance(20)
    expect(again.store.getState().route).toBe('a')
    await again.stop()
  })

  test('brings the route back, and it is nobody’s rush hour after a long outage', async () => {
    let isDown = true
    const { llm, play, virtual } = stage({
      a: scripted(
        { provider: 'a', onRequest: () => void 0 },
        ...Array.from({ length: 40 }, () => DOWN),
        ['back'],
      ),
      b: route('b', {}),
    })
    while (isDown) {
      await virtual.advance(20_000)
      isDown = (await play()).outcome.attempts.at(-1)?.route !== 'a'
    }
    expect(virtual.world.now()).toBeGreaterThan(300_000)
    expect(llm.health.getState()['a']).toMatchObject({ state: 'good' })
    expect(llm.explain(request).routes.find((one) => one.route === 'a')?.because).toBe(
      'rung 1 of 2: it is good again, and is gone back to little by little',
    )
    await virtual.advance(120_000)
    expect(order(llm.explain(request))).toEqual(['a', 'b'])
  })

  test('of 60 s of outage with a request every 4 s has the route back within 30 s', async () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const virtual = createVirtualWorld({ seed })
      let isUp = false
      const { world } = virtual
      const { play } = stage(
        { a: outageUntil(() => world.now() >= 60_000), b: route('b', {}) },
        {},
        { virtual },
      )
      while (!isUp) {
        const { outcome } = await play()
        isUp = outcome.route === 'a'
        if (!isUp) await virtual.advance(4_000)
      }
      expect(world.now()).toBeLessThan(90_000)
    }
  })
})

/** A route that is down until `isUp`. */
function outageUntil(isUp: () => boolean): ReturnType<typeof scripted> {
  return scripted({ provider: 'a' }, () => (isUp() ? ['a'] : DOWN))
}

function hinted(hints: Options['hints'], fetch?: typeof globalThis.fetch) {
  const virtual = createVirtualWorld()
  const llm = createLLM({
    world: { ...virtual.world, ...(fetch ? { fetch } : {}) },
    hints,
    routes: { a: route('a', {}), b: route('b', {}), sorry: canned('Sorry.') },
    workloads: { chat: { ladder: ['a', 'b'], safe: 'sorry' } },
  })
  return { llm, virtual }
}

describe('hints', () => {
  test('of a function reorder at once', async () => {
    const { llm, virtual } = hinted(() => [{ route: 'a', pBad: 0.9, asOf: 0 }])
    const outcome = await virtual.until(llm.run(request).outcome)
    expect(outcome).toMatchObject({ route: 'b', degraded: { cause: 'hint', backAt: null } })
    await virtual.advance(120_001)
    expect(order(llm.explain(request))).toEqual(['a', 'b'])
  })

  test('spare a route its probes while they speak against it', async () => {
    const virtual = createVirtualWorld()
    let pBad = 0.01
    const llm = createLLM({
      world: virtual.world,
      hints: () => [{ route: 'a', pBad, asOf: virtual.world.now() }],
      routes: { a: route('a', {}, DOWN), b: route('b', {}), sorry: canned('Sorry.') },
      workloads: { chat: { ladder: ['a', 'b'], safe: 'sorry' } },
    })
    await virtual.until(llm.run(request).outcome)
    await virtual.advance(20_000)
    expect(order(llm.explain(request))).toEqual(['a', 'b'])
    pBad = 0.9
    expect(order(llm.explain(request))).toEqual(['b', 'a'])
  })

  test('never remove the last route', async () => {
    const { llm } = hinted(() => [
      { route: 'a', pBad: 1, asOf: 0 },
      { route: 'b', pBad: 1, asOf: 0 },
    ])
    expect(order(llm.explain(request))).toEqual(['a', 'b'])
  })

  test('that are none, of no route here, or thrown, change nothing', () => {
    const complain = vi.spyOn(console, 'error').mockReturnValue()
    const bad: unknown[] = [
      null,
      'a',
      { hints: 3 },
      [
        { route: 'a', pBad: 2, asOf: 0 },
        { route: 'a', pBad: 0.9 },
        { route: 'a', pBad: '1', asOf: 0 },
        7,
      ],
      [{ route: 'zz', pBad: 0.9, asOf: 0 }],
    ]
    for (const value of bad) {
      // What a backend gives has no types.
      const { llm } = hinted((): readonly Hint[] => JSON.parse(JSON.stringify(value)))
      expect(order(llm.explain(request))).toEqual(['a', 'b'])
    }
    const { llm } = hinted(() => {
      throw new Error('no hints today')
    })
    expect(order(llm.explain(request))).toEqual(['a', 'b'])
    expect(complain).toHaveBeenCalledWith(
      '[rungs] hints threw',
      expect.not.stringContaining('today'),
    )
    complain.mockRestore()
  })

  test('of an address come with the first run and then every minute, as old as they were there', async () => {
    const asked: number[] = []
    const fetch = vi.fn<typeof globalThis.fetch>(() => {
      asked.push(virtual.world.now())
      // The server's clock is an hour ahead.
      const asOf = virtual.world.now() + 3_600_000
      return Promise.resolve(
        Response.json(
          { hints: [{ route: 'a', pBad: 0.9, asOf }] },
          { headers: { date: new Date(asOf).toUTCString() } },
        ),
      )
    })
    const { llm, virtual } = hinted({ url: 'https://ours.example/health' }, fetch)
    await virtual.until(llm.run(request).outcome)
    for (let turn = 0; turn < 20 && order(llm.explain(request))[0] === 'a'; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(order(llm.explain(request))).toEqual(['b', 'a'])
    await virtual.advance(60_000)
    expect(asked).toEqual([0, 60_000])
    await virtual.advance(3_600_000)
    // Nobody ran anything for ten minutes: it is not asked any more.
    expect(asked.length).toBeLessThan(13)
    await llm.close()
    expect(virtual.pending()).toBe(0)
  })
})

function tabs() {
  const virtual = createVirtualWorld()
  const open = (...scripts: Script[]) =>
    stage({ a: route('a', {}, ...scripts), b: route('b', {}) }, {}, { virtual })
  return { virtual, open }
}

describe('two tabs', () => {
  test('agree on what failed, and on what is back', async () => {
    const { virtual, open } = tabs()
    const [one, other] = [open(DOWN, ['back']), open()]
    await one.play()
    await virtual.advance(0)
    expect(order(other.llm.explain(request))).toEqual(['b', 'a'])
    const { pBad } = one.llm.health.getState()['a'] ?? { pBad: 0 }
    expect(other.llm.health.getState()['a']?.pBad).toBeCloseTo(pBad, 9)
    await virtual.advance(15_000)
    const { outcome } = await one.play()
    expect(outcome.attempts[0]?.why).toBe('probe')
    await virtual.advance(0)
    expect(order(other.llm.explain(request))).toEqual(['a', 'b'])
  })

  test('make one probe between them', async () => {
    const { virtual, open } = tabs()
    const [one, other] = [open(DOWN, [5000, 'back']), open([5000, 'back'])]
    await one.play()
    await virtual.advance(15_000)
    const probing = one.start()
    await virtual.advance(20)
    const beside = await virtual.until(other.start().outcome)
    expect(beside.route).toBe('b')
    await virtual.until(probing.outcome)
  })

  test('tell a new one what they know, and what it knows better stays', async () => {
    const { virtual, open } = tabs()
    await open(DOWN).play()
    const late = open()
    await virtual.advance(0)
    expect(order(late.llm.explain(request))).toEqual(['b', 'a'])
  })

  test('believe nothing that is not evidence, and share nothing with another product', async () => {
    const { virtual, open } = tabs()
    const { llm } = open()
    const line = virtual.world.channel('rungs a b sorry')
    const bad: unknown[] = [
      null,
      7,
      'rungs',
      { rungs: 2, evidence: { type: 'bad', route: 'a', weight: 1 } },
      { rungs: 1, evidence: { type: 'bad', route: 'a', weight: 40 } },
      { rungs: 1, evidence: { type: 'bad', route: 'a' } },
      { rungs: 1, evidence: { type: 'worse', route: 'a', weight: 1 } },
      { rungs: 1, evidence: { type: 'bad', route: 'elsewhere', weight: 1 } },
      { rungs: 1, beliefs: [['a', { pBad: 9 }], 3, ['a'], [3, {}]] },
      { rungs: 1, beliefs: [['a', { ...suspected, probeAt: 1e15 }]] },
      { rungs: 1, beliefs: [['a', { ...suspected, pBad: NaN }]] },
    ]
    for (const message of bad) line?.post(message)
    await virtual.advance(0)
    expect(llm.health.getState()['a']?.pBad).toBe(0.01)
    line?.post({ rungs: 1, beliefs: [['a', suspected]] })
    await virtual.advance(0)
    expect(llm.health.getState()['a']?.pBad).toBe(0.9)
    const other = stage({ a: route('a', {}), c: route('c', {}) }, {}, { virtual })
    await virtual.advance(0)
    expect(other.llm.health.getState()['a']?.pBad).toBe(0.01)
  })
})

const suspected = {
  pBad: 0.9,
  at: 0,
  badSince: 0,
  failedProbes: 0,
  probeAt: 10_000,
  probingUntil: 0,
  returnAt: 0,
}

describe('llm.health', () => {
  test('tells each route’s state, what it last failed by and how long it takes', async () => {
    const { llm, play } = stage({
      a: route('a', {}, [{ status: 429, headers: { 'retry-after': '20' } }]),
      b: route('b', {}, [{ status: 401 }]),
      c: route('c', {}, [700, 'c']),
    })
    expect(llm.health.getState()['a']).toEqual({
      pBad: 0.01,
      state: 'good',
      heldUntil: null,
      firstChunkMs: null,
      lastFailure: null,
    })
    await play()
    const { a, b, c } = llm.health.getState()
    expect(a).toMatchObject({ state: 'held', heldUntil: 20_000, lastFailure: 'rate-limit' })
    expect(b).toMatchObject({ state: 'held', lastFailure: 'auth' })
    expect(c?.firstChunkMs?.[0]).toBeCloseTo(1000 * 0.7 ** (1 / 5), 0)
  })

  test('is the same object while nothing changes, and changes as time passes while somebody looks', async () => {
    const { llm, play, virtual } = stage({ a: route('a', {}, DOWN), b: route('b', {}) })
    expect(llm.health.getState()).toBe(llm.health.getState())
    await play()
    const seen: (number | undefined)[] = []
    const unsubscribe = llm.health.subscribe((state) => {
      seen.push(state['a']?.pBad)
      throw new Error('a looker that throws')
    })
    const complain = vi.spyOn(console, 'error').mockReturnValue()
    await virtual.advance(60_000)
    complain.mockRestore()
    expect(seen.length).toBeGreaterThan(10)
    expect(seen.at(-1)).toBeLessThan(seen[0] ?? 0)
    unsubscribe()
    unsubscribe()
    expect(virtual.pending()).toBe(0)
  })
})

const calling = () =>
  stage({
    a: route('a', {}, DOWN, ['a again']),
    b: route('b', {}, [{ call: { name: 'look', input: {}, id: '1' } }], ['b goes on']),
  })

describe('a thread in the middle of a tool’s use', () => {
  const called = { thread: 't', prompt: 'Look it up.' }
  const result = {
    thread: 't',
    prompt: undefined,
    messages: [
      { role: 'user', content: 'Look it up.' },
      { role: 'assistant', content: [{ type: 'tool-call', id: '1', name: 'look', input: {} }] },
      { role: 'tool', content: [{ type: 'tool-result', id: '1', name: 'look', output: 'found' }] },
    ],
  } as const
  test('goes on with the route that called', async () => {
    const { play, virtual } = calling()
    await play(called)
    await virtual.advance(600_000)
    const { outcome } = await play(result)
    expect(outcome).toMatchObject({ route: 'b', degraded: { from: 'a', cause: 'thread' } })
  })

  test('starts from the ladder with its next question, and where the route may not serve', async () => {
    const { play, virtual } = calling()
    await play(called)
    await virtual.advance(600_000)
    expect((await play({ thread: 't', prompt: 'And now?' })).outcome.route).toBe('a')
    const other = calling()
    await other.play(called)
    await other.virtual.advance(600_000)
    const { outcome } = await other.play({ ...result, thread: 'another' })
    expect(outcome.route).toBe('a')
  })
})

test('a route whose first word is known to take longer than what is left is not begun', async () => {
  const { play } = stage(
    {
      a: route('a', { expect: { firstChunkMs: 400 } }, [800, { fail: 'outage' }]),
      slow: route('slow', { expect: { firstChunkMs: 1200 } }),
      unknown: route('unknown', {}),
    },
    { limits: { totalMs: 1900 } },
  )
  expect((await play()).lines).toEqual([
    'try a',
    'outage -> unknown',
    'try unknown',
    '"unknown"',
    'completed',
  ])
})
