import { toolDefinition } from '@tanstack/ai'
import { ChatClient, type ConnectionAdapter, type UIMessage } from '@tanstack/ai-client'
import type { StandardSchema } from '@rungs/core'
import { ladderConnection, type LadderConnection } from '@rungs/core/tanstack-ai'
import { CUT, HANG, scripted } from '@rungs/core/testing'
import { z } from 'zod'
import { expect, expectTypeOf, test, vi } from 'vitest'
import { ladder } from './ladder.ts'

const anything: StandardSchema = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) },
}
const tools = { weather: { description: 'The weather.', input: anything } }

const told = (messages: readonly UIMessage[]): unknown[] =>
  messages.flatMap(({ role, parts }) => [
    role,
    ...parts.map((part) => {
      if (part.type === 'text' || part.type === 'thinking') return [part.type, part.content]
      return part.type === 'tool-call' ? [part.type, part.output] : part.type
    }),
  ])

test('a plain answer with its thoughts', async () => {
  const llm = ladder({ ours: scripted({}, [{ reasoning: 'Hm.' }, 'Hello', ' there.']) })
  const chat = new ChatClient({ connection: ladderConnection(llm, { workload: 'chat' }) })
  await chat.sendMessage('Hi')
  expect(told(chat.getMessages())).toEqual([
    'user',
    ['text', 'Hi'],
    'assistant',
    ['thinking', 'Hm.'],
    ['text', 'Hello there.'],
  ])
  expect(chat.getStatus()).toBe('ready')
})

test('one answer after a fallback, and events that tell of it', async () => {
  const llm = ladder({
    ours: scripted({}, [{ status: 503 }]),
    spare: scripted({ provider: 'other' }, ['From the spare.']),
  })
  const onCustomEvent = vi.fn<(name: string, value: unknown) => void>()
  const chat = new ChatClient({
    connection: ladderConnection(llm, { workload: 'chat' }),
    onCustomEvent,
  })
  await chat.sendMessage('Hi')
  expect(told(chat.getMessages()).slice(2)).toEqual(['assistant', ['text', 'From the spare.']])
  const heard = onCustomEvent.mock.calls.map(([name, value]) => ({ name, value }))
  expect(heard).toContainEqual({
    name: 'rungs',
    value: expect.objectContaining({ phase: 'switching', failure: 'outage' }),
  })
  expect(heard.at(-1)).toEqual({
    name: 'rungs-outcome',
    value: expect.objectContaining({
      status: 'completed',
      route: 'spare',
      degraded: expect.objectContaining({ from: 'ours', cause: 'outage' }),
    }),
  })
})

test('a cut stream keeps what it has shown, and no second answer follows', async () => {
  const llm = ladder(
    {
      ours: scripted({}, ['The capital is', CUT]),
      spare: scripted({ provider: 'other' }, ['Paris.']),
    },
    { recovery: 'restart' },
  )
  const onCustomEvent = vi.fn<(name: string, value: unknown) => void>()
  const chat = new ChatClient({
    connection: ladderConnection(llm, { workload: 'chat' }),
    onCustomEvent,
  })
  await chat.sendMessage('Hi')
  expect(told(chat.getMessages()).slice(2)).toEqual(['assistant', ['text', 'The capital is']])
  expect(onCustomEvent).toHaveBeenCalledWith(
    'rungs-outcome',
    expect.objectContaining({ status: 'partial', failure: 'truncated' }),
    expect.anything(),
  )
})

test('a run without an answer is an error with our sentence', async () => {
  vi.spyOn(console, 'warn').mockReturnValueOnce(undefined)
  const llm = ladder({ ours: scripted({}, [{ status: 400, body: '{}' }]) })
  const chat = new ChatClient({ connection: ladderConnection(llm, { workload: 'chat' }) })
  await chat.sendMessage('Hi')
  expect(chat.getStatus()).toBe('error')
  expect(chat.getError()).toMatchObject({
    message: 'The service refused the request; change the request.',
    code: 'invalid-request',
  })
})

