interface Schema {
  type?: unknown
  description?: string
  readonly properties?: unknown
  additionalProperties?: unknown
}
/** What Anthropic's compiler of schemas refuses. */
const REFUSED = /^(?:min|max|multi|exclu|uniq|pattern|not$|format$)/
const FORMATS = /^"(?:date|time|date-time|duration|email|hostname|uri|ipv.|uuid)"$/
/** A reference may lead round in a circle, which it refuses too; an object with any key would lose what is in it. */
const LOSSY = /"(?:\$ref|patternProperties)":|"additionalProperties":[^f]/

/**
 * A schema that constrained output can follow: every object closed, and what the compiler refuses (`minimum`,
 * `maxLength` and the like) moved into the descriptions, where the model still reads it. The answer is
 * checked against the whole schema all the same. `isWhole` is false where more than that would be lost.
 * Rules: https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations
 */
export function closeSchema(whole: object): { readonly schema: object; readonly isWhole: boolean } {
  const text = JSON.stringify(whole)
  let isWhole = !LOSSY.test(text)

  function close(this: Schema, key: string, value: Schema | string | null): unknown {
    const { type, description = '' } = this
    if (typeof value === 'object' && value?.type === 'object') {
      isWhole &&= Boolean(value.properties ?? value.additionalProperties === false)
      value.additionalProperties = false
    }
    const said = JSON.stringify(value)
    // Among properties these are names: there `type` is one of them, and an object.
    const isKeyword = typeof type === 'string' || Array.isArray(type)
    if (!isKeyword || !REFUSED.test(key) || FORMATS.test(said)) return value
    this.description = `${description} ${key}: ${said}.`.trim()
    return undefined
  }
  const schema: object = JSON.parse(text, close)
  return { schema, isWhole }
}
