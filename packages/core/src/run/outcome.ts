import type { Outcome, RunState } from '../words/event.ts'
import type { Ending } from './ascent.ts'
import { Ended } from './attempt.ts'
import { hiddenMs, sumUsd, type Folded } from './state.ts'

/** What a run comes to once its climb has ended. */
export function outcomeOf<Name extends string>({
  ending,
  folded,
  epoch,
  at,
  gestureMs,
  left,
  judge,
  object,
}: {
  readonly ending: Ending<Name>
  readonly folded: Folded<Name>
  readonly epoch: number
  readonly at: number
  readonly gestureMs: number
  /** Why the run was left, where it was. */
  readonly left: unknown
  readonly judge: (route: Name) => { readonly isSafe: boolean; readonly review: boolean }
  readonly object: (text: string) => unknown
}): Outcome<Name> {
  const { view, shown, shownDegraded, lead } = folded
  // An attempt that was cut, by the run's end or by another's answer, has told nothing of its cost.
  const attempts = view.attempts.map((one) => ({
    ...one,
    totalMs: one.totalMs ?? epoch + at - one.startedAt,
    ...ending.bills.get(one.attempt),
  }))
  // Whoever answered, or whose text still stands: an attempt that was to replace it may have come to nothing.
  const isAnswered = ending.status === 'answered'
  const by = attempts.find(({ attempt }) => attempt === (isAnswered ? lead : shown))
  const route = by?.route ?? null
  const { isSafe, review } = route === null ? { isSafe: false, review: false } : judge(route)
  const status = statusOf(ending, isSafe, left)
  const isWhole = status === 'completed'
  // An answer may be empty (after a tool's result); an older one that still stands is not its words.
  const isEmpty = isAnswered && by?.attempt !== shown
  const text = isEmpty ? '' : view.text
  const parts = isEmpty ? [] : view.parts
  return {
    status,
    text,
    // A call that came with no whole answer is not to be acted on, and without a result no provider takes it back.
    message: {
      role: 'assistant',
      content: isWhole ? parts : parts.filter(({ type }) => type !== 'tool-call'),
    },
    object: isWhole ? object(text) : null,
    route,
    finish: finishOf(ending, view),
    degraded: isAnswered ? view.degraded : shownDegraded,
    review: review && (isWhole || status === 'partial'),
    attempts,
    usage: by ? by.usage : view.usage,
    costUsd: sumUsd(attempts),
    latency: { ...view.latency, totalMs: gestureMs + at, hiddenMs: hiddenMs(folded, at) },
    failure: isWhole || ending.status === 'left' ? null : ending.failure,
  }
}

function statusOf<Name extends string>(
  { status }: Ending<Name>,
  isSafe: boolean,
  reason: unknown,
): Outcome['status'] {
  switch (status) {
    case 'answered':
      return isSafe ? 'safe' : 'completed'
    case 'kept':
      return 'partial'
    case 'failed':
      return 'failed'
    case 'left':
      return reason instanceof Ended ? reason.how : 'stopped'
    default:
      return status satisfies never
  }
}

/** An answer that was cut and kept says so; one that came whole says why it ended. */
function finishOf<Name extends string>(
  { status, finish }: Ending<Name>,
  { text }: RunState<Name>,
): Outcome['finish'] {
  if (status === 'answered') return finish
  return status === 'kept' && text !== '' ? (finish ?? 'truncated') : null
}
