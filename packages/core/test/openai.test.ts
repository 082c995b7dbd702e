import { createLLM, openai } from '@rungs/core'
import type { Finish, Message, Outcome, OutputSchema, RunRequest, ToolCall } from '@rungs/core'
import { describe, expect, test } from 'vitest'
import { pour, serve, sse } from './loopback.ts'
import { told, type Told } from './told.ts'

type Options = Partial<Parameters<typeof openai>[0]>

function llmOf(options: Options, fetch?: typeof globalThis.fetch) {
  return createLLM({
    routes: { only: openai({ model: 'm', apiKey: 'k', ...options }) },
    workloads: { chat: { ladder: ['only'], limits: { maxAttempts: 1 } } },
    world: fetch && { fetch },
  })
}

/** What becomes of this body, sent by a real server. */
async function hear(
  body: string | readonly (string | Uint8Array)[],
  {
    type = 'text/event-stream',
    ...request
  }: { type?: string } & Partial<RunRequest<'chat', never>> = {},
): Promise<Told> {
  const server = await serve((response) => {
    response.writeHead(200, { 'content-type': type })
    void pour(response, typeof body === 'string' ? [body] : body)
  })
  return told(llmOf({ baseUrl: `${server.origin}/v1` }), request)
}

const outcomeOf = async (...given: Parameters<typeof hear>): Promise<Outcome> =>
  (await hear(...given)).outcome

function chunk(delta: object, finish: string | null = null, rest: object = {}): object {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: finish }],
    ...rest,
  }
}
const says = (content: string): object => chunk({ content })
const ends = (finish: string, rest: object = {}): object => chunk({}, finish, rest)
const toolDelta = (...deltas: readonly object[]): object => chunk({ tool_calls: deltas })
const WHOLE = sse(says('whole'), ends('stop'), '[DONE]')

const anything: OutputSchema = {
  jsonSchema: { type: 'object', properties: { city: { type: 'string' } } },
  schema: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } },
}

/** The body that a real server gets for it. */
async function sent(
  request: Partial<RunRequest<'chat', never>>,
  options: Options = {},
): Promise<Readonly<Record<string, unknown>>> {
  const server = await serve((response) => response.end(WHOLE))
  await told(llmOf({ baseUrl: `${server.origin}/v1`, ...options }), request)
  return server.asked[0]?.fields ?? {}
}

const sentMessages = async (...messages: readonly Message[]): Promise<unknown> =>
  (await sent({ prompt: undefined, messages }))['messages']

