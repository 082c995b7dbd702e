import { HANG } from '@rungs/core/testing'
import { textOf, useLLM, useLLMChat, useLLMSelector } from '@rungs/react'
import { renderHook } from '@testing-library/react'
import type { ReactElement } from 'react'
import { expect, test } from 'vitest'
import { doing, stage, type TestLLM } from './kit.tsx'

const chat = { workload: 'chat', id: 'lunch' } as const
const words = [Array.from({ length: 20 }, () => ['x', 20] as const).flat()]

/** A list that text does not render, and the answer under way apart from it. */
function Talk({
  onList,
  onAnswer,
}: {
  readonly onList: (phase: string) => void
  readonly onAnswer: (text: string) => void
}): ReactElement {
  const { messages, phase, outcome, send } = useLLMChat<TestLLM>({ ...chat, throttleMs: Infinity })
  onList(phase)
  return (
    <>
      {messages.map((message) =>
        message.role === 'assistant' && outcome === null ? (
          <Answer key={message.id} onAnswer={onAnswer} />
        ) : (
          <p key={message.id}>{textOf(message)}</p>
        ),
      )}
      <button type="button" aria-label="Ask" onClick={() => send('Hi')} />
    </>
  )
}
function Answer({ onAnswer }: { readonly onAnswer: (text: string) => void }): ReactElement {
  const { text } = useLLM<TestLLM>(chat)
  onAnswer(text)
  return <p>{text}</p>
}

test('with throttleMs Infinity a list renders with each phase and no text, and has the whole at the end', async () => {
  const { pass, show } = stage({ ours: words })
  const phases: string[] = []
  const texts = new Set<string>()
  const { container } = show(
    <Talk onList={(phase) => phases.push(phase)} onAnswer={(text) => texts.add(text)} />,
  )
  phases.length = 0
  doing(() => container.querySelector('button')?.click())
  for (let step = 0; step < 60; step += 1) await pass(10)
  expect(container.textContent).toBe(`Hi${'x'.repeat(20)}`)
  // Each twice, in StrictMode: what is being connected to is news of its own.
  const turns = ['connecting', 'connecting', 'streaming', 'settled']
  expect(phases).toEqual(turns.flatMap((phase) => [phase, phase]))
  expect(texts.size).toBeGreaterThan(5)
})

test('with throttleMs Infinity what is no text is still shown: who is asked, and that it is slow', async () => {
  const { pass, within } = stage({ ours: [[20_000, 'late', HANG]] })
  const { result } = renderHook(() => useLLM<TestLLM>({ ...chat, throttleMs: Infinity }), {
    wrapper: ({ children }) => within(children),
  })
  doing(() => result.current.send('Hi'))
  await pass(100)
  expect(result.current).toMatchObject({ route: 'ours', isSlow: false, text: '' })
  await pass(3_900)
  expect(result.current.isSlow).toBe(true)
})

test('where nobody draws the text, a part of it can still be selected', async () => {
  const { pass, within } = stage({ ours: words })
  const { result } = renderHook(
    () => ({
      hook: useLLM<TestLLM>({ ...chat, throttleMs: Infinity }),
      length: useLLMSelector<number, TestLLM>('lunch', ({ text }) => text.length),
    }),
    { wrapper: ({ children }) => within(children) },
  )
  doing(() => result.current.hook.send('Hi'))
  const lengths = new Set<number>()
  for (let step = 0; step < 39; step += 1) {
    await pass(10)
    lengths.add(result.current.length)
  }
  // The first text at once, then every 50 ms.
  expect([...lengths].slice(0, 3)).toEqual([1, 2, 5])
  expect(result.current.hook.phase).toBe('streaming')
})
