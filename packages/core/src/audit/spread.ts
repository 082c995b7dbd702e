import { promised } from '../policy/plan.ts'
import { canRace, rival } from '../policy/rival.ts'
import { placeOf, type Finding, type Look } from './finding.ts'
import type { WhyNot } from '../words/policy.ts'
import type { Scene } from './scene.ts'

/** What has nothing below it, what fails together, and what never gets a second route. */
export function findFragile(look: Look): void {
  const { config, scenes, note } = look
  for (const scene of scenes) {
    const { terms, workload, chain } = scene
    if (terms.safe === null) {
      const message = 'is not set: where no route can answer, the run fails and shows an error'
      note('warning', `workloads.${workload}.safe`, message, scene)
    }
    const fragile = emptyLadder(scene) ?? togetherOf(scene)
    if (fragile) note(...fragile, scene)
    if (terms.limits.maxAttempts === 1 && chain.length > 1) {
      const path = placeOf(look, scene, 'limits', 'maxAttempts')
      const message = `with one attempt, no failure of ${workload} is followed by another route`
      note('warning', path, message, scene)
    }
  }
  for (const [job, { hedge }] of Object.entries(config.workloads)) {
    if (!hedge || scenes.some((scene) => scene.workload === job && canHedge(scene))) continue
    const message =
      'never happens: beside no route is there one of another provider that is as good, needs no question and fits the limits with it'
    note('warning', `workloads.${job}.hedge`, message)
  }
}

/** What is found where the limits are looked at. */
const OF_LIMITS = new Set<WhyNot>([
  'too-costly',
  'over-budget',
  'price-unknown',
  'too-slow',
  'no-time-left',
])

type Fragile = readonly [level: Finding['level'], path: string, message: string]

/** No rung may serve, and no limit on time or cost is why: the check of a config knows no request. */
function emptyLadder({ plan, terms, ladderAt, workload }: Scene): Fragile | null {
  const { ladder } = terms
  if (plan.routes.some(({ route }) => ladder.includes(route))) return null
  const out = plan.excluded.filter(({ route }) => ladder.includes(route))
  if (out.some(({ why }) => OF_LIMITS.has(why))) return null
  const whys = out.map(({ route, because }) => `${route}: ${because}`).join('; ')
  return ['error', ladderAt, `no route of ${workload} may serve (${whys})`]
}

function togetherOf({ chain, terms, ladderAt, plan, input }: Scene): Fragile | null {
  const [first] = chain
  if (!first) return null
  const { name, provider, accountKey } = first
  if (chain.length === 1) {
    const isCaught =
      terms.safe !== null || plan.routes.some(({ route }) => input.candidates.get(route)?.isCanned)
    const end = isCaught ? 'everybody gets the prepared answer' : 'there is no answer'
    const message = `${name} is the only route that may serve: when it fails, ${end}`
    return [isCaught ? 'warning' : 'error', ladderAt, message]
  }
  if (chain.some((one) => one.provider !== provider)) return null
  const all = chain.map((one) => one.name).join(', ')
  const isOneAccount = chain.every((one) => one.accountKey === accountKey)
  const message = isOneAccount
    ? `${all} share one account of ${provider}: an outage, a refused key or a spent account takes all of them`
    : `${all} are all of ${provider}: its outage takes all of them`
  return ['warning', ladderAt, message]
}

/** Whether beside some rung a second one can be asked, once those above it have been tried. */
function canHedge({ chain, input }: Scene): boolean {
  const first = promised(input)
  return chain.some((one, place) => {
    const tried = chain.slice(0, place).map((above) => Object.assign({}, above, { isTried: true }))
    const candidates = new Map([
      ...input.candidates,
      ...tried.map((above) => [above.name, above] as const),
    ])
    return first && canRace(one) && rival({ ...input, candidates }, one, first)
  })
}
