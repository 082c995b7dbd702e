import type { Attempt, Degraded, FailureKind, Finish, Plan } from '@rungs/core'
import type { Fact, Gap } from './fact.ts'
import type { RunRecord } from './record.ts'
import { tellMove } from './transcript.ts'

/** One attempt as it lay in time; instants are ms since the run began, null for what has not come. */
export interface Bar {
  readonly attempt: number
  readonly route: string
  readonly why: Attempt['why']
  readonly startAt: number
  readonly headersAt: number | null
  readonly contentAt: number | null
  readonly endAt: number | null
  readonly chars: number
  readonly gaps: readonly Gap[]
  readonly failure: FailureKind | null
  readonly finish: Finish | null
}

export interface Mark {
  readonly kind: 'move' | 'paint' | 'mark'
  readonly at: number
  readonly label: string
  readonly because: string | null
}

export interface Timeline {
  readonly bars: readonly Bar[]
  /** What was done about failures, and why. */
  readonly moves: readonly Mark[]
  /** What else came in between: the paint, questions, pauses. */
  readonly marks: readonly Mark[]
  readonly plan: Plan | null
  readonly degraded: Degraded | null
  /** The last that was heard of the run. */
  readonly endAt: number
}

const EMPTY: Timeline = { bars: [], moves: [], marks: [], plan: null, degraded: null, endAt: 0 }

export function readTimeline({ facts }: RunRecord): Timeline {
  return facts.reduce(reduceTimeline, EMPTY)
}

function reduceTimeline(line: Timeline, fact: Fact): Timeline {
  const { at } = fact
  // What is said of a run after its end does not make it longer.
  const isOver = line.marks.some(({ label }) => label === 'settled')
  const endAt = isOver ? line.endAt : Math.max(line.endAt, 'until' in fact ? fact.until : at)
  const next = { ...line, endAt }
  const mark = (label: string, because: string | null = null): Timeline => ({
    ...next,
    marks: [
      ...line.marks,
      { kind: label === 'paint' ? label : 'mark', at, label, because } as const,
    ],
  })
  const change = (attempt: number, ofBar: (bar: Bar) => Partial<Bar>): Timeline => ({
    ...next,
    bars: line.bars.map((bar) => (bar.attempt === attempt ? { ...bar, ...ofBar(bar) } : bar)),
  })
  switch (fact.type) {
    case 'planned':
      return { ...next, plan: fact.plan }
    case 'attempt-started': {
      const { attempt, route, why } = fact
      const nothing = { headersAt: null, contentAt: null, endAt: null, failure: null, finish: null }
      return {
        ...next,
        bars: [...line.bars, { attempt, route, why, startAt: at, chars: 0, gaps: [], ...nothing }],
      }
    }
    case 'headers':
      return change(fact.attempt, () => ({ headersAt: at }))
    case 'content':
      return change(fact.attempt, ({ contentAt, chars, gaps }) => ({
        contentAt: contentAt ?? at,
        chars: chars + fact.chars,
        gaps: [...gaps, ...fact.gaps],
      }))
    case 'tool-call':
      return change(fact.attempt, ({ contentAt }) => ({ contentAt: contentAt ?? at }))
    case 'attempt-failed':
      return change(fact.attempt, () => ({ endAt: at, failure: fact.failure.kind }))
    case 'attempt-finished':
      return change(fact.attempt, () => ({ endAt: at, finish: fact.finish }))
    case 'moved': {
      const move = { kind: 'move', at, label: tellMove(fact.move), because: fact.because } as const
      const moves = [...line.moves, move]
      return { ...next, moves, degraded: fact.degraded ?? line.degraded }
    }
    case 'painted':
      return mark('paint', `seen by ${fact.by}`)
    case 'slowed':
      return mark('slow', `over the ${Math.round(fact.expectedMs)} ms that were expected`)
    case 'asked':
      return mark('asked', `about ${fact.confirmation.route}`)
    case 'answered':
      return mark(`answered ${fact.answer}`)
    case 'paused':
      return mark('paused', `for ${fact.for}`)
    case 'resumed':
      return mark('resumed', `after ${Math.round(fact.awayMs)} ms`)
    case 'settled':
      return mark('settled', fact.status)
    case 'hidden':
    case 'shown':
    case 'left':
      return mark(fact.type)
    case 'started':
    case 'reasoning':
    case 'downloading':
    case 'usage':
    case 'held-out':
    case 'feedback':
      return next
    default:
      return fact satisfies never
  }
}
