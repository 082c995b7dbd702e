import { HANG } from '@rungs/core/testing'
import { useLLM } from '@rungs/react'
import { act } from '@testing-library/react'
import {
  lazy,
  startTransition,
  Suspense,
  useState,
  type ComponentProps,
  type ComponentType,
  type ReactElement,
} from 'react'
import { expect, test } from 'vitest'
import { doing, Panel, press, shown, stage, type TestLLM } from './kit.tsx'

/** Something that a component waits for, in the way that every React understands. */
interface Gate {
  readonly open: () => Promise<void>
  readonly wait: () => void
}
function createGate(): Gate {
  let isOpen = false
  const { promise, resolve } = Promise.withResolvers<void>()
  return {
    open: () =>
      act(async () => {
        isOpen = true
        resolve()
        await promise
      }),
    wait() {
      if (!isOpen) throw promise
    },
  }
}
function Waits({ gate }: { readonly gate: Gate }): ReactElement {
  gate.wait()
  return <i>came</i>
}
const half = { ours: [['half', 200, ' and whole']] }

test('a run goes on while something beside it is waited for, and is shown whole after that', async () => {
  const { pass, show } = stage(half)
  const gate = createGate()
  const page = (waits: boolean): ReactElement => (
    <Suspense fallback={<p>loading</p>}>
      <Panel name="a" />
      {waits && <Waits gate={gate} />}
    </Suspense>
  )
  const { change, container } = show(page(false))
  press('send', 'a')
  await pass(100)
  change(page(true))
  expect(container.textContent).toContain('loading')
  await pass(1_000)
  await gate.open()
  expect(container.textContent).not.toContain('loading')
  expect(shown('a')).toMatch(/^half and wholesettled/)
})

/** Draws a text with what is not loaded yet, such as a highlighter. */
function Drawn({ text, gate }: { readonly text: string; readonly gate: Gate }): ReactElement {
  if (text !== '') gate.wait()
  return <p>{text}</p>
}
function Answer({ gate }: { readonly gate: Gate }): ReactElement {
  const { text, phase, send } = useLLM<TestLLM>({ workload: 'chat' })
  return (
    <section aria-label="a">
      <Suspense fallback={<p>drawing</p>}>
        <Drawn text={text} gate={gate} />
      </Suspense>
      <p>{phase}</p>
      <button type="button" onClick={() => send('Hi')}>
        send a
      </button>
    </section>
  )
}

test('an answer whose own drawing is waited for shows its newest text when that has come', async () => {
  const { pass, show } = stage({ ours: [['# Title', 200, ' and text', HANG]] })
  const gate = createGate()
  show(<Answer gate={gate} />)
  press('send', 'a')
  await pass(100)
  expect(shown('a')).toContain('drawing')
  expect(shown('a')).toContain('streaming')
  await pass(1_000)
  await gate.open()
  expect(shown('a')).toMatch(/^# Title and textstreaming/)
})

test('a component that waits before it is first shown sends nothing, and holds no id', async () => {
  const { asked, pass, show } = stage()
  const gate = createGate()
  function Early(): ReactElement {
    const { text } = useLLM<TestLLM>({ workload: 'chat', id: 'lunch' })
    gate.wait()
    return <p>{text}</p>
  }
  const { change } = show(
    <Suspense fallback="loading">
      <Early />
    </Suspense>,
  )
  await pass(100)
  expect(asked).toEqual([])
  change(<Panel name="b" workload="agent" id="lunch" />)
  press('send', 'b')
  await pass(1_000)
  expect(shown('b')).toMatch(/^mini answerssettled/)
})

type LatePanel = ComponentType<ComponentProps<typeof Panel>>
/** A panel whose code comes when it is told to. */
function createLate(): { readonly load: () => void; readonly Late: LatePanel } {
  const { promise, resolve } = Promise.withResolvers<{ default: LatePanel }>()
  return { load: () => resolve({ default: Panel }), Late: lazy(() => promise) }
}
function Opening({ Late }: { readonly Late: LatePanel }): ReactElement {
  const [isOpen, setIsOpen] = useState(false)
  return (
    <>
      <Panel name="a" id="lunch" />
      <button type="button" onClick={() => startTransition(() => setIsOpen(true))}>
        open
      </button>
      <Suspense fallback={<p>loading</p>}>{isOpen && <Late name="b" id="lunch" />}</Suspense>
    </>
  )
}

test('a component that is loaded in a transition, in the middle of a text, shows what the others show', async () => {
  const { pass, show } = stage(half)
  const { load, Late } = createLate()
  const { container } = show(<Opening Late={Late} />)
  press('send', 'a')
  await pass(100)
  doing(() => {
    ;[...container.querySelectorAll('button')].find((one) => one.textContent === 'open')?.click()
  })
  await act(async () => {
    load()
  })
  await pass(50)
  expect(shown('b')).toMatch(/^halfstreaming/)
  await pass(1_000)
  expect([shown('a'), shown('b')]).toEqual([
    expect.stringMatching(/^half and wholesettled/),
    expect.stringMatching(/^half and wholesettled/),
  ])
})
