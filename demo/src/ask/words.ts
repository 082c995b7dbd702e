import type { Attempt, RunState } from '@rungs/core'
import type { Served } from '@rungs/react'
import { names, type RouteName } from '../names.ts'
import { seconds } from '../seconds.ts'

type State = RunState<RouteName>

/** What happens right now, in a few quiet words; empty when nothing does. */
export function progressWords(state: State): string {
  const route = state.route === null ? 'an answer' : names[state.route]
  switch (state.phase) {
    case 'idle':
    case 'settled':
      return ''
    case 'connecting':
      return 'Connecting…'
    case 'waiting':
      return `Waiting for ${route}…`
    case 'streaming':
      return `${route} is answering`
    case 'switching': {
      const next = goal(state.attempts.at(-1))
      return next === null ? 'Switching…' : `Switching to ${names[next]}…`
    }
    case 'asking':
      return 'Waiting for your choice'
    case 'paused':
      return 'Waiting for the connection'
    default:
      return state.phase satisfies never
  }
}

/** The route that is switched to: the newest attempt, or where the move after it leads. */
function goal(attempt: Attempt<RouteName> | undefined): RouteName | null {
  if (!attempt) return null
  if (attempt.failure === null) return attempt.route
  return attempt.move !== null && 'route' in attempt.move ? attempt.move.route : null
}

/** Who answered, and in place of whom. */
export function bylineWords({ route, degraded, status }: Omit<Served<RouteName>, 'runId'>): string {
  if (status === 'failed') return 'No answer this time'
  if (route === null) return 'Nobody has answered'
  return degraded === null ? names[route] : `${names[route]}, in place of ${names[degraded.from]}`
}

/** How long the first words of the newest answer took, after who it is by. */
export function waitWords({ latency: { firstContentMs }, outcome }: State): string {
  if (firstContentMs === null || outcome?.status === 'safe') return ''
  return ` · ${seconds(firstContentMs)} to first words`
}

/** How an answer ended, where it did not end by itself; empty where it did. */
export function endingWords(status: Served['status']): string {
  switch (status) {
    case 'completed':
      return ''
    case 'stopped':
      return 'You stopped this answer.'
    case 'safe':
      return 'No route could answer.'
    case 'failed':
      return 'No answer came.'
    case 'partial':
      return 'The answer broke off here.'
    case 'superseded':
    case 'abandoned':
      return 'Left unfinished.'
    default:
      return status satisfies never
  }
}

/** What becomes of text that is on the screen while something else happens; empty where it grows on. */
export function tailWords({ text, phase, attempts }: State): string {
  if (text === '' || phase !== 'switching') return ''
  const next = goal(attempts.at(-1))
  return `To be replaced as soon as ${next === null ? 'somebody else' : names[next]} answers.`
}
