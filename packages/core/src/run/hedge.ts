import { canHedge, FIRST_HEDGES, reduceEarned, reduceHedged } from '../health/hedges.ts'
import type { Candidate, PlanInput } from '../policy/candidate.ts'
import { canRace, rival } from '../policy/rival.ts'
import type { Rung } from '../words/rung.ts'
import type { Brief, Shared } from './survey.ts'

/** Whether a second provider is asked beside a late one, in one run. */
export interface Hedging<Name extends string> {
  /** Whether an attempt on this route may come to be hedged. */
  covers(rung: Rung): boolean
  /** Who is to be asked as well, now that `first` is late; it is paid for with this. */
  take(
    input: PlanInput<Name>,
    first: Candidate<Name> | undefined,
    promised: Candidate<Name> | null,
  ): Name | null
  /** An attempt that could have been hedged answered. */
  answered(): void
}

export function createHedging<Name extends string>(
  { hedges, world }: Shared<Name>,
  { workload, terms, request }: Brief<Name>,
): Hedging<Name> {
  const left = (): number => hedges.get(workload) ?? FIRST_HEDGES
  // A tool's results go back to the route that asked for them: its thoughts are no use to another.
  let isOn = terms.workload.hedge === true && request.messages.at(-1)?.role !== 'tool'

  return {
    covers: (rung) => isOn && canRace(rung),
    take(input, first, promised) {
      // Nobody waits in front of a hidden page.
      if (!isOn || world.page.isHidden() || !canHedge(left()) || !first || !promised) return null
      const second = rival(input, first, promised)
      if (!second) return null
      isOn = false
      hedges.set(workload, reduceHedged(left()))
      return second.name
    },
    answered() {
      hedges.set(workload, reduceEarned(left()))
    },
  }
}
