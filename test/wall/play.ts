import type { Scenario, Side } from './scenarios.ts'
import type { Entry, Wall } from './wall.ts'

/** What a caller was told in the end. */
export interface Told {
  /** `answer`: presented as a whole answer. `error`: anything that does not pretend to be one. */
  readonly said: 'answer' | 'error'
  readonly text: string
  /** Everything that stood on the screen, in order. */
  readonly shown: readonly string[]
  /** The route that is said to have answered. */
  readonly route: Side | null
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number } | null
  readonly costUsd: number | null
  readonly failure: { readonly kind: string; readonly status?: number } | null
  /** What the attempts failed by, in their order. */
  readonly kinds: readonly string[]
}

/** A client under test, pointed at one scenario's routes. */
export interface Caller {
  ask(of: 'ladder' | 'alive', signal: AbortSignal): Promise<Told>
  close(): Promise<void>
}

export interface Served {
  /** Since the scenario began. */
  readonly sentMs: number
  readonly tookMs: number
  /** Null: it hung. */
  readonly told: Told | null
}

/** Both views of a played scenario: what the caller was told, and what the provider saw. */
export interface Played {
  readonly served: readonly Served[]
  readonly alive: Told | null
  readonly log: readonly Entry[]
}

const aliveMs = 10_000
const prompt = 'Say in sixty words why a route earns trust only on the day it breaks.'

/** Play one scenario: its requests, each in its time, then one plain question. */
export async function play(
  wall: Wall,
  scenario: Scenario,
  createCaller: (wall: Wall, scenario: Scenario, prompt: string) => Caller,
): Promise<Played> {
  const clock = wall.begin(scenario)
  const caller = createCaller(wall, scenario, prompt)
  const { count, everyMs, extra } = scenario.requests
  const served: Promise<Served>[] = []

  async function ask(of: 'ladder' | 'alive', limitMs: number): Promise<Served> {
    const sentMs = clock.now()
    const giveUp = new AbortController()
    const timer = setTimeout(() => giveUp.abort(), limitMs * wall.scale)
    const hung = new Promise<null>((resolve) => {
      giveUp.signal.addEventListener('abort', () => resolve(null))
    })
    const told = await Promise.race([caller.ask(of, giveUp.signal), hung])
    clearTimeout(timer)
    return { sentMs, tookMs: clock.now() - sentMs, told }
  }

  for (let index = 0; index < count + extra; index++) {
    // never less than the interval, so that a busy machine makes no bursts
    if (index > 0) await clock.wait(everyMs)
    if (index >= count && hasAnswered(wall.log(scenario))) break
    served.push(ask('ladder', scenario.hangMs))
  }
  const all = await Promise.all(served)
  const { told: alive } = await ask('alive', aliveMs)
  await caller.close()
  return { served: all, alive, log: wall.log(scenario) }
}

function hasAnswered(log: readonly Entry[]): boolean {
  return log.some(({ side, did }) => side === 'primary' && did === '200')
}
