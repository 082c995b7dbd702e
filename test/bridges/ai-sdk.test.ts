import { Chat as Chat7 } from '@ai-sdk/react'
import {
  lastAssistantMessageIsCompleteWithToolCalls as isComplete7,
  type ChatTransport as Transport7,
  type UIMessage as Message7,
} from 'ai'
import { Chat as Chat5 } from 'ai-react5'
import { Chat as Chat6 } from 'ai-react6'
import {
  lastAssistantMessageIsCompleteWithToolCalls as isComplete5,
  type ChatTransport as Transport5,
  type UIMessage as Message5,
} from 'ai5'
import {
  lastAssistantMessageIsCompleteWithToolCalls as isComplete6,
  type ChatTransport as Transport6,
  type UIMessage as Message6,
} from 'ai6'
import type { Message, StandardSchema } from '@rungs/core'
import {
  ladderTransport,
  type LadderTransport,
  type UiChunk,
  type UiReset,
} from '@rungs/core/ai-sdk'
import { CUT, HANG, scripted } from '@rungs/core/testing'
import { describe, expect, expectTypeOf, test, vi } from 'vitest'
import { ladder } from './ladder.ts'

const anything: StandardSchema = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) },
}
const tools = { weather: { description: 'The weather.', input: anything } }

/** What is the same in the chats of all versions. */
interface AnyChat {
  readonly id: string
  readonly status: string
  readonly error: Error | undefined
  readonly messages: readonly {
    readonly id: string
    readonly role: string
    readonly metadata?: unknown
    readonly parts: readonly { readonly type: string }[]
  }[]
  sendMessage(message: { text: string }): Promise<void>
  regenerate(): Promise<void>
  stop(): Promise<void>
  resumeStream(): Promise<void>
  addToolResult(result: { tool: string; toolCallId: string; output: unknown }): unknown
}
interface Init {
  readonly id?: string
  readonly transport: LadderTransport<string>
  /** What was said before, in what every version takes. */
  readonly messages?: {
    id: string
    role: 'user' | 'assistant'
    parts: { type: 'text'; text: string }[]
  }[]
  readonly onData?: (part: { readonly type: string; readonly data: unknown }) => void
  readonly onToolCall?: (call: {
    readonly toolCall: { readonly toolCallId: string; readonly toolName: string }
  }) => void
}
const versions: readonly (readonly [string, (init: Init) => AnyChat])[] = [
  ['5', (init) => new Chat5<Message5>({ ...init, sendAutomaticallyWhen: isComplete5 })],
  ['6', (init) => new Chat6<Message6>({ ...init, sendAutomaticallyWhen: isComplete6 })],
  ['7', (init) => new Chat7<Message7>({ ...init, sendAutomaticallyWhen: isComplete7 })],
]

/** A message's parts in few words. */
function told({ parts }: AnyChat['messages'][number]): unknown[] {
  return parts.map((part) => {
    if ('text' in part) return [part.type, part.text]
    if ('output' in part) return [part.type, part.output]
    return part.type
  })
}
const texts = ({ messages }: AnyChat): unknown[] =>
  messages.flatMap(({ role, parts }) => [
    role,
    ...parts.flatMap((part) => ('text' in part && part.type === 'text' ? [part.text] : [])),
  ])

