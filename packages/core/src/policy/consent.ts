import type { Ask, Confirmation, Expected, Tradeoff } from '../words/policy.ts'

/** A yes for the session, as it was given. */
export interface Consent {
  readonly workload: string
  readonly route: string
  readonly about: Confirmation['about']
  readonly tradeoff: Tradeoff
}

/** How much worse a dimension gets; what has no size counts as all of it. */
function size(difference: { readonly promised: unknown; readonly delivered: unknown }): number {
  const { promised, delivered } = difference
  return typeof promised === 'number' && typeof delivered === 'number'
    ? Math.abs(delivered - promised)
    : Infinity
}

/** Whether a yes covers another question: same workload, route and dimensions, and no larger in any. */
export function covers(consent: Consent, asked: Consent): boolean {
  const given = new Map<string, { promised: unknown; delivered: unknown }>(
    Object.entries(consent.tradeoff),
  )
  return (
    consent.workload === asked.workload &&
    consent.route === asked.route &&
    consent.about === asked.about &&
    Object.entries(asked.tradeoff).every(([dimension, difference]) => {
      const known = given.get(dimension)
      return known !== undefined && size(difference) <= size(known)
    })
  )
}

function isOver(change: Tradeoff['waitMs'], most: number | undefined): boolean {
  return change !== undefined && most !== undefined && change.delivered - change.promised > most
}

/** What of a tradeoff has to be put to the user before it is made; empty when nothing has. */
export function questions(tradeoff: Tradeoff, ask: Ask): Tradeoff {
  const { waitMs, costUsd, quality, payer, privacy } = tradeoff
  const isAsked: { readonly [Dimension in keyof Tradeoff]: boolean } = {
    waitMs: isOver(waitMs, ask.slowerByMs),
    costUsd: isOver(costUsd, ask.costlierByUsd),
    quality:
      ask.lowerQuality === true &&
      isOver(quality && { promised: -quality.promised, delivered: -quality.delivered }, 0),
    payer: ask.payer !== false && payer !== undefined,
    privacy: ask.leavesDevice !== false && privacy?.promised === 'device',
    downloadBytes: ask.download !== false,
  }
  const asked = new Map(Object.entries(isAsked))
  return Object.fromEntries(Object.entries(tradeoff).filter(([dimension]) => asked.get(dimension)))
}

/** What of a first attempt has to be asked for, against the thresholds: a wait or a cost above them. */
export function firstQuestions({ waitMs, costUsd }: Expected, { first }: Ask): Tradeoff {
  const wait = first?.waitMs ?? Infinity
  const cost = first?.costUsd ?? Infinity
  return {
    ...(waitMs[0] > wait ? { waitMs: { promised: wait, delivered: waitMs[0] } } : {}),
    ...((costUsd ?? 0) > cost ? { costUsd: { promised: cost, delivered: costUsd ?? 0 } } : {}),
  }
}
