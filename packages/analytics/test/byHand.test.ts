import { SCHEMA, type Report } from '@rungs/core/telemetry'
import { expect, test, vi } from 'vitest'
import { openStore, readQuestion, type Answer } from '../src/index.ts'
import { fill } from './fill.ts'

// Answers small enough to be worked out on paper.
vi.setConfig({ testTimeout: 30_000 })

async function answer(name: string, rows: readonly Report[]): Promise<readonly Answer[]> {
  const store = await openStore(':memory:')
  await fill(store, [rows])
  const answers = await store.query(readQuestion(name, 'duckdb') ?? '')
  await store.close()
  return answers
}

let id = 0
function row(kind: 'run' | 'attempt', own: Report): Report {
  id += 1
  const shared = {
    row: kind,
    schema: SCHEMA,
    id: `r${id}`,
    revision: 1,
    started_at: 1_780_000_000_000,
    workload: 'chat',
    sample_weight: 1,
  }
  const needed =
    kind === 'run'
      ? { status: 'completed', attempts: 1 }
      : { run: 'r', attempt: 1, route: 'a', why: 'first' }
  return { ...shared, ...needed, ...own }
}
const run = (own: Report): Report => row('run', own)
const attempt = (own: Report): Report => row('attempt', own)

const drawn = (user: string, arm: string, propensity: number, isGood: boolean): Report =>
  run({
    'user.hash': user,
    held_out_kind: 'outage',
    held_out_arm: arm,
    held_out_propensity: propensity,
    held_out_route: 'a',
    status: isGood ? 'completed' : 'failed',
  })
const tried = (wait_ms: number, wait_end: string): Report =>
  attempt({ wait_ms, wait_end, target_ms: 300 })
const waited = (user: string, wait_ms: number, wait_end: string): Report =>
  run({ 'user.hash': user, surface: 'editor', wait_ms, wait_end })
const endedAt = (surface: string | null, status: string, sample_weight = 1): Report =>
  run({ surface, status, sample_weight })
const ended = (result: string, kind: string | null, wait_end: string): Report =>
  attempt({ 'gen_ai.provider.name': 'acme', result, 'error.type': kind, wait_end })

test('a run counts by how probable its arm was, and runs of one user as one', async () => {
  const [all] = await answer('does-falling-back-help', [
    drawn('ann', 'act', 0.8, true),
    drawn('ann', 'hold', 0.2, false),
    drawn('bob', 'act', 0.8, false),
    drawn('cat', 'hold', 0.2, true),
    drawn('dan', 'act', 0.5, true),
    drawn('dan', 'hold', 0.5, false),
  ])
  // Weights: 1.25, 1.25 and 2 for falling back; 5, 5 and 2 for holding out.
  const [act, hold] = [3.25 / 4.5, 5 / 12]
  const ann = (1.25 * (1 - act)) / 4.5 - (5 * (0 - hold)) / 12
  const bob = (1.25 * (0 - act)) / 4.5
  const cat = -(5 * (1 - hold)) / 12
  const dan = (2 * (1 - act)) / 4.5 - (2 * (0 - hold)) / 12
  const se = Math.sqrt((4 / 3) * (ann ** 2 + bob ** 2 + cat ** 2 + dan ** 2))
  expect(all).toMatchObject({ outcome: 'success', users: 4, act: 3, hold: 3, verdict: 'too few' })
  expect(all?.['act_mean']).toBeCloseTo(act, 12)
  expect(all?.['hold_mean']).toBeCloseTo(hold, 12)
  expect(all?.['se']).toBeCloseTo(se, 12)
  expect(all?.['low']).toBeCloseTo(act - hold - 1.96 * se, 12)
})

