import { useCallback, useMemo, useRef, useState, type RefCallback } from 'react'
import { useProvided } from '../LLMContext.ts'
import type { AnyLLM } from '../register.ts'
import { ownSeat, sharedSeat, type Seat } from './seat.ts'
import { createSession, type Shown } from './session.ts'
import { useShown } from './useShown.ts'

interface Options {
  readonly workload: string
  readonly id?: string | undefined
  readonly onUnmount?: 'stop' | 'keep' | undefined
  readonly throttleMs?: number | undefined
}

/** A component's place at a session, and what that session shows. */
export function useSession({ workload, id, onUnmount = 'stop', throttleMs = 50 }: Options): {
  readonly llm: AnyLLM
  readonly seat: Seat
  readonly shown: Shown
  readonly answerRef: RefCallback<Element>
} {
  if (onUnmount === 'keep' && id === undefined) {
    throw new TypeError(
      `useLLM: onUnmount: 'keep' needs an id, by which a later component can find the run.`,
    )
  }
  const llm = useProvided()
  const [own] = useState(createSession)
  const seat = useMemo(
    () => (id === undefined ? ownSeat(own) : sharedSeat(llm, id, workload)),
    [llm, id, workload, own],
  )
  seat.check(workload)
  const answer = useRef<Element>(null)
  const answerRef = useCallback((element: Element | null) => {
    answer.current = element
  }, [])
  const shown = useShown(seat, throttleMs, onUnmount, answer)
  return { llm, seat, shown, answerRef }
}
