// What telemetry takes of a page's main thread, in a real browser with its real storage.
import { createLLM } from '../../packages/core/src/llm.ts'
import { scripted } from '../../packages/core/src/testing.ts'
import { openLocks } from '../../packages/core/src/page/locks.ts'
import { clock } from '../../packages/core/src/page/clock.ts'
import { digest } from '../../packages/core/src/page/digest.ts'
import { createPage } from '../../packages/core/src/page/presence.ts'
import { createArchive } from '../../packages/core/src/store/idb.ts'
import { newId } from '../../packages/core/src/store/identity.ts'
import { local } from '../../packages/core/src/store/local.ts'
import { createRecorder } from '../../packages/core/src/telemetry/recorder.ts'
import type { Attempt, RunEvent, RunStep } from '../../packages/core/src/words/event.ts'
import type { Report } from '../../packages/core/src/words/telemetry.ts'
import type { Archive, World } from '../../packages/core/src/words/world.ts'

const RUNS = 300
const CHUNKS = 100
const STALLS = 8
/** Turns of the microtask queue in which rows are made, and handed to the database. */
const TURNS = 30

export interface Figures {
  /** Of each batch of chunks, one chunk's share. */
  readonly chunkUs: readonly number[]
  /** Of each event that is no chunk, with all that follows from it before the next task. */
  readonly eventUs: readonly number[]
  /** The same for each report that such an event had made, encoded and handed to storage. */
  readonly reportUs: readonly number[]
  readonly reports: readonly Report[]
}

const world: World = {
  ...clock,
  fetch: () => Promise.reject(new TypeError('nothing is sent')),
  random: Math.random,
  page: createPage(clock.now),
  channel: () => null,
  local,
  digest,
  storage: null,
  archive: createArchive,
  locks: openLocks(),
}

function tried(attempt: number, route: string, why: Attempt['why']): RunStep {
  return { type: 'attempt-started', attempt, route, why }
}
function attemptOf(attempt: number, route: string, why: Attempt['why']): Attempt {
  return {
    attempt,
    route,
    why,
    startedAt: clock.now(),
    headersMs: 210,
    firstContentMs: 420,
    totalMs: 2_310,
    failure: null,
    move: null,
    usage: { inputTokens: 812, outputTokens: 240 },
    costUsd: 0.0004,
    billing: 'billed',
    skippedEvents: 0,
  }
}

/** One run that fell back: its events but for the text, which is `CHUNKS` chunks of each answer. */
function stepsOf(id: string): readonly RunStep[] {
  const failure = {
    class: 'technical',
    kind: 'outage',
    phase: 'before-content',
    route: 'ours',
    provider: 'openai',
    message: '',
    status: 503,
  } as const
  const done = { skippedEvents: 0, costUsd: 0.0004, billing: 'billed' } as const
  return [
    { type: 'started', workload: 'chat', tier: 'pro', surface: 'sidebar', thread: id },
    tried(1, 'ours', 'first'),
    { type: 'attempt-failed', route: 'ours', attempt: 1, failure, visibleChars: 0, ...done },
    {
      type: 'moved',
      move: { to: 'route', route: 'spare', direction: 'next' },
      because: 'next',
      degraded: null,
    },
    tried(2, 'spare', 'next'),
    { type: 'headers', attempt: 2, status: 200 },
    { type: 'content', attempt: 2, text: 'Once ' },
    { type: 'painted', by: 'resize' },
    { type: 'usage', attempt: 2, usage: { inputTokens: 812, outputTokens: 240 } },
    { type: 'attempt-finished', route: 'spare', attempt: 2, finish: 'stop', ...done },
    {
      type: 'settled',
      outcome: {
        status: 'completed',
        text: 'Once upon a time.',
        message: { role: 'assistant', content: [] },
        object: null,
        route: 'spare',
        finish: 'stop',
        degraded: null,
        review: false,
        attempts: [attemptOf(1, 'ours', 'first'), attemptOf(2, 'spare', 'next')],
        usage: { inputTokens: 812, outputTokens: 240 },
        costUsd: 0.0004,
        latency: {
          firstContentMs: 712,
          firstPaintMs: 731,
          paintedBy: 'resize',
          longestGapMs: 88,
          totalMs: 2_490,
          hiddenMs: 0,
        },
        failure: null,
      },
    },
  ]
}

