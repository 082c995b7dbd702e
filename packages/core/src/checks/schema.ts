import { accepted } from '../run/checks.ts'
import { parseInput } from '../wire/json.ts'
import { validatorOf } from '../wire/schema.ts'
import type { Check } from '../words/policy.ts'
import type { OutputSchema } from '../words/schema.ts'

/**
 * An answer satisfies a schema: the JSON that it is, or where it is none, the text itself. Else it is
 * `invalid-response`. For answers of every request of a workload; a request's own `output` also asks the
 * model for that shape.
 */
export function schema(wanted: OutputSchema): Check {
  const standard = validatorOf(wanted)['~standard']
  return async ({ text }) => {
    const value = text.trim() === '' ? text : (parseInput(text) ?? text)
    const isAccepted = accepted(await standard.validate(value)) !== null
    return isAccepted
      ? { ok: true }
      : { ok: false, kind: 'invalid-response', reason: 'The schema refuses it.' }
  }
}
