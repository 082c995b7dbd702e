import type { Candidate } from '../policy/candidate.ts'
import { placeOf, usd, type Look } from './finding.ts'
import { leftOut, SMALL, type Scene } from './scene.ts'

/** What may not be spent more than, and where the config says so. */
interface Bound {
  readonly path: string
  readonly amount: number
  /** A budget counts what the product pays, a limit what anybody does. */
  readonly isBudget: boolean
}

/** Amounts that no answer fits, and routes that fit none because their price is not known. */
export function findUnmetCosts(look: Look): void {
  for (const scene of look.scenes) {
    const bounds = boundsOf(look, scene)
    if (bounds.length === 0) continue
    findUnpriced(look, scene, bounds)
    findUnaffordable(look, scene, bounds)
  }
}

function boundsOf(look: Look, scene: Scene): readonly Bound[] {
  const { limits } = scene.terms
  const { tier } = scene
  const budget = (tier === null ? undefined : look.config.tiers?.[tier]?.budget) ?? {}
  const amounts = [
    [placeOf(look, scene, 'limits', 'costUsd'), limits.costUsd, false],
    [`${placeOf(look, scene, 'limits', 'thread')}.costUsd`, limits.thread?.costUsd, false],
    [`tiers.${tier}.budget.usdPerSession`, budget.usdPerSession, true],
    [`tiers.${tier}.budget.usdPerDay`, budget.usdPerDay, true],
  ] as const
  return amounts.flatMap(([path, amount, isBudget]) =>
    amount === undefined ? [] : [{ path, amount, isBudget }],
  )
}

function findUnpriced({ note }: Look, scene: Scene, bounds: readonly Bound[]): void {
  const { chain, terms, workload } = scene
  const isUnpriced = ({ expected, payer }: Candidate): boolean =>
    expected.costUsd === null && bounds.some(({ isBudget }) => !isBudget || payer === 'product')
  const unpriced = [...leftOut(scene, 'price-unknown'), ...chain.filter(isUnpriced)]
  const others = [
    ...leftOut(scene, 'too-costly', 'over-budget'),
    ...chain.filter((one) => !isUnpriced(one)),
  ]
  const [bound] = bounds
  if (bound && unpriced.length > 0 && !others.some(({ name }) => terms.ladder.includes(name))) {
    const message = `no route that may serve ${workload} has a price, and a price that is unknown fits no limit`
    note('error', bound.path, message, scene)
    return
  }
  for (const { name } of unpriced) {
    const message = `is not declared, so ${name} may not serve ${workload}, whose cost is limited`
    note('warning', `routes.${name}.price`, message, scene)
  }
}

function findUnaffordable({ note }: Look, scene: Scene, bounds: readonly Bound[]): void {
  const { chain, terms, workload, request } = scene
  const all = [...chain, ...leftOut(scene, 'too-costly', 'over-budget')]
  const rungs = all.filter(({ name }) => terms.ladder.includes(name))
  for (const { path, amount, isBudget } of bounds) {
    const costs = rungs.map(({ expected, payer }) =>
      isBudget && payer === 'user' ? 0 : (expected.costUsd ?? Infinity),
    )
    const least = Math.min(...costs)
    if (amount >= least || least === Infinity) continue
    note('error', path, `one answer of ${workload} costs about ${usd(least)} at least`, scene)
  }
  const [tightest] = bounds.toSorted((one, other) => one.amount - other.amount)
  if (tightest && request === SMALL) {
    const message = `it is too little for ${workload} but with short answers: where a request does not say so by maxOutputTokens, no route may serve`
    note('warning', tightest.path, message, scene)
  }
}
