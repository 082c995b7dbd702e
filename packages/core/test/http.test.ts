import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { aiSdk, createLLM, openai, textStream } from '@rungs/core'
import type { Outcome, Route, RunEvent, RunRequest, World } from '@rungs/core'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { portOf, serve, sse } from './loopback.ts'

const KEY = 'sk-very-secret-0123456789'
const HI = sse(
  { choices: [{ index: 0, delta: { content: 'hi' }, finish_reason: 'stop' }] },
  '[DONE]',
)

type KeyedOptions = Parameters<typeof openai>[0]

function keyed(origin: string, options: Partial<KeyedOptions> = {}): Route {
  return openai({ model: 'm', apiKey: KEY, baseUrl: `${origin}/v1`, ...options })
}

function llmOf(route: Route, world?: Partial<World>) {
  return createLLM({
    routes: { only: route },
    workloads: { chat: { ladder: ['only'], limits: { maxAttempts: 1 } } },
    world,
  })
}

/** One run over one route, one attempt. */
async function ask(
  route: Route,
  request: Partial<RunRequest<'chat', never>> = {},
  world?: Partial<World>,
): Promise<{ outcome: Outcome; events: readonly RunEvent[] }> {
  const run = llmOf(route, world).run({ workload: 'chat', prompt: 'Hello?', ...request })
  const events: RunEvent[] = []
  for await (const event of run) events.push(event)
  return { outcome: await run.outcome, events }
}

function answering(body: string | Uint8Array, status = 200, type = 'text/event-stream') {
  return serve((response) => {
    response.writeHead(status, { 'content-type': type }).end(body)
  })
}

/** A comment of one MiB, which is no event. */
const MIB = `: ${'x'.repeat(2 ** 20 - 3)}\n`

/** Send so many MiB after a beginning, or until the connection is closed; how many were sent. */
async function flood(response: ServerResponse, start: string, mib: number): Promise<number> {
  let sent = 0
  function* pieces(): Generator<string> {
    yield start
    for (; sent < mib; sent += 1) yield MIB
  }
  try {
    await pipeline(pieces, response, { end: false })
  } catch {
    // The other side closed it.
  }
  return sent
}

function configProblem(route: () => Route): string {
  try {
    llmOf(route())
  } catch (thrown) {
    return thrown instanceof TypeError ? thrown.message : `no TypeError: ${String(thrown)}`
  }
  return 'no problem'
}

afterEach(() => {
  vi.unstubAllGlobals()
})

/** What a browser gives for a redirect that is not followed. */
const opaqueRedirect: typeof fetch = async () => {
  const response = new Response(null)
  Object.defineProperty(response, 'type', { value: 'opaqueredirect' })
  Object.defineProperty(response, 'status', { value: 0 })
  Object.defineProperty(response, 'ok', { value: false })
  return response
}

describe('a redirect', () => {
  test.each([301, 302, 303, 307, 308])('%i is not followed with a key', async (status) => {
    const second = await answering(HI)
    const first = await serve((response) => {
      response.writeHead(status, { location: `${second.origin}/v1/chat/completions` }).end()
    })
    const { outcome } = await ask(keyed(first.origin))
    expect(outcome.failure).toMatchObject({ kind: 'blocked-request', phase: 'before-content' })
    expect(first.asked).toHaveLength(1)
    expect(second.asked).toEqual([])
  })

  test('is not followed to the same origin either, nor by an endpoint route', async () => {
    const server = await serve((response) => {
      response.writeHead(307, { location: '/elsewhere' }).end()
    })
    const { outcome } = await ask(aiSdk({ url: `${server.origin}/api` }))
    expect(outcome.failure?.kind).toBe('blocked-request')
    expect(server.asked.map(({ path }) => path)).toEqual(['/api'])
  })

  test('that the browser keeps opaque is a blocked request', async () => {
    const { outcome } = await ask(keyed('http://localhost'), {}, { fetch: opaqueRedirect })
    expect(outcome.failure?.kind).toBe('blocked-request')
  })
})

