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
  const { view, shown } = folded
  const attempts = view.attempts.map((one) =>
    one.totalMs === null ? { ...one, totalMs: epoch + at - one.startedAt, ...ending.bill } : one,
  )
  const served = attempts.find(({ attempt }) => attempt === shown)?.route ?? null
  const last = attempts.at(-1)?.route ?? null
  const route = ending.status === 'answered' ? last : served
  const { isSafe, review } = route === null ? { isSafe: false, review: false } : judge(route)
  const status = statusOf(ending, isSafe, left)
  const isWhole = status === 'completed'
  return {
    status,
    text: view.text,
    message: { role: 'assistant', content: view.parts },
    object: isWhole ? object(view.text) : null,
    route,
    finish: finishOf(ending, view),
    degraded: view.degraded,
    review: review && (isWhole || status === 'partial'),
    attempts,
    usage: view.usage,
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

/** An answer that was cut and kept says so. */
function finishOf<Name extends string>(
  { status, finish }: Ending<Name>,
  { text }: RunState<Name>,
): Outcome['finish'] {
  if (status === 'answered') return finish
  return status === 'kept' && text !== '' ? 'truncated' : null
}
