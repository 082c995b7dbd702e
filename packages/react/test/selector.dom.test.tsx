import { HANG } from '@rungs/core/testing'
import { useLLM, useLLMSelector } from '@rungs/react'
import { renderHook } from '@testing-library/react'
import type { ReactElement } from 'react'
import { expect, test } from 'vitest'
import { doing, Panel, press, shown, stage, type TestLLM } from './kit.tsx'

const words = [Array.from({ length: 20 }, () => ['x', 60] as const).flat()]

test('a selector shows what it selects, of a run that another component sends', async () => {
  const { pass, within } = stage({ ours: words })
  const { result } = renderHook(
    () => ({
      hook: useLLM<TestLLM>({ workload: 'chat', id: 'lunch' }),
      length: useLLMSelector<number, TestLLM>('lunch', ({ text }) => Math.floor(text.length / 5)),
      isThere: useLLMSelector<boolean, TestLLM>('lunch', ({ outcome }) => outcome !== null),
    }),
    { wrapper: ({ children }) => within(children) },
  )
  doing(() => result.current.hook.send('Hi'))
  const seen = new Set<string>()
  for (let step = 0; step < 150; step += 1) {
    await pass(10)
    const { hook, length, isThere } = result.current
    expect(isThere).toBe(hook.outcome !== null)
    seen.add(`${length}`)
  }
  expect([...seen]).toEqual(['0', '1', '2', '3', '4'])
  expect(result.current.isThere).toBe(true)
  doing(() => {
    result.current.hook.reset()
  })
  expect(result.current).toMatchObject({ length: 0, isThere: false })
})

test('a selection that is a new object each time is drawn, and drawing comes to an end', async () => {
  const { pass, within } = stage({ ours: words })
  let renders = 0
  const { result } = renderHook(
    () => {
      renders += 1
      return useLLMSelector<{ status: string }, TestLLM>('lunch', ({ status }) => ({ status }))
    },
    {
      wrapper: ({ children }) =>
        within([<Panel key="a" name="a" id="lunch" />, <i key="b">{children}</i>]),
    },
  )
  press('send', 'a')
  await pass(3000)
  expect(result.current).toEqual({ status: 'ready' })
  expect(renders).toBeLessThan(100)
})

function Badge(): ReactElement {
  return <b>{useLLMSelector<string, TestLLM>('lunch', ({ phase }) => phase)}</b>
}

test('a selector that is mounted first fixes no workload, and keeps a run that it shows', async () => {
  const { pass, show, llm } = stage({ mini: [['half', HANG]] })
  const outcomes: string[] = []
  llm.subscribe((event) => event.type === 'settled' && outcomes.push(event.outcome.status))
  const badge = <Badge key="badge" />
  const page = show([badge])
  page.change([badge, <Panel key="a" name="a" id="lunch" workload="agent" />])
  press('send', 'a')
  await pass(100)
  expect(shown('a')).toMatch(/^halfstreaming/)
  page.change([badge])
  await pass(100)
  expect(outcomes).toEqual([])
  expect(page.container.textContent).toBe('streaming')
  page.change([])
  await pass(100)
  expect(outcomes).toEqual(['abandoned'])
})
