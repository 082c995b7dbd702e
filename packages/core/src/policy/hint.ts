import type { Hint } from '../words/policy.ts'

/** More hints than this are none. */
const MOST_HINTS = 1_000

/** What of a value are hints: a list of `{ route, pBad, asOf }`, or an object that has one as `hints`. */
export function readHints(value: unknown): readonly Hint[] {
  const list: unknown =
    typeof value === 'object' && value !== null && 'hints' in value ? value.hints : value
  return Array.isArray(list) ? list.slice(0, MOST_HINTS).filter(isHint) : []
}

function isHint(value: unknown): value is Hint {
  if (typeof value !== 'object' || value === null) return false
  if (!('route' in value && 'pBad' in value && 'asOf' in value)) return false
  const { route, pBad, asOf } = value
  return (
    typeof route === 'string' &&
    typeof pBad === 'number' &&
    pBad >= 0 &&
    pBad <= 1 &&
    typeof asOf === 'number' &&
    Number.isFinite(asOf)
  )
}
