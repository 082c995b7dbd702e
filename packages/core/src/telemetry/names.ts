/** The declared name of a field's value, or `other`. */
export type Names = (field: string, value: string) => string

/** What stands for a name that is not told. */
const OTHER = 'other'

/** More values of one field than this and the rest are `other`: nobody can count by what has no end. */
const MOST = 100

/**
 * What only looks like a name: known kinds of keys, tokens, an e-mail address, 24 letters and digits in a row
 * of both kinds, a UUID, an address. Whoever put one into a name did so by mistake.
 */
const SECRET =
  /\b(?:sk|pk|rk|gsk|xai|ghp|hf)[-_](?:[a-z]+\d*[-_])*\w{16}|AIza|eyJ\w{8}|^[\w.-]+@[\w-]+\.[a-z]|(?=[a-z]*\d)(?=\d*[a-z])[a-z\d]{24}|[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-|:\/\//i

/** Whether a value is a name, and nothing that only looks like one. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.:/@-]{1,64}$/.test(value) && !SECRET.test(value)
}

/** Names as they come, per field, until there are too many. `known` are those of before, by field. */
export function createNames(known: ReadonlyMap<string, Iterable<string>> = new Map()): Names {
  const fields = new Map([...known].map(([field, values]) => [field, new Set(values)]))
  return (field, value) => {
    const values = fields.get(field) ?? new Set()
    if (values.has(value)) return value
    if (values.size >= MOST || !isName(value)) return OTHER
    fields.set(field, values.add(value))
    return value
  }
}
