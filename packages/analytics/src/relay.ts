import { otelName } from '@rungs/core/telemetry'
import type { Checked } from './check.ts'
import { columnsOf, OWN, ROWS, type Row } from './columns.ts'
import type { Keeper } from './store.ts'

const TIMEOUT_MS = 10_000

/** Each column's name in OpenTelemetry. */
const NAMES: Readonly<Record<Row, ReadonlyMap<string, string>>> = {
  run: namesOf('run'),
  attempt: namesOf('attempt'),
}
function namesOf(row: Row): ReadonlyMap<string, string> {
  return new Map(columnsOf(row, 'duckdb').map(({ column, field }) => [column, otelName(field)]))
}

/**
 * Hands rows on to an OpenTelemetry Collector instead of keeping them: OTLP logs as JSON over HTTP, one record a
 * row. What it does not take is not taken here, so whoever sent it sends it again.
 *
 * @param url the collector's address, without `/v1/logs`
 */
export function openRelay(url: string): Keeper {
  const address = `${url.replace(/\/$/, '')}/v1/logs`
  const counts = { run: 0, attempt: 0 }
  return {
    async write(rows) {
      if (rows.length === 0) return
      const response = await fetch(address, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(logs(rows)),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      const text = await response.text()
      if (!response.ok) throw new Error(`${address} answered ${response.status}`)
      // By the protocol these are not to be sent again: they would be refused again.
      if (text.includes('rejectedLogRecords'))
        console.error(`[rungs-analytics] ${address}: ${text}`)
      for (const row of ROWS) counts[row] += rows.filter((one) => one.row === row).length
    },
    async names() {
      return new Map()
    },
    async count() {
      return { ...counts }
    },
    async close() {
      // Nothing is kept: what was written is with the collector.
    },
  }
}

function logs(rows: readonly Checked[]): object {
  const scope = { scope: { name: '@rungs/analytics' }, logRecords: rows.map(recordOf) }
  const resource = { attributes: [attribute('service.name', 'rungs')] }
  return { resourceLogs: [{ resource, scopeLogs: [scope] }] }
}

function recordOf({ row, columns }: Checked): object {
  const names = NAMES[row]
  const attributes = Object.entries(columns).flatMap(([column, value]) => {
    if (typeof value !== 'object') return [attribute(names.get(column) ?? column, value)]
    const family = column === 'attributes' ? OWN.attributes : OWN.signals
    return Object.entries(value).map(([key, one]) => attribute(otelName(`${family}.${key}`), one))
  })
  return {
    // Whole ms as ns, which no number of JavaScript can hold.
    timeUnixNano: `${Number(columns['started_at'])}000000`,
    eventName: `rungs.${row}`,
    attributes: [attribute(otelName('row'), row), ...attributes],
  }
}

function attribute(key: string, value: string | number | boolean): object {
  if (typeof value === 'boolean') return { key, value: { boolValue: value } }
  if (typeof value === 'string') return { key, value: { stringValue: value } }
  return { key, value: Number.isInteger(value) ? { intValue: `${value}` } : { doubleValue: value } }
}
