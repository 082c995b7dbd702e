import { describe, expect, test } from 'vitest'
import type { Limits, Plan, Tier } from '../src/index.ts'
import { createThreads } from '../src/run/thread.ts'
import { HANG, scripted, type Script } from '../src/testing.ts'
import { eventsOf, stage, type Request } from './play.ts'

/** A tenth of a cent for a token that is sent: the prompt says what an attempt is reckoned at. */
const price = { inputPerMTok: 1000, outputPerMTok: 0 }
const worth = (usd: number): string => 'one '.repeat(Math.round(usd * 1000))
const bills = (usd: number): Script[number] => ({
  usage: { inputTokens: Math.round(usd * 1000), outputTokens: 0 },
})

const ask = (usd: number, thread?: string): Request => ({ prompt: worth(usd), thread })

describe('the cost limit of a thread', () => {
  const limits: Limits = { thread: { costUsd: 1 } }

  test('is of all its runs together, and of no other thread', async () => {
    const { play, llm } = stage({ a: scripted({ price }, ['a', bills(0.75)]) }, { limits })
    expect((await play(ask(0.5, 't'))).outcome).toMatchObject({ status: 'completed' })
    const { excluded } = llm.explain({ workload: 'chat', ...ask(0.5, 't') })
    expect(excluded).toEqual([
      {
        route: 'a',
        why: 'too-costly',
        because: 'it would cost about 0.5000 USD, 0.2500 USD is left for the thread',
      },
    ])
    const { lines, outcome } = await play(ask(0.5, 't'))
    expect(lines).toEqual(['budget-breach -> safe sorry', 'try sorry', '"Sorry."', 'safe'])
    expect(outcome).toMatchObject({ failure: { kind: 'budget-breach' }, degraded: { from: 'a' } })
    expect((await play(ask(0.25, 't'))).outcome).toMatchObject({ status: 'completed' })
    expect((await play(ask(0.5, 'u'))).outcome).toMatchObject({ status: 'completed' })
  })

  test('counts every attempt, the stopped and the failed ones too', async () => {
    const { start, play, llm, virtual } = stage(
      {
        a: scripted({ price, provider: 'p' }, ['a', HANG], [{ status: 503 }]),
        b: scripted({ price: 'included', provider: 'q' }, ['b']),
      },
      { limits },
    )
    const run = start({ prompt: worth(0.25), thread: 't' })
    await virtual.advance(10)
    await run.stop()
    // Refused before any work: nothing is billed.
    await play({ prompt: worth(0.5), thread: 't' })
    const { excluded } = llm.explain({ workload: 'chat', prompt: worth(0.9), thread: 't' })
    expect(excluded[0]?.because).toContain('0.7500 USD is left for the thread')
  })

  test('still lets pass what is included, when more was spent than there was', async () => {
    const { play } = stage(
      {
        a: scripted({ price, provider: 'p' }, ['a', bills(5)]),
        b: scripted({ price: 'included', provider: 'q' }, ['b']),
      },
      { limits },
    )
    await play({ prompt: worth(0.5), thread: 't' })
    const { outcome } = await play({ prompt: worth(0.5), thread: 't' })
    expect(outcome).toMatchObject({ status: 'completed', text: 'b' })
  })

  test('is fitted by no unknown price, and by no route that costs more than all of it', () => {
    const { llm } = stage({ a: scripted({}, ['a']), b: scripted({ price }, ['b']) }, { limits })
    const { excluded } = llm.explain({ workload: 'chat', prompt: worth(1.5), thread: 't' })
    expect(excluded).toMatchObject([
      { route: 'a', why: 'price-unknown' },
      {
        route: 'b',
        why: 'too-costly',
        because: "it would cost about 1.5000 USD, the thread's limit is 1.0000 USD",
      },
    ])
  })

  test('stands beside that of the run: the tighter one counts', async () => {
    const { llm } = stage(
      { a: scripted({ price }, ['a']) },
      { limits: { costUsd: 0.25, thread: { costUsd: 1 } } },
    )
    const because = (usd: number): string | undefined =>
      llm.explain({ workload: 'chat', prompt: worth(usd), thread: 't' }).excluded[0]?.because
    expect(because(0.5)).toBe('it would cost about 0.5000 USD, the limit is 0.2500 USD')
    expect(because(0.25)).toBeUndefined()
  })
})

/** Its first word is not what there is no time for. */
const fast = { expect: { firstChunkMs: 10 } }

