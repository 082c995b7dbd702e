import { parseInput } from '../wire/json.ts'

/** A call's input, which came as text; `{}` where that is no JSON, as providers want an object back. */
export function inputOf(text: unknown): unknown {
  return (typeof text === 'string' ? parseInput(text) : text) ?? {}
}