describe('a body', () => {
  test.each([
    ['no body under 204', 204],
    ['an empty body under 200', 200],
  ])('%s is an invalid response', async (_, status) => {
    const server = await answering('', status)
    const { outcome } = await ask(keyed(server.origin))
    expect(outcome).toMatchObject({
      status: 'failed',
      failure: { kind: 'invalid-response', phase: 'before-content' },
    })
  })

  test('of an error says what it can in its first 64 KiB, and is read no further', async () => {
    const closed = Promise.withResolvers<number>()
    const server = await serve(async (response) => {
      response.writeHead(429, { 'content-type': 'application/json' })
      closed.resolve(
        await flood(response, '{"error":{"code":"insufficient_quota","message":"', Infinity),
      )
    })
    const { outcome } = await ask(keyed(server.origin))
    expect(outcome.failure).toMatchObject({ kind: 'quota-exhausted', status: 429 })
    // What the sockets hold, and little more.
    expect(await closed.promise).toBeLessThan(32)
  })

  test('of an error whose first read is over 64 KiB is cut, not lost', async () => {
    const body = `{"error":{"code":"insufficient_quota","message":"${'x'.repeat(100_000)}"}}`
    const { outcome } = await ask(
      keyed('http://localhost'),
      {},
      {
        fetch: async () => new Response(body, { status: 429 }),
      },
    )
    expect(outcome.failure).toMatchObject({ kind: 'quota-exhausted', status: 429 })
  })

  test('over 32 MiB is an invalid response', async () => {
    const server = await serve(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      await flood(response, '', 34)
      response.end(HI)
    })
    const { outcome } = await ask(keyed(server.origin))
    expect(outcome).toMatchObject({ text: '', failure: { kind: 'invalid-response', status: 200 } })
  })

  test('of just under 32 MiB is read to its end', async () => {
    const server = await answering(MIB.repeat(31) + HI)
    const { outcome } = await ask(keyed(server.origin))
    expect(outcome).toMatchObject({ status: 'completed', text: 'hi' })
  })

  test('with an event over 1 MiB is an invalid response', async () => {
    const server = await answering(`data: ${'x'.repeat(3 * 2 ** 19)}\n\n${HI}`)
    const { outcome } = await ask(keyed(server.origin))
    expect(outcome.failure?.kind).toBe('invalid-response')
  })

  test('with an event over 1 MiB in a single read is an invalid response', async () => {
    const body = `data: ${'x'.repeat(2 ** 20 + 1)}\n\n${HI}`
    const fetch: World['fetch'] = async () => new Response(body)
    const { outcome } = await ask(keyed('http://localhost'), {}, { fetch })
    expect(outcome.failure?.kind).toBe('invalid-response')
  })

  test('with a line that never ends is an invalid response before it does', async () => {
    const server = await serve((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(`data: ${'x'.repeat(2 ** 21)}`)
    })
    const { outcome } = await ask(keyed(server.origin))
    expect(outcome.failure?.kind).toBe('invalid-response')
  })

  test('with an event over 1 MiB made of short lines is an invalid response', async () => {
    const server = await answering(`${`data: ${'x'.repeat(1000)}\n`.repeat(1100)}\n${HI}`)
    const { outcome } = await ask(keyed(server.origin))
    expect(outcome.failure?.kind).toBe('invalid-response')
  })

  test('of more than 200,000 events is an invalid response', async () => {
    const server = await answering(`${'data: {"choices":[]}\n\n'.repeat(200_001)}${HI}`)
    const { outcome } = await ask(keyed(server.origin))
    expect(outcome.failure?.kind).toBe('invalid-response')
  })

  test('that is reset while it streams is a network failure that keeps its text', async () => {
    const server = await serve(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(sse({ choices: [{ index: 0, delta: { content: 'half' } }] }), () => {
        response.socket?.resetAndDestroy()
      })
    })
    const { outcome } = await ask(keyed(server.origin))
    expect(outcome).toMatchObject({
      text: 'half',
      failure: { kind: 'network', phase: 'streaming' },
    })
  })
})

