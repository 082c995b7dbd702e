import { agUi, createLLM } from '@rungs/core'
import type { Message, Outcome, OutputSchema, RunRequest } from '@rungs/core'
import { describe, expect, test } from 'vitest'
import { pour, serve, sse } from './loopback.ts'
import { told as toldBy, type Told } from './told.ts'

type Chunk = Readonly<Record<string, unknown>>

function told(
  url: string,
  request: Partial<RunRequest<'chat', never>> = {},
  options: Partial<Parameters<typeof agUi>[0]> = {},
): Promise<Told> {
  const llm = createLLM({
    routes: { own: agUi({ url, ...options }) },
    workloads: { chat: { ladder: ['own'], limits: { maxAttempts: 1 } } },
  })
  return toldBy(llm, request)
}

/** What becomes of a body in these pieces. */
async function hearPieces(
  pieces: readonly (string | Uint8Array)[],
  type = 'text/event-stream',
): Promise<Told> {
  const server = await serve((response) => {
    response.writeHead(200, { 'content-type': type })
    void pour(response, pieces)
  })
  return told(`${server.origin}/agent`)
}
/** What becomes of these events, sent one by one by a real server. */
const hear = (...events: readonly (Chunk | string)[]): Promise<Told> =>
  hearPieces(events.map((event) => sse(event)))
const outcomeOf = async (...events: readonly (Chunk | string)[]): Promise<Outcome> =>
  (await hear(...events)).outcome
const callsOf = ({ events }: Told): readonly unknown[] =>
  events.flatMap((event) => (event.type === 'tool-call' ? [event.call] : []))
const reasoningOf = ({ events }: Told): string =>
  events.map((event) => (event.type === 'reasoning' ? event.text : '')).join('')

const run = { threadId: 't', runId: 'r' }
const START: Chunk = { type: 'RUN_STARTED', ...run }
const finished = (rest: Chunk = {}): Chunk => ({ type: 'RUN_FINISHED', ...run, ...rest })
const text = (...deltas: readonly string[]): readonly Chunk[] => [
  { type: 'TEXT_MESSAGE_START', messageId: 'm', role: 'assistant' },
  ...deltas.map((delta) => ({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta })),
  { type: 'TEXT_MESSAGE_END', messageId: 'm' },
]
const call = (toolCallId: string, args: string, toolCallName = 'weather'): readonly Chunk[] => [
  { type: 'TOOL_CALL_START', toolCallId, toolCallName },
  { type: 'TOOL_CALL_ARGS', toolCallId, delta: args.slice(0, 4) },
  { type: 'TOOL_CALL_ARGS', toolCallId, delta: args.slice(4) },
  { type: 'TOOL_CALL_END', toolCallId },
]
const result = (toolCallId: string): Chunk => ({
  type: 'TOOL_CALL_RESULT',
  messageId: 'x',
  toolCallId,
  content: '4',
})

