import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sayHi } from './answers.ts'
import { openTheatre, place, type Got, type Stage, type Theatre } from './stage.ts'

const KEY = 'sk-canary-of-redirects-0001'
const COOKIE = 'session=canary-of-cookies'

/** The header in which each route sends its secret. */
const HEADERS: Readonly<Record<string, string>> = {
  openai: 'authorization',
  openaiResponses: 'authorization',
  anthropic: 'x-api-key',
  gemini: 'x-goog-api-key',
  customHeader: 'x-team-secret',
  aiSdk: 'authorization',
  agUi: 'x-team-secret',
  textStream: 'x-api-key',
}
const NAMES = Object.keys(HEADERS)
const ENDPOINTS = ['aiSdk', 'agUi', 'textStream']

let theatre: Theatre
let stage: Stage
let atHome: string
beforeAll(async () => {
  theatre = await openTheatre()
  stage = await theatre.stage({
    path: '/?canary=of-the-address',
    // The loosest there is: what sends no referrer now does so by itself.
    headers: { 'referrer-policy': 'unsafe-url' },
    api(response, { path }) {
      if (path.startsWith('/redirect/')) {
        response.writeHead(307, { location: atob(path.slice('/redirect/'.length)) }).end()
      } else sayHi(response)
    },
  })
  atHome = stage.home.origin
  const [name = '', value = ''] = COOKIE.split('=')
  // A cookie knows no port, so every server of these tests would be sent it.
  await stage.context.addCookies([{ name, value, url: atHome }])
})
afterAll(async () => {
  await stage.close()
  await theatre.close()
})

/** A run of every kind of route that goes to `origin` with the key; the kind of failure of each. */
function ask(origin: string, endpoint = `${origin}/api`): Promise<Record<string, string | null>> {
  return stage.page.evaluate(
    async ({ at, url, key }) => {
      const { createLLM, ...core } = window.rungs
      const keyed = { model: 'm', apiKey: key, baseUrl: `${at}/v1` }
      const routes = {
        openai: core.openai(keyed),
        openaiResponses: core.openaiResponses(keyed),
        anthropic: core.anthropic(keyed),
        gemini: core.gemini(keyed),
        customHeader: core.openai({ ...keyed, apiKey: null, headers: { 'x-team-secret': key } }),
        aiSdk: core.aiSdk({ url, headers: { authorization: key } }),
        agUi: core.agUi({ url, headers: () => ({ 'x-team-secret': key }) }),
        textStream: core.textStream({ url, headers: async () => ({ 'x-api-key': key }) }),
      }
      const asked = Object.entries(routes).map(async ([name, only]) => {
        const limits = { maxAttempts: 1 }
        const workloads = { chat: { ladder: ['only' as const], limits } }
        const llm = createLLM({ routes: { only }, workloads })
        const { failure } = await llm.run({ workload: 'chat', prompt: 'Hello?' }).outcome
        return [name, failure?.kind ?? null] as const
      })
      return Object.fromEntries(await Promise.all(asked))
    },
    { at: origin, url: endpoint, key: KEY },
  )
}

const allBlocked = Object.fromEntries(NAMES.map((name) => [name, 'blocked-request']))

/** How many requests had the key, by the header that it was in. */
function countKeys(got: readonly Got[]): Readonly<Record<string, number>> {
  const names = got.flatMap(({ headers }) =>
    Object.keys(headers).filter((name) => String(headers[name]).includes(KEY)),
  )
  return Object.fromEntries(
    [...new Set(names)].map((name) => [name, names.filter((one) => one === name).length]),
  )
}
const EVERY_KEY = { authorization: 3, 'x-api-key': 2, 'x-goog-api-key': 1, 'x-team-secret': 2 }

