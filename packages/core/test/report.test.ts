import * as fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import type { RunEvent, RunStep } from '../src/index.ts'
import { CUT, HANG, HANG_BEFORE_HEADERS, scripted } from '../src/testing.ts'
import {
  createNames,
  FIELDS,
  fieldOf,
  fits,
  fitsOwn,
  ownOf,
  reduceReport,
  reportsOf,
  SCHEMA,
  unreported,
  withFeedback,
  type Report,
  type ReportContext,
  type Sampling,
} from '../src/telemetry.ts'
import { FAILURE_KINDS, FIRST_MS, stage } from './play.ts'

const whole: Sampling = { rate: 1, isSampled: true, keepsFallbacks: false }

function context(change: Partial<ReportContext> = {}): ReportContext {
  return {
    epoch: 1_700_000_000_000,
    gestureMs: 40,
    names: createNames(),
    facts: (route) => ({ provider: `${route}.example`, model: `${route}-1` }),
    user: 'u1',
    session: 's1',
    salt: 'salt',
    page: 'p1',
    pageRun: 3,
    sdk: '0.1.0',
    release: null,
    targetMs: null,
    attributes: {},
    hasAutoSignals: false,
    sampling: whole,
    ...change,
  }
}

function rows(events: readonly RunEvent[], given: ReportContext = context()): readonly Report[] {
  return reportsOf(
    events.reduce((folded, event) => reduceReport(folded, event, given), unreported),
    given,
  )
}

/** Steps as a run tells them; a number is the time that passes before the next. */
function told(...steps: readonly (RunStep | number)[]): readonly RunEvent[] {
  let at = 0
  return steps.flatMap((step) => {
    if (typeof step !== 'number') return [{ ...step, runId: 'r', at }]
    at += step
    return []
  })
}
const started: RunStep = {
  type: 'started',
  workload: 'chat',
  tier: 'pro',
  surface: 'sidebar',
  thread: 'anna@example.org',
}
const open = (attempt: number, route: string): RunStep => ({
  type: 'attempt-started',
  attempt,
  route,
  why: attempt === 1 ? 'first' : 'next',
})
const say = (attempt: number, text: string): RunStep => ({ type: 'content', attempt, text })
const stall: RunStep = {
  type: 'attempt-failed',
  attempt: 1,
  route: 'a',
  failure: {
    class: 'technical',
    kind: 'queue-stall',
    phase: 'before-content',
    route: 'a',
    provider: 'p',
    message: 'It said: hunter2.',
    requestId: 'req-hunter2',
  },
  visibleChars: 0,
  skippedEvents: 0,
  costUsd: 0.01,
  billing: 'possible',
}
const toB: RunStep = {
  type: 'moved',
  move: { to: 'route', route: 'b', direction: 'next' },
  because: 'hunter2',
  degraded: { from: 'a', to: 'b', cause: 'queue-stall', since: 1, backAt: null, tradeoff: {} },
}
const pick = (row: Report | undefined, ...keys: readonly string[]): unknown =>
  Object.fromEntries(keys.map((key) => [key, row?.[key] ?? null]))

const left = (how: 'closed' | 'hidden' | 'navigated', isFinal: boolean): RunStep => ({
  type: 'left',
  how,
  isFinal,
})
const weights = (events: readonly RunEvent[], sampling: Sampling): unknown =>
  rows(events, context({ sampling })).map((row) => row['sample_weight'])
const threadOf = (salt: string): unknown =>
  rows(told(started), context({ salt }))[0]?.['gen_ai.conversation.id']