describe('a run', () => {
  test('is text between its start and its end', async () => {
    const { outcome, events } = await hear(START, ...text('Hel', 'lo 👋🏽'), finished())
    expect(outcome).toMatchObject({
      status: 'completed',
      text: 'Hello 👋🏽',
      finish: 'stop',
      usage: null,
    })
    expect(outcome.attempts[0]).toMatchObject({ skippedEvents: 0, failure: null })
    expect(events.filter(({ type }) => type === 'headers')).toHaveLength(1)
  })

  test.each<[string, readonly (Chunk | string)[]]>([
    [
      'in chunks without frames',
      [
        { type: 'TEXT_MESSAGE_CHUNK', messageId: 'm', role: 'assistant', delta: 'He' },
        { type: 'TEXT_MESSAGE_CHUNK', delta: 'llo' },
        finished(),
      ],
    ],
    [
      'with null for what is optional',
      [
        { ...START, timestamp: null, rawEvent: null, parentRunId: null, input: null },
        {
          type: 'TEXT_MESSAGE_START',
          messageId: 'm',
          role: null,
          delta: null,
          subagentRunId: null,
        },
        { type: 'TEXT_MESSAGE_CHUNK', messageId: null, role: null, delta: 'Hello', name: null },
        { type: 'TEXT_MESSAGE_CHUNK', messageId: null, role: null, delta: null },
        finished({ outcome: null, usage: null, result: null, metadata: null }),
      ],
    ],
    ['that ends with [DONE]', [START, ...text('Hello'), finished(), '[DONE]']],
    ['whose only end is [DONE]', [START, ...text('Hello'), '[DONE]']],
    [
      'among events of the product’s own',
      [
        START,
        { type: 'STEP_STARTED', stepName: 's' },
        { type: 'STATE_SNAPSHOT', snapshot: { text: 'no' } },
        { type: 'STATE_DELTA', delta: [{ op: 'add', path: '/a', value: 'no' }] },
        { type: 'ACTIVITY_SNAPSHOT', messageId: 'a', activityType: 'plan', content: { a: 'no' } },
        { type: 'ACTIVITY_DELTA', messageId: 'a', activityType: 'plan', patch: [] },
        { type: 'CUSTOM', name: 'note', value: 'no' },
        { type: 'RAW', event: { type: 'TEXT_MESSAGE_CONTENT', delta: 'no' } },
        ...text('Hello'),
        { type: 'MESSAGES_SNAPSHOT', messages: [{ id: 'm', role: 'assistant', content: 'no' }] },
        { type: 'STEP_FINISHED', stepName: 's' },
        { type: 'SOMETHING_OF_TOMORROW', delta: 'no' },
        finished({ outcome: { type: 'success' } }),
      ],
    ],
    [
      'whose other voices are not the answer',
      [
        START,
        { type: 'TEXT_MESSAGE_START', messageId: 'u', role: 'user' },
        { type: 'TEXT_MESSAGE_CONTENT', messageId: 'u', delta: 'no' },
        { type: 'SUBAGENT_STARTED', subagentRunId: 's', name: 'researcher' },
        { type: 'TEXT_MESSAGE_CONTENT', messageId: 'n', subagentRunId: 's', delta: 'no' },
        { type: 'SUBAGENT_ERROR', subagentRunId: 's', message: 'no' },
        ...text('Hello'),
        finished(),
      ],
    ],
  ])('is read %s', async (_, events) => {
    const outcome = await outcomeOf(...events)
    expect(outcome).toMatchObject({ status: 'completed', text: 'Hello' })
    expect(outcome.attempts[0]?.skippedEvents).toBe(0)
  })

  test('may be followed by another, and only the last end is the end', async () => {
    const outcome = await outcomeOf(
      START,
      ...call('a', '{"city":"Bern"}'),
      finished({ finishReason: 'tool_calls', usage: [{ inputTokens: 10, outputTokens: 2 }] }),
      result('a'),
      START,
      ...text('4 degrees'),
      finished({ finishReason: 'length', usage: [{ inputTokens: 20, outputTokens: 3 }] }),
    )
    expect(outcome).toMatchObject({
      status: 'completed',
      text: '4 degrees',
      finish: 'length',
      usage: { inputTokens: 30, outputTokens: 5 },
    })
    expect(outcome.message.content.filter(({ type }) => type === 'tool-call')).toEqual([])
  })

  test('that follows another and breaks off is truncated', async () => {
    expect(await outcomeOf(START, ...text('half'), finished(), START)).toMatchObject({
      text: 'half',
      failure: { kind: 'truncated', phase: 'streaming' },
    })
  })

  test.each([
    ['length', 'length'],
    ['content_filter', 'filtered'],
    ['stop', 'stop'],
  ])('that TanStack AI ends with %s ends so', async (finishReason, finish) => {
    const end = finished({ metadata: { tanstack: { finishReason } } })
    expect(await outcomeOf(START, ...text('x'), end)).toMatchObject({ finish })
  })

  test('is read from newline-delimited JSON, bare or in envelopes, cut anywhere', async () => {
    const lines = [START, ...text('Grüße, ', '汉字'), finished()]
      .map((event, index) => JSON.stringify(index % 2 ? { id: `${index}`, chunk: event } : event))
      .join('\r\n')
    const bytes = [...new TextEncoder().encode(`${lines}\n`)].map((byte) => Uint8Array.of(byte))
    const { outcome } = await hearPieces(bytes, 'application/x-ndjson; charset=utf-8')
    expect(outcome).toMatchObject({ status: 'completed', text: 'Grüße, 汉字' })
    expect(outcome.attempts[0]?.skippedEvents).toBe(0)
  })

  test('is read with ids and comments between its events', async () => {
    const pieces = [START, ...text('Hello'), finished()].map(
      (event, index) => `: ping\n\nid: ${index}\n${sse(event)}`,
    )
    expect((await hearPieces(pieces)).outcome).toMatchObject({ status: 'completed', text: 'Hello' })
  })
})

