import { createLLM, type Attempt, type FailureKind } from '@rungs/core'
import { createVirtualWorld, HANG, scripted } from '@rungs/core/testing'
import {
  Attempts,
  LLMProvider,
  PausedNotice,
  SlowNotice,
  useLLM,
  useLLMSummary,
  useRouteHealth,
} from '@rungs/react'
import { cleanup, render, renderHook, screen } from '@testing-library/react'
import { renderToString } from 'react-dom/server'
import type { ReactElement } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { doing, stage, type TestLLM } from './kit.tsx'

afterEach(cleanup)

type Name = 'ours' | 'mini'

function Slow(): ReactElement {
  const hook = useLLM<TestLLM>({ workload: 'chat' })
  return (
    <>
      <button type="button" onClick={() => hook.send('Hi')}>
        send
      </button>
      <SlowNotice of={hook} />
      {hook.outcome?.status}
    </>
  )
}

test('a wait that is longer than usual is said, with what can be done', async () => {
  const { pass, show } = stage({ ours: [[HANG]] })
  const { container } = show(<Slow />)
  const region = screen.getByRole('status')
  doing(() => {
    screen.getByText('send').click()
  })
  await pass(100)
  expect(region.textContent).toBe('')
  expect(screen.queryByText('Stop')).toBeNull()
  await pass(3500)
  expect(region.textContent).toBe('This takes longer than usual. You can wait, or stop it.')
  doing(() => {
    screen.getByText('Stop').click()
  })
  await pass(100)
  expect(region.textContent).toBe('')
  expect(container.textContent).toBe('sendstopped')
})

test.for([
  ['slow', (props: object) => <SlowNotice of={{ isSlow: true, stop }} {...props} />],
  ['paused', (props: object) => <PausedNotice of={{ phase: 'paused', stop }} {...props} />],
] as const)(
  'the words of the %s notice can be replaced, and it can be stopped',
  ([kind, notice]) => {
    stop.mockClear()
    const { container } = render(
      notice({ words: { [kind]: 'Moment …', stop: 'Halt' }, lang: 'de', className: 'mine' }),
    )
    expect(container.textContent).toBe('Moment …Halt')
    expect(screen.getByRole('status').querySelector('button')).toBeNull()
    expect(container.firstElementChild).toMatchObject({
      lang: 'de',
      className: 'mine',
      dataset: { rungsNotice: kind, open: '' },
    })
    screen.getByText('Halt').click()
    expect(stop).toHaveBeenCalledOnce()
  },
)
const stop = vi.fn<() => Promise<void>>(() => Promise.resolve())

test('a run that waits for the connection says so, and is silent in every other phase', () => {
  const phases = ['idle', 'connecting', 'streaming', 'asking', 'settled'] as const
  const { rerender, container } = render(<PausedNotice of={{ phase: 'paused', stop }} />)
  expect(screen.getByRole('status').textContent).toBe(
    'You are offline. The answer goes on as soon as you are back.',
  )
  for (const phase of phases) {
    rerender(<PausedNotice of={{ phase, stop }} />)
    expect(container.textContent).toBe('')
    expect(container.firstElementChild).not.toHaveProperty('dataset.open')
  }
})

test('what was tried is listed, with what came of it and how long it took', async () => {
  const { pass, useStage, within } = stage({
    ours: [[500, { fail: 'outage' }]],
    mini: [['half', 2000, ' and whole']],
  })
  const { result } = useStage()
  const { rerender, container } = render(<Attempts<Name> attempts={[]} />)
  const draw = (): string[] => {
    rerender(within(<Attempts<Name> attempts={result.current.attempts} names={{ ours: 'A' }} />))
    return screen.queryAllByRole('listitem').map(({ textContent }) => textContent)
  }
  expect(container.innerHTML).toBe('')
  doing(() => result.current.send('Hi'))
  await pass(100)
  expect(draw()).toEqual(['A is being asked'])
  await pass(1000)
  expect(draw()).toEqual(['A is down (less than a second)', 'mini is answering'])
  await pass(2000)
  expect(draw()).toEqual(['A is down (less than a second)', 'mini answered (2 s)'])
  expect(screen.getByLabelText('What was tried').children[0]).toMatchObject({
    dataset: { route: 'ours', why: 'first', state: 'failed', kind: 'outage' },
  })
})