describe('a run that falls back', () => {
  test('tells what from, what to, why, and the wait before and after', async () => {
    const { play } = stage({
      slow: scripted({ provider: 'p', price: 'included' }, [HANG]),
      quick: scripted({ provider: 'q', price: 'included' }, [250, 'Here', 100, ' it is.']),
    })
    const { events } = await play({ surface: 'sidebar' })
    const [run, slow, quick, ...more] = rows(events)
    expect(more).toEqual([])
    expect(run).toMatchObject({
      row: 'run',
      schema: SCHEMA,
      workload: 'chat',
      surface: 'sidebar',
      status: 'completed',
      finish: 'stop',
      route: 'quick',
      'gen_ai.provider.name': 'quick.example',
      'gen_ai.request.model': 'quick-1',
      degraded_from: 'slow',
      degraded_to: 'quick',
      degraded_cause: 'queue-stall',
      attempts: 2,
      fallbacks: 1,
      wait_end: 'content',
      wait_ms: 40 + FIRST_MS + 250,
      first_content_ms: 40 + FIRST_MS + 250,
      total_ms: 40 + FIRST_MS + 350,
      longest_gap_ms: 100,
      chars: 1,
      cost_usd: 0,
      page: 'p1',
      page_run: 3,
      sample_weight: 1,
    })
    expect(slow).toMatchObject({
      row: 'attempt',
      run: run?.['id'],
      id: `${String(run?.['id'])}.1`,
      attempt: 1,
      why: 'first',
      result: 'failed',
      'error.type': 'queue-stall',
      failure_class: 'technical',
      failure_phase: 'before-content',
      move_to: 'route',
      wait_end: 'cut',
      wait_ms: FIRST_MS,
      slowed: true,
      expected_p50_ms: 1000,
      expected_from: 'prior',
    })
    expect(slow?.['from_route']).toBeUndefined()
    expect(quick).toMatchObject({
      from_route: 'slow',
      cause: 'queue-stall',
      move: 'next',
      before_ms: 40 + FIRST_MS,
      after_ms: 250,
      start_ms: 40 + FIRST_MS,
      wait_end: 'content',
      wait_ms: 250,
      'gen_ai.response.time_to_first_chunk': 0.25,
      result: 'answered',
    })
  })

  test('tells a failure of the provider apart from a wait that was cut', async () => {
    const { play } = stage({
      down: scripted({ provider: 'p' }, [{ status: 503, headers: { 'retry-after': '7' } }]),
      up: scripted({ provider: 'q' }, ['Yes.']),
    })
    const [, down] = rows((await play()).events)
    expect(down).toMatchObject({
      wait_end: 'failed',
      'error.type': 'outage',
      'http.response.status_code': 503,
      retry_after_ms: 7000,
    })
  })

  test('counts the safe answer as one, and a try of the same route as none', async () => {
    const { play } = stage({ only: scripted({ provider: 'p' }, [{ status: 503 }]) })
    const [run, ...attempts] = rows((await play()).events)
    expect(run).toMatchObject({ status: 'safe', fallbacks: 1, attempts: 3, route: 'sorry' })
    expect(
      attempts.map((one) => [one['from_route'] ?? null, one['route'], one['move'] ?? null]),
    ).toEqual([
      [null, 'only', null],
      ['only', 'only', 'retry'],
      ['only', 'sorry', 'safe'],
    ])
  })

  test('a route that was passed over before the first attempt is what it came from', () => {
    const passed: RunStep = {
      ...toB,
      degraded: { from: 'a', to: 'b', cause: 'belief', since: 1, backAt: null, tradeoff: {} },
    }
    const [run, attempt] = rows(told(started, 5, passed, open(1, 'b'), 100, say(1, 'x')))
    expect(run).toMatchObject({ fallbacks: 1 })
    expect(attempt).toMatchObject({
      from_route: 'a',
      cause: 'belief',
      before_ms: 45,
      after_ms: 100,
    })
  })

  test('one that was asked beside the first takes over without an attempt of its own', () => {
    const beside: RunStep = { type: 'attempt-started', attempt: 2, route: 'b', why: 'hedge' }
    const events = told(started, open(1, 'a'), 1000, beside, 500, stall, toB, 100, say(2, 'x'))
    const [run, , hedge] = rows(events)
    expect(run).toMatchObject({ fallbacks: 1, route: 'b' })
    expect(hedge).toMatchObject({
      why: 'hedge',
      from_route: 'a',
      before_ms: 1540,
      after_ms: 100,
      wait_ms: 600,
    })
  })
})

describe('being held out', () => {
  test('the run tells what was drawn, at which route and when', () => {
    const held: RunStep = {
      type: 'held-out',
      attempt: 1,
      kind: 'queue-stall',
      arm: 'hold',
      propensity: 0.1,
    }
    const [run] = rows(told(started, open(1, 'a'), 6000, held, 2000, say(1, 'late')))
    expect(run).toMatchObject({
      held_out_kind: 'queue-stall',
      held_out_arm: 'hold',
      held_out_propensity: 0.1,
      held_out_route: 'a',
      held_out_ms: 6040,
      fallbacks: 0,
      wait_ms: 8040,
    })
  })
})

