/** What Anthropic's compiler of schemas takes beside what is handled below. */
const KEPT =
  /^(?:\$schema|\$id|\$ref|title|description|default|const|enum|type|required)$/
const FORMATS = /^(?:date|time|date-time|duration|email|hostname|uri|ipv[46]|uuid)$/
/** More fields that may be left out make it give up. */
const OPTIONAL = 10

type Schema = Readonly<Record<string, unknown>>

/** A schema as constrained output can follow it, and whether it still says all that it did. */
export interface ClosedSchema {
  readonly schema: object
  /** False where data would be lost (objects with any key) or the compiler may refuse (references). */
  readonly isWhole: boolean
}

/**
 * Closes every object and moves what the compiler refuses (`minimum`, `maxLength` and the like) into the
 * descriptions, where the model still reads it. The answer is checked against the whole schema all the same.
 * Rules: https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations
 */
export function closeSchema(schema: object): ClosedSchema {
  let isWhole = true
  let optional = 0

  function close(value: unknown): unknown {
    if (!isRecord(value)) return value
    const closed: Record<string, unknown> = {}
    const notes: unknown[] = []
    for (const [key, inner] of Object.entries(value)) {
      if (KEPT.test(key)) closed[key] = inner
      else if (key === 'properties' || key === '$defs' || key === 'definitions') {
        closed[key] = isRecord(inner)
          ? Object.fromEntries(Object.entries(inner).map(([name, one]) => [name, close(one)]))
          : inner
      } else if (/^(?:any|one|all)Of$/.test(key) && Array.isArray(inner)) {
        closed[key === 'oneOf' ? 'anyOf' : key] = inner.map(close)
      } else if (key === 'items') closed[key] = close(inner)
      else if (key === 'format' && FORMATS.test(String(inner))) closed[key] = inner
      else if (key !== 'additionalProperties') notes.push(`${key}: ${JSON.stringify(inner)}`)
    }
    const { type, properties, additionalProperties: more, required } = value
    if (properties || [type].flat().includes('object')) {
      isWhole &&= isRecord(properties) ? !more : more === false
      const isRequired = new Set([required].flat())
      optional += Object.keys(properties ?? {}).filter((name) => !isRequired.has(name)).length
      closed['additionalProperties'] = false
    }
    isWhole &&= value['$ref'] === undefined && value['patternProperties'] === undefined
    if (notes.length > 0) {
      closed['description'] = [closed['description'], ...notes].filter(Boolean).join('; ')
    }
    return closed
  }

  const closed = close(schema)
  return { schema: isRecord(closed) ? closed : schema, isWhole: isWhole && optional <= OPTIONAL }
}

function isRecord(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
