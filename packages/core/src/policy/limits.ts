import type { Ask, Config, Limits, Plan, Rules, Tier, Workload } from '../words/policy.ts'
import type { Budget } from './budget.ts'

/** What holds for one workload and tier, merged once. */
export interface Terms<Name extends string = string> {
  readonly ladder: readonly Name[]
  readonly safe: Name | null
  readonly limits: Limits
  readonly regions: readonly string[] | null
  readonly require: readonly string[]
  readonly allow: readonly Name[] | null
  readonly deny: readonly Name[]
  readonly on: Rules<Name>
  readonly ask: Ask
  readonly workload: Workload<Name>
  readonly reviewBelow: number | null
  /** What is shown cannot be taken back. */
  readonly isAppendOnly?: boolean
  /** The arm whose ladder this is; null outside an experiment. */
  readonly arm: Plan['arm']
  /** Null where the tier is not held out of anything. */
  readonly holdOut: NonNullable<Workload<Name>['holdOut']> | null
  /** Of each user; null without one. */
  readonly budget: Budget | null
}

/** Limits that are amounts, those of the thread apart. The smaller is the tighter one, but for `minQuality`. */
const AMOUNTS = [
  'firstChunkMs',
  'chunkMs',
  'totalMs',
  'costUsd',
  'maxAttempts',
  'minQuality',
] as const
const OF_THREAD = ['totalMs', 'costUsd'] as const

/** Only what is in both; a side that says nothing allows everything. */
export function intersect(
  one: readonly string[] | null | undefined,
  other: readonly string[] | null | undefined,
): readonly string[] | null {
  if (!one || !other) return one ?? other ?? null
  return one.filter((region) => other.includes(region))
}

/**
 * What a workload and a tier come to: the tier replaces limits one by one, regions intersect, requirements unite.
 * `arm` is one of the workload's experiment, for a tier that is in it.
 */
export function mergeTerms<Name extends string, Job extends string>(
  config: Config<Name, Job, string>,
  job: Job,
  level: string | null,
  arm: string | null = null,
): Terms<Name> {
  const workload = config.workloads[job]
  const tier: Tier<Name, Job> = (level === null ? undefined : config.tiers?.[level]) ?? {}
  const base = workload.limits ?? {}
  const { experiment, holdOut } = workload
  const isOut = level === null || holdOut?.tiers?.includes(level) !== false
  const given = arm === null ? undefined : experiment?.arms[arm]
  return {
    ladder: tier.ladders?.[job] ?? given?.ladder ?? workload.ladder,
    safe: workload.safe ?? null,
    limits: {
      ...merge(base, tier.limits),
      thread: merge(base.thread ?? {}, tier.limits?.thread),
    },
    regions: intersect(intersect(base.regions, tier.limits?.regions), tier.regions),
    require: [
      ...new Set([
        ...(base.require ?? []),
        ...(tier.limits?.require ?? []),
        ...(tier.require ?? []),
      ]),
    ],
    allow: tier.allow ?? null,
    deny: tier.deny ?? [],
    on: merge(workload.on ?? {}, tier.on),
    ask: merge(workload.ask ?? {}, tier.ask),
    workload,
    reviewBelow: tier.reviewBelow ?? null,
    holdOut: (isOut && holdOut) || null,
    arm:
      arm !== null && experiment && given
        ? { experiment: experiment.name, arm, propensity: given.share }
        : null,
    budget: tier.budget ?? null,
  }
}

/** The first with what the second gives; a field that is there and undefined is not given. */
function merge<Fields extends object>(base: Fields, over: Fields | undefined): Fields {
  const given = Object.entries(over ?? {}).filter(([, value]) => value !== undefined)
  return Object.assign({}, base, Object.fromEntries(given))
}

/** The terms with a request's own limits. Throws a TypeError that names each limit that would loosen. */
export function tighten<Name extends string>(
  terms: Terms<Name>,
  asked: Limits | undefined,
): Terms<Name> {
  if (!asked) return terms
  const loosened: string[] = []
  function tightened<Fields extends object>(
    path: string,
    amounts: readonly (keyof Fields & string)[],
    base: Fields,
    own: Fields,
  ): Fields {
    for (const amount of amounts) {
      const [is, was] = [own[amount], base[amount]]
      if (typeof is !== 'number' || typeof was !== 'number') continue
      const isLooser = amount === 'minQuality' ? is < was : is > was
      if (isLooser) loosened.push(`${path}.${amount}: ${is} would loosen ${was}`)
    }
    return merge(base, own)
  }
  const limits = {
    ...tightened('limits', AMOUNTS, terms.limits, asked),
    thread: tightened('limits.thread', OF_THREAD, terms.limits.thread ?? {}, asked.thread ?? {}),
  }
  const foreign = asked.regions?.filter((region) => terms.regions?.includes(region) === false)
  if (foreign?.length) loosened.push(`limits.regions: ${foreign.join(', ')} would be added`)
  if (loosened.length > 0) {
    throw new TypeError(`A request may only tighten its limits. ${loosened.join('; ')}.`)
  }
  return {
    ...terms,
    limits,
    regions: asked.regions ?? terms.regions,
    require: [...new Set([...terms.require, ...(asked.require ?? [])])],
  }
}
