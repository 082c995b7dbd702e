import type { Failure, FailureKind } from '../words/failure.ts'
import { classOf, SENTENCES, UNSENT } from './sentences.ts'

/** A failure of a kind that we know without evidence: no route was there to break. */
export function failureOf<Name extends string>(
  kind: FailureKind,
  where: Pick<Failure<Name>, 'phase' | 'route' | 'provider'> &
    Partial<Pick<Failure<Name>, 'retryAfterMs'>>,
): Failure<Name> {
  return {
    class: classOf(kind),
    kind,
    ...where,
    message: (where.phase === 'before-request' && UNSENT[kind]) || SENTENCES[kind],
  }
}
