import { createLLM, gemini } from '@rungs/core'
import type { Message, Outcome, OutputSchema, Part, RunRequest } from '@rungs/core'
import { createVirtualWorld } from '@rungs/core/testing'
import { describe, expect, test } from 'vitest'
import { pour, serve, sse, type Asked } from './loopback.ts'
import { told, type Told } from './told.ts'

type Options = Partial<Parameters<typeof gemini>[0]>
type Request = Partial<RunRequest<'chat', never>>

function llmOf(options: Options, world?: Parameters<typeof createLLM>[0]['world']) {
  return createLLM({
    routes: {
      only: gemini({ model: 'gemini-3.5-flash', apiKey: 'k', provider: 'maker', ...options }),
    },
    workloads: { chat: { ladder: ['only'], limits: { maxAttempts: 1 } } },
    world,
  })
}

/** What becomes of this body, sent by a real server. */
async function hear(body: string | readonly string[], request: Request = {}): Promise<Told> {
  const server = await serve((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    void pour(response, typeof body === 'string' ? [body] : body)
  })
  return told(llmOf({ baseUrl: `${server.origin}/v1beta` }), request)
}

const outcomeOf = async (...given: Parameters<typeof hear>): Promise<Outcome> =>
  (await hear(...given)).outcome

function piece(parts: readonly object[] | null, finishReason?: unknown, rest: object = {}): object {
  return {
    candidates: [{ content: parts && { role: 'model', parts }, finishReason }],
    ...rest,
  }
}
const says = (text: string): object => piece([{ text }])
const ends = (finishReason: unknown, rest: object = {}): object => piece(null, finishReason, rest)
const calls = (functionCall: object, finishReason?: string): object =>
  piece([{ functionCall }], finishReason)
const WHOLE = sse(says('who'), piece([{ text: 'le' }], 'STOP'))

const city: OutputSchema = {
  jsonSchema: {
    type: 'object',
    properties: {
      city: { anyOf: [{ const: 'Bern' }, { type: 'null' }] },
      const: { type: 'string' },
    },
  },
  schema: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } },
}
const silent: OutputSchema = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) },
}

async function asked(request: Request, options: Options = {}): Promise<Asked> {
  const server = await serve((response) => response.end(WHOLE))
  await told(llmOf({ baseUrl: `${server.origin}/v1beta`, ...options }), request)
  const [first] = server.asked
  if (!first) throw new Error('nothing was asked')
  return first
}
const sent = async (...given: Parameters<typeof asked>): Promise<Asked['fields']> =>
  (await asked(...given)).fields
const sentContents = async (...messages: readonly Message[]): Promise<unknown> =>
  (await sent({ prompt: undefined, messages }))['contents']