describe('a connection', () => {
  test('that is refused is a network failure', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const port = portOf(taken)
    taken.close()
    await once(taken, 'close')
    const { outcome } = await ask(keyed(`http://127.0.0.1:${port}`))
    expect(outcome.failure).toMatchObject({ kind: 'network', phase: 'before-content' })
    expect(outcome.failure?.status).toBeUndefined()
  })

  test('that is reset before headers is a network failure', async () => {
    const server = await serve((response) => response.socket?.resetAndDestroy())
    const { outcome } = await ask(keyed(server.origin))
    expect(outcome.failure).toMatchObject({ kind: 'network', phase: 'before-content' })
  })

  test('is closed when the run is stopped while it streams', async () => {
    const closed = Promise.withResolvers<void>()
    const server = await serve((response) => {
      response.on('close', closed.resolve)
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(sse({ choices: [{ index: 0, delta: { content: 'half' } }] }))
    })
    const run = llmOf(keyed(server.origin)).run({ workload: 'chat', prompt: 'Hello?' })
    for await (const event of run) if (event.type === 'content') void run.stop()
    await closed.promise
    expect(await run.outcome).toMatchObject({ status: 'stopped', text: 'half', failure: null })
  })

  test('is closed when the run is stopped before headers', async () => {
    const [asked, closed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const server = await serve((response) => {
      response.on('close', closed.resolve)
      asked.resolve()
    })
    const run = llmOf(keyed(server.origin)).run({ workload: 'chat', prompt: 'Hello?' })
    await asked.promise
    await run.stop()
    await closed.promise
    expect((await run.outcome).status).toBe('stopped')
  })

  test.each([
    ['four malformed events', 'data: {\n\n'.repeat(4), 'invalid-response'],
    ['an error event', sse({ error: { code: 'server_error' } }), 'outage'],
    ['a page', '<!doctype html><title>Login</title>', 'invalid-response'],
  ])('is closed when its attempt fails on %s', async (_, body, kind) => {
    const closed = Promise.withResolvers<void>()
    const server = await serve((response) => {
      response.on('close', closed.resolve)
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(body)
    })
    const { outcome } = await ask(keyed(server.origin))
    await closed.promise
    expect(outcome.failure?.kind).toBe(kind)
  })

  test('of a redirect whose body hangs is closed', async () => {
    const closed = Promise.withResolvers<void>()
    const server = await serve((response) => {
      response.on('close', closed.resolve)
      response.writeHead(302, { location: '/' }).write('moved')
    })
    const { outcome } = await ask(keyed(server.origin))
    await closed.promise
    expect(outcome.failure?.kind).toBe('blocked-request')
  })
})

/** What the SDK itself sends: the request that it gives to `fetch`. */
async function requestOf(route: Route): Promise<Request> {
  let request = new Request('http://unset')
  const spy: typeof fetch = async (input, init) => {
    request = input instanceof Request ? input : new Request(input, init)
    return new Response(HI)
  }
  await ask(route, {}, { fetch: spy })
  return request
}

const boom = (): never => {
  throw new Error(`no session for ${KEY}`)
}

