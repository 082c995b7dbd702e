import {
  FIELDS,
  fieldOf,
  fits,
  fitsOwn,
  MOST_OWN,
  ownOf,
  SCHEMA,
  type Names,
} from '@rungs/core/telemetry'
import { columnOf, NEEDED, type Row } from './columns.ts'

type Value = string | number | boolean

/** A row that may be stored, by column. */
export interface Checked {
  readonly row: Row
  readonly columns: Readonly<Record<string, Value | Readonly<Record<string, Value>>>>
}
export type Verdict = Checked | { readonly problem: string }

/** A batch is `{ schema, rows }`; more rows than this are refused together. */
const MOST_ROWS = 1_000

export type Batch =
  | { readonly rows: readonly unknown[] }
  | { readonly problem: string; readonly isNewer: boolean }

/** A batch taken apart, or what is wrong with it as a whole. */
export function readBatch(text: string): Batch {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return { problem: 'the body is not JSON', isNewer: false }
  }
  const { schema, rows } = Object.fromEntries(Object.entries(Object(body)))
  if (!Array.isArray(rows) || rows.length > MOST_ROWS) {
    return { problem: `rows: must be a list of at most ${MOST_ROWS}`, isNewer: false }
  }
  if (!fits(FIELDS.run.schema, schema)) {
    return {
      problem: `schema: ${JSON.stringify(schema)?.slice(0, 20)} is not known here; 1 to ${SCHEMA} are`,
      isNewer: typeof schema === 'number' && schema > SCHEMA,
    }
  }
  return { rows }
}

function wrong(key: string): string {
  return `${key}: a value that it cannot hold`
}
function isValue(value: unknown): value is Value {
  return ['string', 'number', 'boolean'].includes(typeof value)
}

/**
 * Looks at one row. A field that is not on the list, or a value that its field may not hold, refuses the row:
 * whoever wrote it is not ours, or has a bug.
 */
export function checkRow(given: unknown, names: Names): Verdict {
  if (typeof given !== 'object' || given === null) return { problem: 'not an object' }
  const entries: readonly (readonly [string, unknown])[] = Object.entries(given)
  const values = new Map(entries.filter(([, value]) => value !== null))
  const row = values.get('row')
  if (row !== 'run' && row !== 'attempt') return { problem: 'row: neither run nor attempt' }
  const missing = NEEDED[row].find((field) => !values.has(field))
  if (missing !== undefined) return { problem: `${missing}: missing` }

  const columns: Record<string, Value> = {}
  const own = { attribute: new Map<string, Value>(), signal: new Map<string, Value>() }
  for (const [key, value] of values) {
    const field = fieldOf(row, key)
    if (!field) {
      const mine = row === 'run' ? ownOf(key) : null
      if (!mine) return { problem: `${key.slice(0, 40)}: no field of a ${row}` }
      const { family } = mine
      if (!isValue(value) || !fitsOwn(family, value)) return { problem: wrong(key) }
      const name = names(`${family}.`, mine.name)
      own[family].set(name, typeof value === 'string' ? names(`${family}.${name}`, value) : value)
      continue
    }
    const told = field.type === 'name' && typeof value === 'string' ? names(key, value) : null
    // A name that is told as it is has been looked at.
    if (!isValue(value) || (told !== value && !fits(field, value))) return { problem: wrong(key) }
    if (key !== 'row') columns[columnOf(key)] = told ?? value
  }
  if (Math.max(own.attribute.size, own.signal.size) > MOST_OWN) {
    return { problem: `more than ${MOST_OWN} attributes or signals` }
  }
  if (row === 'attempt') return { row, columns }
  const attributes = Object.fromEntries([...own.attribute].map(([key, value]) => [key, `${value}`]))
  return { row, columns: { ...columns, attributes, signals: Object.fromEntries(own.signal) } }
}
