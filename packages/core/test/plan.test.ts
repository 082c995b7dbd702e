import { describe, expect, test } from 'vitest'
import { createLLM, type Limits, type Plan, type Tier, type Workload } from '../src/index.ts'
import { DEFAULTS } from '../src/policy/direction.ts'
import { createVirtualWorld, scripted, type ScriptedOptions } from '../src/testing.ts'
import { FAILURE_KINDS, stage, type Request } from './play.ts'

/** The plan for one route of these facts, beside one that satisfies everything. */
function planFor(
  facts: ScriptedOptions,
  request: Request = {},
  workload: Partial<Workload<string>> = {},
  tier?: Tier<string, string>,
): Plan {
  const { llm } = stage(
    {
      a: scripted(facts, ['a']),
      here: scripted({ privacy: 'device', price: 'included', quality: 1 }, ['here']),
    },
    workload,
    tier ? { tiers: { pro: tier }, defaultTier: 'pro' } : {},
  )
  return llm.explain({ workload: 'chat', prompt: 'Hello?', ...request })
}

const image = [
  {
    role: 'user',
    content: [{ type: 'image', mediaType: 'image/png', data: 'AAAA' }],
  },
] as const
const output = {
  '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) },
} as const
const dear = { price: { inputPerMTok: 0, outputPerMTok: 1000 } }

describe('a route is not acceptable', () => {
  test.each<
    readonly [
      string,
      facts: ScriptedOptions,
      request: Request,
      limits: Limits,
      tier: Tier<string, string> | undefined,
      why: string,
      because: RegExp,
    ]
  >([
    [
      'without images',
      { abilities: ['text'] },
      { messages: image },
      {},
      undefined,
      'cannot-do',
      /image/,
    ],
    [
      'without tools',
      { abilities: ['text'] },
      { tools: { look: { description: 'Looks.', input: output } } },
      {},
      undefined,
      'cannot-do',
      /tools/,
    ],
    [
      'without structured output',
      { abilities: ['text'] },
      { output },
      {},
      undefined,
      'cannot-do',
      /json/,
    ],
    [
      'too small for the messages',
      { contextTokens: 100 },
      { prompt: 'word '.repeat(101) },
      {},
      undefined,
      'context-too-small',
      /100 .* 101/,
    ],
    [
      'too small for the answer',
      { contextTokens: 100 },
      { maxOutputTokens: 99 },
      {},
      undefined,
      'context-too-small',
      /100 .* 101/,
    ],
    [
      'of another region',
      { region: 'us' },
      {},
      { regions: ['eu', 'ch'] },
      undefined,
      'region',
      /us, only eu, ch/,
    ],
    ['of no known region', {}, {}, { regions: ['eu'] }, undefined, 'region', /not declared/],
    [
      'of another region than the tier',
      { region: 'us' },
      {},
      {},
      { regions: ['eu'] },
      'region',
      /only eu/,
    ],
    [
      'without a required tag',
      { compliance: ['gdpr'] },
      {},
      { require: ['gdpr', 'hipaa'] },
      undefined,
      'compliance',
      /hipaa/,
    ],
    ['without tags', {}, {}, {}, { require: ['gdpr'] }, 'compliance', /gdpr/],
    ['too dear', dear, {}, { costUsd: 0.5 }, undefined, 'too-costly', /0\.8000 USD.*0\.5000 USD/],
    [
      'of unknown price under a cost limit',
      {},
      {},
      { costUsd: 0.5 },
      undefined,
      'price-unknown',
      /price/,
    ],
    [
      'below the quality',
      { quality: 0.4 },
      {},
      { minQuality: 0.6 },
      undefined,
      'below-quality',
      /0\.4.*0\.6/,
    ],
    [
      'of no declared quality above the middle',
      {},
      {},
      { minQuality: 0.6 },
      undefined,
      'below-quality',
      /0\.5.*0\.6/,
    ],
    ['denied to the tier', {}, {}, {}, { deny: ['a'] }, 'denied-to-tier', /tier/],
    ['not allowed to the tier', {}, {}, {}, { allow: ['here'] }, 'denied-to-tier', /tier/],
  ])('%s', (_, facts, request, limits, tier, why, because) => {
    const { routes, excluded } = planFor(facts, request, { limits }, tier)
    expect(routes.map(({ route }) => route)).toEqual(['here'])
    expect(excluded).toMatchObject([{ route: 'a', why, because: expect.stringMatching(because) }])
  })

  test('in the terms of the request', () => {
    const plans: readonly (readonly [ScriptedOptions, Limits, string])[] = [
      [{ region: 'us' }, { regions: ['eu'] }, 'region'],
      [{}, { require: ['gdpr'] }, 'compliance'],
      [dear, { costUsd: 0.5 }, 'too-costly'],
      [{ quality: 0.4 }, { minQuality: 0.6 }, 'below-quality'],
    ]
    for (const [facts, limits, why] of plans) {
      expect(planFor(facts, { limits }).excluded).toMatchObject([{ route: 'a', why }])
    }
  })

  test('when the browser is offline, but on the device', () => {
    const { llm, virtual } = stage({
      a: scripted({}, ['a']),
      here: scripted({ privacy: 'device' }, ['here']),
    })
    virtual.setOnline(false)
    const { routes, excluded } = llm.explain({ workload: 'chat', prompt: 'Hello?' })
    expect(routes.map(({ route }) => route)).toEqual(['here'])
    expect(excluded).toMatchObject([{ route: 'a', why: 'offline' }])
  })

  test('when it has no key', async () => {
    const { openai } = await import('../src/index.ts')
    const llm = createLLM({
      world: createVirtualWorld().world,
      routes: { a: openai({ model: 'm', apiKey: '' }), b: scripted({}, ['b']) },
      workloads: { chat: { ladder: ['a', 'b'] } },
    })
    expect(llm.explain({ workload: 'chat', prompt: 'Hello?' }).excluded).toMatchObject([
      { route: 'a', why: 'no-credential', because: 'it has no key' },
    ])
  })
})

