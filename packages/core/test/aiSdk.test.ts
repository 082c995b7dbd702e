import { aiSdk, createLLM } from '@rungs/core'
import type { Message, Outcome, OutputSchema, RunRequest, World } from '@rungs/core'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { pour, serve, sse } from './loopback.ts'
import { told as toldBy, type Told } from './told.ts'

type Options = Partial<Parameters<typeof aiSdk>[0]>
type Chunk = Readonly<Record<string, unknown>>

function told(
  options: Options & { readonly url: string },
  request: Partial<RunRequest<'chat', never>> = {},
  world?: Partial<World>,
): Promise<Told> {
  const llm = createLLM({
    routes: { own: aiSdk(options) },
    workloads: { chat: { ladder: ['own'], limits: { maxAttempts: 1 } } },
    world,
  })
  return toldBy(llm, request)
}

/** What becomes of these parts, sent one by one by a real backend. */
async function hear(...parts: readonly (Chunk | string)[]): Promise<Told> {
  const server = await serve((response) => {
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'x-vercel-ai-ui-message-stream': 'v1',
    })
    void pour(
      response,
      parts.map((part) => sse(part)),
    )
  })
  return told({ url: `${server.origin}/api/chat` })
}

const outcomeOf = async (...parts: readonly (Chunk | string)[]): Promise<Outcome> =>
  (await hear(...parts)).outcome
const callsOf = ({ events }: Told): readonly unknown[] =>
  events.flatMap((event) => (event.type === 'tool-call' ? [event.call] : []))

const START: readonly Chunk[] = [{ type: 'start', messageId: 'm1' }, { type: 'start-step' }]
const text = (...deltas: readonly string[]): readonly Chunk[] => [
  { type: 'text-start', id: 't' },
  ...deltas.map((delta) => ({ type: 'text-delta', id: 't', delta })),
  { type: 'text-end', id: 't' },
]
const finish = (finishReason?: string, rest: Chunk = {}): readonly (Chunk | string)[] => [
  { type: 'finish-step' },
  { type: 'finish', ...(finishReason === undefined ? {} : { finishReason }), ...rest },
  '[DONE]',
]
const call = (toolCallId: string, rest: Chunk = {}): Chunk => ({
  type: 'tool-input-available',
  toolCallId,
  toolName: 'weather',
  input: { city: 'Bern' },
  ...rest,
})

afterEach(() => {
  vi.unstubAllGlobals()
})

async function sent(
  request: Partial<RunRequest<'chat', never>>,
  options: Options = {},
): Promise<Readonly<Record<string, unknown>>> {
  const server = await serve((response) => response.end(sse(...text('hi'), ...finish())))
  await told({ url: `${server.origin}/api/chat`, ...options }, request)
  return server.asked[0]?.fields ?? {}
}