describe('a redirect to another origin', () => {
  test.each([301, 302, 303, 307, 308])(
    'with %i takes no key, no byte even, to it',
    async (status) => {
      const other = await place(sayHi)
      const provider = await place((response) => {
        response.writeHead(status, { location: `${other.origin}/v1/stolen` }).end()
      })
      expect(await ask(provider.origin)).toEqual(allBlocked)
      expect(countKeys(provider.got)).toEqual(EVERY_KEY)
      expect(other.bytes()).toBe('')
    },
  )

  test('by way of the page’s own backend takes nothing there either', async () => {
    const other = await place(sayHi)
    const provider = await place(sayHi)
    const told = await ask(provider.origin, `/redirect/${btoa(`${other.origin}/stolen`)}`)
    for (const name of ENDPOINTS) expect(told[name]).toBe('blocked-request')
    expect(other.bytes()).toBe('')
  })

  test('by way of its own origin is not begun', async () => {
    const other = await place(sayHi)
    const provider = await place((response, { path }) => {
      const location = path.endsWith('/again') ? `${other.origin}/stolen` : '/again'
      response.writeHead(307, { location }).end()
    })
    expect(await ask(provider.origin)).toEqual(allBlocked)
    expect(provider.got.map(({ path }) => path)).not.toContain('/again')
    expect(other.bytes()).toBe('')
  })

  test('that a check of a key meets takes no key to it', async () => {
    const other = await place(sayHi)
    const provider = await place((response) => {
      response.writeHead(307, { location: `${other.origin}/v1/stolen` }).end()
    })
    const verdict = await stage.page.evaluate(
      async ({ at, key }) => {
        const ring = window.rungs.createKeyring()
        await ring.set('them', key)
        const route = window.rungs.anthropic({ model: 'm', apiKey: ring.ref('them'), baseUrl: at })
        return ring.check('them', route)
      },
      { at: provider.origin, key: KEY },
    )
    expect(verdict).toBe('unreachable')
    expect(countKeys(provider.got)).toEqual({ 'x-api-key': 1 })
    expect(other.bytes()).toBe('')
  })

  test('would take a key along if it were followed', async () => {
    const other = await place(sayHi)
    const provider = await place((response) => {
      response.writeHead(307, { location: `${other.origin}/v1/stolen` }).end()
    })
    await stage.page.evaluate(
      async ({ at, key }) => {
        await fetch(at, { method: 'POST', headers: { 'x-api-key': key }, body: '{}' })
      },
      { at: provider.origin, key: KEY },
    )
    expect(countKeys(other.got)).toEqual({ 'x-api-key': 1 })
    expect(other.bytes()).toContain(KEY)
  })
})

describe('a request', () => {
  test('has no referrer and no cookie for another origin', async () => {
    const provider = await place(sayHi)
    await ask(provider.origin)
    expect(provider.got).toHaveLength(NAMES.length)
    for (const { headers } of [...provider.got, ...provider.preflights]) {
      expect(headers.referer).toBeUndefined()
      expect(headers.cookie).toBeUndefined()
    }
    expect(provider.bytes()).not.toContain('of-the-address')
  })

  test('has no more headers than its protocol needs', async () => {
    const provider = await place(sayHi)
    await ask(provider.origin)
    const asked = provider.preflights.map(
      ({ path, headers }) => `${path.split('?')[0]} ${headers['access-control-request-headers']}`,
    )
    expect(asked.toSorted()).toEqual([
      '/api authorization,content-type',
      '/api content-type,x-api-key',
      '/api content-type,x-team-secret',
      '/v1/chat/completions authorization,content-type',
      '/v1/chat/completions content-type,x-team-secret',
      '/v1/messages anthropic-dangerous-direct-browser-access,anthropic-version,content-type,x-api-key',
      '/v1/models/m:streamGenerateContent content-type,x-goog-api-key',
      '/v1/responses authorization,content-type',
    ])
    expect(JSON.stringify(provider.preflights)).not.toContain(KEY)
    expect(JSON.stringify(provider.got.map(({ path, body }) => [path, body]))).not.toContain(KEY)
  })

  test('to the page’s own backend has its cookies and still no referrer', async () => {
    const before = stage.home.got.length
    await ask(atHome, '/api')
    const got = stage.home.got.slice(before)
    const to = (isEndpoint: boolean) => got.filter(({ path }) => (path === '/api') === isEndpoint)
    expect(to(true).map(({ headers }) => headers.cookie)).toEqual([COOKIE, COOKIE, COOKIE])
    // A route with a key leaves them out, wherever it goes.
    expect(to(false)).toHaveLength(5)
    for (const { headers } of to(false)) expect(headers.cookie).toBeUndefined()
    for (const { headers } of got) expect(headers.referer).toBeUndefined()
  })

  test.each([
    ['omit', undefined, undefined],
    ['same-origin', COOKIE, undefined],
    ['include', COOKIE, COOKIE],
  ] as const)(
    'of an endpoint that says %s has cookies as it says',
    async (credentials, own, else_) => {
      const provider = await place(sayHi)
      const before = stage.home.got.length
      await stage.page.evaluate(
        async ({ urls, how }) => {
          const { createLLM, aiSdk } = window.rungs
          for (const url of urls) {
            const routes = { only: aiSdk({ url, credentials: how }) }
            const llm = createLLM({ routes, workloads: { chat: { ladder: ['only'] } } })
            await llm.run({ workload: 'chat', prompt: 'Hello?', limits: { maxAttempts: 1 } })
              .outcome
          }
        },
        { urls: ['/api', `${provider.origin}/api`], how: credentials },
      )
      expect(stage.home.got.slice(before).map(({ headers }) => headers.cookie)).toEqual([own])
      expect(provider.got.map(({ headers }) => headers.cookie)).toEqual([else_])
    },
  )

  test('of the page’s own would have them all', async () => {
    const provider = await place(sayHi)
    await stage.page.evaluate(
      (at) => fetch(at, { method: 'POST', credentials: 'include' }).then(() => undefined),
      provider.origin,
    )
    expect(provider.got[0]?.headers).toMatchObject({
      cookie: COOKIE,
      referer: `${atHome}/?canary=of-the-address`,
    })
  })
})
