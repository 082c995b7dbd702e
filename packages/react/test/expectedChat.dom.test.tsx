// What peers' chat hooks promise of messages, asked of `useLLMChat`; the rest is in expected.dom.test.tsx.
import { HANG } from '@rungs/core/testing'
import { textOf, useLLMChat, type UseLLMChat, type UseLLMChatOptions } from '@rungs/react'
import { renderHook, type RenderHookResult } from '@testing-library/react'
import { expect, test, vi } from 'vitest'
import { doing, stage, type Stage, type TestLLM } from './kit.tsx'

type Chat = UseLLMChat<TestLLM>
type ChatOptions = Partial<UseLLMChatOptions<TestLLM>>

function useChat(options: ChatOptions): Chat {
  return useLLMChat<TestLLM>({ workload: 'chat', ...options })
}
function open({ within }: Stage, options: ChatOptions = {}): RenderHookResult<Chat, ChatOptions> {
  return renderHook(useChat, {
    wrapper: ({ children }) => within(children),
    initialProps: options,
  })
}
function told({ messages }: Chat): string[] {
  return messages.map(
    (message) => `${textOf(message)}${message.served ? ` (${message.served.status})` : ''}`,
  )
}
/** What was said in the newest request. */
function said({ llm }: Stage): () => string[] {
  const run = vi.spyOn(llm, 'run')
  return () => run.mock.lastCall?.[0].messages?.map((message) => textOf(message)) ?? []
}

test('a stopped answer stays with what it had, and the next question is asked on top of it', async () => {
  const page = stage({ ours: [['half', HANG], ['two']] })
  const request = said(page)
  const { result } = open(page)
  doing(() => result.current.send('A'))
  await page.pass(50)
  doing(() => void result.current.stop())
  await page.pass(50)
  expect(told(result.current)).toEqual(['A', 'half (stopped)'])
  doing(() => result.current.send('B'))
  await page.pass(50)
  expect(request()).toEqual(['A', 'half', 'B'])
  expect(told(result.current)).toEqual(['A', 'half (stopped)', 'B', 'two (completed)'])
})

test('an answer stopped before its first text is not told to a model, nor is its question', async () => {
  const page = stage({ ours: [[HANG], ['two']] })
  const request = said(page)
  const { result } = open(page)
  doing(() => result.current.send('A'))
  await page.pass(50)
  doing(() => void result.current.stop())
  await page.pass(50)
  expect(told(result.current)).toEqual(['A', ' (stopped)'])
  doing(() => result.current.send('B'))
  await page.pass(50)
  expect(request()).toEqual(['B'])
})

test('of two questions in one tick both stay, and the second is answered', async () => {
  const page = stage({ ours: [['one'], ['two'], ['three']] })
  const { result } = open(page)
  doing(() => {
    result.current.send('A')
    result.current.send('B')
  })
  await page.pass(100)
  expect(told(result.current).slice(0, 3)).toEqual(['A', ' (superseded)', 'B'])
  expect(result.current.messages).toHaveLength(4)
  expect(result.current.messages.at(-1)?.served?.status).toBe('completed')
})

test('an answer is given anew in the middle of itself, and the half one is gone', async () => {
  const page = stage({
    ours: [
      ['half', 200, ' more'],
      [30, 'two'],
    ],
  })
  const request = said(page)
  const { result } = open(page)
  doing(() => result.current.send('A'))
  await page.pass(50)
  doing(() => result.current.regenerate())
  expect(told(result.current)).toEqual(['A', ''])
  await page.pass(500)
  expect(told(result.current)).toEqual(['A', 'two (completed)'])
  expect(request()).toEqual(['A'])
})

test('a question that was given back without an answer gets one', async () => {
  const page = stage({ ours: [['one']] })
  const request = said(page)
  const { result } = open(page, { initialMessages: [{ id: '1', role: 'user', content: 'A' }] })
  doing(() => result.current.regenerate())
  await page.pass(50)
  expect(told(result.current)).toEqual(['A', 'one (completed)'])
  expect(request()).toEqual(['A'])
})

test('a question that could not be sent changes no message', async () => {
  const page = stage({ ours: [['one']] })
  const { result } = open(page)
  doing(() => result.current.send('A'))
  await page.pass(50)
  const { messages } = result.current
  expect(() => result.current.send({ prompt: 'B', limits: { minQuality: 7 } })).toThrow(TypeError)
  await page.pass(50)
  expect(result.current.messages).toBe(messages)
})

test('messages that are set in the middle stay as they were set, whatever still comes', async () => {
  const page = stage({ ours: [['half', 50, ' more', 50, ' and more'], ['two']] })
  const request = said(page)
  const { result } = open(page)
  doing(() => result.current.send('A'))
  await page.pass(30)
  const set = [{ id: 'x', role: 'user', content: 'Before' }] as const
  doing(() => {
    result.current.setMessages(set)
  })
  await page.pass(500)
  expect(result.current.messages).toEqual(set)
  expect(result.current.status).toBe('ready')
  doing(() => result.current.send('B'))
  await page.pass(50)
  expect(request()).toEqual(['Before', 'B'])
})

test('messages that are set together with another id are not the other one’s', async () => {
  const page = stage()
  const request = said(page)
  const { result, rerender } = open(page, { id: 'x' })
  doing(() => {
    result.current.setMessages([{ id: '1', role: 'user', content: 'A' }])
    rerender({ id: 'y' })
  })
  expect(result.current.messages).toEqual([])
  doing(() => result.current.send('B'))
  await page.pass(50)
  expect(request()).toEqual(['B'])
})

test('a chat that is kept in the middle of an answer is found with it, and goes on', async () => {
  const page = stage({ ours: [['half', 100, ' and whole']] })
  const before = open(page, { id: 'x', onUnmount: 'keep' })
  doing(() => before.result.current.send('A'))
  await page.pass(50)
  before.unmount()
  await page.pass(10)
  const { result } = open(page, { id: 'x', onUnmount: 'keep' })
  expect(told(result.current)).toEqual(['A', 'half'])
  await page.pass(500)
  expect(told(result.current)).toEqual(['A', 'half and whole (completed)'])
})
