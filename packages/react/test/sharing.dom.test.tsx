import { createLLM } from '@rungs/core'
import { HANG, scripted } from '@rungs/core/testing'
import { LLMProvider } from '@rungs/react'
import { render } from '@testing-library/react'
import { Component, type ReactNode } from 'react'
import { expect, onTestFinished, test, vi } from 'vitest'
import { doing, Panel, press, shown, stage } from './kit.tsx'

const half = { ours: [['half', 200, ' and whole']] }

test('components with one id show one run, whoever sent it', async () => {
  const { asked, pass, show } = stage(half)
  show(
    <>
      <Panel name="a" id="lunch" />
      <Panel name="b" id="lunch" />
      <Panel name="c" />
    </>,
  )
  press('send', 'b')
  await pass(100)
  expect(shown('a')).toMatch(/^halfstreaming/)
  expect(shown('b')).toMatch(/^halfstreaming/)
  expect(shown('c')).toMatch(/^idle/)
  press('stop', 'a')
  await pass(100)
  expect(shown('b')).toMatch(/^halfsettled/)
  expect(asked).toEqual(['ours: from b'])
})

test('two components on one id never show two different texts', async () => {
  const { pass, show } = stage({
    ours: [Array.from({ length: 100 }, () => ['x', 7] as const).flat()],
  })
  const texts: Record<'a' | 'b', string> = { a: '', b: '' }
  show(
    <>
      <Panel name="a" id="lunch" throttleMs={30} onRender={(text) => (texts.a = text)} />
      <Panel name="b" id="lunch" throttleMs={170} onRender={(text) => (texts.b = text)} />
    </>,
  )
  press('send', 'a')
  const lengths = new Set<number>()
  for (let step = 0; step < 70; step += 1) {
    await pass(10)
    expect(texts.a).toBe(texts.b)
    lengths.add(texts.a.length)
  }
  expect(lengths.size).toBeGreaterThan(15)
})

test('a component that comes later shows what is there, and may go again', async () => {
  const { pass, show } = stage(half)
  const first = <Panel key="a" name="a" id="lunch" />
  const page = show([first])
  press('send', 'a')
  await pass(100)
  page.change([first, <Panel key="b" name="b" id="lunch" />])
  expect(shown('b')).toMatch(/^halfstreaming/)
  page.change([first])
  await pass(1000)
  expect(shown('a')).toMatch(/^half and wholesettled/)
})

test('the run ends when the last of its components has gone, and the id is free again', async () => {
  const { llm, pass, show } = stage({ ours: [['half', HANG]] })
  const outcomes: string[] = []
  llm.subscribe((event) => event.type === 'settled' && outcomes.push(event.outcome.status))
  const page = show(<Panel name="a" id="lunch" />)
  press('send', 'a')
  await pass(100)
  page.change(null)
  await pass(100)
  expect(outcomes).toEqual(['abandoned'])
  page.change(<Panel name="b" id="lunch" workload="agent" />)
  expect(shown('b')).toMatch(/^idle/)
})

test('with keep a run goes on without a component, and the next one finds it', async () => {
  const { pass, show } = stage(half)
  const chat = <Panel name="a" id="lunch" onUnmount="keep" />
  const first = show(chat)
  press('send', 'a')
  await pass(100)
  first.unmount()
  await pass(50)
  const second = show(chat)
  expect(shown('a')).toMatch(/^halfstreaming/)
  await pass(100)
  second.unmount()
  await pass(1000)
  show(chat)
  expect(shown('a')).toMatch(/^half and wholesettled/)
})

test.for(['a', 'b'])('of two components it is enough that %s keeps', async (keeper) => {
  const { pass, show } = stage(half)
  const both = (
    <>
      <Panel name="a" id="lunch" onUnmount={keeper === 'a' ? 'keep' : 'stop'} />
      <Panel name="b" id="lunch" onUnmount={keeper === 'b' ? 'keep' : 'stop'} />
    </>
  )
  const page = show(both)
  press('send', 'a')
  await pass(100)
  page.unmount()
  await pass(1000)
  show(both)
  expect(shown('b')).toMatch(/^half and wholesettled/)
})