describe('a route is acceptable', () => {
  test.each<readonly [string, ScriptedOptions, Request, Limits]>([
    ['with all that is needed', { abilities: ['text', 'image'] }, { messages: image }, {}],
    ['with just enough context', { contextTokens: 100 }, { maxOutputTokens: 98 }, {}],
    ['of unknown context', {}, { prompt: 'x'.repeat(1e6) }, {}],
    ['of one of the regions', { region: 'ch' }, {}, { regions: ['eu', 'ch'] }],
    [
      'with more tags than are required',
      { compliance: ['gdpr', 'soc2'] },
      {},
      { require: ['gdpr'] },
    ],
    ['at the cost limit', dear, {}, { costUsd: 0.8 }],
    ['of included price', { price: 'included' }, {}, { costUsd: 0 }],
    ['at the quality', { quality: 0.6 }, {}, { minQuality: 0.6 }],
    [
      'on the device, whatever region and tags are asked',
      { privacy: 'device' },
      {},
      { regions: ['eu'], require: ['gdpr'] },
    ],
  ])('%s', (_, facts, request, limits) => {
    const { routes, excluded } = planFor(facts, request, { limits })
    expect(routes.map(({ route }) => route)).toEqual(['a', 'here'])
    expect(excluded).toEqual([])
  })
})