describe('a request', () => {
  const schema: OutputSchema = {
    jsonSchema: { type: 'object' },
    schema: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } },
  }

  test('is what the AI SDK sends, and the prompt beside it', async () => {
    const body = await sent({ thread: 'thread-1' })
    expect(body).toEqual({
      id: 'thread-1',
      trigger: 'submit-message',
      prompt: 'Hello?',
      messages: [
        { id: expect.any(String), role: 'user', parts: [{ type: 'text', text: 'Hello?' }] },
      ],
    })
  })

  test('gives each message an id of its own, the same in the next run of its thread', async () => {
    const messages: Message[] = [
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: 'Hi' },
    ]
    const ids = async (): Promise<string[]> => {
      const { messages: all } = await sent({ thread: 'thread-1', messages })
      return [...JSON.stringify(all).matchAll(/"id":"([^"]+)"/g)].map(([, id = '']) => id)
    }
    const first = await ids()
    expect(new Set(first).size).toBe(3)
    expect(await ids()).toEqual(first)
  })

  test('carries the system text, images and reasoning as parts', async () => {
    const { messages, prompt } = await sent({
      prompt: undefined,
      system: 'Be brief.',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is ' },
            { type: 'image', mediaType: 'image/png', data: 'iVBORw0=' },
            { type: 'image', mediaType: 'image/jpeg', data: new URL('https://img.example/a.jpg') },
            { type: 'text', text: 'this?' },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'Hm' },
            { type: 'reasoning', opaque: 'signed' },
            { type: 'text', text: 'A cat.' },
          ],
        },
      ],
    })
    expect(messages).toMatchObject([
      { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] },
      {
        role: 'user',
        parts: [
          { type: 'text', text: 'What is ' },
          { type: 'file', mediaType: 'image/png', url: 'data:image/png;base64,iVBORw0=' },
          { type: 'file', mediaType: 'image/jpeg', url: 'https://img.example/a.jpg' },
          { type: 'text', text: 'this?' },
        ],
      },
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'Hm' },
          { type: 'text', text: 'A cat.' },
        ],
      },
    ])
    expect(JSON.stringify(messages)).not.toContain('signed')
    expect(prompt).toBe('What is this?')
  })

  test('joins tool results to their calls', async () => {
    const { messages } = await sent({
      prompt: undefined,
      messages: [
        { role: 'user', content: 'Weather?' },
        {
          role: 'assistant',
          content: [
            { type: 'tool-call', id: 'a', name: 'weather', input: { city: 'Bern' } },
            { type: 'tool-call', id: 'b', name: 'weather', input: { city: 'Rome' } },
            { type: 'tool-call', id: 'c', name: 'clock', input: {} },
          ],
        },
        {
          role: 'tool',
          content: [
            {
              type: 'tool-result',
              id: 'b',
              name: 'weather',
              output: 'No such town',
              isError: true,
            },
            { type: 'tool-result', id: 'a', name: 'weather', output: { celsius: 4 } },
          ],
        },
      ],
    })
    expect(messages).toMatchObject([
      { role: 'user' },
      {
        role: 'assistant',
        parts: [
          {
            type: 'tool-weather',
            toolCallId: 'a',
            state: 'output-available',
            input: { city: 'Bern' },
            output: { celsius: 4 },
          },
          {
            type: 'tool-weather',
            toolCallId: 'b',
            state: 'output-error',
            input: { city: 'Rome' },
            errorText: 'No such town',
          },
          { type: 'tool-clock', toolCallId: 'c', state: 'input-available', input: {} },
        ],
      },
    ])
    expect(messages).toHaveLength(2)
  })

  test('says what else was asked for', async () => {
    const body = await sent({
      maxOutputTokens: 100,
      temperature: 0,
      reasoning: 'low',
      tools: { weather: { description: 'Now', input: schema } },
      output: schema,
    })
    expect(body).toMatchObject({
      maxOutputTokens: 100,
      temperature: 0,
      reasoning: 'low',
      tools: { weather: { description: 'Now', inputSchema: { type: 'object' } } },
      outputSchema: { type: 'object' },
    })
  })

  test('carries headers and body fields, read when it is sent', async () => {
    const server = await serve((response) => response.end(sse(...text('hi'), ...finish())))
    let count = 0
    await told({
      url: `${server.origin}/api/chat?v=1`,
      headers: async () => ({ authorization: `Bearer session-${(count += 1)}` }),
      body: () => ({ trigger: 'regenerate-message', tenant: 't1' }),
    })
    const [asked] = server.asked
    expect(asked).toMatchObject({ method: 'POST', path: '/api/chat?v=1' })
    expect(asked?.headers).toMatchObject({
      accept: 'text/event-stream',
      authorization: 'Bearer session-1',
      'content-type': 'application/json',
    })
    expect(asked?.fields).toMatchObject({
      trigger: 'regenerate-message',
      tenant: 't1',
      prompt: 'Hello?',
    })
  })

  test('sends cookies to its own origin, or as it is told', async () => {
    const seen: string[] = []
    const fetch: typeof globalThis.fetch = async (input, init) => {
      seen.push(input instanceof Request ? input.credentials : (init?.credentials ?? ''))
      return new Response(sse(...text('hi'), ...finish()))
    }
    const url = 'https://app.example/api'
    await told({ url }, {}, { fetch })
    await told({ url, credentials: 'include' }, {}, { fetch })
    await told({ url, credentials: 'omit' }, {}, { fetch })
    expect(seen).toEqual(['same-origin', 'include', 'omit'])
  })

  test.each(['/api/chat', 'api/chat', './api/chat'])(
    'to the address %s goes to the page it is relative to',
    async (url) => {
      const server = await serve((response) => response.end(sse(...text('hi'), ...finish())))
      vi.stubGlobal('location', new URL(`${server.origin}/`))
      expect((await told({ url })).outcome.text).toBe('hi')
      expect(server.asked.map(({ path }) => path)).toEqual(['/api/chat'])
    },
  )

  test('to a relative address where there is no page fails and blames no provider', async () => {
    const { outcome } = await told({ url: '/api/chat' })
    expect(outcome).toMatchObject({ status: 'failed', failure: { kind: 'invalid-request' } })
  })
})

