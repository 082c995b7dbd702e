import type { Ability, RouteFacts } from './route.ts'
import type { Privacy, Wire } from './wire.ts'

/** A route as the policy sees it: its name, its facts with the defaults filled in, and what its wire says. */
export interface Rung<Name extends string = string> {
  readonly name: Name
  readonly provider: string
  /** Who shares a credential's fate: provider, account and payer. */
  readonly accountKey: string
  /** What is good or bad as one: provider, account, and model, or the route where it has none to name. */
  readonly beliefKey: string
  readonly quality: number
  readonly abilities: readonly Ability[]
  readonly payer: 'product' | 'user'
  readonly facts: RouteFacts
  readonly privacy: Privacy
  readonly model: string | null
  readonly origin: string | null
  readonly credential: Wire['credential']
  /** `canned` routes are answers of last resort, never part of the promise. */
  readonly isCanned: boolean
  /** Can do its work without a network: on the device, or a server on localhost. */
  readonly isLocal: boolean
}
