import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createKeyring, createLLM, gemini, openai, textStream } from '@rungs/core'
import type { Keyring, Route } from '@rungs/core'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { serve, sse, type Asked } from './loopback.ts'

const KEY = 'sk-the-first-key-0001'
const OTHER_KEY = 'sk-the-other-key-0002'
const HI = sse(
  { choices: [{ index: 0, delta: { content: 'hi' }, finish_reason: 'stop' }] },
  '[DONE]',
)

function sayHi(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).end(HI)
}

function refuse(response: ServerResponse): void {
  response
    .writeHead(401, { 'content-type': 'application/json' })
    .end(JSON.stringify({ error: { message: 'Incorrect API key', code: 'invalid_api_key' } }))
}

function mineOf(ring: Keyring, origin: string, provider = 'openai'): Route {
  return openai({ model: 'm', apiKey: ring.ref(provider), baseUrl: `${origin}/v1` })
}

/** The keys that a provider was shown, in order. */
function keysIn(asked: readonly Asked[]): readonly (string | undefined)[] {
  return asked.map(({ headers }) => headers.authorization)
}

function thrownBy(task: () => unknown): Error {
  try {
    task()
  } catch (thrown) {
    if (thrown instanceof TypeError) return thrown
  }
  throw new Error('no TypeError was thrown')
}

/** All that an error can show of what it knows. */
function wordsOf(error: unknown): string {
  return error instanceof Error
    ? `${error.message}\n${error.stack}\n${JSON.stringify(error)}\n${wordsOf(error.cause)}`
    : String(error)
}

/** A ladder of a route with the user's key, then one of the product's own. */
async function product() {
  const ring = createKeyring()
  const mine = await serve(sayHi)
  const ours = await serve((response) => {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('ours')
  })
  const llm = createLLM({
    routes: { mine: mineOf(ring, mine.origin), ours: textStream({ url: ours.origin }) },
    workloads: { chat: { ladder: ['mine', 'ours'] } },
  })
  const ask = () => llm.run({ workload: 'chat', prompt: 'Hello?' }).outcome
  return { ring, mine, ours, llm, ask }
}

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('a keyring in memory', () => {
  test('shows the state and the last four characters of a key, never the key', async () => {
    const ring = createKeyring()
    const seen: unknown[] = []
    ring.store.subscribe((state) => seen.push(state))
    await ring.set('openai', KEY)
    await ring.set('anthropic', 'short-key')
    await ring.remove('openai')
    expect(seen).toEqual([
      { openai: { status: 'set', last4: '0001' } },
      { openai: { status: 'set', last4: '0001' }, anthropic: { status: 'set', last4: null } },
      { openai: { status: 'empty', last4: null }, anthropic: { status: 'set', last4: null } },
    ])
    expect(ring.store.getInitialState()).toEqual({})
  })

  test('gives a key, without the space around it, to its own provider only', async () => {
    const ring = createKeyring()
    const [first, again, other] = [ring.ref('openai'), ring.ref('openai'), ring.ref('anthropic')]
    expect(await first()).toBeUndefined()
    await ring.set('openai', ` ${KEY}\n`)
    expect(await Promise.all([first(), again(), other()])).toEqual([KEY, KEY, undefined])
    await ring.remove('openai')
    expect(await first()).toBeUndefined()
  })

  test('holds no key where it can be listed', async () => {
    const ring = createKeyring()
    await ring.set('openai', KEY)
    const route = mineOf(ring, 'https://api.example')
    const seen = JSON.stringify([ring, ring.store.getState(), ring.ref('openai'), route])
    expect(seen + String(ring.ref('openai'))).not.toContain(KEY)
  })

  test('needs no browser, storage or page', async () => {
    const ring = createKeyring()
    await ring.set('openai', KEY)
    expect(await ring.unlock('openai')).toBe(true)
    expect(await ring.unlock('anthropic')).toBe(false)
  })

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'takes a provider called %s for one like any other',
    async (provider) => {
      const ring = createKeyring()
      const server = await serve(sayHi)
      const route = mineOf(ring, server.origin, provider)
      const llm = createLLM({ routes: { route }, workloads: { chat: { ladder: ['route'] } } })
      const why = () => llm.explain({ workload: 'chat', prompt: 'Hello?' }).excluded[0]?.why
      expect(await ring.ref(provider)()).toBeUndefined()
      expect(why()).toBe('no-credential')
      await ring.set(provider, KEY)
      expect(why()).toBeUndefined()
      expect(Object.entries(ring.store.getState())).toEqual([
        [provider, { status: 'set', last4: '0001' }],
      ])
      expect(await ring.check(provider, route)).toBe('accepted')
      await ring.remove(provider)
      expect(Object.entries(ring.store.getState())).toEqual([
        [provider, { status: 'empty', last4: null }],
      ])
      expect(Object.getPrototypeOf({})).toBe(Object.prototype)
      expect({}).not.toHaveProperty('status')
    },
  )
})

