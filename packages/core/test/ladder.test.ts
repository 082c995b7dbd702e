import { describe, expect, test } from 'vitest'
import { canned, createLLM, type FailureKind, type Rules, type Usage } from '../src/index.ts'
import {
  createVirtualWorld,
  CUT,
  HANG,
  HANG_BEFORE_HEADERS,
  scripted,
  type Script,
  type ScriptedOptions,
} from '../src/testing.ts'
import { eventsOf, FAILURE_KINDS, FIRST_MS, P95_MS, silence, stage, wired } from './play.ts'

const LONG = 'x'.repeat(300)
const HOUR = 3_600_000

/** Routes of three providers; `c` is the best of all in every fact, and last. */
function four(
  script: Script,
  overrides: Readonly<Record<string, Script>> = {},
): Parameters<typeof stage>[0] {
  const facts = {
    a1: { provider: 'a', account: 'x', quality: 0.5, contextTokens: 8_000 },
    a2: { provider: 'a', account: 'y', quality: 0.4, contextTokens: 4_000 },
    b: { provider: 'b', quality: 0.3, contextTokens: 16_000 },
    c: { provider: 'c', quality: 0.9, contextTokens: 32_000 },
  } as const
  const waits = { a1: 1000, a2: 2000, b: 3000, c: 500 }
  const prices = { a1: 2, a2: 3, b: 4, c: 1 }
  const names = ['a1', 'a2', 'b', 'c'] as const
  return Object.fromEntries(
    names.map((name) => [
      name,
      scripted(
        {
          ...facts[name],
          expect: { firstChunkMs: waits[name] },
          price: { inputPerMTok: prices[name], outputPerMTok: prices[name] },
        },
        overrides[name] ?? (name === 'a1' ? script : [`from ${name}`]),
      ),
    ]),
  )
}

describe('the default move', () => {
  const rows: { readonly [Kind in Exclude<FailureKind, 'offline'>]: readonly string[] } = {
    'rate-limit': ['rate-limit -> b', 'try b', '"from b"', 'completed'],
    'quota-exhausted': ['quota-exhausted -> a2', 'try a2', '"from a2"', 'completed'],
    timeout: ['timeout -> b', 'try b', '"from b"', 'completed'],
    'queue-stall': ['queue-stall -> b', 'try b', '"from b"', 'completed'],
    'stream-stall': ['stream-stall -> b', 'try b', '"from b"', 'completed'],
    outage: ['outage -> b', 'try b', '"from b"', 'completed'],
    network: ['network -> b', 'try b', '"from b"', 'completed'],
    'blocked-request': ['blocked-request -> a2', 'try a2', '"from a2"', 'completed'],
    'invalid-response': ['invalid-response -> a2', 'try a2', '"from a2"', 'completed'],
    truncated: ['truncated -> b', 'try b', '"from b"', 'completed'],
    auth: ['auth -> a2', 'try a2', '"from a2"', 'completed'],
    'not-found': ['not-found -> a2', 'try a2', '"from a2"', 'completed'],
    'invalid-request': ['invalid-request -> b', 'try b', '"from b"', 'completed'],
    'context-length': ['context-length -> c', 'try c', '"from c"', 'completed'],
    'unsupported-capability': ['unsupported-capability -> a2', 'try a2', '"from a2"', 'completed'],
    'budget-breach': ['budget-breach -> c', 'try c', '"from c"', 'completed'],
    'latency-ceiling': ['latency-ceiling -> c', 'try c', '"from c"', 'completed'],
    'quality-floor': ['quality-floor -> c', 'try c', '"from c"', 'completed'],
    'blocked-content': ['blocked-content -> safe sorry', 'try sorry', '"Sorry."', 'safe'],
    'region-restriction': ['region-restriction -> a2', 'try a2', '"from a2"', 'completed'],
    'compliance-mismatch': ['compliance-mismatch -> a2', 'try a2', '"from a2"', 'completed'],
  }
  const kinds = FAILURE_KINDS.filter((kind) => kind !== 'offline')
  test.each(kinds)('after %s is the one of its row', async (kind) => {
    const rest = rows[kind]
    const { play } = stage(four([{ fail: kind }]))
    const { lines, outcome } = await play()
    expect(lines).toEqual(['try a1', ...rest])
    expect(outcome.attempts[0]?.failure).toMatchObject({ kind, route: 'a1', provider: 'a' })
    expect(outcome.degraded).toMatchObject({ from: 'a1', to: outcome.route, cause: kind })
  })

  test('after offline is to wait, and the same route goes on', async () => {
    const { play } = stage({ a1: scripted({}, [{ fail: 'offline' }], ['back']) })
    const { lines, outcome } = await play()
    expect(lines).toEqual([
      'try a1',
      'offline -> pause',
      'paused for online',
      'resumed',
      'offline -> a1',
      'try a1',
      '"back"',
      'completed',
    ])
    expect(outcome.degraded).toBeNull()
  })

  test('asks routes of the failed provider last', async () => {
    const { play } = stage(
      four([{ fail: 'outage' }], {
        b: [{ fail: 'outage' }],
        c: [{ fail: 'outage' }],
      }),
    )
    const { lines } = await play()
    expect(lines.filter((line) => line.startsWith('try'))).toEqual([
      'try a1',
      'try b',
      // Its provider has failed, so it comes after a route that nothing speaks against.
      'try c',
      'try a2',
    ])
  })

  test('after quota-exhausted asks another account before the same one', async () => {
    const { play } = stage({
      gpt: scripted({ provider: 'a', account: 'x' }, [{ fail: 'quota-exhausted' }]),
      mini: scripted({ provider: 'a', account: 'x' }, ['same account']),
      own: scripted({ provider: 'a', account: 'y' }, ['other account']),
    })
    expect((await play()).lines).toContain('quota-exhausted -> own')
  })

  test('after quota-exhausted asks another payer before the same one', async () => {
    const { play } = stage(
      {
        gpt: scripted({ provider: 'a', payer: 'product' }, [{ fail: 'quota-exhausted' }]),
        mini: scripted({ provider: 'a', payer: 'product' }, ['same payer']),
        own: scripted({ provider: 'a', payer: 'user' }, ['other payer']),
      },
      { ask: { payer: false } },
    )
    expect((await play()).lines).toContain('quota-exhausted -> own')
  })

  test('after invalid-request tries one other provider, then stops', async () => {
    const { play } = stage({
      a: scripted({ provider: 'a' }, [{ status: 400 }]),
      a2: scripted({ provider: 'a' }, ['never']),
      b: scripted({ provider: 'b' }, [{ status: 400 }]),
      c: scripted({ provider: 'c' }, ['never']),
    })
    const { lines, outcome } = await play()
    expect(lines).toEqual([
      'try a',
      'invalid-request -> b',
      'try b',
      'invalid-request -> stop',
      'failed',
    ])
    expect(outcome.failure).toMatchObject({ kind: 'invalid-request', status: 400, route: 'b' })
  })

  test('after invalid-request stops when no other provider is there', async () => {
    const { play } = stage({
      a: scripted({ provider: 'a' }, [{ status: 400 }]),
      a2: scripted({ provider: 'a' }, ['never']),
    })
    expect((await play()).lines).toEqual(['try a', 'invalid-request -> stop', 'failed'])
  })

  test('after the last route is the safe answer, labelled as such', async () => {
    const { play } = stage({
      a: scripted({ provider: 'a' }, [{ fail: 'timeout' }]),
      b: scripted({ provider: 'b' }, [{ fail: 'queue-stall' }]),
    })
    const { lines, outcome } = await play()
    expect(lines).toEqual([
      'try a',
      'timeout -> b',
      'try b',
      'queue-stall -> safe sorry',
      'try sorry',
      '"Sorry."',
      'safe',
    ])
    expect(outcome).toMatchObject({
      status: 'safe',
      text: 'Sorry.',
      route: 'sorry',
      failure: { kind: 'queue-stall', route: 'b' },
      degraded: { from: 'a', to: 'sorry', cause: 'timeout' },
      costUsd: null,
    })
  })

  test('after the last route is the end, when there is no safe answer', async () => {
    const { play } = stage({ a: scripted({}, [{ fail: 'timeout' }]) }, { safe: undefined })
    const { lines, outcome, states } = await play()
    expect(lines).toEqual(['try a', 'timeout -> stop', 'failed'])
    expect(outcome).toMatchObject({ status: 'failed', text: '', route: null })
    expect(states.at(-1)).toMatchObject({ status: 'error', phase: 'settled' })
  })

  test('never leaves the words of a provider in the failure', async () => {
    const { play } = stage({
      a: scripted({}, [{ status: 401, body: { error: { message: 'key sk-secret is bad' } } }]),
    })
    expect(JSON.stringify(await play())).not.toContain('sk-secret')
  })
})

async function linesAfter(
  on: Rules<string>,
  kind: FailureKind,
  request = {},
): Promise<readonly string[]> {
  const { play } = stage(four([{ fail: kind }]), { on })
  return (await play(request)).lines.slice(1)
}