test('a component that stops takes over a run that was kept, and StrictMode does not end it', async () => {
  const { pass, show } = stage(half)
  const first = show(<Panel name="a" id="lunch" onUnmount="keep" />)
  press('send', 'a')
  await pass(100)
  first.unmount()
  await pass(10)
  const second = show(<Panel name="a" id="lunch" onUnmount="stop" />)
  await pass(10)
  expect(shown('a')).toMatch(/^halfstreaming/)
  second.unmount()
  await pass(1000)
  show(<Panel name="a" id="lunch" />)
  expect(shown('a')).toMatch(/^idle/)
})

test('keep without an id is a TypeError that says what to do', () => {
  const { useStage } = stage()
  expect(() => useStage({ onUnmount: 'keep' })).toThrow(
    new TypeError(
      "useLLM: onUnmount: 'keep' needs an id, by which a later component can find the run.",
    ),
  )
})

class Boundary extends Component<{ readonly children: ReactNode }, { readonly message: string }> {
  override state = { message: '' }
  static getDerivedStateFromError(error: unknown): { readonly message: string } {
    return { message: String(error) }
  }
  override render(): ReactNode {
    return this.state.message || this.props.children
  }
}

test('an id with another workload throws, mounted together with the first or after it', async () => {
  const { pass, show } = stage()
  // React tells of errors on the console even where a boundary takes them.
  const told = vi.spyOn(console, 'error').mockReturnValue()
  onTestFinished(() => {
    told.mockRestore()
  })
  const conflict =
    'TypeError: useLLM: the id "lunch" belongs to the workload "chat" and cannot be used for "agent" as well; give "agent" an id of its own.'
  const first = <Panel key="a" name="a" id="lunch" />
  const rendered = vi.fn<(text: string) => void>()
  const other = (
    <Boundary key="b">
      <Panel name="b" id="lunch" workload="agent" onRender={rendered} />
    </Boundary>
  )
  const together = show([first, other])
  expect(together.container.textContent).toContain(conflict)
  together.unmount()
  await pass(10)
  const page = show([first])
  rendered.mockClear()
  page.change([first, other])
  expect(rendered).not.toHaveBeenCalled()
  expect(page.container.textContent).toContain(conflict)
  expect(shown('a')).toMatch(/^idle/)
})

test('a send to another workload throws where an id fixes it', () => {
  const { asked, useStage } = stage()
  const { result } = useStage({ id: 'lunch' })
  expect(() => result.current.send({ prompt: 'Hi', workload: 'agent' })).toThrow(
    'belongs to the workload "chat"',
  )
  expect(asked).toEqual([])
})

test('another id is another run, and the first one is left', async () => {
  const { pass, useStage } = stage({ ours: [['first', HANG], ['second']] })
  const { result, rerender } = useStage({ id: 'lunch' })
  const run = doing(() => result.current.send('Hi'))
  await pass(100)
  rerender({ id: 'dinner' })
  expect(result.current).toMatchObject({ phase: 'idle', text: '' })
  await pass(100)
  expect((await run.outcome).status).toBe('abandoned')
})

test('when the LLM is replaced, what is shown by an id stays, and the next run is the other one’s', async () => {
  const before = stage(half)
  const after = createLLM({
    world: before.time.world,
    routes: { ours: scripted({}, ['anew']), mini: scripted({}, ['anew']) },
    workloads: { chat: { ladder: ['ours', 'mini'] }, agent: { ladder: ['mini'] } },
  })
  const panels = (
    <>
      <Panel name="a" id="lunch" />
      <Panel name="b" id="lunch" />
    </>
  )
  const page = render(<LLMProvider llm={before.llm}>{panels}</LLMProvider>)
  press('send', 'a')
  await before.pass(1000)
  page.rerender(<LLMProvider llm={after}>{panels}</LLMProvider>)
  await before.pass(0)
  expect([shown('a'), shown('b')]).toEqual(Array(2).fill(expect.stringMatching(/^half and whole/)))
  press('send', 'b')
  await before.pass(1000)
  expect([shown('a'), shown('b')]).toEqual(Array(2).fill(expect.stringMatching(/^anewsettled/)))
  // The id is free again once the last of them has gone.
  page.rerender(<LLMProvider llm={after}>{null}</LLMProvider>)
  await before.pass(0)
  page.rerender(
    <LLMProvider llm={after}>
      <Panel name="c" id="lunch" workload="agent" />
    </LLMProvider>,
  )
  expect(shown('c')).toMatch(/^idle/)
})
