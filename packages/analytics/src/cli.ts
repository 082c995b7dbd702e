#!/usr/bin/env node
import { parseArgs } from 'node:util'
import {
  clickhouseImport,
  clickhouseSchema,
  clickhouseViews,
  duckdbSchema,
  ROWS,
  TABLES,
} from './columns.ts'
import { createCollector } from './collector.ts'
import { questions, readQuestion } from './questions.ts'
import { openRelay } from './relay.ts'
import { openStore, type Answer } from './store.ts'

const HELP = `rungs-analytics serve    [--db reports.duckdb | --otlp http://otelcol:4318] [--host 127.0.0.1] [--port 4319] [--origin https://app.example.org]...
rungs-analytics query    <name> [--days 14] [--json] [--db reports.duckdb | --url http://127.0.0.1:4319]
rungs-analytics queries
rungs-analytics export   <folder> [--db reports.duckdb]
rungs-analytics schema   duckdb | clickhouse | clickhouse-import | clickhouse-otel

serve    takes reports at POST /reports. With RUNGS_ANALYTICS_TOKEN set, GET /questions/<name> answers who sends it.
         With --otlp it keeps nothing and hands them on to an OpenTelemetry Collector.
export   writes runs.parquet and attempts.parquet; the SQL of schema clickhouse-import takes them in.
query    answers a question from a file that nobody serves, or from the collector that does (--url, same token).`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    db: { type: 'string', default: 'reports.duckdb' },
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '4319' },
    origin: { type: 'string', multiple: true, default: [] },
    days: { type: 'string' },
    url: { type: 'string' },
    otlp: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const token = process.env['RUNGS_ANALYTICS_TOKEN']

function fail(message: string): never {
  console.error(message)
  process.exit(2)
}

async function serve(): Promise<void> {
  const { otlp, db } = values
  const store = otlp === undefined ? await openStore(db) : openRelay(otlp)
  const collector = await createCollector(store, { origins: values.origin, token })
  const { server } = collector
  server.listen(Number(values.port), values.host, () => {
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : values.port
    console.log(`taking reports at http://${values.host}:${port}/reports into ${otlp ?? db}`)
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void collector.close())
}

async function ask(name: string): Promise<readonly Answer[]> {
  const sql = readQuestion(name, 'duckdb')
  if (sql === null) {
    return fail(
      `no such question; there are: ${questions()
        .map((one) => one.name)
        .join(', ')}`,
    )
  }
  const days = values.days === undefined ? undefined : Number(values.days)
  if (days !== undefined && !(days > 0)) return fail('--days: a number above 0')
  if (values.url !== undefined) {
    const url = new URL(
      `/questions/${name}${days === undefined ? '' : `?days=${days}`}`,
      values.url,
    )
    const response = await fetch(url, { headers: { authorization: `Bearer ${token ?? ''}` } })
    if (!response.ok) return fail(`${url.href} answered ${response.status}`)
    return JSON.parse(await response.text())
  }
  const store = await openStore(values.db)
  try {
    return await store.query(sql, days)
  } finally {
    await store.close()
  }
}

function print(rows: readonly Answer[]): void {
  if (values.json) console.log(JSON.stringify(rows, null, 2))
  else if (rows.length === 0) console.log('nothing')
  else {
    console.table(
      rows.map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([key, value]) => [
            key,
            typeof value === 'number' ? Number(value.toPrecision(6)) : value,
          ]),
        ),
      ),
    )
  }
}

const [command, name = ''] = positionals
switch (command) {
  case 'serve':
    await serve()
    break
  case 'query':
    print(await ask(name))
    break
  case 'queries':
    for (const one of questions())
      console.log(`${one.name}\n  ${one.about.replaceAll('\n', '\n  ')}\n`)
    break
  case 'export': {
    const store = await openStore(values.db)
    await store.exportTo(name)
    await store.close()
    break
  }
  case 'schema':
    if (name === 'duckdb') console.log(duckdbSchema())
    else if (name === 'clickhouse') console.log(clickhouseSchema())
    else if (name === 'clickhouse-otel') console.log(clickhouseViews())
    else if (name === 'clickhouse-import') {
      console.log(
        ROWS.map((row) => `${clickhouseImport(row, `${TABLES[row]}.parquet`)};`).join('\n'),
      )
    } else fail('duckdb, clickhouse, clickhouse-import or clickhouse-otel')
    break
  default:
    fail(HELP)
}