describe('a request', () => {
  test('asks for a stream with usage, and for nothing that was not said', async () => {
    expect(await sent({})).toEqual({
      model: 'm',
      stream: true,
      stream_options: { include_usage: true },
      messages: [{ role: 'user', content: 'Hello?' }],
    })
  })

  test('puts the system text first and the prompt last', async () => {
    const { messages } = await sent({
      system: 'Be brief.',
      messages: [
        { role: 'system', content: 'In French.' },
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: 'Bonjour' },
      ],
      prompt: 'And now?',
    })
    expect(messages).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'system', content: 'In French.' },
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: 'Bonjour' },
      { role: 'user', content: 'And now?' },
    ])
  })

  test('carries images as data and as addresses', async () => {
    const content = [
      { type: 'text', text: 'What is this?' },
      { type: 'image', mediaType: 'image/png', data: 'iVBORw0=' },
      { type: 'image', mediaType: 'image/jpeg', data: new URL('https://img.example/a.jpg') },
    ] as const
    expect(await sentMessages({ role: 'user', content })).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0=' } },
          { type: 'image_url', image_url: { url: 'https://img.example/a.jpg' } },
        ],
      },
    ])
  })

  test.each([
    ['an address as text', 'https://img.example/a.jpg', 'https://img.example/a.jpg'],
    ['a data URL as text', 'data:image/gif;base64,R0lG', 'data:image/gif;base64,R0lG'],
    ['a data URL', new URL('data:image/gif;base64,R0lG'), 'data:image/gif;base64,R0lG'],
  ])('carries %s for the image that it is', async (_, data, url) => {
    const image = { type: 'image', mediaType: 'image/png', data } as const
    expect(await sentMessages({ role: 'user', content: [image] })).toEqual([
      { role: 'user', content: [{ type: 'image_url', image_url: { url } }] },
    ])
  })

  test('carries text parts without images as plain text, which every host takes', async () => {
    const content = [
      { type: 'text', text: 'one ' },
      { type: 'text', text: 'two' },
    ] as const
    expect(await sentMessages({ role: 'assistant', content }, { role: 'user', content })).toEqual([
      { role: 'assistant', content: 'one two' },
      { role: 'user', content: 'one two' },
    ])
  })

  test('carries tool calls and one message for each result', async () => {
    const messages = await sentMessages(
      { role: 'user', content: 'Weather?' },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Looking.' },
          {
            type: 'tool-call',
            id: 'a',
            name: 'weather',
            input: { city: 'Bern' },
            inputText: '{"city": "Bern"}',
          },
          { type: 'tool-call', id: 'b', name: 'clock', input: {} },
        ],
      },
      {
        role: 'tool',
        content: [
          { type: 'tool-result', id: 'a', name: 'weather', output: { celsius: 4 } },
          { type: 'tool-result', id: 'b', name: 'clock', output: 'noon' },
        ],
      },
    )
    expect(messages).toEqual([
      { role: 'user', content: 'Weather?' },
      {
        role: 'assistant',
        content: 'Looking.',
        tool_calls: [
          {
            id: 'a',
            type: 'function',
            function: { name: 'weather', arguments: '{"city": "Bern"}' },
          },
          { id: 'b', type: 'function', function: { name: 'clock', arguments: '{}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'a', content: '{"celsius":4}' },
      { role: 'tool', tool_call_id: 'b', content: 'noon' },
    ])
  })

  test('writes arguments as JSON even where the model wrote none', async () => {
    const messages = await sentMessages(
      {
        role: 'assistant',
        content: [
          { type: 'tool-call', id: 'a', name: 'clock', input: {}, inputText: '' },
          { type: 'tool-call', id: 'b', name: 'clock', input: undefined },
        ],
      },
      {
        role: 'tool',
        content: [{ type: 'tool-result', id: 'a', name: 'clock', output: undefined }],
      },
    )
    expect(messages).toMatchObject([
      {
        content: null,
        tool_calls: [{ function: { arguments: '{}' } }, { function: { arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'a', content: '' },
    ])
  })

  test('puts results that share a message with text before it', async () => {
    const messages = await sentMessages({
      role: 'user',
      content: [
        { type: 'text', text: 'And?' },
        { type: 'tool-result', id: 'a', name: 'clock', output: 'noon' },
      ],
    })
    expect(messages).toEqual([
      { role: 'tool', tool_call_id: 'a', content: 'noon' },
      { role: 'user', content: 'And?' },
    ])
  })

  test('never replays reasoning', async () => {
    const messages = await sentMessages(
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Hm', opaque: 'sig' },
          { type: 'text', text: 'Yes' },
        ],
      },
      { role: 'user', content: 'Sure?' },
    )
    expect(messages).toEqual([
      { role: 'assistant', content: 'Yes' },
      { role: 'user', content: 'Sure?' },
    ])
  })

  test('names its tools with their JSON Schemas', async () => {
    const { tools } = await sent({ tools: { weather: { description: 'Now', input: anything } } })
    expect(tools).toEqual([
      {
        type: 'function',
        function: {
          name: 'weather',
          description: 'Now',
          parameters: { type: 'object', properties: { city: { type: 'string' } } },
        },
      },
    ])
  })

  test('asks for JSON by its schema, or just for JSON where the schema cannot say it', async () => {
    const { response_format: known } = await sent({ output: anything })
    expect(known).toEqual({
      type: 'json_schema',
      json_schema: {
        name: 'answer',
        schema: { type: 'object', properties: { city: { type: 'string' } } },
      },
    })
    const silent: OutputSchema = {
      '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) },
    }
    expect((await sent({ output: silent }))['response_format']).toEqual({ type: 'json_object' })
  })

  test('carries temperature, effort and the token limit that other hosts know', async () => {
    const body = await sent({ temperature: 0, reasoning: 'low', maxOutputTokens: 100 })
    expect(body).toMatchObject({ temperature: 0, reasoning_effort: 'low', max_tokens: 100 })
    expect(body).not.toHaveProperty('max_completion_tokens')
  })

  test.each([undefined, 'https://api.openai.com/v1', 'https://api.openai.com/v1/'])(
    'to OpenAI itself (%s) uses the token limit of its reasoning models',
    async (baseUrl) => {
      let body: unknown
      const llm = llmOf({ baseUrl }, async (input, init) => {
        body = await new Request(input, init).json()
        return new Response(WHOLE)
      })
      await told(llm, { maxOutputTokens: 100 })
      expect(body).toMatchObject({ max_completion_tokens: 100 })
      expect(body).not.toHaveProperty('max_tokens')
    },
  )
})

describe('a stream', () => {
  const UNICODE = 'Grüße, 👩🏽‍🚀 → 汉字'

  test('is told as text', async () => {
    expect(
      await outcomeOf(
        sse(
          chunk({ role: 'assistant', content: '' }),
          says('Hel'),
          says('lo'),
          ends('stop'),
          '[DONE]',
        ),
      ),
    ).toMatchObject({
      status: 'completed',
      text: 'Hello',
      finish: 'stop',
      failure: null,
      message: { role: 'assistant', content: [{ type: 'text', text: 'Hello' }] },
      attempts: [{ skippedEvents: 0 }],
    })
  })

  test('is read whole when it comes byte by byte from a server', async () => {
    const bytes = new TextEncoder().encode(sse(says(UNICODE), ends('stop'), '[DONE]'))
    const pieces = [...bytes].map((byte) => Uint8Array.of(byte))
    expect(await outcomeOf(pieces)).toMatchObject({ text: UNICODE, finish: 'stop' })
  })

  test.each(['\n', '\r\n', '\r'])(
    'with the line end %j is read whole at every cut',
    async (lineEnd) => {
      const bytes = new TextEncoder().encode(
        `\u{FEFF}${sse(says(UNICODE), ends('stop'), '[DONE]')}`.replaceAll('\n', lineEnd),
      )
      const llm = llmOf({}, async () => {
        const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
        const writer = writable.getWriter()
        void (async () => {
          for (const byte of bytes) await writer.write(Uint8Array.of(byte))
          await writer.close()
        })()
        return new Response(readable)
      })
      const { outcome } = await told(llm)
      expect(outcome).toMatchObject({
        text: UNICODE,
        finish: 'stop',
        attempts: [{ skippedEvents: 0 }],
      })
    },
  )

  test('is read past comments, a byte order mark, ids and retries', async () => {
    const body = `\u{FEFF}: OPENROUTER PROCESSING\n\n:\n\nid: 7\nretry: 10\nevent: message\n${WHOLE}`
    expect(await outcomeOf(body)).toMatchObject({
      text: 'whole',
      attempts: [{ skippedEvents: 0 }],
    })
  })

  test('may put no space after the field, and one event on several lines', async () => {
    const [head = '', tail = ''] = JSON.stringify(says('whole')).split(',"object"')
    const body = `data:${head},\ndata:"object"${tail}\n\ndata:[DONE]\n\n`
    expect(await outcomeOf(body)).toMatchObject({ text: 'whole', status: 'completed' })
  })

  test('may lack the blank line at its end, or any line end', async () => {
    const body = sse(says('whole'), ends('stop'))
    expect(await outcomeOf(body.slice(0, -1))).toMatchObject({ text: 'whole', finish: 'stop' })
    expect(await outcomeOf(body.slice(0, -2))).toMatchObject({ text: 'whole', finish: 'stop' })
  })

  test('may have any content type', async () => {
    for (const type of ['application/json', 'text/plain', 'text/html; charset=utf-8']) {
      expect(await outcomeOf(WHOLE, { type })).toMatchObject({ text: 'whole', failure: null })
    }
  })

  test('passes over three malformed events and counts them', async () => {
    const body = `data: {"cho\n\n${sse(says('wh'), 'nonsense', { choices: 7 }, says('ole'), '[DONE]')}`
    expect(await outcomeOf(body)).toMatchObject({
      status: 'completed',
      text: 'whole',
      attempts: [{ skippedEvents: 3 }],
    })
  })

  test('with four malformed events is an invalid response', async () => {
    const body = `${'data: {"cho\n\n'.repeat(4)}${WHOLE}`
    expect(await outcomeOf(body)).toMatchObject({
      status: 'failed',
      failure: { kind: 'invalid-response' },
      attempts: [{ skippedEvents: 4 }],
    })
  })

  test('keeps to choice 0', async () => {
    const other = { index: 1, delta: { content: 'other' }, finish_reason: 'length' }
    const both = { choices: [other, { index: 0, delta: { content: 'whole' } }] }
    expect(
      await outcomeOf(sse(both, { choices: [other] }, { choices: [] }, ends('stop'), '[DONE]')),
    ).toMatchObject({ text: 'whole', finish: 'stop', attempts: [{ skippedEvents: 0 }] })
  })

  test('is read past events that hosts add', async () => {
    const filter = { choices: [], prompt_filter_results: [{ prompt_index: 0 }], id: '' }
    const padded = chunk({ content: 'whole', obfuscation: 'xyz' }, null, { obfuscation: 'abc' })
    expect(await outcomeOf(sse(filter, padded, ends('stop'), '[DONE]'))).toMatchObject({
      text: 'whole',
      attempts: [{ skippedEvents: 0 }],
    })
  })
})

describe('the end', () => {
  test.each([
    ['a finish reason and [DONE]', sse(says('whole'), ends('stop'), '[DONE]'), 'stop'],
    ['[DONE] alone', sse(says('whole'), '[DONE]'), 'stop'],
    ['a finish reason alone', sse(says('whole'), ends('length')), 'length'],
    ['the first of two finish reasons', sse(says('whole'), ends('length'), ends('stop')), 'length'],
    ['a reason nobody knows', sse(says('whole'), ends('eos')), 'stop'],
    ['a filter after content', sse(says('whole'), ends('content_filter'), '[DONE]'), 'filtered'],
  ])('is told by %s', async (_, body, finish) => {
    expect(await outcomeOf(body)).toMatchObject({ status: 'completed', text: 'whole', finish })
  })

  test('that nobody tells is truncated', async () => {
    expect(await outcomeOf(sse(says('ha'), says('lf')))).toMatchObject({
      text: 'half',
      failure: { kind: 'truncated', phase: 'streaming' },
    })
  })

  test('does not wait for a server that keeps the connection after [DONE]', async () => {
    const closed = Promise.withResolvers<void>()
    const server = await serve((response) => {
      response.on('close', closed.resolve)
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(WHOLE)
    })
    const { outcome } = await told(llmOf({ baseUrl: server.origin }))
    expect(outcome).toMatchObject({ status: 'completed', text: 'whole' })
    await closed.promise
  })

  test.each([
    ['nothing', ''],
    ['comments', ': ping\n\n: ping\n\n'],
    ['[DONE]', sse('[DONE]')],
    ['a finish', sse(ends('stop'), '[DONE]')],
    ['reasoning', sse(chunk({ reasoning_content: 'Hm' }), ends('length'), '[DONE]')],
    ['empty texts', sse(says(''), ends('stop'), '[DONE]')],
  ])('of a stream of %s is an invalid response', async (_, body) => {
    expect(await outcomeOf(body)).toMatchObject({
      status: 'failed',
      failure: { kind: 'invalid-response', phase: 'before-content' },
    })
  })

  test('may come without content after a tool result', async () => {
    const messages: Message[] = [
      { role: 'assistant', content: [{ type: 'tool-call', id: 'a', name: 'save', input: {} }] },
      { role: 'tool', content: [{ type: 'tool-result', id: 'a', name: 'save', output: 'ok' }] },
    ]
    const { outcome } = await hear(sse(ends('stop'), '[DONE]'), { prompt: undefined, messages })
    expect(outcome).toMatchObject({ status: 'completed', text: '' })
  })

  test('by a filter before content is blocked content', async () => {
    expect(await outcomeOf(sse(ends('content_filter'), '[DONE]'))).toMatchObject({
      status: 'failed',
      failure: { kind: 'blocked-content', class: 'policy' },
    })
  })
})

describe('an error', () => {
  const quota = { error: { message: 'You exceeded your quota', code: 'insufficient_quota' } }
  const limit = { error: { message: 'Slow down', type: 'requests', code: 'rate_limit_exceeded' } }

  test.each([
    ['a document', JSON.stringify(quota), 'quota-exhausted'],
    ['a document, laid out', `\n${JSON.stringify(limit, null, 2)}\n`, 'rate-limit'],
    ['a list of one document', JSON.stringify([limit]), 'rate-limit'],
    ['an event', sse(limit), 'rate-limit'],
    ['a named event', `event: error\n${sse(quota.error)}`, 'quota-exhausted'],
    ['a named event of prose', 'event: error\ndata: Rate limit exceeded\n\n', 'rate-limit'],
    ['a field', `error: ${JSON.stringify({ code: 503, message: 'overloaded' })}\n\n`, 'outage'],
    ['a field of Groq', sse({ x_groq: { error: 'over capacity' }, choices: [] }), 'outage'],
  ])('under 200 as %s is classified by its code', async (_, body, kind) => {
    expect(await outcomeOf(body)).toMatchObject({
      status: 'failed',
      text: '',
      failure: { kind, phase: 'before-content' },
    })
  })

  test.each([
    ['an error event', sse(says('half'), limit, '[DONE]'), 'rate-limit'],
    [
      'an error beside choices',
      sse(
        says('half'),
        ends('error', {
          error: {
            code: 429,
            message: 'Rate limited',
            metadata: { error_type: 'rate_limit_exceeded' },
          },
        }),
      ),
      'rate-limit',
    ],
    [
      'an error event, zero usage and [DONE]',
      sse(
        says('half'),
        quota,
        { choices: [], usage: { prompt_tokens: 0, completion_tokens: 0 } },
        '[DONE]',
      ),
      'quota-exhausted',
    ],
    ['an error as a finish reason', sse(says('half'), ends('error')), 'outage'],
    [
      'a system without resources',
      sse(says('half'), ends('insufficient_system_resource')),
      'outage',
    ],
    ['an error field', `${sse(says('half'))}error: {"code":500,"message":"crashed"}\n\n`, 'outage'],
  ])('after content as %s fails the attempt and keeps its text', async (_, body, kind) => {
    expect(await outcomeOf(body)).toMatchObject({
      text: 'half',
      failure: { kind, phase: 'streaming' },
    })
  })

  test('that is null in each chunk is none', async () => {
    const body = sse(
      chunk({ content: 'whole' }, null, { error: null }),
      ends('stop', { error: null }),
    )
    expect(await outcomeOf(body)).toMatchObject({ text: 'whole', failure: null })
  })

  test.each([
    ['a page', '<!DOCTYPE html><html><title>Sign in</title>', 'text/html'],
    ['a page with another type', '\n  <html></html>', 'text/event-stream'],
    [
      'a document',
      JSON.stringify({ choices: [{ message: { content: 'whole' } }] }),
      'application/json',
    ],
    ['a document with another type', '{"ok":true}', 'text/event-stream'],
    ['an empty list', '[]', 'application/json'],
    ['half a document', '{"error":{"code":', 'application/json'],
    ['prose', 'Service temporarily unavailable', 'text/plain'],
  ])('of shape (%s) is an invalid response', async (_, body, type) => {
    expect(await outcomeOf(body, { type })).toMatchObject({
      status: 'failed',
      failure: { kind: 'invalid-response', phase: 'before-content' },
    })
  })
})

async function callsOf(
  ...given: Parameters<typeof hear>
): Promise<readonly (ToolCall | Finish | null)[]> {
  const { outcome, events } = await hear(...given)
  const calls = events.flatMap((event) => (event.type === 'tool-call' ? [event.call] : []))
  expect(outcome.message.content.filter(({ type }) => type === 'tool-call')).toEqual(calls)
  return [outcome.finish, ...calls]
}

const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
const callWith = (text: string): string =>
  sse(toolDelta({ index: 0, id: 'a', function: { name: 'deep', arguments: text } }), '[DONE]')

describe('a tool call', () => {
  test('that is whole is not called again by an empty piece under another id', async () => {
    const body = sse(
      toolDelta({ index: 0, id: 'a', function: { name: 'clock', arguments: '{}' } }),
      toolDelta({ index: 0, id: 'b', function: { name: 'clock', arguments: '' } }),
      ends('tool_calls'),
      '[DONE]',
    )
    expect(await callsOf(body)).toEqual([
      'tool-calls',
      { type: 'tool-call', id: 'a', name: 'clock', input: {}, inputText: '{}' },
    ])
  })

  test('is put together by its index', async () => {
    const body = sse(
      toolDelta({
        index: 0,
        id: 'a',
        type: 'function',
        function: { name: 'weather', arguments: '' },
      }),
      toolDelta({ index: 0, function: { arguments: '{"city":' } }),
      toolDelta({ index: 1, id: 'b', function: { name: 'clock', arguments: '{"zone"' } }),
      toolDelta(
        { index: 0, function: { arguments: '"Bern"}' } },
        { index: 1, function: { arguments: ':1}' } },
      ),
      ends('tool_calls'),
      '[DONE]',
    )
    expect(await callsOf(body)).toEqual([
      'tool-calls',
      {
        type: 'tool-call',
        id: 'a',
        name: 'weather',
        input: { city: 'Bern' },
        inputText: '{"city":"Bern"}',
      },
      { type: 'tool-call', id: 'b', name: 'clock', input: { zone: 1 }, inputText: '{"zone":1}' },
    ])
  })

  test('without an index is put together by its id', async () => {
    const body = sse(
      toolDelta({ id: 'a', function: { name: 'weather', arguments: '{"city":' } }),
      toolDelta({ function: { arguments: '"Bern"}' } }),
      toolDelta({ id: 'b', function: { name: 'clock', arguments: '{}' } }),
      ends('stop'),
    )
    expect(await callsOf(body)).toMatchObject([
      'tool-calls',
      { id: 'a', name: 'weather', input: { city: 'Bern' } },
      { id: 'b', name: 'clock', input: {} },
    ])
  })

  test('without an index whose id is told again goes on', async () => {
    const body = sse(
      toolDelta({ id: 'a', function: { name: 'weather', arguments: '{"city":' } }),
      toolDelta({ id: 'a', function: { arguments: '"Bern"}' } }),
      ends('tool_calls'),
    )
    expect(await callsOf(body)).toMatchObject([
      'tool-calls',
      { id: 'a', name: 'weather', input: { city: 'Bern' } },
    ])
  })

  test('of each of two without ids has an id of its own', async () => {
    const body = sse(
      toolDelta({ index: 0, function: { name: 'clock', arguments: '{"zone":1}' } }),
      toolDelta({ index: 1, function: { name: 'clock', arguments: '{"zone":2}' } }),
      ends('tool_calls'),
    )
    const [, ...calls] = await callsOf(body)
    expect(calls).toMatchObject([{ input: { zone: 1 } }, { input: { zone: 2 } }])
    const ids = calls.map((call) => typeof call === 'object' && call?.id)
    expect(ids.every(Boolean)).toBe(true)
    expect(new Set(ids).size).toBe(2)
  })

  test('may have its arguments as an object', async () => {
    const body = sse(
      toolDelta({ index: 0, id: 'a', function: { name: 'weather', arguments: { city: 'Bern' } } }),
      ends('tool_calls'),
    )
    expect(await callsOf(body)).toMatchObject(['tool-calls', { input: { city: 'Bern' } }])
  })

  test.each(['', '  ', '{}'])('with the arguments %j has the input {}', async (text) => {
    const body = sse(
      toolDelta({ index: 0, id: 'a', function: { name: 'clock', arguments: text } }),
      '[DONE]',
    )
    expect(await callsOf(body)).toEqual([
      'tool-calls',
      { type: 'tool-call', id: 'a', name: 'clock', input: {}, inputText: text },
    ])
  })

  test('that the length cut has its text and no input', async () => {
    const body = sse(
      toolDelta({ index: 0, id: 'a', function: { name: 'weather', arguments: '{"city":"Be' } }),
      ends('length'),
      '[DONE]',
    )
    expect(await callsOf(body)).toEqual([
      'length',
      { type: 'tool-call', id: 'a', name: 'weather', input: undefined, inputText: '{"city":"Be' },
    ])
  })

  test('that is nested too deep has no input', async () => {
    expect(await callsOf(callWith(deep(65)))).toMatchObject(['tool-calls', { input: undefined }])
    expect(await callsOf(callWith(deep(64)))).toMatchObject(['tool-calls', { input: { a: {} } }])
  })

  test('in the old spelling is one', async () => {
    const body = sse(
      chunk({ function_call: { name: 'weather', arguments: '{"city":' } }),
      chunk({ function_call: { arguments: '"Bern"}' } }),
      ends('function_call'),
    )
    expect(await callsOf(body)).toMatchObject([
      'tool-calls',
      { name: 'weather', input: { city: 'Bern' } },
    ])
  })

  test('that the stream cuts off is told to nobody', async () => {
    const { outcome, events } = await hear(
      sse(
        says('Hm'),
        toolDelta({ index: 0, id: 'a', function: { name: 'weather', arguments: '{' } }),
      ),
    )
    expect(outcome).toMatchObject({ failure: { kind: 'truncated' }, text: 'Hm' })
    expect(events.some(({ type }) => type === 'tool-call')).toBe(false)
  })

  test('may be named, keyed and filled like what objects inherit', async () => {
    const body = sse(
      toolDelta(
        {
          index: 0,
          id: '__proto__',
          function: { name: 'constructor', arguments: '{"__proto__":{"isAdmin":true}}' },
        },
        {
          index: 1,
          id: 'toString',
          function: { name: '__proto__', arguments: '{"hasOwnProperty":1}' },
        },
      ),
      chunk({}, '__proto__'),
      '[DONE]',
    )
    const [, first, second] = await callsOf(body)
    expect(first).toMatchObject({ id: '__proto__', name: 'constructor' })
    expect(second).toMatchObject({
      id: 'toString',
      name: '__proto__',
      input: { hasOwnProperty: 1 },
    })
    const { input } = typeof first === 'object' && first ? first : {}
    expect(Object.hasOwn(input ?? {}, '__proto__')).toBe(true)
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
  })
})

describe('what is said beside the text', () => {
  test('a refusal is text, and the finish says so', async () => {
    const body = sse(
      chunk({ refusal: "I can't" }),
      chunk({ refusal: ' help.' }),
      ends('stop'),
      '[DONE]',
    )
    expect(await outcomeOf(body)).toMatchObject({
      status: 'completed',
      text: "I can't help.",
      finish: 'refused',
      failure: null,
    })
  })

  test.each([
    ['reasoning_content', chunk({ reasoning_content: 'Hm. ' })],
    ['reasoning', chunk({ reasoning: 'Hm. ' })],
    ['both', chunk({ reasoning: 'Hm. ', reasoning_content: 'Hm. ' })],
    ['an empty one and the other', chunk({ reasoning: 'Hm. ', reasoning_content: '' })],
    [
      'parts',
      chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm. ' }] }] }),
    ],
  ])('reasoning in %s is told once and is no text', async (_, thought) => {
    expect(await outcomeOf(sse(thought, says('Yes'), ends('stop'), '[DONE]'))).toMatchObject({
      text: 'Yes',
      message: {
        content: [
          { type: 'reasoning', text: 'Hm. ' },
          { type: 'text', text: 'Yes' },
        ],
      },
    })
  })

  test('content in parts is text', async () => {
    const parts = [
      { type: 'text', text: 'wh' },
      { type: 'reference', reference_ids: [1] },
      { type: 'text', text: 'ole' },
    ]
    expect(await outcomeOf(sse(chunk({ content: parts }), '[DONE]'))).toMatchObject({
      text: 'whole',
    })
  })

  const full = {
    prompt_tokens: 10,
    completion_tokens: 20,
    total_tokens: 30,
    prompt_tokens_details: { cached_tokens: 4 },
    completion_tokens_details: { reasoning_tokens: 7 },
  }
  const read = { inputTokens: 10, outputTokens: 20, cachedTokens: 4, reasoningTokens: 7 }
  test.each<[string, readonly unknown[], object | null]>([
    ['after the finish', [ends('stop'), { choices: [], usage: full }, '[DONE]'], read],
    ['on the finish', [ends('stop', { usage: full }), '[DONE]'], read],
    ['by Groq', [ends('stop', { x_groq: { usage: full } }), '[DONE]'], read],
    [
      'on many chunks, growing',
      [
        chunk({}, null, { usage: { ...full, completion_tokens: 1 } }),
        ends('stop', { usage: full }),
      ],
      read,
    ],
    [
      'without details',
      [ends('stop', { usage: { prompt_tokens: 10, completion_tokens: 20 } })],
      { inputTokens: 10, outputTokens: 20 },
    ],
    [
      'with null details',
      [
        ends('stop', {
          usage: {
            prompt_tokens: 10,
            completion_tokens: 20,
            prompt_tokens_details: null,
            completion_tokens_details: { reasoning_tokens: null },
          },
        }),
      ],
      { inputTokens: 10, outputTokens: 20 },
    ],
    ['never', [ends('stop'), '[DONE]'], null],
    ['as null', [ends('stop', { usage: null }), '[DONE]'], null],
  ])('usage told %s is counted', async (_, tail, usage) => {
    expect((await outcomeOf(sse(says('whole'), ...tail))).usage).toEqual(usage)
  })
})
