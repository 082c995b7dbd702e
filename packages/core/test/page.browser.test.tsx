import { aiSdk, createLLM, openai, textStream } from '@rungs/core'
import type { Failure, LLM, Route, World } from '@rungs/core'
import { transcript } from '@rungs/core/testing'
import { afterEach, describe, expect, test } from 'vitest'

const HI =
  'data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
/** An answer of the browser's own `fetch`, read from a blob instead of the network. */
const answerHi: typeof fetch = () => fetch(URL.createObjectURL(new Blob([HI])))
const remote = (): Route =>
  openai({ model: 'm', apiKey: 'k', baseUrl: 'https://api.example/v1', provider: 'example' })

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

function llmOf(route: Route, world?: Partial<World>): LLM<'only', 'chat', never> {
  const llm = createLLM({
    routes: { only: route },
    workloads: { chat: { ladder: ['only'], limits: { maxAttempts: 1 } } },
    world,
  })
  closing.push(() => llm.close())
  return llm
}

async function failureOf(route: Route, world?: Partial<World>): Promise<Failure | null> {
  return (await llmOf(route, world).run({ workload: 'chat', prompt: 'Hello?' }).outcome).failure
}

/** Make the page look so for the length of the test, and tell it, as the browser does. */
function pretend(target: Document | Navigator, key: string, value: unknown, event: Event): void {
  Object.defineProperty(target, key, { configurable: true, get: () => value })
  closing.push(() => Reflect.deleteProperty(target, key))
  const hears = target instanceof Document ? target : globalThis
  hears.dispatchEvent(event)
}
const setOnline = (isOnline: boolean): void => {
  pretend(navigator, 'onLine', isOnline, new Event(isOnline ? 'online' : 'offline'))
}
const setVisible = (state: DocumentVisibilityState): void => {
  pretend(document, 'visibilityState', state, new Event('visibilitychange'))
}

describe('in a page', () => {
  test('a run answers', async () => {
    const run = llmOf(remote(), { fetch: answerHi }).run({ workload: 'chat', prompt: 'Hello?' })
    expect(await transcript(run)).toEqual(['try only', '"hi"', 'completed'])
  })

  test('a relative address goes to the page’s own server', async () => {
    expect(await failureOf(aiSdk({ url: '/no/such/endpoint' }))).toMatchObject({
      kind: 'not-found',
      status: 404,
    })
  })

  test('a server that nobody reaches is a network failure', async () => {
    const failure = await failureOf(textStream({ url: 'http://localhost:1/' }))
    expect(failure).toMatchObject({ kind: 'network', phase: 'before-content' })
  })

  test('a request with a key has no cookies, referrer, cache or redirect, whatever ky adds', async () => {
    const seen: Request[] = []
    const spy: typeof fetch = (input, init) => {
      seen.push(new Request(input, init))
      return answerHi(input)
    }
    await failureOf(remote(), { fetch: spy })
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({
      url: 'https://api.example/v1/chat/completions',
      method: 'POST',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      cache: 'no-store',
      redirect: 'manual',
    })
    expect(Object.fromEntries(seen[0]?.headers ?? [])).toEqual({
      accept: 'text/event-stream',
      authorization: 'Bearer k',
      'content-type': 'application/json',
    })
  })
})

describe('offline', () => {
  test('a run waits, and goes on once the browser is online', async () => {
    setOnline(false)
    const llm = llmOf(remote(), { fetch: answerHi })
    const run = llm.run({ workload: 'chat', prompt: 'Hello?' })
    const types: string[] = []
    for await (const { type } of run) {
      types.push(type)
      if (type === 'paused') setOnline(true)
    }
    expect(types.filter((type) => /paused|resumed|attempt|settled/.test(type))).toEqual([
      'paused',
      'resumed',
      'attempt-started',
      'attempt-finished',
      'settled',
    ])
    expect(await run.outcome).toMatchObject({ status: 'completed', text: 'hi', degraded: null })
  })

  test('a request that breaks as the browser goes offline is sent again', async () => {
    let isFirst = true
    const llm = llmOf(remote(), {
      async fetch(input) {
        if (!isFirst) return answerHi(input)
        isFirst = false
        setOnline(false)
        throw new TypeError('Failed to fetch')
      },
    })
    const run = llm.run({ workload: 'chat', prompt: 'Hello?' })
    for await (const event of run) if (event.type === 'paused') setOnline(true)
    expect(await transcript(run)).toEqual([
      'try only',
      'offline -> pause',
      'paused for online',
      'resumed',
      'offline -> only',
      'try only',
      '"hi"',
      'completed',
    ])
  })

  test('a run that waits can be stopped', async () => {
    setOnline(false)
    const run = llmOf(remote(), { fetch: answerHi }).run({ workload: 'chat', prompt: 'Hello?' })
    for await (const event of run) if (event.type === 'paused') void run.stop()
    expect((await run.outcome).status).toBe('stopped')
  })
})

