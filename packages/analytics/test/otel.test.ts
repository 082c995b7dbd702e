import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { FIELDS, otelName, SCHEMA } from '@rungs/core/telemetry'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import {
  clickhouseSchema,
  clickhouseViews,
  createCollector,
  openRelay,
  openStore,
  readQuestion,
} from '../src/index.ts'
import type { Store } from '../src/store.ts'
import { difference, openClickHouse, type ClickHouse } from './clickhouse.ts'
import { fill } from './fill.ts'
import { play } from './world.ts'

vi.setConfig({ testTimeout: 60_000 })

const clickhouse: ClickHouse | null = await openClickHouse()
afterAll(() => {
  clickhouse?.close()
})

test('the collector passes every field that there is, and no other', () => {
  const config = parse(readFileSync(new URL('../otel/collector.yaml', import.meta.url), 'utf8'))
  const fields = new Set([...Object.keys(FIELDS.run), ...Object.keys(FIELDS.attempt)].map(otelName))
  expect(config.processors.redaction.allowed_keys).toEqual([...fields].toSorted())
  const { logs } = config.service.pipelines
  for (const part of ['receivers', 'processors', 'exporters']) {
    for (const name of logs[part]) expect(Object.keys(config[part])).toContain(name)
  }
})

type Attributes = Readonly<Record<string, string>>
/** What came to the OpenTelemetry Collector, as its ClickHouse exporter writes it: every value is text. */
const received: Attributes[] = []
let status = 200
let otel: Server

function textOf(value: object): string {
  return String(Object.values(value)[0])
}
beforeAll(async () => {
  otel = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const { resourceLogs } = JSON.parse(Buffer.concat(parts).toString())
      if (status === 200) {
        for (const { attributes } of resourceLogs[0].scopeLogs[0].logRecords) {
          received.push(
            Object.fromEntries(
              attributes.map((one: { key: string; value: object }) => [one.key, textOf(one.value)]),
            ),
          )
        }
      }
      response.statusCode = status
      response.end('{}')
    })
  })
  otel.listen(0, '127.0.0.1')
  await once(otel, 'listening')
})
afterAll(() => {
  otel.close()
})
beforeEach(() => {
  status = 200
})

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address()
  return typeof address === 'object' && address ? address.port : 0
}
/** Sends rows the whole way from a browser's POST, and tells the answers' status. */
async function send(rows: readonly object[]): Promise<readonly number[]> {
  const collector = await createCollector(openRelay(`http://127.0.0.1:${portOf(otel)}/`))
  const { server } = collector
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const answers: number[] = []
  for (let at = 0; at < rows.length; at += 80) {
    const body = JSON.stringify({ schema: SCHEMA, rows: rows.slice(at, at + 80) })
    const headers = { 'content-type': 'text/plain' }
    const url = `http://127.0.0.1:${portOf(server)}/reports`
    answers.push((await fetch(url, { method: 'POST', body, headers })).status)
  }
  await collector.close()
  return answers
}
function insert(records: readonly Attributes[]): void {
  const lines = records.map((LogAttributes) => JSON.stringify({ Timestamp: 1, LogAttributes }))
  clickhouse?.run(`INSERT INTO otel_logs FORMAT JSONEachRow\n${lines.join('\n')}`)
}

const rows = [...play(5, 3000)].flat()
const [first = {}] = rows

test('a collector that keeps nothing has no answers', async () => {
  const collector = await createCollector(openRelay('http://127.0.0.1:1'), { token: 't' })
  const { server } = collector
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${portOf(server)}/questions/naive`
  expect((await fetch(url, { headers: { authorization: 'Bearer t' } })).status).toBe(404)
  await collector.close()
})

test('what the OpenTelemetry Collector does not take is to be sent again', async () => {
  const error = vi.spyOn(console, 'error').mockReturnValue()
  status = 503
  expect(await send([first])).toEqual([503])
  status = 200
  expect(await send([first])).toEqual([200])
  error.mockRestore()
})

describe.skipIf(!clickhouse)('rows that come as logs', () => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(':memory:')
    await fill(store, [rows])
    // Tables of an older version are there already, and what filled them.
    clickhouse?.run(clickhouseSchema().replaceAll(/ +(?:ADD COLUMN IF NOT EXISTS )?stall.*\n/g, ''))
    clickhouse?.run(
      'CREATE TABLE otel_logs (Timestamp DateTime64(9), LogAttributes Map(LowCardinality(String), String)) ENGINE = MergeTree ORDER BY Timestamp',
    )
    clickhouse?.run(clickhouseViews().replaceAll(/.* AS stall.*\n/g, ''))
    clickhouse?.run(clickhouseSchema())
    clickhouse?.run(clickhouseViews())
    received.length = 0
    await send(rows)
    insert(received)
  }, 120_000)
  afterAll(() => store.close())

  test.each([
    'smoothness',
    'fallbacks-by-surface',
    'latency-targets',
    'does-falling-back-help',
    'checks',
  ])('answer %s like rows that came directly', async (name) => {
    const answer = await store.query(readQuestion(name, 'duckdb') ?? '')
    expect(answer.length).toBeGreaterThan(3)
    expect(difference(answer, clickhouse?.ask(name) ?? [], 1e-6)).toBeNull()
  })

  test('are there once, however often they come, and the highest revision holds', async () => {
    received.length = 0
    const own = { 'attribute.plan': 'team', 'signal.stars': 4 }
    const later = { ...first, revision: 12, status: 'failed', thumb_up: true, ...own }
    await send([later, ...rows.slice(0, 300)])
    insert(received)
    const found = clickhouse?.select(
      `SELECT revision, status, thumb_up = true AS up, attributes['plan'] AS plan, signals['stars'] AS stars, count() OVER () AS n FROM runs FINAL WHERE id = '${String(first['id'])}'`,
    )
    expect(found).toEqual([{ revision: 12, status: 'failed', up: 1, plan: 'team', stars: 4, n: 1 }])
  })

  test('that are broken, or not of ours, do not hold up their batch', () => {
    const [whole = {}] = received
    insert([
      { ...whole, 'rungs.id': '' },
      { ...whole, 'rungs.id': 'x', 'rungs.revision': 'many' },
      { 'rungs.row': 'run' },
      {},
      { ...whole, 'rungs.id': 'whole' },
    ])
    const found = clickhouse?.select("SELECT id FROM runs WHERE id IN ('whole', 'x', '')")
    expect(found).toEqual([{ id: 'whole' }])
  })
})