describe('a request', () => {
  test('has the headers of its protocol and no others', async () => {
    const request = await requestOf(keyed('http://localhost'))
    expect(Object.fromEntries(request.headers)).toEqual({
      accept: 'text/event-stream',
      authorization: `Bearer ${KEY}`,
      'content-type': 'application/json',
    })
    const own = await requestOf(textStream({ url: 'http://localhost/api' }))
    expect(Object.fromEntries(own.headers)).toEqual({
      accept: 'text/plain',
      'content-type': 'application/json',
    })
  })

  test('with a key omits cookies, referrer, cache and redirects', async () => {
    const { credentials, referrerPolicy, cache, redirect, method, url } = await requestOf(
      keyed('http://localhost'),
    )
    expect({ credentials, referrerPolicy, cache, redirect, method, url }).toEqual({
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      cache: 'no-store',
      redirect: 'manual',
      method: 'POST',
      url: 'http://localhost/v1/chat/completions',
    })
  })

  test('reaches a real server with neither cookie nor referrer', async () => {
    const server = await answering(HI)
    await ask(keyed(server.origin))
    const [asked] = server.asked
    expect(asked).toMatchObject({ method: 'POST', path: '/v1/chat/completions' })
    expect(asked?.headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      'content-type': 'application/json',
    })
    expect(Object.keys(asked?.headers ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/cookie|referer|origin|traceparent|^x-/)]),
    )
  })

  test('carries the headers and the body of its route, read when it is sent', async () => {
    const server = await answering(HI)
    let sent = 0
    const route = keyed(server.origin, {
      headers: async () => ({ 'x-title': `Rungs ${(sent += 1)}` }),
      body: { seed: 7, stream_options: null },
    })
    await ask(route)
    await ask(route)
    expect(server.asked.map(({ headers }) => headers['x-title'])).toEqual(['Rungs 1', 'Rungs 2'])
    expect(server.asked[0]?.fields).toMatchObject({
      model: 'm',
      seed: 7,
      stream_options: null,
    })
  })

  test('goes by the fetch of the world, or by the global one of that moment', async () => {
    const injected = vi.fn<typeof fetch>(async () => new Response(HI))
    const { outcome } = await ask(keyed('http://localhost'), {}, { fetch: injected })
    expect([outcome.text, injected.mock.calls.length]).toEqual(['hi', 1])

    const llm = llmOf(keyed('http://localhost'))
    const wrapped = vi.fn<typeof fetch>(async () => new Response(HI))
    vi.stubGlobal('fetch', wrapped)
    expect((await llm.run({ workload: 'chat', prompt: 'Hello?' }).outcome).text).toBe('hi')
    expect(wrapped).toHaveBeenCalledOnce()
  })

  test('is not sent when its headers or body cannot be had, and blames nobody', async () => {
    const server = await answering(HI)
    for (const options of [{ headers: boom }, { body: boom }]) {
      const { outcome, events } = await ask(aiSdk({ url: server.origin, ...options }))
      expect(outcome.failure?.phase).toBe('before-request')
      expect(outcome.attempts[0]).toMatchObject({ billing: 'none' })
      expect(JSON.stringify(events)).not.toContain(KEY)
    }
    expect(server.asked).toEqual([])
  })
})

