/**
 * How often a second provider may be asked beside a late one, in twentieths of a hedge: one at the start,
 * a twentieth for each answer, two at most. So a workload hedges at most one run in twenty, and an outage
 * that makes every run late does not double what is sent: without answers nothing is earned.
 */
const HEDGE = 20
const CAPACITY = 2 * HEDGE

/** What a workload begins with. */
export const FIRST_HEDGES: number = HEDGE

export function canHedge(hedges: number): boolean {
  return hedges >= HEDGE
}
export function reduceHedged(hedges: number): number {
  return hedges - HEDGE
}
/** A run of the workload was answered. */
export function reduceEarned(hedges: number): number {
  return Math.min(CAPACITY, hedges + 1)
}
