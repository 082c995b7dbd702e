import { createLLM } from '@rungs/core'
import { createVirtualWorld, HANG, scripted, transcript } from '@rungs/core/testing'
import { LLMProvider, useLLM } from '@rungs/react'
import { renderHook } from '@testing-library/react'
import { expect, test } from 'vitest'
import { doing, stage } from './kit.tsx'

test('nothing is sent by mounting, in StrictMode either', async () => {
  const { asked, pass, useStage } = stage()
  const { result } = useStage()
  await pass(1000)
  expect(asked).toEqual([])
  expect(result.current).toMatchObject({ status: 'ready', phase: 'idle', text: '', outcome: null })
})

test('before anything is sent the state is that of a run that has not begun', () => {
  const { llm, useStage } = stage()
  const { result } = useStage()
  const { store } = llm.run({ workload: 'chat', prompt: 'Hi' })
  expect(result.current).toMatchObject(store.getInitialState())
  expect(Object.keys(result.current)).toEqual(
    expect.arrayContaining(Object.keys(store.getInitialState())),
  )
})

test('a text is sent as the prompt, and the answer is shown as it comes', async () => {
  const { asked, pass, useStage } = stage({ ours: [[100, 'Hel', 100, 'lo', 100]] })
  const { result } = useStage()
  doing(() => result.current.send('Hi'))
  expect(result.current).toMatchObject({ status: 'submitted', phase: 'connecting', text: '' })
  await pass(100)
  expect(result.current).toMatchObject({ status: 'streaming', phase: 'streaming', text: 'Hel' })
  await pass(200)
  expect(result.current).toMatchObject({ status: 'ready', phase: 'settled', text: 'Hello' })
  expect(result.current.outcome).toMatchObject({ status: 'completed', route: 'ours' })
  expect(asked).toEqual(['ours: Hi'])
})

test('a request is sent with what the hook was given for the rest', async () => {
  const { llm, pass, useStage } = stage()
  const { result } = useStage({ surface: 'sidebar', thread: 'lunch' })
  const started: unknown[] = []
  llm.subscribe((event) => event.type === 'started' && started.push(event))
  doing(() => result.current.send({ messages: [{ role: 'user', content: 'Hi' }] }))
  doing(() => result.current.send({ prompt: 'Hi', workload: 'agent', thread: 'dinner' }))
  await pass(100)
  expect(started).toMatchObject([
    { workload: 'chat', surface: 'sidebar', thread: 'lunch' },
    { workload: 'agent', surface: 'sidebar', thread: 'dinner' },
  ])
})

test('a field that a request leaves undefined does not take away what the hook was given', () => {
  const llm = createLLM({
    world: createVirtualWorld().world,
    routes: { ours: scripted({}) },
    workloads: { chat: { ladder: ['ours'] } },
    tiers: { free: {}, enterprise: {} },
    defaultTier: 'free',
  })
  const { result } = renderHook(
    () => useLLM<typeof llm>({ workload: 'chat', tier: 'enterprise' }),
    { wrapper: ({ children }) => <LLMProvider llm={llm}>{children}</LLMProvider> },
  )
  const tiers: unknown[] = []
  llm.subscribe((event) => event.type === 'started' && tiers.push(event.tier))
  doing(() => result.current.send({ prompt: 'Hi', tier: undefined }))
  expect(tiers).toEqual(['enterprise'])
})

test('what the user waited is counted from the event that asked', async () => {
  const { pass, time, useStage } = stage({ ours: [[100, 'Hello']] })
  const { result } = useStage()
  await pass(500)
  const timeStamp = time.world.now() - time.world.timeOrigin - 40
  doing(() => result.current.send('Hi', { event: { timeStamp } }))
  await pass(200)
  expect(result.current.outcome?.latency.firstContentMs).toBe(140)
})

test('the next route answers in place of the one that broke, and it says so', async () => {
  const { pass, useStage } = stage({ ours: [[{ status: 503 }]], mini: [['whole']] })
  const { result } = useStage()
  const run = doing(() => result.current.send('Hi'))
  await pass(1000)
  expect(result.current).toMatchObject({
    text: 'whole',
    route: 'mini',
    degraded: { from: 'ours', to: 'mini', cause: 'outage' },
  })
  expect(await transcript(run)).toEqual([
    'try ours',
    'outage -> mini',
    'try mini',
    '"whole"',
    'completed',
  ])
})

