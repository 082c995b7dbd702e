import { describe, expect, test, vi } from 'vitest'
import { canned } from '../src/index.ts'
import { createVirtualWorld, CUT, scripted, type Script } from '../src/testing.ts'
import { stage } from './play.ts'

const LONG = 'x'.repeat(400)
const busyFor = (seconds: number): Script[number] => ({
  status: 429,
  headers: { 'retry-after': String(seconds) },
})
const BUSY = busyFor(600)

describe('while a question is open', () => {
  test('a route that another run finds busy is not taken: the next one is', async () => {
    const on = stage(
      {
        a: scripted({ provider: 'a' }, [LONG, CUT], [{ status: 503 }]),
        b: scripted({ provider: 'b' }, [BUSY], ['B']),
        c: scripted({ provider: 'c' }, ['C']),
      },
      { recovery: 'ask' },
    )
    const run = on.start({ canConfirm: true })
    await on.virtual.advance(2000)
    expect(run.store.getState().phase).toBe('asking')
    expect(await on.virtual.until(on.start().outcome)).toMatchObject({ route: 'c' })
    run.confirm()
    expect(await on.virtual.until(run.outcome)).toMatchObject({ status: 'completed', route: 'c' })
  })

  test('and where no other is left, the text that is there stays', async () => {
    const on = stage(
      {
        a: scripted({ provider: 'a' }, [LONG, CUT], [{ status: 503 }]),
        b: scripted({ provider: 'b' }, [BUSY], ['B']),
      },
      { recovery: 'ask' },
    )
    const run = on.start({ canConfirm: true })
    await on.virtual.advance(2000)
    await on.virtual.until(on.start().outcome)
    run.confirm()
    expect(await on.virtual.until(run.outcome)).toMatchObject({ status: 'partial', text: LONG })
  })

  test('a page that has gone offline waits, and goes on', async () => {
    const on = stage(
      { a: scripted({ provider: 'a' }, [LONG, CUT]), b: scripted({ provider: 'b' }, ['B']) },
      { recovery: 'ask' },
    )
    const run = on.start({ canConfirm: true })
    await on.virtual.advance(2000)
    on.virtual.setOnline(false)
    run.confirm()
    await on.virtual.advance(100)
    expect(run.store.getState()).toMatchObject({ phase: 'paused', text: LONG })
    on.virtual.setOnline(true)
    expect(await on.virtual.until(run.outcome)).toMatchObject({ status: 'completed', text: 'B' })
  })

  test('a retry that was agreed to is made, though its route is held back', async () => {
    const on = stage(
      { a: scripted({}, [{ status: 429, headers: { 'retry-after': '4' } }], ['A']) },
      { on: { 'rate-limit': 'ask' } },
    )
    const run = on.start({ canConfirm: true })
    await on.virtual.advance(3000)
    run.confirm()
    expect(await on.virtual.until(run.outcome)).toMatchObject({ status: 'completed', text: 'A' })
  })

  test('what a no would lead to is looked at again as well', async () => {
    const on = stage({
      a: scripted({ provider: 'a' }, [{ status: 503 }]),
      u: scripted({ provider: 'u', payer: 'user' }, ['U']),
      c: scripted({ provider: 'c' }, [BUSY]),
      d: scripted({ provider: 'd' }, ['D']),
    })
    const run = on.start({ canConfirm: true })
    await on.virtual.advance(500)
    await on.virtual.until(on.start().outcome)
    run.decline()
    const { attempts } = await on.virtual.until(run.outcome)
    expect(attempts.map(({ route }) => route)).toEqual(['a', 'd'])
  })
})

test('a yes for the session to a recovery does not cover one that leaves the device', async () => {
  const on = stage(
    {
      cloud: scripted({ provider: 'a', payer: 'user' }, [LONG, CUT]),
      local: scripted({ provider: 'd', privacy: 'device', payer: 'user' }, [LONG, CUT]),
      x: scripted({ provider: 'x', privacy: 'third-party', payer: 'user' }, ['X']),
    },
    { recovery: 'ask', safe: undefined },
    { tiers: { one: { allow: ['cloud', 'x'] }, two: { allow: ['local', 'x'] } } },
  )
  const first = on.start({ tier: 'one', canConfirm: true })
  await on.virtual.advance(2000)
  first.confirm('session')
  expect(await on.virtual.until(first.outcome)).toMatchObject({ text: 'X' })
  const second = on.start({ tier: 'two', canConfirm: true })
  expect(await on.virtual.until(second.outcome)).toMatchObject({
    status: 'partial',
    route: 'local',
  })
})

