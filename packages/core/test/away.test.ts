import { describe, expect, test } from 'vitest'
import { Fault } from '../src/policy/fault.ts'
import {
  createVirtualWorld,
  HANG,
  HANG_BEFORE_HEADERS,
  scripted,
  type VirtualWorld,
} from '../src/testing.ts'
import { eventsOf, stage, wired, type Stage } from './play.ts'

// The page is away while an attempt is under way: frozen, asleep, held up, offline. That is nobody's fault.

const HOUR = 3_600_000
const LONG = 'x'.repeat(400)

/** How probable it is thought that a route is bad, which is 0.01 where nobody blamed it. */
function blame({ llm }: Stage, route: string): number {
  return llm.health.getState()[route]?.pBad ?? 1
}

/** A world whose browser says when it freezes its page, which it hides first. */
function freezable(): VirtualWorld & { readonly freeze: (ms: number) => Promise<void> } {
  const virtual = createVirtualWorld()
  let frozenAt = -Infinity
  const { page } = virtual.world
  return {
    ...virtual,
    world: { ...virtual.world, page: { ...page, frozenAt: () => frozenAt } },
    async freeze(ms) {
      virtual.setHidden(true)
      frozenAt = virtual.world.now()
      await virtual.sleep(ms)
    },
  }
}

describe('a page that was frozen', () => {
  test('has not waited, though it is hidden and its timers are not a minute late', async () => {
    const virtual = freezable()
    const { start } = stage({ a: scripted({}, [40_000, 'A']) }, {}, { virtual })
    const run = start()
    await virtual.advance(1000)
    await virtual.freeze(30_000)
    expect(await virtual.until(run.outcome)).toMatchObject({ status: 'completed', text: 'A' })
  })

  test('for less than a timer can be late has not waited either', async () => {
    const virtual = freezable()
    const { start } = stage(
      { a: scripted({}, [2300, 'A']) },
      { limits: { firstChunkMs: 2000 } },
      { virtual },
    )
    const run = start()
    await virtual.advance(100)
    // The next timer is due at 2000, so it is on time.
    await virtual.freeze(1900)
    expect(await virtual.until(run.outcome)).toMatchObject({ status: 'completed', text: 'A' })
  })

  test('blames nobody for a stream that is silent ever after', async () => {
    const virtual = freezable()
    const on = stage(
      { a: scripted({ provider: 'a' }, ['half', HANG]), b: scripted({ provider: 'b' }, ['B']) },
      {},
      { virtual },
    )
    const run = on.start()
    await virtual.advance(1000)
    await virtual.freeze(30_000)
    virtual.setHidden(false)
    expect(await virtual.until(run.outcome)).toMatchObject({ status: 'completed', text: 'B' })
    expect(blame(on, 'a')).toBe(0.01)
  })
})

describe('a page that slept', () => {
  test('is not held to have been awake up to the timer that came late', async () => {
    const { start, virtual } = stage({ a: scripted({}, ['half', 13_200, ' whole']) })
    const run = start()
    await virtual.advance(9000)
    // The next timer is due at 10,000, when the silence would be too long.
    await virtual.sleep(4000)
    expect(await virtual.until(run.outcome)).toMatchObject({
      status: 'completed',
      text: 'half whole',
    })
    expect(eventsOf(run.events, 'attempt-failed')).toEqual([])
  })

  test('blames nobody for what breaks as it wakes, before any timer', async () => {
    const virtual = createVirtualWorld()
    let asleepMs = 0
    const now = (): number => virtual.world.now() + asleepMs
    const { promise: awake, resolve: wake } = Promise.withResolvers<void>()
    const broken = wired({ provider: 'a' }, async (_, tell) => {
      tell({ type: 'text', text: 'half' })
      await awake
      throw new Fault({ from: 'transport', isOnline: true, isBlocked: false })
    })
    const on = stage(
      { a: broken, b: scripted({ provider: 'b' }, ['B']) },
      {},
      { virtual: { ...virtual, world: { ...virtual.world, now } } },
    )
    const run = on.start()
    await virtual.advance(1000)
    asleepMs = HOUR
    wake()
    const { attempts } = await virtual.until(run.outcome)
    expect(attempts.map(({ failure }) => failure?.kind)).toEqual(['network', undefined])
    expect(blame(on, 'a')).toBe(0.01)
  })

  test('asks its only route again where the sleep took the connection', async () => {
    const on = stage({ a: scripted({}, ['half', HANG], ['A']) })
    const run = on.start()
    await on.virtual.advance(1000)
    await on.virtual.sleep(HOUR)
    expect(await on.virtual.until(run.outcome)).toMatchObject({ status: 'completed', text: 'A' })
    expect(blame(on, 'a')).toBeLessThan(0.01)
  })

  test('asks so no oftener than it slept', async () => {
    const on = stage({ a: scripted({}, ['half', HANG]) })
    const run = on.start()
    await on.virtual.advance(1000)
    await on.virtual.sleep(HOUR)
    const { status, attempts } = await on.virtual.until(run.outcome)
    expect(status).toBe('safe')
    expect(attempts.map(({ route }) => route)).toEqual(['a', 'a', 'sorry'])
  })

  test('does not ask again a route that was too slow for the product', async () => {
    const on = stage(
      { a: scripted({ provider: 'a' }, [HANG], ['A']), b: scripted({ provider: 'b' }, ['B']) },
      { limits: { firstChunkMs: 3000 } },
    )
    const run = on.start()
    await on.virtual.advance(1000)
    await on.virtual.sleep(HOUR)
    const { attempts } = await on.virtual.until(run.outcome)
    expect(attempts.map(({ route }) => route)).toEqual(['a', 'b'])
  })

  test('has not ignored a question', async () => {
    const on = stage(
      { a: scripted({ provider: 'a' }, [LONG, { fail: 'network' }]), b: scripted({}, ['B']) },
      { recovery: 'ask' },
    )
    const run = on.start({ canConfirm: true })
    await on.virtual.advance(1000)
    await on.virtual.sleep(HOUR)
    expect(run.store.getState().phase).toBe('asking')
    await on.virtual.advance(59_000)
    expect(run.store.getState().phase).toBe('asking')
    expect(await on.virtual.until(run.outcome)).toMatchObject({ status: 'partial', text: LONG })
  })

  test('has not waited for the network', async () => {
    const on = stage({ a: scripted({}, ['A']) })
    on.virtual.setOnline(false)
    const run = on.start()
    await on.virtual.advance(1000)
    await on.virtual.sleep(HOUR)
    await on.virtual.advance(5000)
    on.virtual.setOnline(true)
    expect(await on.virtual.until(run.outcome)).toMatchObject({ status: 'completed', text: 'A' })
  })
})

