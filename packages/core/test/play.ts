import { expect } from 'vitest'
import { canned, createLLM, type LLM, type Outcome, type Run, type RunEvent } from '../src/index.ts'
import type { FailureKind, RunRequest, RunState, Tier, Workload } from '../src/index.ts'
import { createVirtualWorld, tellEvents, type VirtualWorld } from '../src/testing.ts'
import { createRoute } from '../src/wire/route.ts'
import type { Route } from '../src/words/route.ts'
import type { Wire } from '../src/words/wire.ts'

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
  readonly start: (
    request?: Request,
  ) => Run & { readonly events: RunEvent[]; readonly states: RunState[] }
  /** One run to its end, which must leave no timer behind. */
  readonly play: (request?: Request) => Promise<Played>
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
    readonly user?: () => string | undefined
    /** Beside `chat`. */
    readonly workloads?: Readonly<Record<string, Workload<string>>>
  } = {},
): Stage {
  const virtual = more.virtual ?? createVirtualWorld()
  const llm = createLLM<string, string, string>({
    world: virtual.world,
    routes: { ...routes, sorry: canned('Sorry.') },
    workloads: {
      chat: { ladder: Object.keys(routes), safe: 'sorry', ...workload },
      ...more.workloads,
    },
    ...(tiers ? { tiers } : {}),
    ...(more.defaultTier === undefined ? {} : { defaultTier: more.defaultTier }),
    user: more.user,
  })
  function start(request: Request = {}): ReturnType<Stage['start']> {
    const events: RunEvent[] = []
    const states: RunState[] = []
    let id: string | null = null
    const unsubscribe = llm.subscribe((event) => {
      if (id !== null && event.runId !== id) return
      events.push(event)
      if (event.type === 'settled') unsubscribe()
    })
    const run = llm.run({ workload: 'chat', prompt: 'Hello?', ...request })
    id = run.id
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

/** A route whose wire is written out, for what a script has no beat for. */
export function wired(
  facts: Route['facts'],
  stream: Wire['stream'],
  readKey?: Wire['readKey'],
): Route {
  return createRoute('wired', facts, {
    model: 'wired',
    origin: null,
    privacy: 'third-party',
    abilities: ['text', 'image', 'tools', 'json', 'reasoning'],
    credential: readKey ? 'lazy' : 'none',
    ...(readKey ? { readKey } : {}),
    problems: [],
    stream,
  })
}

/** Silence until the attempt is over. */
export function silence(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('the attempt is over'))
    })
  })
}

/** All of them, in the order of the design's table. */
export const FAILURE_KINDS: readonly FailureKind[] = [
  'rate-limit',
  'quota-exhausted',
  'timeout',
  'queue-stall',
  'stream-stall',
  'outage',
  'network',
  'offline',
  'blocked-request',
  'invalid-response',
  'truncated',
  'auth',
  'not-found',
  'invalid-request',
  'context-length',
  'unsupported-capability',
  'budget-breach',
  'latency-ceiling',
  'quality-floor',
  'blocked-content',
  'region-restriction',
  'compliance-mismatch',
]

/** The default 95th percentile of the wait to the first content: prior median 1 s, sigma 0.6, 4 samples. */
export const P95_MS: number = 1000 * Math.exp(1.6449 * 0.6 * Math.sqrt(1.25))
/** The default first-content deadline of chat, rounded: 1.5 times the predicted 99.9th percentile. */
export const FIRST_MS: number = Math.round(1.5 * 1000 * Math.exp(3.0902 * 0.6 * Math.sqrt(1.25)))
