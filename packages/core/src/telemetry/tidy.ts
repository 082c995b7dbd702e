import type { Names } from './names.ts'
import type { Report } from '../words/telemetry.ts'
import { fieldOf, fits, fitsOwn, MOST_OWN, ownOf, type Field } from './schema.ts'

type Value = string | number | boolean | null | undefined

/** A value as its field holds it: a declared name or `other`, a whole number within bounds, the step it is on. */
function tidyValue(field: Field, key: string, value: Value, names: Names): Value {
  if (typeof value === 'string') return field.type === 'name' ? names(key, value) : value
  if (typeof value !== 'number' || !('of' in field || 'from' in field)) return value
  if (field.type === 'step') return field.of.findLast((least) => least <= value)
  if (field.type === 'whole') return Math.min(Math.max(Math.round(value), field.from), field.to)
  return value
}

/**
 * The row that may leave the page: only fields that there are, only values that they may hold. What is null
 * or does not fit is left out.
 */
export function tidy(
  row: 'run' | 'attempt',
  draft: Readonly<Record<string, Value>>,
  names: Names,
): Report {
  const report: Record<string, string | number | boolean> = {}
  const own = { attribute: 0, signal: 0 }
  for (const [key, given] of Object.entries(draft)) {
    const field = fieldOf(row, key)
    const value = field ? tidyValue(field, key, given, names) : given
    if (value === null || value === undefined) continue
    if (field) {
      // A name that is told has been looked at.
      const isTold = field.type === 'name' && typeof value === 'string'
      if (isTold || fits(field, value)) report[key] = value
      continue
    }
    const mine = row === 'run' ? ownOf(key) : null
    if (!mine || !fitsOwn(mine.family, value) || own[mine.family] >= MOST_OWN) continue
    own[mine.family] += 1
    const name = `${mine.family}.${names(`${mine.family}.`, mine.name)}`
    report[name] = typeof value === 'string' ? names(name, value) : value
  }
  return report
}