describe.each(versions)('useChat of AI SDK %s over a ladder', (_, make) => {
  test('shows a plain answer with its thoughts, and who gave it', async () => {
    const llm = ladder({
      ours: scripted({}, [
        { reasoning: 'Hm.' },
        'Hello',
        ' there.',
        { usage: { inputTokens: 3, outputTokens: 2 } },
      ]),
    })
    const chat = make({ transport: ladderTransport(llm, { workload: 'chat' }) })
    await chat.sendMessage({ text: 'Hi' })
    expect(chat.status).toBe('ready')
    expect(chat.messages.map(told)).toEqual([
      [['text', 'Hi']],
      ['step-start', ['reasoning', 'Hm.'], ['text', 'Hello there.']],
    ])
    expect(chat.messages[1]?.metadata).toMatchObject({
      status: 'completed',
      route: 'ours',
      degraded: null,
      usage: { inputTokens: 3, outputTokens: 2 },
    })
    const open = chat.messages[1]?.parts.filter(
      (part) => 'state' in part && part.state === 'streaming',
    )
    expect(open).toEqual([])
  })

  test('shows one answer after a fallback, and tells of it as it happens', async () => {
    const llm = ladder({
      ours: scripted({}, [{ reasoning: 'Lost.' }, { status: 503 }]),
      spare: scripted({ provider: 'other' }, ['From the spare.']),
    })
    const onData = vi.fn<(part: { type: string; data: unknown }) => void>()
    const chat = make({ transport: ladderTransport(llm, { workload: 'chat' }), onData })
    await chat.sendMessage({ text: 'Hi' })
    expect(texts(chat)).toEqual(['user', 'Hi', 'assistant', 'From the spare.'])
    expect(chat.messages[1]?.metadata).toMatchObject({
      status: 'completed',
      route: 'spare',
      degraded: { from: 'ours', to: 'spare', cause: 'outage' },
    })
    expect(onData.mock.calls.map(([{ type }]) => type)).toContain('data-rungs')
    const heard = onData.mock.calls.map(([{ data }]) => data)
    expect(heard).toContainEqual(
      expect.objectContaining({ phase: 'switching', route: 'ours', failure: 'outage' }),
    )
    expect(heard.at(-1)).toMatchObject({
      phase: 'settled',
      route: 'spare',
      degraded: { from: 'ours' },
    })
    // They are of the moment, and no part of the conversation.
    expect(chat.messages.flatMap(({ parts }) => parts.map(({ type }) => type))).not.toContain(
      'data-rungs',
    )
  })

  test('keeps what a cut stream has shown, marked, and shows no second answer', async () => {
    const llm = ladder(
      {
        ours: scripted({}, ['The capital is', CUT]),
        spare: scripted({ provider: 'other' }, ['Paris.']),
      },
      { recovery: 'restart' },
    )
    const chat = make({ transport: ladderTransport(llm, { workload: 'chat' }) })
    await chat.sendMessage({ text: 'Hi' })
    expect(texts(chat)).toEqual(['user', 'Hi', 'assistant', 'The capital is'])
    expect(chat.messages[1]?.metadata).toMatchObject({ status: 'partial', failure: 'truncated' })
    expect(chat.status).toBe('ready')
  })

  test('gives our sentence where there is no answer, and leaves no empty message', async () => {
    const llm = ladder({ ours: scripted({}, [{ status: 400, body: '{}' }]) })
    const chat = make({ transport: ladderTransport(llm, { workload: 'chat' }) })
    vi.spyOn(console, 'warn').mockReturnValueOnce(undefined)
    await chat.sendMessage({ text: 'Hi' })
    expect(chat.status).toBe('error')
    expect(chat.error?.message).toBe('The service refused the request; change the request.')
    expect(texts(chat)).toEqual(['user', 'Hi'])
  })

  test('runs a tool and goes on in the same message', async () => {
    const asked: (readonly unknown[])[] = []
    const llm = ladder({
      ours: scripted(
        { onRequest: ({ messages }) => asked.push(messages) },
        ['Let me see.', { call: { name: 'weather', input: { city: 'Oslo' }, id: 'call-1' } }],
        ['It snows.'],
      ),
    })
    const chat: AnyChat = make({
      transport: ladderTransport(llm, { workload: 'chat', tools }),
      onToolCall: ({ toolCall: { toolCallId, toolName } }) => {
        void chat.addToolResult({ tool: toolName, toolCallId, output: { sky: 'snow' } })
      },
    })
    await chat.sendMessage({ text: 'Weather?' })
    await vi.waitFor(() => {
      expect(chat.messages.map(told)).toEqual([
        [['text', 'Weather?']],
        [
          'step-start',
          ['text', 'Let me see.'],
          ['tool-weather', { sky: 'snow' }],
          'step-start',
          ['text', 'It snows.'],
        ],
      ])
    })
    const sent: Message[] = [
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
    ]
    expect(asked[1]).toEqual(sent)
  })

  test('does not act on a call of an answer that was cut', async () => {
    const onToolCall = vi.fn<() => void>()
    const llm = ladder({
      ours: scripted({}, [{ call: { name: 'weather', input: {} } }, CUT]),
      spare: scripted({ provider: 'other' }, ['No tool.']),
    })
    const chat = make({
      transport: ladderTransport(llm, { workload: 'chat', tools }),
      onToolCall,
    })
    await chat.sendMessage({ text: 'Weather?' })
    expect(texts(chat)).toEqual(['user', 'Weather?', 'assistant', 'No tool.'])
    expect(onToolCall).not.toHaveBeenCalled()
  })

  test('stops the run and keeps the text', async () => {
    const llm = ladder({ ours: scripted({}, ['Once upon', HANG]) })
    const transport = ladderTransport(llm, { workload: 'chat' })
    const chat = make({ transport })
    const sent = chat.sendMessage({ text: 'Hi' })
    await vi.waitFor(() => {
      expect(texts(chat)).toEqual(['user', 'Hi', 'assistant', 'Once upon'])
    })
    const run = transport.run(chat.id)
    await chat.stop()
    await sent
    expect(await run?.outcome).toMatchObject({ status: 'stopped', text: 'Once upon' })
    expect(chat.status).toBe('ready')
    expect(transport.run(chat.id)).toBeNull()
  })

  test('regenerates an answer in place of the old one', async () => {
    const llm = ladder({ ours: scripted({}, ['First.'], ['Second.']) })
    const chat = make({ transport: ladderTransport(llm, { workload: 'chat' }) })
    await chat.sendMessage({ text: 'Hi' })
    await chat.regenerate()
    expect(texts(chat)).toEqual(['user', 'Hi', 'assistant', 'Second.'])
  })

  test('resumes a live run from its start, once, in another chat of the same id', async () => {
    const llm = ladder({ ours: scripted({}, ['Once upon', 150, ' a time.']) })
    const transport = ladderTransport(llm, { workload: 'chat' })
    const first = make({ id: 'one', transport })
    const sent = first.sendMessage({ text: 'Hi' })
    await vi.waitFor(() => {
      expect(texts(first)).toEqual(['user', 'Hi', 'assistant', 'Once upon'])
    })
    const second = make({ id: 'one', transport })
    await second.resumeStream()
    await sent
    expect(texts(second)).toEqual(['assistant', 'Once upon a time.'])
    expect(second.messages[0]?.id).toBe(first.messages[1]?.id)
    await second.resumeStream()
    expect(texts(second)).toEqual(['assistant', 'Once upon a time.'])
    expect(await transport.reconnectToStream({ chatId: 'one' })).toBeNull()
  })

  test('keeps a run that it lets go of, for another chat of that id, until the transport stops it', async () => {
    const llm = ladder({ ours: scripted({}, ['Once upon', 60, ' a time', HANG]) })
    const transport = ladderTransport(llm, { workload: 'chat' }, { onAbort: 'keep' })
    const first = make({ id: 'one', transport })
    const sent = first.sendMessage({ text: 'Hi' })
    await vi.waitFor(() => {
      expect(texts(first)).toEqual(['user', 'Hi', 'assistant', 'Once upon'])
    })
    await first.stop()
    await sent
    const run = transport.run('one')
    const second = make({ id: 'one', transport })
    const resumed = second.resumeStream()
    await vi.waitFor(() => {
      expect(texts(second)).toEqual(['assistant', 'Once upon a time'])
    })
    await transport.stop('one')
    await resumed
    expect(await run?.outcome).toMatchObject({ status: 'stopped', text: 'Once upon a time' })
    expect(second.status).toBe('ready')
    expect(second.messages[0]?.metadata).toMatchObject({ status: 'stopped', route: 'ours' })
    expect(transport.run('one')).toBeNull()
    expect(await transport.reconnectToStream({ chatId: 'one' })).toBeNull()
  })

  test('has an answer that came while no chat was there, once, and its failure too', async () => {
    const llm = ladder({
      ours: scripted({}, ['Once upon', 30, ' a time.'], [30, { status: 400, body: '{}' }]),
    })
    vi.spyOn(console, 'warn').mockReturnValue(undefined)
    const transport = ladderTransport(llm, { workload: 'chat' }, { onAbort: 'keep' })
    const leave = async (): Promise<void> => {
      const chat = make({ id: 'one', transport })
      const sent = chat.sendMessage({ text: 'Hi' })
      const run = await vi.waitUntil(() => transport.run('one'), { interval: 1 })
      await chat.stop()
      await sent
      await run.outcome
    }
    await leave()
    expect(transport.run('one')).toBeNull()
    const second = make({ id: 'one', transport })
    await second.resumeStream()
    expect(texts(second)).toEqual(['assistant', 'Once upon a time.'])
    expect(await transport.reconnectToStream({ chatId: 'one' })).toBeNull()
    await leave()
    const third = make({ id: 'one', transport })
    await third.resumeStream()
    expect(third.error?.message).toBe('The service refused the request; change the request.')
  })

  test('finds no run after a reload, and asks for the answer once more', async () => {
    const before = ladder({ ours: scripted({}, ['Once upon', HANG]) })
    const chat = make({
      id: 'one',
      transport: ladderTransport(before, { workload: 'chat' }, { onAbort: 'keep' }),
    })
    void chat.sendMessage({ text: 'Hi' })
    await vi.waitFor(() => {
      expect(texts(chat)).toEqual(['user', 'Hi', 'assistant', 'Once upon'])
    })
    // What the product has stored of the conversation; the page and all that ran in it are gone.
    await before.close()
    const after = ladder({ ours: scripted({}, ['Once upon a time.']) })
    const again = make({
      id: 'one',
      messages: [
        { id: 'u', role: 'user', parts: [{ type: 'text', text: 'Hi' }] },
        { id: 'a', role: 'assistant', parts: [{ type: 'text', text: 'Once upon' }] },
      ],
      transport: ladderTransport(after, { workload: 'chat' }, { onAbort: 'keep' }),
    })
    await again.resumeStream()
    expect(again.status).toBe('ready')
    expect(texts(again)).toEqual(['user', 'Hi', 'assistant', 'Once upon'])
    await again.regenerate()
    expect(texts(again)).toEqual(['user', 'Hi', 'assistant', 'Once upon a time.'])
  })
})