describe('a key with characters that no key has', () => {
  test.each([
    ['a line break', `${KEY}\n${KEY}`],
    ['a space', `Bearer ${KEY}`],
    ['a quote that a word processor made', `“${KEY}”`],
    ['a letter that looks like another', `${KEY}а`],
    ['nothing', ''],
    ['only space', ' \n'],
    ['no end', KEY.repeat(400)],
  ])('(%s) is refused without being shown, and changes nothing', async (_, bad) => {
    const warned = vi.spyOn(console, 'warn')
    const ring = createKeyring()
    await ring.set('openai', OTHER_KEY)
    const states: unknown[] = []
    ring.store.subscribe((state) => states.push(state))
    const error: unknown = await ring.set('openai', bad).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TypeError)
    expect(wordsOf(error)).not.toContain(KEY)
    expect(states).toEqual([])
    expect(await ring.ref('openai')()).toBe(OTHER_KEY)
    expect(warned).not.toHaveBeenCalled()
  })

  test('is refused for each of them', async () => {
    const ring = createKeyring()
    const taken: string[] = []
    for (let point = 0; point <= 0xff_ff; point += 1) {
      const character = String.fromCharCode(point)
      await ring.set('openai', `sk-${character}-0001`).then(
        () => taken.push(character),
        () => undefined,
      )
    }
    // Printable ASCII, and no space.
    expect(taken.join('')).toBe(
      Array.from({ length: 0x7e - 0x20 }, (_, index) => String.fromCharCode(0x21 + index)).join(''),
    )
  })
})

describe('a key belongs to one origin', () => {
  test('which is that of the first route made with it', async () => {
    const ring = createKeyring()
    await ring.set('openai', KEY)
    const [own, foreign] = [await serve(sayHi), await serve(sayHi)]
    const routes = { own: mineOf(ring, own.origin), foreign: mineOf(ring, foreign.origin) }
    const error = thrownBy(() =>
      createLLM({ routes, workloads: { chat: { ladder: ['own', 'foreign'] } } }),
    )
    expect(error.message).toContain('routes.foreign.apiKey: is the key of another origin')
    expect(error.message).not.toContain('routes.own')
    expect(wordsOf(error)).not.toContain(KEY)
    expect([...own.asked, ...foreign.asked]).toEqual([])
  })

  test('however often it is replaced or asked for', async () => {
    const ring = createKeyring()
    mineOf(ring, 'https://one.example')
    await ring.set('openai', KEY)
    await ring.remove('openai')
    await ring.set('openai', OTHER_KEY)
    const routes = { there: mineOf(ring, 'https://two.example') }
    const error = thrownBy(() => createLLM({ routes, workloads: { chat: { ladder: ['there'] } } }))
    expect(error.message).toContain('another origin')
  })

  test.each([
    ['another port', 'https://one.example:8443'],
    ['another scheme', 'http://one.example'],
    ['a name below', 'https://api.one.example'],
    ['a name with a dot behind', 'https://one.example.'],
    ['a name that begins like it', 'https://one.example.evil.example'],
    ['a name behind a credential', 'https://one.example@evil.example'],
  ])('and %s is another', (_, other) => {
    const ring = createKeyring()
    const routes = { one: mineOf(ring, 'https://one.example'), other: mineOf(ring, other) }
    const error = thrownBy(() =>
      createLLM({ routes, workloads: { chat: { ladder: ['one', 'other'] } } }),
    )
    expect(error.message).toContain('routes.other.apiKey: is the key of another origin')
  })

  test('with as many routes and models as there are', () => {
    const ring = createKeyring()
    const routes = {
      one: mineOf(ring, 'https://one.example'),
      same: mineOf(ring, 'https://ONE.example:443/other/path'),
      elsewhere: mineOf(ring, 'https://two.example', 'another'),
    }
    const ladder = ['one', 'same', 'elsewhere'] as const
    expect(() => createLLM({ routes, workloads: { chat: { ladder } } })).not.toThrow()
  })

  test('and a check does not take it to another', async () => {
    const ring = createKeyring()
    const [own, foreign] = [await serve(sayHi), await serve(sayHi)]
    mineOf(ring, own.origin)
    await ring.set('openai', KEY)
    const keyless = openai({ model: 'm', apiKey: null, baseUrl: `${foreign.origin}/v1` })
    for (const route of [mineOf(ring, foreign.origin), keyless]) {
      await ring.check('openai', route).catch(() => undefined)
    }
    expect(foreign.asked).toEqual([])
  })
})