describe('a wait', () => {
  const painted: RunStep = { type: 'painted', by: 'resize' }
  test.each<readonly [string, readonly (RunStep | number)[], unknown]>([
    ['is open while nothing has come', [500], { wait_end: 'open', wait_ms: null }],
    ['ends by content', [500, say(1, 'x')], { wait_end: 'content', wait_ms: 540 }],
    [
      'ends by paint where one is noted',
      [500, say(1, 'x'), 9, painted],
      { wait_end: 'painted', wait_ms: 549 },
    ],
    [
      'is visible time',
      [500, { type: 'hidden' }, 1000, { type: 'shown' }, 200, say(1, 'x')],
      { wait_end: 'content', wait_ms: 740 },
    ],
    [
      'is censored where content came while nobody looked',
      [500, { type: 'hidden' }, 1000, say(1, 'x'), { type: 'painted', by: 'hidden' }],
      { wait_end: 'hidden', wait_ms: 540 },
    ],
    [
      'is abandoned by a leaving for good',
      [500, left('closed', true)],
      { wait_end: 'abandoned', wait_ms: 540 },
    ],
    [
      'is censored by a leaving that may be taken back',
      [500, { type: 'hidden' }, left('navigated', false)],
      { wait_end: 'hidden', wait_ms: 540 },
    ],
    [
      'is censored where the user did not come back in time',
      [500, { type: 'hidden' }, 5000, left('hidden', true)],
      { wait_end: 'hidden', wait_ms: 540 },
    ],
    [
      'goes on after the user came back',
      [500, { type: 'hidden' }, left('hidden', false), 3000, { type: 'shown' }, 60, say(1, 'x')],
      { wait_end: 'content', wait_ms: 600 },
    ],
    [
      'is not abandoned by a leaving after content',
      [500, say(1, 'x'), 800, left('closed', true)],
      { wait_end: 'content', wait_ms: 540 },
    ],
  ])('%s', (_, steps, wait) => {
    const [run] = rows(told(started, open(1, 'a'), ...steps))
    expect(pick(run, 'wait_end', 'wait_ms')).toEqual(wait)
  })

  test('what came while nobody looked tells when it was looked at first', () => {
    const away = [started, open(1, 'a'), 500, { type: 'hidden' } as const, 1000]
    const seen = [
      { type: 'shown' } as const,
      70,
      { type: 'hidden' } as const,
      90,
      { type: 'shown' } as const,
    ]
    const [run] = rows(told(...away, say(1, 'x'), 60, ...seen))
    expect(run).toMatchObject({ wait_end: 'hidden', first_seen_ms: 1600 })
    const [unseen] = rows(told(...away, ...seen, say(1, 'x')))
    expect(unseen?.['first_seen_ms']).toBeUndefined()
  })

  test('what was left behind is told, and a return takes it back', () => {
    const steps = [
      started,
      open(1, 'a'),
      900,
      stall,
      toB,
      open(2, 'b'),
      100,
      { type: 'hidden' } as const,
    ]
    const [gone] = rows(told(...steps, left('navigated', false)))
    expect(gone).toMatchObject({
      left_how: 'navigated',
      left_is_final: false,
      left_phase: 'switching',
      left_chars: 0,
      left_route: 'b',
      left_failure: 'queue-stall',
      left_ms: 1040,
      returns: 0,
    })
    const [back] = rows(told(...steps, left('navigated', false), 60_000, { type: 'shown' }))
    expect(back).toMatchObject({ returns: 1, status: 'open' })
    expect(back?.['left_how']).toBeUndefined()
    expect(Number(back?.['revision'])).toBeGreaterThan(Number(gone?.['revision']))
  })

  test('a stop in the middle of an answer is a leaving with that much on the screen', async () => {
    const { start, virtual } = stage({
      ours: scripted({ provider: 'p' }, [100, 'x'.repeat(230), HANG]),
    })
    const run = start()
    virtual.world.after(900, () => void run.stop())
    await virtual.until(run.outcome)
    const [row, attempt] = rows(run.events)
    expect(row).toMatchObject({
      status: 'stopped',
      left_how: 'stopped',
      left_is_final: true,
      left_phase: 'streaming',
      left_chars: 200,
      chars: 200,
      wait_end: 'content',
    })
    expect(attempt).toMatchObject({ result: 'ended', wait_end: 'content', wait_ms: 100 })
  })

  test('a stop before anything came ends the wait and cuts the attempt', async () => {
    const { start, virtual } = stage({ ours: scripted({ provider: 'p' }, [HANG_BEFORE_HEADERS]) })
    const run = start()
    virtual.world.after(900, () => void run.stop())
    await virtual.until(run.outcome)
    const [row, attempt] = rows(run.events)
    expect(row).toMatchObject({
      left_how: 'stopped',
      left_phase: 'connecting',
      wait_end: 'abandoned',
      wait_ms: 940,
    })
    expect(attempt).toMatchObject({ result: 'ended', wait_end: 'cut', wait_ms: 900, total_ms: 900 })
  })
})

