import { isRefusal } from '../policy/refusal.ts'
import { guards } from '../run/checks.ts'
import type { Check } from '../words/policy.ts'

const saysYes: Check = ({ text }) =>
  isRefusal(text)
    ? { ok: false, kind: 'blocked-content', reason: 'It begins like a refusal.' }
    : { ok: true }

/**
 * An answer is no refusal; else it is `blocked-content`, which is put to nobody else: not a reason to ask
 * someone more permissive. A refusal is what the provider says is one, or an answer that its filter cut
 * short, or one that begins with the plain words of a refusal in one of ten languages. It comes before
 * every other check and before the request's schema, wherever it stands in the list.
 */
export function noRefusal(): Check {
  guards.add(saysYes)
  return saysYes
}
