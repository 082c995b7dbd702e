import { describe, expect, test } from 'vitest'
import type { Failure, RunState, RunStep } from '../src/index.ts'
import { createFolded, idle, reduceRun } from '../src/run/state.ts'

const EPOCH = 1_000_000
const GESTURE_MS = 40

/** The snapshot after each step; a number is the time that passes before the next. */
function fold(...steps: readonly (RunStep | number)[]): readonly RunState[] {
  let folded = createFolded<string>()
  let at = 0
  const views: RunState[] = []
  for (const step of steps) {
    if (typeof step === 'number') at += step
    else {
      folded = reduceRun(folded, { ...step, runId: 'r', at }, GESTURE_MS, EPOCH)
      views.push(folded.view)
    }
  }
  return views
}
const last = (...steps: readonly (RunStep | number)[]): RunState => fold(...steps).at(-1) ?? idle

const failure: Failure = {
  class: 'technical',
  kind: 'stream-stall',
  phase: 'streaming',
  route: 'a',
  provider: 'p',
  message: 'It stopped.',
}
const started: RunStep = {
  type: 'started',
  workload: 'chat',
  tier: null,
  surface: null,
  thread: null,
}
const open = (attempt: number, route: string): RunStep => ({
  type: 'attempt-started',
  attempt,
  route,
  why: attempt === 1 ? 'first' : 'next',
})
const hedge: RunStep = { type: 'attempt-started', attempt: 2, route: 'b', why: 'hedge' }
const headers = (attempt: number): RunStep => ({ type: 'headers', attempt, status: 200 })
const say = (attempt: number, text: string): RunStep => ({ type: 'content', attempt, text })
const think = (attempt: number, text: string, opaque?: unknown): RunStep => ({
  type: 'reasoning',
  attempt,
  text,
  ...(opaque === undefined ? {} : { opaque, madeBy: { provider: 'p', model: 'm' } }),
})
const fail = (attempt: number, route: string, costUsd: number | null = 0): RunStep => ({
  type: 'attempt-failed',
  attempt,
  route,
  failure,
  visibleChars: 0,
  skippedEvents: 2,
  costUsd,
  billing: 'possible',
})
const finish = (attempt: number, route: string, costUsd: number | null = 0): RunStep => ({
  type: 'attempt-finished',
  attempt,
  route,
  finish: 'stop',
  skippedEvents: 0,
  costUsd,
  billing: 'billed',
})
const toB: RunStep = {
  type: 'moved',
  move: { to: 'route', route: 'b', direction: 'next' },
  because: 'it is next',
  degraded: { from: 'a', to: 'b', cause: 'stream-stall', since: 1, backAt: null, tradeoff: {} },
}
const call = { type: 'tool-call', id: '1', name: 'look', input: {} } as const
const confirmation = {
  about: 'recovery',
  route: 'b',
  cause: 'stream-stall',
  tradeoff: {},
  expiresAt: 5,
  declineTo: 'keep',
} as const

describe('the phase', () => {
  test.each<readonly [string, readonly RunStep[], RunState['phase'], RunState['status']]>([
    ['idle before all', [], 'idle', 'ready'],
    ['connecting at the start', [started], 'connecting', 'submitted'],
    ['connecting in the first attempt', [started, open(1, 'a')], 'connecting', 'submitted'],
    ['waiting after headers', [started, open(1, 'a'), headers(1)], 'waiting', 'submitted'],
    [
      'waiting while it thinks',
      [started, open(1, 'a'), headers(1), think(1, 'hm')],
      'waiting',
      'submitted',
    ],
    [
      'streaming with content',
      [started, open(1, 'a'), headers(1), say(1, 'x')],
      'streaming',
      'streaming',
    ],
    ['switching after a failure', [started, open(1, 'a'), fail(1, 'a')], 'switching', 'submitted'],
    [
      'switching with text on the screen',
      [started, open(1, 'a'), say(1, 'x'), fail(1, 'a')],
      'switching',
      'streaming',
    ],
    [
      'switching in the next attempt',
      [started, open(1, 'a'), fail(1, 'a'), toB, open(2, 'b')],
      'switching',
      'submitted',
    ],
    ['asking with a question', [started, { type: 'asked', confirmation }], 'asking', 'submitted'],
    [
      'switching after the answer',
      [
        started,
        { type: 'asked', confirmation },
        { type: 'answered', answer: 'yes', scope: 'once' },
      ],
      'switching',
      'submitted',
    ],
    ['paused', [started, { type: 'paused', for: 'online' }], 'paused', 'submitted'],
    [
      'switching when resumed',
      [started, { type: 'paused', for: 'online' }, { type: 'resumed', awayMs: 1 }],
      'switching',
      'submitted',
    ],
    [
      'paused with text on the screen',
      [started, open(1, 'a'), say(1, 'x'), { type: 'paused', for: 'online' }],
      'paused',
      'streaming',
    ],
  ])('is %s', (_, steps, phase, status) => {
    expect(last(...steps)).toMatchObject({ phase, status })
  })
})

