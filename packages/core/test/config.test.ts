import { afterEach, describe, expect, test, vi } from 'vitest'
import { canned, createLLM, defineConfig, openai, textStream } from '../src/index.ts'
import { scripted } from '../src/testing.ts'

const a = scripted({}, ['a'])
const sorry = canned('Sorry.')
const good = { routes: { a, sorry }, workloads: { chat: { ladder: ['a'], safe: 'sorry' } } }

/** The problems that `createLLM` lists, as plain JavaScript would meet them. */
function problems(config: unknown): readonly string[] {
  try {
    Reflect.apply(createLLM, undefined, [config])
  } catch (error) {
    return String(error).split('\n- ').slice(1)
  }
  return []
}
const withWorkload = (chat: object): object => ({
  ...good,
  workloads: { chat: { ladder: ['a'], ...chat } },
})
const withTier = (pro: object): object => ({ ...good, tiers: { pro } })

afterEach(() => {
  vi.unstubAllGlobals()
})

test('a good config makes an LLM', () => {
  expect(problems(good)).toEqual([])
  expect(problems(withTier({ reviewBelow: 0.5, deny: [], ladders: { chat: ['a'] } }))).toEqual([])
  expect(problems({ ...good, workloads: { chat: { ladder: ['a'], safe: undefined } } })).toEqual([])
})

test('a defined config is the same config', () => {
  const config = { routes: { a }, workloads: { chat: { ladder: ['a'] } } } as const
  expect(defineConfig(config)).toBe(config)
})

