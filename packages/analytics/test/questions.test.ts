import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openStore, questions, readQuestion } from '../src/index.ts'
import type { Store } from '../src/store.ts'
import { difference, moveTo, openClickHouse, type ClickHouse } from './clickhouse.ts'
import { fill } from './fill.ts'
import { findings, PLANTED, untrue } from './judge.ts'
import { learn } from './truth.ts'
import { play } from './world.ts'

vi.setConfig({ testTimeout: 60_000 })

let store: Store
const clickhouse: ClickHouse | null = await openClickHouse()
const ask = (name: string): ReturnType<Store['query']> =>
  store.query(readQuestion(name, 'duckdb') ?? '')

const files = (dialect: string): readonly string[] =>
  readdirSync(new URL(`../sql/${dialect}/`, import.meta.url)).toSorted()
const lost = (arm: 'act' | 'hold' | null): number => (arm === 'hold' ? 0.2 : 0.02)

beforeAll(async () => {
  store = await openStore(':memory:')
  await fill(store, play(1, 40_000))
  if (clickhouse) await moveTo(clickhouse, store)
}, 300_000)
afterAll(async () => {
  await store.close()
  clickhouse?.close()
})

test('every question says first how its answer is read, and is asked of both', () => {
  expect(files('clickhouse')).toEqual(files('duckdb'))
  for (const { name, about } of questions()) {
    expect([name, about.length > 80]).toEqual([name, true])
    const file = readFileSync(new URL(`../sql/clickhouse/${name}.sql`, import.meta.url), 'utf8')
    expect(file).toContain(about.split('\n')[0])
  }
})

describe('in a world whose truth is known', () => {
  test('every planted fact is found, and no other', async () => {
    // One that harms is too rare to be told from chance in so small a world.
    expect((await findings(ask)).toSorted()).toEqual(PLANTED.slice(0, -1).toSorted())
  })

  test('the figures are near the truth', async () => {
    expect(await untrue(ask, learn(100_000), 0.03)).toEqual([])
  })

  test('a dashboard gets the sign of falling back wrong', async () => {
    const [all] = await ask('naive')
    expect(Number(all?.['naive'])).toBeLessThan(0)
    expect(Number(all?.['randomised'])).toBeGreaterThan(0.1)
  })

  test('a route that is cut off looks better than it is, unless that is counted', async () => {
    const deep = (await ask('latency-targets')).find((row) => row['route'] === 'deep')
    expect(Number(deep?.['miss_naive'])).toBeLessThan(Number(deep?.['miss']) - 0.08)
  })

  test('what was planted in the telemetry itself is told by the checks', async () => {
    const broken = await openStore(':memory:')
    await fill(broken, play(2, 12_000, { lost, gone: 0.03, held: 0.2 }))
    const rows = await broken.query(readQuestion('checks', 'duckdb') ?? '')
    await broken.close()
    const wrong = rows.filter((row) => row['ok'] !== true)
    expect(wrong.map((row) => `${row['check_name']}: ${row['part']}`)).toEqual([
      'gaps: all',
      'lost: all',
      'lost by arm: hold-out hold',
      'ratio of hold-out: briefing',
      'ratio of hold-out: chat',
      'ratio of hold-out: support',
    ])
  })
})

describe.skipIf(!clickhouse)('ClickHouse', () => {
  test.each(questions().filter(({ name }) => name !== 'waits'))(
    'answers $name with the same figures',
    async ({ name }) => {
      const rows = await ask(name)
      expect(rows.length).toBeGreaterThan(0)
      expect(difference(rows, clickhouse?.ask(name) ?? [], 1e-6)).toBeNull()
    },
  )

  test('answers waits within what its sketch allows', async () => {
    const rows = await ask('waits')
    const beside = clickhouse?.ask('waits') ?? []
    const many = rows.flatMap((row, index) =>
      Number(row['runs']) > 1000 && row['p50_ms'] !== null ? [[row, beside[index]] as const] : [],
    )
    expect(many.length).toBeGreaterThan(5)
    for (const [one, other] of many) {
      for (const figure of ['p50_ms', 'p95_ms']) {
        expect(Number(other?.[figure]) / Number(one[figure])).toBeCloseTo(1, 1)
      }
    }
  })
})
