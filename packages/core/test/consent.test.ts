import { describe, expect, test } from 'vitest'
import type { Ask, RouteFacts } from '../src/index.ts'
import { scripted, type ScriptedOptions } from '../src/testing.ts'
import { eventsOf, stage, type Stage } from './play.ts'

const each = (usd: number): NonNullable<RouteFacts['price']> => ({
  inputPerMTok: usd,
  outputPerMTok: usd,
})
/** What is promised: 1 s, 0.000802 USD, good, paid by the product. */
const promised: ScriptedOptions = {
  provider: 'a',
  quality: 0.8,
  price: each(1),
  expect: { firstChunkMs: 1000 },
}

/** The promised route breaks; `b` is next, and `c` gives what was promised. */
function falling(facts: ScriptedOptions, ask?: Ask, from: ScriptedOptions = {}): Stage {
  return stage(
    {
      a: scripted({ ...promised, ...from }, [{ fail: 'timeout' }]),
      b: scripted({ ...promised, provider: 'b', ...facts }, ['b']),
      c: scripted({ ...promised, ...from, provider: 'c' }, ['c']),
    },
    { ask },
  )
}

describe('a move is put to the user', () => {
  test.each<
    readonly [string, facts: ScriptedOptions, ask: Ask | undefined, from: ScriptedOptions, boolean]
  >([
    ['when another pays, even with no word of it', { payer: 'user' }, undefined, {}, true],
    [
      'when another pays, unless that is set to false',
      { payer: 'user' },
      { payer: false },
      {},
      false,
    ],
    ['when content leaves the device', {}, undefined, { privacy: 'device' }, true],
    [
      'when content leaves the device, unless that is set to false',
      {},
      { leavesDevice: false },
      { privacy: 'device' },
      false,
    ],
    ['not when it goes to the device', { privacy: 'device' }, undefined, {}, false],
    [
      'not when it is slower, with no word of it',
      { expect: { firstChunkMs: 9000 } },
      {},
      {},
      false,
    ],
    [
      'when it is slower by more than it may',
      { expect: { firstChunkMs: 3001 } },
      { slowerByMs: 2000 },
      {},
      true,
    ],
    [
      'not when it is slower by less',
      { expect: { firstChunkMs: 2999 } },
      { slowerByMs: 2000 },
      {},
      false,
    ],
    ['not when it is faster', { expect: { firstChunkMs: 100 } }, { slowerByMs: 0 }, {}, false],
    ['not when it is dearer, with no word of it', { price: each(99) }, {}, {}, false],
    [
      'when it is dearer by more than it may',
      { price: each(4) },
      { costlierByUsd: 0.002 },
      {},
      true,
    ],
    ['not when it is dearer by less', { price: each(2) }, { costlierByUsd: 0.002 }, {}, false],
    ['not when its quality is lower, with no word of it', { quality: 0.1 }, {}, {}, false],
    ['when its quality is lower', { quality: 0.7 }, { lowerQuality: true }, {}, true],
    ['not when its quality is higher', { quality: 0.9 }, { lowerQuality: true }, {}, false],
  ])('%s', async (_, facts, ask, from, isAsked) => {
    const { start, virtual } = falling(facts, ask, from)
    const run = start({ canConfirm: true })
    await virtual.advance(0)
    run.confirm()
    expect((await virtual.until(run.outcome)).text).toBe('b')
    expect(eventsOf(run.events, 'asked')).toHaveLength(isAsked ? 1 : 0)
    expect(eventsOf(run.events, 'attempt-started').at(-1)?.why).toBe(isAsked ? 'confirmed' : 'next')
    expect(virtual.pending()).toBe(0)
  })
})

/** How many questions a tier with this `ask` gets. */
const asked = async (tier: Ask): Promise<number> => {
  const { start, virtual } = stage(
    {
      a: scripted(promised, [{ fail: 'timeout' }]),
      b: scripted({ ...promised, provider: 'b', payer: 'user', quality: 0.1 }, ['b']),
    },
    { ask: { payer: false, lowerQuality: true } },
    { tiers: { pro: { ask: tier } } },
  )
  const run = start({ tier: 'pro', canConfirm: true })
  await virtual.until(run.outcome)
  return eventsOf(run.events, 'asked').length
}