describe('a request', () => {
  test('asks for a stream of events, with its key in a header alone', async () => {
    const { method, path, headers, fields } = await asked({})
    expect([method, path]).toEqual([
      'POST',
      '/v1beta/models/gemini-3.5-flash:streamGenerateContent?alt=sse',
    ])
    expect(headers).toMatchObject({ 'x-goog-api-key': 'k', accept: 'text/event-stream' })
    expect(headers).not.toHaveProperty('authorization')
    expect(fields).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'Hello?' }] }],
      generationConfig: {},
    })
  })

  test.each([
    ['tunedModels/mine', '/v1/tunedModels/mine:streamGenerateContent?alt=sse'],
    ['models/gemini-3', '/v1/models/gemini-3:streamGenerateContent?alt=sse'],
    ['a?b#c', '/v1/models/a'],
  ])('knows where the model %s is', async (model, path) => {
    const server = await serve((response) => response.end(WHOLE))
    await told(llmOf({ model, baseUrl: `${server.origin}/v1` }))
    expect(server.asked[0]?.path.startsWith(path)).toBe(true)
  })

  test('keeps what its base has of a query, and asks for events all the same', async () => {
    const server = await serve((response) => response.end(WHOLE))
    await told(llmOf({ model: 'm', baseUrl: `${server.origin}/v1/?team=a&alt=json` }))
    expect(server.asked[0]?.path).toBe('/v1/models/m:streamGenerateContent?team=a&alt=sse')
  })

  test('to Google itself goes to its host', async () => {
    const llm = llmOf(
      {},
      {
        fetch: async (input) => {
          expect(new Request(input).url).toBe(
            'https://generativelanguage.googleapis.com/v1beta/models/gemini-3.5-flash:streamGenerateContent?alt=sse',
          )
          return new Response(WHOLE)
        },
      },
    )
    expect((await told(llm)).outcome).toMatchObject({ text: 'whole' })
  })

  test('puts all system texts first and apart', async () => {
    const { systemInstruction, contents } = await sent({
      system: 'Be brief.',
      messages: [
        { role: 'user', content: 'Hello' },
        { role: 'system', content: 'In French.' },
        { role: 'assistant', content: 'Bonjour' },
      ],
      prompt: 'And now?',
    })
    expect(systemInstruction).toEqual({ parts: [{ text: 'Be brief.' }, { text: 'In French.' }] })
    expect(contents).toEqual([
      { role: 'user', parts: [{ text: 'Hello' }] },
      { role: 'model', parts: [{ text: 'Bonjour' }] },
      { role: 'user', parts: [{ text: 'And now?' }] },
    ])
  })

  test('carries images as data and as addresses', async () => {
    const content = [
      { type: 'text', text: 'What is this?' },
      { type: 'image', mediaType: 'image/png', data: 'iVBORw0=' },
      { type: 'image', mediaType: 'image/jpeg', data: new URL('https://img.example/a.jpg') },
    ] as const
    expect(await sentContents({ role: 'user', content })).toEqual([
      {
        role: 'user',
        parts: [
          { text: 'What is this?' },
          { inlineData: { mimeType: 'image/png', data: 'iVBORw0=' } },
          { fileData: { mimeType: 'image/jpeg', fileUri: 'https://img.example/a.jpg' } },
        ],
      },
    ])
  })

  const dialogue: readonly Message[] = [
    { role: 'user', content: 'Weather?' },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'Looking.' },
        { type: 'tool-call', id: 'a', name: 'weather', input: { city: 'Bern' } },
        { type: 'tool-call', id: 'b', name: 'clock', input: undefined, inputText: '{"zo' },
      ],
    },
    {
      role: 'tool',
      content: [{ type: 'tool-result', id: 'a', name: 'weather', output: { celsius: 4 } }],
    },
    {
      role: 'tool',
      content: [{ type: 'tool-result', id: 'b', name: 'clock', output: 'broken', isError: true }],
    },
    { role: 'user', content: 'And?' },
  ]

  test('carries tool calls, and all results of a turn in one turn', async () => {
    const model = 'gemini-2.5-flash'
    const { contents } = await sent({ prompt: undefined, messages: dialogue }, { model })
    expect(contents).toEqual([
      { role: 'user', parts: [{ text: 'Weather?' }] },
      {
        role: 'model',
        parts: [
          { text: 'Looking.' },
          { functionCall: { id: 'a', name: 'weather', args: { city: 'Bern' } } },
          { functionCall: { id: 'b', name: 'clock', args: {} } },
        ],
      },
      {
        role: 'user',
        parts: [
          {
            functionResponse: {
              id: 'a',
              name: 'weather',
              response: { output: { celsius: 4 } },
            },
          },
          { functionResponse: { id: 'b', name: 'clock', response: { error: 'broken' } } },
        ],
      },
      { role: 'user', parts: [{ text: 'And?' }] },
    ])
  })

  test.each(['gemini-3.5-flash', 'gemini-flash-latest'])(
    'to %s says of calls that another model made that they bear no signature',
    async (model) => {
      const { contents } = await sent({ prompt: undefined, messages: dialogue }, { model })
      const signed = { thoughtSignature: 'skip_thought_signature_validator' }
      expect(contents).toMatchObject([
        {},
        { parts: [{ text: 'Looking.' }, { functionCall: { name: 'weather' }, ...signed }, {}] },
        {},
        {},
      ])
      // in a batch the first alone has one
      expect(JSON.stringify(contents).split('thoughtSignature')).toHaveLength(2)
    },
  )

  test('to Vertex AI has no ids, which it refuses', async () => {
    let body = ''
    const llm = llmOf(
      {
        apiKey: null,
        headers: { authorization: 'Bearer t' },
        baseUrl: 'https://eu-aiplatform.googleapis.com/v1/projects/p/publishers/google',
      },
      {
        fetch: async (input, init) => {
          const request = new Request(input, init)
          expect(request.headers.has('x-goog-api-key')).toBe(false)
          body = await request.text()
          return new Response(WHOLE)
        },
      },
    )
    await told(llm, { prompt: undefined, messages: dialogue })
    expect(body).toContain('"functionCall":{"name":"weather"')
    expect(body).not.toContain('"id"')
  })

  test('leaves out empty texts and the messages that have nothing else', async () => {
    const contents = await sentContents(
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: [{ type: 'text', text: '' }] },
      { role: 'assistant', content: '' },
      { role: 'user', content: 'Still there?' },
    )
    expect(contents).toEqual([
      { role: 'user', parts: [{ text: 'Hello' }] },
      { role: 'user', parts: [{ text: 'Still there?' }] },
    ])
  })

  test('names its tools with their JSON Schemas', async () => {
    const { tools } = await sent({ tools: { weather: { description: 'Now', input: city } } })
    expect(tools).toEqual([
      {
        functionDeclarations: [
          {
            name: 'weather',
            description: 'Now',
            parametersJsonSchema: 'jsonSchema' in city ? city.jsonSchema : null,
          },
        ],
      },
    ])
    expect(await sent({ tools: {} })).not.toHaveProperty('tools')
  })

  test('asks for JSON by its schema without const, or just for JSON', async () => {
    const { generationConfig } = await sent({ output: city })
    expect(generationConfig).toEqual({
      responseMimeType: 'application/json',
      responseJsonSchema: {
        type: 'object',
        properties: {
          city: { anyOf: [{ enum: ['Bern'] }, { type: 'null' }] },
          const: { type: 'string' },
        },
      },
    })
    expect((await sent({ output: silent }))['generationConfig']).toEqual({
      responseMimeType: 'application/json',
    })
  })

  test('carries the token limit and the temperature', async () => {
    const { generationConfig } = await sent({ temperature: 0, maxOutputTokens: 100 })
    expect(generationConfig).toEqual({ temperature: 0, maxOutputTokens: 100 })
  })

  test.each<[string, RunRequest['reasoning'], object | undefined]>([
    ['gemini-3.5-flash', 'medium', { includeThoughts: true, thinkingLevel: 'medium' }],
    ['gemini-3.1-pro-preview', 'none', { includeThoughts: false, thinkingLevel: 'low' }],
    ['gemini-flash-latest', 'high', { includeThoughts: true, thinkingLevel: 'high' }],
    ['gemini-2.5-flash', 'none', { includeThoughts: false, thinkingBudget: 0 }],
    ['gemini-2.5-flash', 'low', { includeThoughts: true, thinkingBudget: 1024 }],
    ['gemini-2.5-pro', 'none', { includeThoughts: false, thinkingBudget: 128 }],
    ['gemini-2.0-flash', 'high', undefined],
    ['gemma-3-27b-it', 'high', undefined],
    ['gemini-3.5-flash', undefined, undefined],
  ])('lets %s think (%s) in its own terms', async (model, reasoning, thinkingConfig) => {
    const { generationConfig } = await sent({ reasoning }, { model })
    expect(generationConfig).toEqual(thinkingConfig ? { thinkingConfig } : {})
  })
})

