import { isSameModel } from '../policy/model.ts'
import type { Rung } from '../words/rung.ts'
import type { Wire } from '../words/wire.ts'

const warned = new WeakSet<Wire>()

/** The model that answers, where it is another one than was asked for; said on the console once a route. */
export function otherModel(rung: Rung, wire: Wire, model: string): string | undefined {
  const { name, model: asked, origin } = rung
  // Azure is asked by the name that the product gave to a deployment, and answers with its model's.
  const isAsked = asked === null || origin?.endsWith('.azure.com') || isSameModel(asked, model)
  if (isAsked) return undefined
  // The host's own words stay off the console.
  if (!warned.has(wire)) console.warn(`[rungs] ${name}: another model than ${asked} answered`)
  warned.add(wire)
  return model
}