describe('a problem has its path, and the nearest name', () => {
  test.each<readonly [string, unknown, string | RegExp]>([
    ['no config', undefined, 'must be an object, is undefined'],
    [
      'a misspelt field of telemetry',
      { ...good, telemetry: { sink: [] } },
      'telemetry.sink: is no field of telemetry; did you mean "sinks"?',
    ],
    [
      'a sink that cannot send',
      { ...good, telemetry: { sinks: [{ name: 'mine' }] } },
      'telemetry.sinks[0]: must be a function or have one named send, is an object',
    ],
    [
      'a consent that is none',
      { ...good, telemetry: { consent: 'yes' } },
      'telemetry.consent: "yes" is no consent; there are granted, denied',
    ],
    [
      'a share of users over all of them',
      { ...good, telemetry: { sampleRate: 20 } },
      'telemetry.sampleRate: must be a number from 0 to 1, is 20',
    ],
    [
      'an attribute that is an object',
      { ...good, telemetry: { attributes: { plan: {} } } },
      'telemetry.attributes.plan: must be a text, a number, true or false, is an object',
    ],
    [
      'a signal that is no name',
      { ...good, telemetry: { signals: ['it was solved'] } },
      'telemetry.signals[0]: must be 1 to 64 of letters, digits and _ . : / @ -',
    ],
    [
      'a field that is none',
      { ...good, route: {} },
      'route: is no field of a config; did you mean "routes"?',
    ],
    [
      'no routes',
      { routes: {}, workloads: { chat: { ladder: ['a'] } } },
      /routes: must hold a route at least/,
    ],
    ['no workloads', { ...good, workloads: {} }, 'workloads: must hold a workload at least'],
    [
      'a route that nobody made',
      { ...good, routes: { ...good.routes, b: { protocol: 'openai' } } },
      /^routes\.b: was made by no route function/,
    ],
    [
      'half a price, which would come to no number',
      {
        ...good,
        routes: {
          a: Reflect.apply(openai, undefined, [
            { model: 'm', apiKey: () => 'k', price: { inputPerMTok: 1 } },
          ]),
        },
      },
      'routes.a.price.outputPerMTok: must be given',
    ],
    [
      'an experiment without a name',
      withWorkload({ experiment: { arms: { x: { ladder: ['a'], share: 1 } } } }),
      'workloads.chat.experiment.name: must be given',
    ],
    [
      'shares that add up to something else',
      withWorkload({ experiment: { name: 'e', arms: { x: { ladder: ['a'], share: 0.5 } } } }),
      'workloads.chat.experiment.arms: their shares must add up to 1, they add up to 0.5',
    ],
    [
      'an arm without a ladder',
      withWorkload({ experiment: { name: 'e', arms: { x: { share: 1 } } } }),
      'workloads.chat.experiment.arms.x.ladder: must name a route at least',
    ],
    [
      'an arm of an unknown route',
      withWorkload({ experiment: { name: 'e', arms: { x: { ladder: ['b'], share: 1 } } } }),
      /^workloads\.chat\.experiment\.arms\.x\.ladder\[0\]: "b" is no route/,
    ],
    [
      'more held out than may be',
      withWorkload({ holdOut: { share: 0.2 } }),
      'workloads.chat.holdOut.share: must be a number from 0 to 0.1, is 0.2',
    ],
    [
      'a hold-out of nobody knows how many',
      withWorkload({ holdOut: {} }),
      'workloads.chat.holdOut.share: must be given',
    ],
    [
      'a kind that is never held out',
      withWorkload({ holdOut: { share: 0.1, kinds: ['network'] } }),
      /^workloads\.chat\.holdOut\.kinds\[0\]: "network" is no kind/,
    ],
    [
      'a hold-out of an unknown tier',
      withWorkload({ holdOut: { share: 0.1, tiers: ['pro'] } }),
      /^workloads\.chat\.holdOut\.tiers\[0\]: "pro" is no tier/,
    ],
    [
      'no ladder',
      { ...good, workloads: { chat: {} } },
      'workloads.chat.ladder: must name a route at least',
    ],
    [
      'an empty ladder',
      withWorkload({ ladder: [] }),
      'workloads.chat.ladder: must name a route at least',
    ],
    [
      'a ladder of an unknown route',
      withWorkload({ ladder: ['sory', 'a'] }),
      'workloads.chat.ladder[0]: "sory" is no route; did you mean "sorry"?',
    ],
    [
      'a name like no other',
      withWorkload({ ladder: ['elephant'] }),
      'workloads.chat.ladder[0]: "elephant" is no route; there are a, sorry',
    ],
    [
      'a route twice',
      withWorkload({ ladder: ['a', 'a'] }),
      'workloads.chat.ladder: names a route twice',
    ],
    [
      'a ladder that is a name',
      withWorkload({ ladder: 'a' }),
      /^workloads\.chat\.ladder: must be a list, is a text/,
    ],
    [
      'a safe that can fail',
      withWorkload({ safe: 'a' }),
      'workloads.chat.safe: "a" can fail: safe must be a canned route',
    ],
    [
      'an unknown safe',
      withWorkload({ safe: 'sory' }),
      'workloads.chat.safe: "sory" is no route; did you mean "sorry"?',
    ],
    [
      'an unknown field',
      withWorkload({ limit: {} }),
      'workloads.chat.limit: is no field of a workload; did you mean "limits"?',
    ],
    [
      'an unknown limit',
      withWorkload({ limits: { firstChunkM: 1 } }),
      /^workloads\.chat\.limits\.firstChunkM: .* did you mean "firstChunkMs"\?/,
    ],
    [
      'a limit out of range',
      withWorkload({ limits: { minQuality: 2 } }),
      'workloads.chat.limits.minQuality: must be a number from 0 to 1, is 2',
    ],
    [
      'a limit that is no number',
      withWorkload({ limits: { totalMs: '5s' } }),
      'workloads.chat.limits.totalMs: must be a number from 1 on, is a text',
    ],
    [
      'a limit that is not a number',
      withWorkload({ limits: { totalMs: Number.NaN } }),
      /^workloads\.chat\.limits\.totalMs: must be a number from 1 on/,
    ],
    [
      'an unknown kind',
      withWorkload({ on: { outtage: 'next' } }),
      'workloads.chat.on.outtage: is no field of on; did you mean "outage"?',
    ],
    [
      'an unknown direction',
      withWorkload({ on: { outage: 'nxt' } }),
      'workloads.chat.on.outage: "nxt" is no direction; did you mean "next"?',
    ],
    [
      'a rule with an unknown route',
      withWorkload({ on: { outage: ['b'] } }),
      /^workloads\.chat\.on\.outage\[0\]: "b" is no route/,
    ],
    [
      'an unknown recovery',
      withWorkload({ recovery: 'restrt' }),
      'workloads.chat.recovery: "restrt" is no recovery; did you mean "restart"?',
    ],
    [
      'an unknown pace',
      withWorkload({ pace: 'fast' }),
      /^workloads\.chat\.pace: "fast" is no pace; there are chat, reasoning, background/,
    ],
    [
      'a tier of an unknown route',
      withTier({ deny: ['b'] }),
      /^tiers\.pro\.deny\[0\]: "b" is no route/,
    ],
    [
      'a tier of an unknown workload',
      withTier({ ladders: { chta: ['a'] } }),
      'tiers.pro.ladders.chta: is no field of ladders; did you mean "chat"?',
    ],
    [
      'an unknown default tier',
      { ...withTier({}), defaultTier: 'por' },
      'defaultTier: "por" is no tier; did you mean "pro"?',
    ],
    [
      'a default tier without tiers',
      { ...good, defaultTier: 'pro' },
      /^defaultTier: "pro" is no tier/,
    ],
    [
      'a name of every object',
      withWorkload({ limits: { constructor: 1 } }),
      /^workloads\.chat\.limits\.constructor: is no field of limits/,
    ],
    [
      'a fact out of range',
      { ...good, routes: { ...good.routes, a: scripted({ quality: 7 }) } },
      'routes.a.quality: must be a number from 0 to 1, is 7',
    ],
    [
      'an address that is none',
      {
        ...good,
        routes: { ...good.routes, b: openai({ model: 'm', apiKey: null, baseUrl: 'ftp://x' }) },
      },
      /^routes\.b\.baseUrl: /,
    ],
    [
      'an address without TLS',
      {
        ...good,
        routes: {
          ...good.routes,
          b: openai({ model: 'm', apiKey: null, baseUrl: 'http://example.com' }),
        },
      },
      /^routes\.b\.baseUrl: must be https/,
    ],
  ])('%s', (_, config, problem) => {
    const told = problems(config)
    expect(
      told.some((one) => (typeof problem === 'string' ? one === problem : problem.test(one))),
    ).toBe(true)
    expect(told.length).toBeLessThanOrEqual(2)
  })

  test('of a key is told without the key', () => {
    const told = problems({
      ...good,
      routes: { ...good.routes, b: openai({ model: 'm', apiKey: 'sk-secret\nkey' }) },
    })
    expect(told).toHaveLength(1)
    expect(told[0]).toMatch(/^routes\.b\.apiKey: has characters that no key has/)
    expect(told[0]).not.toContain('secret')
  })
})

