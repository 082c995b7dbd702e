import { readFileSync } from 'node:fs'
import { FIELDS, otelName } from '@rungs/core/telemetry'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { clickhouseSchema, clickhouseViews, openStore, readQuestion } from '../src/index.ts'
import type { Store } from '../src/store.ts'
import { difference, openClickHouse, type ClickHouse } from './clickhouse.ts'
import { fill } from './fill.ts'
import { play } from './world.ts'

vi.setConfig({ testTimeout: 60_000 })

const clickhouse: ClickHouse | null = await openClickHouse()
afterAll(() => {
  clickhouse?.close()
})

/** Writes as the exporter does: every value is text. */
function insert(records: readonly object[]): void {
  const lines = records.map((record) => {
    const fields = Object.entries(record).filter(([, value]) => value !== null)
    const attributes = Object.fromEntries(fields.map(([key, value]) => [otelName(key), `${value}`]))
    return JSON.stringify({ Timestamp: 1, LogAttributes: attributes })
  })
  clickhouse?.run(`INSERT INTO otel_logs FORMAT JSONEachRow\n${lines.join('\n')}`)
}

test('the collector passes every field that there is, and no other', () => {
  const config = parse(readFileSync(new URL('../otel/collector.yaml', import.meta.url), 'utf8'))
  const fields = new Set([...Object.keys(FIELDS.run), ...Object.keys(FIELDS.attempt)].map(otelName))
  expect(config.processors.redaction.allowed_keys).toEqual([...fields].toSorted())
  const { logs } = config.service.pipelines
  for (const part of ['receivers', 'processors', 'exporters']) {
    for (const name of logs[part]) expect(Object.keys(config[part])).toContain(name)
  }
})

describe.skipIf(!clickhouse)('rows that come as logs', () => {
  let store: Store
  const rows = [...play(5, 3000)].flat()
  const [first = {}] = rows
  beforeAll(async () => {
    store = await openStore(':memory:')
    await fill(store, [rows])
    clickhouse?.run(clickhouseSchema())
    clickhouse?.run(
      'CREATE TABLE otel_logs (Timestamp DateTime64(9), LogAttributes Map(LowCardinality(String), String)) ENGINE = MergeTree ORDER BY Timestamp',
    )
    clickhouse?.run(clickhouseViews())
    insert(rows)
  }, 120_000)
  afterAll(() => store.close())

  test.each(['fallbacks-by-surface', 'latency-targets', 'does-falling-back-help', 'checks'])(
    'answer %s like rows that came directly',
    async (name) => {
      const answer = await store.query(readQuestion(name, 'duckdb') ?? '')
      expect(answer.length).toBeGreaterThan(3)
      expect(difference(answer, clickhouse?.ask(name) ?? [], 1e-6)).toBeNull()
    },
  )

  test('are there once, however often they come, and the highest revision holds', () => {
    insert([
      {
        ...first,
        revision: 12,
        status: 'failed',
        thumb_up: true,
        'attribute.plan': 'team',
        'signal.stars': 4,
      },
      ...rows.slice(0, 300),
    ])
    const found = clickhouse?.select(
      `SELECT revision, status, thumb_up = true AS up, attributes['plan'] AS plan, signals['stars'] AS stars, count() OVER () AS n FROM runs FINAL WHERE id = '${String(first['id'])}'`,
    )
    expect(found).toEqual([{ revision: 12, status: 'failed', up: 1, plan: 'team', stars: 4, n: 1 }])
  })

  test('that are broken do not hold up their batch', () => {
    const run = { ...first, id: 'whole' }
    insert([{ ...first, id: '' }, { ...first, id: 'x', revision: 'many' }, { row: 'run' }, run])
    expect(clickhouse?.select("SELECT id FROM runs WHERE id IN ('whole', 'x', '')")).toEqual([
      { id: 'whole' },
    ])
  })
})
