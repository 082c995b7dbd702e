import { createLLM, openaiResponses } from '@rungs/core'
import type {
  KeyedRouteOptions,
  Message,
  Outcome,
  OutputSchema,
  RunRequest,
  ToolCall,
} from '@rungs/core'
import { describe, expect, test } from 'vitest'
import { pour, serve, sse } from './loopback.ts'
import { told, type Told } from './told.ts'

type Request = Partial<RunRequest<'chat', never>>

function ask(options: Partial<KeyedRouteOptions>, request: Request = {}): Promise<Told> {
  const llm = createLLM({
    routes: { only: openaiResponses({ model: 'm', apiKey: 'k', provider: 'maker', ...options }) },
    workloads: { chat: { ladder: ['only'], limits: { maxAttempts: 1 } } },
  })
  return told(llm, request)
}

/** What becomes of this body, sent by a real server. */
async function hear(body: string | readonly Uint8Array[], request: Request = {}): Promise<Told> {
  const server = await serve((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    void pour(response, typeof body === 'string' ? [body] : body)
  })
  return ask({ baseUrl: `${server.origin}/v1` }, request)
}

const outcomeOf = async (...given: Parameters<typeof hear>): Promise<Outcome> =>
  (await hear(...given)).outcome

// ---- the events of a stream

const at = (output: number, rest: object = {}): object => ({ output_index: output, ...rest })
const says = (delta: unknown, output = 0, content = 0): object => ({
  type: 'response.output_text.delta',
  ...at(output, { item_id: `msg_${output}`, content_index: content, delta }),
})
/** As hosts without indices say it. */
const bare = (event: object): object => ({ ...event, output_index: undefined })
const saysAll = (text: string, output = 0): object => ({
  type: 'response.output_text.done',
  ...at(output, { item_id: `msg_${output}`, content_index: 0, text }),
})
const item = (given: object, output = 0): object => ({
  type: 'response.output_item.done',
  ...at(output, { item: given }),
})
const opens = (given: object, output = 0): object => ({
  type: 'response.output_item.added',
  ...at(output, { item: given }),
})
const message = (...texts: readonly string[]): object => ({
  type: 'message',
  role: 'assistant',
  content: texts.map((text) => ({ type: 'output_text', text, annotations: [] })),
})
const ends = (response: object = {}, how = 'completed'): object => ({
  type: `response.${how}`,
  response: { status: how, error: null, incomplete_details: null, output: [], ...response },
})
const STARTS = [
  { type: 'response.created', response: { status: 'in_progress', output: [] } },
  { type: 'response.queued', response: { status: 'queued', output: [] } },
  { type: 'response.in_progress', response: { status: 'in_progress', output: [] } },
] as const
const WHOLE = sse(...STARTS, says('whole'), ends({ output: [message('whole')] }))

const anything: OutputSchema = {
  jsonSchema: { type: 'object', properties: { city: { type: 'string' } } },
  schema: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } },
}

/** The body that a real server gets for it. */
async function sent(
  request: Request,
  options: Partial<KeyedRouteOptions> = {},
): Promise<Readonly<Record<string, unknown>>> {
  const server = await serve((response) => response.end(WHOLE))
  await ask({ baseUrl: `${server.origin}/v1`, ...options }, request)
  return server.asked[0]?.fields ?? {}
}

const sentInput = async (...messages: readonly Message[]): Promise<unknown> =>
  (await sent({ prompt: undefined, messages }))['input']