describe('how it felt', () => {
  const hidden: RunStep = { type: 'hidden' }
  const shown: RunStep = { type: 'shown' }
  const slow: RunStep = { type: 'slowed', attempt: 1, expectedMs: 900 }
  const none = { slow_ms: 0, stalls: 0, stalled_ms: 0 }
  test.each<readonly [string, readonly (RunStep | number)[], object]>([
    ['a wait for the first text is no stall', [9000, say(1, 'x'), 1000, say(1, 'y')], none],
    [
      'a gap of more than a second is one, all of it',
      [say(1, 'x'), 1500, say(1, 'y'), 900, say(1, 'z'), 1001, say(1, '!')],
      { ...none, stalls: 2, stalled_ms: 2501 },
    ],
    [
      'a gap is as long as it was looked at',
      [say(1, 'x'), 300, hidden, 60_000, shown, 300, say(1, 'y')],
      none,
    ],
    [
      'while the page is hidden nothing stalls, however its timers run',
      [say(1, 'x'), hidden, ...Array.from({ length: 5 }, () => [1001, say(1, 'y')]).flat(), shown],
      none,
    ],
    [
      'a gap in which the user is asked is their own',
      [
        say(1, 'x'),
        200,
        stall,
        {
          type: 'asked',
          confirmation: {
            about: 'recovery',
            route: 'b',
            cause: 'stream-stall',
            tradeoff: {},
            expiresAt: 1,
            declineTo: 'keep',
          },
        },
        30_000,
        { type: 'answered', answer: 'yes', scope: 'once' },
        300,
        open(2, 'b'),
        say(2, 'y'),
      ],
      none,
    ],
    [
      'a stall lasts until another route has text, and is one',
      [say(1, 'x'), 5000, stall, toB, open(2, 'b'), 700, say(2, 'y')],
      { ...none, stalls: 1, stalled_ms: 5700 },
    ],
    [
      'slow is from when it is said until text comes',
      [1200, slow, 800, say(1, 'x'), 500, say(1, 'y')],
      { ...none, slow_ms: 800 },
    ],
    [
      'slow ends with the attempt that is, and not while nobody looks',
      [1200, slow, 100, hidden, 5000, shown, 200, stall, 50, toB, open(2, 'b'), 900],
      { ...none, slow_ms: 300 },
    ],
  ])('%s', (_, steps, felt) => {
    const [run] = rows(told(started, open(1, 'a'), ...steps))
    expect(pick(run, 'slow_ms', 'stalls', 'stalled_ms')).toEqual(felt)
  })

  test('an attempt has its own stalls, up to where it was given up', () => {
    const steps = [say(1, 'x'), 5000, stall, toB, open(2, 'b'), 700, say(2, 'y'), 1200, say(2, 'z')]
    const finish: RunStep = {
      type: 'attempt-finished',
      attempt: 2,
      route: 'b',
      finish: 'stop',
      skippedEvents: 0,
      costUsd: 0,
      billing: 'billed',
    }
    const [run, one, other] = rows(told(started, open(1, 'a'), ...steps, finish))
    expect(run).toMatchObject({ stalls: 2, stalled_ms: 6900 })
    expect(one).toMatchObject({ stalls: 1, stalled_ms: 5000 })
    expect(other).toMatchObject({ stalls: 1, stalled_ms: 1200 })
  })

  test('a stall that ends with the run is one where text was missing, and none where it was whole', async () => {
    const script = scripted({ provider: 'p' }, [100, 'x', 1600, 'y', HANG])
    const { start, virtual } = stage({ ours: script })
    const run = start()
    virtual.world.after(4_000, () => void run.stop())
    await virtual.until(run.outcome)
    const [row, attempt] = rows(run.events)
    expect(row).toMatchObject({ stalls: 2, stalled_ms: 3_900 })
    expect(attempt).toMatchObject({ stalls: 2, stalled_ms: 3_900 })
    const finished = scripted({ provider: 'p' }, [100, 'x', 1600, { finish: 'stop' }])
    const [done] = rows((await stage({ ours: finished }).play()).events)
    expect(done).toMatchObject({ status: 'completed', stalls: 0 })
  })
})

