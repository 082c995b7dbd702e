import type { RunState } from '@rungs/core'
import { FallbackNotice } from '@rungs/react'
import type { ReactNode } from 'react'
import { Ladder } from './Ladder.tsx'
import type { Kitchen } from './llm.ts'
import { ladders, names, type Job, type RouteName } from './names.ts'
import { useFirst } from './useFirst.ts'
import { useHasKey } from './useHasKey.ts'

/**
 * Who answers, always in view. When somebody else has to, the notice takes the place of the usual words:
 * the line keeps its height, so nothing moves.
 */
export function Service({
  llm,
  job,
  live,
  children,
}: {
  llm: Kitchen
  job: Job
  live: RunState<RouteName>
  children?: ReactNode
}): ReactNode {
  const next = useFirst(llm, job)
  const hasKey = useHasKey()
  const { degraded, outcome } = live
  const first = live.route ?? next
  const hasFailed = outcome?.status === 'failed'
  const rungs = ladders[job].filter((route) => hasKey || route !== 'yours')
  const behind = rungs.filter((route) => route !== first).map((route) => names[route])
  return (
    <div className="service" data-state={hasFailed ? 'failed' : degraded ? 'degraded' : 'first'}>
      <Ladder
        rungs={rungs.length}
        lit={hasFailed || first === null ? null : rungs.indexOf(first)}
      />
      <FallbackNotice
        degraded={hasFailed ? null : degraded}
        names={names}
        className="service-words"
      />
      {!degraded && !hasFailed && (
        <p className="service-words">
          <strong>{first === null ? 'No route can be asked just now.' : names[first]}</strong>{' '}
          {first !== null && (
            <span>
              {live.route === null ? 'is asked first.' : 'answers.'} {list.format(behind)} stand
              behind it.
            </span>
          )}
        </p>
      )}
      {hasFailed && (
        <p className="service-words">
          <strong>No route could answer.</strong>{' '}
          <span>
            {next ? `The next question starts with ${names[next]}.` : 'Each is being left alone.'}
          </span>
        </p>
      )}
      {children}
    </div>
  )
}

const list = new Intl.ListFormat('en')
