import { describe, expect, test, vi } from 'vitest'
import { canned, createLLM, type Route } from '../src/index.ts'
import { createVirtualWorld, HANG, scripted } from '../src/testing.ts'
import { createRoute } from '../src/wire/route.ts'
import type { Availability } from '../src/words/wire.ts'
import { eventsOf, stage } from './play.ts'

const DOWN = [{ fail: 'outage' }] as const

/** A model on the device that says after `ms` of nothing whether it is there. */
function onDevice(says: Availability, answered: Promise<unknown>, onUse: () => void): Route {
  return createRoute(
    'device',
    { provider: 'device' },
    {
      model: 'local',
      origin: null,
      privacy: 'device',
      abilities: ['text'],
      credential: 'none',
      problems: [],
      downloadBytes: 4e9,
      availability: () => answered.then(() => says),
      stream(_, tell) {
        onUse()
        tell({ type: 'text', text: 'local' })
        tell({ type: 'finish', finish: 'stop' })
        return Promise.resolve()
      },
    },
  )
}

describe('a model on the device that does not say whether it is there', () => {
  const never = new Promise<never>(() => undefined)

  test('is not begun, for it may have to be downloaded', async () => {
    const onUse = vi.fn<() => void>()
    const { play } = stage({
      a: scripted({}, DOWN),
      local: onDevice('downloadable', never, onUse),
    })
    expect((await play()).outcome.status).toBe('safe')
    expect(onUse).not.toHaveBeenCalled()
  })

  test('keeps nobody waiting who would be answered by another route first', async () => {
    const { play } = stage({ a: scripted({}, ['a']), local: onDevice('available', never, vi.fn()) })
    expect((await play()).tookMs).toBe(0)
  })

  test('is waited for where it comes first, but not for long', async () => {
    const { play } = stage({ local: onDevice('available', never, vi.fn()), a: scripted({}, ['a']) })
    const { outcome, tookMs } = await play()
    expect(outcome.route).toBe('a')
    expect(tookMs).toBe(1000)
  })
})

test('a key that cannot be read holds up one run, of those that may need it', async () => {
  const virtual = createVirtualWorld()
  let isStuck = false
  const key = (): Promise<string> => (isStuck ? new Promise(() => undefined) : Promise.resolve('k'))
  const keyed = createRoute(
    'keyed',
    { provider: 'keyed' },
    {
      model: 'm',
      origin: null,
      privacy: 'third-party',
      abilities: ['text'],
      credential: 'lazy',
      problems: [],
      readKey: key,
      stream: () => Promise.reject(new Error('no')),
    },
  )
  const refused = createRoute('keyed', keyed.facts, {
    model: 'm',
    origin: null,
    privacy: 'third-party',
    abilities: ['text'],
    credential: 'lazy',
    problems: [],
    readKey: key,
    async stream() {
      await Promise.resolve()
      const { Fault } = await import('../src/policy/fault.ts')
      throw new Fault({ from: 'status', status: 401, headers: {}, body: '' })
    },
  })
  const llm = createLLM({
    world: virtual.world,
    routes: { refused, b: scripted({ provider: 'b' }, ['b']), sorry: canned('Sorry.') },
    workloads: {
      chat: { ladder: ['refused', 'b'], safe: 'sorry' },
      other: { ladder: ['b'], safe: 'sorry' },
    },
  })
  const took = async (workload: 'chat' | 'other'): Promise<number> => {
    const since = virtual.world.now()
    await virtual.until(llm.run({ workload, prompt: 'Hello?' }).outcome)
    return virtual.world.now() - since
  }
  await took('chat')
  isStuck = true
  expect(await took('other')).toBe(0)
  expect(await took('chat')).toBe(1000)
  expect(await took('chat')).toBe(0)
})

const held = () =>
  stage(
    { a: scripted({}, [{ status: 429, headers: { 'retry-after': '60' } }]) },
    { safe: undefined },
  )