describe('reasoning', () => {
  test.each([
    'REASONING_MESSAGE_CONTENT',
    'REASONING_MESSAGE_CHUNK',
    'THINKING_TEXT_MESSAGE_CONTENT',
  ])('is told from %s', async (type) => {
    const answer = await hear(
      START,
      { type: 'REASONING_START', messageId: 'r' },
      { type: 'THINKING_START', title: 'Hm' },
      { type, messageId: 'r', delta: 'Let me ' },
      { type, messageId: 'r', delta: 'see.' },
      { type, messageId: 'r', delta: null },
      { type, messageId: 'r', subagentRunId: 's', delta: 'no' },
      { type: 'REASONING_ENCRYPTED_VALUE', subtype: 'message', entityId: 'r', encryptedValue: 'q' },
      { type: 'THINKING_END' },
      ...text('Hello'),
      finished(),
    )
    expect(reasoningOf(answer)).toBe('Let me see.')
    expect(answer.outcome.text).toBe('Hello')
  })
})

describe('a tool call', () => {
  test('without a result is the caller’s', async () => {
    const answer = await hear(START, ...call('a', '{"city":"Bern"}'), ...call('b', ''), finished())
    expect(answer.outcome).toMatchObject({ status: 'completed', finish: 'tool-calls' })
    expect(callsOf(answer)).toEqual([
      {
        type: 'tool-call',
        id: 'a',
        name: 'weather',
        input: { city: 'Bern' },
        inputText: '{"city":"Bern"}',
      },
      { type: 'tool-call', id: 'b', name: 'weather', input: {}, inputText: '' },
    ])
  })

  test('comes in chunks too, whose later ones may leave out what is known', async () => {
    const answer = await hear(
      { type: 'TOOL_CALL_CHUNK', toolCallId: 'a', toolCallName: 'weather', delta: '{"c":' },
      { type: 'TOOL_CALL_CHUNK', toolCallId: null, toolCallName: null, delta: '1}' },
      { type: 'TOOL_CALL_CHUNK', toolCallId: 'b', toolCallName: 'time' },
      finished(),
    )
    expect(callsOf(answer)).toMatchObject([
      { id: 'a', name: 'weather', input: { c: 1 } },
      { id: 'b', name: 'time', input: {} },
    ])
  })

  test.each<[string, readonly Chunk[]]>([
    ['has a result', [result('a')]],
    [
      'has one in TanStack AI’s older form',
      [{ type: 'TOOL_CALL_END', toolCallId: 'a', result: '4' }],
    ],
    [
      'has one in a snapshot only',
      [{ type: 'MESSAGES_SNAPSHOT', messages: [{ id: 'x', role: 'tool', toolCallId: 'a' }] }],
    ],
  ])('that %s is not', async (_, events) => {
    const answer = await hear(
      START,
      ...call('a', '{}'),
      ...events,
      ...text('4 degrees'),
      finished(),
    )
    expect(answer.outcome).toMatchObject({ finish: 'stop', text: '4 degrees' })
    expect(callsOf(answer)).toEqual([])
  })

  test('is open where the agent says which are', async () => {
    const outcome = { type: 'success', pendingToolCallIds: ['b'] }
    const answer = await hear(START, ...call('a', '{}'), ...call('b', '{}'), finished({ outcome }))
    expect(callsOf(answer)).toMatchObject([{ id: 'b' }])
  })

  test('may be named and filled like what objects inherit', async () => {
    const answer = await hear(
      ...call('__proto__', '{"__proto__":{"isAdmin":true}}', 'constructor'),
      ...call('toString', '{}'),
      result('toString'),
      finished(),
    )
    expect(callsOf(answer)).toMatchObject([{ id: '__proto__', name: 'constructor' }])
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
  })
})

