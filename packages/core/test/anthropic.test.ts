import { anthropic, createLLM } from '@rungs/core'
import type { Message, Outcome, OutputSchema, RunRequest, StandardSchema } from '@rungs/core'
import { describe, expect, test } from 'vitest'
import { pour, serve, sse, type Asked } from './loopback.ts'
import { told, type Told } from './told.ts'

type Options = Partial<Parameters<typeof anthropic>[0]>
type Request = Partial<RunRequest<'chat', never>>

function llmOf(options: Options) {
  return createLLM({
    routes: {
      only: anthropic({ model: 'claude-haiku-4-5', apiKey: 'k', provider: 'maker', ...options }),
    },
    workloads: { chat: { ladder: ['only'], limits: { maxAttempts: 1 } } },
  })
}

/** What becomes of this body, sent by a real server. */
async function hear(
  body: string | readonly (string | Uint8Array)[],
  request: Request = {},
  options: Options = {},
): Promise<Told> {
  const server = await serve((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    void pour(response, typeof body === 'string' ? [body] : body)
  })
  return told(llmOf({ baseUrl: `${server.origin}/v1`, ...options }), request)
}
const outcomeOf = async (...given: Parameters<typeof hear>): Promise<Outcome> =>
  (await hear(...given)).outcome

/** Events as Anthropic writes them: named like their type. */
function lay(...values: readonly { readonly type: string }[]): string {
  return values.map((value) => `event: ${value.type}\n${sse(value)}`).join('')
}
const begins = (usage: object = { input_tokens: 10, output_tokens: 1 }): { type: string } =>
  Object.assign({ type: 'message_start' }, { message: { id: 'msg_1', content: [], usage } })
const opens = (index: number, block: object): { type: string } =>
  Object.assign({ type: 'content_block_start' }, { index, content_block: block })
const delta = (index: number, inner: object): { type: string } =>
  Object.assign({ type: 'content_block_delta' }, { index, delta: inner })
const shuts = (index: number): { type: string } =>
  Object.assign({ type: 'content_block_stop' }, { index })
const ends = (reason: string | null, rest: object = {}): { type: string } =>
  Object.assign(
    { type: 'message_delta' },
    { delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: 20 }, ...rest },
  )
const says = (index: number, ...texts: readonly string[]): { type: string }[] => [
  opens(index, { type: 'text', text: '' }),
  ...texts.map((text) => delta(index, { type: 'text_delta', text })),
  shuts(index),
]
const callsTool = (
  index: number,
  name: string,
  ...pieces: readonly string[]
): { type: string }[] => [
  opens(index, { type: 'tool_use', id: `toolu_${index}`, name, input: {} }),
  ...pieces.map((partial_json) => delta(index, { type: 'input_json_delta', partial_json })),
  shuts(index),
]
const PING = { type: 'ping' }
const STOP = { type: 'message_stop' }
const answer = (...blocks: readonly { type: string }[]): string =>
  lay(begins(), ...blocks, ends('end_turn'), STOP)
const WHOLE = answer(...says(0, 'whole'))

const check: StandardSchema = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) },
}
const like = (jsonSchema: object): OutputSchema => ({ jsonSchema, schema: check })
const city = like({
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
})

/** The request that a real server gets for it. */
async function asked(request: Request, options: Options = {}): Promise<Asked> {
  const server = await serve((response) => response.end(WHOLE))
  await told(llmOf({ baseUrl: `${server.origin}/v1`, ...options }), request)
  const [one] = server.asked
  if (!one) throw new Error('nothing was asked')
  return one
}
const sent = async (request: Request, options?: Options): Promise<Asked['fields']> =>
  (await asked(request, options)).fields
const sentMessages = async (...messages: readonly Message[]): Promise<unknown> =>
  (await sent({ prompt: undefined, messages }))['messages']

const user = (...content: readonly object[]): object => ({ role: 'user', content })
const assistant = (...content: readonly object[]): object => ({ role: 'assistant', content })
const text = (said: string): object => ({ type: 'text', text: said })

const turnOf = (id: string): Message[] => [
  { role: 'assistant', content: [{ type: 'tool-call', id, name: 'clock', input: {} }] },
  { role: 'tool', content: [{ type: 'tool-result', id, name: 'clock', output: id }] },
]

const budget = (tokens: number): object => ({ type: 'enabled', budget_tokens: tokens })

const clockTurn = (...thoughts: readonly object[]): Message[] => [
  { role: 'user', content: 'Time?' },
  {
    role: 'assistant',
    content: [
      ...thoughts.map((opaque) => ({
        type: 'reasoning' as const,
        opaque,
        madeBy: { provider: 'maker', model: 'claude-haiku-4-5' },
      })),
      { type: 'tool-call', id: 'a', name: 'clock', input: {} },
    ],
  },
  { role: 'tool', content: [{ type: 'tool-result', id: 'a', name: 'clock', output: 'noon' }] },
]

