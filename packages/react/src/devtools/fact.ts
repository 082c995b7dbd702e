import type { Outcome, RunEvent } from '@rungs/core'

/** Silence between two pieces of one answer is worth drawing from here on, ms. */
const GAP_MS = 1_000

type Said = 'content' | 'reasoning' | 'tool-call' | 'settled'

/** Pieces of one attempt that came one after another; how long they are stands in for what they say. */
export interface Pieces {
  readonly type: 'content' | 'reasoning'
  readonly attempt: number
  /** Of the first and of the last piece, ms since the run began. */
  readonly at: number
  readonly until: number
  readonly chars: number
  readonly reads: number
  readonly gaps: readonly Gap[]
}

/** A silence inside an answer, ms since the run began. */
export interface Gap {
  readonly from: number
  readonly to: number
}

/** An event of a run without anything that a person or a model has written. */
export type Fact =
  | Pieces
  | Exclude<RunEvent, { type: Said }>
  | {
      readonly type: 'tool-call'
      readonly at: number
      readonly attempt: number
      readonly name: string
      /** Of the input as JSON. */
      readonly chars: number
    }
  | ({
      readonly type: 'settled'
      readonly at: number
      readonly chars: number
    } & Pick<Outcome, 'status' | 'route' | 'finish' | 'latency' | 'usage' | 'costUsd' | 'failure'>)

/** Takes what was written out of an event, for good. An event that is new here does not compile until it is judged. */
export function toFact(event: RunEvent): Fact {
  const { type, at } = event
  switch (type) {
    case 'content':
    case 'reasoning': {
      const { attempt, text } = event
      return { type, attempt, at, until: at, chars: text.length, reads: 1, gaps: [] }
    }
    case 'tool-call': {
      const { name, input } = event.call
      const chars = JSON.stringify(input ?? null).length
      // The model chooses the name: one that is not like a name may be anything.
      return {
        type,
        at,
        attempt: event.attempt,
        name: /^[\w.:-]{1,64}$/.test(name) ? name : '…',
        chars,
      }
    }
    case 'settled': {
      const { status, route, finish, latency, usage, costUsd, failure, text } = event.outcome
      return {
        type,
        at,
        status,
        route,
        finish,
        latency,
        usage,
        costUsd,
        failure,
        chars: text.length,
      }
    }
    case 'started':
    case 'planned':
    case 'attempt-started':
    case 'headers':
    case 'downloading':
    case 'usage':
    case 'slowed':
    case 'attempt-failed':
    case 'attempt-finished':
    case 'moved':
    case 'held-out':
    case 'asked':
    case 'answered':
    case 'paused':
    case 'resumed':
    case 'painted':
    case 'hidden':
    case 'shown':
    case 'left':
    case 'feedback':
      return event
    default:
      return type satisfies never
  }
}

/** Two facts as one where the second only goes on with the first, else null. */
export function join(before: Fact | undefined, next: Fact): Fact | null {
  if (before?.type !== next.type) return null
  if (next.type === 'downloading') return next
  if (next.type !== 'content' && next.type !== 'reasoning') return null
  if (before.type !== next.type || before.attempt !== next.attempt) return null
  const { attempt, until } = before
  const gaps =
    next.at - until < GAP_MS ? before.gaps : [...before.gaps, { from: until, to: next.at }]
  return {
    type: next.type,
    attempt,
    at: before.at,
    until: next.until,
    chars: before.chars + next.chars,
    reads: before.reads + next.reads,
    gaps,
  }
}