describe('taking back what is shown, as `canRetract` does', () => {
  const cut = scripted({}, [{ reasoning: 'One.' }, 'The capital is', CUT])
  const spare = scripted({ provider: 'other' }, [{ reasoning: 'Two.' }, 'Paris.'])
  const transport = (): LadderTransport<string> =>
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the types of 5 and 6 forbid is tried on them
    ladderTransport(
      ladder({ ours: cut, spare }),
      { workload: 'chat' },
      { canRetract: true },
    ) as LadderTransport<string>

  test('replaces the text in AI SDK 7', async () => {
    const chat = new Chat7<Message7>({ transport: transport() })
    await chat.sendMessage({ text: 'Capital?' })
    expect(told(chat.messages[1] ?? { id: '', role: '', parts: [] })).toEqual([
      'step-start',
      ['reasoning', 'Two.'],
      ['text', 'Paris.'],
    ])
    expect(chat.messages[1]?.metadata).toMatchObject({ status: 'completed', route: 'spare' })
  })

  test.each(versions.slice(0, 2))('would show two answers in AI SDK %s', async (_, make) => {
    const chat = make({ transport: transport() })
    await chat.sendMessage({ text: 'Capital?' })
    expect(texts(chat).slice(2)).toEqual(['assistant', 'The capital is', 'Paris.'])
  })
})