describe('the text', () => {
  test('grows, and is one part', () => {
    const view = last(started, open(1, 'a'), say(1, 'one'), say(1, ' two'))
    expect(view).toMatchObject({ text: 'one two', parts: [{ type: 'text', text: 'one two' }] })
  })

  test('stays until the next attempt has content, and is then replaced in one step', () => {
    const views = fold(
      started,
      open(1, 'a'),
      say(1, 'old'),
      fail(1, 'a'),
      toB,
      open(2, 'b'),
      headers(2),
      think(2, 'hm'),
      say(2, 'new'),
      say(2, ' text'),
    )
    expect(views.map(({ text }) => text)).toEqual([
      '',
      '',
      ...Array(6).fill('old'),
      'new',
      'new text',
    ])
    expect(views.at(-1)?.parts).toEqual([
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'new text' },
    ])
  })

  test('is replaced by a tool call too', () => {
    const view = last(started, open(1, 'a'), say(1, 'old'), fail(1, 'a'), open(2, 'b'), {
      type: 'tool-call',
      attempt: 2,
      call,
    })
    expect(view).toMatchObject({ text: '', parts: [call], phase: 'streaming' })
  })
})

describe('the parts', () => {
  test('show reasoning as it comes, joined', () => {
    const view = last(started, open(1, 'a'), think(1, 'h'), think(1, 'm'), say(1, 'x'))
    expect(view.parts).toEqual([
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'x' },
    ])
  })

  test('keep opaque reasoning and its maker, and add nothing to it', () => {
    const view = last(started, open(1, 'a'), think(1, 'a', 'sealed'), think(1, 'b'))
    expect(view.parts).toEqual([
      { type: 'reasoning', text: 'a', opaque: 'sealed', madeBy: { provider: 'p', model: 'm' } },
      { type: 'reasoning', text: 'b' },
    ])
  })

  test('lose the reasoning of an attempt that never answered', () => {
    const view = last(
      started,
      open(1, 'a'),
      think(1, 'wrong'),
      fail(1, 'a'),
      open(2, 'b'),
      say(2, 'x'),
    )
    expect(view.parts).toEqual([{ type: 'text', text: 'x' }])
  })

  test('lose the reasoning of an attempt between two that answered', () => {
    const view = last(
      started,
      open(1, 'a'),
      say(1, 'old'),
      fail(1, 'a'),
      open(2, 'b'),
      think(2, 'wrong'),
      fail(2, 'b'),
      open(3, 'c'),
      say(3, 'new'),
    )
    expect(view.parts).toEqual([{ type: 'text', text: 'new' }])
  })
})

describe('the attempts', () => {
  test('tell their times, from the start of each', () => {
    const { attempts } = last(
      started,
      5,
      open(1, 'a'),
      10,
      headers(1),
      20,
      say(1, 'x'),
      30,
      fail(1, 'a', 0.5),
      toB,
      100,
      open(2, 'b'),
      7,
      say(2, 'y'),
      3,
      finish(2, 'b', 0.25),
    )
    expect(attempts).toEqual([
      {
        attempt: 1,
        route: 'a',
        why: 'first',
        startedAt: EPOCH + 5,
        headersMs: 10,
        firstContentMs: 30,
        totalMs: 60,
        failure,
        move: toB.type === 'moved' ? toB.move : null,
        usage: null,
        costUsd: 0.5,
        billing: 'possible',
        skippedEvents: 2,
      },
      {
        attempt: 2,
        route: 'b',
        why: 'next',
        startedAt: EPOCH + 165,
        headersMs: null,
        firstContentMs: 7,
        totalMs: 10,
        failure: null,
        move: null,
        usage: null,
        costUsd: 0.25,
        billing: 'billed',
        skippedEvents: 0,
      },
    ])
  })

  test('sum up to the money of the run', () => {
    const steps = [started, open(1, 'a'), fail(1, 'a', 0.5), open(2, 'b')]
    expect(last(...steps, finish(2, 'b', 0.25)).costUsd).toBe(0.75)
    expect(last(...steps, finish(2, 'b', null)).costUsd).toBeNull()
  })

  test('have the usage of their own', () => {
    const usage = { inputTokens: 1, outputTokens: 2 }
    const view = last(
      started,
      open(1, 'a'),
      { type: 'usage', attempt: 1, usage },
      fail(1, 'a'),
      open(2, 'b'),
    )
    expect(view.attempts.map((one) => one.usage)).toEqual([usage, null])
    expect(view.usage).toBeNull()
  })
})