describe('a stream', () => {
  const UNICODE = 'Grüße, 👩🏽‍🚀 → 汉字'

  test('is told as text', async () => {
    expect(await outcomeOf(WHOLE)).toMatchObject({
      status: 'completed',
      text: 'whole',
      finish: 'stop',
      failure: null,
      message: { role: 'assistant', content: [{ type: 'text', text: 'whole' }] },
      attempts: [{ skippedEvents: 0 }],
    })
  })

  test.each([
    ['one event', sse(piece([{ text: UNICODE }], 'STOP'))],
    ['lines that end in CRLF', sse(says(UNICODE), ends('STOP')).replaceAll('\n', '\r\n')],
    ['a list', JSON.stringify([says(UNICODE), ends('STOP')])],
    ['a list, laid out', `${JSON.stringify([says(UNICODE), ends('STOP')], null, 2)}\n`],
    ['events with [DONE]', sse(says(UNICODE), ends('STOP'), '[DONE]')],
  ])('of %s is read whole at every cut', async (_, body) => {
    const bytes = new TextEncoder().encode(body)
    for (let at = 1; at < bytes.length; at += 1) {
      const fetch = async (): Promise<Response> =>
        new Response(
          new ReadableStream({
            start(controller) {
              controller.enqueue(bytes.subarray(0, at))
              controller.enqueue(bytes.subarray(at))
              controller.close()
            },
          }),
        )
      const { outcome } = await told(llmOf({}, { fetch }))
      expect({ at, ...outcome }).toMatchObject({
        at,
        status: 'completed',
        text: UNICODE,
        attempts: [{ skippedEvents: 0 }],
      })
    }
  })

  test('has the first candidate alone', async () => {
    const second = { index: 1, content: { parts: [{ text: 'other' }] }, finishReason: 'SAFETY' }
    const first = { index: 0, content: { parts: [{ text: 'whole' }] }, finishReason: 'STOP' }
    expect(await outcomeOf(sse({ candidates: [second, first] }))).toMatchObject({
      text: 'whole',
      finish: 'stop',
    })
  })

  test('may have empty pieces and parts that say nothing to a reader of text', async () => {
    const body = sse(
      { usageMetadata: { trafficType: 'ON_DEMAND' } },
      piece([]),
      piece([{ text: '' }]),
      piece([
        { executableCode: { code: '1' } },
        { inlineData: { data: 'AAAA' } },
        { text: 'whole' },
      ]),
      { candidates: [{ content: {} }] },
      ends('STOP'),
    )
    expect(await outcomeOf(body)).toMatchObject({
      text: 'whole',
      attempts: [{ skippedEvents: 0 }],
    })
  })

  test.each([
    ['no JSON', 'nonsense'],
    ['a number', '7'],
    ['null', 'null'],
    ['parts of a wrong shape', JSON.stringify({ candidates: [{ content: { parts: 7 } }] })],
    ['candidates of a wrong shape', JSON.stringify({ candidates: {} })],
    ['a null part', JSON.stringify({ candidates: [{ content: { parts: [null] } }] })],
    ['a null candidate', JSON.stringify({ candidates: [null] })],
  ])('survives an event that is %s', async (_, event) => {
    expect(await outcomeOf(sse(says('who'), event, says('le'), ends('STOP')))).toMatchObject({
      status: 'completed',
      text: 'whole',
      attempts: [{ skippedEvents: 1 }],
    })
  })
})

