import { tellAll, type Tale } from './clock.ts'
import { costUsd, createPage, type Page } from './page.ts'
import type { Policy } from './player.ts'
import { createWeather, type Condition, type RouteName, type Weather } from './providers.ts'
import { drawClients, END_MS, type Session } from './users.ts'

/** One question under one policy. */
export interface Row {
  /** The condition of A when it was asked. */
  readonly condition: Condition
  readonly isAnswered: boolean
  /** Not answered counts as 60 s. */
  readonly firstMs: number
  /** The route that was tried first. */
  readonly first: RouteName | null
  readonly requests: number
  readonly probes: number
  readonly hedges: number
  readonly costUsd: number
  /** What A would have cost, had it answered at once. */
  readonly plainUsd: number
}

/** How long a page lives, and with it what it has learnt: one visit, or as long as the client. */
export type Memory = 'visit' | 'kept'

export interface World {
  readonly seed: number
  readonly weather: Weather
  readonly clients: readonly (readonly Session[])[]
}

export function createWorld(seed: number, requests: number): World {
  return { seed, weather: createWeather(seed), clients: drawClients(seed, requests) }
}

/** Every question of a world under one policy. */
export async function replay(
  policy: Policy,
  { seed, weather, clients }: World,
  memory: Memory = 'visit',
): Promise<readonly Row[]> {
  const rows: Row[] = []
  function* tales(): Generator<Tale, void> {
    for (const visits of clients) yield tell(memory === 'kept' ? [visits.flat()] : visits)
  }
  function tell(visits: readonly Session[]): Tale {
    const page = createPage(seed, 0, weather)
    return { clock: page.clock, done: live(policy, visits, page, rows) }
  }
  await tellAll(tales())
  return rows
}

/** The visits of one client, each on a page of its own. */
async function live(
  policy: Policy,
  visits: readonly Session[],
  page: Page,
  rows: Row[],
): Promise<void> {
  for (const visit of visits) {
    await page.clock.wait((visit[0]?.at ?? 0) - page.clock.now())
    await play(policy, visit, page, rows)
  }
}

async function play(policy: Policy, session: Session, page: Page, rows: Row[]): Promise<void> {
  const { clock, weather } = page
  const player = policy.open(page)
  for (const question of session) {
    // Whoever was kept waiting asks later than planned.
    await clock.wait(question.at - clock.now())
    const condition = weather('A', clock.now())
    const { isAnswered, firstMs, probesAt, hedges } = await player.ask(question)
    const tries = page.tries(question)
    rows.push({
      condition,
      isAnswered,
      firstMs: isAnswered ? (firstMs ?? END_MS) : END_MS,
      first: tries[0]?.route ?? null,
      requests: tries.length,
      probes: probesAt.length,
      hedges,
      costUsd: tries.reduce((sum, one) => sum + one.costUsd, 0),
      plainUsd: costUsd('A', question, 1),
    })
    page.forget(question)
  }
  await player.close?.()
}
