import type { FailureKind } from '@rungs/core'
import type { Played } from './drive.ts'
import { piecesOf } from './plan.ts'

/** What a deadline of ours can call a route. */
const STALLS = new Set<FailureKind>(['timeout', 'queue-stall', 'stream-stall', 'latency-ceiling'])
/** A health that nobody has been blamed in. */
const UNBLAMED = 0.0101

/** What is wrong with how a cycle ended; nothing, as it should be. */
export function faultsOf(played: Played): readonly string[] {
  const { cycle, rungs, again } = played
  if (!rungs) return ['the run was lost']
  const faults: string[] = []
  const { status, text, route, failures } = rungs
  if (status !== 'completed' || route === null) faults.push(`it ended ${status}`)
  else if (text !== piecesOf(route, cycle).join('')) faults.push(`it says ${JSON.stringify(text)}`)
  for (const kind of failures) {
    if (kind !== null && !mayFail(played, kind)) {
      faults.push(`${STALLS.has(kind) ? 'a false' : 'a needless'} ${kind}`)
    }
  }
  if (!again) return [...faults, 'the next run was lost']
  if (again.status !== 'completed' || again.tried[0] !== 'a') {
    faults.push(`the next run tried ${again.tried.join()} and ended ${again.status}`)
  }
  for (const { pBad, state } of again.health) {
    if (pBad > UNBLAMED || state !== 'good') faults.push(`a route is ${state} (${pBad.toFixed(3)})`)
  }
  return faults
}

/** What really broke: connections, while offline or asleep, and streams that the page could not hear any more. */
function mayFail({ cycle: { what, server }, isDeaf }: Played, kind: FailureKind): boolean {
  if (what === 'asleep') return kind === 'network' && server === 'breaks'
  if (what === 'offline') return kind === 'offline' && server !== 'goes-on'
  return isDeaf && STALLS.has(kind)
}

/** The client beside it gave up on a server that was sending, and that the page could hear. */
export function isNaivelyStalled({ cycle, naive, isDeaf }: Played): boolean {
  const isStalled = naive?.status === 'stalled' || naive?.status === 'timed-out'
  return isStalled && !isDeaf && cycle.server === 'goes-on'
}
