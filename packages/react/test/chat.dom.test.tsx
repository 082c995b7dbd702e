import { HANG } from '@rungs/core/testing'
import {
  LLMProvider,
  textOf,
  useLLMChat,
  useLLMSelector,
  type ChatMessage,
  type UseLLMChat,
  type UseLLMChatOptions,
} from '@rungs/react'
import { renderHook, screen, type RenderHookResult } from '@testing-library/react'
import { memo, type ReactElement } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, test, vi } from 'vitest'
import { doing, stage, type Stage, type TestLLM } from './kit.tsx'

type Options = Partial<UseLLMChatOptions<TestLLM>>
type Chat = UseLLMChat<TestLLM>

function useChat(options: Options): Chat {
  return useLLMChat<TestLLM>({ workload: 'chat', ...options })
}
function open({ within }: Stage, options: Options = {}): RenderHookResult<Chat, Options> {
  return renderHook(useChat, {
    wrapper: ({ children }) => within(children),
    initialProps: options,
  })
}
/** Who says what, and how an answer ended. */
function told({ messages }: Chat): string[] {
  return messages.map((message) => {
    const { role, served } = message
    const by = served ? ` (${served.status} by ${served.route ?? 'nobody'})` : ''
    return `${role}: ${textOf(message)}${by}`
  })
}
/** What each run was asked, from the first message on. */
function conversations(llm: TestLLM): string[] {
  const heard: string[] = []
  vi.spyOn(llm, 'run')
  llm.subscribe(({ type }) => {
    if (type !== 'started') return
    const [request] = vi.mocked(llm).run.mock.lastCall ?? []
    const contents = request?.messages?.map(({ content }) => JSON.stringify(content))
    heard.push((contents ?? []).join(' '))
  })
  return heard
}

test('a question and its answer are messages, and the answer keeps who gave it and why', async () => {
  const page = stage({ ours: [[{ fail: 'outage' }]], mini: [['mini ', 100, 'answers']] })
  const { result } = open(page)
  expect(result.current.messages).toEqual([])
  const run = doing(() => result.current.send('Hi'))
  expect(told(result.current)).toEqual(['user: Hi', 'assistant: '])
  expect(result.current.status).toBe('submitted')
  await page.pass(50)
  expect(told(result.current)).toEqual(['user: Hi', 'assistant: mini '])
  await page.pass(200)
  expect(told(result.current)).toEqual(['user: Hi', 'assistant: mini answers (completed by mini)'])
  expect(result.current.messages.at(-1)).toMatchObject({
    id: run.id,
    content: 'mini answers',
    served: { runId: run.id, degraded: { from: 'ours', to: 'mini', cause: 'outage' } },
  })
})

test('the next question is asked on top of what was said, in one thread', async () => {
  const page = stage({ ours: [['one'], ['two']] })
  const threads = new Set<string | null>()
  page.llm.subscribe((event) => event.type === 'started' && threads.add(event.thread))
  const heard = conversations(page.llm)
  const { result } = open(page)
  doing(() => result.current.send('A'))
  await page.pass(100)
  doing(() => result.current.send('B'))
  await page.pass(100)
  expect(heard).toEqual(['"A"', '"A" "one" "B"'])
  expect(threads.size).toBe(1)
  expect(threads).not.toContain(null)
  doing(() => {
    result.current.reset()
  })
  expect(result.current.messages).toEqual([])
  doing(() => result.current.send('C'))
  expect(threads.size).toBe(2)
})

test('a question in the middle of an answer ends it, and the answer says so', async () => {
  const page = stage({ ours: [['half', HANG], ['whole']] })
  const { result } = open(page)
  doing(() => result.current.send('A'))
  await page.pass(100)
  doing(() => result.current.send('B'))
  await page.pass(100)
  expect(told(result.current)).toEqual([
    'user: A',
    'assistant: half (superseded by ours)',
    'user: B',
    'assistant: whole (completed by ours)',
  ])
})

test('an edited question is asked again, and what came after it is gone', async () => {
  const page = stage({ ours: [['one'], ['two'], ['three']] })
  const heard = conversations(page.llm)
  const { result } = open(page)
  for (const question of ['A', 'B']) {
    doing(() => result.current.send(question))
    await page.pass(100)
  }
  const [first] = result.current.messages
  doing(() => result.current.edit(first?.id ?? '', 'A!'))
  await page.pass(100)
  expect(told(result.current)).toEqual(['user: A!', 'assistant: three (completed by ours)'])
  expect(result.current.messages[0]?.id).toBe(first?.id)
  expect(heard.at(-1)).toBe('"A!"')
  expect(result.current.edit('no such', 'x')).toBeNull()
  expect(result.current.edit(result.current.messages[1]?.id ?? '', 'x')).toBeNull()
})

