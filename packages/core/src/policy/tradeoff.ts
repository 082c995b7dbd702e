import type { Difference, Tradeoff } from '../words/policy.ts'
import type { Candidate } from './candidate.ts'

/** A wait that differs by less is no difference to anybody, ms. */
const LEAST_WAIT_MS = 100

/** Scores are a product's own estimates: one that is lower by less than this is no worse an answer. */
const LEAST_QUALITY = 0.02

/** Whether nobody gets a worse answer when `to` answers instead of `from`. */
export function isAsGood(to: Candidate, from: Candidate): boolean {
  return to.quality > from.quality - LEAST_QUALITY
}

function differs<Value>(promised: Value, delivered: Value): Difference<Value> | undefined {
  return promised === delivered ? undefined : { promised, delivered }
}

/** What changes for the user when `to` answers instead of `from`: only what differs. Waits are p50. */
export function tradeoff(from: Candidate, to: Candidate): Tradeoff {
  const [waited] = from.expected.waitMs
  const [waits] = to.expected.waitMs
  const costs = [from.expected.costUsd, to.expected.costUsd] as const
  const waitMs = Math.abs(waited - waits) < LEAST_WAIT_MS ? undefined : differs(waited, waits)
  const costUsd = costs[0] === null || costs[1] === null ? undefined : differs(costs[0], costs[1])
  const quality = differs(from.quality, to.quality)
  const payer = differs(from.payer, to.payer)
  const privacy = differs(from.privacy, to.privacy)
  const downloadBytes = differs(0, to.downloadBytes)
  return {
    ...(waitMs && { waitMs }),
    ...(costUsd && { costUsd }),
    ...(quality && { quality }),
    ...(payer && { payer }),
    ...(privacy && { privacy }),
    ...(downloadBytes && { downloadBytes }),
  }
}
