import { createLLM, type LLM } from '@rungs/core'
import { scripted } from '@rungs/core/testing'
import { LLMProvider, useLLM, type UseLLM } from '@rungs/react'
import { useEffect, type ReactElement } from 'react'
import { expect, onTestFinished, test } from 'vitest'
import { render } from 'vitest-browser-react'
import { LOADS, presented } from './loads.ts'

type TestLLM = LLM<'ours', 'chat', never>

interface Page {
  readonly hook: UseLLM<TestLLM>
  readonly answer: HTMLElement
}

/** A page that shows an answer of `pieces`, 20 ms apart, and works `beside` it. */
async function open(
  pieces: number,
  { isShown = true, onCommit }: { readonly isShown?: boolean; readonly onCommit?: () => void } = {},
): Promise<Page> {
  const llm = createLLM({
    routes: {
      ours: scripted({}, [
        30,
        ...Array.from({ length: pieces }, (_, i) => [`word ${i} `, 20]).flat(),
      ]),
    },
    workloads: { chat: { ladder: ['ours'] } },
  })
  const lent: { hook?: UseLLM<TestLLM> } = {}
  function Answer(): ReactElement {
    const hook = useLLM<TestLLM>({ workload: 'chat' })
    useEffect(() => {
      lent.hook = hook
      if (hook.text !== '') onCommit?.()
    }, [hook])
    return (
      <div data-testid="answer" style={isShown ? {} : { display: 'none' }}>
        <p ref={hook.answerRef} {...timed}>
          {hook.text}
        </p>
      </div>
    )
  }
  const screen = await render(
    <LLMProvider llm={llm}>
      <Answer />
    </LLMProvider>,
  )
  onTestFinished(async () => {
    await screen.unmount()
    await llm.close()
  })
  if (!lent.hook) throw new Error('the page was not rendered')
  return { hook: lent.hook, answer: document.body }
}

/** What makes the browser tell when it presented an element. */
const timed = { elementtiming: 'answer' }

for (const [name, { pieces, begin, onCommit }] of Object.entries(LOADS)) {
  // How near, is for `pnpm proof:paint` to say.
  test(`the first paint is told of the frame that the browser then presents: ${name}`, async () => {
    const { hook } = await open(pieces, onCommit ? { onCommit } : {})
    const end = begin()
    const since = performance.now()
    const truth = presented()
    const run = hook.send('Hello?')
    const presentedAt = await truth
    await run.outcome
    end()
    // What comes after the end is published a moment later.
    await expect.poll(() => run.store.getState().latency.paintedBy).toBe('resize')
    const { firstContentMs, firstPaintMs } = run.store.getState().latency
    expect(firstPaintMs).toBeGreaterThanOrEqual(firstContentMs ?? Infinity)
    expect(since + (firstPaintMs ?? Infinity)).toBeLessThanOrEqual(presentedAt)
  })
}

test('an answer that is not displayed is not painted', async () => {
  const { hook } = await open(2, { isShown: false })
  const run = hook.send('Hello?')
  await run.outcome
  await expect.poll(() => run.store.getState().latency.paintedBy, { timeout: 5000 }).toBe('miss')
  expect(run.store.getState().latency.firstPaintMs).toBeNull()
})
