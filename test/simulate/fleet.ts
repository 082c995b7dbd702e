import { tellAll, type Tale } from './clock.ts'
import { createPage } from './page.ts'
import type { Policy } from './player.ts'
import type { Condition, RouteName, Weather } from './providers.ts'
import { keyed } from './random.ts'
import { drawQuestion, type Question } from './users.ts'

/** Provider A goes down altogether, for ten minutes. */
export const DOWN_AT_MS = 180_000
export const UP_AT_MS = 780_000
/** The outage is looked at from three minutes before it to seven minutes after it. */
const OVER_AT_MS = 1_200_000

const UP: Condition = { impact: null, isBurst: false, errorRate: 0.003, slowness: 1 }
const DOWN: Condition = { impact: 3, isBurst: false, errorRate: 1, slowness: 3 }
const weather: Weather = (route, at) =>
  route === 'A' && at >= DOWN_AT_MS && at < UP_AT_MS ? DOWN : UP

/** One request that left a browser. */
export interface Sent {
  readonly route: RouteName
  readonly at: number
  readonly isProbe: boolean
}
/** One run, and what it sent. */
export interface FleetRun {
  readonly at: number
  readonly isAnswered: boolean
  readonly sent: readonly Sent[]
}

export interface FleetOptions {
  readonly seed: number
  readonly clients: number
  /** Each client asks this often, ms, whatever became of its last question. */
  readonly everyMs: number
}

/** Clients with a page each, all of which live through the outage. They share nothing but the providers. */
export async function sail(policy: Policy, options: FleetOptions): Promise<readonly FleetRun[]> {
  const runs: FleetRun[] = []
  function* tales(): Generator<Tale, void> {
    for (let client = 0; client < options.clients; client += 1) yield tell(client)
  }
  function tell(client: number): Tale {
    // The seed of a page is the client's, for each has its own luck.
    const page = createPage(keyed(options.seed, 5, client)() * 2 ** 31, 0, weather)
    return { clock: page.clock, done: live(policy, client, page, options, runs) }
  }
  await tellAll(tales())
  return runs
}

async function live(
  policy: Policy,
  client: number,
  page: ReturnType<typeof createPage>,
  { seed, everyMs }: FleetOptions,
  runs: FleetRun[],
): Promise<void> {
  const { clock } = page
  const player = policy.open(page)
  const random = keyed(seed, 6, client)
  const asked: Promise<void>[] = []
  // Nobody's clock is in step with another's, nor a person's with itself.
  let at = random() * everyMs
  for (let id = 0; at < OVER_AT_MS; id += 1) {
    const question = drawQuestion(random, id, at)
    await clock.wait(at - clock.now())
    asked.push(ask(question))
    at += everyMs * (0.8 + 0.4 * random())
  }
  await Promise.all(asked)
  await player.close?.()

  async function ask(question: Question): Promise<void> {
    const { isAnswered, probesAt } = await player.ask(question)
    const sent = page.tries(question).map(({ route, at: sentAt }) => ({
      route,
      at: sentAt,
      isProbe: route === 'A' && probesAt.includes(sentAt),
    }))
    runs.push({ at: question.at, isAnswered, sent })
    page.forget(question)
  }
}

/** What an outage made of the requests, of the runs that began while it was on. */
export interface Toll {
  readonly runs: number
  readonly answered: number
  /** Requests to any route for each run, probes apart. */
  readonly requestsPerRun: number
  readonly probesPerRun: number
  readonly toDeadPerRun: number
}

export function tollOf(all: readonly FleetRun[]): Toll {
  const runs = all.filter(({ at }) => at >= DOWN_AT_MS && at < UP_AT_MS)
  const sent = runs.flatMap((run) => run.sent)
  const probes = sent.filter(({ isProbe }) => isProbe).length
  return {
    runs: runs.length,
    answered: runs.filter(({ isAnswered }) => isAnswered).length / runs.length,
    requestsPerRun: (sent.length - probes) / runs.length,
    probesPerRun: probes / runs.length,
    toDeadPerRun: sent.filter(({ route }) => route === 'A').length / runs.length,
  }
}

/** Requests a second in each slice of time, of those that `is` says. */
export function loadOf(
  runs: readonly FleetRun[],
  sliceMs: number,
  is: (sent: Sent) => boolean,
): readonly number[] {
  const slices = Array.from({ length: OVER_AT_MS / sliceMs }, () => 0)
  for (const one of runs.flatMap(({ sent }) => sent)) {
    const slice = Math.floor(one.at / sliceMs)
    if (slice < slices.length && is(one)) slices[slice] = (slices[slice] ?? 0) + 1000 / sliceMs
  }
  return slices
}
