import { createHealthBook } from '../health/book.ts'
import { leftOf, noLedger, reduceLedger, type Budget } from '../policy/budget.ts'
import { experimentOf } from '../policy/experiment.ts'
import { mergeTerms, type Terms } from '../policy/limits.ts'
import type { Candidate, PlanInput } from '../policy/candidate.ts'
import { plan } from '../policy/plan.ts'
import {
  needsOf,
  reachable,
  survey,
  type Brief,
  type Equipped,
  type Position,
  type Shared,
} from '../run/survey.ts'
import type { Purse } from '../run/budget.ts'
import { createThreads } from '../run/thread.ts'
import { equip } from '../wire/route.ts'
import type { Config, Plan, WhyNot } from '../words/policy.ts'
import type { World } from '../words/world.ts'

/** A workload for one tier and, where its ladder is under test, one arm. */
export interface Setting<Name extends string = string> {
  readonly workload: string
  readonly tier: string | null
  readonly arm: string | null
  readonly terms: Terms<Name>
  /** Where its ladder stands in the config. */
  readonly ladderAt: string
}

/** A setting as it stands before anything has happened. */
export interface Scene<Name extends string = string> extends Setting<Name> {
  readonly routes: ReadonlyMap<Name, Equipped<Name>>
  readonly request: Brief<Name>['request']
  readonly input: PlanInput<Name>
  /** Over every route that a run may come to. */
  readonly plan: Plan<Name>
  /** What may serve, in the order in which it is come to. A canned answer is no route that breaks. */
  readonly chain: readonly Candidate<Name>[]
}

/** The names of a record, with their type. */
export function namesOf<Key extends string>(record: {
  readonly [Each in Key]: unknown
}): readonly Key[] {
  return Object.keys(record).filter((key): key is Key => key in record)
}

/** Every ladder of a config with the terms that it is climbed under. An arm that has the workload's own ladder is no other one. */
export function settingsOf<Name extends string>(
  config: Config<Name, string, string>,
): readonly Setting<Name>[] {
  return namesOf(config.workloads).flatMap((workload) =>
    (config.tiers ? namesOf(config.tiers) : [null]).flatMap((tier) => {
      const isOwn = tier !== null && config.tiers?.[tier]?.ladders?.[workload] !== undefined
      const at = `workloads.${workload}`
      const settingOf = (arm: string | null, ladderAt: string): Setting<Name> => ({
        workload,
        tier,
        arm,
        terms: mergeTerms(config, workload, tier, arm),
        ladderAt,
      })
      const main = settingOf(null, isOwn ? `tiers.${tier}.ladders.${workload}` : `${at}.ladder`)
      const arms = Object.keys(experimentOf(config, workload, tier)?.arms ?? {})
      const others = arms.map((arm) => settingOf(arm, `${at}.experiment.arms.${arm}.ladder`))
      const own = String(main.terms.ladder)
      return [main].concat(others.filter(({ terms }) => String(terms.ladder) !== own))
    }),
  )
}

/** The routes, each with the credential that it will have when it is used. */
export function routesOf<Name extends string>(
  config: Config<Name, string, string>,
): ReadonlyMap<Name, Equipped<Name>> {
  return new Map(
    namesOf(config.routes).map((name) => {
      const { rung, wire } = equip(name, config.routes[name])
      const { isKeyless: _, ...rest } = wire
      const credential = rung.credential === 'missing' ? 'lazy' : rung.credential
      return [name, { rung: { ...rung, credential }, wire: rest }]
    }),
  )
}

/** Nothing moves here: no time passes, and whatever is drawn by lot comes out in the middle. */
function still(isOnline: boolean): World {
  return {
    fetch: () => Promise.reject(new TypeError('An audit sends nothing.')),
    now: () => 0,
    timeOrigin: 0,
    after: () => () => undefined,
    random: () => 0.5,
    page: {
      isOnline: () => isOnline,
      isHidden: () => false,
      watch: () => () => undefined,
      watchLeaving: () => () => undefined,
      watchCopy: () => () => undefined,
      wantsPrivacy: () => true,
      measure: () => undefined,
      beacon: () => false,
      hasBlocked: () => Promise.resolve(false),
    },
    channel: () => null,
    local: { read: () => null, write: () => undefined },
    storage: null,
    archive: () => null,
    locks: null,
    digest: (text) => Promise.resolve(text),
  }
}