describe('an interrupt', () => {
  test('over a call hands the caller that call', async () => {
    const outcome = { type: 'interrupt', interrupts: [{ id: 'i', reason: 'x', toolCallId: 'a' }] }
    const answer = await hear(START, ...call('a', '{}'), finished({ outcome }))
    expect(answer.outcome).toMatchObject({ status: 'completed', finish: 'tool-calls' })
    expect(callsOf(answer)).toMatchObject([{ id: 'a' }])
  })

  test('that asks a person says what it asks, if nothing else was said', async () => {
    const outcome = {
      type: 'interrupt',
      interrupts: [{ id: 'i', reason: 'approval', message: 'Send it?' }],
    }
    expect(await outcomeOf(START, finished({ outcome }))).toMatchObject({ text: 'Send it?' })
    expect(await outcomeOf(START, ...text('Draft.'), finished({ outcome }))).toMatchObject({
      status: 'completed',
      text: 'Draft.',
    })
  })

  test('of a run that was cancelled is truncated', async () => {
    const end = finished({ outcome: { type: 'cancelled' } })
    expect(await outcomeOf(START, ...text('half'), end)).toMatchObject({
      text: 'half',
      failure: { kind: 'truncated' },
    })
  })
})

describe('usage', () => {
  test.each<[string, unknown, object | null]>([
    [
      'is summed over models',
      [
        {
          provider: 'a',
          inputTokens: 10,
          outputTokens: 5,
          reasoningTokens: 2,
          cachedInputTokens: 3,
        },
        { provider: 'b', inputTokens: 1, outputTokens: 1 },
      ],
      { inputTokens: 11, outputTokens: 6, reasoningTokens: 2, cachedTokens: 3 },
    ],
    [
      'has TanStack AI’s older names',
      { promptTokens: 4, completionTokens: 2, totalTokens: 6 },
      { inputTokens: 4, outputTokens: 2 },
    ],
    ['is not below zero', [{ inputTokens: -5, outputTokens: '9' }, null, 'x'], null],
    ['may be empty', [], null],
  ])('%s', async (_, usage, expected) => {
    const { outcome } = await hear(START, ...text('x'), finished({ usage: usage }))
    expect(outcome).toMatchObject({ status: 'completed', text: 'x' })
    expect(outcome.usage).toEqual(expected)
  })
})

describe('a failure', () => {
  test.each<[string, Chunk, string]>([
    ['by its code', { message: 'x', code: 'rate_limit_exceeded' }, 'rate-limit'],
    ['by its words', { message: 'Your credit balance is too low', code: null }, 'quota-exhausted'],
    ['as an outage', { message: 'boom' }, 'outage'],
  ])('that the agent reports is classified %s', async (_, error, kind) => {
    const events = [
      START,
      { type: 'RUN_ERROR', ...error, usage: [{ inputTokens: 1, outputTokens: 1 }] },
    ]
    expect(await outcomeOf(...events)).toMatchObject({
      status: 'failed',
      usage: { inputTokens: 1 },
      failure: { kind, phase: 'before-content' },
    })
    expect(await outcomeOf(START, ...text('half'), ...events.slice(1))).toMatchObject({
      text: 'half',
      failure: { kind, phase: 'streaming' },
    })
  })

  test.each<[string, readonly (Chunk | string)[], string]>([
    ['no end', [START, ...text('half')], 'truncated'],
    ['nothing at all', [], 'invalid-response'],
    ['no content', [START, finished()], 'invalid-response'],
    [
      'more garbage than can be passed over',
      [START, 'a', '{"b":1}', '3', 'null', ...text('x')],
      'invalid-response',
    ],
  ])('is %s', async (_, events, kind) => {
    expect(await outcomeOf(...events)).toMatchObject({ failure: { kind } })
  })

  test.each([
    ['an error', '{"error":{"code":"insufficient_quota"}}', 'application/json', 'quota-exhausted'],
    [
      'an error',
      '{"error":{"code":"insufficient_quota"}}\n',
      'application/x-ndjson',
      'quota-exhausted',
    ],
    ['a page', '<!doctype html>', 'text/html', 'invalid-response'],
    [
      'a page',
      '<!doctype html>\n<html>\n<body>\n<p>\n',
      'application/x-ndjson',
      'invalid-response',
    ],
  ])('is %s in place of a stream: %s as %s', async (_, body, type, kind) => {
    expect((await hearPieces([body], type)).outcome).toMatchObject({ failure: { kind } })
  })

  test('is not made of a few events that are wrong', async () => {
    const outcome = await outcomeOf(
      START,
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta: { a: 1 } },
      { type: 'MESSAGES_SNAPSHOT', messages: 7 },
      '{"type":',
      ...text('fine'),
      finished({ usage: 'many', outcome: 'good' }),
    )
    expect(outcome).toMatchObject({ status: 'completed', text: 'fine' })
    expect(outcome.attempts[0]?.skippedEvents).toBe(3)
  })
})