describe('a user without a key', () => {
  test('has no such route in the plan', async () => {
    const { llm, ring } = await product()
    const plan = () => llm.explain({ workload: 'chat', prompt: 'Hello?' })
    expect(plan()).toMatchObject({
      routes: [{ route: 'ours' }],
      excluded: [{ route: 'mine', why: 'no-credential' }],
    })
    await ring.set('openai', KEY)
    expect(plan()).toMatchObject({ routes: [{ route: 'mine' }, { route: 'ours' }], excluded: [] })
    await ring.remove('openai')
    expect(plan()).toMatchObject({ excluded: [{ route: 'mine', why: 'no-credential' }] })
  })

  test('is not degraded by the answer of the next route', async () => {
    const { ask, mine } = await product()
    expect(await ask()).toMatchObject({
      status: 'completed',
      route: 'ours',
      degraded: null,
      attempts: [{ route: 'ours', failure: null }],
    })
    expect(mine.asked).toEqual([])
  })

  test('has it at once with the key', async () => {
    const { ask, ring, mine } = await product()
    expect(await ask()).toMatchObject({ route: 'ours' })
    await ring.set('openai', KEY)
    expect(await ask()).toMatchObject({ route: 'mine', text: 'hi', degraded: null })
    await ring.set('openai', OTHER_KEY)
    expect(await ask()).toMatchObject({ route: 'mine' })
    await ring.remove('openai')
    expect(await ask()).toMatchObject({ route: 'ours', degraded: null })
    expect(keysIn(mine.asked)).toEqual([`Bearer ${KEY}`, `Bearer ${OTHER_KEY}`])
  })

  test('has it in a run that was under way when the key came', async () => {
    const ring = createKeyring()
    const mine = await serve(sayHi)
    const ours = await serve((response) => {
      void ring.set('openai', KEY).then(() => response.writeHead(503).end())
    })
    const llm = createLLM({
      routes: { ours: textStream({ url: ours.origin }), mine: mineOf(ring, mine.origin) },
      workloads: { chat: { ladder: ['ours', 'mine'], on: { outage: 'next' } } },
    })
    const outcome = await llm.run({ workload: 'chat', prompt: 'Hello?' }).outcome
    expect(outcome).toMatchObject({ route: 'mine', text: 'hi' })
  })

  test('and without another route gets no answer and no request is made', async () => {
    const ring = createKeyring()
    const server = await serve(sayHi)
    const llm = createLLM({
      routes: { mine: mineOf(ring, server.origin) },
      workloads: { chat: { ladder: ['mine'] } },
    })
    const outcome = await llm.run({ workload: 'chat', prompt: 'Hello?' }).outcome
    expect(outcome).toMatchObject({
      status: 'failed',
      failure: { kind: 'auth', phase: 'before-request' },
      attempts: [],
    })
    expect(server.asked).toEqual([])
  })
})

