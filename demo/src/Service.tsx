import type { ReactNode } from 'react'
import type { RunState } from '@rungs/core'
import { FallbackNotice } from '@rungs/react'
import { Ladder } from './Ladder.tsx'
import type { Kitchen } from './llm.ts'
import { type Names, type RouteName, rungs } from './names.ts'
import { useStandings } from './useStandings.ts'
import { causeWords, firstRung, nextWords, orderWords, timeOfDay } from './words.ts'

/**
 * Who answers, always in view. When somebody else has to, the notice takes the place of the usual words:
 * the line keeps its height, so nothing moves.
 */
export function Service({
  llm,
  live,
  names,
}: {
  llm: Kitchen
  live: RunState<RouteName>
  names: Names
}): ReactNode {
  const { degraded, outcome, route } = live
  const standings = useStandings(llm)
  const first = route ?? firstRung(standings)
  const lit = rungs.findIndex((rung) => rung.route === first)
  const hasFailed = outcome?.status === 'failed'
  return (
    <div className="service" data-state={hasFailed ? 'failed' : degraded ? 'degraded' : 'first'}>
      <Ladder lit={hasFailed ? null : lit} />
      <FallbackNotice degraded={hasFailed ? null : degraded} className="service-words">
        {({ from, to, cause, backAt }) => (
          <>
            <strong>
              {names[to]}, in place of {names[from]}
            </strong>
            <span>
              {names[from]} {causeWords[cause]}.
              {backAt !== null && ` Next try from ${timeOfDay(backAt)}.`}
            </span>
          </>
        )}
      </FallbackNotice>
      {hasFailed && (
        <p className="service-words">
          <strong>No route could answer</strong>
          <span>{nextWords(standings, names)}</span>
        </p>
      )}
      {!hasFailed && !degraded && (
        <p className="service-words">
          <strong>{first === null ? 'No route just now' : names[first]}</strong>
          <span>{orderWords(standings, names)}</span>
        </p>
      )}
    </div>
  )
}
