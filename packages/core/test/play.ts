import { expect } from 'vitest'
import { canned, createLLM, type LLM, type Outcome, type Run, type RunEvent } from '../src/index.ts'
import type { RunRequest, RunState, Tier, Workload } from '../src/index.ts'
import { createVirtualWorld, tellEvents, type VirtualWorld } from '../src/testing.ts'
import type { Route } from '../src/words/route.ts'

export type Request = Partial<RunRequest>

export interface Played {
  readonly lines: readonly string[]
  readonly outcome: Outcome
  readonly events: readonly RunEvent[]
  /** Every snapshot that the store published. */
  readonly states: readonly RunState[]
  /** How long the run took, ms of the virtual clock. */
  readonly tookMs: number
}

export interface Stage {
  readonly llm: LLM<string, string, string>
  readonly virtual: VirtualWorld
  /** Starts a run whose every event and snapshot is kept. */
  start(request?: Request): Run & { readonly events: RunEvent[]; readonly states: RunState[] }
  /** One run to its end, which must leave no timer behind. */
  play(request?: Request): Promise<Played>
}

/** One workload, `chat`, whose ladder is the routes in their order and whose safe answer is `Sorry.` */
export function stage(
  routes: Readonly<Record<string, Route>>,
  workload: Partial<Workload<string>> = {},
  {
    tiers,
    ...more
  }: {
    readonly tiers?: Readonly<Record<string, Tier<string, string>>>
    readonly defaultTier?: string
    readonly virtual?: VirtualWorld
  } = {},
): Stage {
  const virtual = more.virtual ?? createVirtualWorld()
  const llm = createLLM<string, string, string>({
    world: virtual.world,
    routes: { ...routes, sorry: canned('Sorry.') },
    workloads: { chat: { ladder: Object.keys(routes), safe: 'sorry', ...workload } },
    ...(tiers ? { tiers } : {}),
    ...(more.defaultTier === undefined ? {} : { defaultTier: more.defaultTier }),
  })
  function start(request: Request = {}): ReturnType<Stage['start']> {
    const events: RunEvent[] = []
    const states: RunState[] = []
    const run = llm.run({ workload: 'chat', prompt: 'Hello?', ...request })
    const unsubscribe = llm.subscribe((event) => {
      if (event.runId === run.id) events.push(event)
      if (event.type === 'settled' && event.runId === run.id) unsubscribe()
    })
    run.store.subscribe((state) => states.push(state))
    return Object.assign(run, { events, states })
  }
  return {
    llm,
    virtual,
    start,
    async play(request) {
      const since = virtual.world.now()
      const run = start(request)
      const outcome = await virtual.until(run.outcome)
      expect(virtual.pending()).toBe(0)
      return {
        lines: tellEvents(run.events),
        outcome,
        events: run.events,
        states: run.states,
        tookMs: virtual.world.now() - since,
      }
    },
  }
}

export function eventsOf<Type extends RunEvent['type']>(
  events: readonly RunEvent[],
  type: Type,
): readonly Extract<RunEvent, { type: Type }>[] {
  return events.filter((event): event is Extract<RunEvent, { type: Type }> => event.type === type)
}