describe('a rule of `on`', () => {
  test.each([
    ['faster', 'c'],
    ['cheaper', 'c'],
    ['stronger', 'c'],
    ['larger', 'c'],
    ['next', 'b'],
  ] as const)('looks %s', async (direction, route) => {
    expect(await linesAfter({ outage: direction }, 'outage')).toContain(`outage -> ${route}`)
  })

  test('goes to safe', async () => {
    expect(await linesAfter({ outage: 'safe' }, 'outage')).toContain('outage -> safe sorry')
  })

  test('stops', async () => {
    expect(await linesAfter({ outage: 'stop' }, 'outage')).toEqual(['outage -> stop', 'failed'])
  })

  test('names routes to try in their order, then goes on with the next', async () => {
    const routes = four([{ fail: 'outage' }], {
      c: [{ fail: 'outage' }],
      a2: [{ fail: 'outage' }],
    })
    const { play } = stage(routes, { on: { outage: ['c', 'a2'] } })
    const { lines, events } = await play()
    expect(lines).toEqual([
      'try a1',
      'outage -> c',
      'try c',
      'outage -> a2',
      'try a2',
      'outage -> b',
      'try b',
      '"from b"',
      'completed',
    ])
    expect(eventsOf(events, 'moved').map(({ move }) => move)).toMatchObject([
      { to: 'route', route: 'c', direction: 'listed' },
      { to: 'route', route: 'a2', direction: 'listed' },
      { to: 'route', route: 'b', direction: 'next' },
    ])
  })

  test('reaches a route that no ladder names', async () => {
    const { play } = stage(
      {
        a: scripted({ provider: 'a' }, [{ fail: 'blocked-content' }]),
        lenient: scripted({ provider: 'b' }, ['allowed here']),
      },
      { ladder: ['a'], on: { 'blocked-content': ['lenient'] } },
    )
    expect((await play()).lines).toEqual([
      'try a',
      'blocked-content -> lenient',
      'try lenient',
      '"allowed here"',
      'completed',
    ])
  })

  test('makes a route that no ladder names the next one after the ladder', async () => {
    const { play } = stage(
      {
        a: scripted({ provider: 'a' }, [{ fail: 'timeout' }]),
        lenient: scripted({ provider: 'b' }, ['allowed here']),
      },
      { ladder: ['a'], on: { 'blocked-content': ['lenient'] } },
    )
    // Directions look among the ladder and the routes named in `on`: `lenient` is one of them.
    expect((await play()).lines).toContain('timeout -> lenient')
  })

  test('does not leave the acceptable set', async () => {
    const { play } = stage(
      {
        a: scripted({ provider: 'a', region: 'eu' }, [{ fail: 'outage' }]),
        us: scripted({ provider: 'b', region: 'us' }, ['not here']),
      },
      { on: { outage: ['us'] }, limits: { regions: ['eu'] } },
    )
    expect((await play()).lines).toContain('outage -> safe sorry')
  })

  test('tries the same route once more, then goes on', async () => {
    const { play } = stage(four([{ fail: 'timeout' }]), { on: { timeout: 'retry' } })
    const { lines, events } = await play()
    expect(lines).toEqual([
      'try a1',
      'timeout -> retry a1',
      'try a1',
      'timeout -> b',
      'try b',
      '"from b"',
      'completed',
    ])
    expect(eventsOf(events, 'attempt-started').map(({ why }) => why)).toEqual([
      'first',
      'retry',
      'next',
    ])
  })

  test('does not retry a route that is held back', async () => {
    const limited: Script = [{ status: 429, headers: { 'retry-after': '30' } }]
    const { play } = stage(four(limited), { on: { 'rate-limit': 'retry' } })
    expect((await play()).lines).toEqual([
      'try a1',
      'rate-limit -> b',
      'try b',
      '"from b"',
      'completed',
    ])
  })

  test('does not retry what the cost limit has no room for', async () => {
    const { play } = stage(
      {
        a: scripted({ provider: 'a', price: { inputPerMTok: 0, outputPerMTok: 100 } }, [HANG]),
        b: scripted({ provider: 'b', price: 'included' }, ['for nothing']),
      },
      { on: { 'queue-stall': 'retry' }, limits: { costUsd: 0.1 } },
    )
    // 800 output tokens are 0.08 USD: a second time is too much.
    expect((await play()).lines).toEqual([
      'try a',
      'slow',
      'queue-stall -> b',
      'try b',
      '"for nothing"',
      'completed',
    ])
  })

  test('holds for offline too', async () => {
    const { play } = stage(
      { a: scripted({}, [{ fail: 'offline' }], ['back']) },
      { on: { offline: 'safe' } },
    )
    expect((await play()).lines).toEqual([
      'try a',
      'offline -> safe sorry',
      'try sorry',
      '"Sorry."',
      'safe',
    ])
  })

  test('asks before the next route, and a no is safe', async () => {
    const { start, virtual } = stage(four([{ fail: 'outage' }]), { on: { outage: 'ask' } })
    for (const isYes of [true, false]) {
      const run = start({ canConfirm: true })
      await virtual.advance(0)
      expect(run.store.getState()).toMatchObject({
        phase: 'asking',
        confirmation: { about: 'tradeoff', route: 'b', cause: 'outage', declineTo: 'safe' },
      })
      if (isYes) run.confirm()
      else run.decline()
      const outcome = await virtual.until(run.outcome)
      expect(outcome.route).toBe(isYes ? 'b' : 'sorry')
      expect(eventsOf(run.events, 'attempt-started').at(-1)?.why).toBe(isYes ? 'confirmed' : 'next')
    }
    expect(virtual.pending()).toBe(0)
  })

  test('is answered no, at once, where nobody can answer', async () => {
    const { play } = stage(four([{ fail: 'outage' }]), { on: { outage: 'ask' } })
    const { lines, tookMs } = await play()
    expect(lines.at(-1)).toBe('safe')
    expect(tookMs).toBe(0)
  })
})

describe('a direction', () => {
  const directions = [
    ['faster', (wait: number | null) => (wait === null ? {} : { expect: { firstChunkMs: wait } })],
    [
      'cheaper',
      (price: number | null) =>
        price === null ? {} : { price: { inputPerMTok: price, outputPerMTok: price } },
    ],
    ['stronger', (score: number | null) => (score === null ? {} : { quality: 1 / score })],
    ['larger', (least: number | null) => (least === null ? {} : { contextTokens: 1e6 / least })],
  ] as const satisfies readonly (readonly [string, (rank: number | null) => ScriptedOptions])[]
  /** Ranks of the failed route and of two others, less being better and null unknown; who is next. */
  const cases: readonly (readonly [
    string,
    failed: number | null,
    b: number | null,
    c: number | null,
    string,
  ])[] = [
    ['takes the best of what is better', 900, 700, 500, 'c'],
    ['looks up the ladder and down', 900, 500, 700, 'b'],
    ['takes the higher rung of two that are equal', 900, 500, 500, 'b'],
    ['does not take what is equal', 900, 900, 950, 'safe sorry'],
    ['counts what is not known as the worst', 900, null, 700, 'c'],
    ['finds anything better than what is not known', null, null, 900, 'c'],
  ]
  describe.each(directions)('%s', (direction, facts) => {
    test.each(cases)('%s', async (_, failed, b, c, next) => {
      const { play } = stage(
        {
          a: scripted({ provider: 'a', ...facts(failed) }, [{ fail: 'outage' }]),
          b: scripted({ provider: 'b', ...facts(b) }, ['b']),
          c: scripted({ provider: 'c', ...facts(c) }, ['c']),
        },
        { on: { outage: direction } },
      )
      expect((await play()).lines).toContain(`outage -> ${next}`)
    })

    test('where nothing is known finds nothing, but for a wait', async () => {
      const { play } = stage(
        {
          a: scripted({ provider: 'a', ...facts(null) }, [{ fail: 'outage' }]),
          b: scripted({ provider: 'b', ...facts(null) }, ['b']),
        },
        { on: { outage: direction } },
      )
      // Of the route that was just cut it is known that it was too slow; of any other nothing is.
      const next = direction === 'faster' ? 'b' : 'safe sorry'
      expect((await play()).lines).toContain(`outage -> ${next}`)
    })
  })

  test('goes back up the ladder', async () => {
    const { play } = stage(
      {
        low: scripted({ provider: 'a', quality: 0.2 }, [{ fail: 'outage' }]),
        mid: scripted({ provider: 'b', quality: 0.4 }, ['mid']),
        last: scripted({ provider: 'c', quality: 0.3 }, [{ fail: 'quality-floor' }]),
      },
      { on: { outage: ['last'] } },
    )
    expect((await play()).lines).toContain('quality-floor -> mid')
  })
})

