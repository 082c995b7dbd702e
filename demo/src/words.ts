import type { Attempt, Degraded, Move, Outcome, RunState } from '@rungs/core'
import { type Names, type RouteName, type RungName, rungs } from './names.ts'
import type { Standings } from './useStandings.ts'

/** Why somebody else answers, after the name of who did not: "Swift 4 …". */
export const causeWords: Readonly<Record<Degraded['cause'], string>> = {
  'rate-limit': 'is taking no more questions for now',
  'quota-exhausted': 'has used up its allowance',
  timeout: 'did not reply in time',
  'queue-stall': 'took the question and then said nothing',
  'stream-stall': 'went silent in the middle of its answer',
  outage: 'is down or overloaded',
  network: 'lost its connection',
  offline: 'cannot be reached while you are offline',
  'blocked-request': 'was blocked by this browser or network',
  'invalid-response': 'sent something that is not an answer',
  truncated: 'was cut off in the middle of its answer',
  auth: 'did not accept the key',
  'not-found': 'does not know the model it was asked for',
  'invalid-request': 'did not accept the question as it was put',
  'context-length': 'cannot take in a conversation this long',
  'unsupported-capability': 'cannot do what this question needs',
  'budget-breach': 'would have cost too much',
  'latency-ceiling': 'was slower than we allow',
  'quality-floor': 'gave an answer that was not good enough',
  'blocked-content': 'declined the question',
  'region-restriction': 'is not available in your region',
  'compliance-mismatch': 'does not meet the rules for this question',
  belief: 'failed several times just now',
  'hold-off': 'is being left alone for a while',
  hint: 'is reported to have trouble',
  declined: 'was declined by you',
  thread: 'sits this conversation out',
}

/** What happens right now, in a few quiet words; empty when nothing does. */
export function progressWords(state: RunState<RouteName>, names: Names): string {
  const route = state.route === null ? 'an answer' : names[state.route]
  switch (state.phase) {
    case 'idle':
    case 'settled':
      return ''
    case 'connecting':
      return state.isSlow ? slowWords(state, names) : 'Connecting…'
    case 'waiting':
      return state.isSlow ? slowWords(state, names) : `Waiting for ${route}…`
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

function slowWords({ route }: RunState<RouteName>, names: Names): string {
  return route === null
    ? 'Taking longer than usual'
    : `${names[route]} is taking longer than usual…`
}

/** How long a route is passed over, after "is passed over". */
export function passedWords(until: number | null): string {
  return until === null ? 'for now' : `until ${timeOfDay(until)}`
}

/** The first rung that would be tried; null while every one is passed over. */
export function firstRung(standings: Standings): RungName | null {
  return rungs.find(({ route }) => !standings.has(route))?.route ?? null
}

/** How things stand while nobody has to stand in, after the name of who answers. */
export function orderWords(standings: Standings, names: Names): string {
  const passed = rungs.find(({ route }) => standings.has(route))?.route
  if (passed === undefined) {
    return `Answers first. ${names.backend} and ${names.reserve} stand behind it.`
  }
  if (firstRung(standings) === null) return nextWords(standings, names)
  const until = standings.get(passed) ?? null
  return `Answers first. ${names[passed]} is passed over ${passedWords(until)}.`
}

/** Where the next question goes. */
export function nextWords(standings: Standings, names: Names): string {
  const first = firstRung(standings)
  if (first !== null) return `The next question starts with ${names[first]}.`
  const times = [...standings.values()].filter((until) => until !== null)
  return `Every route is passed over ${passedWords(times.length > 0 ? Math.min(...times) : null)}.`
}

/** What followed an attempt's failure. */
export function moveWords(move: Move<RouteName>, names: Names): string {
  switch (move.to) {
    case 'route':
      return `went on to ${names[move.route]}`
    case 'retry':
      return `tried ${names[move.route]} once more`
    case 'safe':
      return 'gave the prepared answer'
    case 'keep':
      return 'kept what there was'
    case 'ask':
      return 'asked you'
    case 'pause':
      return 'waited for the connection'
    case 'stop':
      return 'stopped there'
    default:
      return move satisfies never
  }
}

/** The route that is switched to: the newest attempt, or where the move after it leads. */
function goal(attempt: Attempt<RouteName> | undefined): RouteName | null {
  if (!attempt) return null
  if (attempt.failure === null) return attempt.route
  return attempt.move !== null && 'route' in attempt.move ? attempt.move.route : null
}

/** Who an answer is by, in a few words. */
export function bylineWords(outcome: Outcome<RouteName>, names: Names): string {
  const { route, status, latency, attempts } = outcome
  if (status === 'failed') return 'No answer this time'
  if (route === null) return 'Nobody has answered'
  if (status === 'safe' || latency.firstContentMs === null) return names[route]
  const wait = seconds(latency.firstContentMs)
  const first = attempts.find(({ firstContentMs }) => firstContentMs !== null)?.route ?? route
  // What was seen first may have been the beginning of an answer that was replaced.
  return first === route
    ? `${names[route]}, ${wait} to first words`
    : `${names[route]}, ${wait} to first words by ${names[first]}`
}

/** How an answer ended, where it did not end by itself; empty where it did. */
export function endingWords(outcome: Outcome<RouteName>, names: Names): string {
  const { attempts, failure, finish } = outcome
  const reason =
    failure?.route == null ? '' : `${names[failure.route]} ${causeWords[failure.kind]}.`
  const last =
    failure?.route != null && attempts.some(({ route }) => route === failure.route)
      ? `${names[failure.route]} was tried last: it ${causeWords[failure.kind]}.`
      : reason
  switch (outcome.status) {
    case 'completed':
      return finish === 'length' ? 'This is as long as an answer may be.' : ''
    case 'stopped':
      return 'You stopped this answer.'
    case 'safe':
      return `No route could answer. ${last}`
    case 'failed':
      return last
    case 'partial':
      return `The answer broke off here. ${reason}`
    case 'superseded':
    case 'abandoned':
      return 'Left unfinished.'
    default:
      return outcome.status satisfies never
  }
}

/** What becomes of text that is on the screen while something else happens; empty where it grows on. */
export function tailWords(state: RunState<RouteName>, names: Names): string {
  if (state.text === '') return ''
  if (state.phase === 'paused') return 'You are offline. This goes on when you are back.'
  if (state.phase !== 'switching') return ''
  const next = goal(state.attempts.at(-1))
  return `To be replaced as soon as ${next === null ? 'somebody else' : names[next]} answers.`
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })

export function timeOfDay(at: number): string {
  return clock.format(at)
}