/** What comes of pieces at these virtual times from a host that keeps the connection. */
async function timed(
  pieces: readonly (readonly [at: number, body: object])[],
  closesAt = Infinity,
): Promise<Outcome & { readonly at: number }> {
  const virtual = createVirtualWorld()
  const { world } = virtual
  const fetch = async (): Promise<Response> =>
    new Response(
      new ReadableStream({
        start(controller) {
          for (const [at, body] of pieces) {
            world.after(at, () => {
              controller.enqueue(new TextEncoder().encode(sse(body)))
            })
          }
          world.after(closesAt, () => {
            controller.close()
          })
        },
      }),
    )
  const run = llmOf({}, { ...world, fetch }).run({ workload: 'chat', prompt: 'Hello?' })
  return { ...(await virtual.until(run.outcome)), at: world.now() }
}

describe('the end', () => {
  test.each([
    ['STOP', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'filtered'],
    ['RECITATION', 'filtered'],
    ['BLOCKLIST', 'filtered'],
    ['PROHIBITED_CONTENT', 'filtered'],
    ['SPII', 'filtered'],
    ['IMAGE_SAFETY', 'filtered'],
    ['MODEL_ARMOR', 'filtered'],
    ['SOMETHING_NEW', 'stop'],
    ['__proto__', 'stop'],
    [1, 'stop'],
    [2, 'length'],
    [3, 'filtered'],
    [8, 'filtered'],
  ])('by %s is told', async (reason, finish) => {
    expect(await outcomeOf(sse(says('whole'), ends(reason)))).toMatchObject({
      status: 'completed',
      text: 'whole',
      finish,
    })
  })

  test.each([
    'MALFORMED_FUNCTION_CALL',
    'UNEXPECTED_TOOL_CALL',
    'TOO_MANY_TOOL_CALLS',
    'MALFORMED_RESPONSE',
    'LANGUAGE',
    'OTHER',
    5,
    99,
  ])('by %s is an invalid response, before content and after', async (reason) => {
    expect(await outcomeOf(sse(ends(reason)))).toMatchObject({
      failure: { kind: 'invalid-response', phase: 'before-content' },
    })
    expect(await outcomeOf(sse(says('half'), ends(reason)))).toMatchObject({
      text: 'half',
      failure: { kind: 'invalid-response', phase: 'streaming' },
    })
  })

  test.each([
    ['a filter before content', sse(ends('SAFETY'))],
    ['a refused prompt', sse({ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } })],
    ['a refused prompt, for reasons unknown', sse({ promptFeedback: { blockReason: 'OTHER' } })],
    ['a refused prompt in a list', JSON.stringify([{ promptFeedback: { blockReason: 1 } }])],
    [
      'a filter after thoughts',
      sse(piece([{ text: 'Hm', thought: true }]), ends('PROHIBITED_CONTENT')),
    ],
  ])('by %s is blocked content', async (_, body) => {
    expect(await outcomeOf(body)).toMatchObject({
      status: 'failed',
      failure: { kind: 'blocked-content', class: 'policy', phase: 'before-content' },
    })
  })

  test('is not told by a reason that is none, nor by feedback that blocks nothing', async () => {
    const body = sse(
      { ...piece([{ text: 'half' }], 'FINISH_REASON_UNSPECIFIED'), promptFeedback: {} },
      piece(null, 0),
      piece(null, { a: 1 }),
      { promptFeedback: { safetyRatings: [] } },
    )
    expect(await outcomeOf(body)).toMatchObject({ text: 'half', failure: { kind: 'truncated' } })
  })

  test.each([
    ['nothing', ''],
    ['usage', sse({ usageMetadata: { promptTokenCount: 1 } })],
    ['a finish', sse(ends('STOP'))],
    ['an empty candidate', sse({ candidates: [{ content: {} }] })],
    ['thoughts', sse(piece([{ text: 'Hm', thought: true }], 'STOP'))],
    ['an empty list', '[]'],
  ])('of a stream of %s is an invalid response', async (_, body) => {
    expect(await outcomeOf(body)).toMatchObject({
      failure: { kind: 'invalid-response', phase: 'before-content' },
    })
  })

  test('is the last of many reasons, where each piece has one', async () => {
    const body = sse(
      piece([{ text: 'wh' }], 'STOP'),
      piece([{ text: 'o' }], 'STOP'),
      piece([{ text: 'le' }], 'MAX_TOKENS'),
    )
    expect(await outcomeOf(body)).toMatchObject({ text: 'whole', finish: 'length' })
  })

  test('is not a pause after the reason of an old model, which has one in each piece', async () => {
    const bodies = ['wh', 'o', 'le'].map((text) => piece([{ text }], 'STOP'))
    const outcome = await timed(
      bodies.map((body, index) => [3_000 * index, body] as const),
      6_100,
    )
    expect(outcome).toMatchObject({ status: 'completed', text: 'whole', finish: 'stop' })
  })

  test.each([
    ['a piece without one came before', [says('who'), piece([{ text: 'le' }], 'STOP')]],
    ['the model is newer', [piece([{ text: 'whole' }], 'STOP', { responseId: 'x' })]],
    ['it is no STOP', [piece([{ text: 'whole' }], 'MAX_TOKENS')]],
  ])('is two seconds after a reason when %s', async (_, bodies) => {
    const outcome = await timed(bodies.map((body, index) => [100 * (index + 1), body] as const))
    expect(outcome).toMatchObject({ status: 'completed', text: 'whole' })
    expect(outcome.at).toBeLessThan(2_500)
  })
})