describe('what the user made of it', () => {
  const thumb = { signal: 'thumb-up' } as const
  test('joins the row of the run', () => {
    const [run] = rows(
      told(
        started,
        { type: 'feedback', value: thumb },
        { type: 'feedback', value: { custom: 'stars', value: 4 } },
      ),
    )
    expect(run).toMatchObject({ thumb_up: true, 'signal.stars': 4 })
  })
  test('joins a row that was sent before the page was reloaded', () => {
    const [run] = rows(told(started))
    if (!run) throw new Error('no row')
    const later = withFeedback(run, thumb, createNames())
    expect(later).toEqual({ ...run, thumb_up: true, revision: Number(run['revision']) + 1 })
  })
})

describe('sampling', () => {
  const fellBack = told(started, open(1, 'a'), 900, stall, toB, open(2, 'b'))
  const held = told(started, open(1, 'a'), {
    type: 'held-out',
    attempt: 1,
    kind: 'timeout',
    arm: 'hold',
    propensity: 0.1,
  })
  const plain = told(started, open(1, 'a'))
  test.each([
    ['everybody', plain, { rate: 1, isSampled: true, keepsFallbacks: true }, [1, 1]],
    ['one in four', plain, { rate: 0.25, isSampled: true, keepsFallbacks: true }, [4, 4]],
    ['one left out', plain, { rate: 0.25, isSampled: false, keepsFallbacks: true }, []],
    [
      'a fallback of one left out',
      fellBack,
      { rate: 0.25, isSampled: false, keepsFallbacks: true },
      [1, 1, 1],
    ],
    [
      'a fallback of one in four',
      fellBack,
      { rate: 0.25, isSampled: true, keepsFallbacks: true },
      [1, 1, 1],
    ],
    ['a fallback held out', held, { rate: 0.25, isSampled: false, keepsFallbacks: true }, [1, 1]],
    [
      'no fallback kept',
      fellBack,
      { rate: 0.25, isSampled: true, keepsFallbacks: false },
      [4, 4, 4],
    ],
  ] as const)('%s', (_, events, sampling, expected) => {
    expect(weights(events, sampling)).toEqual(expected)
  })
})