/** Storage that takes no time, and counts what it is given. */
function counting(told: { rows: number }): Archive {
  return {
    keys: () => Promise.resolve([]),
    read: (keys) => Promise.resolve(keys.map(() => undefined)),
    clear: () => Promise.resolve(),
    write(entries) {
      told.rows += entries.length
      return Promise.resolve()
    },
  }
}

/** With the browser's storage, or with one that takes no time: what the database itself takes is the difference. */
async function measureAll(hasStorage: boolean): Promise<Figures> {
  const reports = new Map<unknown, Report>()
  const told = { rows: 0 }
  const recorder = createRecorder(
    {
      sinks: [
        (batch) => {
          for (const report of batch) reports.set(report['id'], report)
          return Promise.resolve('sent')
        },
      ],
      attributes: { plan: 'team' },
      release: '2026.11',
    },
    {
      world: { ...world, archive: hasStorage ? createArchive : () => counting(told) },
      identity: () => 'anna',
      facts: (route) => ({
        provider: route === 'ours' ? 'openai' : 'mistral',
        model: `${route}-1`,
      }),
      isGranted: () => true,
    },
  )
  const chunkUs: number[] = []
  const eventUs: number[] = []
  const reportUs: number[] = []
  for (let run = 0; run < RUNS; run += 1) {
    const id = newId(Math.random)
    const epoch = clock.now()
    recorder.begin({
      id,
      epoch,
      gestureMs: 4,
      targetMs: 3_000,
      thread: id,
      attributes: {},
      question: 'Why?',
      text: () => '',
    })
    const stamped = (step: RunStep): RunEvent => ({ ...step, runId: id, at: clock.now() - epoch })
    for (const step of stepsOf(id)) {
      const event = stamped(step)
      told.rows = 0
      const since = performance.now()
      recorder.hear(event)
      // All that it leads to before the browser is given back its turn.
      for (let turn = 0; turn < TURNS; turn += 1) await Promise.resolve()
      const us = (performance.now() - since) * 1000
      eventUs.push(us)
      if (told.rows > 0) reportUs.push(us / told.rows)
      await pause(0)
      if (step.type !== 'content') continue
      const chunks = Array.from({ length: CHUNKS }, () => stamped({ ...step, text: 'word ' }))
      const from = performance.now()
      for (const chunk of chunks) recorder.hear(chunk)
      chunkUs.push(((performance.now() - from) * 1000) / CHUNKS)
    }
  }
  await pause(hasStorage ? 0 : 6_000)
  await recorder.close()
  return { chunkUs, eventUs, reportUs, reports: [...reports.values()] }
}

/** Stalls of 1.5 s of real runs, one after another, as their rows tell of them. */
async function stallAll(): Promise<readonly number[]> {
  const told: number[] = []
  const llm = createLLM({
    routes: { ours: scripted({}, ['Once ', 1_500, 'upon a time.']) },
    workloads: { chat: { ladder: ['ours'] } },
    telemetry: {
      sinks: [
        (batch) => {
          for (const row of batch) if (row['row'] === 'run') told.push(Number(row['stalled_ms']))
          return Promise.resolve('sent')
        },
      ],
    },
  })
  for (let run = 0; run < STALLS; run += 1) {
    await llm.run({ workload: 'chat', prompt: 'Hello?' }).outcome
  }
  await pause(7_000)
  await llm.close()
  return told
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

declare global {
  interface Window {
    readonly measureAll: typeof measureAll
    readonly stallAll: typeof stallAll
  }
}
Object.assign(window, { measureAll, stallAll })