describe('nothing that anybody saw', () => {
  const call = { call: { name: 't', input: {} } }
  test.each([
    ['ask', [call, CUT]],
    ['ask', ['\n', CUT]],
    ['ask', ['\n']],
    ['keep', [call, CUT]],
    ['keep', ['\n', CUT]],
    ['keep', ['\n']],
  ] as const)('is not kept by recovery %s: %j', async (recovery, script) => {
    const on = stage(
      { a: scripted({ provider: 'a' }, script), b: scripted({ provider: 'b' }, ['B']) },
      { recovery },
    )
    expect((await on.play()).outcome).toMatchObject({ status: 'completed', text: 'B' })
  })

  test('is all that an empty answer says, whatever stood there before', async () => {
    const on = stage({
      a: scripted({ provider: 'a' }, ['half of A', CUT]),
      b: scripted({ provider: 'b' }, [{ finish: 'stop' }]),
    })
    const { outcome } = await on.play({
      prompt: undefined,
      messages: [
        { role: 'user', content: 'q' },
        { role: 'assistant', content: [{ type: 'tool-call', id: '1', name: 't', input: {} }] },
        { role: 'tool', content: [{ type: 'tool-result', id: '1', name: 't', output: 'ok' }] },
      ],
    })
    expect(outcome).toMatchObject({ status: 'completed', route: 'b', text: '' })
    expect(outcome.message.content).toEqual([])
  })

  test('comes of a canned answer that throws: the text stays', async () => {
    const told = vi.spyOn(console, 'error').mockReturnValue()
    const throwing = canned(() => {
      throw new Error('a bug')
    })
    const on = stage(
      { a: scripted({}, ['half of A', CUT]), throwing },
      { ladder: ['a'], safe: 'throwing' },
    )
    expect((await on.play()).outcome).toMatchObject({ status: 'failed', text: 'half of A' })
    expect(told).toHaveBeenCalledOnce()
    told.mockRestore()
  })
})

describe('a hidden page', () => {
  test('that slept is no endless round of looks', async () => {
    const on = stage({ a: scripted({}, [40_000, 'A']) })
    const run = on.start()
    on.virtual.setHidden(true)
    await on.virtual.sleep(30_000)
    expect(await on.virtual.until(run.outcome)).toMatchObject({ status: 'safe' })
  })
})

test('an attempt that fails otherwise says nothing of a key that was refused', async () => {
  const virtual = createVirtualWorld()
  let key = 'first'
  const on = stage(
    {
      a: scripted({ provider: 'p', apiKey: () => key }, [200, { status: 401 }], ['A']),
      b: scripted({ provider: 'p', apiKey: () => 'other' }, [100, 'B', 300, { status: 500 }]),
    },
    { safe: undefined, recovery: 'keep' },
    { virtual, tiers: { a: { allow: ['a'] }, b: { allow: ['b'] } } },
  )
  await virtual.until(
    Promise.all([on.start({ tier: 'b' }).outcome, on.start({ tier: 'a' }).outcome]),
  )
  key = 'second'
  await virtual.advance(5000)
  expect(await virtual.until(on.start({ tier: 'a' }).outcome)).toMatchObject({ text: 'A' })
})

test('where every route is held back, the wait that is told is that for the first one back', async () => {
  const on = stage({
    a: scripted({ provider: 'a' }, [busyFor(60)]),
    b: scripted({ provider: 'b' }, [busyFor(20)]),
  })
  await on.play()
  const { outcome } = await on.play()
  expect(outcome).toMatchObject({ status: 'safe', failure: { kind: 'rate-limit', route: 'a' } })
  expect(outcome.failure?.retryAfterMs).toBeLessThanOrEqual(20_000)
})