describe('a request', () => {
  const output: OutputSchema = {
    schema: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } },
    jsonSchema: { type: 'object' },
  }
  const messages: readonly Message[] = [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What is this?' },
        { type: 'image', mediaType: 'image/png', data: 'aGk=' },
        { type: 'image', mediaType: 'image/png', data: new URL('https://example.test/a.png') },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'Hm' },
        { type: 'text', text: 'Let me ' },
        { type: 'text', text: 'look.' },
        { type: 'tool-call', id: 'c1', name: 'look', input: { at: 'it' } },
      ],
    },
    {
      role: 'tool',
      content: [
        { type: 'tool-result', id: 'c1', name: 'look', output: { seen: 'a cat' } },
        { type: 'tool-result', id: 'c2', name: 'look', output: 'no light', isError: true },
      ],
    },
  ]

  test('is a RunAgentInput', async () => {
    const server = await serve((response) => response.end(sse(...text('hi'), finished())))
    await told(
      `${server.origin}/agent`,
      {
        thread: 'thread-1',
        system: 'Be brief.',
        messages,
        prompt: 'Well?',
        tools: { look: { description: 'Looks', input: output } },
        output,
        maxOutputTokens: 9,
        temperature: 0.5,
        reasoning: 'low',
      },
      { headers: { 'x-csrf': 'c' }, body: { state: { tenant: 't' } } },
    )
    const [asked] = server.asked
    expect(asked?.headers).toMatchObject({ accept: 'text/event-stream', 'x-csrf': 'c' })
    expect(asked?.fields).toEqual({
      threadId: 'thread-1',
      runId: expect.stringMatching(/^thread-1-\d+-\d+$/),
      state: { tenant: 't' },
      messages: [
        { id: 'thread-1-0', role: 'system', content: 'Be brief.' },
        {
          id: 'thread-1-1',
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image', source: { type: 'data', value: 'aGk=', mimeType: 'image/png' } },
            {
              type: 'image',
              source: { type: 'url', value: 'https://example.test/a.png', mimeType: 'image/png' },
            },
          ],
        },
        {
          id: 'thread-1-2',
          role: 'assistant',
          content: 'Let me look.',
          toolCalls: [
            { id: 'c1', type: 'function', function: { name: 'look', arguments: '{"at":"it"}' } },
          ],
        },
        { id: 'thread-1-3-0', role: 'tool', toolCallId: 'c1', content: '{"seen":"a cat"}' },
        {
          id: 'thread-1-3-1',
          role: 'tool',
          toolCallId: 'c2',
          content: 'no light',
          error: 'no light',
        },
        { id: 'thread-1-4', role: 'user', content: 'Well?' },
      ],
      tools: [{ name: 'look', description: 'Looks', parameters: { type: 'object' } }],
      context: [],
      forwardedProps: {
        maxOutputTokens: 9,
        temperature: 0.5,
        reasoning: 'low',
        outputSchema: { type: 'object' },
      },
    })
  })

  test('is a run of its own each time', async () => {
    const server = await serve((response) => response.end(sse(...text('hi'), finished())))
    await told(server.origin, { thread: 't' })
    await told(server.origin, { thread: 't' })
    expect(new Set(server.asked.map(({ fields }) => fields['runId'])).size).toBe(2)
  })
})