describe('a run that the user ends before anything could be tried', () => {
  test('is stopped, not failed', async () => {
    const { play } = held()
    await play()
    const { outcome } = await play({ signal: AbortSignal.abort() })
    expect(outcome).toMatchObject({ status: 'stopped', failure: null })
  })

  test('is superseded where the next of its thread began', async () => {
    const { play, start, virtual } = held()
    await play()
    const first = start({ thread: 't' })
    const second = start({ thread: 't' })
    expect((await virtual.until(first.outcome)).status).toBe('superseded')
    await virtual.until(second.outcome)
  })
})

test('a probe that takes minutes to fail is not made again at once', async () => {
  const { play } = stage(
    { a: scripted({ provider: 'a' }, DOWN, ['x', HANG]), b: scripted({ provider: 'b' }, ['b']) },
    { pace: 'background', recovery: 'restart' },
  )
  await play()
  const tried: (string | undefined)[] = []
  for (let round = 0; round < 6; round += 1) tried.push((await play()).outcome.attempts[0]?.route)
  expect(tried.filter((route) => route === 'a').length).toBeLessThan(4)
})

test('a route that was waited for in vain is beaten by one that is known to be quicker than that', async () => {
  const { play } = stage(
    {
      a: scripted({ provider: 'a', expect: { firstChunkMs: 500 } }, [HANG]),
      b: scripted({ provider: 'b', expect: { firstChunkMs: 700 } }, [700, 'b']),
    },
    { limits: { firstChunkMs: 2000 } },
  )
  expect((await play()).lines).toEqual([
    'try a',
    'slow',
    'latency-ceiling -> b',
    'try b',
    '"b"',
    'completed',
  ])
})

test('a thread stays with its route when the run that was to go on came to nothing', async () => {
  const { play, start, virtual } = stage({
    a: scripted({ provider: 'a' }, DOWN, ['a']),
    b: scripted({ provider: 'b' }, [{ call: { name: 'look', input: {}, id: '1' } }], [5000, 'b']),
  })
  await play({ thread: 't' })
  const result = {
    thread: 't',
    prompt: undefined,
    messages: [
      { role: 'user', content: 'Look.' },
      { role: 'assistant', content: [{ type: 'tool-call', id: '1', name: 'look', input: {} }] },
      { role: 'tool', content: [{ type: 'tool-result', id: '1', name: 'look', output: 'x' }] },
    ],
  } as const
  await virtual.advance(600_000)
  const run = start(result)
  await virtual.advance(100)
  await run.stop()
  expect((await play(result)).outcome.route).toBe('b')
})

test('explaining sends nothing, hints neither', async () => {
  const fetch = vi.fn<typeof globalThis.fetch>(() => Promise.reject(new TypeError('refused')))
  const virtual = createVirtualWorld()
  const llm = createLLM({
    world: { ...virtual.world, fetch },
    hints: { url: 'https://ours.example/health' },
    routes: { a: scripted({}, ['a']) },
    workloads: { chat: { ladder: ['a'] } },
  })
  llm.explain({ workload: 'chat', prompt: 'Hello?' })
  await virtual.advance(120_000)
  expect(fetch).not.toHaveBeenCalled()
  expect(virtual.pending()).toBe(0)
})

test('a route whose name ends another one’s has a wait of its own', async () => {
  const { llm, play } = stage({ 'big a': scripted({}, [900, 'x']), a: scripted({ provider: 'b' }) })
  await play()
  expect(llm.health.getState()['big a']?.firstChunkMs).not.toBeNull()
  expect(llm.health.getState()['a']?.firstChunkMs).toBeNull()
})

test('a network that is there and is not is asked less and less often', async () => {
  const { play } = stage({ a: scripted({}, [{ fail: 'offline' }]) })
  const { events, tookMs } = await play()
  expect(eventsOf(events, 'attempt-started').length).toBeLessThan(25)
  expect(tookMs).toBeGreaterThan(60_000)
})