describe('an error', () => {
  const error = {
    error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' },
  }
  const quota = {
    error: {
      code: 429,
      message: 'You exceeded your current quota.',
      status: 'RESOURCE_EXHAUSTED',
      details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '37s' }],
    },
  }

  test.each([
    ['an event', sse(error), 'outage'],
    ['a document', JSON.stringify(error, null, 2), 'outage'],
    ['a list of one', JSON.stringify([quota], null, 2), 'rate-limit'],
  ])('under 200 as %s is classified by its code', async (_, body, kind) => {
    expect(await outcomeOf(body)).toMatchObject({
      failure: { kind, phase: 'before-content' },
    })
  })

  const half = sse(piece([{ text: 'half' }], 'STOP'))
  test.each([
    ['an event', `${half}${sse(error)}`],
    ['a bare document', `${half}${JSON.stringify(error, null, 2)}`],
    ['a bare document in a list', `${half}[${JSON.stringify(error, null, 2)}\n]\n`],
    [
      'a bare document between CRLF lines',
      `${half}${JSON.stringify(error, null, 2)}\n`.replaceAll('\n', '\r\n'),
    ],
    ['the last of a list', JSON.stringify([piece([{ text: 'half' }], 'STOP'), error], null, 2)],
  ])('after content as %s fails the attempt, whatever reason was told', async (_, body) => {
    expect(await outcomeOf(body)).toMatchObject({
      text: 'half',
      failure: { kind: 'outage', phase: 'streaming' },
    })
  })

  test('says when to come back, and quotes nobody', async () => {
    const { outcome, events } = await hear(sse(quota))
    expect(outcome.failure).toMatchObject({ kind: 'rate-limit', retryAfterMs: 37_000 })
    expect(JSON.stringify(events)).not.toContain('exceeded your')
  })
})