describe('a request', () => {
  test('asks for a stream that is not stored, for encrypted thoughts, and for nothing else', async () => {
    expect(await sent({})).toEqual({
      model: 'm',
      stream: true,
      store: false,
      include: ['reasoning.encrypted_content'],
      input: [{ type: 'message', role: 'user', content: 'Hello?' }],
    })
  })

  test('goes to the responses below the base, with the key as a bearer', async () => {
    const server = await serve((response) => response.end(WHOLE))
    await ask({ baseUrl: `${server.origin}/openai/v1?api-version=preview` })
    expect(server.asked).toMatchObject([
      {
        method: 'POST',
        path: '/openai/v1/responses?api-version=preview',
        headers: { authorization: 'Bearer k', accept: 'text/event-stream' },
      },
    ])
  })

  test.each([
    ['gpt-5.5', undefined, true],
    ['o4-mini', undefined, true],
    ['grok-4.3', undefined, true],
    ['gpt-4o-mini', undefined, false],
    ['openai/gpt-4.1', undefined, false],
    ['ft:gpt-4o-2024-08-06:ours', undefined, false],
    ['gpt-5-chat-latest', undefined, false],
    ['gpt-4o-mini', ['text', 'reasoning'], true],
    ['our-deployment', ['text'], false],
  ] as const)(
    'to %s with the abilities %j asks for thoughts: %s',
    async (...[model, can, does]) => {
      const fields = await sent({}, { model, abilities: can })
      expect('include' in fields).toBe(does)
    },
  )

  test('gives the system text as instructions and the prompt last', async () => {
    const { instructions, input } = await sent({
      system: 'Be brief.',
      messages: [
        { role: 'system', content: 'In French.' },
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: 'Bonjour' },
      ],
      prompt: 'And now?',
    })
    expect(instructions).toBe('Be brief.')
    expect(input).toEqual([
      { type: 'message', role: 'system', content: 'In French.' },
      { type: 'message', role: 'user', content: 'Hello' },
      { type: 'message', role: 'assistant', content: 'Bonjour' },
      { type: 'message', role: 'user', content: 'And now?' },
    ])
  })

  test('carries images of a user as data and as addresses', async () => {
    const content = [
      { type: 'text', text: 'What is this?' },
      { type: 'image', mediaType: 'image/png', data: 'iVBORw0=' },
      { type: 'image', mediaType: 'image/jpeg', data: new URL('https://img.example/a.jpg') },
    ] as const
    expect(await sentInput({ role: 'assistant', content }, { role: 'user', content })).toEqual([
      { type: 'message', role: 'assistant', content: 'What is this?' },
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: 'What is this?' },
          { type: 'input_image', image_url: 'data:image/png;base64,iVBORw0=', detail: 'auto' },
          { type: 'input_image', image_url: 'https://img.example/a.jpg', detail: 'auto' },
        ],
      },
    ])
  })

  test('carries calls in their place and results under the ids of their calls', async () => {
    const long = `${'x'.repeat(30)}${'y'.repeat(64)}`
    const input = await sentInput(
      { role: 'user', content: 'Weather?' },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Looking' },
          { type: 'text', text: '.' },
          {
            type: 'tool-call',
            id: 'a',
            name: 'weather',
            input: { city: 'Bern' },
            inputText: '{"city": "Bern"}',
          },
          { type: 'text', text: 'And:' },
          { type: 'tool-call', id: long, name: 'clock', input: undefined, inputText: '' },
        ],
      },
      {
        role: 'tool',
        content: [
          { type: 'tool-result', id: 'a', name: 'weather', output: { celsius: 4 } },
          { type: 'tool-result', id: long, name: 'clock', output: 'noon' },
        ],
      },
    )
    expect(input).toEqual([
      { type: 'message', role: 'user', content: 'Weather?' },
      { type: 'message', role: 'assistant', content: 'Looking.' },
      { type: 'function_call', call_id: 'a', name: 'weather', arguments: '{"city": "Bern"}' },
      { type: 'message', role: 'assistant', content: 'And:' },
      { type: 'function_call', call_id: 'y'.repeat(64), name: 'clock', arguments: '{}' },
      { type: 'function_call_output', call_id: 'a', output: '{"celsius":4}' },
      { type: 'function_call_output', call_id: 'y'.repeat(64), output: 'noon' },
    ])
  })

  test('puts results that share a message with text before it', async () => {
    const input = await sentInput({
      role: 'user',
      content: [
        { type: 'text', text: 'And?' },
        { type: 'tool-result', id: 'a', name: 'clock', output: undefined },
      ],
    })
    expect(input).toEqual([
      { type: 'function_call_output', call_id: 'a', output: '' },
      { type: 'message', role: 'user', content: 'And?' },
    ])
  })

  test('gives text of a tool as a user’s, for there is no such role', async () => {
    expect(await sentInput({ role: 'tool', content: 'noon' })).toEqual([
      { type: 'message', role: 'user', content: 'noon' },
    ])
  })

  test('carries tools that are not strict, limits, temperature and effort', async () => {
    const body = await sent({
      tools: { weather: { description: 'Now', input: anything } },
      temperature: 0,
      maxOutputTokens: 100,
      reasoning: 'low',
    })
    expect(body).toMatchObject({
      temperature: 0,
      max_output_tokens: 100,
      reasoning: { effort: 'low' },
      tools: [
        {
          type: 'function',
          name: 'weather',
          description: 'Now',
          parameters: { type: 'object', properties: { city: { type: 'string' } } },
          strict: false,
        },
      ],
    })
  })

  test('asks for JSON by its schema, or for any where the schema cannot say it', async () => {
    expect((await sent({ output: anything }))['text']).toEqual({
      format: {
        type: 'json_schema',
        name: 'answer',
        schema: { type: 'object', properties: { city: { type: 'string' } } },
      },
    })
    const silent: OutputSchema = {
      '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) },
    }
    expect((await sent({ output: silent }))['text']).toEqual({ format: { type: 'json_object' } })
    const tools = { weather: { description: 'Now', input: silent } }
    expect((await sent({ tools }))['tools']).toMatchObject([
      { name: 'weather', parameters: { type: 'object', properties: {} } },
    ])
  })
})

