import type { Message, Run } from '@rungs/core'
import type { Names, RouteName } from './names.ts'

/** A question and the run that answers it, with the names that routes had when it was asked. */
export interface Turn {
  readonly id: string
  readonly question: string
  readonly run: Run<RouteName>
  readonly names: Names
}

/** What the next question is asked on top of: every turn that a model has answered, in part or whole. */
export function history(turns: readonly Turn[]): Message[] {
  return turns.flatMap(({ question, run }) => {
    const { outcome } = run.store.getState()
    if (outcome === null || outcome.text === '' || outcome.status === 'safe') return []
    return [{ role: 'user', content: question }, outcome.message]
  })
}