test('a resumed message that went on after a tool has its earlier steps too, and calls nothing again', async () => {
  const onToolCall = vi.fn<() => void>()
  const llm = ladder({ ours: scripted({}, ['It', 100, ' snows.']) })
  const transport = ladderTransport(llm, { workload: 'chat', tools })
  const step = { type: 'step-start' } as const
  const parts: Message7['parts'] = [
    step,
    { type: 'text', text: 'Let me see.', state: 'done' },
    {
      type: 'tool-weather',
      toolCallId: 'call-1',
      state: 'output-available',
      input: { city: 'Oslo' },
      output: 'snow',
    },
  ]
  const asked: Message7[] = [
    { id: 'u', role: 'user', parts: [{ type: 'text', text: 'Weather?' }] },
    { id: 'a', role: 'assistant', parts },
  ]
  await transport.sendMessages({
    trigger: 'submit-message',
    chatId: 'one',
    messageId: undefined,
    messages: asked,
    abortSignal: undefined,
  })
  const chat = new Chat7<Message7>({ id: 'one', transport, messages: asked, onToolCall })
  await chat.resumeStream()
  expect(chat.messages.map(({ id }) => id)).toEqual(['u', 'a'])
  expect(chat.messages[1]?.parts).toMatchObject([
    ...parts,
    step,
    { type: 'text', text: 'It snows.', state: 'done' },
  ])
  expect(onToolCall).not.toHaveBeenCalled()
})