describe('a hold', () => {
  test('after a rate limit lasts as long as its hint', async () => {
    const { llm, play, virtual } = stage({
      a: scripted({ provider: 'a' }, [{ status: 429, headers: { 'retry-after': '20' } }], ['a']),
      b: scripted({ provider: 'b' }, ['b']),
    })
    await play()
    const request = { workload: 'chat', prompt: 'Hello?' }
    expect(llm.explain(request).excluded).toMatchObject([
      { route: 'a', why: 'held-back', until: 20_000 },
    ])
    const { lines, outcome } = await play()
    expect(lines).toEqual(['hold-off -> b', 'try b', '"b"', 'completed'])
    expect(outcome.degraded).toMatchObject({
      from: 'a',
      to: 'b',
      cause: 'hold-off',
      backAt: 20_000,
      since: 0,
    })
    await virtual.advance(19_999)
    expect((await play()).outcome.route).toBe('b')
    await virtual.advance(1)
    expect(llm.explain(request).excluded).toEqual([])
    const back = await play()
    expect(back.outcome).toMatchObject({ route: 'a', degraded: null })
  })

  test.each([1, 2, 3, 4, 5])(
    'after a rate limit without a hint is 15 to 45 s (%i)',
    async (seed) => {
      const virtual = createVirtualWorld({ seed })
      const { llm, play } = stage(four([{ fail: 'rate-limit' }]), {}, { virtual })
      await play()
      const until = llm.explain({ workload: 'chat', prompt: 'Hello?' }).excluded[0]?.until ?? 0
      expect(until).toBeGreaterThanOrEqual(15_000)
      expect(until).toBeLessThanOrEqual(45_000)
      expect(until % 1000).not.toBe(0)
    },
  )

  test('after not-found lasts a day', async () => {
    const { llm, play, virtual } = stage(four([{ status: 404 }]))
    await play()
    const explain = (): unknown => llm.explain({ workload: 'chat', prompt: 'Hello?' }).excluded
    expect(explain()).toMatchObject([{ route: 'a1', why: 'held-back', until: 24 * HOUR }])
    await virtual.advance(24 * HOUR)
    expect(explain()).toEqual([])
  })

  test('after blocked-request lasts as long as the page', async () => {
    const { llm, play, virtual } = stage(four([{ fail: 'blocked-request' }]))
    await play()
    await virtual.advance(1000 * HOUR)
    const [excluded] = llm.explain({ workload: 'chat', prompt: 'Hello?' }).excluded
    expect(excluded).toMatchObject({ route: 'a1', why: 'held-back' })
    expect(excluded).not.toHaveProperty('until')
    expect((await play()).outcome.degraded).toMatchObject({ cause: 'hold-off', backAt: null })
  })

  test('comes of three network failures in a row on a route that never answered', async () => {
    const { llm, play, virtual } = stage({
      a: scripted({ provider: 'a' }, [{ fail: 'network' }]),
      b: scripted({ provider: 'b' }, ['b']),
    })
    const excluded = (): unknown => llm.explain({ workload: 'chat', prompt: 'Hello?' }).excluded
    await play()
    // Long enough for it to be tried first again.
    await virtual.advance(600_000)
    await play()
    expect(excluded()).toEqual([])
    await virtual.advance(600_000)
    await play()
    expect(excluded()).toMatchObject([{ route: 'a', why: 'held-back', until: 1_500_000 }])
    await virtual.advance(300_000)
    expect(excluded()).toEqual([])
  })

  test('does not come of network failures of a route that has answered', async () => {
    const { llm, play } = stage({
      a: scripted({ provider: 'a' }, ['a'], [{ fail: 'network' }]),
      b: scripted({ provider: 'b' }, ['b']),
    })
    for (let round = 0; round < 5; round += 1) await play()
    expect(llm.explain({ workload: 'chat', prompt: 'Hello?' }).excluded).toEqual([])
  })

  test.each(['outage', 'timeout', 'queue-stall', 'invalid-response', 'truncated'] as const)(
    'does not come of %s',
    async (kind) => {
      const { llm, play } = stage(four([{ fail: kind }]))
      await play()
      expect(llm.explain({ workload: 'chat', prompt: 'Hello?' }).excluded).toEqual([])
    },
  )

  test.each(['auth', 'quota-exhausted'] as const)(
    'after %s lasts until the credential changes',
    async (kind) => {
      const key = { is: 'old' }
      const { llm, play, virtual } = stage({
        a: scripted({ provider: 'a', apiKey: () => key.is }, [{ fail: kind }], ['a']),
        b: scripted({ provider: 'b' }, ['b']),
      })
      expect((await play()).lines).toContain(`${kind} -> b`)
      await virtual.advance(100 * HOUR)
      expect((await play()).lines).toEqual(['hold-off -> b', 'try b', '"b"', 'completed'])
      key.is = 'new'
      const { lines, outcome } = await play()
      expect(lines).toEqual(['try a', '"a"', 'completed'])
      expect(outcome.degraded).toBeNull()
      expect(llm.explain({ workload: 'chat', prompt: 'Hello?' }).excluded).toEqual([])
    },
  )

  test.each(['auth', 'quota-exhausted'] as const)(
    'after %s is of the credential, so of every route with it',
    async (kind) => {
      const { play } = stage({
        gpt: scripted({ provider: 'a', account: 'x', apiKey: () => 'key' }, [{ fail: kind }]),
        mini: scripted({ provider: 'a', account: 'x', apiKey: () => 'key' }, ['same key']),
        b: scripted({ provider: 'b' }, ['other key']),
      })
      await play()
      expect((await play()).lines).toEqual(['hold-off -> b', 'try b', '"other key"', 'completed'])
    },
  )

  test('of every route leads to safe, and says until when', async () => {
    const { play } = stage({
      a: scripted({}, [{ status: 429, headers: { 'retry-after': '20' } }]),
    })
    await play()
    const { lines, outcome } = await play()
    expect(lines.at(-1)).toBe('safe')
    expect(outcome.attempts).toHaveLength(1)
    expect(outcome.failure).toMatchObject({ kind: 'rate-limit', route: 'a', retryAfterMs: 20_000 })
    expect(outcome.degraded).toMatchObject({ from: 'a', cause: 'hold-off', backAt: 20_000 })
  })
})

describe('a credential', () => {
  test('that was refused is read once more, and a different one is tried once', async () => {
    const keys = ['old', 'new', 'new', 'newer']
    const sent: (string | undefined)[] = []
    const { play } = stage({
      a: scripted(
        { provider: 'a', apiKey: () => keys.shift(), onRequest: ({ key }) => sent.push(key) },
        [{ status: 401 }],
      ),
      b: scripted({ provider: 'b' }, ['b']),
    })
    expect((await play()).lines).toEqual([
      'try a',
      'auth -> retry a',
      'try a',
      'auth -> b',
      'try b',
      '"b"',
      'completed',
    ])
    expect(sent).toEqual(['old', 'new'])
  })

  test('that was refused and is the same is not tried again', async () => {
    const { play } = stage({
      a: scripted({ provider: 'a', apiKey: () => 'old' }, [{ status: 401 }]),
      b: scripted({ provider: 'b' }, ['b']),
    })
    expect((await play()).lines).toEqual(['try a', 'auth -> b', 'try b', '"b"', 'completed'])
  })

  test('that works after another was refused holds nothing back', async () => {
    const keys = ['old', 'new']
    const { llm, play } = stage({
      a: scripted(
        { apiKey: () => (keys.length > 1 ? keys.shift() : keys[0]) },
        [{ status: 401 }],
        ['hello'],
      ),
    })
    expect((await play()).lines).toEqual([
      'try a',
      'auth -> retry a',
      'try a',
      '"hello"',
      'completed',
    ])
    expect(llm.explain({ workload: 'chat', prompt: 'Hello?' }).excluded).toEqual([])
  })

  test('that is missing uses up no attempt, and the user is not degraded', async () => {
    const { play } = stage(
      {
        own: scripted({ provider: 'own', apiKey: () => undefined }, ['never']),
        ours: scripted({ provider: 'ours' }, ['ours']),
      },
      { limits: { maxAttempts: 1 } },
    )
    const { lines, outcome } = await play()
    expect(lines).toEqual(['try own', 'auth -> ours', 'try ours', '"ours"', 'completed'])
    expect(outcome.degraded).toBeNull()
    expect(outcome.attempts[0]).toMatchObject({
      failure: { kind: 'auth', phase: 'before-request' },
      billing: 'none',
      costUsd: 0,
    })
  })

  test('that cannot be read is one that is missing', async () => {
    const { play } = stage({
      own: scripted(
        {
          apiKey() {
            throw new Error('the vault is locked')
          },
        },
        ['never'],
      ),
      ours: scripted({}, ['ours']),
    })
    const { lines, outcome } = await play()
    expect(lines).toContain('auth -> ours')
    expect(outcome.attempts[0]?.failure).toMatchObject({ phase: 'before-request' })
  })

  test('that is missing is looked for again in the next run', async () => {
    const key: { is: string | undefined } = { is: undefined }
    const { play } = stage({
      own: scripted({ provider: 'own', apiKey: () => key.is }, ['own']),
      ours: scripted({ provider: 'ours' }, ['ours']),
    })
    await play()
    key.is = 'found'
    expect((await play()).lines).toEqual(['try own', '"own"', 'completed'])
  })

  test('that is nowhere leads to safe, which degrades nothing', async () => {
    const { play } = stage({
      a: scripted({ apiKey: () => undefined }, ['never']),
      b: scripted({ apiKey: () => '' }, ['never']),
    })
    const { lines, outcome } = await play()
    expect(lines).toEqual([
      'try a',
      'auth -> b',
      'try b',
      'auth -> safe sorry',
      'try sorry',
      '"Sorry."',
      'safe',
    ])
    expect(outcome).toMatchObject({ status: 'safe', degraded: null, failure: { kind: 'auth' } })
  })
})

const tries = (lines: readonly string[]): number => lines.filter((line) => line === 'try a').length

