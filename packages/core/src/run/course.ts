import type { Terms } from '../policy/limits.ts'
import type { Attempt, Finish } from '../words/event.ts'
import type { Failure, FailureKind } from '../words/failure.ts'
import type { Degraded } from '../words/policy.ts'
import type { Bill } from './billing.ts'

/** What one run has been through: every part of it writes here, and nothing outside the run does. */
export interface Course<Name extends string> {
  readonly tries: Map<Name, number>
  /** What each route last failed by in this run. */
  readonly kinds: Map<Name, FailureKind>
  /** Routes whose credential turned out to be missing. */
  readonly keyless: Set<Name>
  readonly bills: Map<number, Bill>
  attempts: number
  /** Attempts that sent a request: those count against the limit. */
  requests: number
  /** What the attempts so far cost or may have cost, USD. */
  spentUsd: number
  /** Why the next route is tried. */
  why: Attempt['why']
  /** The newest. */
  failure: Failure<Name> | null
  /** What the newest route taken is against the promised one. */
  degraded: Degraded<Name> | null
  /** What the text on the screen failed by, and its finish where it came whole; null without a text. */
  shown: { readonly by: Failure<Name>; readonly finish: Finish | null } | null
  /** The newest attempt is of a prepared text. */
  isCanned: boolean
  /** Of a probe and of another try, little is expected: what follows is not put off. */
  canHold: boolean
}

export function createCourse<Name extends string>(): Course<Name> {
  return {
    tries: new Map(),
    kinds: new Map(),
    keyless: new Set(),
    bills: new Map(),
    attempts: 0,
    requests: 0,
    spentUsd: 0,
    why: 'first',
    failure: null,
    degraded: null,
    shown: null,
    isCanned: false,
    canHold: false,
  }
}

function isJudged<Name extends string>({ shown }: Course<Name>, kind: FailureKind): boolean {
  return shown?.by.phase === 'after-answer' && shown.by.kind === kind
}
/** A whole answer is on the screen that was only not good enough. */
export function hasDraft<Name extends string>(course: Course<Name>): boolean {
  return isJudged(course, 'quality-floor')
}
/** Some text is on the screen that may stay there. */
export function hasText<Name extends string>(course: Course<Name>): boolean {
  return course.shown !== null && !isJudged(course, 'blocked-content')
}
export function isBlocked<Name extends string>({ kinds }: Course<Name>): boolean {
  return [...kinds.values()].includes('blocked-content')
}
/** Whoever names the routes that may see what was blocked has named all of them, whatever breaks next. */
export function mayBeAsked<Name extends string>(
  course: Course<Name>,
  { on }: Terms<Name>,
  route: Name,
): boolean {
  const list = on['blocked-content']
  return !isBlocked(course) || typeof list !== 'object' || list.some((name) => name === route)
}
