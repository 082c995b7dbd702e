import type { RunEvent } from '../words/event.ts'
import type { RunRow } from './rows.ts'

/** Text that has begun and then does not come for longer than this has stalled, ms of watching. */
const STALL_MS = 1_000

/**
 * How a run felt to whoever watched it. Time counts while the page is visible and nothing is asked of the user
 * and nothing waits for the network to come back: hidden and paused time are told apart.
 */
export interface Pace {
  /** Watched up to `at`, the last change of whether it is watched. */
  readonly watchedMs: number
  readonly at: number
  readonly isHidden: boolean
  readonly isHeld: boolean
  /** The attempt that is on the screen, 0 before there is one, and when it last grew, in watched time. */
  readonly shown: number
  readonly contentAt: number
  /** The attempt that the screen calls slow, and since when, in watched time. */
  readonly slow: { readonly attempt: number; readonly since: number } | null
  readonly slowMs: number
  readonly stalls: number
  readonly stalledMs: number
  /** Of those, while the attempt on the screen was the one to wait for. */
  readonly own: { readonly stalls: number; readonly stalledMs: number }
}

const none = { stalls: 0, stalledMs: 0 }

/** Before the first event. */
export const unwatched: Pace = {
  ...none,
  watchedMs: 0,
  at: 0,
  isHidden: false,
  isHeld: false,
  shown: 0,
  contentAt: 0,
  slow: null,
  slowMs: 0,
  own: none,
}

/** Take in one event; `at` is from the gesture. Cheap where text comes without a stall. */
export function reducePace(pace: Pace, event: RunEvent, at: number): Pace {
  switch (event.type) {
    case 'hidden':
      return { ...turned(pace, at), isHidden: true }
    case 'shown':
      return { ...turned(pace, at), isHidden: false }
    case 'asked':
    case 'paused':
      return { ...turned(pace, at), isHeld: true }
    case 'answered':
    case 'resumed':
      return { ...turned(pace, at), isHeld: false }
    case 'slowed':
      return { ...pace, slow: pace.slow ?? { attempt: event.attempt, since: watched(pace, at) } }
    case 'content':
    case 'tool-call': {
      const now = watched(pace, at)
      const { attempt } = event
      const isNew = attempt !== pace.shown
      const gapMs = now - pace.contentAt
      if (!isNew && gapMs <= STALL_MS && !pace.slow) return { ...pace, contentAt: now }
      const isFirst = pace.shown === 0
      return {
        ...quick(pace, now),
        ...(isFirst ? none : stalled(pace, gapMs)),
        own: isNew ? none : stalled(pace.own, gapMs),
        shown: attempt,
        contentAt: now,
      }
    }
    case 'attempt-started':
      return event.why === 'hedge' ? pace : quick(pace, watched(pace, at))
    case 'attempt-failed': {
      const now = watched(pace, at)
      const settled = pace.slow?.attempt === event.attempt ? quick(pace, now) : pace
      if (event.attempt !== pace.shown) return settled
      return { ...settled, own: stalled(pace.own, now - pace.contentAt) }
    }
    case 'settled': {
      const now = watched(pace, at)
      // The text was whole; what came after it was the end.
      const gapMs =
        pace.shown === 0 || event.outcome.status === 'completed' ? 0 : now - pace.contentAt
      return { ...quick(pace, now), ...stalled(pace, gapMs), own: stalled(pace.own, gapMs) }
    }
    default:
      return pace
  }
}

/** What a run's row says of it. */
export function feltOf({ slowMs, stalls, stalledMs }: Pace): {
  readonly [Field in keyof Pick<RunRow, 'slow_ms' | 'stalls' | 'stalled_ms'>]: RunRow[Field] | null
} {
  return { slow_ms: slowMs, stalls, stalled_ms: stalledMs }
}

function watched({ watchedMs, at: since, isHidden, isHeld }: Pace, at: number): number {
  return isHidden || isHeld ? watchedMs : watchedMs + at - since
}

function turned(pace: Pace, at: number): Pace {
  return { ...pace, watchedMs: watched(pace, at), at }
}

/** No longer slow. */
function quick(pace: Pace, now: number): Pace {
  return pace.slow ? { ...pace, slow: null, slowMs: pace.slowMs + now - pace.slow.since } : pace
}

function stalled(
  { stalls, stalledMs }: Pick<Pace, 'stalls' | 'stalledMs'>,
  gapMs: number,
): Pick<Pace, 'stalls' | 'stalledMs'> {
  return gapMs > STALL_MS
    ? { stalls: stalls + 1, stalledMs: stalledMs + gapMs }
    : { stalls, stalledMs }
}