describe('a retry of the same route', () => {
  test.each([
    ['a 500', [{ status: 500 }]],
    ['a 503', [{ status: 503 }]],
    ['a 504', [{ status: 504 }]],
    ['a 409', [{ status: 409 }]],
    ['a 408', [{ status: 408 }]],
    ['a connection error', [{ fail: 'network' }]],
  ] as readonly (readonly [string, Script])[])(
    'follows %s that came fast when no route remains',
    async (_, script) => {
      const { play } = stage({ a: scripted({}, script, ['at last']) })
      const { lines, outcome, tookMs } = await play()
      expect(lines.slice(2)).toEqual(['try a', '"at last"', 'completed'])
      expect(outcome.degraded).toBeNull()
      expect(tookMs).toBeLessThanOrEqual(1000)
    },
  )

  test('is one only', async () => {
    const { play } = stage({ a: scripted({}, [{ status: 500 }]) })
    const { lines } = await play()
    expect(tries(lines)).toBe(2)
    expect(lines.at(-1)).toBe('safe')
  })

  test('does not come while a route remains', async () => {
    const { play } = stage({
      a: scripted({ provider: 'a' }, [{ status: 500 }]),
      b: scripted({ provider: 'a' }, ['b']),
    })
    expect(tries((await play()).lines)).toBe(1)
  })

  test.each([
    ['that took 2 s', [2000, { status: 500 }]],
    ['that named no status', [{ fail: 'outage' }]],
    ['that was our own deadline', [HANG_BEFORE_HEADERS]],
    ['of another kind', [{ fail: 'invalid-response' }]],
  ] as readonly (readonly [string, Script])[])(
    'does not follow a failure %s',
    async (_, script) => {
      const { play } = stage({ a: scripted({}, script) })
      expect(tries((await play()).lines)).toBe(1)
    },
  )

  test('waits out a rate limit of under 5 s when no route remains', async () => {
    const limited: Script = [{ status: 429, headers: { 'retry-after': '4' } }]
    const { play } = stage({ a: scripted({}, limited, ['patience']) })
    const { lines, tookMs } = await play()
    expect(lines).toEqual(['try a', 'rate-limit -> retry a', 'try a', '"patience"', 'completed'])
    expect(tookMs).toBe(4000)
  })

  test.each(['5', '30'])('does not wait out a rate limit of %s s', async (seconds) => {
    const { play } = stage({
      a: scripted({}, [{ status: 429, headers: { 'retry-after': seconds } }]),
    })
    const { lines, tookMs } = await play()
    expect(lines).toContain('rate-limit -> safe sorry')
    expect(tookMs).toBe(0)
  })

  test.each([1, 2, 3, 4])(
    'does not come after the run’s time, as chance %i has it',
    async (seed) => {
      const { play } = stage(
        { a: scripted({}, [1_900, { status: 503 }]) },
        { limits: { totalMs: 1_960 } },
        { virtual: createVirtualWorld({ seed }) },
      )
      const { tookMs } = await play()
      expect(tookMs).toBeLessThanOrEqual(1_960)
    },
  )

  test('does not wait out a rate limit for longer than the run may last', async () => {
    const { play } = stage(
      { a: scripted({}, [{ status: 429, headers: { 'retry-after': '4' } }], ['too late']) },
      { limits: { totalMs: 3000 } },
    )
    const { lines, tookMs } = await play()
    expect(lines).toContain('rate-limit -> safe sorry')
    expect(tookMs).toBe(0)
  })

  test('draws on a bucket of two, which fills by one in 180 s', async () => {
    const { play, virtual } = stage({ a: scripted({}, [{ status: 500 }]) })
    const counts: number[] = []
    for (const pauseMs of [0, 0, 0, 180_000, 0]) {
      await virtual.advance(pauseMs)
      counts.push(tries((await play()).lines))
    }
    expect(counts).toEqual([2, 2, 1, 2, 1])
  })
})

describe('offline', () => {
  test('pauses before the first attempt and goes on when the network is back', async () => {
    const { start, virtual } = stage({ a: scripted({}, ['a']) })
    virtual.setOnline(false)
    const run = start()
    await virtual.advance(30_000)
    expect(run.store.getState()).toMatchObject({ phase: 'paused', status: 'submitted' })
    virtual.setOnline(true)
    const outcome = await virtual.until(run.outcome)
    expect(outcome).toMatchObject({ status: 'completed', text: 'a', degraded: null })
    expect(outcome.attempts).toHaveLength(1)
    expect(eventsOf(run.events, 'resumed')).toMatchObject([{ awayMs: 30_000 }])
    expect(virtual.pending()).toBe(0)
  })

  test('gives the safe answer after 60 s', async () => {
    const { play, virtual } = stage({ a: scripted({}, ['never']) })
    virtual.setOnline(false)
    const { lines, outcome, tookMs } = await play()
    expect(lines.slice(-3)).toEqual(['try sorry', '"Sorry."', 'safe'])
    expect(tookMs).toBe(60_000)
    expect(outcome).toMatchObject({
      failure: { kind: 'offline', phase: 'before-request' },
      degraded: { from: 'a', to: 'sorry', cause: 'offline' },
    })
    expect(outcome.attempts.map(({ route }) => route)).toEqual(['sorry'])
  })

  test('pauses on without a safe answer', async () => {
    const { start, virtual } = stage({ a: scripted({}, ['never']) }, { safe: undefined })
    virtual.setOnline(false)
    const run = start()
    await virtual.advance(10 * HOUR)
    expect(run.store.getState().phase).toBe('paused')
    expect(virtual.pending()).toBe(0)
    await run.stop()
    expect((await run.outcome).status).toBe('stopped')
  })

  test('takes a route on the device', async () => {
    const { play, virtual } = stage({
      cloud: scripted({ provider: 'a' }, ['never']),
      local: scripted({ provider: 'b', privacy: 'device' }, ['from here']),
    })
    virtual.setOnline(false)
    const { lines, outcome } = await play()
    expect(lines).toEqual(['offline -> local', 'try local', '"from here"', 'completed'])
    expect(outcome.degraded).toMatchObject({ from: 'cloud', to: 'local', cause: 'offline' })
  })

  test('in the middle takes a route on the device', async () => {
    const { play } = stage({
      cloud: scripted({ provider: 'a' }, ['half', { fail: 'offline' }]),
      other: scripted({ provider: 'c' }, ['never']),
      local: scripted({ provider: 'b', privacy: 'device' }, ['from here']),
    })
    expect((await play()).lines).toContain('offline -> restart on local')
  })

  test('does not take a canned answer for a route on the device', async () => {
    const { start, virtual } = stage({ a: scripted({}, ['a']) }, { ladder: ['a', 'sorry'] })
    virtual.setOnline(false)
    const run = start()
    await virtual.advance(1000)
    expect(run.store.getState().phase).toBe('paused')
    virtual.setOnline(true)
    expect((await virtual.until(run.outcome)).text).toBe('a')
  })

  test('is no evidence and no attempt', async () => {
    const { play, llm } = stage(
      {
        a: scripted({ provider: 'a' }, [{ fail: 'offline' }], [{ fail: 'outage' }]),
        b: scripted({ provider: 'b' }, ['b']),
      },
      { limits: { maxAttempts: 2 } },
    )
    const before = llm.explain({ workload: 'chat', prompt: 'Hello?' })
    expect((await play()).outcome).toMatchObject({ status: 'completed', route: 'b' })
    expect(llm.explain({ workload: 'chat', prompt: 'Hello?' }).excluded).toEqual(before.excluded)
  })

  test('stops the clock of the whole run', async () => {
    const { start, virtual } = stage({ a: scripted({}, [500, 'a']) }, { limits: { totalMs: 1000 } })
    virtual.setOnline(false)
    const run = start()
    await virtual.advance(30_000)
    virtual.setOnline(true)
    expect((await virtual.until(run.outcome)).status).toBe('completed')
  })

  test('keeps the text on the screen while it waits', async () => {
    const { start, virtual } = stage({
      a: scripted({}, ['half', 100, { fail: 'offline' }], ['whole']),
    })
    const run = start()
    await virtual.until(run.outcome)
    expect(run.states.filter(({ phase }) => phase === 'paused')).toMatchObject([
      { text: 'half', status: 'streaming' },
    ])
    expect((await run.outcome).text).toBe('whole')
  })
})

/** When the first attempt failed and why, where only the safe answer is left. */
async function failsAt(
  script: Script,
  workload: Parameters<typeof stage>[1] = {},
  facts: ScriptedOptions = {},
): Promise<readonly [kind: string | undefined, at: number]> {
  const { play } = stage({ a: scripted(facts, script) }, workload)
  const [failed] = eventsOf((await play()).events, 'attempt-failed')
  return [failed?.failure.kind, Math.round(failed?.at ?? 0)]
}