async function callsOf(...bodies: readonly object[]): Promise<readonly unknown[]> {
  const { outcome, events } = await hear(sse(...bodies))
  const all = events.flatMap((event) => (event.type === 'tool-call' ? [event.call] : []))
  const kept = outcome.status === 'completed' ? all : []
  expect(outcome.message.content.filter(({ type }) => type === 'tool-call')).toEqual(kept)
  return [outcome.finish, ...all]
}
const put = (jsonPath: string, value: object, willContinue = true): object =>
  calls({ partialArgs: [{ jsonPath, ...value }], willContinue })

const deep = (levels: number): string => `$${'.a'.repeat(levels)}`

const callAt = async (levels: number): Promise<readonly unknown[]> =>
  callsOf(calls({ name: 'one', willContinue: true }), put(deep(levels), { numberValue: 1 }, false))

describe('a tool call', () => {
  test('is told whole, with an id where it has none', async () => {
    expect(
      await callsOf(
        calls({ name: 'weather', args: { city: 'Bern' }, id: 'a' }),
        calls({ name: 'clock', args: { zone: 1 }, partialArgs: [] }),
        calls({ name: 'clock' }, 'STOP'),
      ),
    ).toEqual([
      'tool-calls',
      {
        type: 'tool-call',
        id: 'a',
        name: 'weather',
        input: { city: 'Bern' },
        inputText: '{"city":"Bern"}',
      },
      {
        type: 'tool-call',
        id: 'call_1_clock',
        name: 'clock',
        input: { zone: 1 },
        inputText: '{"zone":1}',
      },
      { type: 'tool-call', id: 'call_2_clock', name: 'clock', input: {}, inputText: '{}' },
    ])
  })

  test('in pieces is put together by the paths of its values', async () => {
    expect(
      await callsOf(
        calls({ name: 'write', willContinue: true }),
        put('$.list[0].name', { stringValue: 'Ap', willContinue: true }),
        put('$.list[0].name', { stringValue: 'ple' }),
        put('$.list[0].price', { numberValue: 0.5 }),
        put('$.list[1].isRipe', { boolValue: false }),
        put('$.list[1].note', { nullValue: 'NULL_VALUE' }),
        put("$['a.b']", { stringValue: 'quoted' }),
        calls({}),
        calls({ name: 'clock', willContinue: true }),
        put('$.zone', { numberValue: 1 }, false),
        ends('STOP'),
      ),
    ).toMatchObject([
      'tool-calls',
      {
        name: 'write',
        input: {
          list: [
            { name: 'Apple', price: 0.5 },
            { isRipe: false, note: null },
          ],
          'a.b': 'quoted',
        },
      },
      { name: 'clock', input: { zone: 1 } },
    ])
  })

  test('in pieces is whole when the next begins or the model stops', async () => {
    expect(
      await callsOf(
        calls({ name: 'one', willContinue: true }),
        put('$.a', { numberValue: 1 }),
        calls({ name: 'two', willContinue: true }),
        put('$.b', { numberValue: 2 }),
        ends('STOP'),
      ),
    ).toMatchObject([
      'tool-calls',
      { name: 'one', input: { a: 1 } },
      { name: 'two', input: { b: 2 } },
    ])
  })

  test('that the length cut has text that does not parse, and no input', async () => {
    const cut = await callsOf(
      calls({ name: 'one', willContinue: true }),
      put('$.a', { stringValue: 'ha', willContinue: true }),
      ends('MAX_TOKENS'),
    )
    expect(cut).toMatchObject(['length', { name: 'one', input: undefined, inputText: '{"a":"ha"' }])
  })

  test('that the stream cuts off is told to nobody', async () => {
    const { outcome, events } = await hear(
      sse(says('Hm'), calls({ name: 'one', willContinue: true }), put('$.a', { numberValue: 1 })),
    )
    expect(outcome).toMatchObject({ failure: { kind: 'truncated' }, text: 'Hm' })
    expect(events.some(({ type }) => type === 'tool-call')).toBe(false)
  })

  test.each([
    '$.a[4294967290]',
    '$.a[1]',
    '$[0]',
    '$.a.b.c..d',
    'a.b',
    '$.s.length',
    '$.s[0]',
    '$.n.toFixed.x',
    `$${'.a'.repeat(100_000)}`,
    `$${"['".repeat(300_000)}`,
  ])('with a value for the place %.12s cannot be read', async (jsonPath) => {
    const { outcome } = await hear(
      sse(
        says('Hm'),
        calls({ name: 'one', willContinue: true }),
        put('$.s', { stringValue: 'text' }),
        put('$.n', { numberValue: 1 }),
        put(jsonPath, { stringValue: 'x' }),
        ends('STOP'),
      ),
    )
    expect(outcome).toMatchObject({ text: 'Hm', failure: { kind: 'invalid-response' } })
  })

  test('may be named, keyed and filled like what objects inherit', async () => {
    const [, first, second] = await callsOf(
      calls({ name: 'constructor', id: '__proto__', willContinue: true }),
      put('$.__proto__.isAdmin', { boolValue: true }),
      put('$.constructor.prototype.isAdmin', { boolValue: true }),
      calls({}),
      calls({ name: '__proto__', args: { hasOwnProperty: 1 } }),
      calls({
        name: 'both',
        args: {},
        partialArgs: [{ jsonPath: '$.__proto__.isAdmin', boolValue: true }],
      }),
      ends('STOP'),
    )
    expect(first).toMatchObject({ id: '__proto__', name: 'constructor' })
    expect(first).toHaveProperty(
      'inputText',
      '{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}}',
    )
    expect(second).toMatchObject({ name: '__proto__', input: { hasOwnProperty: 1 } })
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
  })

  test('that is nested too deep has no input', async () => {
    expect(await callAt(65)).toMatchObject([null, { input: undefined }])
    expect(await callAt(64)).toMatchObject([null, { input: { a: {} } }])
  })
})