test('a client tool runs, and its result goes to the route', async () => {
  const asked: (readonly unknown[])[] = []
  const llm = ladder({
    ours: scripted(
      { onRequest: ({ messages }) => asked.push(messages) },
      ['Let me see.', { call: { name: 'weather', input: { city: 'Oslo' }, id: 'call-1' } }],
      ['It snows.'],
    ),
  })
  const weather = toolDefinition({
    name: 'weather',
    description: 'The weather.',
    inputSchema: z.object({ city: z.string() }),
    outputSchema: z.object({ sky: z.string() }),
  }).client(() => ({ sky: 'snow' }))
  const chat = new ChatClient({
    connection: ladderConnection(llm, { workload: 'chat', tools }),
    tools: [weather],
  })
  await chat.sendMessage('Weather?')
  await vi.waitFor(() => {
    expect(told(chat.getMessages()).flat()).toContain('It snows.')
  })
  expect(told(chat.getMessages())).toEqual([
    'user',
    ['text', 'Weather?'],
    'assistant',
    ['text', 'Let me see.'],
    ['tool-call', { sky: 'snow' }],
    'tool-result',
    'assistant',
    ['text', 'It snows.'],
  ])
  expect(asked[1]).toEqual([
    { role: 'user', content: [{ type: 'text', text: 'Weather?' }] },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'Let me see.' },
        { type: 'tool-call', id: 'call-1', name: 'weather', input: { city: 'Oslo' } },
      ],
    },
    {
      role: 'tool',
      content: [{ type: 'tool-result', id: 'call-1', name: 'weather', output: { sky: 'snow' } }],
    },
  ])
})

test('stopping stops the run and keeps the text; sending again answers anew', async () => {
  const llm = ladder({ ours: scripted({}, ['Once upon', HANG], ['Again.'], ['Anew.']) })
  const connection = ladderConnection(llm, { workload: 'chat' })
  const chat = new ChatClient({ connection, threadId: 'one' })
  const sent = chat.sendMessage('Hi')
  await vi.waitFor(() => {
    expect(told(chat.getMessages()).at(-1)).toEqual(['text', 'Once upon'])
  })
  const run = connection.run('one')
  chat.stop()
  await sent
  expect(await run?.outcome).toMatchObject({ status: 'stopped', text: 'Once upon' })
  expect(told(chat.getMessages()).at(-1)).toEqual(['text', 'Once upon'])
  await chat.sendMessage('And?')
  expect(told(chat.getMessages()).at(-1)).toEqual(['text', 'Again.'])
  await chat.reload()
  expect(told(chat.getMessages())).toEqual([
    'user',
    ['text', 'Hi'],
    'assistant',
    ['text', 'Once upon'],
    'user',
    ['text', 'And?'],
    'assistant',
    ['text', 'Anew.'],
  ])
})

test('model messages and UI messages become the messages that a route takes', async () => {
  const asked: (readonly unknown[])[] = []
  const llm = ladder({
    ours: scripted({ onRequest: ({ messages }) => asked.push(messages) }, ['Yes.']),
  })
  const connection = ladderConnection(llm, ({ data }) => ({ workload: 'chat', ...data }))
  const image = { type: 'data', value: 'QUJD', mimeType: 'image/png' }
  const ui = [
    { role: 'system', parts: [{ type: 'text', content: 'Be kind.' }] },
    {
      role: 'user',
      parts: [
        { type: 'text', content: 'See' },
        { type: 'image', source: image },
      ],
    },
    {
      role: 'assistant',
      parts: [
        { type: 'thinking', content: 'Hm.', signature: 'foreign' },
        { type: 'tool-call', id: '1', name: 'a', arguments: '{"b":1}', state: 'input-complete' },
        { type: 'tool-result', toolCallId: '1', content: 'ok', state: 'complete' },
        { type: 'tool-call', id: '2', name: 'a', arguments: '{', state: 'input-streaming' },
      ],
    },
  ]
  const model = [
    {
      role: 'user',
      content: [
        { type: 'text', content: 'See' },
        { type: 'image', source: image },
      ],
    },
    {
      role: 'assistant',
      content: null,
      thinking: [{ content: 'Hm.' }],
      toolCalls: [{ id: '1', type: 'function', function: { name: 'a', arguments: '{"b":1}' } }],
    },
    { role: 'tool', toolCallId: '1', content: 'ok' },
  ]
  const common = [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'See' },
        { type: 'image', mediaType: 'image/png', data: 'QUJD' },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'Hm.' },
        { type: 'tool-call', id: '1', name: 'a', input: { b: 1 } },
      ],
    },
    { role: 'tool', content: [{ type: 'tool-result', id: '1', name: 'a', output: 'ok' }] },
  ]
  for (const messages of [ui, model]) {
    for await (const _ of connection.connect(messages, { surface: 'sidebar' })) void _
  }
  expect(asked[0]).toEqual([
    { role: 'system', content: [{ type: 'text', text: 'Be kind.' }] },
    ...common,
  ])
  expect(asked[1]).toEqual(common)
  const sound = { role: 'user', parts: [{ type: 'audio', source: image }] }
  expect(() => connection.connect([sound])).toThrow('not audio')
})

test('a connection is a ConnectionAdapter', () => {
  expectTypeOf<LadderConnection<'a'>>().toExtend<ConnectionAdapter>()
})