const thinkingAfter = async (messages: readonly Message[]): Promise<unknown> =>
  (await sent({ prompt: undefined, messages, reasoning: 'low' }))['thinking']

describe('a request', () => {
  test('goes to the messages with the key, the version and leave for browsers', async () => {
    const { method, path, headers, fields } = await asked({})
    expect([method, path]).toEqual(['POST', '/v1/messages'])
    expect(headers).toMatchObject({
      'x-api-key': 'k',
      'anthropic-version': '2023-06-01',
      'anthropic-dangerous-direct-browser-access': 'true',
      'content-type': 'application/json',
    })
    expect(headers).not.toHaveProperty('authorization')
    expect(fields).toEqual({
      model: 'claude-haiku-4-5',
      max_tokens: 64_000,
      stream: true,
      messages: [user(text('Hello?'))],
    })
  })

  test('without a key has the version all the same, and the headers of the route', async () => {
    const { headers } = await asked(
      {},
      { apiKey: null, headers: async () => ({ 'anthropic-beta': 'b', 'anthropic-version': 'v' }) },
    )
    expect(headers).toMatchObject({
      'anthropic-version': 'v',
      'anthropic-beta': 'b',
      'anthropic-dangerous-direct-browser-access': 'true',
    })
    expect(headers).not.toHaveProperty('x-api-key')
  })

  test('takes the fields of the route over its own', async () => {
    expect(await sent({}, { body: { max_tokens: 5, metadata: { user_id: 'u' } } })).toMatchObject({
      max_tokens: 5,
      metadata: { user_id: 'u' },
    })
  })

  test('keeps system text apart, wherever it stands', async () => {
    const { system, messages } = await sent({
      system: 'Be brief.',
      messages: [
        { role: 'system', content: 'In French.' },
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: 'Bonjour' },
        { role: 'system', content: [{ type: 'text', text: 'Politely.' }] },
      ],
      prompt: 'And now?',
    })
    expect(system).toBe('Be brief.\n\nIn French.\n\nPolitely.')
    expect(messages).toEqual([
      user(text('Hello')),
      assistant(text('Bonjour')),
      user(text('And now?')),
    ])
  })

  test('makes one turn of messages of the same role, and leaves out blank text', async () => {
    const messages = await sentMessages(
      { role: 'user', content: 'one' },
      { role: 'user', content: [{ type: 'text', text: ' \n' }] },
      { role: 'user', content: 'two' },
      { role: 'assistant', content: '' },
      { role: 'user', content: 'three' },
    )
    expect(messages).toEqual([user(text('one'), text('two'), text('three'))])
  })

  test('carries images as data and as addresses', async () => {
    const content = [
      { type: 'text', text: 'What is this?' },
      { type: 'image', mediaType: 'image/png', data: 'iVBORw0=' },
      { type: 'image', mediaType: 'image/jpeg', data: new URL('https://img.example/a.jpg') },
    ] as const
    expect(await sentMessages({ role: 'user', content })).toEqual([
      user(
        text('What is this?'),
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0=' } },
        { type: 'image', source: { type: 'url', url: 'https://img.example/a.jpg' } },
      ),
    ])
  })

  test('carries calls and results, these first in the turn of the user', async () => {
    const messages = await sentMessages(
      { role: 'user', content: 'Weather?' },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Looking.' },
          { type: 'tool-call', id: 'a', name: 'weather', input: { city: 'Bern' } },
          { type: 'tool-call', id: 'b', name: 'clock', input: undefined, inputText: '{"zo' },
        ],
      },
      { role: 'user', content: 'Quick!' },
      {
        role: 'tool',
        content: [{ type: 'tool-result', id: 'a', name: 'weather', output: { celsius: 4 } }],
      },
      {
        role: 'tool',
        content: [
          { type: 'tool-result', id: 'b', name: 'clock', output: 'no zone', isError: true },
        ],
      },
    )
    expect(messages).toEqual([
      user(text('Weather?')),
      assistant(
        text('Looking.'),
        { type: 'tool_use', id: 'a', name: 'weather', input: { city: 'Bern' } },
        { type: 'tool_use', id: 'b', name: 'clock', input: {} },
      ),
      user(
        { type: 'tool_result', tool_use_id: 'a', content: '{"celsius":4}' },
        { type: 'tool_result', tool_use_id: 'b', content: 'no zone', is_error: true },
        text('Quick!'),
      ),
    ])
  })

  test('rewrites ids of other providers, each once, and joins results to them', async () => {
    const ids = ['call|1', 'call_1', 'call|1', '__proto__', 'é']
    const messages = await sentMessages(...ids.flatMap(turnOf))
    const said = JSON.stringify(messages)
    const uses = Array.from(said.matchAll(/"tool_use","id":"(.*?)"/g), ([, id]) => id)
    const results = Array.from(said.matchAll(/"tool_use_id":"(.*?)"/g), ([, id]) => id)
    expect(uses).toHaveLength(ids.length)
    expect(results).toEqual(uses)
    expect(new Set(uses).size).toBe(ids.length)
    expect(uses.every((id) => /^[a-zA-Z0-9_-]+$/.test(id ?? ''))).toBe(true)
  })

  test('gives thoughts back as they came, and only those that the API made', async () => {
    const provider = 'maker'
    const madeBy = { provider, model: 'claude-haiku-4-5' }
    const thinking = { type: 'thinking', thinking: 'Hm', signature: 'sig' }
    const redacted = { type: 'redacted_thinking', data: 'xyz' }
    const messages = await sentMessages(
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Hm', opaque: thinking, madeBy },
          { type: 'reasoning', opaque: redacted, madeBy },
          { type: 'reasoning', text: 'Of another', opaque: { type: 'text', text: 'no' }, madeBy },
          { type: 'reasoning', text: 'Plain' },
          { type: 'text', text: 'Yes' },
        ],
      },
      { role: 'user', content: 'Sure?' },
    )
    expect(messages).toEqual([assistant(thinking, redacted, text('Yes')), user(text('Sure?'))])
  })

  test('names its tools with their JSON Schemas', async () => {
    const tools = {
      weather: { description: 'Now', input: city },
      clock: { description: 'Time', input: check },
    }
    expect((await sent({ tools }, { model: 'claude-3-5-haiku-20241022' }))['tools']).toEqual([
      {
        name: 'weather',
        description: 'Now',
        input_schema: {
          type: 'object',
          properties: { city: { type: 'string' } },
          required: ['city'],
          additionalProperties: false,
        },
      },
      { name: 'clock', description: 'Time', input_schema: { type: 'object' } },
    ])
    expect((await sent({ tools }))['tools']).toMatchObject([
      { eager_input_streaming: true },
      { eager_input_streaming: true },
    ])
  })

  test.each([
    ['claude-3-haiku-20240307', 4096],
    ['claude-2.1', 4096],
    ['claude-3-5-sonnet-20241022', 8192],
    ['claude-3-7-sonnet-latest', 32_000],
    ['claude-sonnet-4-20250514', 32_000],
    ['claude-opus-4-1-20250805', 32_000],
    ['claude-sonnet-4@20250514', 32_000],
    ['claude-haiku-4-5-20251001', 64_000],
    ['anthropic/claude-opus-4.6', 64_000],
    ['claude-opus-5-5', 64_000],
    ['claude-mythos-preview', 64_000],
    ['kimi-k2', 8192],
  ])('to %s asks for at most %i tokens where nothing is said', async (model, most) => {
    expect(await sent({}, { model })).toMatchObject({ max_tokens: most })
    expect(await sent({ maxOutputTokens: 7 }, { model })).toMatchObject({ max_tokens: 7 })
  })

  const summarized = { type: 'adaptive', display: 'summarized' }
  test.each<[string, Request, object | undefined, string | undefined]>([
    ['claude-3-haiku-20240307', { reasoning: 'high' }, undefined, undefined],
    ['claude-haiku-4-5', {}, undefined, undefined],
    ['claude-haiku-4-5', { reasoning: 'none' }, undefined, undefined],
    ['claude-haiku-4-5', { reasoning: 'low', maxOutputTokens: 10_000 }, budget(2000), undefined],
    ['claude-haiku-4-5', { reasoning: 'medium', maxOutputTokens: 9999 }, budget(4999), undefined],
    ['claude-haiku-4-5', { reasoning: 'high', maxOutputTokens: 10_000 }, budget(8000), undefined],
    ['claude-haiku-4-5', { reasoning: 'low', maxOutputTokens: 1300 }, budget(1024), undefined],
    ['claude-haiku-4-5', { reasoning: 'high', maxOutputTokens: 1200 }, undefined, undefined],
    ['claude-sonnet-4-20250514', { reasoning: 'high' }, budget(25_600), undefined],
    ['kimi-k2', { reasoning: 'medium' }, budget(4096), undefined],
    ['claude-opus-4-6', {}, undefined, undefined],
    ['claude-opus-4-6', { reasoning: 'none' }, undefined, undefined],
    ['claude-opus-4-6', { reasoning: 'medium' }, summarized, 'medium'],
    ['claude-opus-4-8', { reasoning: 'low', maxOutputTokens: 100 }, summarized, 'low'],
    ['claude-sonnet-5', {}, summarized, undefined],
    ['claude-opus-5-5', { reasoning: 'high' }, summarized, 'high'],
    ['claude-opus-5-5', { reasoning: 'none' }, summarized, 'low'],
    ['claude-mythos-preview', { reasoning: 'high' }, summarized, 'high'],
  ])('to %s for %j thinks %j at effort %s', async (model, request, thinking, effort) => {
    const fields = await sent(request, { model })
    expect(fields['thinking']).toEqual(thinking)
    expect(fields['output_config']).toEqual(effort && { effort })
  })

  test('has no budget for thoughts after a tool turn that began without one', async () => {
    expect(await thinkingAfter(clockTurn())).toBeUndefined()
    const thought = { type: 'thinking', thinking: 'Hm', signature: 's' }
    expect(await thinkingAfter(clockTurn(thought))).toMatchObject({ type: 'enabled' })
  })

  test.each<[string, Request, number | undefined]>([
    ['claude-haiku-4-5', { temperature: 0 }, 0],
    ['claude-haiku-4-5', { temperature: 1.6 }, 1],
    ['claude-haiku-4-5', { temperature: 0.5, reasoning: 'low' }, undefined],
    ['claude-opus-4-6', { temperature: 0.5 }, 0.5],
    ['claude-opus-4-7', { temperature: 0.5 }, undefined],
    ['kimi-k2', { temperature: 0.5 }, 0.5],
  ])('to %s for %j has the temperature %s', async (model, request, temperature) => {
    expect((await sent(request, { model }))['temperature']).toBe(temperature)
  })
})

