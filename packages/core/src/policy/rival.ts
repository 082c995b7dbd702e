import type { Rung } from '../words/rung.ts'
import { firstQuestions, questions } from './consent.ts'
import type { Candidate, PlanInput } from './candidate.ts'
import { DIVERT } from './order.ts'
import { plan } from './plan.ts'
import { isAsGood, tradeoff } from './tradeoff.ts'

/** Whether a route may take part in a race at all: not on the device (canned words are), nor at the user's cost. */
export function canRace({ privacy, payer }: Rung): boolean {
  return privacy !== 'device' && payer === 'product'
}

/**
 * Who of the ladder is asked as well when `first` is late: acceptable, not believed bad, of another provider,
 * at least as good, and nothing that anybody would have to be asked about. The money of both is reckoned with.
 */
export function rival<Name extends string>(
  input: PlanInput<Name>,
  first: Candidate<Name>,
  promised: Candidate<Name>,
): Candidate<Name> | null {
  const { ask } = input.terms
  const firstUsd = first.expected.costUsd
  const acceptable = plan({ ...input, leftUsd: input.leftUsd - (firstUsd ?? 0) }).routes
  for (const { route } of acceptable) {
    const one = input.candidates.get(route)
    if (!one || !canRace(one) || one.pBad > DIVERT) continue
    if (one.provider === first.provider || !isAsGood(one, first)) continue
    const { costUsd } = one.expected
    const bothUsd = costUsd === null || firstUsd === null ? null : costUsd + firstUsd
    const both = { ...one, expected: { ...one.expected, costUsd: bothUsd } }
    const asked = {
      ...questions(tradeoff(promised, both), ask),
      ...firstQuestions(both.expected, ask),
    }
    if (Object.keys(asked).length === 0) return one
  }
  return null
}
