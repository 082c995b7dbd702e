import { expect, test } from 'vitest'
import { sail, tollOf } from './fleet.ts'
import { createPage } from './page.ts'
import type { Policy } from './player.ts'
import { baselines } from './policies/baselines.ts'
import { oracle } from './policies/oracle.ts'
import { rungs } from './policies/rungs.ts'
import { createWeather, DAY_MS, DAYS, isWell, type Weather } from './providers.ts'
import { createWorld, replay, type Row } from './replay.ts'
import { PARTS, summarise } from './report.ts'
import { drawQuestion } from './users.ts'

const SEED = 11
const world = createWorld(SEED, 4_700)
const [noFallback, , ladder] = baselines

const heavy: Weather = () => ({ impact: 2, isBurst: false, errorRate: 0.45, slowness: 2.5 })

/** Of the 392 days. */
function share(is: (at: number) => boolean): number {
  const steps = 200_000
  let hits = 0
  for (let step = 0; step < steps; step += 1) {
    if (is((step / steps) * DAYS * DAY_MS)) hits += 1
  }
  return hits / steps
}
function unanswered(rows: readonly Row[]): number {
  return rows.filter(({ isAnswered }) => !isAnswered).length
}
function play(policy: Policy | undefined): Promise<readonly Row[]> {
  if (!policy) throw new Error('there is no such policy')
  return replay(policy, world, 'kept')
}

test('the weather is the measured one', () => {
  const weather = createWeather(SEED)
  expect(share((at) => weather('A', at).impact !== null)).toBeCloseTo(0.031, 2)
  expect(share((at) => weather('B', at).impact !== null)).toBeCloseTo(0.015, 2)
  expect(share((at) => weather('C', at).impact !== null)).toBe(0)
  expect(share((at) => !isWell(weather('C', at)))).toBeLessThan(0.001)
  // Three bursts a day of 90 s each.
  expect(share((at) => weather('B', at).isBurst)).toBeCloseTo(0.0031, 3)
})

test('an attempt has the same fate whatever was asked before it', () => {
  const question = drawQuestion(() => 0.5, 7, 0)
  const deaf = { content: () => undefined, end: () => undefined }
  const one = createPage(SEED, 0, heavy)
  one.attempt(question, 'B', deaf)
  one.attempt(question, 'A', deaf)
  one.attempt(question, 'A', deaf)
  const other = createPage(SEED, 5_000, heavy)
  other.attempt(question, 'A', deaf)
  const [, first, again] = one.tries(question)
  expect(other.tries(question)[0]?.fate).toEqual(first?.fate)
  expect(again?.fate).not.toEqual(first?.fate)
})

test('the same seed tells the same story', async () => {
  const visits = world.clients[0]?.slice(0, 80) ?? []
  const small = { ...world, clients: [visits] }
  const tell = (): Promise<readonly Row[]> => replay(rungs('Rungs'), small)
  const rows = await tell()
  expect(rows).toHaveLength(visits.flat().length)
  expect(await tell()).toEqual(rows)
})

test('falling back answers what a lone route, a ladder and no knowledge leave unanswered', async () => {
  const none = await play(noFallback)
  const stateless = await play(ladder)
  const own = await play(rungs('Rungs'))
  const knowing = await play(oracle('oracle', false))
  expect(own).toHaveLength(world.clients.flat(2).length)
  expect(unanswered(none)).toBeGreaterThan(own.length * 0.012)
  expect(unanswered(stateless)).toBeLessThan(unanswered(none) / 5)
  expect(unanswered(own)).toBeLessThan(own.length * 0.001)
  expect(unanswered(own)).toBeLessThanOrEqual(unanswered(stateless))

  const [summary, best] = [summarise(own), summarise(knowing)]
  expect(summary.p99Ms).toBeLessThan(2 * best.p99Ms)
  expect(summary.requestsPerRun).toBeLessThan(1.06)
  expect(summary.cost).toBeLessThan(1.05)
  expect(summary.needless).toBeLessThan(0.003)
})

test('a second provider is asked in at most one run of twenty, and hints keep requests from a bad route', async () => {
  const one = { ...world, clients: world.clients.slice(0, 1) }
  const hedging = summarise(await replay(rungs('hedging', { hedge: true }), one, 'kept'))
  expect(hedging.hedgesPerRun).toBeGreaterThan(0.02)
  expect(hedging.hedgesPerRun).toBeLessThan(0.05)
  expect(hedging.requestsPerRun).toBeLessThan(1.065)

  const hinted = await replay(rungs('hints', { hintsAfterMs: 60_000 }), one, 'kept')
  // Without hints nearly all of them go there, for want of a way to know.
  expect(summarise(hinted.filter(PARTS.heavy.is)).firstToBad).toBeLessThan(0.15)
  expect(summarise(hinted).needless).toBeLessThan(0.003)
})

test('what is believed of a route keeps requests away from it while it is down', async () => {
  const fleet = { seed: SEED, clients: 40, everyMs: 40_000 }
  const toll = tollOf(await sail(rungs('Rungs'), fleet))
  expect(toll.answered).toBeGreaterThan(0.97)
  expect(toll.requestsPerRun).toBeLessThan(1.25)
  expect(toll.probesPerRun).toBeLessThan(0.65)
  expect(toll.toDeadPerRun).toBeLessThan(0.8)
})
