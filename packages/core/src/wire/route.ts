import { isLocalHost } from '../policy/address.ts'
import type { Route, RouteFacts } from '../words/route.ts'
import type { Rung } from '../words/rung.ts'
import type { Wire } from '../words/wire.ts'

/** Shared by copies of this package, so that a route made by one works in the other. */
const wireKey: unique symbol = Symbol.for('rungs.wire')
interface Wired extends Route {
  readonly [wireKey]: Wire
}

/** Make a route out of its facts and its wire, which stays off the public `Route`. */
export function createRoute(protocol: string, facts: RouteFacts, wire: Wire): Route {
  const route: Wired = { protocol, facts, [wireKey]: wire }
  return route
}

/** A route's wire; undefined for anything that no route function made. */
export function wireOf(route: unknown): Wire | undefined {
  return typeof route === 'object' && route !== null
    ? (route as Partial<Wired>)[wireKey]
    : undefined
}

/** What the product scores nothing: right in the middle. */
const QUALITY = 0.5

/** A route under its name: its facts with their defaults, and its wire. */
export function equip<Name extends string>(
  name: Name,
  route: Route,
): { readonly rung: Rung<Name>; readonly wire: Wire } {
  const wire = wireOf(route)
  if (!wire) throw new TypeError(`routes.${name} was made by no route function`)
  const { facts, protocol } = route
  const { privacy, model, origin, credential } = wire
  const provider = facts.provider ?? name
  const host = origin === null ? '' : new URL(origin).hostname
  const rung: Rung<Name> = {
    name,
    facts,
    provider,
    accountKey: JSON.stringify([provider, facts.account, facts.payer]),
    beliefKey: JSON.stringify([provider, model ?? name, facts.account]),
    quality: facts.quality ?? QUALITY,
    abilities: facts.abilities ?? wire.abilities,
    payer: facts.payer ?? 'product',
    privacy,
    model,
    origin,
    credential,
    isCanned: protocol === 'canned',
    isLocal: isLocalHost(host) || (privacy === 'device' && protocol !== 'canned'),
  }
  return { rung, wire }
}
