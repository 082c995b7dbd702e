/** Deepest nesting that is kept of what a server sends. */
const DEPTH = 64

/** JSON, or undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Longest text that is parsed as one input, characters: JSON takes many times its text's room. */
const INPUT_CHARS = 2 ** 20

/** A model's tool input or structured answer: JSON of at most 1 MiB and 64 levels, or undefined. Empty text is `{}`. */
export function parseInput(text: string): unknown {
  if (text.trim() === '') return {}
  return text.length > INPUT_CHARS ? undefined : bounded(parseJson(text))
}

/** The value, or undefined where it is deeper than 64 levels. */
export function bounded(value: unknown): unknown {
  return isDeeper(value, DEPTH) ? undefined : value
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1))
}

/** Whether a JSON text goes deeper than 64 levels. Brackets inside its texts are none. */
export function isDeepJson(text: string): boolean {
  if (text.length <= 2 * DEPTH) return false
  // Few events have as many opening brackets in all, which is quicker to see than how deep they are.
  let openings = 0
  for (let at = text.indexOf('{'); at >= 0 && openings <= DEPTH; at = text.indexOf('{', at + 1))
    openings += 1
  for (let at = text.indexOf('['); at >= 0 && openings <= DEPTH; at = text.indexOf('[', at + 1))
    openings += 1
  if (openings <= DEPTH) return false
  let depth = 0
  let isQuoted = false
  for (let at = 0; at < text.length && depth <= DEPTH; at += 1) {
    const char = text.charAt(at)
    if (isQuoted && char === '\\') at += 1
    else if (char === '"') isQuoted = !isQuoted
    else if (isQuoted) continue
    else if (char === '{' || char === '[') depth += 1
    else if (char === '}' || char === ']') depth -= 1
  }
  return depth > DEPTH
}

/** What a tool gave, as text. */
export function asText(output: unknown): string {
  return typeof output === 'string' ? output : (JSON.stringify(output) ?? '')
}

/** An object, and no list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