describe('structured output', () => {
  const strict = {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  }
  const map = like({
    type: 'object',
    properties: { counts: { type: 'object', additionalProperties: { type: 'number' } } },
  })
  const tree = like({ type: 'object', properties: { child: { $ref: '#' } } })
  const list = like({ type: 'array', items: { type: 'string' } })
  const force = { type: 'any', disable_parallel_tool_use: true }

  test('is asked for by its schema, and the effort stays', async () => {
    const fields = await sent({ output: city, reasoning: 'low' }, { model: 'claude-sonnet-5' })
    expect(fields).toMatchObject({
      output_config: { effort: 'low', format: { type: 'json_schema', schema: strict } },
      thinking: { type: 'adaptive' },
    })
    expect(fields).not.toHaveProperty('tools')
    expect(fields).not.toHaveProperty('tool_choice')
  })

  test('has its schema closed, and what the API refuses in the descriptions', async () => {
    const output = like({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: {
        minimum: { type: 'integer', minimum: 1, description: 'The least.' },
        type: { type: ['string', 'null'], maxLength: 3, pattern: '^a' },
        format: { type: 'string', format: 'date-time' },
        odd: { type: 'string', format: 'nanoid' },
        inner: { type: 'object', properties: { on: { const: true } }, required: ['on'] },
        list: { type: 'array', items: { type: 'object', properties: {} }, maxItems: 2 },
      },
    })
    expect((await sent({ output }))['output_config']).toEqual({
      format: {
        type: 'json_schema',
        schema: {
          $schema: 'https://json-schema.org/draft/2020-12/schema',
          type: 'object',
          additionalProperties: false,
          properties: {
            minimum: { type: 'integer', description: 'The least. minimum: 1.' },
            type: { type: ['string', 'null'], description: 'maxLength: 3. pattern: "^a".' },
            format: { type: 'string', format: 'date-time' },
            odd: { type: 'string', description: 'format: "nanoid".' },
            inner: {
              type: 'object',
              properties: { on: { const: true } },
              required: ['on'],
              additionalProperties: false,
            },
            list: {
              type: 'array',
              items: { type: 'object', properties: {}, additionalProperties: false },
              description: 'maxItems: 2.',
            },
          },
        },
      },
    })
  })

  test.each<[string, string, OutputSchema]>([
    ['an older model', 'claude-sonnet-4-20250514', city],
    ['a model of another maker', 'kimi-k2', city],
    ['an object with any key', 'claude-haiku-4-5', map],
    ['a schema that goes round', 'claude-opus-5', tree],
    ['a schema that cannot say itself', 'claude-opus-4-6', check],
  ])('for %s is the input of a forced tool, without thoughts', async (_, model, output) => {
    const tools = { clock: { description: 'Time', input: check } }
    const fields = await sent({ output, tools, reasoning: 'high' }, { model })
    expect(fields).toMatchObject({
      tools: [
        { name: 'clock' },
        { name: 'rungs_answer', input_schema: 'jsonSchema' in output ? output.jsonSchema : {} },
      ],
      tool_choice: force,
    })
    expect(fields).not.toHaveProperty('thinking')
  })

  test.each<[string, string, OutputSchema, boolean]>([
    ['a list', 'claude-haiku-4-5', list, true],
    ['a map', 'claude-opus-5-5', map, true],
    ['a list', 'claude-3-5-haiku-20241022', list, false],
    ['anything', 'claude-opus-5-5', check, false],
  ])('that is %s is never forced on %s', async (_, model, output, isFormat) => {
    const fields = await sent({ output }, { model })
    expect(fields).not.toHaveProperty('tool_choice')
    expect(fields['output_config'] !== undefined).toBe(isFormat)
    expect(fields['system']).toBe(isFormat ? undefined : 'Answer in JSON.')
  })

  test('told as the input of the forced tool is text and an object', async () => {
    const body = lay(
      begins(),
      ...callsTool(0, 'rungs_answer', '', '{"city":', '"Bern"}'),
      ends('tool_use'),
      STOP,
    )
    const { outcome } = await hear(body, { output: city }, { model: 'kimi-k2' })
    expect(outcome).toMatchObject({
      status: 'completed',
      finish: 'stop',
      text: '{"city":"Bern"}',
      object: { city: 'Bern' },
      message: { content: [{ type: 'text', text: '{"city":"Bern"}' }] },
    })
  })

  test('told at once is text too', async () => {
    const body = lay(
      begins(),
      opens(0, { type: 'tool_use', id: 'a', name: 'rungs_answer', input: { city: 'Bern' } }),
      shuts(0),
      ends('tool_use'),
      STOP,
    )
    expect(await outcomeOf(body, { output: city })).toMatchObject({ object: { city: 'Bern' } })
  })

  test('told as text is an object', async () => {
    const body = answer(...says(0, '{"city"', ':"Bern"}'))
    expect(await outcomeOf(body, { output: city })).toMatchObject({ object: { city: 'Bern' } })
  })
})

