import { createLLM } from '@rungs/core'
import { HANG, scripted, type Script } from '@rungs/core/testing'
import { LLMProvider, useLLM } from '@rungs/react'
import { render } from '@testing-library/react'
import { useEffect, useState, type ReactElement } from 'react'
import { expect, onTestFinished, test, vi } from 'vitest'
import { stage, type Hook, type Options, type Stage, type TestLLM } from './kit.tsx'

interface Seen {
  /** Every render's text, with its virtual time since the start. */
  readonly renders: { readonly at: number; readonly text: string; readonly phase: string }[]
  hook: Hook | null
}

/** Renders as a page does it: outside of `act`, so that nothing is batched but by React itself. */
function watch(
  { within, time }: Pick<Stage, 'within' | 'time'>,
  options: Partial<Options> = {},
): Seen {
  const seen: Seen = { renders: [], hook: null }
  function Watched(): ReactElement {
    const hook = useLLM<TestLLM>({ workload: 'chat', ...options })
    const { text, phase } = hook
    const [, setLength] = useState(0)
    // What many a chat does to scroll along.
    useEffect(() => {
      setLength(text.length)
    }, [text, phase])
    seen.renders.push({ at: time.world.now() - 1_000_000, text, phase })
    seen.hook = hook
    return <p>{text}</p>
  }
  render(within(<Watched />), { reactStrictMode: false })
  seen.renders.length = 0
  return seen
}

/** The renders that showed something new. */
function news({ renders }: Seen): Seen['renders'] {
  return renders.filter(
    ({ text, phase }, index) =>
      text !== renders[index - 1]?.text || phase !== renders[index - 1]?.phase,
  )
}

function noErrors(): void {
  const told = vi.spyOn(console, 'error')
  onTestFinished(() => {
    expect(told).not.toHaveBeenCalled()
    told.mockRestore()
  })
}

const chunks = (count: number, gapMs: number): Script =>
  Array.from({ length: count }, () => ['x', gapMs] as const).flat()

test('400 chunks in one tick are a handful of renders, and effects that set state do no harm', async () => {
  noErrors()
  const on = stage({ ours: [Array.from({ length: 400 }, () => 'x')] })
  const seen = watch(on)
  seen.hook?.send('Hi')
  await on.time.advance(1000)
  expect(seen.hook?.text).toHaveLength(400)
  expect(seen.renders.length).toBeLessThan(12)
})

test('sixty routes that fail in one tick do no harm either', async () => {
  noErrors()
  const on = stage()
  const names = Array.from({ length: 60 }, (_, index) => `route${index}`)
  const llm = createLLM({
    world: on.time.world,
    routes: Object.fromEntries(
      names.map((name) => [name, scripted({ provider: name }, [name, { fail: 'outage' }])]),
    ),
    workloads: { chat: { ladder: names, recovery: 'restart' } },
  })
  const seen = watch({
    time: on.time,
    within: (ui) => <LLMProvider llm={llm}>{ui}</LLMProvider>,
  })
  seen.hook?.send('Hi')
  await on.time.advance(0)
  expect(seen.hook?.attempts).toHaveLength(60)
  expect(seen.hook?.outcome?.status).toBe('failed')
  expect(seen.renders.length).toBeLessThan(40)
})

test('streaming text is shown at most once per throttleMs', async () => {
  for (const [throttleMs, least, most] of [
    [undefined, 18, 23],
    [100, 8, 13],
    [16, 40, 66],
  ] as const) {
    const on = stage({ ours: [chunks(200, 5)] })
    const seen = watch(on, { throttleMs })
    seen.hook?.send('Hi')
    await on.time.advance(2000)
    expect(seen.hook?.text).toHaveLength(200)
    const streaming = news(seen).filter(({ phase }) => phase === 'streaming')
    expect(streaming.length).toBeGreaterThan(least)
    expect(streaming.length).toBeLessThan(most)
    const gaps = streaming.slice(1).map(({ at }, index) => at - (streaming[index]?.at ?? 0))
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(throttleMs ?? 50)
  }
})

test('the first text is shown when it comes, not at the next beat', async () => {
  const on = stage({ ours: [[7, { reasoning: 'hm' }, 20, 'first', 1, ' second', HANG]] })
  const seen = watch(on)
  seen.hook?.send('Hi')
  await on.time.advance(1000)
  expect(news(seen).filter(({ text }) => text !== '')).toEqual([
    { at: 27, text: 'first', phase: 'streaming' },
    { at: 77, text: 'first second', phase: 'streaming' },
  ])
})

test('the first text is shown soon where a tool call came before it', async () => {
  const call = { call: { name: 'search', input: {} } }
  const on = stage({ ours: [[call, 20, 'first', 1, ' second', HANG]] })
  const seen = watch(on)
  seen.hook?.send('Hi')
  await on.time.advance(1000)
  // The run itself tells of it within 16 ms.
  expect(seen.renders.find(({ text }) => text !== '')?.at).toBeLessThanOrEqual(36)
})

test('a change of phase and the end are shown at once, with all the text that came before', async () => {
  const on = stage({
    ours: [['a', 30, 'b', 1, { fail: 'outage' }]],
    mini: [[10, 'c', 1, 'd', 1, 'e']],
  })
  const seen = watch(on)
  seen.hook?.send('Hi')
  await on.time.advance(1000)
  expect(news(seen).filter(({ at }) => at > 0)).toEqual([
    { at: 31, text: 'ab', phase: 'switching' },
    { at: 41, text: 'c', phase: 'streaming' },
    { at: 43, text: 'cde', phase: 'settled' },
  ])
})

test('nothing waits in a timer once a run has ended', async () => {
  const on = stage({ ours: [chunks(10, 5)] })
  const seen = watch(on)
  seen.hook?.send('Hi')
  await on.time.advance(50)
  expect(on.time.pending()).toBe(0)
})

test('a listener that throws changes nothing of a run or of what is shown', async () => {
  const on = stage({ ours: [chunks(10, 5)] })
  const told = vi.spyOn(console, 'error').mockReturnValue()
  onTestFinished(() => {
    told.mockRestore()
  })
  on.llm.subscribe(() => {
    throw new Error('the product has a bug')
  })
  const seen = watch(on)
  const run = seen.hook?.send('Hi')
  run?.store.subscribe(() => {
    throw new Error('the product has another')
  })
  await on.time.advance(1000)
  expect(seen.hook).toMatchObject({ text: 'xxxxxxxxxx', outcome: { status: 'completed' } })
  expect(seen.hook?.outcome?.attempts).toHaveLength(1)
  expect(told).toHaveBeenCalled()
})