describe('the latency', () => {
  test('is from the gesture', () => {
    const { latency } = last(started, open(1, 'a'), 100, say(1, 'x'), 30, {
      type: 'painted',
      by: 'element',
    })
    expect(latency).toMatchObject({
      firstContentMs: GESTURE_MS + 100,
      firstPaintMs: GESTURE_MS + 130,
      paintedBy: 'element',
      longestGapMs: 0,
    })
  })

  test('has the longest gap, a switch included', () => {
    const { latency } = last(
      started,
      open(1, 'a'),
      500,
      say(1, 'x'),
      20,
      say(1, 'x'),
      50,
      fail(1, 'a'),
      open(2, 'b'),
      60,
      say(2, 'y'),
      10,
      say(2, 'y'),
    )
    expect(latency).toMatchObject({ firstContentMs: GESTURE_MS + 500, longestGapMs: 110 })
  })

  test('keeps the first paint', () => {
    const { latency } = last(started, { type: 'painted', by: 'resize' }, 10, {
      type: 'painted',
      by: 'element',
    })
    expect(latency).toMatchObject({ firstPaintMs: GESTURE_MS, paintedBy: 'resize' })
  })

  test('has no paint of a hidden page', () => {
    const { latency } = last(started, { type: 'painted', by: 'hidden' })
    expect(latency).toMatchObject({ firstPaintMs: null, paintedBy: 'hidden' })
  })

  test('sums hidden time', () => {
    const { latency } = last(
      started,
      { type: 'hidden' },
      10,
      { type: 'shown' },
      5,
      { type: 'hidden' },
      20,
      { type: 'shown' },
    )
    expect(latency.hiddenMs).toBe(30)
  })

  test('counts hidden time once, whoever tells of it', () => {
    const { latency } = last(
      started,
      { type: 'hidden' },
      10,
      { type: 'hidden' },
      10,
      { type: 'shown' },
      10,
      { type: 'shown' },
    )
    expect(latency.hiddenMs).toBe(20)
  })
})

describe('the rest', () => {
  test('is slow until content comes', () => {
    const slowed: RunStep = { type: 'slowed', attempt: 1, expectedMs: 1 }
    const steps = [started, open(1, 'a'), slowed]
    expect(last(...steps).isSlow).toBe(true)
    expect(last(...steps, say(1, 'x')).isSlow).toBe(false)
    expect(last(...steps, fail(1, 'a')).isSlow).toBe(false)
  })

  test('tells a download until it is over', () => {
    const steps: readonly RunStep[] = [
      started,
      open(1, 'a'),
      { type: 'downloading', attempt: 1, loaded: 0.5 },
    ]
    expect(last(...steps).download).toBe(0.5)
    expect(last(...steps, say(1, 'x')).download).toBeNull()
    expect(last(...steps, fail(1, 'a')).download).toBeNull()
  })

  test('has the question while it is open', () => {
    const views = fold(
      started,
      { type: 'asked', confirmation },
      { type: 'answered', answer: 'no', scope: 'once' },
    )
    expect(views.map((view) => view.confirmation)).toEqual([null, confirmation, null])
  })

  test('has the newest failure and what is degraded', () => {
    expect(last(started, open(1, 'a'), fail(1, 'a'), toB)).toMatchObject({
      failure,
      degraded: { from: 'a', to: 'b' },
      route: 'a',
    })
  })

  test('is not changed by what only others need', () => {
    const [before, ...after] = fold(
      started,
      { type: 'feedback', value: { signal: 'copied' } },
      { type: 'left', how: 'hidden', isFinal: false },
      { type: 'held-out', attempt: 1, kind: 'timeout', arm: 'act', propensity: 1 },
      { type: 'planned', plan: { routes: [], excluded: [], safe: null, arm: null } },
    )
    for (const view of after) expect(view).toBe(before)
  })

  test('is never changed in place', () => {
    const views = fold(started, open(1, 'a'), say(1, 'x'), fail(1, 'a'), toB, open(2, 'b'))
    const copies = structuredClone(views)
    expect(fold(started, open(1, 'a'), say(1, 'x'), fail(1, 'a'), toB, open(2, 'b'))).toEqual(
      copies,
    )
    expect(views).toEqual(copies)
    expect(idle).toMatchObject({ text: '', attempts: [], phase: 'idle' })
  })
})

