import { createLLM, textStream } from '@rungs/core'
import type { Outcome, OutputSchema, RunRequest } from '@rungs/core'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { pour, serve } from './loopback.ts'
import { told as toldBy, type Told } from './told.ts'

type Options = Partial<Parameters<typeof textStream>[0]>

function told(
  options: Options & { readonly url: string },
  request: Partial<RunRequest<'chat', never>> = {},
): Promise<Told> {
  const llm = createLLM({
    routes: { own: textStream(options) },
    workloads: { chat: { ladder: ['own'], limits: { maxAttempts: 1 } } },
  })
  return toldBy(llm, request)
}

/** What becomes of this body, sent by a real backend. */
async function hear(
  pieces: readonly (string | Uint8Array)[],
  type = 'text/plain; charset=utf-8',
  status = 200,
): Promise<Outcome> {
  const server = await serve((response) => {
    response.writeHead(status, { 'content-type': type })
    void pour(response, pieces)
  })
  return (await told({ url: server.origin })).outcome
}

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('an answer', () => {
  test('is the body, and its end is the end', async () => {
    expect(await hear(['Hel', 'lo'])).toMatchObject({
      status: 'completed',
      text: 'Hello',
      finish: 'stop',
      failure: null,
      usage: null,
    })
  })

  test('is kept as it came: white space, line ends, markup and what looks like events', async () => {
    const body = ' \r\n<b>data: [DONE]</b>\n\n{"error":1}\t'
    expect((await hear([body])).text).toBe(body)
  })

  test.each(['<', '<ht', '<html', '<htmx a="1">', ' <!doc', '\n\n'.repeat(50) + 'a'])(
    'that begins like a page and is none is kept whole: %j',
    async (body) => {
      expect(await hear(body.split(''))).toMatchObject({ status: 'completed', text: body })
    },
  )

  test('is read whole when its characters are cut', async () => {
    const body = 'Grüße, 👩🏽‍🚀 → 汉字'
    const bytes = [...new TextEncoder().encode(body)].map((byte) => Uint8Array.of(byte))
    expect((await hear(bytes)).text).toBe(body)
  })

  test('shows a character that was never finished, and fails over nothing', async () => {
    expect((await hear(['ok ', Uint8Array.of(0xe6, 0xb1)])).text).toBe('ok \u{FFFD}')
  })

  test('arrives as it is spoken', async () => {
    const seen = Promise.withResolvers<void>()
    const server = await serve(async (response) => {
      response.writeHead(200, { 'content-type': 'text/plain' })
      response.write('first')
      await seen.promise
      response.end(' second')
    })
    const llm = createLLM({
      routes: { own: textStream({ url: server.origin }) },
      workloads: { chat: { ladder: ['own'] } },
    })
    const run = llm.run({ workload: 'chat', prompt: 'Hello?' })
    const texts: string[] = []
    for await (const event of run) {
      if (event.type !== 'content') continue
      texts.push(event.text)
      seen.resolve()
    }
    expect(texts).toEqual(['first', ' second'])
  })

  test('in JSON is that JSON, checked by the schema', async () => {
    const output: OutputSchema = {
      '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) },
    }
    const server = await serve((response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"city":"Bern"}')
    })
    const { outcome } = await told({ url: server.origin }, { output })
    expect(outcome).toMatchObject({ status: 'completed', object: { city: 'Bern' } })
  })
})

describe('a failure', () => {
  test.each([
    ['an empty body', '', 'text/plain', 200, 'invalid-response'],
    ['an empty document', '', 'application/json', 200, 'invalid-response'],
    ['a page', '<!doctype html>', 'text/html; charset=utf-8', 200, 'invalid-response'],
    [
      'an error document',
      '{"error":{"code":"rate_limit_exceeded"}}',
      'application/json',
      200,
      'rate-limit',
    ],
    ['a status', 'Too many requests', 'text/plain', 429, 'rate-limit'],
    [
      'a status with a code',
      '{"error":{"code":"insufficient_quota"}}',
      'application/json',
      429,
      'quota-exhausted',
    ],
    ['a proxy’s page', '<html>Bad gateway</html>', 'text/html', 502, 'outage'],
  ])('is told by %s', async (_, body, type, status, kind) => {
    expect(await hear([body], type, status)).toMatchObject({
      status: 'failed',
      text: '',
      failure: { kind, phase: 'before-content' },
    })
  })

  test('is a page that comes character by character under the name of text', async () => {
    expect(await hear('\n<!DOCTYPE html><p>Log in'.split(''))).toMatchObject({
      text: '',
      failure: { kind: 'invalid-response' },
    })
  })

  test('is a body that breaks off', async () => {
    const server = await serve((response) => {
      response.writeHead(200, { 'content-type': 'text/plain' })
      response.write('half', () => response.socket?.destroy())
    })
    const { outcome } = await told({ url: server.origin })
    expect(outcome).toMatchObject({
      text: 'half',
      failure: { kind: 'network', phase: 'streaming' },
    })
  })
})

describe('a request', () => {
  test('asks for text, with the conversation and the last prompt', async () => {
    const server = await serve((response) => response.end('hi'))
    await told(
      { url: `${server.origin}/api`, headers: { 'x-csrf': 'c' }, body: { tenant: 't1' } },
      { thread: 'thread-1', messages: [{ role: 'assistant', content: 'Hi' }] },
    )
    const [asked] = server.asked
    expect(asked).toMatchObject({ method: 'POST', path: '/api' })
    expect(asked?.headers).toMatchObject({ accept: 'text/plain', 'x-csrf': 'c' })
    expect(asked?.fields).toMatchObject({
      id: 'thread-1',
      prompt: 'Hello?',
      tenant: 't1',
      messages: [
        { role: 'assistant', parts: [{ type: 'text', text: 'Hi' }] },
        { role: 'user', parts: [{ type: 'text', text: 'Hello?' }] },
      ],
    })
  })

  test('to a relative address goes to the page it is relative to', async () => {
    const server = await serve((response) => response.end('hi'))
    vi.stubGlobal('location', new URL(`${server.origin}/app/page?q#h`))
    expect((await told({ url: '../api' })).outcome.text).toBe('hi')
    expect(server.asked.map(({ path }) => path)).toEqual(['/api'])
  })
})
