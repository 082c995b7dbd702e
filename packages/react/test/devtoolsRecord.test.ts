import type { RunEvent, RunStep } from '@rungs/core'
import { describe, expect, test } from 'vitest'
import { findFacts, findRuns, wayOf } from '../src/devtools/filter.ts'
import { MOST_RUNS, reduceRuns, type RunRecord } from '../src/devtools/record.ts'
import { readTimeline } from '../src/devtools/timeline.ts'
import { quoteRecord, tellRecord } from '../src/devtools/transcript.ts'

const SECRET = 'the answer is a secret'

function fold(...steps: readonly (readonly [at: number, step: RunStep])[]): RunRecord {
  const events = steps.map(([at, step]): RunEvent => Object.assign({ runId: 'r1', at }, step))
  const [record] = events.reduce(reduceRuns, [])
  if (!record) throw new Error('no event, no record')
  return record
}

const started: RunStep = {
  type: 'started',
  workload: 'chat',
  tier: null,
  surface: 'sidebar',
  thread: null,
}
const first: RunStep = { type: 'attempt-started', attempt: 1, route: 'ours', why: 'first' }
const stalled: RunStep = {
  type: 'attempt-failed',
  attempt: 1,
  route: 'ours',
  failure: {
    class: 'technical',
    kind: 'stream-stall',
    phase: 'streaming',
    route: 'ours',
    provider: 'us',
    message: 'The answer stopped.',
  },
  visibleChars: 22,
  skippedEvents: 0,
  costUsd: null,
  billing: 'possible',
}
const moved: RunStep = {
  type: 'moved',
  move: { to: 'route', route: 'mini', direction: 'next' },
  because: 'stream-stall: another provider first',
  degraded: null,
}
const finished: RunStep = {
  type: 'attempt-finished',
  attempt: 2,
  route: 'mini',
  finish: 'stop',
  skippedEvents: 0,
  costUsd: null,
  billing: 'none',
}
const settled: RunStep = {
  type: 'settled',
  outcome: {
    status: 'completed',
    text: SECRET,
    message: { role: 'assistant', content: [{ type: 'text', text: SECRET }] },
    object: { SECRET },
    route: 'mini',
    finish: 'stop',
    degraded: null,
    review: false,
    attempts: [],
    usage: null,
    costUsd: null,
    latency: {
      firstContentMs: 400,
      firstPaintMs: 420,
      paintedBy: 'element',
      longestGapMs: 2_000,
      totalMs: 9_000,
      hiddenMs: 0,
    },
    failure: null,
  },
}
const whole = [
  [0, started],
  [10, first],
  [200, { type: 'headers', attempt: 1, status: 200 }],
  [400, { type: 'content', attempt: 1, text: SECRET }],
  [500, { type: 'content', attempt: 1, text: SECRET }],
  [2_500, { type: 'content', attempt: 1, text: SECRET }],
  [6_000, stalled],
  [6_000, moved],
  [6_001, { type: 'attempt-started', attempt: 2, route: 'mini', why: 'next' }],
  [6_500, { type: 'reasoning', attempt: 2, text: SECRET, opaque: SECRET }],
  [
    7_000,
    {
      type: 'tool-call',
      attempt: 2,
      call: { type: 'tool-call', id: SECRET, name: SECRET, input: { SECRET } },
    },
  ],
  [8_000, { type: 'content', attempt: 2, text: SECRET }],
  [9_000, finished],
  [9_000, settled],
] as const satisfies readonly (readonly [number, RunStep])[]

describe('a record', () => {
  test('has how long texts are in place of what they say', () => {
    const record = fold(...whole)
    expect(JSON.stringify(record)).not.toMatch(/secret/i)
    expect(record.settled).toMatchObject({ status: 'completed', chars: SECRET.length })
  })

  test('has pieces that come one after another as one, with the silences between them', () => {
    const { facts } = fold(...whole)
    expect(facts.filter(({ type }) => type === 'content')).toEqual([
      {
        type: 'content',
        attempt: 1,
        at: 400,
        until: 2_500,
        chars: 3 * SECRET.length,
        reads: 3,
        gaps: [{ from: 500, to: 2_500 }],
      },
      expect.objectContaining({ attempt: 2, reads: 1, gaps: [] }),
    ])
  })

  test('keeps the name of a tool where it is like a name', () => {
    const call = { type: 'tool-call', id: '1', name: 'look_up', input: {} } as const
    expect(fold([1, { type: 'tool-call', attempt: 1, call }]).facts).toMatchObject([
      { name: 'look_up', chars: 2 },
    ])
  })

  test('begins in the middle where nobody listened before', () => {
    expect(fold([400, { type: 'content', attempt: 1, text: 'x' }])).toMatchObject({
      id: 'r1',
      started: null,
      settled: null,
    })
  })
})