test('aborting the reader that came last stops the run, an older one does not', async () => {
  const llm = ladder({ ours: scripted({}, ['Once', HANG]) })
  const transport = ladderTransport(llm, { workload: 'chat' })
  await transport.sendMessages({
    trigger: 'submit-message',
    chatId: 'one',
    messageId: undefined,
    messages: [{ id: 'u', role: 'user', parts: [{ type: 'text', text: 'Hi' }] } as Message7],
    abortSignal: undefined,
  })
  const run = transport.run('one')
  const older = new AbortController()
  const last = new AbortController()
  await transport.reconnectToStream({ chatId: 'one', abortSignal: older.signal })
  older.abort()
  await transport.reconnectToStream({ chatId: 'one', abortSignal: last.signal })
  await new Promise((resolve) => {
    setTimeout(resolve, 20)
  })
  expect(transport.run('one')).toBe(run)
  last.abort()
  expect(await run?.outcome).toMatchObject({ status: 'stopped' })
})

test('a conversation with every kind of part becomes the messages that a route takes', async () => {
  const asked: unknown[] = []
  const llm = ladder({
    ours: scripted({ onRequest: ({ messages }) => asked.push(...messages) }, ['Yes.']),
  })
  const transport = ladderTransport(llm, ({ chatId, body }) => ({
    workload: 'chat',
    thread: `${chatId}-own`,
    ...body,
  }))
  const sealed = JSON.stringify({
    rungs: 1,
    opaque: { signature: 's' },
    madeBy: { provider: 'scripted', model: 'scripted' },
  })
  const call = { toolCallId: 'c', input: {} } as const
  const messages: Message7[] = [
    { id: 's', role: 'system', parts: [{ type: 'text', text: 'Be kind.' }] },
    {
      id: 'u',
      role: 'user',
      parts: [
        { type: 'text', text: 'See' },
        { type: 'file', mediaType: 'image/png', url: 'data:image/png;base64,QUJD' },
        { type: 'file', mediaType: 'image/png', url: 'https://example.com/a.png' },
      ],
    },
    {
      id: 'a',
      role: 'assistant',
      parts: [
        { type: 'step-start' },
        { type: 'reasoning', text: 'Hm.', providerMetadata: { rungs: { sealed } } },
        { type: 'reasoning', text: 'Foreign.', providerMetadata: { other: { sealed } } },
        { ...call, type: 'tool-a', toolCallId: '1', state: 'output-available', output: 1 },
        {
          ...call,
          type: 'dynamic-tool',
          toolName: 'b',
          toolCallId: '2',
          state: 'output-error',
          errorText: 'No.',
        },
        { type: 'step-start' },
        { ...call, type: 'tool-e', toolCallId: '5', state: 'output-available', output: 5 },
        { type: 'step-start' },
        { type: 'text', text: 'So' },
        {
          ...call,
          type: 'tool-c',
          toolCallId: '3',
          state: 'output-denied',
          approval: { id: 'x', approved: false, reason: 'Not now.' },
        },
        { ...call, type: 'tool-d', toolCallId: '4', state: 'input-available' },
        { type: 'data-mine', data: 1 },
        { type: 'source-url', sourceId: 'w', url: 'https://example.com' },
        { type: 'text', text: '' },
      ],
    },
    { id: 'v', role: 'user', parts: [{ type: 'text', text: 'Go on.' }] },
  ]
  const send = {
    trigger: 'submit-message',
    chatId: 'one two',
    messageId: undefined,
    abortSignal: undefined,
  } as const
  await transport.sendMessages({ ...send, chatId: 'one', messages, body: { surface: 'sidebar' } })
  await transport.run('one')?.outcome
  expect(asked).toEqual([
    { role: 'system', content: [{ type: 'text', text: 'Be kind.' }] },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'See' },
        { type: 'image', mediaType: 'image/png', data: 'QUJD' },
        { type: 'image', mediaType: 'image/png', data: new URL('https://example.com/a.png') },
      ],
    },
    {
      role: 'assistant',
      content: [
        {
          type: 'reasoning',
          text: 'Hm.',
          opaque: { signature: 's' },
          madeBy: { provider: 'scripted', model: 'scripted' },
        },
        { type: 'reasoning', text: 'Foreign.' },
        { type: 'tool-call', id: '1', name: 'a', input: {} },
        { type: 'tool-call', id: '2', name: 'b', input: {} },
      ],
    },
    {
      role: 'tool',
      content: [
        { type: 'tool-result', id: '1', name: 'a', output: 1 },
        { type: 'tool-result', id: '2', name: 'b', output: 'No.', isError: true },
      ],
    },
    {
      role: 'assistant',
      content: [{ type: 'tool-call', id: '5', name: 'e', input: {} }],
    },
    { role: 'tool', content: [{ type: 'tool-result', id: '5', name: 'e', output: 5 }] },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'So' },
        { type: 'tool-call', id: '3', name: 'c', input: {} },
      ],
    },
    {
      role: 'tool',
      content: [{ type: 'tool-result', id: '3', name: 'c', output: 'Not now.', isError: true }],
    },
    { role: 'user', content: [{ type: 'text', text: 'Go on.' }] },
  ])
  const pdf = { type: 'file', mediaType: 'application/pdf', url: 'data:,x' } as const
  await expect(
    transport.sendMessages({
      ...send,
      messages: [{ id: 'u', role: 'user', parts: [pdf] }],
    }),
  ).rejects.toThrow('Only images can be sent to a route, not application/pdf.')
})

test('a transport is a ChatTransport of every version, and what useChat sends is what it takes', () => {
  expectTypeOf<LadderTransport<'a'>>().toExtend<Transport5<Message5>>()
  expectTypeOf<LadderTransport<'a'>>().toExtend<Transport6<Message6>>()
  expectTypeOf<LadderTransport<'a'>>().toExtend<Transport7<Message7>>()
  expectTypeOf<LadderTransport<'a', UiChunk | UiReset>>().toExtend<Transport7<Message7>>()
  expectTypeOf<LadderTransport<'a', UiChunk | UiReset>>().not.toExtend<Transport6<Message6>>()
  const llm = ladder({ ours: scripted({}, ['Yes.']) })
  // @ts-expect-error -- a workload that there is not
  expect(() => ladderTransport(llm, { workload: 'chta' })).not.toThrow()
})