describe('a stream', () => {
  test('is told as text', async () => {
    const { outcome } = await hear(...START, ...text('Hel', 'lo'), ...finish('stop'))
    expect(outcome).toMatchObject({
      status: 'completed',
      text: 'Hello',
      finish: 'stop',
      message: { role: 'assistant', content: [{ type: 'text', text: 'Hello' }] },
      attempts: [{ skippedEvents: 0 }],
    })
  })

  test('tells reasoning apart from text', async () => {
    const { outcome } = await hear(
      ...START,
      { type: 'reasoning-start', id: 'r' },
      { type: 'reasoning-delta', id: 'r', delta: 'They greet. ' },
      { type: 'reasoning-delta', id: 'r', delta: 'Greet back.' },
      { type: 'reasoning-end', id: 'r' },
      ...text('Hi'),
      ...finish('stop'),
    )
    expect(outcome.text).toBe('Hi')
    expect(outcome.message.content).toEqual([
      { type: 'reasoning', text: 'They greet. Greet back.' },
      { type: 'text', text: 'Hi' },
    ])
  })

  test('passes over parts that it does not know, and counts none of them', async () => {
    const { outcome } = await hear(
      ...START,
      { type: 'source-url', sourceId: 's', url: 'https://a.example' },
      { type: 'source-document', sourceId: 's', mediaType: 'text/plain', title: 'T' },
      { type: 'file', url: 'data:,x', mediaType: 'text/plain' },
      { type: 'data-fallback', data: { to: 'mini' }, transient: true },
      { type: 'steering-message', id: 's', parts: [{ type: 'text', text: 'not the answer' }] },
      { type: 'tool-approval-request', approvalId: 'a', toolCallId: 'b' },
      { type: 'custom', kind: 'x' },
      { type: 'from-the-future', delta: 'not the answer' },
      { type: '__proto__' },
      { type: 'constructor' },
      { type: 'text-delta', id: 't', delta: '' },
      ...text('whole'),
      ...finish('stop'),
    )
    expect(outcome).toMatchObject({ text: 'whole', attempts: [{ skippedEvents: 0 }] })
  })

  test('passes over three malformed events and counts them', async () => {
    const bad = [{ kind: 'text-delta' }, 'null', { type: 'text-delta', id: 't', delta: { a: 1 } }]
    const { outcome } = await hear(...START, ...text('wh'), ...bad, ...text('ole'), ...finish())
    expect(outcome).toMatchObject({ text: 'whole', attempts: [{ skippedEvents: 3 }] })
  })

  test('with four malformed events is an invalid response', async () => {
    const bad = ['{', '7', '[]', '"text"']
    expect(await outcomeOf(...START, ...bad, ...text('whole'), ...finish())).toMatchObject({
      status: 'failed',
      failure: { kind: 'invalid-response' },
    })
  })

  test.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['content-filter', 'filtered'],
    ['other', 'stop'],
    ['from-the-future', 'stop'],
    [undefined, 'stop'],
  ])('that finishes with %s is %s', async (reason, said) => {
    expect(await outcomeOf(...START, ...text('whole'), ...finish(reason))).toMatchObject({
      status: 'completed',
      text: 'whole',
      finish: said,
    })
  })

  test('may end with [DONE] alone, or with its finish alone', async () => {
    expect(await outcomeOf(...text('whole'), '[DONE]')).toMatchObject({
      status: 'completed',
      finish: 'stop',
    })
    expect(await outcomeOf(...text('whole'), { type: 'finish' })).toMatchObject({
      status: 'completed',
      finish: 'stop',
    })
  })

  test.each<[string, readonly (Chunk | string)[], string]>([
    ['nothing', [], 'truncated'],
    ['an abort', [{ type: 'abort', reason: 'stopped' }, '[DONE]'], 'truncated'],
    ['an interruption', finish('interrupted'), 'truncated'],
    ['a finish for an error', finish('error'), 'outage'],
    ['an error', [{ type: 'error', errorText: 'An error occurred.' }, '[DONE]'], 'outage'],
    [
      'an error with a code',
      [{ type: 'error', errorText: '{"error":{"code":"rate_limit_exceeded","message":"Slow"}}' }],
      'rate-limit',
    ],
    [
      'an error in prose',
      [{ type: 'error', errorText: 'Rate limit exceeded, retry in 2 seconds' }],
      'rate-limit',
    ],
  ])('that ends with %s after content fails as it says', async (_, tail, kind) => {
    expect(await outcomeOf(...START, ...text('half'), ...tail)).toMatchObject({
      text: 'half',
      failure: { kind, phase: 'streaming' },
    })
  })

  test('with an error before content fails before content', async () => {
    expect(await outcomeOf(...START, { type: 'error', errorText: 'overloaded' })).toMatchObject({
      text: '',
      failure: { kind: 'outage', phase: 'before-content' },
    })
  })

  test('of no content is an invalid response', async () => {
    expect(await outcomeOf(...START, ...finish('stop'))).toMatchObject({
      failure: { kind: 'invalid-response', phase: 'before-content' },
    })
  })

  test('that filters before content is blocked content', async () => {
    expect(await outcomeOf(...START, ...finish('content-filter'))).toMatchObject({
      failure: { kind: 'blocked-content' },
    })
  })

  test('that takes a step with text back is truncated: nothing is spliced', async () => {
    const parts = [...START, ...text('wrong'), { type: 'reset-step' }, ...text('right')]
    expect(await outcomeOf(...parts, ...finish('stop'))).toMatchObject({
      text: 'wrong',
      failure: { kind: 'truncated' },
    })
  })

  test('that takes a step without text back goes on, and its calls are forgotten', async () => {
    const answer = await hear(
      ...START,
      ...text('Looking. '),
      { type: 'finish-step' },
      { type: 'start-step' },
      { type: 'reasoning-delta', id: 'r', delta: 'Hm' },
      call('taken-back'),
      { type: 'reset-step' },
      call('taken-back-too'),
      { type: 'reset-step' },
      call('again'),
      ...text('Here.'),
      ...finish('tool-calls'),
    )
    expect(answer.outcome).toMatchObject({ status: 'completed', text: 'Looking. Here.' })
    expect(callsOf(answer)).toMatchObject([{ id: 'again' }])
  })
})