test('the newest 50 runs are kept, and each event goes to its own', () => {
  const begun = Array.from({ length: MOST_RUNS + 2 }, (_, n) => ({
    ...started,
    runId: `r${n}`,
    at: 0,
  }))
  const runs = [...begun, { ...settled, runId: 'r7', at: 9 }].reduce(reduceRuns, [])
  expect(runs).toHaveLength(50)
  expect(runs[0]?.id).toBe('r2')
  expect(runs.filter((run) => run.settled).map(({ id }) => id)).toEqual(['r7'])
})

test('a timeline has each attempt with its waits, gaps and end, and the moves with why', () => {
  expect(readTimeline(fold(...whole))).toMatchObject({
    endAt: 9_000,
    bars: [
      {
        route: 'ours',
        startAt: 10,
        headersAt: 200,
        contentAt: 400,
        endAt: 6_000,
        gaps: [{ from: 500, to: 2_500 }],
        failure: 'stream-stall',
        finish: null,
      },
      {
        route: 'mini',
        why: 'next',
        headersAt: null,
        contentAt: 7_000,
        failure: null,
        finish: 'stop',
      },
    ],
    moves: [{ at: 6_000, label: 'mini', because: 'stream-stall: another provider first' }],
  })
})

test('what is said of a run after its end does not make its timeline longer', () => {
  const late: RunStep = { type: 'feedback', value: { signal: 'copied' } }
  expect(readTimeline(fold(...whole, [60_000, late])).endAt).toBe(9_000)
})

test('a transcript is what a test of the run would say, with lengths', () => {
  expect(tellRecord(fold(...whole))).toEqual([
    'try ours',
    '66 characters',
    'stream-stall -> restart on mini',
    'try mini',
    'thinks 22 characters',
    'calls …',
    '22 characters',
    'completed',
  ])
})

test('a transcript can be pasted into a test, whatever its routes are called', () => {
  const quoted = quoteRecord(fold([0, { ...first, route: String.raw`o'u\rs` }]))
  expect(quoted).toBe(
    `expect(await transcript(run)).toEqual([\n  ${String.raw`'try o\'u\\rs'`},\n])\n`,
  )
})

describe('a search', () => {
  const clean = fold([0, started], [10, first], [90, settled])
  const fellBack = fold(...whole)
  const running = fold([0, { ...started, workload: 'agent', tier: 'pro' }], [10, first])
  const runs = [clean, fellBack, running]
  const find = (...asked: readonly [words: string, way?: Parameters<typeof findRuns>[2]]) =>
    findRuns(runs, asked[0], asked[1] ?? null)

  test('finds runs by where they came from, who was tried, what broke and how they went', () => {
    expect(runs.map(wayOf)).toEqual(['clean', 'changed', 'running'])
    expect(find('')).toEqual(runs)
    expect(find('SIDEBAR chat')).toEqual([clean, fellBack])
    expect(find('stream-stall')).toEqual([fellBack])
    expect(find('pro agent')).toEqual([running])
    expect(find('chat', 'clean')).toEqual([clean])
    expect(find('chat nowhere')).toEqual([])
  })

  test('does not find a route that a plan names and that was not tried', () => {
    const plan = { routes: [], excluded: [], safe: 'sorry', arm: null } as const
    const planned = fold([0, started], [5, { type: 'planned', plan }], [10, first])
    expect(findRuns([planned], 'sorry', null)).toEqual([])
    expect(findRuns([planned], 'ours', null)).toEqual([planned])
  })

  test('finds events by all that is in them', () => {
    const types = (words: string) => findFacts(fellBack.facts, words).map(({ type }) => type)
    expect(types('')).toHaveLength(fellBack.facts.length)
    expect(types('mini')).toEqual(['moved', 'attempt-started', 'attempt-finished', 'settled'])
    expect(types('attempt ours')).toEqual(['attempt-started', 'attempt-failed'])
    expect(types('secret')).toEqual([])
  })
})