describe('a stream', () => {
  const UNICODE = 'Grüße, 👩🏽‍🚀 → 汉字'

  test('is told as text, block after block', async () => {
    const body = lay(
      begins(),
      PING,
      ...says(0, 'Hel', 'lo'),
      PING,
      ...says(1, '!'),
      ends('end_turn'),
      STOP,
    )
    expect(await outcomeOf(body)).toMatchObject({
      status: 'completed',
      text: 'Hello!',
      finish: 'stop',
      failure: null,
      message: { content: [{ type: 'text', text: 'Hello!' }] },
      attempts: [{ skippedEvents: 0 }],
    })
  })

  test('is read whole when it comes byte by byte from a server', async () => {
    const bytes = new TextEncoder().encode(answer(...says(0, UNICODE)))
    const pieces = [...bytes].map((byte) => Uint8Array.of(byte))
    expect(await outcomeOf(pieces)).toMatchObject({ text: UNICODE, finish: 'stop' })
  })

  test('may lack its names, have a stray [DONE], and pad its JSON', async () => {
    const body = `${sse(begins(), ...says(0, 'whole'), ends('end_turn'))}data: {"type":"message_stop"      }\n\n`
    expect(await outcomeOf(`${body}data: [DONE]\n\n`)).toMatchObject({
      text: 'whole',
      attempts: [{ skippedEvents: 0 }],
    })
  })

  test('is read past blocks, deltas and events that nobody knows', async () => {
    const body = lay(
      begins(),
      { type: 'hologram_start' },
      ...says(0, 'wh'),
      opens(1, { type: 'fallback', from: { model: 'a' }, to: { model: 'b' }, trigger: {} }),
      shuts(1),
      opens(2, { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} }),
      delta(2, { type: 'input_json_delta', partial_json: '{"query":"x"}' }),
      shuts(2),
      opens(3, { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [{}] }),
      shuts(3),
      opens(4, { type: 'compaction', content: null, data: 'y', signature: 'z' }),
      delta(4, { type: 'compaction_delta', content: 'long ago' }),
      shuts(4),
      opens(5, { type: 'text', text: '', citations: [] }),
      delta(5, { type: 'citations_delta', citation: { cited_text: 'no' } }),
      delta(5, { type: 'text_delta', text: 'ole' }),
      shuts(5),
      ends('end_turn'),
      STOP,
    )
    expect(await outcomeOf(body)).toMatchObject({
      text: 'whole',
      finish: 'stop',
      message: { content: [{ type: 'text', text: 'whole' }] },
      attempts: [{ skippedEvents: 0 }],
    })
  })

  test('passes over three malformed events and counts them', async () => {
    const body = `data: {"type\n\n${sse(
      begins(),
      delta(0, { type: 'text_delta', text: 7 }),
      { type: 5 },
      ...says(0, 'whole'),
      ends('end_turn'),
      STOP,
    )}`
    expect(await outcomeOf(body)).toMatchObject({
      text: 'whole',
      attempts: [{ skippedEvents: 3 }],
    })
  })

  test.each([
    'null',
    '[]',
    '7',
    '"text"',
    '{"type":"message_start","message":null}',
    '{"type":"message_start","message":{"usage":[1]}}',
    '{"type":"content_block_start","index":0,"content_block":null}',
    '{"type":"content_block_start","index":{},"content_block":7}',
    '{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":7,"name":{}}}',
    '{"type":"content_block_delta","index":9,"delta":null}',
    '{"type":"content_block_delta","index":9,"delta":{"type":"thinking_delta","thinking":{}}}',
    '{"type":"content_block_stop","index":"__proto__"}',
    '{"type":"message_delta","delta":null,"usage":"many"}',
    '{"type":"message_delta","delta":{"stop_reason":{}},"usage":{"output_tokens":1e999}}',
  ])('lives through %s', async (line) => {
    const body = `data: ${line}\n\n${sse(begins(), ...says(1, 'whole'), ends('end_turn'), STOP)}`
    expect(await outcomeOf(body)).toMatchObject({
      status: 'completed',
      text: 'whole',
      usage: { inputTokens: 10, outputTokens: 20 },
    })
  })
})

