import { isLocalHost } from '../policy/address.ts'
import { DEFAULTS } from '../policy/direction.ts'
import { experimentOf } from '../policy/experiment.ts'
import { mergeTerms } from '../policy/limits.ts'
import type { Candidate } from '../policy/candidate.ts'
import { declaredAgainst } from '../policy/plan.ts'
import { equip, wireOf } from '../wire/route.ts'
import type { Config } from '../words/policy.ts'
import {
  anything,
  each,
  isRecord,
  kindOf,
  list,
  nameLike,
  number,
  object,
  oneOf,
  show,
  text,
  type Check,
  type Report,
} from './checks.ts'
import {
  ASK,
  BUDGET,
  DIRECTION,
  FACTS,
  FLAG,
  FUNCTION,
  hintsLike,
  HOLD_OUT,
  LIMITS,
  PACE,
  TELEMETRY,
} from './shapes.ts'

function checkRoute(route: unknown, path: string, report: Report): void {
  const wire = wireOf(route)
  if (!wire || !isRecord(route)) {
    report(path, 'was made by no route function (openai, anthropic, aiSdk, canned and so on)')
    return
  }
  for (const problem of wire.problems) report(path + problem.path, problem.message)
  FACTS(route['facts'], path, report)
  const page = globalThis.location as Location | undefined
  if (wire.literalAt && page?.protocol.startsWith('http') && !isLocalHost(page.hostname)) {
    report(
      path + wire.literalAt,
      'is written into a page, where everybody can read it: give a function that gets a short-lived token, or go through a backend of your own',
    )
  }
}

/** Check a config whole. Throws one TypeError that lists every problem by its path. */
export function checkConfig(given: Config<string, string, string>): void {
  const config: unknown = given
  const problems: string[] = []
  const report: Report = (path, message) => {
    problems.push(path === '' ? message : `${path}: ${message}`)
  }
  const names = (key: string): string[] => {
    const value = isRecord(config) ? config[key] : undefined
    return isRecord(value) ? Object.keys(value) : []
  }
  const [routes, workloads, tiers] = [names('routes'), names('workloads'), names('tiers')]
  const route = oneOf('route', routes)
  const on = object(
    Object.fromEntries(
      Object.keys(DEFAULTS).map((kind) => [
        kind,
        (value: unknown, path: string) => {
          if (Array.isArray(value)) list(route)(value, path, report)
          else DIRECTION(value, path, report)
        },
      ]),
    ),
    'on',
  )
  const ladder: Check = (value, path) => {
    list(route)(value, path, report)
    if (Array.isArray(value) && new Set(value).size < value.length) {
      report(path, 'names a route twice')
    }
  }
  const safe: Check = (value, path) => {
    route(value, path, report)
    const all = isRecord(config) && isRecord(config['routes']) ? config['routes'] : {}
    const named = typeof value === 'string' ? all[value] : undefined
    if (isRecord(named) && named['protocol'] !== 'canned') {
      report(path, `${show(value)} can fail: safe must be a canned route`)
    }
  }
  const arm = object({ ladder, share: number(0, 1) }, 'an arm')
  const experiment: Check = (value, path) => {
    object({ name: nameLike, arms: each(arm) }, 'an experiment', ['name'])(value, path, report)
    if (!isRecord(value)) return
    const arms = isRecord(value['arms']) ? Object.values(value['arms']) : []
    const shares = arms.map((one) => (isRecord(one) ? Number(one['share']) : NaN))
    const sum = shares.reduce((total, share) => total + share, 0)
    if (!(Math.abs(sum - 1) < 1e-9)) {
      report(`${path}.arms`, `their shares must add up to 1, they add up to ${sum}`)
    }
    for (const [name, one] of Object.entries(isRecord(value['arms']) ? value['arms'] : {})) {
      nameLike(name, `${path}.arms.${name}`, report)
      if (isRecord(one) && !(Array.isArray(one['ladder']) && one['ladder'].length > 0)) {
        report(`${path}.arms.${name}.ladder`, 'must name a route at least')
      }
    }
  }
  const workload = object(
    {
      ladder,
      safe,
      limits: LIMITS,
      on,
      ask: ASK,
      recovery: oneOf('recovery', ['restart', 'ask', 'keep']),
      checks: list(FUNCTION),
      pace: PACE,
      hedge: FLAG,
      experiment,
      holdOut: HOLD_OUT(tiers),
    },
    'a workload',
  )
  const tier = object(
    {
      limits: LIMITS,
      on,
      ask: ASK,
      allow: list(route),
      deny: list(route),
      ladders: object(Object.fromEntries(workloads.map((job) => [job, ladder])), 'ladders'),
      regions: list(text),
      require: list(text),
      budget: BUDGET,
      reviewBelow: number(0, 1),
    },
    'a tier',
  )
  if (isRecord(config)) {
    object(
      {
        routes: each(checkRoute),
        workloads: each((value, path) => {
          workload(value, path, report)
          if (isRecord(value) && !(Array.isArray(value['ladder']) && value['ladder'].length > 0)) {
            report(`${path}.ladder`, 'must name a route at least')
          }
        }),
        tiers: each(tier),
        defaultTier: oneOf('tier', tiers),
        world: anything,
        user: FUNCTION,
        hints: hintsLike,
        telemetry: TELEMETRY,
      },
      'a config',
    )(config, '', report)
    if (routes.length === 0) report('routes', 'must hold a route at least')
    if (workloads.length === 0) report('workloads', 'must hold a workload at least')
  } else report('', `must be an object, is ${kindOf(config)}`)

  // What follows reads the config as its type says, so it waits until that is true.
  if (problems.length === 0) checkLadders(given, report)
  if (problems.length > 0) {
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`
    throw new TypeError(`createLLM: ${count} in the config:\n- ${problems.join('\n- ')}`)
  }
}

/** Every workload needs, for every tier and arm, a route that its declared facts permit. */
function checkLadders(config: Config<string, string, string>, report: Report): void {
  const fresh = {
    wholeMs: null,
    hold: null,
    isTried: false,
    pBad: 0,
    suspectedBy: 'belief',
    isReturning: false,
    isProbeDue: false,
    backAt: null,
    availability: 'available',
    downloadBytes: 0,
  } as const
  const candidates = Object.entries(config.routes).map(([name, route]): Candidate => {
    const costUsd = route.facts.price ? 0 : null
    const expected = { waitMs: [0, 0], waitFrom: 'prior', costUsd, quality: 0 } as const
    return Object.assign(equip(name, route).rung, fresh, { expected })
  })
  for (const job of Object.keys(config.workloads)) {
    for (const level of config.tiers ? Object.keys(config.tiers) : [null]) {
      const path = level === null ? `workloads.${job}` : `tiers.${level} with workloads.${job}`
      const experiment = experimentOf(config, job, level)
      for (const arm of [null, ...Object.keys(experiment?.arms ?? {})]) {
        const terms = mergeTerms(config, job, level, arm)
        if (terms.regions?.length === 0) {
          report(path, 'their regions have none in common')
          break
        }
        const reasons = terms.ladder.map((name) => {
          const candidate = candidates.find((one) => one.name === name)
          return candidate ? declaredAgainst(candidate, terms) : null
        })
        if (!reasons.includes(null)) {
          const all = terms.ladder.map((name, index) => `${name}: ${reasons[index]}`)
          report(
            arm === null ? path : `${path}.experiment.arms.${arm}`,
            `no route of the ladder is acceptable (${all.join('; ')})`,
          )
        }
      }
    }
  }
}