describe('a plan', () => {
  test('is in the order of the ladder, with what is expected and the safe answer', () => {
    const { llm } = stage(
      {
        a: scripted({ quality: 0.9, expect: { firstChunkMs: 500 }, price: 'included' }, ['a']),
        b: scripted({}, ['b']),
      },
      { ladder: ['b', 'a'] },
    )
    const plan = llm.explain({ workload: 'chat', prompt: 'Hello?' })
    expect(plan).toMatchObject({ safe: 'sorry', arm: null, excluded: [] })
    const [b, a] = plan.routes
    expect(b).toMatchObject({
      route: 'b',
      expected: { waitFrom: 'prior', costUsd: null, quality: 0.5 },
    })
    expect(b?.expected.waitMs[0]).toBeCloseTo(1000, 6)
    expect(a).toMatchObject({
      route: 'a',
      expected: { waitFrom: 'declared', costUsd: 0, quality: 0.9 },
    })
    expect(a?.expected.waitMs[0]).toBeCloseTo(500, 6)
    expect(a?.expected.waitMs[1]).toBeGreaterThan(500)
  })

  test('tells what is measured once it is', async () => {
    const { llm, play } = stage({ a: scripted({}, [3000, 'a']) })
    await play()
    const [a] = llm.explain({ workload: 'chat', prompt: 'Hello?' }).routes
    expect(a?.expected.waitFrom).toBe('measured')
    expect(a?.expected.waitMs[0]).toBeGreaterThan(1000)
  })

  test('does not list routes that only `on` names', () => {
    const { llm } = stage(
      { a: scripted({}, ['a']), b: scripted({}, ['b']) },
      { ladder: ['a'], on: { outage: ['b'] } },
    )
    const { routes, excluded } = llm.explain({ workload: 'chat', prompt: 'Hello?' })
    expect([...routes, ...excluded].map(({ route }) => route)).toEqual(['a'])
  })

  test('sends nothing', () => {
    const asked: unknown[] = []
    const { llm, virtual } = stage({ a: scripted({ onRequest: (request) => asked.push(request) }) })
    llm.explain({ workload: 'chat', prompt: 'Hello?' })
    expect(asked).toEqual([])
    expect(virtual.pending()).toBe(0)
  })

  test('is told first in each run, and is the one that was explained', async () => {
    const { llm, play } = stage({ a: scripted({ region: 'us' }, ['a']), b: scripted({}, ['b']) })
    const explained = llm.explain({ workload: 'chat', prompt: 'Hello?' })
    const { events } = await play()
    expect(events.slice(0, 2)).toMatchObject([
      { type: 'started' },
      { type: 'planned', plan: explained },
    ])
  })

  test('that nothing may serve tells the run why', async () => {
    const cases: readonly (readonly [ScriptedOptions, Limits, string])[] = [
      [{ region: 'us' }, { regions: ['eu'] }, 'region-restriction'],
      [{}, { require: ['gdpr'] }, 'compliance-mismatch'],
      [{}, { costUsd: 1 }, 'budget-breach'],
      [{ quality: 0.1 }, { minQuality: 0.6 }, 'quality-floor'],
    ]
    for (const [facts, limits, kind] of cases) {
      const { play } = stage({ a: scripted(facts, ['never']) })
      const { lines, outcome } = await play({ limits })
      expect(lines.slice(-3)).toEqual(['try sorry', '"Sorry."', 'safe'])
      expect(outcome).toMatchObject({
        failure: { kind, phase: 'before-request', route: 'a' },
        degraded: null,
      })
    }
  })
})

