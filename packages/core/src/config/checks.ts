/** Reports problems of one value. `path` is where it stands in the config. */
export type Check = (value: unknown, path: string, report: Report) => void
export type Report = (path: string, message: string) => void

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What may name something: at most 64 of `[\w.:/@-]`. */
const NAME: RegExp = /^[\w.:/@-]{1,64}$/

/** What a value is. It is not quoted: what stands in the wrong place may be a key or somebody's words. */
export function kindOf(value: unknown): string {
  if (typeof value === 'number' || value === null) return String(value)
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return value === '' ? 'an empty text' : 'a text'
  return typeof value === 'object' ? 'an object' : typeof value
}

/** The same where a name is due, which may be quoted. */
export function show(value: unknown): string {
  return typeof value === 'string' && NAME.test(value) ? `"${value}"` : kindOf(value)
}

/** How many letters apart two names are (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let i = 0; i < one.length; i += 1) {
    const next = [i + 1]
    for (let j = 0; j < other.length; j += 1) {
      const [left = 0, up = 0, corner = 0] = [next[j], row[j + 1], row[j]]
      next.push(Math.min(left + 1, up + 1, corner + (one[i] === other[j] ? 0 : 1)))
    }
    row = next
  }
  return row.at(-1) ?? 0
}

/** What there is instead of a name that there is not. */
function instead(name: unknown, known: readonly string[]): string {
  const [nearest] = known.toSorted(
    (one, other) => distance(String(name), one) - distance(String(name), other),
  )
  return nearest !== undefined && distance(String(name), nearest) <= Math.max(2, nearest.length / 3)
    ? `; did you mean "${nearest}"?`
    : `; there ${known.length === 0 ? 'is none' : `are ${known.join(', ')}`}`
}

// Checks of one value each. What is not given is fine.

/** `due`: the fields that have to be given where the object is. */
export const object =
  (fields: Readonly<Record<string, Check>>, what: string, due: readonly string[] = []): Check =>
  (value, path, report) => {
    if (value === undefined) return
    if (!isRecord(value)) {
      report(path, `must be an object, is ${kindOf(value)}`)
      return
    }
    for (const [key, inner] of Object.entries(value)) {
      const check = Object.hasOwn(fields, key) ? fields[key] : undefined
      const here = path === '' ? key : `${path}.${key}`
      if (check) check(inner, here, report)
      else report(here, `is no field of ${what}${instead(key, Object.keys(fields))}`)
    }
    for (const key of due) {
      if (value[key] === undefined) report(`${path}.${key}`, 'must be given')
    }
  }

export const each =
  (check: Check): Check =>
  (value, path, report) => {
    if (value === undefined) return
    if (!isRecord(value)) report(path, `must be an object, is ${kindOf(value)}`)
    else for (const [key, inner] of Object.entries(value)) check(inner, `${path}.${key}`, report)
  }

export const list =
  (check: Check): Check =>
  (value, path, report) => {
    if (value === undefined) return
    if (!Array.isArray(value)) report(path, `must be a list, is ${kindOf(value)}`)
    else for (const [index, inner] of value.entries()) check(inner, `${path}[${index}]`, report)
  }

export const oneOf =
  (what: string, known: readonly string[]): Check =>
  (value, path, report) => {
    if (value !== undefined && !known.some((one) => one === value)) {
      report(path, `${show(value)} is no ${what}${instead(value, known)}`)
    }
  }

export const number =
  (least: number, most: number = Infinity): Check =>
  (value, path, report) => {
    if (value === undefined || (typeof value === 'number' && value >= least && value <= most))
      return
    report(
      path,
      `must be a number from ${least}${most < Infinity ? ` to ${most}` : ' on'}, is ${kindOf(value)}`,
    )
  }

export const text: Check = (value, path, report) => {
  if (value !== undefined && (typeof value !== 'string' || value === '')) {
    report(path, `must be a text, is ${kindOf(value)}`)
  }
}

export const nameLike: Check = (value, path, report) => {
  if (value !== undefined && !(typeof value === 'string' && NAME.test(value))) {
    report(path, 'must be 1 to 64 of letters, digits and _ . : / @ -')
  }
}

/** Names of the product's own, with a text, a number or a flag each. A text that is no name is not told. */
export const attributes: Check = (value, path, report) => {
  each((one, here) => {
    nameLike(here.slice(path.length + 1), here, report)
    if (!['string', 'number', 'boolean'].includes(typeof one))
      report(here, `must be a text, a number, true or false, is ${kindOf(one)}`)
  })(value, path, report)
}

export const anything: Check = () => undefined