test('a run notes when its page is hidden and shown', async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const llm = llmOf(remote(), { fetch: async () => new Response(readable) })
  const run = llm.run({ workload: 'chat', prompt: 'Hello?' })
  const types: string[] = []
  for await (const { type } of run) {
    types.push(type)
    if (type === 'headers') setVisible('hidden')
    if (type === 'hidden') setVisible('visible')
    if (type === 'shown') void new Blob([HI]).stream().pipeTo(writable)
  }
  expect(types.filter((type) => /headers|hidden|shown|content|settled/.test(type))).toEqual([
    'headers',
    'hidden',
    'shown',
    'content',
    'settled',
  ])
})

test('a closed LLM hears nothing of the page', async () => {
  const llm = llmOf(remote(), { fetch: answerHi })
  const run = llm.run({ workload: 'chat', prompt: 'Hello?' })
  await llm.close()
  const { length } = await transcript(run)
  setVisible('hidden')
  setOnline(false)
  expect(await transcript(run)).toHaveLength(length)
})

/** A failed `fetch`, with a report of the browser's on the way. */
async function kindAfter(report: Partial<SecurityPolicyViolationEventInit>): Promise<unknown> {
  const failure = await failureOf(remote(), {
    async fetch() {
      const event = new SecurityPolicyViolationEvent('securitypolicyviolation', {
        documentURI: location.href,
        violatedDirective: 'connect-src',
        effectiveDirective: 'connect-src',
        originalPolicy: "connect-src 'self'",
        disposition: 'enforce',
        statusCode: 200,
        blockedURI: 'https://api.example/v1/chat/completions',
        ...report,
      })
      document.dispatchEvent(event)
      throw new TypeError('Failed to fetch')
    },
  })
  return failure?.kind
}

describe('a content security policy', () => {
  test('that refuses the request is told by the browser', async () => {
    expect(await kindAfter({})).toBe('blocked-request')
    expect(await kindAfter({ blockedURI: 'https://api.example' })).toBe('blocked-request')
  })

  test.each<[string, Partial<SecurityPolicyViolationEventInit>]>([
    ['another address', { blockedURI: 'https://other.example/v1' }],
    ['another thing', { effectiveDirective: 'img-src', violatedDirective: 'img-src' }],
    ['nothing, and only reports', { disposition: 'report' }],
  ])('that refuses %s is no evidence', async (_, report) => {
    expect(await kindAfter(report)).toBe('network')
  })

  test('that a real page has makes its refusals blocked requests', async () => {
    const source = new URL('../src/index.ts', import.meta.url).href
    const told = new Promise<unknown>((resolve) => {
      const listener = ({ data }: MessageEvent): void => {
        if (typeof data === 'object' && data !== null && 'kind' in data) resolve(data)
      }
      addEventListener('message', listener)
      closing.push(() => removeEventListener('message', listener))
    })
    const frame = document.createElement('iframe')
    frame.srcdoc = `
      <meta http-equiv="Content-Security-Policy" content="connect-src 'none'">
      <script type="module">
        import { createLLM, openai } from ${JSON.stringify(source)}
        const only = openai({ model: 'm', apiKey: 'k', baseUrl: 'https://api.example/v1' })
        const llm = createLLM({ routes: { only }, workloads: { chat: { ladder: ['only'] } } })
        const { failure } = await llm.run({ workload: 'chat', prompt: 'Hello?' }).outcome
        parent.postMessage(failure, '*')
      </script>`
    document.body.append(frame)
    closing.push(() => frame.remove())
    expect(await told).toMatchObject({ kind: 'blocked-request', phase: 'before-content' })
  })
})

test('what an earlier visit has left is read in an idle moment, before a gesture has to wait for it', async () => {
  const keys: string[] = []
  const read = (key: string): null => {
    keys.push(key)
    return null
  }
  llmOf(remote(), { local: { read, write: () => undefined } })
  expect(keys).toEqual([])
  await expect.poll(() => keys).toEqual(['rungs only'])
})