describe('a key that a run finds refused', () => {
  test('is shown as rejected until it is replaced, and the new one works at once', async () => {
    const ring = createKeyring()
    const server = await serve((response, { headers }) => {
      if (headers.authorization === `Bearer ${KEY}`) refuse(response)
      else sayHi(response)
    })
    const llm = createLLM({
      routes: { mine: mineOf(ring, server.origin) },
      workloads: { chat: { ladder: ['mine'] } },
    })
    const ask = () => llm.run({ workload: 'chat', prompt: 'Hello?' }).outcome
    await ring.set('openai', KEY)
    expect(await ask()).toMatchObject({ failure: { kind: 'auth', status: 401 } })
    expect(ring.store.getState()).toEqual({ openai: { status: 'rejected', last4: '0001' } })
    await ask()
    expect(keysIn(server.asked)).toEqual([`Bearer ${KEY}`])
    await ring.set('openai', OTHER_KEY)
    expect(ring.store.getState()).toEqual({ openai: { status: 'set', last4: '0002' } })
    expect(await ask()).toMatchObject({ status: 'completed' })
    expect(keysIn(server.asked)).toEqual([`Bearer ${KEY}`, `Bearer ${OTHER_KEY}`])
  })

  test('is not the one that replaced it meanwhile', async () => {
    const ring = createKeyring()
    const server = await serve((response, { headers }) => {
      if (headers.authorization === `Bearer ${KEY}`)
        void ring.set('openai', OTHER_KEY).then(() => refuse(response))
      else sayHi(response)
    })
    const llm = createLLM({
      routes: { mine: mineOf(ring, server.origin) },
      workloads: { chat: { ladder: ['mine'] } },
    })
    await ring.set('openai', KEY)
    const outcome = await llm.run({ workload: 'chat', prompt: 'Hello?' }).outcome
    expect(outcome).toMatchObject({ status: 'completed', text: 'hi' })
    expect(ring.store.getState()).toEqual({ openai: { status: 'set', last4: '0002' } })
  })

  test.each([429, 402, 404, 500])('is none for a status of %i', async (status) => {
    const ring = createKeyring()
    await ring.set('openai', KEY)
    const server = await serve((response) => response.writeHead(status).end())
    const llm = createLLM({
      routes: { mine: mineOf(ring, server.origin) },
      workloads: { chat: { ladder: ['mine'], limits: { maxAttempts: 1 } } },
    })
    await llm.run({ workload: 'chat', prompt: 'Hello?' }).outcome
    expect(ring.store.getState()).toEqual({ openai: { status: 'set', last4: '0001' } })
  })

  test('is none where no request was sent', async () => {
    const ring = createKeyring()
    await ring.set('openai', KEY)
    const mine = openai({
      model: 'm',
      apiKey: ring.ref('openai'),
      baseUrl: 'http://localhost',
      headers: () => Promise.reject(new Error('no headers today')),
    })
    const llm = createLLM({ routes: { mine }, workloads: { chat: { ladder: ['mine'] } } })
    const outcome = await llm.run({ workload: 'chat', prompt: 'Hello?' }).outcome
    expect(outcome.failure).toMatchObject({ kind: 'auth', phase: 'before-request' })
    expect(ring.store.getState()).toEqual({ openai: { status: 'set', last4: '0001' } })
  })
})

const said = (error: object): string => JSON.stringify({ error })