describe('the end', () => {
  test.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['pause_turn', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['refusal', 'refused'],
    ['tool_use', 'stop'],
    ['__proto__', 'stop'],
  ])('for the reason %s is %s', async (reason, finish) => {
    const body = lay(begins(), ...says(0, 'whole'), ends(reason), STOP)
    expect(await outcomeOf(body)).toMatchObject({ status: 'completed', text: 'whole', finish })
  })

  test.each([
    ['its reason alone', lay(begins(), ...says(0, 'whole'), ends('end_turn'))],
    ['its last event alone', lay(begins(), ...says(0, 'whole'), STOP)],
  ])('is told by %s', async (_, body) => {
    expect(await outcomeOf(body)).toMatchObject({ status: 'completed', text: 'whole' })
  })

  test.each([
    ['nothing', lay(begins(), ...says(0, 'half'))],
    ['usage without a reason', lay(begins(), ...says(0, 'half'), ends(null))],
    ['another protocol’s last word', `${lay(begins(), ...says(0, 'half'))}data: [DONE]\n\n`],
  ])('that is told by %s is truncated', async (_, body) => {
    expect(await outcomeOf(body)).toMatchObject({
      text: 'half',
      failure: { kind: 'truncated', phase: 'streaming' },
    })
  })

  test('without content is an invalid response, but not after a tool result', async () => {
    const body = lay(
      begins(),
      opens(0, { type: 'text', text: '' }),
      shuts(0),
      ends('end_turn'),
      STOP,
    )
    expect(await outcomeOf(body)).toMatchObject({
      failure: { kind: 'invalid-response', phase: 'before-content' },
    })
    const messages: Message[] = [
      { role: 'assistant', content: [{ type: 'tool-call', id: 'a', name: 'save', input: {} }] },
      { role: 'tool', content: [{ type: 'tool-result', id: 'a', name: 'save', output: 'ok' }] },
    ]
    expect(await outcomeOf(body, { prompt: undefined, messages })).toMatchObject({
      status: 'completed',
      text: '',
    })
  })

  test.each([
    ['at once', []],
    [
      'after a thought',
      [opens(0, { type: 'thinking', thinking: '' }), delta(0, { thinking: 'Hm' }), shuts(0)],
    ],
  ])(
    'a refusal before content (%s) is blocked content, and its usage is told',
    async (_, blocks) => {
      const details = { type: 'refusal', category: 'cyber', explanation: 'It could do harm.' }
      const refused = ends('refusal', { delta: { stop_reason: 'refusal', stop_details: details } })
      expect(await outcomeOf(lay(begins(), ...blocks, refused, STOP))).toMatchObject({
        status: 'failed',
        text: '',
        failure: { kind: 'blocked-content', phase: 'before-content' },
        attempts: [{ usage: { inputTokens: 10, outputTokens: 20 } }],
      })
    },
  )
})

