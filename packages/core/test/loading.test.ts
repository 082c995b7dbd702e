import { expect, test, vi } from 'vitest'
import type { RunEvent } from '../src/index.ts'
import { createRecorder } from '../src/telemetry/recorder.ts'
import { createTelemetry } from '../src/telemetry/tape.ts'
import { createVirtualDisk, createVirtualWorld, HANG, scripted } from '../src/testing.ts'
import type { Begun, Sink, Telemetry, TelemetryOptions } from '../src/words/telemetry.ts'
import { listening, START, ticks, visit } from './telemetry.ts'

type Fetched = { readonly createRecorder: typeof createRecorder }

function begun(id: string): Begun {
  return {
    id,
    epoch: START,
    gestureMs: 0,
    targetMs: null,
    thread: null,
    attributes: {},
    question: '',
    text: () => '',
  }
}
const started = (runId: string): RunEvent => ({
  type: 'started',
  workload: 'chat',
  tier: null,
  surface: null,
  thread: null,
  runId,
  at: 0,
})

/** What a run is told to, where the recorder's module comes as `answer` has it. */
function tape(
  answer: () => Promise<Fetched>,
  options: TelemetryOptions = { attributes: {} },
): { readonly telemetry: Telemetry; readonly asked: () => number; readonly advance: Advance } {
  const virtual = createVirtualWorld({ startAt: START })
  const fetchRecorder = vi.fn<() => Promise<Fetched>>(answer)
  const setting = { world: virtual.world, identity: () => 'anna', facts: () => null }
  return {
    telemetry: createTelemetry(options, setting, fetchRecorder),
    asked: () => fetchRecorder.mock.calls.length,
    advance: (ms) => virtual.advance(ms),
  }
}
type Advance = (ms: number) => Promise<void>
const noNetwork = (): Promise<Fetched> => Promise.reject(new TypeError('Failed to fetch'))

async function play({ telemetry }: { readonly telemetry: Telemetry }, id: string): Promise<void> {
  telemetry.begin(begun(id))
  telemetry.hear(started(id))
  await ticks()
}

test('what waits for a recorder that cannot be loaded has a bound: the newest 2,000 are kept', async () => {
  let answer = noNetwork
  const stage = tape(() => answer())
  for (let run = 0; run < 1_500; run += 1) {
    stage.telemetry.begin(begun(`r${run}`))
    stage.telemetry.hear(started(`r${run}`))
  }
  await ticks()
  answer = () => Promise.resolve({ createRecorder })
  await play(stage, 'last')
  // Of 3,002 the newest, two for each run.
  expect(await stage.telemetry.summary()).toMatchObject({ runs: 1_000 })
  await stage.telemetry.close()
})

test('a recorder that cannot be loaded is asked for again with each run, not with each event', async () => {
  const stage = tape(noNetwork)
  await play(stage, 'a')
  for (let event = 0; event < 50; event += 1) {
    stage.telemetry.hear(started('a'))
    await Promise.resolve()
  }
  await ticks()
  expect(stage.asked()).toBe(1)
  await play(stage, 'b')
  expect(stage.asked()).toBe(2)
})

test('the end does not wait without bound for a recorder that never comes, and closes one that comes late', async () => {
  const late = Promise.withResolvers<Fetched>()
  const send = vi.fn<Sink['send']>(() => Promise.resolve('sent'))
  const stage = tape(() => late.promise, { sinks: [send] })
  await play(stage, 'a')
  const closed = vi.fn<() => void>()
  void stage.telemetry.close().then(closed)
  await ticks()
  expect(closed).not.toHaveBeenCalled()
  await stage.advance(2_000)
  expect(closed).toHaveBeenCalledOnce()
  late.resolve({ createRecorder })
  await ticks()
  await stage.advance(600_000)
  expect(send.mock.calls.length).toBeLessThanOrEqual(1)
})

test('feedback on a run whose page is gone before anybody swept it ends it', async () => {
  const disk = createVirtualDisk()
  const first = await visit(
    { sinks: [listening('one', () => 'retry')] },
    { disk, routes: { ours: scripted({}, ['half', HANG]) } },
  )
  const { id } = first.llm.run({ workload: 'chat', prompt: 'Hello?' })
  await ticks()
  first.virtual.setHidden(true)
  await ticks()
  // A page that lives keeps its run: another only notes what was said of it.
  const sink = listening('one')
  const other = await visit({ sinks: [sink] }, { disk, at: START + 1_000, seed: 2 })
  other.llm.feedback(id, { signal: 'copied' })
  await ticks()
  await other.virtual.advance(5_000)
  expect(sink.run(id)).toMatchObject({ copied: true, status: 'open', left_is_final: false })
  first.virtual.crash()
  const next = await visit({ sinks: [sink] }, { disk, at: START + 10_000, seed: 3 })
  await ticks()
  next.llm.feedback(id, { signal: 'accepted' })
  await ticks()
  await next.virtual.advance(5_000)
  expect(sink.run(id)).toMatchObject({ accepted: true, status: 'abandoned', left_is_final: true })
})

test('feedback ends a run whose page went after this one had looked for such', async () => {
  const disk = createVirtualDisk()
  const lost = await visit(
    { sinks: [listening('one', () => 'retry')] },
    { disk, routes: { ours: scripted({}, ['half', HANG]) } },
  )
  const { id } = lost.llm.run({ workload: 'chat', prompt: 'Hello?' })
  await ticks()
  lost.virtual.setHidden(true)
  await ticks()
  const sink = listening('one')
  const next = await visit({ sinks: [sink] }, { disk, at: START + 10_000, seed: 3 })
  await next.play()
  // It has swept; what goes now is only found when it is spoken of.
  lost.virtual.crash()
  next.llm.feedback(id, { signal: 'accepted' })
  await ticks()
  await next.virtual.advance(5_000)
  expect(sink.run(id)).toMatchObject({ accepted: true, status: 'abandoned', left_is_final: true })
})
