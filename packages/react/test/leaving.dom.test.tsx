import { HANG } from '@rungs/core/testing'
import { Activity, version, type ReactElement } from 'react'
import { describe, expect, test } from 'vitest'
import { doing, Panel, press, shown, stage } from './kit.tsx'

const half = { ours: [['half', 200, ' and whole']] }

test('an unmount ends the run as abandoned, with what had come', async () => {
  const { llm, pass, useStage } = stage(half)
  const left: unknown[] = []
  llm.subscribe((event) => event.type === 'left' && left.push(event))
  const { result, unmount } = useStage()
  const run = doing(() => result.current.send('Hi'))
  await pass(100)
  unmount()
  await pass(1000)
  expect(await run.outcome).toMatchObject({ status: 'abandoned', text: 'half' })
  expect(left).toMatchObject([{ how: 'unmounted', isFinal: true }])
})

test('an unmount before the first text leaves nothing behind', async () => {
  const { pass, time, useStage } = stage({ ours: [[HANG]] })
  const { result, unmount } = useStage()
  const run = doing(() => result.current.send('Hi'))
  unmount()
  await pass(100)
  expect((await run.outcome).status).toBe('abandoned')
  expect(time.pending()).toBe(0)
})

test('an unmount after the end leaves the outcome as it was', async () => {
  const { pass, useStage } = stage()
  const { result, unmount } = useStage()
  const run = doing(() => result.current.send('Hi'))
  await pass(100)
  unmount()
  await pass(100)
  expect((await run.outcome).status).toBe('completed')
})

test('what is sent by a component that is gone is left at once', async () => {
  const { pass, useStage } = stage(half)
  const { result, unmount } = useStage()
  const { send } = result.current
  unmount()
  await pass(10)
  const run = send('too late')
  await pass(1000)
  expect((await run.outcome).status).toBe('abandoned')
})

/** `Activity` came with 19.2. */
const hasActivity = !version.startsWith('18.')

interface TabProps {
  readonly mode: 'visible' | 'hidden'
  readonly id?: string
  readonly onRender?: (text: string) => void
}

function Tab({ mode, ...panel }: TabProps): ReactElement {
  return (
    <Activity mode={mode}>
      <Panel name="a" {...panel} />
    </Activity>
  )
}

describe.runIf(hasActivity)('a component in an Activity', () => {
  test('a hidden Activity leaves the run, and shown again it has its text and can send', async () => {
    const { pass, show } = stage({ ours: [['half', HANG], ['whole']] })
    const page = show(<Tab mode="visible" />)
    press('send', 'a')
    await pass(100)
    page.change(<Tab mode="hidden" />)
    await pass(100)
    page.change(<Tab mode="visible" />)
    expect(shown('a')).toMatch(/^halfsettled/)
    press('send', 'a')
    await pass(100)
    expect(shown('a')).toMatch(/^wholesettled/)
  })

  test.for([{}, { id: 'lunch' }])(
    'an answer survives a hidden Activity, given %o',
    async (given) => {
      const { pass, show } = stage()
      const texts: string[] = []
      const onRender = (text: string): number => texts.push(text)
      const page = show(<Tab mode="visible" {...given} onRender={onRender} />)
      press('send', 'a')
      await pass(100)
      texts.length = 0
      page.change(<Tab mode="hidden" {...given} onRender={onRender} />)
      await pass(100)
      page.change(<Tab mode="visible" {...given} onRender={onRender} />)
      expect(new Set(texts)).toEqual(new Set(['ours answers']))
    },
  )
})

test('a run goes on when its components change places in one commit', async () => {
  const { pass, show } = stage(half)
  const page = show(<Panel key="a" name="a" id="lunch" />)
  press('send', 'a')
  await pass(100)
  page.change(<Panel key="b" name="b" id="lunch" />)
  expect(shown('b')).toMatch(/^halfstreaming/)
  await pass(1000)
  expect(shown('b')).toMatch(/^half and wholesettled/)
})

test('a run goes on when the options of its hook change', async () => {
  const { pass, useStage } = stage(half)
  const { result, rerender } = useStage({ throttleMs: 20 })
  doing(() => result.current.send('Hi'))
  await pass(100)
  rerender({ throttleMs: 200, surface: 'sidebar', thread: 'lunch', onUnmount: 'stop' })
  await pass(1000)
  expect(result.current.outcome).toMatchObject({ status: 'completed', text: 'half and whole' })
})