const error = (type: string, message = 'No.'): { type: string } =>
  Object.assign({ type: 'error' }, { error: { type, message }, request_id: 'req_1' })

describe('an error', () => {
  test.each([
    ['overloaded_error', 'outage'],
    ['api_error', 'outage'],
    ['rate_limit_error', 'rate-limit'],
    ['billing_error', 'quota-exhausted'],
    ['authentication_error', 'auth'],
    ['invalid_request_error', 'invalid-request'],
    ['not_found_error', 'not-found'],
    ['timeout_error', 'timeout'],
  ])('%s as the first event is %s before content', async (type, kind) => {
    expect(await outcomeOf(lay(error(type)))).toMatchObject({
      status: 'failed',
      failure: { kind, phase: 'before-content', requestId: 'req_1' },
    })
  })

  test.each([
    ['before any block', [begins(), PING], '', 'before-content'],
    ['after text', [begins(), ...says(0, 'half')], 'half', 'streaming'],
  ])('%s fails the attempt there', async (_, before, kept, phase) => {
    expect(await outcomeOf(lay(...before, error('overloaded_error')))).toMatchObject({
      text: kept,
      failure: { kind: 'outage', phase },
    })
  })

  test.each([
    ['a document', JSON.stringify(error('overloaded_error'))],
    ['an event without a type', sse({ error: { type: 'overloaded_error' } })],
    ['a named event without one', `event: error\n${sse({ message: 'overloaded' })}`],
    ['a named event of prose', 'event: error\ndata: Overloaded\n\n'],
    ['a type without the rest', sse({ type: 'error', message: 'overloaded' })],
  ])('as %s under 200 is classified', async (_, body) => {
    expect(await outcomeOf(body)).toMatchObject({ status: 'failed', failure: { kind: 'outage' } })
  })
})