test('a stop keeps what there is and is no failure', async () => {
  const { pass, useStage } = stage({ ours: [['half', HANG]] })
  const { result } = useStage()
  doing(() => result.current.send('Hi'))
  await pass(100)
  const stopped = doing(() => result.current.stop())
  await pass(100)
  await stopped
  expect(result.current).toMatchObject({
    status: 'ready',
    phase: 'settled',
    text: 'half',
    failure: null,
    outcome: { status: 'stopped', text: 'half', failure: null },
  })
})

test('a retry sends the last input once more, from the ladder’s top', async () => {
  const { asked, pass, useStage } = stage({
    ours: [[{ fail: 'invalid-response' }], ['ours at last']],
    mini: [[{ fail: 'invalid-response' }]],
  })
  const { result } = useStage()
  doing(() => result.current.send('Hi'))
  await pass(1000)
  expect(result.current).toMatchObject({ status: 'error', outcome: { status: 'failed' } })
  doing(() => result.current.retry())
  await pass(1000)
  expect(result.current).toMatchObject({ status: 'ready', text: 'ours at last', route: 'ours' })
  expect(asked).toEqual(['ours: Hi', 'mini: Hi', 'ours: Hi'])
})

test('a retry is a gesture of its own, and a signal that has stopped a run does not stop it', async () => {
  const { pass, time, useStage } = stage({
    ours: [
      ['half', HANG],
      [30, 'whole'],
    ],
  })
  const { result } = useStage()
  const aborter = new AbortController()
  doing(() => result.current.send({ prompt: 'Hi', gestureAt: 0, signal: aborter.signal }))
  await pass(100)
  aborter.abort()
  await pass(1000)
  expect(result.current.outcome?.status).toBe('stopped')
  const timeStamp = time.world.now() - time.world.timeOrigin - 5
  doing(() => result.current.retry({ event: { timeStamp } }))
  await pass(100)
  expect(result.current.outcome).toMatchObject({
    status: 'completed',
    text: 'whole',
    latency: { firstContentMs: 35 },
  })
  doing(() => result.current.retry())
  await pass(100)
  expect(result.current.outcome?.latency.firstContentMs).toBe(30)
})

test('the failure of a run is gone as soon as the next is sent', async () => {
  const { pass, useStage } = stage({
    ours: [[{ fail: 'invalid-response' }], ['fine']],
    mini: [[{ fail: 'invalid-response' }]],
  })
  const { result } = useStage()
  doing(() => result.current.send('Hi'))
  await pass(1000)
  expect(result.current.failure).toMatchObject({ kind: 'invalid-response' })
  doing(() => result.current.send('Again'))
  expect(result.current).toMatchObject({
    status: 'submitted',
    text: '',
    failure: null,
    outcome: null,
    attempts: [],
  })
})

test('of two runs the latest wins, and nothing of the other is seen again', async () => {
  const { pass, useStage } = stage({
    ours: [
      ['first ', 100, 'first ', HANG],
      [200, 'second'],
    ],
  })
  const { result } = useStage()
  const first = doing(() => result.current.send('one'))
  await pass(50)
  expect(result.current.text).toBe('first ')
  doing(() => result.current.send('two'))
  expect(result.current).toMatchObject({ text: '', status: 'submitted' })
  const seen: string[] = []
  for (let step = 0; step < 15; step += 1) {
    await pass(step === 0 ? 0 : 20)
    seen.push(result.current.text)
  }
  expect(new Set(seen)).toEqual(new Set(['', 'second']))
  expect(await first.outcome).toMatchObject({ status: 'stopped', text: 'first ' })
  expect(result.current.outcome).toMatchObject({ status: 'completed', text: 'second' })
})

test('in one thread the earlier of two runs is superseded', async () => {
  const { pass, useStage } = stage({ ours: [['first', HANG], ['second']] })
  const { result } = useStage({ thread: 'lunch' })
  const first = doing(() => result.current.send('one'))
  await pass(50)
  doing(() => result.current.send('two'))
  await pass(100)
  expect(await first.outcome).toMatchObject({ status: 'superseded', text: 'first' })
  expect(result.current.outcome).toMatchObject({ status: 'completed', text: 'second' })
})