/** What the runs of a page share that was opened this moment. */
export function freshPage<Name extends string>(
  routes: Scene<Name>['routes'],
  isOnline: boolean,
): Shared<Name> {
  const world = still(isOnline)
  const rungs = [...routes.values()].map(({ rung }) => rung)
  return {
    routes,
    world,
    book: createHealthBook(rungs, world.now, world.random, () => undefined),
    refusedKeys: new Map(),
    availabilities: new Map(),
    consents: [],
    holdOuts: new Map(),
    hedges: new Map(),
  }
}

/** What the attempts so far cost, each at what it was reckoned, USD: all of them, and those that the product pays. */
export interface Spent {
  readonly usd: number
  readonly ownUsd: number
}

export function briefOf<Name extends string>(
  { workload, terms }: Setting<Name>,
  request: Brief<Name>['request'],
  canConfirm: boolean,
  { usd, ownUsd }: Spent,
): Brief<Name> {
  const thread = createThreads()(null)
  thread.spend(usd)
  return {
    workload,
    terms,
    request,
    needs: needsOf(request),
    kept: null,
    canConfirm,
    purse: terms.budget && purseOf(terms.budget, ownUsd),
    thread,
    availabilities: new Map(),
    check: () => Promise.resolve(),
  }
}

function purseOf(budget: Budget, usd: number): Purse {
  const entry = { type: 'reserve', id: '', usd, at: 0, budget: null } as const
  return {
    left: () => leftOf(reduceLedger(noLedger, entry), budget, 0),
    refresh: () => Promise.resolve(),
    reserve: () => Promise.resolve(null),
  }
}

/** A request of so many tokens; an answer of so many, else of as many as is reckoned with. */
function sized(inputTokens: number, maxOutputTokens?: number): Brief<string>['request'] {
  const content = 'word '.repeat(inputTokens)
  return { id: '', system: null, messages: [{ role: 'user', content }], maxOutputTokens }
}

/** The median of Azure's conversations of 2023 (AzurePublicDataset, LLM inference trace) is 1,020 tokens. */
export const TYPICAL: Brief<string>['request'] = sized(1000)
/** A tenth of that, for a workload whose cost limit is made for small answers. */
export const SMALL: Brief<string>['request'] = sized(100, 80)

const untouched: Position<string> = {
  isTried: () => false,
  isKeyless: () => false,
  spentUsd: 0,
  leftMs: Infinity,
}

export function sceneOf<Name extends string>(
  setting: Setting<Name>,
  routes: Scene<Name>['routes'],
  request: Scene['request'],
): Scene<Name> {
  const leftMs = setting.terms.limits.totalMs ?? Infinity
  const page = freshPage(routes, true)
  const input = survey(page, briefOf(setting, request, false, { usd: 0, ownUsd: 0 }), {
    ...untouched,
    leftMs,
  })
  const planned = plan(input, reachable(setting.terms))
  const chain = candidatesOf(planned, input).filter(({ isCanned }) => !isCanned)
  return { ...setting, routes, request, input, plan: planned, chain }
}

/** What is left out for these reasons, with all that is known of it. */
export function leftOut(
  { plan: { excluded }, input }: Scene,
  ...reasons: readonly WhyNot[]
): readonly Candidate[] {
  return excluded.flatMap(({ route, why }) =>
    reasons.includes(why) ? (input.candidates.get(route) ?? []) : [],
  )
}

/** The routes of a plan with all that is known of them. */
export function candidatesOf<Name extends string>(
  { routes }: Plan<Name>,
  { candidates }: PlanInput<Name>,
): readonly Candidate<Name>[] {
  return routes.flatMap(({ route }) => candidates.get(route) ?? [])
}