const messageOf = async (...bodies: readonly object[]): Promise<readonly Part[]> =>
  (await outcomeOf(sse(...bodies))).message.content

/** The parts that this answer comes back as, asked by the same route again. */
async function replayed(...bodies: readonly object[]): Promise<unknown> {
  const answers = [sse(...bodies), WHOLE]
  const server = await serve((response) => response.end(answers.shift()))
  const llm = llmOf({ baseUrl: `${server.origin}/v1beta` })
  const { outcome } = await told(llm)
  await told(llm, { messages: [outcome.message], prompt: 'Go on' })
  return server.asked[1]?.fields['contents']
}

describe('thoughts', () => {
  test('are told apart from the text', async () => {
    const content = await messageOf(
      piece([{ text: 'Hm. ', thought: true }]),
      piece([{ text: 'So. ', thought: true }, { text: 'Yes' }], 'STOP'),
    )
    expect(content).toEqual([
      { type: 'reasoning', text: 'Hm. So. ' },
      { type: 'text', text: 'Yes' },
    ])
  })

  const goOn = { role: 'user', parts: [{ text: 'Go on' }] }

  test('come back as what they signed: a call', async () => {
    const contents = await replayed(
      piece([{ text: 'Hm.', thought: true }]),
      piece([
        { functionCall: { name: 'weather', args: { city: 'Bern' } }, thoughtSignature: 'S1' },
        { functionCall: { name: 'clock' } },
      ]),
      calls({ name: 'late', willContinue: true }),
      piece([{ functionCall: {}, thoughtSignature: 'S2' }]),
      ends('STOP'),
    )
    expect(contents).toEqual([
      {
        role: 'model',
        parts: [
          {
            functionCall: { id: 'call_0_weather', name: 'weather', args: { city: 'Bern' } },
            thoughtSignature: 'S1',
          },
          { functionCall: { id: 'call_1_clock', name: 'clock', args: {} } },
          {
            functionCall: { id: 'call_2_late', name: 'late', args: {} },
            thoughtSignature: 'S2',
          },
        ],
      },
      goOn,
    ])
  })

  test('come back as what they signed: a text, a thought', async () => {
    const contents = await replayed(
      piece([{ text: 'Hm.', thought: true, thoughtSignature: 'S1' }]),
      says('Yes'),
      piece([{ text: '', thoughtSignature: 'S2' }], 'STOP'),
    )
    expect(contents).toEqual([
      {
        role: 'model',
        parts: [
          { text: 'Hm.', thought: true, thoughtSignature: 'S1' },
          { text: 'Yes' },
          { text: '', thoughtSignature: 'S2' },
        ],
      },
      goOn,
    ])
  })

  test('without a signature do not come back, nor does what is none of ours', async () => {
    const madeBy = { provider: 'maker', model: 'gemini-3.5-flash' }
    const opaque = { signature: 7 }
    const contents = await sentContents(
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Hm' },
          { type: 'reasoning', text: 'Hm', opaque, madeBy },
          { type: 'reasoning', text: 'Hm', opaque: 'other', madeBy },
          { type: 'reasoning', opaque: null, madeBy },
          { type: 'text', text: 'Yes' },
        ],
      },
      { role: 'user', content: 'Go on' },
    )
    expect(contents).toEqual([{ role: 'model', parts: [{ text: 'Yes' }] }, goOn])
  })
})

