import { normalCdf } from './random.ts'
import { SLOW, SURFACES, tell, type Route, type Story } from './world.ts'

/** What is compared, as the SQL names it. */
export const OUTCOMES = ['success', 'abandoned', 'wait_10s_ms'] as const
export type Effect = Readonly<Record<(typeof OUTCOMES)[number], number>>

function outcomesOf({ isGood, isSafe, waitEnd, waitMs }: Story): Effect {
  const isContent = waitEnd === 'content'
  return {
    success: isGood ? 1 : 0,
    abandoned: isContent ? 0 : 1,
    wait_10s_ms: isContent && !isSafe ? Math.min(waitMs, 10_000) : 10_000,
  }
}

/** The mean of what one way does beside another, each told of the same runs. */
function meanOf(pairs: readonly (readonly [Story, Story])[]): Effect {
  const sums = { success: 0, abandoned: 0, wait_10s_ms: 0 }
  for (const [one, other] of pairs) {
    const [with_, without] = [outcomesOf(one), outcomesOf(other)]
    for (const outcome of OUTCOMES) sums[outcome] += with_[outcome] - without[outcome]
  }
  const { success, abandoned, wait_10s_ms } = sums
  const count = pairs.length
  return {
    success: success / count,
    abandoned: abandoned / count,
    wait_10s_ms: wait_10s_ms / count,
  }
}

export interface Truth {
  /** What falling back does, beside holding out: by `all` and by workload, route and kind. */
  readonly fallback: ReadonlyMap<string, Effect>
  /** What each arm does, beside the control. */
  readonly arms: ReadonlyMap<string, Effect>
}

type Pairs = Map<string, (readonly [Story, Story])[]>
function add(map: Pairs, key: string, one: Story, other: Story): void {
  const list = map.get(key) ?? []
  map.set(key, list)
  list.push([one, other])
}
function means(map: Pairs): ReadonlyMap<string, Effect> {
  return new Map([...map].map(([key, list]) => [key, meanOf(list)]))
}

/** What is true of every world, from telling so many runs both ways. */
export function learn(runs: number): Truth {
  const held: Pairs = new Map()
  const arms: Pairs = new Map()
  for (let index = 0; index < runs; index += 1) {
    const act = tell(-1, index, runs, { held: 'act' })
    const { trigger } = act
    if (trigger) {
      const hold = tell(-1, index, runs, { held: 'hold' })
      add(held, 'all all all', act, hold)
      add(held, `${act.job} ${trigger.route.route} ${trigger.kind}`, act, hold)
    }
    if (act.job !== 'chat' || index % 4 > 0) continue
    const control = tell(-1, index, runs, { arm: 'control' })
    for (const arm of ['cheap', 'same'] as const) {
      add(arms, arm, tell(-1, index, runs, { arm }), control)
    }
  }
  return { fallback: means(held), arms: means(arms) }
}

/** How many users of a surface would still wait after so long, if nothing ever came. */
export function patience(surface: keyof typeof SURFACES, atMs: number): number {
  const { share, morePatient, patienceMs } = SLOW
  const mean = patienceMs[surface]
  return (1 - share) * Math.exp(-atMs / mean) + share * Math.exp(-atMs / (mean * morePatient))
}

/** How probable it is that a route takes longer than this to its first content. */
export function miss({ medianMs, sigma }: Route, atMs: number): number {
  const { share, slower } = SLOW
  const over = (median: number): number => 1 - normalCdf(Math.log(atMs / median) / sigma)
  return (1 - share) * over(medianMs) + share * over(medianMs * slower)
}