describe('only what is on the list leaves', () => {
  test('a thread is told by a hash that another salt changes', () => {
    expect(threadOf('one')).toMatch(/^[\da-z]{11}$/)
    expect(threadOf('one')).toBe(threadOf('one'))
    expect(threadOf('one')).not.toBe(threadOf('other'))
  })

  test.each([
    ['sk-proj-Zm9vYmFyYmF6cXV4MTIzNDU2', 'a key'],
    ['AIzaSyA1234567890abcdefghijklmnopqrstu', 'a key'],
    ['xai-abcdefghijklmnop1234', 'a key'],
    ['eyJhbGciOiJIUzI1NiJ9.e30.x', 'a token'],
    ['anna.smith@example.org', 'an address'],
    ['d41d8cd98f00b204e9800998ecf8427e', 'a hash'],
    ['550e8400-e29b-41d4-a716-446655440000', 'an id'],
    ['https://shop.example/anna', 'a page'],
    ['why is the sky blue', 'a sentence'],
    ['x'.repeat(65), 'too long'],
    ['', 'nothing'],
  ])('%s as a surface is `other`: %s', (surface) => {
    expect(rows(told({ ...started, surface }))[0]).toMatchObject({ surface: 'other' })
  })

  test.each([
    'claude-sonnet-4-5-20250929',
    'meta-llama/Llama-3.3-70B-Instruct-Turbo',
    '@cf/meta/llama-4-scout-17b-16e-instruct',
    'accounts/fireworks/models/deepseek-v3p1',
    'gpt-5-mini',
    'xai-grok-4-fast-reasoning',
    'hf-transformers',
  ])('%s is a name', (surface) => {
    expect(rows(told({ ...started, surface }))[0]).toMatchObject({ surface })
  })

  test('the hundred and first value of a field is `other`, and the first hundred stay', () => {
    const names = createNames()
    const surfaces = Array.from({ length: 102 }, (_, index) => `s${index}`)
    const seen = [...surfaces, 's7'].map(
      (surface) => rows(told({ ...started, surface }), context({ names }))[0],
    )
    expect(seen.map((row) => row?.['surface'])).toEqual([
      ...surfaces.slice(0, 100),
      'other',
      'other',
      's7',
    ])
  })

  test('attributes and signals of the product are names, numbers and flags, sixteen at most', () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`a${index}`, index]))
    const [run] = rows(
      told(started),
      context({ attributes: { plan: 'team', note: 'free text!', isNew: true, ...many } }),
    )
    expect(run).toMatchObject({
      'attribute.plan': 'team',
      'attribute.isNew': true,
      'attribute.a0': 0,
    })
    expect(Object.keys(run ?? {}).filter((key) => key.startsWith('attribute.'))).toHaveLength(16)
    expect(JSON.stringify(run)).not.toContain('free text')
  })

  test('every kind of failure and every field are in the table', () => {
    const kinds = FIELDS.attempt['error.type']
    expect(kinds.type === 'word' ? kinds.of : []).toEqual(FAILURE_KINDS)
    for (const field of [...Object.keys(FIELDS.run), ...Object.keys(FIELDS.attempt)]) {
      expect(field).toMatch(/^[a-z][\w.]{1,39}$/)
    }
  })

  // What a model, a user or a provider says, and what a product's mistake puts where a name is due.
  const secret = fc.string({
    minLength: 8,
    maxLength: 40,
    unit: fc.constantFrom('#', '%', '?', '!', ' ', 'Ä', 'Ж', '漢', '🙂', '<'),
  })
  const beat = fc.oneof(
    fc.integer({ min: 0, max: 9000 }),
    secret,
    fc.constantFrom(HANG, HANG_BEFORE_HEADERS, CUT),
    fc
      .constantFrom(...FAILURE_KINDS.filter((kind) => kind !== 'offline'))
      .map((fail) => ({ fail })),
    secret.map((body) => ({
      status: 429,
      headers: { 'x-request-id': body },
      body: { error: { code: body } },
    })),
    secret.map((reasoning) => ({ reasoning })),
    secret.map((refusal) => ({ refusal })),
    secret.map((name) => ({ call: { name, input: { name } } })),
  )
  test('no row holds anything that was said, and every value fits its field', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue()
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(beat, { maxLength: 4 }), { minLength: 2, maxLength: 2 }),
        fc.record({ prompt: secret, custom: secret, user: secret }),
        async ([first = [], second = []], said) => {
          const { start, virtual } = stage({
            a: scripted({ provider: 'p' }, first),
            b: scripted({ provider: 'q' }, second),
          })
          const run = start({
            prompt: said.prompt,
            thread: 'anna@example.org',
            system: said.custom,
          })
          await virtual.until(run.outcome)
          const feedback: RunEvent = {
            type: 'feedback',
            value: { custom: said.custom, value: 1 },
            runId: run.id,
            at: 1e9,
          }
          const given = context({
            user: said.user,
            release: said.custom,
            attributes: { [said.custom]: 1, note: said.prompt },
          })
          const reports = rows([...run.events, feedback], given)
          const all = JSON.stringify(reports)
          expect(all).toMatch(/^[\w.:/@,"{}[\]-]*$/)
          expect(all).not.toContain('anna')
          for (const report of reports) {
            const row = report['row'] === 'run' ? 'run' : 'attempt'
            for (const [key, value] of Object.entries(report)) {
              const field = fieldOf(row, key)
              const own = ownOf(key)
              const isFit = field ? fits(field, value) : own && fitsOwn(own.family, value)
              expect([key, isFit]).toEqual([key, true])
            }
          }
        },
      ),
      { numRuns: Number(process.env['RUNGS_RUNS'] ?? 300), seed: 7 },
    )
    warn.mockRestore()
  }, 30_000)
})
