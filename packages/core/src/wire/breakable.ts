import { Fault, judged } from '../policy/fault.ts'
import type { FailureKind } from '../words/failure.ts'
import type { Route } from '../words/route.ts'
import { createRoute, wireOf } from './route.ts'

/** How a route is broken: by which failure, or `hang` for one that does not answer and is found out by a deadline. */
export type Breakage = Exclude<FailureKind, 'offline'> | 'hang'

/** A route that can be broken from outside, and mended. */
export interface BreakableRoute extends Route {
  /** Null while the route works. */
  readonly broken: () => Breakage | null
  /** From the next attempt on. Null mends it. */
  readonly break: (how: Breakage | null) => void
}

/**
 * The same route with a switch that breaks it, for development. A broken route sends nothing.
 *
 * @throws a TypeError for what no route function made
 * @example
 * const ours = breakable(aiSdk({ url: '/api/chat' }))
 * ours.break('outage')
 */
export function breakable(route: Route): BreakableRoute {
  const wire = wireOf(route)
  if (!wire) throw new TypeError('breakable needs a route that a route function made')
  let broken: Breakage | null = null
  const made = createRoute(route.protocol, route.facts, {
    ...wire,
    async stream(call, tell) {
      if (broken === null) return wire.stream(call, tell)
      if (broken === 'network') {
        throw new Fault({ from: 'transport', isOnline: true, isBlocked: false })
      }
      if (broken !== 'hang') throw judged(broken)
      return new Promise((_, reject) => {
        call.signal.addEventListener('abort', () => {
          reject(call.signal.reason)
        })
      })
    },
  })
  return Object.assign(made, {
    broken: () => broken,
    break(how: Breakage | null) {
      broken = how
    },
  })
}