describe('the end', () => {
  test.each([
    ['completed', 'ready'],
    ['safe', 'ready'],
    ['partial', 'ready'],
    ['stopped', 'ready'],
    ['failed', 'error'],
  ] as const)('of a run that %s is %s', (status, shown) => {
    const view = last(started, open(1, 'a'), say(1, 'x'), {
      type: 'settled',
      outcome: {
        status,
        text: 'x',
        message: { role: 'assistant', content: [{ type: 'text', text: 'x' }] },
        object: null,
        route: 'a',
        finish: null,
        degraded: null,
        review: false,
        attempts: [],
        usage: null,
        costUsd: 1,
        latency: idle.latency,
        failure: null,
      },
    })
    expect(view).toMatchObject({
      status: shown,
      phase: 'settled',
      costUsd: 1,
      outcome: { status },
      confirmation: null,
      isSlow: false,
    })
  })
})

describe('an attempt beside another', () => {
  const both: readonly RunStep[] = [started, open(1, 'a'), headers(1), hedge]
  const usage = { inputTokens: 1, outputTokens: 2 }

  test('changes nothing but the list of attempts', () => {
    const before = last(started, open(1, 'a'), think(1, 'hm'), headers(1))
    const after = last(
      started,
      open(1, 'a'),
      think(1, 'hm'),
      headers(1),
      hedge,
      headers(2),
      think(2, 'ha'),
      { type: 'usage', attempt: 2, usage },
    )
    expect(after).toEqual({ ...before, attempts: after.attempts })
    expect(after.attempts).toMatchObject([
      { usage: null, headersMs: 0 },
      { usage, headersMs: 0, why: 'hedge' },
    ])
  })

  test('takes the lead by its move, with its own thoughts and usage', () => {
    const view = last(
      ...both,
      think(1, 'hm'),
      think(2, 'ha'),
      { type: 'usage', attempt: 2, usage },
      toB,
    )
    expect(view).toMatchObject({
      route: 'b',
      usage,
      parts: [{ type: 'reasoning', text: 'ha' }],
      degraded: { to: 'b' },
    })
    expect(view.attempts).toMatchObject([
      { move: null, totalMs: null },
      { move: null, totalMs: null },
    ])
  })

  test('ends the other by its first content, and what that costs is not known yet', () => {
    const view = last(...both, 70, toB, say(2, 'x'), 30, say(2, 'y'))
    expect(view).toMatchObject({ route: 'b', text: 'xy', phase: 'streaming', costUsd: null })
    expect(view.attempts).toMatchObject([
      { totalMs: 70, billing: 'possible', costUsd: null, failure: null, firstContentMs: null },
      { totalMs: null, firstContentMs: 70 },
    ])
  })

  test('ends the other by an answer without content', () => {
    const [first] = last(...both, 70, toB, finish(2, 'b')).attempts
    expect(first).toMatchObject({ totalMs: 70, billing: 'possible' })
  })

  test('is ended by the other’s first content', () => {
    const { route, attempts, parts } = last(...both, think(2, 'ha'), 70, say(1, 'x'))
    expect({ route, parts }).toEqual({ route: 'a', parts: [{ type: 'text', text: 'x' }] })
    expect(attempts).toMatchObject([{ totalMs: null }, { totalMs: 70, billing: 'possible' }])
  })

  test('goes on when the other fails, which has its move', () => {
    const view = last(...both, fail(1, 'a'), toB)
    expect(view).toMatchObject({ route: 'b', phase: 'switching' })
    expect(view.attempts).toMatchObject([{ failure, move: { route: 'b' } }, { totalMs: null }])
  })

  test('may fail, and the other goes on as before', () => {
    const slow: RunStep = { type: 'slowed', attempt: 1, expectedMs: 1 }
    const before = last(started, open(1, 'a'), headers(1), slow)
    const after = last(started, open(1, 'a'), headers(1), slow, hedge, fail(2, 'b'))
    expect(after).toEqual({ ...before, failure, costUsd: null, attempts: after.attempts })
  })

  test('replaces the text of an earlier attempt with its own thoughts before it', () => {
    const view = last(
      started,
      open(1, 'a'),
      say(1, 'half'),
      fail(1, 'a'),
      open(2, 'c'),
      think(2, 'hm'),
      { type: 'attempt-started', attempt: 3, route: 'b', why: 'hedge' },
      think(3, 'ha'),
      toB,
      say(3, 'whole'),
    )
    expect(view).toMatchObject({ text: 'whole', route: 'b' })
    expect(view.parts).toEqual([
      { type: 'reasoning', text: 'ha' },
      { type: 'text', text: 'whole' },
    ])
    expect(view.attempts[0]?.move).toBeNull()
  })

  test('is over when a new one begins', () => {
    const { attempts, route } = last(...both, fail(1, 'a'), 70, open(3, 'c'))
    expect(route).toBe('c')
    expect(attempts).toMatchObject([{ failure }, { totalMs: 70 }, { totalMs: null }])
  })
})