describe('a deadline', () => {
  test.each([
    ['chat', FIRST_MS, 10_000],
    ['reasoning', 30_000, 30_000],
    ['background', 60_000, 60_000],
  ] as const)('of %s has its default', async (pace, firstMs, gapMs) => {
    expect(FIRST_MS).toBe(11_923)
    expect(await failsAt([HANG_BEFORE_HEADERS], { pace })).toEqual(['timeout', firstMs])
    expect(await failsAt([HANG], { pace })).toEqual(['queue-stall', firstMs])
    expect(await failsAt([500, 'half', HANG], { pace })).toEqual(['stream-stall', 500 + gapMs])
  })

  test('is lengthened by a slow route', async () => {
    expect(await failsAt([HANG], {}, { pace: 'reasoning' })).toEqual(['queue-stall', 30_000])
    expect(await failsAt([HANG], { pace: 'background' }, { pace: 'reasoning' })).toEqual([
      'queue-stall',
      60_000,
    ])
  })

  test.each([
    [10, 4_000],
    [1_500, 1.5 * FIRST_MS],
    [10_000, 20_000],
  ])('follows an expected wait of %i ms, in bounds', async (firstChunkMs, deadlineMs) => {
    const [, at] = await failsAt([HANG], {}, { expect: { firstChunkMs } })
    expect(at).toBeCloseTo(deadlineMs, -1)
  })

  test('follows what is measured', async () => {
    const { play } = stage({
      a: scripted({}, ...Array.from({ length: 40 }, () => [100, 'a']), [HANG]),
    })
    for (let round = 0; round < 40; round += 1) await play()
    const [failed] = eventsOf((await play()).events, 'attempt-failed')
    expect(failed?.at).toBe(4_000)
  })

  test('of the product is latency-ceiling', async () => {
    expect(await failsAt([HANG], { limits: { firstChunkMs: 1500 } })).toEqual([
      'latency-ceiling',
      1500,
    ])
    expect(await failsAt([HANG_BEFORE_HEADERS], { limits: { firstChunkMs: 1500 } })).toEqual([
      'latency-ceiling',
      1500,
    ])
    expect(await failsAt([HANG], { limits: { totalMs: 5000 } })).toEqual(['latency-ceiling', 5000])
  })

  test('of the product does not lengthen the adaptive one', async () => {
    expect(await failsAt([HANG], { limits: { firstChunkMs: 15_000 } })).toEqual([
      'queue-stall',
      FIRST_MS,
    ])
  })

  test('for a gap is stream-stall', async () => {
    expect(await failsAt(['half', HANG], { limits: { chunkMs: 700 } })).toEqual([
      'stream-stall',
      700,
    ])
  })

  test('of the whole run keeps what there is', async () => {
    const { play } = stage(
      {
        a: scripted({ provider: 'a' }, [1000, 'one', 1000, ' two', HANG]),
        b: scripted({ provider: 'b' }, ['never']),
      },
      { limits: { totalMs: 5000 }, ladder: ['a'] },
    )
    const { lines, outcome, tookMs } = await play()
    expect(lines).toEqual(['try a', '"one two"', 'latency-ceiling -> keep', 'partial'])
    expect(outcome).toMatchObject({
      status: 'partial',
      text: 'one two',
      finish: 'truncated',
      route: 'a',
      failure: { kind: 'latency-ceiling', phase: 'streaming' },
    })
    expect(tookMs).toBe(5000)
  })

  test('of the whole run keeps what there is after a retry too', async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const { play } = stage(
        { a: scripted({}, [333.3, { status: 500 }], [77.7, 'half', HANG]) },
        { limits: { totalMs: 5000.1 } },
        { virtual: createVirtualWorld({ seed, startAt: 1_700_000_000_000.7 }) },
      )
      const { outcome, lines } = await play()
      expect([outcome.status, outcome.text, lines.at(-2)]).toEqual([
        'partial',
        'half',
        'latency-ceiling -> keep',
      ])
    }
  })

  test('of the whole run keeps what an earlier attempt left on the screen', async () => {
    const { play } = stage(
      {
        a: scripted({ provider: 'a' }, ['half', HANG]),
        b: scripted({ provider: 'b' }, [HANG]),
      },
      { limits: { totalMs: 15_000 } },
    )
    const { outcome, tookMs } = await play()
    expect(outcome).toMatchObject({ status: 'partial', text: 'half', route: 'a' })
    expect(tookMs).toBe(15_000)
  })

  test('of the whole run gives the safe answer when there is nothing', async () => {
    const { play } = stage({ a: scripted({}, [HANG]) }, { limits: { totalMs: 5000 } })
    const { lines, tookMs } = await play()
    expect(lines).toContain('latency-ceiling -> safe sorry')
    expect(tookMs).toBe(5000)
  })

  test('leaves each later rung its predicted p95', async () => {
    const { play } = stage(
      {
        a: scripted({ provider: 'a' }, [HANG]),
        b: scripted({ provider: 'b' }, [HANG]),
        c: scripted({ provider: 'c' }, [HANG]),
      },
      { limits: { totalMs: 10_000 }, on: { 'latency-ceiling': 'next' } },
    )
    const failed = eventsOf((await play()).events, 'attempt-failed')
    expect(failed.map(({ failure }) => failure.kind)).toEqual(Array(3).fill('latency-ceiling'))
    const [first = 0, second = 0, third = 0] = failed.map(({ at }) => at)
    expect(first).toBeCloseTo(10_000 - 2 * P95_MS, 3)
    expect(second).toBeCloseTo(10_000 - P95_MS, 3)
    expect(third).toBeCloseTo(10_000, 3)
  })

  test('takes the reserve of the lowest rungs until it has its own p95', async () => {
    const { play } = stage(
      {
        a: scripted({ provider: 'a' }, [HANG]),
        b: scripted({ provider: 'b' }, [HANG]),
        c: scripted({ provider: 'c' }, [HANG]),
      },
      { limits: { totalMs: 7000 }, on: { 'latency-ceiling': 'next' } },
    )
    const failed = eventsOf((await play()).events, 'attempt-failed').map(({ at }) => at)
    expect(failed).toHaveLength(2)
    expect(failed[0]).toBeCloseTo(7000 - P95_MS, 3)
    expect(failed[1]).toBeCloseTo(7000, 3)
  })

  test('leaves nothing to routes that are no rung', async () => {
    const { play } = stage(
      {
        a: scripted({ provider: 'a' }, [HANG]),
        x: scripted({ provider: 'x' }, ['x']),
        y: scripted({ provider: 'y' }, ['y']),
      },
      { ladder: ['a'], on: { 'blocked-content': ['x', 'y'] }, limits: { totalMs: 8000 } },
    )
    const [failed] = eventsOf((await play()).events, 'attempt-failed')
    expect(failed?.at).toBe(8000)
  })

  test('is not moved by headers', async () => {
    expect(await failsAt([]), 'an empty script finishes with no content').toEqual([
      'invalid-response',
      0,
    ])
    const { play } = stage({
      a: wired({}, async ({ signal, world }, tell) => {
        await new Promise<void>((resolve) => world.after(8000, resolve))
        tell({ type: 'headers', status: 200 })
        await silence(signal)
      }),
    })
    const [failed] = eventsOf((await play()).events, 'attempt-failed')
    expect(failed?.failure.kind).toBe('queue-stall')
    expect(failed?.at).toBeCloseTo(FIRST_MS, -1)
  })

  test('is moved by reasoning', async () => {
    expect(await failsAt([8000, { reasoning: 'hm' }, 8000, { reasoning: 'hm' }, HANG])).toEqual([
      'queue-stall',
      16_000 + FIRST_MS,
    ])
  })

  test('is moved by reasoning between contents', async () => {
    expect(
      await failsAt(['half', 8000, { reasoning: 'hm' }, 8000, { reasoning: 'hm' }, HANG]),
    ).toEqual(['stream-stall', 26_000])
  })

  test('is moved by parts of a tool call', async () => {
    const { play } = stage({
      a: wired({}, async ({ signal, world }, tell) => {
        tell({ type: 'headers', status: 200 })
        for (let count = 0; count < 3; count += 1) {
          await new Promise<void>((resolve) => world.after(8000, resolve))
          tell({ type: 'tool-delta' })
        }
        await silence(signal)
      }),
    })
    const [failed] = eventsOf((await play()).events, 'attempt-failed')
    expect(failed?.failure.kind).toBe('queue-stall')
    expect(failed?.at).toBeCloseTo(24_000 + FIRST_MS, -1)
  })

  test('of the product is not moved by reasoning', async () => {
    expect(
      await failsAt([800, { reasoning: 'hm' }, 800, { reasoning: 'hm' }, HANG], {
        limits: { firstChunkMs: 2000 },
      }),
    ).toEqual(['latency-ceiling', 2000])
  })

  test('does not fall on a stream that flows', async () => {
    const { play } = stage({
      a: scripted({}, Array.from({ length: 20 }, () => [9000, '.']).flat()),
    })
    const { outcome } = await play()
    expect(outcome.status).toBe('completed')
    expect(outcome.latency).toMatchObject({ firstContentMs: 9000, longestGapMs: 9000 })
  })
})

describe('a page that sleeps', () => {
  test.each([
    ['before headers', [HANG_BEFORE_HEADERS], 'timeout', FIRST_MS],
    ['before content', [HANG], 'queue-stall', FIRST_MS],
    ['between contents', ['half', HANG], 'stream-stall', 10_000],
  ] as readonly (readonly [string, Script, FailureKind, number])[])(
    'does not make a stall of its sleep %s',
    async (_, script, kind, deadlineMs) => {
      const { start, virtual } = stage({ a: scripted({}, script) })
      const run = start()
      await virtual.advance(1000)
      await virtual.sleep(HOUR)
      await virtual.advance(1000)
      expect(eventsOf(run.events, 'attempt-failed')).toEqual([])
      await virtual.until(run.outcome)
      const [failed] = eventsOf(run.events, 'attempt-failed')
      expect(failed?.failure.kind).toBe(kind)
      expect(failed?.at).toBeGreaterThanOrEqual(HOUR + deadlineMs - 1500)
      expect(failed?.at).toBeLessThanOrEqual(HOUR + deadlineMs + 3000)
      expect(virtual.pending()).toBe(0)
    },
  )

  test('does not make a stall of a sleep shorter than the deadline', async () => {
    const { start, virtual } = stage({ a: scripted({}, ['half', HANG]) })
    const run = start()
    await virtual.advance(3000)
    await virtual.sleep(6000)
    // Awake for 3 s before and 4 s after: 7 s of silence that the page could have heard.
    await virtual.advance(4000)
    expect(eventsOf(run.events, 'attempt-failed')).toEqual([])
    await virtual.until(run.outcome)
  })

  test('reads what came meanwhile before it judges', async () => {
    const { start, virtual } = stage({
      a: scripted({}, ['half', 30_000, ' and the rest']),
    })
    const run = start()
    await virtual.advance(1000)
    await virtual.sleep(HOUR)
    expect(await virtual.until(run.outcome)).toMatchObject({
      status: 'completed',
      text: 'half and the rest',
    })
  })

  test('takes its sleep out of the time of the whole run', async () => {
    const { start, virtual } = stage(
      { a: scripted({}, [3000, 'half', 3000, ' whole']) },
      { limits: { totalMs: 8000 } },
    )
    const run = start()
    await virtual.advance(1000)
    await virtual.sleep(HOUR)
    expect((await virtual.until(run.outcome)).status).toBe('completed')
  })

  test('takes its sleep out of the time of the whole run for the next attempt too', async () => {
    const { start, virtual } = stage(
      {
        a: scripted({ provider: 'a' }, [5000, { status: 500 }]),
        b: scripted({ provider: 'b' }, [1000, 'b']),
      },
      { limits: { totalMs: 20_000 } },
    )
    const run = start()
    await virtual.advance(1000)
    await virtual.sleep(HOUR)
    expect(await virtual.until(run.outcome)).toMatchObject({ status: 'completed', text: 'b' })
  })

  test('measures nothing of the route', async () => {
    const { start, virtual, llm } = stage({ a: scripted({}, [2000, 'a']) })
    const run = start()
    await virtual.advance(1000)
    await virtual.sleep(HOUR)
    await virtual.until(run.outcome)
    const [rung] = llm.explain({ workload: 'chat', prompt: 'Hello?' }).routes
    expect(rung?.expected.waitFrom).toBe('prior')
  })
})