test('all problems are listed at once', () => {
  const config = {
    routes: { a, sorry },
    workloads: {
      chat: { ladder: ['b'], safe: 'a', limits: { totalMs: -1 } },
      voice: { ladder: [], pac: 'chat' },
    },
    tiers: { pro: { allow: ['x'] } },
    defaultTier: 'free',
  }
  expect(problems(config)).toHaveLength(7)
  expect(() => Reflect.apply(createLLM, undefined, [config])).toThrow(
    /^createLLM: 7 problems in the config:\n- /,
  )
})

describe('a workload without an acceptable route', () => {
  test('is a problem', () => {
    expect(problems(withWorkload({ limits: { regions: ['eu'] } }))).toEqual([
      'workloads.chat: no route of the ladder is acceptable (a: its region is not declared, only eu will do)',
    ])
  })

  test('is a problem of each tier', () => {
    const told = problems({
      ...good,
      tiers: { free: {}, pro: { require: ['hipaa'] }, max: { deny: ['a'] } },
    })
    expect(told).toEqual([
      'tiers.pro with workloads.chat: no route of the ladder is acceptable (a: it is not declared hipaa)',
      'tiers.max with workloads.chat: no route of the ladder is acceptable (a: the tier may not use it)',
    ])
  })

  test('is a problem where regions have none in common', () => {
    expect(
      problems({
        ...good,
        workloads: { chat: { ladder: ['a'], limits: { regions: ['us'] } } },
        tiers: { pro: { regions: ['eu'] } },
      }),
    ).toEqual(['tiers.pro with workloads.chat: their regions have none in common'])
  })

  test('is a problem where cost is limited and nobody knows a price', () => {
    const because =
      'no route of the ladder is acceptable (a: its price is unknown and cost is limited)'
    expect(problems(withWorkload({ limits: { costUsd: 1 } }))).toEqual([
      `workloads.chat: ${because}`,
    ])
    const tiers = { free: { budget: { usdPerDay: 1 } }, pro: { budget: {} } }
    expect(problems({ ...good, tiers })).toEqual([`tiers.free with workloads.chat: ${because}`])
    const own = scripted({ payer: 'user' }, ['own'])
    expect(problems({ routes: { own }, workloads: { chat: { ladder: ['own'] } }, tiers })).toEqual(
      [],
    )
  })

  test('is none when one rung will do', () => {
    const eu = scripted({ region: 'eu' }, ['eu'])
    expect(
      problems({
        routes: { a, eu },
        workloads: { chat: { ladder: ['a', 'eu'], limits: { regions: ['eu'] } } },
      }),
    ).toEqual([])
  })

  test('is none for a route whose price and key only a run can tell', () => {
    expect(
      problems({
        routes: { a: openai({ model: 'm', apiKey: () => undefined, price: 'included' }) },
        workloads: { chat: { ladder: ['a'], limits: { costUsd: 1 } } },
      }),
    ).toEqual([])
  })
})