describe('tiers', () => {
  const routes = {
    eu: scripted({ region: 'eu', compliance: ['gdpr', 'hipaa'], quality: 0.3 }, ['eu']),
    us: scripted({ region: 'us', compliance: ['gdpr'], quality: 0.9 }, ['us']),
    ch: scripted({ region: 'ch', compliance: ['hipaa'], quality: 0.6 }, ['ch']),
  }
  const open = (
    workload: Partial<Workload<string>>,
    tier: Tier<string, string>,
    limits?: Limits,
  ): readonly string[] =>
    stage(routes, workload, { tiers: { pro: tier } })
      .llm.explain({ workload: 'chat', prompt: 'Hello?', tier: 'pro', limits })
      .routes.map(({ route }) => route)

  test('intersect regions and unite requirements', () => {
    expect(open({ limits: { regions: ['eu', 'us'] } }, { regions: ['eu', 'ch'] })).toEqual(['eu'])
    expect(open({ limits: { require: ['gdpr'] } }, { require: ['hipaa'] })).toEqual(['eu'])
    expect(open({}, { limits: { regions: ['eu', 'us'] }, regions: ['us', 'ch'] })).toEqual(['us'])
    expect(open({}, { limits: { require: ['gdpr'] }, require: ['hipaa'] })).toEqual(['eu'])
  })

  test('keep what the workload requires when their limits name others', () => {
    expect(open({ limits: { require: ['gdpr'] } }, { limits: { require: ['hipaa'] } })).toEqual([
      'eu',
    ])
    expect(
      open({ limits: { regions: ['eu'] } }, { limits: { regions: ['eu', 'us', 'ch'] } }),
    ).toEqual(['eu'])
  })

  test('replace other limits one by one, and may loosen', () => {
    const workload = { limits: { minQuality: 0.5, maxAttempts: 1 } }
    expect(open(workload, {})).toEqual(['us', 'ch'])
    expect(open(workload, { limits: { minQuality: 0.1 } })).toEqual(['eu', 'us', 'ch'])
    expect(open(workload, { limits: { maxAttempts: 9 } })).toEqual(['us', 'ch'])
    expect(open(workload, { limits: { minQuality: undefined } })).toEqual(['us', 'ch'])
  })

  test('allow and deny routes', () => {
    expect(open({}, { allow: ['us', 'ch'] })).toEqual(['us', 'ch'])
    expect(open({}, { deny: ['us'] })).toEqual(['eu', 'ch'])
    expect(open({}, { allow: ['us', 'ch'], deny: ['us'] })).toEqual(['ch'])
  })

  test('have ladders of their own', () => {
    expect(open({ ladder: ['eu'] }, { ladders: { chat: ['ch', 'us'] } })).toEqual(['ch', 'us'])
  })

  test('have rules of their own, one by one', async () => {
    const { play } = stage(
      { a: scripted({}, [{ fail: 'outage' }], [{ fail: 'timeout' }]), b: scripted({}, ['b']) },
      { on: { outage: 'stop', timeout: 'stop' } },
      { tiers: { pro: { on: { outage: 'next' } } } },
    )
    expect((await play({ tier: 'pro' })).lines).toContain('outage -> b')
    expect((await play({ tier: 'pro' })).lines).toContain('timeout -> stop')
  })

  test('are tightened by a request', () => {
    expect(open({}, { regions: ['eu', 'us'] }, { regions: ['us'] })).toEqual(['us'])
    expect(open({}, { require: ['gdpr'] }, { require: ['hipaa'] })).toEqual(['eu'])
    expect(open({}, { limits: { minQuality: 0.2 } }, { minQuality: 0.7 })).toEqual(['us'])
  })

  test.each<readonly [string, Limits, Limits]>([
    ['firstChunkMs', { firstChunkMs: 1000 }, { firstChunkMs: 1001 }],
    ['chunkMs', { chunkMs: 1000 }, { chunkMs: 1001 }],
    ['totalMs', { totalMs: 1000 }, { totalMs: 1001 }],
    ['costUsd', { costUsd: 1 }, { costUsd: 1.1 }],
    ['maxAttempts', { maxAttempts: 1 }, { maxAttempts: 2 }],
    ['minQuality', { minQuality: 0.5 }, { minQuality: 0.4 }],
    ['regions', { regions: ['eu'] }, { regions: ['eu', 'us'] }],
  ])('are not loosened by a request: %s', (name, base, asked) => {
    const priced = scripted({ region: 'eu', price: 'included' }, ['a'])
    const { llm } = stage({ a: priced }, { limits: base })
    const request = { workload: 'chat', prompt: 'Hello?' }
    const explain = (limits: Limits) => () => llm.explain({ ...request, limits })
    expect(explain(asked)).toThrow(TypeError)
    expect(explain(asked)).toThrow(new RegExp(`limits\\.${name}`))
    expect(() => llm.run({ ...request, limits: asked })).toThrow(TypeError)
    expect(explain(base)).not.toThrow()
  })

  test('name every limit that a request would loosen', () => {
    const { llm } = stage({ a: scripted({}, ['a']) }, { limits: { totalMs: 10, maxAttempts: 1 } })
    const limits = { totalMs: 20, maxAttempts: 2 }
    expect(() => llm.explain({ workload: 'chat', prompt: 'Hello?', limits })).toThrow(
      /limits\.totalMs.*limits\.maxAttempts/,
    )
  })

  test('must be named when there is no default', () => {
    const { llm } = stage(routes, {}, { tiers: { pro: { regions: ['eu'] } } })
    expect(() => llm.run({ workload: 'chat', prompt: 'Hello?' })).toThrow(
      new TypeError('run: tier: must be named: the config has tiers and no defaultTier'),
    )
  })

  test('have a default', async () => {
    const { play } = stage(routes, {}, { tiers: { pro: { regions: ['ch'] } }, defaultTier: 'pro' })
    const { outcome, events } = await play()
    expect(outcome.route).toBe('ch')
    expect(events[0]).toMatchObject({ type: 'started', tier: 'pro' })
  })

  test('mark answers of lesser routes for review', async () => {
    const tiers = { pro: { reviewBelow: 0.6 }, free: {} }
    for (const [ladder, tier, review] of [
      [['eu'], 'pro', true],
      [['ch'], 'pro', false],
      [['us'], 'pro', false],
      [['eu'], 'free', false],
    ] as const) {
      const { play } = stage(routes, { ladder }, { tiers })
      expect((await play({ tier })).outcome.review).toBe(review)
    }
  })

  test('do not mark a safe answer for review', async () => {
    const { play } = stage(
      { a: scripted({}, [{ fail: 'timeout' }]) },
      {},
      { tiers: { pro: { reviewBelow: 0.6 } } },
    )
    expect((await play({ tier: 'pro' })).outcome).toMatchObject({ status: 'safe', review: false })
  })
})

test('each of the 22 kinds has a default', () => {
  expect(FAILURE_KINDS).toHaveLength(22)
  expect(Object.keys(DEFAULTS).toSorted()).toEqual(FAILURE_KINDS.toSorted())
})