describe('a tool call', () => {
  test('that is left open is the caller’s', async () => {
    const answer = await hear(
      ...START,
      { type: 'tool-input-start', toolCallId: 'a', toolName: 'weather' },
      { type: 'tool-input-delta', toolCallId: 'a', inputTextDelta: '{"city":"Bern"}' },
      call('a'),
      ...finish('tool-calls'),
    )
    expect(answer.outcome).toMatchObject({ status: 'completed', finish: 'tool-calls', text: '' })
    expect(callsOf(answer)).toMatchObject([
      { type: 'tool-call', id: 'a', name: 'weather', input: { city: 'Bern' } },
    ])
  })

  test.each<[string, readonly Chunk[]]>([
    ['has an output', [call('a'), { type: 'tool-output-available', toolCallId: 'a', output: 4 }]],
    ['has an error', [call('a'), { type: 'tool-output-error', toolCallId: 'a', errorText: 'x' }]],
    ['was denied', [call('a'), { type: 'tool-output-denied', toolCallId: 'a' }]],
    ['the provider executes', [call('a', { providerExecuted: true })]],
    ['has a broken input', [{ ...call('a'), type: 'tool-input-error', errorText: 'x' }]],
  ])('that %s is not', async (_, parts) => {
    const answer = await hear(...START, ...parts, ...text('4 degrees'), ...finish('stop'))
    expect(answer.outcome).toMatchObject({ finish: 'stop', text: '4 degrees' })
    expect(callsOf(answer)).toEqual([])
  })

  test('is told when [DONE] is the only end', async () => {
    expect(callsOf(await hear(...START, call('a'), '[DONE]'))).toMatchObject([{ id: 'a' }])
  })

  test('may be named and filled like what objects inherit', async () => {
    const input: unknown = JSON.parse('{"__proto__":{"isAdmin":true}}')
    const answer = await hear(
      call('__proto__', { toolName: 'constructor', input }),
      call('toString'),
      { type: 'tool-output-available', toolCallId: 'toString', output: 1 },
      ...finish('tool-calls'),
    )
    expect(callsOf(answer)).toMatchObject([{ id: '__proto__', name: 'constructor' }])
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
  })
})