describe('a page that is hidden', () => {
  test('allows gaps of 90 s, and keeps the deadline of the first content', async () => {
    const { play, virtual } = stage({ a: scripted({}, ['half', HANG], [HANG]) })
    virtual.setHidden(true)
    const [gap] = eventsOf((await play()).events, 'attempt-failed')
    expect(gap).toMatchObject({ at: 90_000, failure: { kind: 'stream-stall' } })
    const [first] = eventsOf((await play()).events, 'attempt-failed')
    expect(first?.failure.kind).toBe('queue-stall')
    expect(first?.at).toBeLessThanOrEqual(20_000)
  })

  test('allows more where the pace does', async () => {
    const { play, virtual } = stage(
      { a: scripted({}, ['half', HANG]) },
      { pace: 'background', limits: {} },
    )
    virtual.setHidden(true)
    expect(eventsOf((await play()).events, 'attempt-failed')[0]?.at).toBe(90_000)
  })

  test('falls back as ever', async () => {
    const { play, virtual } = stage({
      a: scripted({ provider: 'a' }, [{ fail: 'outage' }]),
      b: scripted({ provider: 'b' }, ['b']),
    })
    virtual.setHidden(true)
    expect((await play()).outcome.route).toBe('b')
  })

  test('lets questions wait', async () => {
    const { start, virtual } = stage(four([{ fail: 'outage' }]), { on: { outage: 'ask' } })
    const run = start({ canConfirm: true })
    await virtual.advance(1000)
    virtual.setHidden(true)
    await virtual.advance(10 * 60_000)
    virtual.setHidden(false)
    expect(run.store.getState().phase).toBe('asking')
    run.confirm()
    expect((await virtual.until(run.outcome)).route).toBe('b')
  })
})

function half(
  overrides: Parameters<typeof stage>[1] = {},
  second: ReturnType<typeof scripted> = scripted({ provider: 'b' }, ['b']),
): ReturnType<typeof stage> {
  return stage(
    { a: scripted({ provider: 'a' }, ['half', CUT]), b: second },
    { recovery: 'ask', ...overrides },
  )
}

describe('recovery after first content', () => {
  test('restarts atomically: the text is never empty between old and new', async () => {
    const { play } = stage({
      a: scripted({ provider: 'a' }, [100, 'old', 100, ' text', HANG]),
      b: scripted({ provider: 'b' }, [2000, 'new', 100, ' text']),
    })
    const { lines, outcome, states } = await play()
    expect(lines).toEqual([
      'try a',
      '"old text"',
      'stream-stall -> restart on b',
      'try b',
      '"new text"',
      'completed',
    ])
    expect([...new Set(states.map(({ text }) => text))]).toEqual([
      '',
      'old',
      'old text',
      'new',
      'new text',
    ])
    expect(outcome.message.content).toEqual([{ type: 'text', text: 'new text' }])
    expect(outcome.attempts.map(({ move }) => move?.to)).toEqual(['route', undefined])
  })

  test('keeps the old text through attempts that say nothing', async () => {
    const { play } = stage({
      a: scripted({ provider: 'a' }, ['old', CUT]),
      b: scripted({ provider: 'b' }, [{ reasoning: 'hm' }, { fail: 'outage' }]),
      c: scripted({ provider: 'c' }, [1000, 'new']),
    })
    const { states, outcome } = await play()
    expect([...new Set(states.map(({ text }) => text))].filter((text) => text !== '')).toEqual([
      'old',
      'new',
    ])
    expect(outcome.text).toBe('new')
    expect(JSON.stringify(outcome.message)).not.toContain('hm')
  })

  test.each([
    ['restarts', 299, true, 'truncated -> restart on b'],
    ['restarts', 299, false, 'truncated -> restart on b'],
    ['asks', 300, true, 'truncated -> ask about b'],
    ['restarts', 300, false, 'truncated -> restart on b'],
  ] as const)('%s after %i characters with canConfirm %s', async (_, chars, canConfirm, line) => {
    const { start, virtual } = stage({
      a: scripted({ provider: 'a' }, ['x'.repeat(chars), CUT]),
      b: scripted({ provider: 'b' }, ['b']),
    })
    const run = start({ canConfirm: () => canConfirm })
    await virtual.advance(0)
    run.confirm()
    await virtual.until(run.outcome)
    const moves = eventsOf(run.events, 'moved')
    expect(moves[0]?.move.to).toBe(line.includes('ask') ? 'ask' : 'route')
    expect((await run.outcome).text).toBe('b')
    expect(virtual.pending()).toBe(0)
  })

  test('restarts structured output without asking', async () => {
    const { play } = stage({
      a: scripted({ provider: 'a' }, [`{"a":"${LONG}`, CUT]),
      b: scripted({ provider: 'b' }, ['{}']),
    })
    const output = {
      '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) },
    } as const
    const { lines } = await play({ canConfirm: true, output })
    expect(lines).toContain('truncated -> restart on b')
  })

  test('restarts a tool call without asking', async () => {
    const { play } = stage({
      a: scripted({ provider: 'a' }, [LONG, { call: { name: 'look', input: {} } }, CUT]),
      b: scripted({ provider: 'b' }, ['b']),
    })
    expect((await play({ canConfirm: true })).lines).toContain('truncated -> restart on b')
  })

  test('keeps what there is, where the workload says so', async () => {
    const { play } = stage(
      {
        a: scripted({ provider: 'a' }, ['half', CUT]),
        b: scripted({ provider: 'b' }, ['never']),
      },
      { recovery: 'keep' },
    )
    const { lines, outcome } = await play()
    expect(lines).toEqual(['try a', '"half"', 'truncated -> keep', 'partial'])
    expect(outcome).toMatchObject({
      status: 'partial',
      text: 'half',
      finish: 'truncated',
      route: 'a',
      degraded: null,
      failure: { kind: 'truncated', phase: 'streaming' },
    })
  })

  describe('asks', () => {
    test('and a yes restarts by another route', async () => {
      const { start, virtual } = half()
      const run = start({ canConfirm: true })
      await virtual.advance(0)
      expect(run.store.getState()).toMatchObject({
        phase: 'asking',
        status: 'streaming',
        text: 'half',
        confirmation: {
          about: 'recovery',
          route: 'b',
          cause: 'truncated',
          declineTo: 'keep',
          expiresAt: 60_000,
        },
      })
      run.confirm()
      expect(await virtual.until(run.outcome)).toMatchObject({ status: 'completed', text: 'b' })
      expect(run.store.getState().confirmation).toBeNull()
      expect(eventsOf(run.events, 'answered')).toMatchObject([{ answer: 'yes', scope: 'once' }])
      expect(virtual.pending()).toBe(0)
    })

    test('and a no keeps', async () => {
      const { start, virtual } = half()
      const run = start({ canConfirm: true })
      await virtual.advance(0)
      run.decline()
      expect(await virtual.until(run.outcome)).toMatchObject({ status: 'partial', text: 'half' })
      expect(eventsOf(run.events, 'answered')).toMatchObject([{ answer: 'no' }])
      expect(virtual.pending()).toBe(0)
    })

    test('and no word for 60 s is a no', async () => {
      const { play } = half()
      const { lines, outcome, tookMs } = await play({ canConfirm: true })
      expect(lines.slice(-3)).toEqual(['answered expired', 'truncated -> keep', 'partial'])
      expect(outcome.text).toBe('half')
      expect(tookMs).toBe(60_000)
    })

    test('nobody where nobody can answer', async () => {
      const { play } = half()
      const { outcome, tookMs } = await play()
      expect(outcome).toMatchObject({ status: 'partial', text: 'half' })
      expect(tookMs).toBe(0)
    })

    test('about the route that the row of the kind chooses', async () => {
      const { start, virtual } = stage(
        {
          a: scripted({ provider: 'a' }, ['half', CUT]),
          b: scripted({ provider: 'b' }, ['b']),
          c: scripted({ provider: 'c' }, ['c']),
        },
        { recovery: 'ask', on: { truncated: ['c'] } },
      )
      const run = start({ canConfirm: true })
      await virtual.advance(0)
      expect(run.store.getState().confirmation?.route).toBe('c')
      await run.stop()
    })

    test('about no other provider after blocked content', async () => {
      const { start, virtual } = stage(
        {
          a: scripted({ provider: 'a' }, ['half', { fail: 'blocked-content' }]),
          b: scripted({ provider: 'b' }, ['b']),
        },
        { recovery: 'ask' },
      )
      const run = start({ canConfirm: true })
      await virtual.advance(0)
      run.confirm()
      const { attempts } = await virtual.until(run.outcome)
      expect(attempts.map(({ route }) => route)).not.toContain('b')
    })

    test('once where the yes was for the session', async () => {
      const { start, virtual } = half()
      const first = start({ canConfirm: true })
      await virtual.advance(0)
      first.confirm('session')
      await virtual.until(first.outcome)
      const second = start({ canConfirm: true })
      expect(await virtual.until(second.outcome)).toMatchObject({ status: 'completed', text: 'b' })
      expect(second.states.filter(({ confirmation }) => confirmation !== null)).toEqual([])
      expect(virtual.pending()).toBe(0)
    })

    test('again where the yes was for once', async () => {
      const { start, virtual } = half()
      const first = start({ canConfirm: true })
      await virtual.advance(0)
      first.confirm()
      await virtual.until(first.outcome)
      await virtual.advance(600_000)
      const second = start({ canConfirm: true })
      await virtual.advance(0)
      expect(second.store.getState().phase).toBe('asking')
      await second.stop()
    })

    test('and stops the clock of the whole run meanwhile', async () => {
      const { start, virtual } = half(
        { limits: { totalMs: 5000 } },
        scripted({ provider: 'b' }, [2000, 'b']),
      )
      const run = start({ canConfirm: true })
      await virtual.advance(50_000)
      run.confirm()
      expect(await virtual.until(run.outcome)).toMatchObject({ status: 'completed', text: 'b' })
    })

    test('nothing when no other route could do it', async () => {
      const { play } = stage({ a: scripted({ provider: 'a' }, ['half', CUT]) }, { recovery: 'ask' })
      expect((await play({ canConfirm: true })).lines).toEqual([
        'try a',
        '"half"',
        'truncated -> keep',
        'partial',
      ])
    })

    test('no when the question itself breaks', async () => {
      const { play } = half()
      const { outcome } = await play({
        canConfirm() {
          throw new Error('a component broke')
        },
      })
      expect(outcome).toMatchObject({ status: 'partial', text: 'half' })
    })
  })
})

