import type { RunStep } from '../words/event.ts'
import type { FailureKind } from '../words/failure.ts'
import type { AttemptResult } from './attempt.ts'
import { createMailbox } from './mailbox.ts'

/** An attempt that others may run beside. */
export interface Racer<Name extends string> {
  readonly attempt: number
  readonly route: Name
  readonly told: AsyncGenerator<RunStep<Name>, AttemptResult<Name>, void>
  /** It lost: end it. */
  readonly cut: () => void
}

/** Attempts that go for the same answer: the first that gives any of it goes on alone. */
export interface Race<Name extends string> {
  /** One more goes for the answer. Who enters first leads. */
  enter(racer: Racer<Name>): void
  /** Whether it is still to be won. */
  isOpen(): boolean
  /**
   * Tells what each of them tells, as it comes. Returns who has begun to answer, to be told on, or, where
   * nobody did, what the last one came to.
   */
  tell(): AsyncGenerator<RunStep<Name>, Racer<Name> | AttemptResult<Name>, void>
  /** Resolves once nothing is left of those that lost. */
  over(): Promise<void>
}

/** What a race asks of whoever set it up. */
export interface RaceRules<Name extends string> {
  /** One of them failed, and another goes on. */
  failed(result: Extract<AttemptResult<Name>, { type: 'failed' }>): Promise<unknown>
  /**
   * `racer` takes the lead: it was `faster` to answer, or the one that led failed. The cause is what that
   * failed by, or the failure that its silence comes nearest to.
   */
  taken(racer: Racer<Name>, how: 'faster' | 'next', cause: FailureKind): RunStep<Name>
}

/** With these a racer has won. */
const ANSWERS = new Set<RunStep['type']>(['content', 'tool-call', 'attempt-finished'])

export function createRace<Name extends string>(rules: RaceRules<Name>): Race<Name> {
  type Step = IteratorResult<RunStep<Name>, AttemptResult<Name>>
  const arrivals = createMailbox<{ readonly racer: Racer<Name>; readonly step: Step }>(
    () => undefined,
  )
  const running = new Set<Racer<Name>>()
  const endings: Promise<unknown>[] = []
  let isOpen = true

  async function pull(racer: Racer<Name>): Promise<void> {
    try {
      arrivals.put({ racer, step: await racer.told.next() })
    } catch (error) {
      arrivals.fail(error)
    }
  }
  function trail(ending: Promise<unknown>): void {
    // Whoever waits until it is over hears of what went wrong.
    ending.catch(() => undefined)
    endings.push(ending)
  }
  /** What the losers would still say is nobody's. */
  function cutOthers(winner: Racer<Name> | null): void {
    isOpen = false
    for (const racer of running) {
      if (racer === winner) continue
      running.delete(racer)
      racer.cut()
      trail(drain(racer))
    }
  }
  return {
    enter(racer) {
      running.add(racer)
      void pull(racer)
    },
    isOpen: () => isOpen,
    async *tell() {
      let [lead] = running
      /** What the silence of the one that leads comes nearest to. */
      let silence: FailureKind = 'timeout'
      for (;;) {
        for (const { racer, step } of (await arrivals.take()) ?? []) {
          if (!step.done) {
            const { type } = step.value
            if (racer === lead && type === 'headers') silence = 'queue-stall'
            const hasWon = ANSWERS.has(type)
            if (hasWon) cutOthers(racer)
            if (hasWon && racer !== lead) yield rules.taken(racer, 'faster', silence)
            yield step.value
            if (hasWon) return racer
            if (type !== 'attempt-failed') {
              void pull(racer)
              continue
            }
          }
          const result = step.done ? step.value : await drain(racer)
          running.delete(racer)
          // What one provider blocks is not put to another, not even to one that was asked before.
          if (racer === lead && isBlocked(result)) cutOthers(null)
          const [other] = running
          if (!other) {
            isOpen = false
            return result
          }
          if (result.type !== 'failed') continue
          trail(rules.failed(result))
          if (racer !== lead) continue
          lead = other
          yield rules.taken(other, 'next', result.failure.kind)
        }
      }
    },
    async over() {
      await Promise.all(endings)
    },
  }
}

/** What it comes to, whatever it tells until then. */
async function drain<Name extends string>({ told }: Racer<Name>): Promise<AttemptResult<Name>> {
  for (;;) {
    const step = await told.next()
    if (step.done) return step.value
  }
}

function isBlocked(result: AttemptResult<string>): boolean {
  return result.type === 'failed' && result.failure.kind === 'blocked-content'
}