test('a page whose timer is late reads what stands behind it before it judges', async () => {
  const { start, virtual } = stage({ a: scripted({}, ['half', 10_300, ' whole']) })
  const run = start()
  await virtual.advance(9900)
  // Held up, for less than could be called a sleep.
  await virtual.sleep(300)
  expect(await virtual.until(run.outcome)).toMatchObject({
    status: 'completed',
    text: 'half whole',
  })
  expect(eventsOf(run.events, 'attempt-failed')).toEqual([])
})

describe('a page that is offline', () => {
  test.each([
    ['before headers', [HANG_BEFORE_HEADERS]],
    ['before content', [HANG]],
    ['between contents', ['half', HANG]],
  ] as const)('calls no route silent %s, and asks it again later', async (_, script) => {
    const on = stage({
      a: scripted({ provider: 'a' }, script, ['A']),
      b: scripted({ provider: 'b' }, ['B']),
    })
    const run = on.start()
    await on.virtual.advance(1000)
    on.virtual.setOnline(false)
    await on.virtual.advance(30_000)
    expect(run.store.getState().phase).toBe('paused')
    on.virtual.setOnline(true)
    const { attempts, text } = await on.virtual.until(run.outcome)
    expect(text).toBe('A')
    expect(attempts.map(({ failure }) => failure?.kind)).toEqual(['offline', undefined])
    expect(blame(on, 'a')).toBeLessThan(0.01)
  })

  test('and comes back before the silence is too long has lost the stream all the same', async () => {
    const on = stage({ a: scripted({}, ['half', HANG], ['A']) })
    const run = on.start()
    await on.virtual.advance(1000)
    on.virtual.setOnline(false)
    await on.virtual.advance(3000)
    on.virtual.setOnline(true)
    const { attempts, text } = await on.virtual.until(run.outcome)
    expect(text).toBe('A')
    expect(attempts[0]?.failure?.kind).toBe('offline')
  })

  test('and hears of a broken stream as it comes back blames nobody', async () => {
    const on = stage({
      a: scripted({ provider: 'a' }, ['half', 5000, { fail: 'network' }], ['A']),
      b: scripted({ provider: 'b' }, ['B']),
    })
    const run = on.start()
    await on.virtual.advance(1000)
    on.virtual.setOnline(false)
    await on.virtual.advance(3000)
    on.virtual.setOnline(true)
    const { attempts, text } = await on.virtual.until(run.outcome)
    expect(text).toBe('A')
    expect(attempts[0]?.failure?.kind).toBe('offline')
  })

  test('was so too long ago to speak for a stream that went on since', async () => {
    const on = stage({ a: scripted({ provider: 'a' }, ['half', 3000, ' more', HANG]) })
    const run = on.start()
    await on.virtual.advance(1000)
    on.virtual.setOnline(false)
    await on.virtual.advance(1000)
    on.virtual.setOnline(true)
    const { attempts } = await on.virtual.until(run.outcome)
    expect(attempts[0]?.failure?.kind).toBe('stream-stall')
    expect(blame(on, 'a')).toBeGreaterThan(0.1)
  })

  test('still has no more than the time of the whole run', async () => {
    const on = stage({ a: scripted({}, ['half', HANG]) }, { limits: { totalMs: 5000 } })
    const run = on.start()
    await on.virtual.advance(1000)
    on.virtual.setOnline(false)
    const { attempts, latency } = await on.virtual.until(run.outcome)
    expect(attempts[0]?.failure?.kind).toBe('latency-ceiling')
    expect(latency.totalMs).toBe(5000)
  })

  test('hears from what needs no network as ever', async () => {
    const on = stage({ a: scripted({ privacy: 'device' }, ['half', HANG]) })
    on.virtual.setOnline(false)
    const { outcome } = await on.play()
    expect(outcome.attempts[0]?.failure?.kind).toBe('stream-stall')
  })
})