test('a row counts for as many as it stands for', async () => {
  const fell = run({ surface: 'editor', fallbacks: 1 })
  const [any, why] = await answer('fallbacks-by-surface', [
    fell,
    run({ surface: 'editor', sample_weight: 4 }),
    attempt({ run: String(fell['id']), attempt: 2, route: 'b', from_route: 'a', cause: 'outage' }),
  ])
  expect(any).toMatchObject({ surface: 'editor', cause: 'any', runs: 2, rate: 0.2 })
  expect(why).toMatchObject({ cause: 'outage', rate: 0.2, share_of_all: 1 })
})

test('an attempt that was cut would have come later', async () => {
  const [only] = await answer('latency-targets', [
    tried(100, 'content'),
    tried(200, 'cut'),
    tried(300, 'content'),
    tried(400, 'cut'),
    tried(500, 'content'),
    tried(50, 'failed'),
  ])
  expect(only).toMatchObject({ attempts: 5, cut: 2, p50_ms: 500 })
  expect(only?.['miss']).toBeCloseTo((4 / 5) * (2 / 3), 12)
  expect(only?.['miss_naive']).toBeCloseTo(1 / 3, 12)
})

test('the share of runs that were left is not the share that would leave', async () => {
  const users = Array.from({ length: 60 }, (_, index) => `u${index}`)
  const rows = users.flatMap((user) => [
    waited(user, 500, 'content'),
    waited(user, 900, 'abandoned'),
    waited(user, 1200, 'content'),
    waited(user, 1250, 'hidden'),
  ])
  const curve = (await answer('abandonment', rows)).filter((one) => one['surface'] === 'editor')
  const [atSecond] = curve
  expect(atSecond).toMatchObject({ at_ms: 1000, at_risk: 120, left_by: expect.closeTo(0.25, 12) })
  expect(atSecond?.['waiting_pooled']).toBeCloseTo(2 / 3, 12)
  expect(curve[1]).toMatchObject({ at_ms: 2000, at_risk: 0, waiting: null, waiting_pooled: null })
})

test('what a provider did not do is no failure of its own', async () => {
  const [acme] = await answer('failures-by-provider', [
    ended('answered', null, 'content'),
    ended('failed', 'outage', 'failed'),
    ended('failed', 'queue-stall', 'cut'),
    ended('failed', 'auth', 'failed'),
    ended('failed', 'offline', 'failed'),
    ended('ended', null, 'cut'),
  ])
  expect(acme).toMatchObject({ attempts: 3, rate: 1 / 3, outage: 1 / 3, late: 1 / 3 })
})

test('each experiment has its own control', async () => {
  const day = 86_400_000
  const inArm = (experiment: string, arm: string, propensity: number, user: number): Report =>
    run({ experiment, arm, propensity, 'user.hash': `u${user}` })
  const rows = [
    ...Array.from({ length: 6 }, (_, user) =>
      inArm('order', user < 4 ? 'now' : 'new', user < 4 ? 0.7 : 0.3, user),
    ),
    ...Array.from({ length: 6 }, (_, user) =>
      inArm('size', user < 2 ? 'big' : 'small', user < 2 ? 0.4 : 0.6, user),
    ),
    run({ started_at: 1_780_000_000_000 + 2 * day }),
  ]
  const parts = (await answer('checks', rows)).filter((one) => one['check_name'] === 'lost by arm')
  expect(parts.map((one) => one['part'])).toEqual(['order new', 'size big'])
})

test('how runs end is told by surface, one that has not ended too', async () => {
  const rows = await answer('how-runs-end', [
    endedAt('editor', 'completed'),
    endedAt('editor', 'completed', 2),
    endedAt('editor', 'safe'),
    endedAt('sidebar', 'stopped'),
    endedAt(null, 'open'),
  ])
  expect(rows.map((one) => [one['surface'], one['status'], one['runs'], one['share']])).toEqual([
    ['editor', 'completed', 2, 0.75],
    ['editor', 'safe', 1, 0.25],
    ['none', 'open', 1, 1],
    ['sidebar', 'stopped', 1, 1],
  ])
  // Wilson's interval of one in one.
  expect(rows[3]).toMatchObject({ low: expect.closeTo(0.2065, 3), high: expect.closeTo(1, 3) })
})