describe('a question', () => {
  test('says what changes, and what a no leads to', async () => {
    const { start, virtual } = falling({ payer: 'user', quality: 0.6 })
    const run = start({ canConfirm: true })
    await virtual.advance(0)
    expect(run.store.getState()).toMatchObject({
      phase: 'asking',
      status: 'submitted',
      confirmation: {
        about: 'tradeoff',
        route: 'b',
        cause: 'timeout',
        tradeoff: {
          payer: { promised: 'product', delivered: 'user' },
          quality: { promised: 0.8, delivered: 0.6 },
        },
        expiresAt: 60_000,
        declineTo: 'c',
      },
    })
    await run.stop()
  })

  test('answered no goes to the next route that needs none', async () => {
    const { start, virtual } = falling({ payer: 'user' })
    const run = start({ canConfirm: true })
    await virtual.advance(0)
    run.decline()
    const outcome = await virtual.until(run.outcome)
    expect(outcome).toMatchObject({ status: 'completed', text: 'c' })
    expect(eventsOf(run.events, 'answered')).toMatchObject([{ answer: 'no' }])
  })

  test('that nobody answers is a no after 60 s', async () => {
    const { play } = falling({ payer: 'user' })
    const { outcome, tookMs, events } = await play({ canConfirm: true })
    expect([outcome.text, tookMs]).toEqual(['c', 60_000])
    expect(eventsOf(events, 'answered')).toMatchObject([{ answer: 'expired' }])
  })

  test('whose time ran out on a hidden page says when its new time is over', async () => {
    const { start, virtual } = falling({ payer: 'user' })
    const run = start({ canConfirm: true })
    const due = (): number | undefined => run.store.getState().confirmation?.expiresAt
    await virtual.advance(10_000)
    virtual.setHidden(true)
    await virtual.advance(20_000)
    virtual.setHidden(false)
    await virtual.advance(1000)
    expect(due()).toBe(60_000)
    virtual.setHidden(true)
    await virtual.advance(300_000 - virtual.world.now())
    virtual.setHidden(false)
    await virtual.advance(100)
    expect(due()).toBe(360_000)
    await virtual.until(run.outcome)
    expect(virtual.world.now()).toBe(360_000)
    expect(eventsOf(run.events, 'answered')).toMatchObject([{ answer: 'expired' }])
  })

  test('that nobody can answer is a no at once', async () => {
    for (const canConfirm of [false, undefined, () => false]) {
      const { play } = falling({ payer: 'user' })
      const { outcome, tookMs, states } = await play({ canConfirm })
      expect([outcome.text, tookMs]).toEqual(['c', 0])
      expect(states.some(({ phase }) => phase === 'asking')).toBe(false)
    }
  })

  test('answered no, with nothing left that needs none, is safe', async () => {
    const { play } = stage({
      a: scripted(promised, [{ fail: 'timeout' }]),
      b: scripted({ ...promised, provider: 'b', payer: 'user' }, ['never']),
    })
    const { lines, outcome } = await play()
    expect(outcome).toMatchObject({ status: 'safe', failure: { kind: 'timeout' } })
    expect(lines).not.toContain('try b')
  })

  test('answered no, with text on the screen and nothing left, keeps it', async () => {
    const { start, virtual } = stage({
      a: scripted(promised, ['half', { fail: 'truncated' }]),
      b: scripted({ ...promised, provider: 'b', payer: 'user' }, ['never']),
    })
    const run = start({ canConfirm: true })
    await virtual.advance(0)
    expect(run.store.getState().confirmation?.declineTo).toBe('keep')
    run.decline()
    expect(await virtual.until(run.outcome)).toMatchObject({ status: 'partial', text: 'half' })
  })

  test('is not asked again once it was agreed to for the session', async () => {
    const { start, virtual } = falling({ payer: 'user' })
    const first = start({ canConfirm: true })
    await virtual.advance(0)
    first.confirm('session')
    await virtual.until(first.outcome)
    const second = start()
    expect((await virtual.until(second.outcome)).text).toBe('b')
    expect(eventsOf(second.events, 'asked')).toEqual([])
  })

  test('does not let a route past the limits', async () => {
    const { play } = stage(
      {
        a: scripted({ ...promised, region: 'eu' }, [{ fail: 'timeout' }]),
        b: scripted({ ...promised, region: 'us', provider: 'b', payer: 'user' }, ['never']),
      },
      { limits: { regions: ['eu'] } },
    )
    const { outcome, events } = await play({ canConfirm: true })
    expect(outcome.status).toBe('safe')
    expect(eventsOf(events, 'asked')).toEqual([])
  })

  test('is that of the tier, field by field', async () => {
    expect(await asked({})).toBe(1)
    expect(await asked({ lowerQuality: false })).toBe(0)
    expect(await asked({ lowerQuality: false, payer: true })).toBe(1)
  })
})

const firstOf = (first: NonNullable<Ask['first']>): Stage =>
  stage(
    {
      slow: scripted({ provider: 'a', expect: { firstChunkMs: 9000 }, price: each(1) }, ['slow']),
      dear: scripted({ provider: 'b', expect: { firstChunkMs: 500 }, price: each(50) }, ['dear']),
      fair: scripted({ provider: 'c', expect: { firstChunkMs: 800 }, price: each(2) }, ['fair']),
    },
    { ask: { first } },
  )

describe('a first attempt', () => {
  test('that will be slow is asked for', async () => {
    const { start, virtual } = firstOf({ waitMs: 5000 })
    const run = start({ canConfirm: true })
    await virtual.advance(0)
    expect(run.store.getState()).toMatchObject({
      phase: 'asking',
      attempts: [],
      confirmation: { about: 'first', route: 'slow', cause: null },
    })
    run.confirm()
    expect(await virtual.until(run.outcome)).toMatchObject({ text: 'slow', degraded: null })
  })

  test('that was declined is the best one under both', async () => {
    const { start, virtual } = firstOf({ waitMs: 5000, costUsd: 0.01 })
    const run = start({ canConfirm: true })
    await virtual.advance(0)
    expect(run.store.getState().confirmation?.declineTo).toBe('fair')
    run.decline()
    expect(await virtual.until(run.outcome)).toMatchObject({
      text: 'fair',
      degraded: { from: 'slow', to: 'fair', cause: 'declined' },
    })
  })

  test('that nobody can be asked for is the best one under both', async () => {
    const { play } = firstOf({ waitMs: 5000, costUsd: 0.01 })
    const { outcome, tookMs } = await play()
    expect([outcome.text, tookMs]).toEqual(['fair', 0])
  })

  test('that is neither slow nor dear is not asked for', async () => {
    const { play } = firstOf({ waitMs: 9500, costUsd: 0.01 })
    const { outcome, events } = await play({ canConfirm: true })
    expect(outcome.text).toBe('slow')
    expect(eventsOf(events, 'asked')).toEqual([])
  })
})
