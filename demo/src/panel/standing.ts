import type { RouteHealth } from '@rungs/core'
import { seconds } from '../seconds.ts'

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })

/** What is known of a route in this browser, for its rung in the panel. */
export function standingWords({ state, pBad, heldUntil, firstChunkMs }: RouteHealth): string {
  switch (state) {
    case 'good':
      return firstChunkMs === null
        ? 'Tried when its turn comes'
        : `First words after ${seconds(firstChunkMs[0])}, as measured`
    case 'suspect':
      return `Failed just now: ${Math.round(pBad * 100)} % likely to be down`
    case 'probing':
      return 'Being tried again, by one question'
    case 'held':
      return heldUntil === null
        ? 'Passed over for now'
        : `Passed over until ${clock.format(heldUntil)}`
    case 'disabled':
      return 'Passed over for as long as this page lives'
    default:
      return state satisfies never
  }
}