describe('a key that is written into a page', () => {
  const keyed = {
    routes: { b: openai({ model: 'm', apiKey: 'sk-secret' }) },
    workloads: { chat: { ladder: ['b'] } },
  }
  test('is a problem, and says what to do instead', () => {
    vi.stubGlobal('location', { protocol: 'https:', hostname: 'app.example' })
    const [problem] = problems(keyed)
    expect(problem).toMatch(/^routes\.b\.apiKey: .*function.*backend/)
    expect(problem).not.toContain('sk-secret')
  })

  test.each(['localhost', '127.0.0.1', '[::1]'])('is none on %s', (hostname) => {
    vi.stubGlobal('location', { protocol: 'http:', hostname })
    expect(problems(keyed)).toEqual([])
  })

  test('is none when it is a function, or without a page', () => {
    expect(problems(keyed)).toEqual([])
    vi.stubGlobal('location', { protocol: 'https:', hostname: 'app.example' })
    expect(
      problems({ ...keyed, routes: { b: openai({ model: 'm', apiKey: () => 'token' }) } }),
    ).toEqual([])
  })
})

describe('a request', () => {
  const llm = createLLM({
    routes: { a, own: textStream({ url: 'https://own.example/chat' }) },
    workloads: { chat: { ladder: ['a'] }, voice: { ladder: ['own'] } },
  })
  test.each<readonly [string, object, string]>([
    ['of no workload', { prompt: 'Hi' }, 'workload: must be named'],
    [
      'of an unknown workload',
      { workload: 'chta', prompt: 'Hi' },
      'workload: "chta" is no workload; did you mean "chat"?',
    ],
    [
      'of an unknown tier',
      { workload: 'chat', tier: 'pro', prompt: 'Hi' },
      'tier: "pro" is no tier; there is none',
    ],
    [
      'whose signal is none',
      { workload: 'chat', prompt: 'Hi', signal: {} },
      'signal: must be an AbortSignal, is an object',
    ],
    [
      'where nobody knows who can answer',
      { workload: 'chat', prompt: 'Hi', canConfirm: 'yes' },
      'canConfirm: must be true or false, is a text',
    ],
    ['of nothing to say', { workload: 'chat' }, 'prompt: must be given, or messages'],
    ['of no messages', { workload: 'chat', messages: [] }, 'prompt: must be given, or messages'],
    [
      'with a misspelt field',
      { workload: 'chat', promt: 'Hi', prompt: 'Hi' },
      'promt: is no field of a request; did you mean "prompt"?',
    ],
    [
      'with a role that is none',
      { workload: 'chat', messages: [{ role: 'robot', content: 'Hi' }] },
      'messages[0].role: "robot" is no role; there are system, user, assistant, tool',
    ],
    [
      'with a surface that is a sentence',
      { workload: 'chat', prompt: 'Hi', surface: 'the side bar' },
      'surface: must be 1 to 64 of letters, digits and _ . : / @ -',
    ],
    [
      'with a limit that is none',
      { workload: 'chat', prompt: 'Hi', limits: { totalMs: 0 } },
      'limits.totalMs: must be a number from 1 on, is 0',
    ],
    [
      'with a content that is none',
      { workload: 'chat', messages: [{ role: 'user' }] },
      'messages[0].content: ',
    ],
  ])('%s is a TypeError', (_, request, problem) => {
    const run = (): unknown => Reflect.apply(llm.run.bind(llm), undefined, [request])
    expect(run).toThrow(TypeError)
    expect(run).toThrow(`run: ${problem}`)
  })

  test('that is only planned need not ask anything yet, and is checked all the same', () => {
    expect(llm.explain({ workload: 'chat' }).routes).not.toHaveLength(0)
    const explain = (): unknown =>
      Reflect.apply(llm.explain.bind(llm), undefined, [{ workload: 'chta' }])
    expect(explain).toThrow('explain: workload: "chta" is no workload; did you mean "chat"?')
  })

  test('that is good is taken', async () => {
    const run = llm.run({
      workload: 'chat',
      prompt: 'Hi',
      surface: 'side/bar:1@x-y_z.',
      tier: undefined,
    })
    expect((await run.outcome).text).toBe('a')
  })
})