test('an edit leaves an image where it was', async () => {
  const page = stage()
  const image = { type: 'image', mediaType: 'image/png', data: 'AA' } as const
  const { result } = open(page, {
    initialMessages: [{ id: '1', role: 'user', content: [image, { type: 'text', text: 'old' }] }],
  })
  doing(() => result.current.edit('1', 'new'))
  expect(result.current.messages[0]?.content).toEqual([image, { type: 'text', text: 'new' }])
})

test('an answer is given anew by its id, by its question, or the last by none', async () => {
  const page = stage({ ours: [['one'], ['two'], ['three'], ['four']] })
  const heard = conversations(page.llm)
  const { result } = open(page)
  expect(result.current.regenerate()).toBeNull()
  doing(() => result.current.send('A'))
  await page.pass(100)
  for (const [pick, text] of [
    [() => undefined, 'two'],
    [() => result.current.messages[0]?.id, 'three'],
    [() => result.current.messages[1]?.id, 'four'],
  ] as const) {
    doing(() => result.current.regenerate(pick()))
    await page.pass(100)
    expect(told(result.current)).toEqual(['user: A', `assistant: ${text} (completed by ours)`])
  }
  expect(heard).toEqual(['"A"', '"A"', '"A"', '"A"'])
})

test('an answer that never came stays in the chat and is kept from the models, as is a safe one', async () => {
  const page = stage({
    ours: [[{ fail: 'invalid-response' }], ['two']],
    mini: [[{ fail: 'outage' }]],
  })
  const heard = conversations(page.llm)
  const safe: ChatMessage<'ours' | 'mini'> = {
    id: '2',
    role: 'assistant',
    content: 'Sorry.',
    served: { route: null, degraded: null, status: 'safe', runId: '2' },
  }
  const { result } = open(page, {
    initialMessages: [{ id: '1', role: 'user', content: 'early' }, safe],
  })
  doing(() => result.current.send('A'))
  await page.pass(1000)
  expect(told(result.current).at(-1)).toMatch(/^assistant: {2}\(failed by /)
  doing(() => result.current.send('B'))
  await page.pass(1000)
  expect(heard).toEqual(['"A"', '"B"'])
  expect(result.current.messages).toHaveLength(6)
})

test('the results of tools go on top of the call, and stay when the answer to them fails', async () => {
  const call = { type: 'tool-call', id: 'c', name: 'time', input: {} } as const
  const output = { type: 'tool-result', id: 'c', name: 'time', output: 'noon' } as const
  const page = stage({
    ours: [[{ fail: 'invalid-response' }], ['noon']],
    mini: [[{ fail: 'outage' }]],
  })
  const heard = conversations(page.llm)
  const { result } = open(page, {
    initialMessages: [
      { id: '1', role: 'user', content: 'When?' },
      { id: '2', role: 'assistant', content: [call] },
    ],
  })
  doing(() => result.current.send({ messages: [{ role: 'tool', content: [output] }] }))
  await page.pass(1000)
  expect(result.current.status).toBe('error')
  const whole = `"When?" ${JSON.stringify([call])} ${JSON.stringify([output])}`
  doing(() => result.current.send('Well?'))
  await page.pass(1000)
  expect(heard).toEqual([whole, `${whole} "Well?"`])
})

test('the state is plain data: stored and given back, the chat goes on', async () => {
  const before = stage()
  const first = open(before)
  doing(() => first.result.current.send('A'))
  await before.pass(100)
  const stored = JSON.stringify(first.result.current.messages)
  first.unmount()
  const after = stage()
  const heard = conversations(after.llm)
  const initialMessages = JSON.parse(stored)
  const { result } = open(after, { initialMessages })
  expect(JSON.stringify(result.current.messages)).toBe(stored)
  doing(() => result.current.send('B'))
  await after.pass(100)
  expect(heard).toEqual(['"A" "ours answers" "B"'])
  expect(result.current.messages.slice(0, 2)).toEqual(initialMessages)
})

test('what the user made of an answer joins its run, of an old one by its id', async () => {
  const page = stage({ ours: [['one'], ['two']] })
  const { result } = open(page)
  const runs = []
  for (const question of ['A', 'B']) {
    runs.push(doing(() => result.current.send(question)).id)
    await page.pass(100)
  }
  const late = vi.spyOn(page.llm, 'feedback')
  const heard: string[] = []
  page.llm.subscribe(({ type, runId }) => type === 'feedback' && heard.push(runId))
  const value = { signal: 'thumb-up' } as const
  result.current.feedback(value)
  result.current.feedback(value, runs[1])
  expect(heard).toEqual([runs[1], runs[1]])
  expect(late).not.toHaveBeenCalled()
  result.current.feedback(value, runs[0])
  expect(late.mock.calls).toEqual([[runs[0], value]])
  result.current.feedback(value, 'no such')
  result.current.feedback(value, result.current.messages[0]?.id)
  expect(late).toHaveBeenCalledOnce()
})

test('messages that are set replace all, and stop what runs', async () => {
  const page = stage({ ours: [['half', HANG]] })
  const { result } = open(page)
  const run = doing(() => result.current.send('A'))
  await page.pass(100)
  doing(() => {
    result.current.setMessages((messages) => messages.slice(1))
  })
  expect(result.current.status).toBe('ready')
  await page.pass(100)
  expect(told(result.current)).toEqual(['assistant: half (stopped by ours)'])
  expect((await run.outcome).status).toBe('stopped')
  doing(() => {
    result.current.setMessages([])
  })
  expect(result.current.messages).toEqual([])
})

test('components with one id are one chat', async () => {
  const page = stage()
  const [one, other] = [open(page, { id: 'help' }), open(page, { id: 'help' })]
  doing(() => one.result.current.send('A'))
  await page.pass(100)
  doing(() => other.result.current.send('B'))
  await page.pass(100)
  expect(one.result.current.messages).toHaveLength(4)
  expect(told(one.result.current)).toEqual(told(other.result.current))
})

test('a kept chat is found with all its messages', async () => {
  const page = stage({ ours: [['half', 200, ' and whole']] })
  const first = open(page, { id: 'help', onUnmount: 'keep' })
  doing(() => first.result.current.send('A'))
  await page.pass(100)
  first.unmount()
  await page.pass(1000)
  const second = open(page, { id: 'help' })
  expect(told(second.result.current)).toEqual([
    'user: A',
    'assistant: half and whole (completed by ours)',
  ])
})

type OnRender = (what: string) => void
const Row = memo(function Row({
  message,
  onRender,
}: {
  readonly message: ChatMessage
  readonly onRender: OnRender
}): ReactElement {
  onRender(Number(message.id) < 500 ? 'old' : 'new')
  return <p>{textOf(message)}</p>
})
function List({ onRender, ...options }: Options & { readonly onRender: OnRender }): ReactElement {
  const { messages, send } = useLLMChat<TestLLM>({ workload: 'chat', id: 'help', ...options })
  return (
    <>
      {messages.map((message) => (
        <Row key={message.id} message={message} onRender={onRender} />
      ))}
      <button type="button" onClick={(event) => send('Hi', { event })}>
        send
      </button>
    </>
  )
}
function Badge({ onRender }: { readonly onRender: OnRender }): ReactElement {
  onRender('badge')
  return <b>{useLLMSelector<string, TestLLM>('help', ({ status }) => status)}</b>
}

test('500 old messages do not render while an answer streams, and a badge not for each token', async () => {
  const page = stage({ ours: [Array.from({ length: 50 }, () => ['word ', 60] as const).flat()] })
  const initialMessages = Array.from({ length: 500 }, (_, index): ChatMessage<'ours' | 'mini'> => {
    const role = index % 2 === 0 ? 'user' : 'assistant'
    return { id: String(index), role, content: `message ${index}` }
  })
  let renders: Record<string, number> = {}
  const onRender = (what: string): void => {
    renders[what] = (renders[what] ?? 0) + 1
  }
  const { container } = page.show(
    <>
      <List initialMessages={initialMessages} onRender={onRender} />
      <Badge onRender={onRender} />
    </>,
  )
  const send = (): void => {
    renders = {}
    doing(() => {
      screen.getByText('send').click()
    })
  }
  send()
  for (let step = 0; step < 60; step += 1) await page.pass(60)
  expect(container.querySelector('b')?.textContent).toBe('ready')
  expect(container.querySelectorAll('p')).toHaveLength(502)
  expect(renders['old']).toBeUndefined()
  expect(renders['new']).toBeGreaterThan(40)
  // Twice each, in StrictMode: submitted, streaming, ready.
  expect(renders['badge']).toBe(6)
  send()
  // The question and the answer that come, twice each, and not those that were there.
  expect(renders).toEqual({ new: 4, badge: 2 })
})

function Restored(): ReactElement {
  const { messages } = useLLMChat<TestLLM>({
    workload: 'chat',
    initialMessages: [{ id: '1', role: 'user', content: 'Hi' }],
  })
  return <p>{messages.map(textOf)}</p>
}

test('what was said before is in the page of a server', () => {
  const { llm } = stage()
  const html = renderToString(
    <LLMProvider llm={llm}>
      <Restored />
    </LLMProvider>,
  )
  expect(html).toBe('<p>Hi</p>')
})