test('every word of the list can be replaced', () => {
  const attempt = (change: Partial<Attempt<Name>>): Attempt<Name> => ({
    attempt: 1,
    route: 'ours',
    why: 'first',
    startedAt: 0,
    headersMs: null,
    firstContentMs: null,
    totalMs: null,
    failure: null,
    move: null,
    usage: null,
    costUsd: null,
    billing: 'none',
    skippedEvents: 0,
    ...change,
  })
  render(
    <Attempts<Name>
      attempts={[
        attempt({ attempt: 1, totalMs: 3 }),
        attempt({ attempt: 2 }),
        attempt({ attempt: 3, firstContentMs: 1 }),
        attempt({ attempt: 4, firstContentMs: 1, totalMs: 2 }),
      ]}
      words={{
        label: 'Versuche',
        asked: 'a',
        answering: 'b',
        answered: 'c',
        ended: 'd',
        failed: (kind: FailureKind) => kind,
        took: (ms) => `${ms}!`,
      }}
    />,
  )
  expect(screen.getByLabelText('Versuche').textContent).toBe('ours d 3!ours aours bours c 2!')
})

test('the health of a route is shown as runs teach it, and as it fades', async () => {
  const { llm, pass, useStage, within } = stage({ ours: [[{ fail: 'outage' }]] })
  const { result: chat } = useStage()
  const { result } = renderHook(
    () => [useRouteHealth<TestLLM>('ours'), useRouteHealth<TestLLM>().mini] as const,
    { wrapper: ({ children }) => within(children) },
  )
  const before = result.current[0].pBad
  doing(() => chat.current.send('Hi'))
  await pass(100)
  const [ours, mini] = result.current
  expect(ours.pBad).toBeGreaterThan(before)
  expect(ours.lastFailure).toBe('outage')
  expect(mini.lastFailure).toBeNull()
  await pass(60_000)
  expect(result.current[0].pBad).toBeLessThan(ours.pBad)
  expect(result.current[0]).toEqual(llm.health.getState().ours)
})

test('the summary of this browser is looked at again whenever a run has ended', async () => {
  const { pass, useStage, within } = stage({ ours: [[{ fail: 'outage' }]] })
  const { result: chat } = useStage()
  const { result } = renderHook(useLLMSummary, { wrapper: ({ children }) => within(children) })
  expect(result.current).toBeNull()
  const runs = (count: number): Promise<void> =>
    vi.waitFor(async () => {
      await pass(1)
      expect(result.current?.runs).toBe(count)
    })
  await runs(0)
  doing(() => chat.current.send('Hi'))
  await pass(1000)
  await runs(1)
  expect(result.current).toMatchObject({
    outcomes: { completed: 1 },
    fallbacksBySurface: [{ runs: 1, fallbacks: 1, kinds: { outage: 1 } }],
  })
})

function Pill(): ReactElement {
  return <b>{useRouteHealth<TestLLM>('ours').state}</b>
}

test('one who comes while a failure fades is given the same health until the next change', async () => {
  // A clock that goes on between any two looks, as a real one does.
  const time = createVirtualWorld()
  let drift = 0
  const now = (): number => time.world.now() + (drift += 0.01)
  const llm = createLLM({
    world: { ...time.world, now },
    routes: { ours: scripted({}, [{ fail: 'outage' }]) },
    workloads: { chat: { ladder: ['ours'] } },
  })
  llm.run({ workload: 'chat', prompt: 'Hi' })
  await time.advance(60_000)
  expect(llm.health.getState()).not.toEqual(llm.health.getState())
  const told = vi.spyOn(console, 'error')
  const page = (
    <LLMProvider llm={llm}>
      <Pill />
    </LLMProvider>
  )
  expect(render(page).container.textContent).toBe('suspect')
  expect(told).not.toHaveBeenCalled()
  told.mockRestore()
  expect(renderToString(page)).toBe('<b>good</b>')
})
