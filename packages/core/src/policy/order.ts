import type { Candidate, PlanInput } from './candidate.ts'
import { questions } from './consent.ts'
import { isAsGood, tradeoff } from './tradeoff.ts'

/** A route with what put it where it is. */
export interface Placed<Name extends string> {
  readonly candidate: Candidate<Name>
  readonly place: 'own' | 'kept' | 'probe' | 'suspect' | 'returning'
}

/** Believed bad above this where the next rung is as good and needs no question. */
export const DIVERT = 0.15
/** Believed bad above this where the next rung is worse or needs one: a detour has its price. */
const DIVERT_DEARLY = 0.5

/**
 * Acceptable routes in the order in which to take them: the ladder's, with those believed bad after the
 * others. Where all are believed bad nothing is gained by another order.
 */
export function order<Name extends string>(
  open: readonly Candidate<Name>[],
  promised: Candidate<Name> | null,
  { terms, kept }: Pick<PlanInput<Name>, 'terms' | 'kept'>,
): readonly Placed<Name>[] {
  const isCheap = (from: Candidate, to: Candidate | undefined): boolean =>
    to !== undefined &&
    isAsGood(to, from) &&
    Object.keys(promised ? questions(tradeoff(promised, to), terms.ask) : {}).length === 0
  const isSuspect = (one: Candidate, index: number): boolean => {
    // What the next would cost anybody is dear to find out, and beside the point of a good route.
    if (one.pBad <= DIVERT) return false
    const next = open.slice(index + 1).find(({ pBad }) => pBad <= DIVERT)
    return one.pBad > (isCheap(one, next) ? DIVERT : DIVERT_DEARLY)
  }
  const placed = open.map((candidate, index): Placed<Name> => {
    if (candidate.name === kept) return { candidate, place: 'kept' }
    if (isSuspect(candidate, index))
      return { candidate, place: candidate.isProbeDue ? 'probe' : 'suspect' }
    return { candidate, place: candidate.isReturning ? 'returning' : 'own' }
  })
  const isFirst = ({ place }: Placed<Name>): boolean => place === 'own' || place === 'kept'
  if (!placed.some(isFirst)) return open.map((candidate) => ({ candidate, place: 'own' }))
  // One probe a run, and only of what would be better than the route that serves meanwhile.
  const best = placed.findIndex(isFirst)
  const probe = placed.findIndex(({ place }, index) => place === 'probe' && index < best)
  const isAhead = (one: Placed<Name>, index: number): boolean => isFirst(one) || index === probe
  const ahead = placed.filter(isAhead)
  const behind = placed
    .filter((one, index) => !isAhead(one, index))
    .map(({ candidate, place }): Placed<Name> => ({
      candidate,
      place: place === 'probe' ? 'suspect' : place,
    }))
  const all = [...ahead, ...behind]
  return [
    ...all.filter(({ place }) => place === 'kept'),
    ...all.filter(({ place }) => place !== 'kept'),
  ]
}
