import { useCallback, useEffect, useState, useSyncExternalStore } from 'react'
import { useCommitEffect } from '../useCommitEffect.ts'
import type { Seat } from './seat.ts'
import { nothing, type Member, type Shown } from './session.ts'

/**
 * What the session at a seat shows. What must not wait comes by `useSyncExternalStore`, which renders at
 * once; more text comes by `useState`, whose updates do not interrupt a transition. By the former alone, a
 * navigation that renders for longer than the pace of the text starts anew with every piece of it: measured
 * in React 19.3, 60 ms of rendering at a pace of 50 ms took 5 s, when React forces it, and takes 75 ms now.
 */
export function useShown(
  seat: Seat,
  throttleMs: number,
  onUnmount: Member['onUnmount'],
  answer: { readonly current: Element | null },
): Shown {
  // Who comes in the middle of a text begins with what others show of it, and is told the rest with them.
  const [more, setMore] = useState(() => seat.session().onScreen())
  const subscribe = useCallback(
    (onUrgent: () => void) => {
      const onMore = (next: Shown): void => {
        if (throttleMs < Infinity || next.state.phase !== 'streaming') setMore(next)
      }
      return seat.join({ onUrgent, onMore, throttleMs, onUnmount })
    },
    [seat, throttleMs, onUnmount],
  )
  const urgent = useSyncExternalStore(
    subscribe,
    () => seat.session().urgent(),
    () => nothing,
  )
  const shown = more.of === urgent.of && more.order > urgent.order ? more : urgent
  // Before the browser paints what has just been committed.
  useCommitEffect(() => {
    seat.session().committed(shown, answer.current)
  }, [seat, shown, answer])
  useEffect(() => {
    seat.session().seen(shown)
  }, [seat, shown])
  return shown
}