const callsIn = async (...given: Parameters<typeof hear>): Promise<readonly unknown[]> => {
  const { finish, message } = await outcomeOf(...given)
  return [finish, ...message.content.filter(({ type }) => type === 'tool-call')]
}

describe('a tool call', () => {
  test('is put together from its pieces', async () => {
    const body = lay(
      begins(),
      ...says(0, 'Looking.'),
      ...callsTool(1, 'weather', '', '{"ci', 'ty":"Bern"}'),
      ...callsTool(2, 'clock', ''),
      ends('tool_use'),
      STOP,
    )
    expect(await callsIn(body)).toEqual([
      'tool-calls',
      {
        type: 'tool-call',
        id: 'toolu_1',
        name: 'weather',
        input: { city: 'Bern' },
        inputText: '{"city":"Bern"}',
      },
      { type: 'tool-call', id: 'toolu_2', name: 'clock', input: {}, inputText: '' },
    ])
  })

  test('may have its input at once, no id, and no end of its own', async () => {
    const body = lay(
      begins(),
      opens(0, { type: 'tool_use', name: 'weather', input: { city: 'Bern' } }),
      opens(1, { type: 'tool_use', name: 'clock' }),
      ends('tool_use'),
    )
    expect(await callsIn(body)).toMatchObject([
      'tool-calls',
      { id: 'call_1', name: 'weather', input: { city: 'Bern' }, inputText: '{"city":"Bern"}' },
      { id: 'call_2', name: 'clock', input: {} },
    ])
  })

  test('that the length cut has its text and no input', async () => {
    const body = lay(begins(), ...callsTool(0, 'weather', '{"city":"Be'), ends('max_tokens'), STOP)
    expect(await callsIn(body)).toEqual([
      'length',
      {
        type: 'tool-call',
        id: 'toolu_0',
        name: 'weather',
        input: undefined,
        inputText: '{"city":"Be',
      },
    ])
  })

  test('that the stream cuts off is told to nobody', async () => {
    const { outcome, events: all } = await hear(
      lay(begins(), ...says(0, 'Hm'), ...callsTool(1, 'weather', '{"a":1}').slice(0, -1)),
    )
    expect(outcome).toMatchObject({ failure: { kind: 'truncated' }, text: 'Hm' })
    expect(all.some(({ type }) => type === 'tool-call')).toBe(false)
  })

  test('may be named and filled like what objects inherit', async () => {
    const body = lay(
      begins(),
      ...callsTool(0, '__proto__', '{"__proto__":{"isAdmin":true}}'),
      ends('tool_use'),
      STOP,
    )
    expect(await callsIn(body)).toMatchObject(['tool-calls', { name: '__proto__' }])
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
  })
})

const think = (
  index: number,
  signature: string,
  ...pieces: readonly string[]
): { type: string }[] => [
  opens(index, { type: 'thinking', thinking: '', signature: '' }),
  ...pieces.map((thinking) => delta(index, { type: 'thinking_delta', thinking })),
  ...(signature ? [delta(index, { type: 'signature_delta', signature })] : []),
  shuts(index),
]

