import { checkConfig } from '../config/config.ts'
import type { FailureKind } from '../words/failure.ts'
import type { Config } from '../words/policy.ts'
import { findUnmetCosts } from './costs.ts'
import { KINDS } from './failures.ts'
import { createNotebook, type Finding, type Look } from './finding.ts'
import { findUnreachable } from './reach.ts'
import { react, type Reaction } from './react.ts'
import { leftOut, routesOf, sceneOf, settingsOf, SMALL, TYPICAL, type Scene } from './scene.ts'
import { findFragile } from './spread.ts'
import { findIdle } from './trials.ts'
import { findUnmetWaits } from './waits.ts'

/** What is looked at; what is not said is all of it. */
export interface Scope {
  readonly workload?: string | undefined
  readonly tier?: string | undefined
}

interface Row<Name extends string> extends Reaction<Name> {
  readonly workload: string
  readonly tier: string | null
  readonly arm?: string
  readonly kind: FailureKind
  readonly on: Name
}

/** A config held against every failure. What is found of a part is found in the light of the whole. */
export function examine<Name extends string>(
  config: Config<Name, string, string>,
  scope: Scope,
): { readonly rows: readonly Row<Name>[]; readonly findings: readonly Finding[] } {
  checkConfig(config)
  const routes = routesOf(config)
  const settings = settingsOf(config)
  const scenes = settings.map((setting): Scene<Name> => {
    const scene = sceneOf(setting, routes, TYPICAL)
    if (scene.chain.length > 0 || leftOut(scene, 'too-costly', 'over-budget').length === 0)
      return scene
    const small = sceneOf(setting, routes, SMALL)
    return small.chain.length > 0 ? small : scene
  })
  const { note, findings } = createNotebook(settings)
  const look: Look = { config, scenes, note }
  findFragile(look)
  findUnmetWaits(look)
  findUnmetCosts(look)
  findUnreachable(look)
  findIdle(look)
  const isIn = ({ workload, tier }: Pick<Scene, 'workload' | 'tier'>): boolean =>
    workload === (scope.workload ?? workload) && tier === (scope.tier ?? tier)
  return {
    rows: scenes.filter(isIn).flatMap(rowsOf),
    findings: findings(({ path }, made) =>
      made.length > 0
        ? made.some(isIn)
        : isBelow(path, 'workloads', scope.workload) && isBelow(path, 'tiers', scope.tier),
    ),
  }
}

/** Whether a path is of the one that is looked at, or of none in particular. */
function isBelow(path: string, group: string, name: string | undefined): boolean {
  return name === undefined || !path.startsWith(`${group}.`) || path.startsWith(`${group}.${name}.`)
}

function rowsOf<Name extends string>(scene: Scene<Name>): readonly Row<Name>[] {
  const { workload, tier, arm, chain } = scene
  const where = { workload, tier, ...(arm === null ? {} : { arm }) }
  return chain.flatMap(({ name: on }, place) =>
    KINDS.map((kind) => Object.assign({}, where, { kind, on }, react(scene, place, kind))),
  )
}