test('a request that nothing could serve throws, and what is shown stays', async () => {
  const { pass, useStage } = stage({ ours: [['half', HANG]] })
  const { result } = useStage()
  doing(() => result.current.send('Hi'))
  await pass(100)
  expect(() => result.current.send({})).toThrow(/prompt: must be given/)
  await pass(100)
  expect(result.current).toMatchObject({ status: 'streaming', text: 'half' })
})

test('a question is shown, and answered with yes or no', async () => {
  const half = 'x'.repeat(400)
  const broken = [half, { fail: 'outage' }] as const
  for (const [answer, status, text] of [
    ['confirm', 'completed', 'whole'],
    ['decline', 'partial', half],
  ] as const) {
    const { pass, useStage } = stage({ ours: [broken], mini: [['whole']] })
    const { result } = useStage()
    doing(() => result.current.send({ prompt: 'Hi', canConfirm: true }))
    await pass(100)
    expect(result.current).toMatchObject({
      phase: 'asking',
      confirmation: { about: 'recovery', route: 'mini' },
    })
    doing(() => {
      result.current[answer]()
    })
    await pass(100)
    expect(result.current).toMatchObject({ confirmation: null, outcome: { status, text } })
  }
})

test('feedback joins the run', async () => {
  const { llm, pass, useStage } = stage()
  const { result } = useStage()
  const heard: unknown[] = []
  llm.subscribe((event) => event.type === 'feedback' && heard.push(event))
  const run = doing(() => result.current.send('Hi'))
  await pass(100)
  result.current.feedback({ signal: 'thumb-up' })
  expect(heard).toMatchObject([{ runId: run.id, value: { signal: 'thumb-up' } }])
})

test('a reset stops what runs and shows nothing', async () => {
  const { pass, useStage } = stage({ ours: [['half', HANG]] })
  const { result } = useStage()
  const run = doing(() => result.current.send('Hi'))
  await pass(100)
  doing(() => {
    result.current.reset()
  })
  await pass(100)
  expect(result.current).toMatchObject({ status: 'ready', phase: 'idle', text: '', outcome: null })
  expect((await run.outcome).status).toBe('stopped')
  expect(result.current.retry()).toBeNull()
})

test('with nothing sent, the verbs do nothing', async () => {
  const { asked, pass, useStage } = stage()
  const { result } = useStage()
  const { current } = result
  expect(current.retry()).toBeNull()
  doing(() => {
    current.confirm()
    current.decline()
    current.feedback({ signal: 'copied' })
    current.reset()
  })
  await current.stop()
  await pass(100)
  expect(asked).toEqual([])
  expect(result.current.phase).toBe('idle')
})

test('the verbs are the same functions from render to render', async () => {
  const { pass, useStage } = stage()
  const { result, rerender } = useStage()
  const { send, stop, retry, confirm, decline, feedback, reset } = result.current
  doing(() => send('Hi'))
  await pass(100)
  rerender({ throttleMs: 100 })
  expect(result.current.text).toBe('ours answers')
  expect(Object.values(result.current)).toEqual(
    expect.arrayContaining([send, stop, retry, confirm, decline, feedback, reset]),
  )
})

test('without a provider it says what is missing', () => {
  expect(() => renderHook(() => useLLM({ workload: 'chat' }))).toThrow(
    'useLLM needs an <LLMProvider llm={llm}> above it.',
  )
})

test('a replaced LLM leaves the answer on the screen and gets what is sent next', async () => {
  const [before, after] = [stage({ ours: [['before']] }), stage({ ours: [['after']] })]
  let { llm } = before
  const { result, rerender } = renderHook(() => useLLM<typeof llm>({ workload: 'chat' }), {
    wrapper: ({ children }) => <LLMProvider llm={llm}>{children}</LLMProvider>,
  })
  doing(() => result.current.send('Hi'))
  await before.pass(100)
  await after.pass(100)
  llm = after.llm
  rerender()
  expect(result.current.text).toBe('before')
  doing(() => result.current.send('Hi'))
  await after.pass(100)
  expect(result.current.text).toBe('after')
  expect(before.asked).toHaveLength(1)
})