describe('the time limit of a thread', () => {
  const limits: Limits = { thread: { totalMs: 1000 } }

  test('is of all its runs together, and cuts the one that comes to its end', async () => {
    const { play, llm } = stage({ a: scripted(fast, ['a', 600], ['b', HANG]) }, { limits })
    expect((await play({ thread: 't' })).outcome).toMatchObject({ status: 'completed' })
    const { outcome, tookMs, lines } = await play({ thread: 't' })
    expect(lines.slice(0, 3)).toEqual(['try a', '"b"', 'latency-ceiling -> keep'])
    expect(outcome).toMatchObject({ status: 'partial', text: 'b' })
    expect(tookMs).toBe(400)
    expect(llm.explain({ workload: 'chat', prompt: 'Hi', thread: 't' }).excluded).toEqual([
      { route: 'a', why: 'no-time-left', because: 'no time is left for the thread' },
    ])
    const last = await play({ thread: 't' })
    expect(last.outcome).toMatchObject({
      status: 'safe',
      degraded: { cause: 'latency-ceiling' },
      failure: { kind: 'latency-ceiling' },
    })
    expect(eventsOf(last.events, 'planned')[0]?.plan.routes).toEqual([])
    expect((await play({ thread: 'u' })).outcome).toMatchObject({ status: 'partial' })
  })

  test('says so where it is the run that has none left', async () => {
    const { play, llm } = stage(
      { a: scripted(fast, [400, 'a']) },
      { limits: { totalMs: 500, thread: { totalMs: 5000 } } },
    )
    expect((await play({ thread: 't' })).outcome).toMatchObject({ status: 'completed' })
    expect(llm.explain({ workload: 'chat', prompt: 'Hi', thread: 't' }).excluded).toEqual([])
  })

  test('takes no time for questions and pauses', async () => {
    const { start, play, virtual } = stage(
      {
        a: scripted({ ...fast, provider: 'p' }, [{ status: 503 }], [300, 'a']),
        b: scripted({ ...fast, provider: 'q', payer: 'user' }, [300, 'b']),
      },
      { limits },
    )
    const run = start({ thread: 't', canConfirm: true })
    await virtual.advance(5000)
    run.confirm()
    expect(await virtual.until(run.outcome)).toMatchObject({ text: 'b' })
    virtual.setOnline(false)
    const paused = start({ thread: 't' })
    await virtual.advance(5000)
    virtual.setOnline(true)
    expect(await virtual.until(paused.outcome)).toMatchObject({ text: 'a' })
    const { outcome } = await play({ thread: 't' })
    expect(outcome).toMatchObject({ status: 'completed' })
  })

  test('counts a run that is superseded, as far as it came', async () => {
    const { start, virtual, llm } = stage({ a: scripted(fast, [HANG], [450, 'a']) }, { limits })
    start({ thread: 't' })
    await virtual.advance(500)
    const second = start({ thread: 't' })
    expect(await virtual.until(second.outcome)).toMatchObject({ status: 'completed' })
    await virtual.advance(0)
    const left = llm.explain({ workload: 'chat', prompt: 'Hi', thread: 't' })
    expect(left.routes).toHaveLength(1)
    const third = start({ thread: 't' })
    expect(await virtual.until(third.outcome)).toMatchObject({ status: 'safe' })
    expect(virtual.world.now()).toBe(1000)
  })
})

/** For a run of 2 USD, where a thread has 1 USD and a minute. */
const plan = (tier: Tier<string, string>, asked?: Limits): Plan =>
  stage(
    { a: scripted({ price }, ['a']) },
    { limits: { thread: { costUsd: 1, totalMs: 60_000 } } },
    { tiers: { pro: tier }, defaultTier: 'pro' },
  ).llm.explain({ workload: 'chat', prompt: worth(2), thread: 't', limits: asked })

describe('limits of a thread', () => {
  test('do nothing to a run of none', async () => {
    const { play, llm } = stage(
      { a: scripted({}, [100, 'a']) },
      { limits: { thread: { costUsd: 0, totalMs: 1 } } },
    )
    expect((await play()).outcome).toMatchObject({ status: 'completed' })
    expect(llm.explain({ workload: 'chat', prompt: 'Hi' }).routes).toHaveLength(1)
    expect((await play({ thread: 't' })).outcome).toMatchObject({ status: 'safe' })
  })

  test('are replaced by a tier one by one, and tightened by a request', () => {
    expect(plan({}).excluded[0]?.because).toContain("the thread's limit is 1.0000 USD")
    expect(plan({ limits: { thread: { totalMs: 1 } } }).excluded[0]?.because).toContain(
      '1.0000 USD',
    )
    expect(plan({ limits: { thread: { costUsd: 3 } } }).excluded).toEqual([])
    expect(plan({ limits: { thread: { costUsd: 3, totalMs: 1 } } }).excluded).toMatchObject([
      { why: 'no-time-left' },
    ])
    expect(
      plan({ limits: { thread: { costUsd: 3 } } }, { thread: { costUsd: 1.5 } }).excluded,
    ).toMatchObject([{ because: expect.stringContaining('1.5000 USD') }])
    expect(() => plan({}, { thread: { costUsd: 2, totalMs: 60_001 } })).toThrow(
      'limits.thread.totalMs: 60001 would loosen 60000; limits.thread.costUsd: 2 would loosen 1.',
    )
    // What one request asks for is none of the others' business.
    expect(plan({}, { costUsd: 0.5 }).excluded[0]?.because).toContain('the limit is 0.5000 USD')
  })

  test('are kept for the thousand threads that were used last', () => {
    const threadOf = createThreads()
    const left = (name: string): number => threadOf(name).left({ thread: { costUsd: 1 } }).usd
    for (const name of ['used', 'old']) threadOf(name).spend(1)
    for (let index = 0; index < 999; index += 1) {
      threadOf(`t${index}`)
      threadOf('used')
    }
    expect([left('used'), left('old')]).toEqual([0, 1])
  })
})
