import { isRecord } from '../config/checks.ts'
import type { Part } from '../words/message.ts'
import { parseJson } from '../wire/json.ts'

type Reasoning = Extract<Part, { type: 'reasoning' }>

/**
 * The sealed part of a thought as one text, for protocols that carry a signature or a cipher of their own: it
 * comes back with the conversation, and goes on to the provider and model that made it.
 */
export function seal({ opaque, madeBy }: Reasoning): string | undefined {
  return opaque === undefined ? undefined : JSON.stringify({ rungs: 1, opaque, madeBy })
}

/** What `seal` sealed; a signature from elsewhere is nothing that a route could use. */
export function unseal(text: unknown): Pick<Reasoning, 'opaque' | 'madeBy'> {
  const sealed = typeof text === 'string' ? parseJson(text) : undefined
  if (!isRecord(sealed) || sealed['rungs'] !== 1 || !isRecord(sealed['madeBy'])) return {}
  const { provider, model } = sealed['madeBy']
  if (typeof provider !== 'string' || typeof model !== 'string') return {}
  return { opaque: sealed['opaque'], madeBy: { provider, model } }
}