describe('a check', () => {
  test('is one cheap call with the key', async () => {
    const ring = createKeyring()
    await ring.set('openai', KEY)
    const { origin, asked } = await serve(sayHi)
    expect(await ring.check('openai', mineOf(ring, origin))).toBe('accepted')
    expect(asked).toMatchObject([
      { method: 'POST', path: '/v1/chat/completions', headers: { authorization: `Bearer ${KEY}` } },
    ])
    expect(asked[0]?.fields['max_tokens']).toBeLessThanOrEqual(16)
    expect(asked[0]?.body.length).toBeLessThan(300)
    expect(asked[0]?.body).not.toContain(KEY)
  })

  test.each<[status: number, body: string, verdict: string, shown: string]>([
    [401, said({ code: 'invalid_api_key' }), 'rejected', 'rejected'],
    [401, '', 'rejected', 'rejected'],
    [403, '', 'rejected', 'rejected'],
    // The key was looked at, and what is wrong is something else.
    [429, said({ code: 'rate_limit_exceeded' }), 'accepted', 'set'],
    [429, said({ code: 'insufficient_quota' }), 'accepted', 'set'],
    [402, said({ message: 'Insufficient credits' }), 'accepted', 'set'],
    [404, said({ code: 'model_not_found' }), 'accepted', 'set'],
    [400, said({ message: 'max_tokens is too low' }), 'accepted', 'set'],
    // Nobody looked at it.
    [
      401,
      said({ message: 'CORS requests are not allowed for this Organization' }),
      'unreachable',
      'set',
    ],
    [408, '', 'unreachable', 'set'],
    [500, '', 'unreachable', 'set'],
    [503, said({ message: 'overloaded' }), 'unreachable', 'set'],
    [307, '', 'unreachable', 'set'],
  ])('takes %i %s for %s', async (status, body, verdict, shown) => {
    const ring = createKeyring()
    await ring.set('openai', KEY)
    const { origin, asked } = await serve((response) => {
      response
        .writeHead(status, { 'content-type': 'application/json', location: '/else' })
        .end(body)
    })
    expect(await ring.check('openai', mineOf(ring, origin))).toBe(verdict)
    expect(ring.store.getState()).toEqual({ openai: { status: shown, last4: '0001' } })
    expect(asked).toHaveLength(1)
  })

  test('hears a refusal under any status', async () => {
    const ring = createKeyring()
    await ring.set('google', KEY)
    const { origin } = await serve((response) => {
      response.writeHead(400, { 'content-type': 'application/json' }).end(
        said({
          code: 400,
          message: 'API key not valid. Please pass a valid API key.',
          status: 'INVALID_ARGUMENT',
        }),
      )
    })
    const route = gemini({ model: 'm', apiKey: ring.ref('google'), baseUrl: `${origin}/v1beta` })
    expect(await ring.check('google', route)).toBe('rejected')
  })

  test.each<[what: string, type: string, body: string, verdict: string]>([
    [
      'a refusal inside a stream',
      'text/event-stream',
      `data: ${said({ code: 'invalid_api_key' })}\n\n`,
      'rejected',
    ],
    [
      'a refusal that is a document',
      'application/json',
      said({ code: 'invalid_api_key' }),
      'rejected',
    ],
    ['a page to log in at', 'text/html', '<!doctype html><h1>Log in</h1>', 'unreachable'],
  ])('does not take %s under 200 for an answer', async (_, type, body, verdict) => {
    const ring = createKeyring()
    await ring.set('openai', KEY)
    const { origin } = await serve((response) => {
      response.writeHead(200, { 'content-type': type }).end(body)
    })
    expect(await ring.check('openai', mineOf(ring, origin))).toBe(verdict)
  })

  test('finds nobody where the connection is refused', async () => {
    const ring = createKeyring()
    await ring.set('openai', KEY)
    expect(await ring.check('openai', mineOf(ring, 'http://localhost:1'))).toBe('unreachable')
    expect(ring.store.getState()).toEqual({ openai: { status: 'set', last4: '0001' } })
  })

  test.each<[when: string, begin: (response: ServerResponse) => unknown]>([
    ['at once', () => undefined],
    ['in an error', (response) => response.writeHead(401).write('{')],
  ])(
    'gives up after 15 s on a server that falls silent %s, and lets go of it',
    async (_, begin) => {
      const ring = createKeyring()
      await ring.set('openai', KEY)
      const hanging = Promise.withResolvers<ServerResponse>()
      const { origin } = await serve((response) => {
        begin(response)
        hanging.resolve(response)
      })
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      const verdict = ring.check('openai', mineOf(ring, origin))
      const response = await hanging.promise
      const closed = once(response, 'close')
      let isOver = false
      void verdict.then(() => (isOver = true))
      await vi.advanceTimersByTimeAsync(14_999)
      expect(isOver).toBe(false)
      await vi.advanceTimersByTimeAsync(1)
      expect(await verdict).toBe('unreachable')
      await closed
      expect(ring.store.getState()).toEqual({ openai: { status: 'set', last4: '0001' } })
    },
  )

  test('needs no more than the beginning of an answer, and lets go of the rest', async () => {
    const ring = createKeyring()
    await ring.set('openai', KEY)
    const closed = Promise.withResolvers<void>()
    const { origin } = await serve((response) => {
      response.on('close', closed.resolve)
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(sse({ choices: [{ index: 0, delta: { content: 'hi' } }] }))
    })
    expect(await ring.check('openai', mineOf(ring, origin))).toBe('accepted')
    await closed.promise
  })

  test('mends what a refusal said, and is about the key that it tried', async () => {
    const ring = createKeyring()
    let isGood = false
    const { origin } = await serve((response) => {
      if (isGood) sayHi(response)
      else refuse(response)
    })
    const route = mineOf(ring, origin)
    await ring.set('openai', KEY)
    await ring.check('openai', route)
    expect(ring.store.getState()['openai']?.status).toBe('rejected')
    isGood = true
    expect(await ring.check('openai', route)).toBe('accepted')
    expect(ring.store.getState()['openai']?.status).toBe('set')
    isGood = false
    const verdict = ring.check('openai', route)
    await ring.set('openai', OTHER_KEY)
    await verdict
    expect(ring.store.getState()).toEqual({ openai: { status: 'set', last4: '0002' } })
  })

  test('of no key asks nobody', async () => {
    const ring = createKeyring()
    const { origin, asked } = await serve(sayHi)
    expect(await ring.check('openai', mineOf(ring, origin))).toBe('unreachable')
    expect(asked).toEqual([])
    expect(ring.store.getState()).toEqual({})
  })

  test('of something that is no route is a mistake', async () => {
    const ring = createKeyring()
    await ring.set('openai', KEY)
    const error: unknown = await ring
      .check('openai', { protocol: 'openai', facts: {} })
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TypeError)
    expect(wordsOf(error)).not.toContain(KEY)
  })
})