describe('usage', () => {
  const full = {
    promptTokenCount: 10,
    candidatesTokenCount: 20,
    thoughtsTokenCount: 7,
    cachedContentTokenCount: 4,
    totalTokenCount: 37,
  }

  test.each<[string, object, object | null]>([
    ['in full', full, { inputTokens: 10, outputTokens: 27, reasoningTokens: 7, cachedTokens: 4 }],
    ['without candidates', { promptTokenCount: 10 }, { inputTokens: 10, outputTokens: 0 }],
    [
      'without candidates but with thoughts',
      { promptTokenCount: 10, thoughtsTokenCount: 7 },
      { inputTokens: 10, outputTokens: 7, reasoningTokens: 7 },
    ],
    ['without a prompt', { candidatesTokenCount: 20 }, null],
    ['as something else', { trafficType: 'ON_DEMAND' }, null],
  ])('told %s is counted', async (_, usageMetadata, usage) => {
    const body = sse(says('whole'), ends('STOP', { usageMetadata }))
    expect((await outcomeOf(body)).usage).toEqual(usage)
  })

  test('is the last that was told, also of an answer that breaks', async () => {
    const body = sse(
      piece([{ text: 'half' }], undefined, { usageMetadata: { promptTokenCount: 10 } }),
      ends('OTHER', { usageMetadata: full }),
    )
    expect((await outcomeOf(body)).attempts).toMatchObject([
      { usage: { inputTokens: 10, outputTokens: 27 }, billing: 'billed' },
    ])
  })
})
