import { isolated } from './policy/thrown.ts'
import { checkConfig } from './config/config.ts'
import { checkRequest } from './config/request.ts'
import { createBoard } from './health/board.ts'
import { createHealthBook, type Evidence } from './health/book.ts'
import { joinTabs } from './health/tabs.ts'
import { openChannel } from './page/channel.ts'
import { clock, timeOriginOn } from './page/clock.ts'
import { digest } from './page/digest.ts'
import { createPage } from './page/presence.ts'
import { armOf, experimentOf } from './policy/experiment.ts'
import { mergeTerms, tighten, type Terms } from './policy/limits.ts'
import { APPEND_ONLY } from './run/appendOnly.ts'
import { createBudgets } from './run/budget.ts'
import { createPassing } from './run/checks.ts'
import { climb } from './run/ladder.ts'
import { createThreads } from './run/thread.ts'
import { withImages } from './run/request.ts'
import { startRun, type StartedRun } from './run/run.ts'
import {
  askAvailability,
  explain,
  needsOf,
  type Brief,
  type Equipped,
  type Shared,
} from './run/survey.ts'
import { openLocks } from './page/locks.ts'
import { createIdentity, newId } from './store/identity.ts'
import { createArchive, createDatabase } from './store/idb.ts'
import { local } from './store/local.ts'
import { createTelemetry } from './telemetry/tape.ts'
import { recall, remember, type Memory } from './store/memory.ts'
import { createHinting } from './wire/hints.ts'
import { equip } from './wire/route.ts'
import type { Feedback, Outcome, ReadonlyStore, Run, RunEvent } from './words/event.ts'
import type { Message } from './words/message.ts'
import type { Config, Hint, Plan, RouteHealth, Tier } from './words/policy.ts'
import type { RunRequest } from './words/request.ts'
import type { Summary, TelemetryOptions } from './words/telemetry.ts'
import type { World } from './words/world.ts'

export interface Options {
  /** Who is using the product, for stable arms and budgets of their own. Hashed, never sent raw. Default: a random id that is kept. */
  readonly user?: (() => string | undefined) | undefined
  /** Health of the routes as the product's backend sees it: an address to ask (every 60 s unless said otherwise), or what was heard last. */
  readonly hints?:
    | { readonly url: string; readonly everyMs?: number }
    | (() => readonly Hint[])
    | undefined
  /** What is reported of runs, and to whom. Without it nothing outlives the page, and `summary` is of this page. */
  readonly telemetry?: TelemetryOptions | undefined
  /** Facts of the outside world, for tests and simulation. */
  readonly world?: Partial<World> | undefined
}

/** What a config comes to: the routes, ladders and limits of one product, ready to answer. */
export interface LLM<Name extends string, Job extends string, Level extends string> {
  /** Start a run. Throws a TypeError for a request that nothing could serve: an unknown name, a loosened limit. */
  run<Output = never>(request: RunRequest<Job, Level, Output>): Run<Name, Output>
  /** Which routes may serve a request now, in which order, and why each other one may not. Sends nothing; without a prompt it is of the shortest. */
  explain(request: RunRequest<Job, Level>): Plan<Name>
  /** Hear every event of every run, until the returned function is called. */
  subscribe(listener: (event: RunEvent<Name>) => void): () => void
  /** Every route's health as this browser sees it. It changes as runs teach it, and as time passes while somebody listens. */
  readonly health: ReadonlyStore<{ readonly [N in Name]: RouteHealth }>
  /**
   * What the user made of a run's answer, by the run's id; after a reload too, for as long as this browser keeps its
   * report (72 hours, the newest 400). Of a run that is not known, or not reported, nothing comes of it.
   */
  feedback(runId: string, value: Feedback): void
  /** The team's questions, answered for this browser. */
  summary(): Promise<Summary>
  /** Overrides `telemetry.consent` from now on. Denied: what was recorded and not yet sent is deleted. */
  setConsent(consent: 'granted' | 'denied'): void
  /** Stop every run and let go of the page; a later `run` throws. */
  close(): Promise<void>
}

/** So many threads are remembered to be with a route. */
const MOST_THREADS = 1_000

/** The same config in a file that needs no browser, its names checked. */
export function defineConfig<
  const Name extends string,
  const Job extends string,
  const Level extends string = never,
>(config: Config<Name, Job, Level>): Config<Name, Job, Level> {
  return config
}

/**
 * Make an LLM out of routes, workloads and tiers.
 *
 * @throws one TypeError that lists every problem of the config by its path
 * @example
 * const llm = createLLM({
 *   routes: {
 *     ours: aiSdk({ url: '/api/chat' }),
 *     mini: openai({ model: 'gpt-5-mini', apiKey: () => session.token }),
 *     sorry: canned('We cannot answer right now. Your question is saved.'),
 *   },
 *   workloads: { chat: { ladder: ['ours', 'mini'], safe: 'sorry' } },
 * })
 * const run = llm.run({ workload: 'chat', prompt: 'Why is the sky blue?' })
 * const { text, degraded } = await run.outcome
 */