describe('a thought', () => {
  const madeBy = { provider: 'maker', model: 'claude-haiku-4-5' }

  test('is told as it comes, and its block whole for the next turn', async () => {
    const body = lay(
      begins(),
      ...think(0, 'sig', 'Hm. ', 'Well.'),
      opens(1, { type: 'redacted_thinking', data: 'xyz' }),
      shuts(1),
      ...says(2, 'Yes'),
      ends('end_turn'),
      STOP,
    )
    const { outcome } = await hear(body)
    expect(outcome).toMatchObject({ text: 'Yes', finish: 'stop' })
    expect(outcome.message.content).toEqual([
      {
        type: 'reasoning',
        text: 'Hm. Well.',
        opaque: { type: 'thinking', thinking: 'Hm. Well.', signature: 'sig' },
        madeBy,
      },
      { type: 'reasoning', text: '', opaque: { type: 'redacted_thinking', data: 'xyz' }, madeBy },
      { type: 'text', text: 'Yes' },
    ])
  })

  test('that is not shown still has its block, and one without a signature has none', async () => {
    const body = answer(...think(0, 'sig'), ...think(1, '', 'Hm'), ...says(2, 'Yes'))
    expect((await outcomeOf(body)).message.content).toEqual([
      {
        type: 'reasoning',
        text: '',
        opaque: { type: 'thinking', thinking: '', signature: 'sig' },
        madeBy,
      },
      { type: 'reasoning', text: 'Hm' },
      { type: 'text', text: 'Yes' },
    ])
  })

  test('between calls keeps its place', async () => {
    const body = lay(
      begins(),
      ...think(0, 's0', 'First'),
      ...callsTool(1, 'clock'),
      ...think(2, 's2', 'Then'),
      ...callsTool(3, 'clock'),
      ends('tool_use'),
      STOP,
    )
    const { message } = await outcomeOf(body)
    expect(message.content).toMatchObject([
      { text: 'First', opaque: { signature: 's0' } },
      { id: 'toolu_1' },
      { text: 'Then', opaque: { signature: 's2' } },
      { id: 'toolu_3' },
    ])
  })

  test('goes back as it came', async () => {
    const server = await serve((response) => {
      response.end(answer(...think(0, 'sig', 'Hm'), ...says(1, 'Yes')))
    })
    const llm = llmOf({ baseUrl: `${server.origin}/v1` })
    const { outcome } = await told(llm)
    await told(llm, {
      messages: [{ role: 'user', content: 'Hello?' }, outcome.message],
      prompt: 'And?',
    })
    expect(server.asked[1]?.fields['messages']).toEqual([
      user(text('Hello?')),
      assistant({ type: 'thinking', thinking: 'Hm', signature: 'sig' }, text('Yes')),
      user(text('And?')),
    ])
  })
})

describe('usage', () => {
  const cached = {
    input_tokens: 3,
    cache_creation_input_tokens: 2000,
    cache_read_input_tokens: 700,
    output_tokens: 7,
  }
  test.each<[string, object, object, object | null]>([
    [
      'of old models in two halves',
      { input_tokens: 10, output_tokens: 1 },
      { output_tokens: 20 },
      { inputTokens: 10, outputTokens: 20 },
    ],
    [
      'of newer ones at its end',
      cached,
      {
        ...cached,
        input_tokens: 4,
        output_tokens: 215,
        output_tokens_details: { thinking_tokens: 84 },
      },
      { inputTokens: 2704, outputTokens: 215, cachedTokens: 700, reasoningTokens: 84 },
    ],
    [
      'with nulls at its end',
      cached,
      {
        input_tokens: null,
        cache_read_input_tokens: null,
        output_tokens: 5,
        output_tokens_details: null,
      },
      { inputTokens: 2703, outputTokens: 5, cachedTokens: 700 },
    ],
  ])('%s is put together', async (_, first, last, usage) => {
    const body = lay(begins(first), ...says(0, 'whole'), ends('end_turn', { usage: last }), STOP)
    expect((await outcomeOf(body)).usage).toEqual(usage)
  })

  test('that no number can be is passed over, and none is made up', async () => {
    const last = `data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":"9","output_tokens":1e999}}\n\n`
    const body = lay(begins({ input_tokens: 10, output_tokens: 1 }), ...says(0, 'whole'))
    expect((await outcomeOf(body + last)).usage).toEqual({ inputTokens: 10, outputTokens: 1 })
    const none = ends('end_turn', { usage: undefined })
    expect((await outcomeOf(body + lay(none, STOP))).usage).toBeNull()
  })

  test('is not told by a stream that broke before it was known', async () => {
    expect(await outcomeOf(lay(begins(cached), ...says(0, 'half')))).toMatchObject({
      usage: null,
      attempts: [{ usage: null, billing: 'possible' }],
    })
  })
})