async function ends(script: Script, request = {}): ReturnType<ReturnType<typeof stage>['play']> {
  return stage({ a: scripted({}, script) }).play(request)
}

describe('the end of a stream', () => {
  test('without its word for it is truncated', async () => {
    const { outcome } = await ends(['half', CUT])
    expect(outcome.attempts[0]?.failure).toMatchObject({ kind: 'truncated', phase: 'streaming' })
  })

  test('without content is invalid-response', async () => {
    for (const script of [[], [CUT], [{ finish: 'stop' }], [{ reasoning: 'hm' }]] as Script[]) {
      const { outcome } = await ends(script)
      expect(outcome.attempts[0]?.failure?.kind).toBe('invalid-response')
    }
  })

  test('without content is an answer after a tool result', async () => {
    const messages = [
      { role: 'user', content: 'Book it.' },
      {
        role: 'assistant',
        content: [{ type: 'tool-call', id: '1', name: 'book', input: {} }],
      },
      {
        role: 'tool',
        content: [{ type: 'tool-result', id: '1', name: 'book', output: 'done' }],
      },
    ] as const
    const { outcome } = await ends([{ finish: 'stop' }], { messages, prompt: undefined })
    expect(outcome).toMatchObject({ status: 'completed', text: '', finish: 'stop', failure: null })
  })

  test('that was filtered before content is blocked-content', async () => {
    const { lines } = await ends([{ finish: 'filtered' }])
    expect(lines).toContain('blocked-content -> safe sorry')
  })

  test('that was filtered after content keeps the text', async () => {
    const { outcome } = await ends(['half', { finish: 'filtered' }])
    expect(outcome).toMatchObject({ status: 'completed', finish: 'filtered', text: 'half' })
    expect(outcome.attempts).toHaveLength(1)
  })

  test('of a refusal keeps its words', async () => {
    const { lines, outcome } = await ends([{ refusal: 'I cannot ' }, { refusal: 'help.' }])
    expect(lines).toEqual(['try a', '"I cannot help."', 'completed'])
    expect(outcome).toMatchObject({ finish: 'refused', text: 'I cannot help.', object: null })
  })

  test('tells length and tool calls', async () => {
    expect((await ends(['half', { finish: 'length' }])).outcome.finish).toBe('length')
    const { outcome, lines } = await ends([{ call: { name: 'book', input: { seat: 1 }, id: '1' } }])
    expect(outcome).toMatchObject({
      status: 'completed',
      finish: 'tool-calls',
      message: {
        role: 'assistant',
        content: [{ type: 'tool-call', id: '1', name: 'book', input: { seat: 1 } }],
      },
    })
    expect(lines).toEqual(['try a', 'calls book', 'completed'])
  })

  test('comes after 2 s of silence once the finish is said', async () => {
    const { play } = stage({
      a: wired({}, async ({ signal }, tell) => {
        tell({ type: 'headers', status: 200 })
        tell({ type: 'text', text: 'whole' })
        tell({ type: 'finish', finish: 'stop' })
        await silence(signal)
      }),
    })
    const { outcome, tookMs } = await play()
    expect(outcome).toMatchObject({ status: 'completed', text: 'whole', finish: 'stop' })
    expect(tookMs).toBe(2000)
  })

  test('is a clean end once the finish is said', async () => {
    const { play } = stage({
      a: wired({}, async (_, tell) => {
        tell({ type: 'headers', status: 200 })
        tell({ type: 'text', text: 'whole' })
        tell({ type: 'finish', finish: 'stop' })
      }),
    })
    expect(await play()).toMatchObject({ outcome: { status: 'completed' }, tookMs: 0 })
  })

  test('is the terminal alone', async () => {
    const { play } = stage({
      a: wired({}, async (_, tell) => {
        tell({ type: 'headers', status: 200 })
        tell({ type: 'text', text: 'whole' })
        tell({ type: 'terminal' })
      }),
    })
    expect((await play()).outcome).toMatchObject({ status: 'completed', finish: 'stop' })
  })

  test('is the first finish that is said', async () => {
    const { play } = stage({
      a: wired({}, async (_, tell) => {
        tell({ type: 'headers', status: 200 })
        tell({ type: 'text', text: 'half' })
        tell({ type: 'finish', finish: 'length' })
        tell({ type: 'finish', finish: 'stop' })
      }),
    })
    expect((await play()).outcome.finish).toBe('length')
  })

  test('passes over three malformed events, and no more', async () => {
    const bad = { malformed: true } as const
    const { outcome } = await ends(['a', bad, bad, bad, 'b'])
    expect(outcome).toMatchObject({ status: 'completed', text: 'ab' })
    expect(outcome.attempts[0]?.skippedEvents).toBe(3)
    const { outcome: worse } = await ends(['a', bad, bad, bad, bad, 'b'])
    expect(worse.attempts[0]).toMatchObject({
      failure: { kind: 'invalid-response' },
      skippedEvents: 4,
    })
  })

  test('by an error inside the stream is classified like a status', async () => {
    const { outcome } = await ends(['a', { error: { error: { type: 'overloaded_error' } } }])
    expect(outcome.attempts[0]?.failure).toMatchObject({ kind: 'outage', phase: 'streaming' })
  })
})

describe('safe', () => {
  test('is told what led to it', async () => {
    const told: unknown[] = []
    const virtual = createVirtualWorld()
    const llm = createLLM({
      world: virtual.world,
      routes: {
        a: scripted({}, [{ fail: 'timeout' }]),
        sorry: canned((failure) => {
          told.push(failure?.kind)
          return `It was ${failure?.kind}.`
        }),
      },
      workloads: { chat: { ladder: ['a'], safe: 'sorry' } },
    })
    const { text } = await virtual.until(llm.run({ workload: 'chat', prompt: 'Hi' }).outcome)
    expect(text).toBe('It was timeout.')
    expect(told).toEqual(['timeout'])
  })

  test.each([
    [
      'throws',
      (): string => {
        throw new Error('a bug of the product')
      },
    ],
    ['says nothing', (): string => ''],
  ])('is not tried without end when it %s', async (_, fails) => {
    const virtual = createVirtualWorld()
    let told = 0
    const llm = createLLM({
      world: virtual.world,
      routes: {
        a: scripted({}, [{ fail: 'timeout' }]),
        sorry: canned(() => {
          told += 1
          return told < 9 ? fails() : 'At last.'
        }),
      },
      workloads: { chat: { ladder: ['a'], safe: 'sorry' } },
    })
    await virtual.until(llm.run({ workload: 'chat', prompt: 'Hi' }).outcome)
    expect(told).toBe(1)
  })

  test('is named as a rung too', async () => {
    const { play } = stage({ a: scripted({}, [{ fail: 'timeout' }]) }, { ladder: ['a', 'sorry'] })
    expect((await play()).outcome.status).toBe('safe')
  })
})