export function createLLM<
  const Name extends string,
  const Job extends string,
  const Level extends string = never,
>(config: Config<Name, Job, Level> & Options): LLM<Name, Job, Level> {
  checkConfig(config)
  const now = config.world?.now ?? clock.now
  const page = createPage(now)
  const world: World = {
    ...clock,
    ...(now === clock.now ? {} : { timeOrigin: timeOriginOn(now) }),
    // Read at each use, so that what wraps `fetch` later (monitoring, tests) is not passed by.
    fetch: (...request) => globalThis.fetch(...request),
    random: Math.random,
    page,
    channel: openChannel,
    local,
    digest,
    storage: 'indexedDB' in globalThis ? createDatabase('rungs') : null,
    archive: createArchive,
    locks: openLocks(),
    ...config.world,
  }
  const identity = createIdentity(config.user, world)
  const routes = new Map<Name, Equipped<Name>>()
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `Name` is by definition what the routes' keys are
  for (const name of Object.keys(config.routes) as Name[]) {
    routes.set(name, equip(name, config.routes[name]))
  }
  const rungs = [...routes.values()].map(({ rung }) => rung)
  // Another product on the same origin has other routes, or learns of the same.
  const product = `rungs ${[...routes.keys()].join(' ')}`
  const memory: Memory = { waits: new Map(), hedges: new Map() }
  const tellEvidence = (evidence: Evidence): void => {
    tabs.tell(evidence)
    board.refresh()
  }
  const book = createHealthBook(rungs, world.now, world.random, tellEvidence, memory.waits)
  const board = createBoard<Name>(() => {
    const entries = rungs.map((rung) => [rung.name, book.health(rung)] as const)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `fromEntries` forgets which keys it was given
    return Object.fromEntries(entries) as { readonly [N in Name]: RouteHealth }
  }, world)
  const tabs = joinTabs(product, book, world, () => {
    board.refresh()
  })
  const hinting =
    config.hints &&
    createHinting(config.hints, world, (hints) => {
      book.hint(hints)
      board.refresh()
    })
  // The first touch of `localStorage` loads it from the disk, which is not for the gesture that asks to wait for.
  if ('requestIdleCallback' in globalThis) requestIdleCallback(() => world.local.read(product))
  // In a browser the first run is to find the hints there; elsewhere nothing starts before a run.
  if ('document' in globalThis) hinting?.look(true)
  const telemetry = createTelemetry(config.telemetry, {
    world,
    identity,
    facts: (name) => rungs.find((rung) => rung.name === name) ?? null,
  })
  const shared: Shared<Name> = {
    routes,
    world,
    book,
    refusedKeys: new Map(),
    availabilities: new Map(),
    consents: [],
    holdOuts: new Map(),
    hedges: memory.hedges,
  }
  const listeners = new Set<(event: RunEvent<Name>) => void>()
  const active = new Map<string, StartedRun<Name>>()
  const threadOf = createThreads()
  const purseOf = createBudgets(world, identity)
  for (const { budget } of Object.values<Tier<Name, Job>>(config.tiers ?? {})) {
    // What was spent before is known by the time that the first run asks.
    if (budget) void purseOf(budget).refresh()
  }
  /** The active run of each thread. */
  const threads = new Map<string, string>()
  /** Who last called tools in each thread, the oldest first. */
  const callers = new Map<string, Name>()
  function noteCaller(thread: string, { route, finish, status }: Outcome<Name>): void {
    // What came to nothing may be asked again: the thread is where it was.
    if (status !== 'completed' && status !== 'safe') return
    callers.delete(thread)
    if (route !== null && finish === 'tool-calls') callers.set(thread, route)
    const [oldest] = callers.keys()
    if (callers.size > MOST_THREADS && oldest !== undefined) callers.delete(oldest)
  }
  let isClosed = false
  /** Runs so far. */
  let begun = 0
  let hasRecalled = false

  const merged = new Map<string, Terms<Name>>()
  function termsOf(job: Job, level: string | null): Terms<Name> {
    const experiment = experimentOf(config, job, level)
    const arm = experiment && armOf(experiment, identity())
    const key = JSON.stringify([job, level, arm])
    const terms = merged.get(key) ?? mergeTerms(config, job, level, arm)
    merged.set(key, terms)
    return terms
  }

  function prepare(request: RunRequest<Job, Level>, id: string, isRun: boolean): Prepared<Name> {
    checkRequest(config, request, isRun)
    // Not before the first run: what a hydrated page draws at first is what the server drew.
    if (!hasRecalled) recall(product, memory, world)
    hasRecalled = true
    const tier = request.tier ?? config.defaultTier ?? null
    const { thread = null } = request
    const tightened = tighten(termsOf(request.workload, tier), request.limits)
    // A run of no thread has no limits of one.
    const limits = thread === null ? { ...tightened.limits, thread: {} } : tightened.limits
    const terms = { ...tightened, limits, isAppendOnly: APPEND_ONLY in request }
    const { tools, output, maxOutputTokens, temperature, reasoning, canConfirm } = request
    const wireRequest = {
      id: thread ?? id,
      system: request.system ?? null,
      messages: messagesOf(request).map(withImages),
      tools,
      output,
      maxOutputTokens,
      temperature,
      reasoning,
    }
    const isAfterTool = wireRequest.messages.at(-1)?.role === 'tool'
    hinting?.look(isRun)
    const { check, object } = createPassing(request, terms.workload.checks)
    const brief: Brief<Name> = {
      workload: request.workload,
      terms,
      request: wireRequest,
      needs: needsOf(wireRequest),
      kept: (isAfterTool && callers.get(thread ?? '')) || null,
      canConfirm,
      purse: terms.budget && purseOf(terms.budget),
      thread: threadOf(thread),
      availabilities: new Map(),
      check,
    }
    return { brief, tier, object }
  }

  return {
    run<Output = never>(request: RunRequest<Job, Level, Output>) {
      if (isClosed) throw new TypeError('This LLM is closed: make a new one to run again.')
      const id = newId(world.random, begun)
      begun += 1
      const { brief, tier, object } = prepare(request, id, true)
      const { surface = null, thread = null, gestureAt, signal } = request
      const gestureMs = gestureAt === undefined ? 0 : world.now() - world.timeOrigin - gestureAt
      if (thread !== null) active.get(threads.get(thread) ?? '')?.end('superseded')
      telemetry.begin({
        id,
        epoch: world.now(),
        gestureMs: Math.max(0, gestureMs),
        targetMs: brief.terms.limits.firstChunkMs ?? null,
        thread,
        attributes: request.attributes ?? {},
        question: questionOf(brief.request.messages),
        text: () => active.get(id)?.run.store.getState().text ?? '',
      })
      const started = startRun<Name>({
        id,
        world,
        started: { workload: request.workload, tier, surface, thread },
        gestureMs: Math.max(0, gestureMs),
        signal,
        tell: (tools) => brief.thread.timed(climb(shared, brief, tools), () => tools.activeMs()),
        isStructured: request.output !== undefined,
        object,
        judge: (name) => {
          const rung = routes.get(name)?.rung
          const { reviewBelow } = brief.terms
          return {
            isSafe: rung?.isCanned ?? false,
            review: reviewBelow !== null && (rung?.quality ?? 0) < reviewBelow,
          }
        },
        listen: (event) => {
          telemetry.hear(event)
          for (const listener of listeners) {
            isolated(() => {
              listener(event)
            })
          }
        },
        onSettled: (outcome) => {
          measureRun(world, request.workload, outcome)
          remember(product, memory, world)
          active.delete(id)
          if (thread !== null) noteCaller(thread, outcome)
          if (thread !== null && threads.get(thread) === id) threads.delete(thread)
        },
      })
      active.set(id, started)
      if (thread !== null) threads.set(thread, id)
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an outcome's object has passed the schema that says so
      return started.run as Run<Name, Output>
    },
    explain(request) {
      const { brief } = prepare(request, 'explain', false)
      // What is known at once counts now, what has to be asked for counts the next time.
      void askAvailability(shared, brief)
      void brief.purse?.refresh()
      return explain(shared, brief)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    health: board.store,
    feedback(runId, value) {
      const started = active.get(runId)
      if (started) started.run.feedback(value)
      else telemetry.feedback(runId, value)
    },
    summary: () => telemetry.summary(),
    setConsent: (consent) => {
      telemetry.setConsent(consent)
    },
    async close() {
      isClosed = true
      hinting?.close()
      await Promise.all([...active.values()].map(({ run }) => run.stop()))
      listeners.clear()
      tabs.close()
      board.close()
      page.close()
      // Last: it may wait for storage.
      await telemetry.close()
    },
  }
}

interface Prepared<Name extends string> {
  readonly brief: Brief<Name>
  readonly tier: string | null
  /** What the answer came to once it passed its schema; null before. */
  readonly object: () => unknown
}

/** A run and its attempts as the performance panel shows them, from the gesture to the end. */
function measureRun({ page, now }: World, workload: string, outcome: Outcome): void {
  page.measure(`run ${workload}: ${outcome.status}`, now() - (outcome.latency.totalMs ?? 0), now())
  for (const { attempt, route, startedAt, totalMs, failure } of outcome.attempts) {
    const name = `attempt ${attempt} ${route}${failure ? `: ${failure.kind}` : ''}`
    page.measure(name, startedAt, startedAt + (totalMs ?? 0))
  }
}

/** What the user asked last. */
function questionOf(messages: readonly Message[]): string {
  const content = messages.findLast(({ role }) => role === 'user')?.content ?? ''
  if (typeof content === 'string') return content
  return content.map((part) => (part.type === 'text' ? part.text : '')).join(' ')
}

function messagesOf({ messages = [], prompt }: RunRequest): readonly Message[] {
  return prompt === undefined ? messages : [...messages, { role: 'user', content: prompt }]
}