describe('usage', () => {
  const usage = {
    inputTokens: 10,
    outputTokens: 20,
    totalTokens: 30,
    reasoningTokens: 5,
    cachedTokens: 4,
  }
  const read = { inputTokens: 10, outputTokens: 20, reasoningTokens: 5, cachedTokens: 4 }

  test.each<[string, readonly (Chunk | string)[], object | null]>([
    ['of the finish', [...text('x'), ...finish('stop', { messageMetadata: { usage } })], read],
    [
      'of a part of its own',
      [...text('x'), { type: 'message-metadata', messageMetadata: { usage } }, ...finish('stop')],
      read,
    ],
    ['without tokens', [...text('x'), ...finish('stop', { messageMetadata: { usage: {} } })], null],
    ['that is null', [...text('x'), ...finish('stop', { messageMetadata: null })], null],
    ['that is prose', [...text('x'), ...finish('stop', { messageMetadata: 'hi' })], null],
  ])('is read from the metadata %s', async (_, parts, expected) => {
    const outcome = await outcomeOf(...START, ...parts)
    expect(outcome).toMatchObject({ status: 'completed', text: 'x' })
    expect(outcome.usage).toEqual(expected)
  })
})

describe('a body that is no stream', () => {
  test.each([
    ['a page', '<!doctype html><title>Sign in</title>', 'text/html', 'invalid-response'],
    ['a document', '{"ok":true}', 'application/json', 'invalid-response'],
    ['an error', '{"error":{"code":"insufficient_quota"}}', 'application/json', 'quota-exhausted'],
    ['nothing', '', 'text/event-stream', 'invalid-response'],
  ])('(%s) is classified', async (_, body, type, kind) => {
    const server = await serve((response) => {
      response.writeHead(200, { 'content-type': type }).end(body)
    })
    const { outcome } = await told({ url: server.origin })
    expect(outcome.failure).toMatchObject({ kind, phase: 'before-content' })
  })
})