describe('a key', () => {
  test.each([
    ['a line break', 'sk-very-secret\n-0123456789'],
    ['a carriage return', 'sk-very-secret\r\nx-evil: 1'],
    ['a space', 'sk-very secret-0123456789'],
    ['a letter outside ASCII', 'sk-véry-secret-0123456789'],
    ['a zero', 'sk-very-secret\0'],
    ['a typographic quote', '“sk-very-secret-0123456789”'],
  ])('with %s is refused in the config without being shown', (_, apiKey) => {
    const problem = configProblem(() => keyed('http://localhost', { apiKey }))
    expect(problem).toContain('routes.only.apiKey')
    expect(problem).not.toMatch(/sk-|secret|012345|evil/)
  })

  test('with odd characters from a function is auth, before any request', async () => {
    const server = await answering(HI)
    const route = keyed(server.origin, { apiKey: () => `${KEY}\r\nx-evil: 1` })
    const { outcome, events } = await ask(route)
    expect(outcome.failure).toMatchObject({ kind: 'auth', phase: 'before-request' })
    expect(JSON.stringify([events, outcome])).not.toMatch(/sk-|secret|012345|evil/)
    expect(server.asked).toEqual([])
  })

  test('loses the white space around it that came with copying', async () => {
    const server = await answering(HI)
    await ask(keyed(server.origin, { apiKey: `  ${KEY}\n` }))
    await ask(keyed(server.origin, { apiKey: async () => `\t${KEY} ` }))
    expect(server.asked.map(({ headers }) => headers.authorization)).toEqual([
      `Bearer ${KEY}`,
      `Bearer ${KEY}`,
    ])
  })

  test('that a provider echoes in its error is in no event, outcome or failure', async () => {
    const echo = { message: `Incorrect API key provided: ${KEY}`, code: KEY, type: KEY, param: KEY }
    const server = await serve((response) => {
      response.writeHead(401, { 'x-request-id': 'req_1', 'www-authenticate': KEY })
      response.end(JSON.stringify({ error: echo }))
    })
    const { outcome, events } = await ask(keyed(server.origin))
    expect(outcome.failure).toMatchObject({ kind: 'auth', status: 401, requestId: 'req_1' })
    expect(JSON.stringify([events, outcome])).not.toMatch(/sk-|secret|012345/)
  })

  test.each([401, 200])(
    'that a provider echoes as the id of a request (%i) is none',
    async (code) => {
      const server = await serve((response) => {
        response.writeHead(code, { 'x-request-id': `req_${KEY}` })
        response.end()
      })
      const { outcome, events } = await ask(keyed(server.origin))
      expect(outcome.failure).not.toHaveProperty('requestId')
      expect(JSON.stringify([events, outcome])).not.toContain(KEY)
    },
  )

  test.each<[string, () => string | undefined | Promise<string | undefined>]>([
    ['gives nothing', () => undefined],
    ['gives an empty text', async () => ''],
    [
      'throws',
      () => {
        throw new Error(`no token for ${KEY}`)
      },
    ],
    ['rejects', () => Promise.reject(new Error(`no token for ${KEY}`))],
  ])('function that %s is auth, before any request', async (_, apiKey) => {
    const server = await answering(HI)
    const { outcome, events } = await ask(keyed(server.origin, { apiKey }))
    expect(outcome.failure).toMatchObject({ kind: 'auth', phase: 'before-request' })
    expect(outcome.attempts[0]).toMatchObject({ billing: 'none' })
    expect(JSON.stringify(events)).not.toContain(KEY)
    expect(server.asked).toEqual([])
  })

  test('is read for each attempt', async () => {
    const server = await answering(HI)
    const keys = ['first', 'second']
    const llm = llmOf(keyed(server.origin, { apiKey: () => keys.shift() }))
    await llm.run({ workload: 'chat', prompt: 'one' }).outcome
    await llm.run({ workload: 'chat', prompt: 'two' }).outcome
    expect(server.asked.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer first',
      'Bearer second',
    ])
  })

  test('that is null sends no authorization', async () => {
    const server = await answering(HI)
    const { outcome } = await ask(keyed(server.origin, { apiKey: null }))
    expect(outcome).toMatchObject({ status: 'completed', text: 'hi' })
    expect(server.asked[0]?.headers).not.toHaveProperty('authorization')
  })

  test('that is empty leaves its route out of the plan', () => {
    const llm = llmOf(keyed('http://localhost', { apiKey: '' }))
    expect(llm.explain({ workload: 'chat', prompt: 'Hello?' }).excluded).toMatchObject([
      { route: 'only', why: 'no-credential' },
    ])
  })

  test('that is written into a public page is refused', () => {
    vi.stubGlobal('location', new URL('https://app.example/chat'))
    const problem = configProblem(() => openai({ model: 'm', apiKey: KEY }))
    expect(problem).toContain('routes.only.apiKey')
    expect(problem).not.toContain(KEY)
    expect(configProblem(() => openai({ model: 'm', apiKey: () => KEY }))).toBe('no problem')
  })

  test.each(['http://localhost:5173/', 'http://127.0.0.1/', 'http://[::1]:8080/'])(
    'may be written into a page on %s',
    (page) => {
      vi.stubGlobal('location', new URL(page))
      expect(configProblem(() => openai({ model: 'm', apiKey: KEY }))).toBe('no problem')
    },
  )
})

describe('an address', () => {
  test.each([
    ['http on another host', 'http://api.example/v1'],
    ['http on a host that looks local', 'http://localhost.example/v1'],
    ['http on another local network', 'http://192.168.0.1/v1'],
    ['a user and a password', 'https://me:hunter2@api.example/v1'],
    ['no address', 'api.example'],
    ['no http', 'ftp://api.example'],
    ['a script', 'javascript:alert(1)'],
  ])('with %s is refused', (_, baseUrl) => {
    const problem = configProblem(() => openai({ model: 'm', apiKey: () => KEY, baseUrl }))
    expect(problem).toContain('routes.only.baseUrl')
    expect(problem).not.toContain('hunter2')
  })

  test.each([
    'https://api.example/v1',
    'https://api.example/v1/',
    'http://localhost:11434/v1',
    'http://127.0.0.1:1234',
    'http://[::1]:1234/v1',
  ])('%s is fine', (baseUrl) => {
    expect(configProblem(() => openai({ model: 'm', apiKey: () => KEY, baseUrl }))).toBe(
      'no problem',
    )
  })

  test.each(['', 'ftp://us.example/api', 'data:text/plain,hi', 'https://me:hunter2@us.example/'])(
    'of an endpoint that is "%s" is refused',
    (url) => {
      const problem = configProblem(() => aiSdk({ url }))
      expect(problem).toContain('routes.only.url')
      expect(problem).not.toContain('hunter2')
    },
  )
})