describe('the money of a run', () => {
  const price = { inputPerMTok: 1, outputPerMTok: 2 }
  const usage: Usage = { inputTokens: 1000, outputTokens: 500 }
  /** Two tokens in, 800 out. */
  const reserveUsd = (2 * 1 + 800 * 2) / 1e6

  test('is by its usage', async () => {
    const { play } = stage({ a: scripted({ price }, ['a', { usage }]) })
    const { outcome } = await play()
    expect(outcome).toMatchObject({ costUsd: 0.002, usage })
    expect(outcome.attempts[0]).toMatchObject({ costUsd: 0.002, billing: 'billed', usage })
  })

  test('is by what was reckoned without a usage', async () => {
    const { play } = stage({ a: scripted({ price }, ['a']) })
    const { outcome } = await play()
    expect(outcome.attempts[0]).toMatchObject({ costUsd: reserveUsd, billing: 'billed' })
    expect(outcome.usage).toBeNull()
  })

  test.each([
    ['a status', [{ status: 500 }], 'none', 0],
    ['a fast connection error', [{ fail: 'network' }], 'none', 0],
    ['a slow connection error', [2000, { fail: 'network' }], 'possible', reserveUsd],
    ['a queue-stall', [HANG], 'possible', reserveUsd],
    ['a broken stream', ['half', CUT], 'possible', reserveUsd],
    ['a broken stream with its usage', ['half', { usage }, CUT], 'billed', 0.002],
  ] as readonly (readonly [string, Script, string, number])[])(
    'after %s is what may be charged',
    async (_, script, billing, costUsd) => {
      const { play } = stage({
        a: scripted({ provider: 'a', price }, script),
        b: scripted({ provider: 'b', price: 'included' }, ['b']),
      })
      const { outcome, events } = await play()
      expect(outcome.attempts[0]).toMatchObject({ billing, costUsd })
      expect(eventsOf(events, 'attempt-failed')).toMatchObject([{ billing, costUsd }])
      expect(outcome.costUsd).toBe(costUsd)
    },
  )

  test('is of every attempt, and null when one is unknown', async () => {
    const { play } = stage({
      a: scripted({ provider: 'a', price }, ['half', { usage }, CUT]),
      b: scripted({ provider: 'b', price }, ['b', { usage }]),
    })
    expect((await play()).outcome.costUsd).toBeCloseTo(0.004, 12)
    const { play: playUnknown } = stage({
      a: scripted({ provider: 'a' }, ['half', { usage }, CUT]),
      b: scripted({ provider: 'b', price }, ['b', { usage }]),
    })
    expect((await playUnknown()).outcome.costUsd).toBeNull()
  })

  test.each([
    ['by its usage where that came', ['half', { usage }, HANG], 0.002],
    ['by what was reckoned where none came', ['half', HANG], reserveUsd],
  ] as readonly (readonly [string, Script, number])[])(
    'of a run that was stopped is %s',
    async (_, script, costUsd) => {
      const { start, virtual } = stage({ a: scripted({ price }, script) })
      const run = start()
      await virtual.advance(1000)
      await run.stop()
      const { costUsd: sum, attempts } = await run.outcome
      expect(attempts).toMatchObject([{ costUsd }])
      expect(sum).toBe(costUsd)
    },
  )

  test('keeps later attempts within the cost limit', async () => {
    const { play, llm } = stage(
      {
        a: scripted({ provider: 'a', price: { inputPerMTok: 0, outputPerMTok: 100 } }, [HANG]),
        b: scripted({ provider: 'b', price: { inputPerMTok: 0, outputPerMTok: 100 } }, ['never']),
        c: scripted({ provider: 'c', price: { inputPerMTok: 0, outputPerMTok: 20 } }, ['c']),
        unknown: scripted({ provider: 'd' }, ['never']),
      },
      { limits: { costUsd: 0.1 } },
    )
    expect(llm.explain({ workload: 'chat', prompt: 'Hello?' }).excluded).toMatchObject([
      { route: 'unknown', why: 'price-unknown' },
    ])
    const { lines } = await play()
    expect(lines.filter((line) => line.startsWith('try'))).toEqual(['try a', 'try c'])
  })

  test('excludes a route that is too dear by itself', async () => {
    const { llm, play } = stage(
      {
        dear: scripted({ provider: 'a', price: { inputPerMTok: 0, outputPerMTok: 1000 } }, ['no']),
        fair: scripted({ provider: 'b', price }, ['fair']),
      },
      { limits: { costUsd: 0.1 } },
    )
    expect(llm.explain({ workload: 'chat', prompt: 'Hello?' }).excluded).toMatchObject([
      { route: 'dear', why: 'too-costly' },
    ])
    const { outcome } = await play()
    expect(outcome).toMatchObject({ route: 'fair', degraded: null })
  })

  test('is reckoned with the output that was asked for', async () => {
    const { llm } = stage({ a: scripted({ price }, ['a']) })
    const expected = (maxOutputTokens: number): number | null | undefined =>
      llm.explain({ workload: 'chat', prompt: 'Hello?', maxOutputTokens }).routes[0]?.expected
        .costUsd
    expect(expected(100)).toBeCloseTo((2 + 200) / 1e6, 12)
    expect(expected(5000)).toBeCloseTo(reserveUsd, 12)
  })
})

describe('attempts', () => {
  test('are no more than the limit', async () => {
    const { play } = stage(
      {
        a: scripted({ provider: 'a' }, [{ fail: 'outage' }]),
        b: scripted({ provider: 'b' }, [{ fail: 'outage' }]),
        c: scripted({ provider: 'c' }, ['never']),
      },
      { limits: { maxAttempts: 2 } },
    )
    expect((await play()).lines).toEqual([
      'try a',
      'outage -> b',
      'try b',
      'outage -> safe sorry',
      'try sorry',
      '"Sorry."',
      'safe',
    ])
  })

  test('are no more than the limit with retries counted', async () => {
    const { play } = stage(
      { a: scripted({}, [{ status: 500 }], ['never']) },
      { limits: { maxAttempts: 1 } },
    )
    expect((await play()).lines).toContain('outage -> safe sorry')
  })

  test('tell their times', async () => {
    const { play } = stage({
      a: scripted({ provider: 'a' }, [{ reasoning: 'hm' }, 500, 'half', 250, CUT]),
      b: scripted({ provider: 'b' }, [100, 'b', 50]),
    })
    const { outcome } = await play()
    expect(outcome.attempts).toMatchObject([
      { attempt: 1, why: 'first', startedAt: 0, headersMs: 0, firstContentMs: 500, totalMs: 750 },
      {
        attempt: 2,
        why: 'next',
        startedAt: 750,
        headersMs: 100,
        firstContentMs: 100,
        totalMs: 150,
      },
    ])
    expect(outcome.latency).toMatchObject({ firstContentMs: 500, longestGapMs: 350, totalMs: 900 })
  })

  test('are called slow after the p90', async () => {
    const { play } = stage({ a: scripted({}, [5000, 'a']) })
    const { events, states } = await play()
    const p90 = 1000 * Math.exp(1.2816 * 0.6 * Math.sqrt(1.25))
    const [slowed] = eventsOf(events, 'slowed')
    expect(slowed?.at).toBeCloseTo(p90, 3)
    expect(slowed?.expectedMs).toBeCloseTo(p90, 3)
    expect(states.some(({ isSlow }) => isSlow)).toBe(true)
    expect(states.at(-1)?.isSlow).toBe(false)
  })

  test('that wait no longer than the p90 are not called slow', async () => {
    const { play } = stage({ a: scripted({}, [2000, 'a', 9000, 'b']) })
    expect(eventsOf((await play()).events, 'slowed')).toEqual([])
  })
})

describe('degraded', () => {
  test('keeps the instant since when, and tells the tradeoff against the promised route', async () => {
    const { play } = stage(
      {
        a: scripted({ provider: 'a', quality: 0.9, price: { inputPerMTok: 1, outputPerMTok: 1 } }, [
          1000,
          { fail: 'outage' },
        ]),
        b: scripted({ provider: 'b' }, [1000, { fail: 'outage' }]),
        c: scripted(
          {
            provider: 'c',
            quality: 0.4,
            payer: 'user',
            privacy: 'own',
            expect: { firstChunkMs: 3000 },
            price: { inputPerMTok: 2, outputPerMTok: 2 },
          },
          ['c'],
        ),
      },
      { ask: { payer: false } },
    )
    const { degraded } = (await play()).outcome
    expect(degraded).toMatchObject({ from: 'a', to: 'c', cause: 'outage', since: 1000 })
    expect(degraded?.tradeoff).toMatchObject({
      waitMs: { promised: expect.closeTo(1000, 3), delivered: expect.closeTo(3000, 3) },
      quality: { promised: 0.9, delivered: 0.4 },
      payer: { promised: 'product', delivered: 'user' },
      privacy: { promised: 'third-party', delivered: 'own' },
      costUsd: { promised: 802 / 1e6, delivered: (2 * 802) / 1e6 },
    })
  })

  test('is null when the tier does not permit the first rung', async () => {
    const { play } = stage(
      {
        us: scripted({ provider: 'a', region: 'us' }, ['never']),
        eu: scripted({ provider: 'b', region: 'eu' }, ['eu']),
      },
      {},
      { tiers: { enterprise: { regions: ['eu'] } } },
    )
    const { lines, outcome } = await play({ tier: 'enterprise' })
    expect(lines).toEqual(['try eu', '"eu"', 'completed'])
    expect(outcome.degraded).toBeNull()
  })

  test('is null for a run that goes back to the promised route', async () => {
    const { play } = stage({
      a: scripted({ provider: 'a', quality: 0.9 }, [{ status: 500 }], ['a']),
    })
    expect((await play()).outcome).toMatchObject({ status: 'completed', degraded: null })
  })
})
