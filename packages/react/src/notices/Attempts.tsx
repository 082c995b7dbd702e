import type { Attempt, FailureKind } from '@rungs/core'
import type { ComponentPropsWithoutRef, ReactElement, ReactNode } from 'react'
import { causes } from '../causes.ts'
import type { RegisteredLLM, RouteOf } from '../register.ts'
import { nameOf, seconds, type RouteNames } from './words.ts'

/** What `Attempts` says. Each can be replaced. */
export interface AttemptsWords {
  /** What the list is called for who cannot see it. */
  readonly label: string
  /** Each after the name of a route. */
  readonly asked: ReactNode
  readonly answering: ReactNode
  readonly answered: ReactNode
  /** Ended from outside before it said anything: by the user, or because another was first. */
  readonly ended: ReactNode
  readonly failed: (kind: FailureKind) => ReactNode
  readonly took: (ms: number) => ReactNode
}

const defaults: AttemptsWords = {
  label: 'What was tried',
  asked: 'is being asked',
  answering: 'is answering',
  answered: 'answered',
  ended: 'was not waited for any longer',
  failed: (kind) => causes[kind],
  took: (ms) => `(${seconds(ms)})`,
}

export interface AttemptsProps<Name extends string = RouteOf<RegisteredLLM>> extends Omit<
  ComponentPropsWithoutRef<'ol'>,
  'children' | 'role' | 'aria-label'
> {
  /** `attempts` of the run or of its outcome. */
  readonly attempts: readonly Attempt<Name>[]
  readonly names?: RouteNames<Name> | undefined
  readonly words?: Partial<AttemptsWords> | undefined
}

/**
 * Every route that was tried, in order, and what came of it. Nothing before the first.
 *
 * @example
 * <Attempts attempts={chat.attempts} />
 */
export function Attempts<Name extends string = RouteOf<RegisteredLLM>>({
  attempts,
  names,
  words,
  ...rest
}: AttemptsProps<Name>): ReactElement | null {
  if (attempts.length === 0) return null
  const say = { ...defaults, ...words }
  return (
    <ol {...rest} aria-label={say.label} data-rungs-attempts="">
      {attempts.map((attempt) => {
        const { attempt: number, route, why, failure, totalMs } = attempt
        const state = stateOf(attempt)
        return (
          <li
            key={number}
            data-route={route}
            data-why={why}
            data-state={state}
            data-kind={failure?.kind}
          >
            <span data-rungs-route="">{nameOf(names, route)}</span>{' '}
            {state === 'failed' ? failure && say.failed(failure.kind) : say[state]}
            {totalMs !== null && <> {say.took(totalMs)}</>}
          </li>
        )
      })}
    </ol>
  )
}

function stateOf({
  failure,
  totalMs,
  firstContentMs,
}: Attempt): 'failed' | 'asked' | 'answering' | 'answered' | 'ended' {
  if (failure) return 'failed'
  if (firstContentMs === null) return totalMs === null ? 'asked' : 'ended'
  return totalMs === null ? 'answering' : 'answered'
}