describe('a thought', () => {
  const thought = {
    type: 'reasoning',
    id: 'rs_1',
    encrypted_content: 'gAAAA',
    summary: [{ type: 'summary_text', text: 'Hm.' }],
  }
  const call = { type: 'function_call', id: 'fc_1', call_id: 'c', name: 'clock', arguments: '{}' }
  const thinks = (delta: string, output = 0, summary = 0): object => ({
    type: 'response.reasoning_summary_text.delta',
    ...at(output, { summary_index: summary, delta }),
  })
  const madeBy = { provider: 'maker', model: 'm' }

  test('is told with what only its maker can read, and goes back whole in its place', async () => {
    const first = sse(
      thinks('H'),
      thinks('m.'),
      item(thought),
      opens(call, 1),
      item(call, 1),
      ends(),
    )
    const server = await serve((response, { fields }) =>
      response.end(JSON.stringify(fields).includes('gAAAA') ? WHOLE : first),
    )
    const options = { baseUrl: `${server.origin}/v1` }
    const { outcome } = await ask(options)
    expect(outcome.message.content).toEqual([
      { type: 'reasoning', text: 'Hm.', opaque: thought, madeBy },
      { type: 'tool-call', id: 'c', name: 'clock', input: {}, inputText: '{}' },
    ])
    const { outcome: second } = await ask(options, {
      prompt: undefined,
      messages: [
        { role: 'user', content: 'Time?' },
        outcome.message,
        {
          role: 'tool',
          content: [{ type: 'tool-result', id: 'c', name: 'clock', output: 'noon' }],
        },
      ],
    })
    expect(second.text).toBe('whole')
    expect(server.asked[1]?.fields['input']).toEqual([
      { type: 'message', role: 'user', content: 'Time?' },
      thought,
      { type: 'function_call', call_id: 'c', name: 'clock', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c', output: 'noon' },
    ])
  })

  test('without words goes back too, and each stays before what it led to', async () => {
    const silent = { ...thought, summary: [] }
    const other = { ...silent, id: 'rs_2', encrypted_content: 'gBBBB' }
    const body = sse(
      item(silent),
      says('Wait.', 1),
      item(message('Wait.'), 1),
      item(other, 2),
      item(call, 3),
      ends({ output: [silent, message('Wait.'), other, call] }),
    )
    const { message: answer } = await outcomeOf(body)
    expect(answer.content).toMatchObject([
      { type: 'reasoning', opaque: silent },
      { type: 'text', text: 'Wait.' },
      { type: 'reasoning', opaque: other },
      { type: 'tool-call', id: 'c' },
    ])
  })

  test('of somebody else, or in plain words only, is not sent', async () => {
    const opaque = thought
    const content: Message['content'] = [
      { type: 'reasoning', text: 'Plain.' },
      { type: 'reasoning', opaque, madeBy: { provider: 'other', model: 'm' } },
      { type: 'text', text: 'Yes' },
    ]
    expect(await sentInput({ role: 'assistant', content })).toEqual([
      { type: 'message', role: 'assistant', content: 'Yes' },
    ])
  })

  test('whose follower is missing is not sent, for it would be refused', async () => {
    const content: Message['content'] = [
      { type: 'reasoning', opaque: { ...thought, id: 'rs_0' }, madeBy },
      { type: 'reasoning', opaque: thought, madeBy },
      { type: 'text', text: 'Yes' },
    ]
    expect(
      await sentInput(
        { role: 'assistant', content },
        { role: 'assistant', content: content.slice(0, 1) },
      ),
    ).toEqual([thought, { type: 'message', role: 'assistant', content: 'Yes' }])
  })

  test('kept as its encrypted content alone goes back as an item', async () => {
    const content: Message['content'] = [
      { type: 'reasoning', opaque: 'gAAAA', madeBy },
      { type: 'text', text: 'Yes' },
    ]
    expect(await sentInput({ role: 'assistant', content })).toMatchObject([
      { type: 'reasoning', summary: [], encrypted_content: 'gAAAA' },
      { role: 'assistant' },
    ])
  })

  test.each([
    ['summaries', [thinks('a'), thinks('b', 0, 1)]],
    ['raw thoughts', [{ type: 'response.reasoning_text.delta', ...at(0, { delta: 'ab' }) }]],
    [
      'thoughts of Open Responses',
      [{ type: 'response.reasoning.delta', ...at(0, { delta: 'ab' }) }],
    ],
    ['a whole', [{ type: 'response.reasoning_text.done', ...at(0, { text: 'ab' }) }]],
    [
      'a part',
      [
        {
          type: 'response.reasoning_summary_part.done',
          ...at(0, { part: { type: 'summary_text', text: 'ab' } }),
        },
      ],
    ],
    ['an item', [item({ type: 'reasoning', content: [{ type: 'reasoning_text', text: 'ab' }] })]],
    ['a summary', [item({ type: 'reasoning', summary: [{ type: 'summary_text', text: 'ab' }] })]],
    [
      'a summary and what it sums up',
      [
        item({
          type: 'reasoning',
          summary: [{ type: 'summary_text', text: 'a' }],
          content: [{ type: 'reasoning_text', text: 'b' }],
        }),
      ],
    ],
    [
      'pieces and then a whole',
      [
        thinks('a'),
        { type: 'response.reasoning_summary_text.done', ...at(0, { summary_index: 1, text: 'b' }) },
      ],
    ],
  ])('in %s is thought once and is no text', async (_, thoughts) => {
    const output = [
      { type: 'reasoning', content: [{ type: 'reasoning_text', text: 'ab' }] },
      message('Yes'),
    ]
    for (const response of [{}, { output }]) {
      const { events, outcome } = await hear(sse(...thoughts, says('Yes', 1), ends(response)))
      const words = events.flatMap((event) => (event.type === 'reasoning' ? [event.text] : []))
      expect(words.join('')).toBe('ab')
      expect(outcome).toMatchObject({ text: 'Yes', attempts: [{ skippedEvents: 0 }] })
    }
  })
})

describe('a text', () => {
  const UNICODE = 'Grüße, 👩🏽‍🚀 → 汉字'
  const part = {
    type: 'response.content_part.done',
    ...at(0, { content_index: 0, part: { type: 'output_text', text: 'whole' } }),
  }
  const output = [message('whole')]

  test('that comes in every form is told once, as it comes', async () => {
    const body = sse(
      ...STARTS,
      opens({ type: 'message', content: [] }),
      {
        type: 'response.content_part.added',
        ...at(0, { part: { type: 'output_text', text: '' } }),
      },
      says('wh'),
      says('ole'),
      saysAll('whole'),
      part,
      item(message('whole')),
      ends({ output }),
      '[DONE]',
    )
    expect(await outcomeOf(body)).toMatchObject({
      status: 'completed',
      text: 'whole',
      finish: 'stop',
      message: { role: 'assistant', content: [{ type: 'text', text: 'whole' }] },
      attempts: [{ skippedEvents: 0 }],
    })
  })

  test.each([
    ['in pieces', [says('wh'), says('ole')]],
    ['as a whole', [saysAll('whole')]],
    ['in its part', [part]],
    ['in its item', [item(message('whole'))]],
    ['in two parts of its item', [item(message('wh', 'ole'))]],
    ['as a whole, its part and its item', [saysAll('whole'), part, item(message('whole'))]],
  ])('that comes only %s is told once, whatever the end repeats', async (_, events) => {
    for (const response of [{}, { output: undefined }, { output }]) {
      expect((await outcomeOf(sse(...events, ends(response)))).text).toBe('whole')
    }
  })

  test('that comes only at the end is told', async () => {
    expect(await outcomeOf(sse(ends({ output: [message('wh', 'ole')] })))).toMatchObject({
      text: 'whole',
      finish: 'stop',
    })
  })

  test('of several messages is told in their order, each by what says it first', async () => {
    const body = sse(
      says('one ', 0),
      saysAll('one ', 0),
      item(message('one '), 0),
      item(message('two '), 2),
      ends({ output: [message('one '), message('two '), message('three')] }),
    )
    expect((await outcomeOf(body)).text).toBe('one two three')
  })

  test('that came in pieces is not told again by a whole that differs', async () => {
    const body = sse(says('wh'), says('ole'), saysAll('Whole!'), item(message('WHOLE')), ends())
    expect((await outcomeOf(body)).text).toBe('whole')
  })

  test('is read from hosts that give an item another id in each event', async () => {
    const body = sse(
      { ...says('wh'), item_id: 'x1' },
      { ...says('ole'), item_id: 'x2' },
      { ...saysAll('whole'), item_id: 'x3' },
      { ...item({ ...message('whole'), id: 'x4' }), item_id: 'x5' },
      ends({ output: [{ ...message('whole'), id: 'x6' }] }),
    )
    expect((await outcomeOf(body)).text).toBe('whole')
  })

  test('is read from hosts without indices, by their ids', async () => {
    const body = sse(
      bare({ ...says('one '), item_id: 'a' }),
      bare(item({ ...message('one '), id: 'a' })),
      bare({ ...says('two'), item_id: 'b' }),
      bare({ ...saysAll('two'), item_id: 'b' }),
      bare(item({ ...message('two'), id: 'b' })),
      ends({ output: [message('one '), message('two')] }),
    )
    expect((await outcomeOf(body)).text).toBe('one two')
  })

  test('is told once by hosts that give it another place than its pieces', async () => {
    const body = sse(says('wh', 0), says('ole', 0), item(message('whole'), 1), ends({ output }))
    expect((await outcomeOf(body)).text).toBe('whole')
  })

  test('is read whole when it comes byte by byte from a server', async () => {
    const bytes = new TextEncoder().encode(sse(says(UNICODE), ends()).replaceAll('\n', '\r\n'))
    const pieces = [...bytes].map((byte) => Uint8Array.of(byte))
    expect(await outcomeOf(pieces)).toMatchObject({ text: UNICODE, finish: 'stop' })
  })

  test('is read past comments, from events whose name alone says their type', async () => {
    const { type: _, ...untyped } = { type: '', ...says('whole') }
    const body = `: keepalive\n\nevent: response.output_text.delta\n${sse(untyped)}${sse(ends())}`
    expect(await outcomeOf(body)).toMatchObject({ text: 'whole', attempts: [{ skippedEvents: 0 }] })
  })

  test('is read past events of other tools and kinds', async () => {
    const body = sse(
      opens({ type: 'web_search_call', id: 'ws' }),
      { type: 'response.web_search_call.searching', ...at(0) },
      { type: 'response.shell_call_output_content.delta', delta: { stdout: 'x' } },
      { type: 'response.custom_tool_call_input.delta', ...at(0, { delta: 'x' }) },
      { type: 'response.mcp_call.failed', ...at(0) },
      item({ type: 'web_search_call', id: 'ws', action: {} }),
      item({ type: 'custom_tool_call', call_id: 'c', name: 'x', input: 'x' }, 1),
      says('whole', 2),
      { type: 'response.output_text.annotation.added', ...at(2, { annotation: {} }) },
      { type: 'response.from.next.year', ...at(2, { text: 'x', delta: 'x' }) },
      { type: 'keepalive' },
      ends(),
    )
    expect(await outcomeOf(body)).toMatchObject({
      text: 'whole',
      finish: 'stop',
      message: { content: [{ type: 'text', text: 'whole' }] },
      attempts: [{ skippedEvents: 0 }],
    })
  })

  test('passes over three malformed events and counts them', async () => {
    const body = `data: {"ty\n\n${sse('nonsense', says('wh'), says({ text: 'x' }), says('ole'), ends())}`
    expect(await outcomeOf(body)).toMatchObject({
      status: 'completed',
      text: 'whole',
      attempts: [{ skippedEvents: 3 }],
    })
  })

  test('with four malformed events is an invalid response', async () => {
    const body = sse({}, { ok: true }, 7, null, says('whole'), ends())
    expect(await outcomeOf(body)).toMatchObject({ failure: { kind: 'invalid-response' } })
  })

  test('that is a refusal finishes refused, in its own words, once', async () => {
    const refusal = { type: 'refusal', refusal: "I can't help." }
    const whole = { type: 'message', content: [refusal] }
    const piece = (delta: string): object => ({
      type: 'response.refusal.delta',
      ...at(0, { content_index: 0, delta }),
    })
    const rest = [
      { type: 'response.refusal.done', ...at(0, { content_index: 0, refusal: refusal.refusal }) },
      { type: 'response.content_part.done', ...at(0, { content_index: 0, part: refusal }) },
      item(whole),
    ]
    const end = ends({ output: [whole] })
    for (const events of [
      [piece("I can't"), piece(' help.'), ...rest, end],
      [...rest, end],
      [end],
    ]) {
      expect(await outcomeOf(sse(...events))).toMatchObject({
        status: 'completed',
        text: refusal.refusal,
        finish: 'refused',
        failure: null,
      })
    }
  })
})

describe('the end', () => {
  const cutBy = (reason: unknown): object =>
    ends({ incomplete_details: reason === null ? null : { reason } }, 'incomplete')

  test.each([
    ['a completed response', ends(), 'stop'],
    ['one that lacks everything', { type: 'response.completed' }, 'stop'],
    ['one that ran out of tokens', cutBy('max_output_tokens'), 'length'],
    ['one that was filtered', cutBy('content_filter'), 'filtered'],
    ['one that is incomplete for another reason', cutBy('steered'), 'length'],
    ['one that is incomplete for no reason', cutBy(null), 'length'],
    ['its status alone', ends({ status: 'incomplete' }), 'length'],
    ['a response whose output is no list', ends({ output: 'x', usage: 7 }), 'stop'],
    [
      'a response with odd items',
      ends({ output: [null, 7, { type: 'message', content: 'x' }] }),
      'stop',
    ],
  ])('is told by %s', async (_, end, finish) => {
    expect(await outcomeOf(sse(says('whole'), end))).toMatchObject({
      status: 'completed',
      text: 'whole',
      finish,
    })
  })

  test.each([
    ['nobody tells', []],
    ['[DONE] alone tells', ['[DONE]']],
    ['a cancelled response tells', [ends({}, 'cancelled')]],
  ])('that %s is truncated', async (_, tail) => {
    expect(await outcomeOf(sse(...STARTS, says('half'), ...tail))).toMatchObject({
      status: 'failed',
      text: 'half',
      failure: { kind: 'truncated', phase: 'streaming' },
    })
  })

  test('is the end, though the server leaves the connection open', async () => {
    const server = await serve((response) => response.write(WHOLE))
    const { outcome } = await ask({ baseUrl: `${server.origin}/v1` })
    expect(outcome).toMatchObject({ status: 'completed', text: 'whole' })
    // a finish that nothing follows would be waited for
    expect(outcome.latency.totalMs).toBeLessThan(1_500)
  })

  test('that is missing after a sign of any tool is truncated', async () => {
    const searching = { type: 'response.web_search_call.searching', ...at(0) }
    expect(await outcomeOf(sse(...STARTS, searching))).toMatchObject({
      failure: { kind: 'truncated' },
    })
    expect(await outcomeOf(sse(...STARTS))).toMatchObject({ failure: { kind: 'invalid-response' } })
  })

  test('without content is an invalid response, and filtered without content is blocked', async () => {
    expect(await outcomeOf(sse(...STARTS, ends()))).toMatchObject({
      failure: { kind: 'invalid-response' },
    })
    expect(await outcomeOf(sse(...STARTS, cutBy('content_filter')))).toMatchObject({
      failure: { kind: 'blocked-content', class: 'policy' },
    })
  })

  const read = { inputTokens: 10, outputTokens: 20, cachedTokens: 4, reasoningTokens: 7 }
  const full = {
    input_tokens: 10,
    output_tokens: 20,
    input_tokens_details: { cached_tokens: 4 },
    output_tokens_details: { reasoning_tokens: 7 },
  }
  test.each([
    ['completed', full, read],
    ['incomplete', full, read],
    [
      'completed',
      { ...full, input_tokens_details: null, output_tokens_details: undefined },
      { inputTokens: 10, outputTokens: 20 },
    ],
    ['completed', { input_tokens: 10, output_tokens: '20' }, { inputTokens: 10, outputTokens: 0 }],
    ['completed', { input_tokens: null, output_tokens: null }, null],
    ['completed', null, null],
  ])('that is %s counts the usage %j', async (how, usage, counted) => {
    expect((await outcomeOf(sse(says('whole'), ends({ usage }, how)))).usage).toEqual(counted)
  })
})

describe('an error', () => {
  const quota = { type: 'insufficient_quota', code: 'insufficient_quota', message: 'No money' }
  const limit = { code: 'rate_limit_exceeded', message: 'Slow down', param: null }
  const failed = (error: object | null): object => ends({ error, usage: null }, 'failed')

  test.each([
    ['nested', [{ type: 'error', sequence_number: 2, error: quota }], 'quota-exhausted'],
    ['flat', [{ type: 'error', sequence_number: 2, ...limit }], 'rate-limit'],
    ['without a type', [{ error: limit }], 'rate-limit'],
    ['as a response', [failed(limit)], 'rate-limit'],
    ['as a response that says no more', [failed(null)], 'outage'],
    ['as a status', [ends({ status: 'failed', error: limit })], 'rate-limit'],
    ['twice', [{ type: 'error', error: quota }, failed(quota)], 'quota-exhausted'],
    ['and then done', [{ type: 'response.error', error: limit }, '[DONE]'], 'rate-limit'],
  ])('%s is classified by its code', async (_, events, kind) => {
    expect(await outcomeOf(sse(...STARTS, ...events))).toMatchObject({
      status: 'failed',
      failure: { kind, phase: 'before-content' },
      attempts: [{ skippedEvents: 0 }],
    })
    expect(await outcomeOf(sse(...STARTS, says('half'), ...events))).toMatchObject({
      text: 'half',
      failure: { kind, phase: 'streaming' },
    })
  })

  test('in a named event of prose is classified by its words', async () => {
    expect(await outcomeOf('event: error\ndata: Rate limit exceeded\n\n')).toMatchObject({
      failure: { kind: 'rate-limit' },
    })
  })

  test('that bills what was used says how much', async () => {
    const usage = { input_tokens: 10, output_tokens: 2 }
    expect(await outcomeOf(sse(ends({ usage, error: limit }, 'failed')))).toMatchObject({
      attempts: [{ usage: { inputTokens: 10, outputTokens: 2 }, billing: 'billed' }],
    })
  })

  test('never puts a provider’s words into the failure', async () => {
    const secret = 'sk-secret'
    const { events, outcome } = await hear(sse(failed({ code: secret, message: secret })))
    expect(outcome.status).toBe('failed')
    expect(JSON.stringify(events)).not.toContain(secret)
  })
})

const call = (id: string, name: string, text: unknown): object => ({
  type: 'function_call',
  id: `fc_${id}`,
  call_id: id,
  name,
  arguments: text,
})
const types = (delta: string, output = 0): object => ({
  type: 'response.function_call_arguments.delta',
  ...at(output, { item_id: 'x', delta }),
})
const typed = (text: string, output = 0): object => ({
  type: 'response.function_call_arguments.done',
  ...at(output, { arguments: text }),
})

async function callsOf(body: string): Promise<readonly (ToolCall | string | null)[]> {
  const { outcome, events } = await hear(body)
  const calls = events.flatMap((event) => (event.type === 'tool-call' ? [event.call] : []))
  expect(outcome.message.content.filter(({ type }) => type === 'tool-call')).toEqual(calls)
  return [outcome.finish, ...calls]
}

const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
const callWith = (text: string): string => sse(item(call('a', 'deep', text)), ends())

describe('a tool call', () => {
  const BERN = '{"city":"Bern"}'
  const bern: ToolCall = {
    type: 'tool-call',
    id: 'a',
    name: 'weather',
    input: { city: 'Bern' },
    inputText: BERN,
  }
  const asked = opens(call('a', 'weather', ''))
  const done = item(call('a', 'weather', BERN))
  const output = [call('a', 'weather', BERN)]

  test.each([
    ['in every form', [asked, types('{"city":'), types('"Bern"}'), typed(BERN), done]],
    ['in pieces', [asked, types('{"city":'), types('"Bern"}')]],
    ['as a whole', [asked, typed(BERN)]],
    ['in its item', [done]],
    ['in its item twice', [done, done]],
  ])('that comes %s is told once, whatever the end repeats', async (_, events) => {
    for (const response of [{}, { output: undefined }, { output }]) {
      expect(await callsOf(sse(...events, ends(response)))).toEqual(['tool-calls', bern])
    }
  })

  test('that comes only at the end is told', async () => {
    expect(await callsOf(sse(ends({ output })))).toEqual(['tool-calls', bern])
  })

  test('that is only announced takes its arguments from the end', async () => {
    expect(await callsOf(sse(asked, ends({ output })))).toEqual(['tool-calls', bern])
  })

  test('is told once by hosts that give it another place in the middle', async () => {
    const moved = item(call('a', 'weather', BERN), 3)
    expect(await callsOf(sse(asked, types(BERN), moved, ends({ output })))).toEqual([
      'tool-calls',
      bern,
    ])
  })

  test.each([
    ['at the end', [asked, types(BERN), done, ends({ output: [call('z', 'weather', BERN)] })], 'a'],
    ['in its item', [opens(call('z', 'weather', '')), types(BERN), done, ends()], 'a'],
    ['without it', [asked, types(BERN), ends({ output: [call('z', 'weather', BERN)] })], 'z'],
  ])('is told once by hosts that change its id %s', async (_, events, id) => {
    expect(await callsOf(sse(...events))).toEqual(['tool-calls', { ...bern, id }])
  })

  test('is put together beside another one', async () => {
    const body = sse(
      opens(call('a', 'weather', ''), 0),
      opens(call('b', 'clock', ''), 1),
      types('{"zone"', 1),
      types('{"city":', 0),
      types(':1}', 1),
      types('"Bern"}', 0),
      ends(),
    )
    expect(await callsOf(body)).toMatchObject(['tool-calls', bern, { id: 'b', input: { zone: 1 } }])
  })

  test('is put together by its id where there is no index', async () => {
    const body = sse(
      bare(opens(call('a', 'weather', ''))),
      bare({ ...types('{"city":'), item_id: 'fc_a' }),
      bare(opens(call('b', 'clock', ''))),
      bare({ ...types('{}'), item_id: 'fc_b' }),
      bare({ ...types('"Bern"}'), item_id: 'fc_a' }),
      bare(item(call('b', 'clock', '{}'))),
      ends(),
    )
    expect(await callsOf(body)).toMatchObject(['tool-calls', { id: 'b', input: {} }, bern])
  })

  test.each(['', '  ', '{}'])('with the arguments %j has the input {}', async (text) => {
    expect(await callsOf(sse(item(call('a', 'clock', text)), ends()))).toEqual([
      'tool-calls',
      { type: 'tool-call', id: 'a', name: 'clock', input: {}, inputText: text },
    ])
  })

  test('may have its arguments as an object', async () => {
    expect(await callsOf(sse(item(call('a', 'weather', { city: 'Bern' })), ends()))).toEqual([
      'tool-calls',
      bern,
    ])
  })

  test('that the length cut has its text and no input', async () => {
    const half = call('a', 'weather', '{"city":"Be')
    const body = sse(
      asked,
      types('{"city":"Be'),
      item(half),
      ends({ incomplete_details: { reason: 'max_output_tokens' }, output: [half] }, 'incomplete'),
    )
    expect(await callsOf(body)).toEqual([
      'length',
      { ...bern, input: undefined, inputText: '{"city":"Be' },
    ])
  })

  test('that is nested too deep has no input', async () => {
    expect(await callsOf(callWith(deep(65)))).toMatchObject(['tool-calls', { input: undefined }])
    expect(await callsOf(callWith(deep(64)))).toMatchObject(['tool-calls', { input: { a: {} } }])
  })

  test('that the stream cuts off is told to nobody', async () => {
    const { outcome, events } = await hear(sse(says('Hm'), asked, types('{"ci')))
    expect(outcome).toMatchObject({ failure: { kind: 'truncated' }, text: 'Hm' })
    expect(events.some(({ type }) => type === 'tool-call')).toBe(false)
  })

  test('without an id gets one of its own', async () => {
    const anonymous = { type: 'function_call', name: 'clock', arguments: '{}' }
    const [, ...calls] = await callsOf(sse(item(anonymous, 0), item(anonymous, 1), ends()))
    const ids = calls.map((one) => (typeof one === 'object' ? one?.id : undefined))
    expect(ids.every(Boolean)).toBe(true)
    expect(new Set(ids).size).toBe(2)
  })

  test('may be named, keyed and filled like what objects inherit', async () => {
    const text = '{"__proto__":{"isAdmin":true}}'
    const body = sse(
      opens({ ...call('__proto__', 'constructor', ''), id: '__proto__' }),
      { ...types(text), output_index: '__proto__' },
      item(call('__proto__', 'constructor', text)),
      { type: '__proto__', item: { type: 'constructor' } },
      ends(),
    )
    const [, first] = await callsOf(body)
    expect(first).toMatchObject({ id: '__proto__', name: 'constructor' })
    const { input } = typeof first === 'object' && first ? first : {}
    expect(Object.hasOwn(input ?? {}, '__proto__')).toBe(true)
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
  })
})
