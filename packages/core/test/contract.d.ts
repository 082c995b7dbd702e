// The public shapes as they were agreed. The product's own types are held against these.
export type FailureClass = 'technical' | 'business' | 'policy'

export type FailureKind =
  | 'rate-limit'
  | 'quota-exhausted'
  | 'timeout'
  | 'queue-stall'
  | 'stream-stall'
  | 'outage'
  | 'network'
  | 'offline'
  | 'blocked-request'
  | 'invalid-response'
  | 'truncated'
  | 'auth'
  | 'not-found'
  | 'invalid-request'
  | 'context-length'
  | 'unsupported-capability'
  | 'budget-breach'
  | 'latency-ceiling'
  | 'quality-floor'
  | 'blocked-content'
  | 'region-restriction'
  | 'compliance-mismatch'

export interface Failure<Route extends string = string> {
  readonly class: FailureClass
  readonly kind: FailureKind
  readonly phase: 'before-request' | 'before-content' | 'streaming' | 'after-answer'
  readonly route: Route | null
  readonly provider: string | null

  readonly status?: number

  readonly code?: string
  readonly retryAfterMs?: number
  readonly requestId?: string
  readonly message: string
}

export type Part =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image'; readonly mediaType: string; readonly data: string | URL }
  | {
      readonly type: 'reasoning'
      readonly text?: string
      readonly opaque?: unknown
      readonly madeBy?: { readonly provider: string; readonly model: string }
    }
  | {
      readonly type: 'tool-call'
      readonly id: string
      readonly name: string
      readonly input: unknown
      readonly inputText?: string
    }
  | {
      readonly type: 'tool-result'
      readonly id: string
      readonly name: string
      readonly output: unknown
      readonly isError?: boolean
    }

export interface Message {
  readonly role: 'system' | 'user' | 'assistant' | 'tool'
  readonly content: string | readonly Part[]
}

export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (
      value: unknown,
    ) =>
      | { readonly value: Output }
      | { readonly issues: readonly unknown[] }
      | Promise<{ readonly value: Output } | { readonly issues: readonly unknown[] }>
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}

export type OutputSchema<Output = unknown> =
  | StandardSchema<Output>
  | { readonly schema: StandardSchema<Output>; readonly jsonSchema: object }

export interface Tool {
  readonly description: string
  readonly input: OutputSchema
}

export interface RunRequest<
  Job extends string = string,
  Level extends string = string,
  Output = unknown,
> {
  readonly workload: Job

  readonly tier?: Level | undefined

  readonly surface?: string | undefined

  readonly thread?: string | undefined
  readonly messages?: readonly Message[] | undefined
  readonly prompt?: string | undefined
  readonly system?: string | undefined

  readonly tools?: Readonly<Record<string, Tool>> | undefined
  readonly output?: OutputSchema<Output> | undefined
  readonly maxOutputTokens?: number | undefined
  readonly temperature?: number | undefined
  readonly reasoning?: 'none' | 'low' | 'medium' | 'high' | undefined

  readonly limits?: Limits | undefined

  readonly canConfirm?: boolean | (() => boolean) | undefined
  readonly signal?: AbortSignal | undefined

  readonly gestureAt?: number | undefined
  readonly attributes?: Readonly<Record<string, string | number | boolean>> | undefined
}

export type Ability = 'text' | 'image' | 'tools' | 'json' | 'reasoning'
export type Pace = 'chat' | 'reasoning' | 'background'
export type MaybeAsync<Value> = Value | (() => Value | undefined | Promise<Value | undefined>)

export interface RouteFacts {
  readonly provider?: string | undefined

  readonly account?: string | undefined
  readonly region?: string | undefined
  readonly compliance?: readonly string[] | undefined

  readonly quality?: number | undefined

  readonly price?:
    | { readonly inputPerMTok: number; readonly outputPerMTok: number }
    | 'included'
    | undefined
  readonly contextTokens?: number | undefined
  readonly abilities?: readonly Ability[] | undefined
  readonly pace?: Pace | undefined
  readonly expect?:
    | { readonly firstChunkMs?: number; readonly tokensPerSecond?: number }
    | undefined

  readonly payer?: 'product' | 'user' | undefined
}

export interface KeyedRouteOptions extends RouteFacts {
  readonly model: string

  readonly apiKey: MaybeAsync<string> | null

  readonly baseUrl?: string | undefined
  readonly headers?: MaybeAsync<Readonly<Record<string, string>>> | undefined

  readonly body?: Readonly<Record<string, unknown>> | undefined
}

export interface EndpointRouteOptions extends RouteFacts {
  readonly url: string
  readonly headers?: MaybeAsync<Readonly<Record<string, string>>> | undefined
  readonly body?: MaybeAsync<Readonly<Record<string, unknown>>> | undefined
  readonly credentials?: RequestCredentials | undefined
}

export interface Route {
  readonly protocol: string
  readonly facts: RouteFacts
}

export interface Limits {
  readonly firstChunkMs?: number | undefined

  readonly chunkMs?: number | undefined

  readonly totalMs?: number | undefined
  readonly costUsd?: number | undefined
  readonly minQuality?: number | undefined
  readonly maxAttempts?: number | undefined
  readonly regions?: readonly string[] | undefined
  readonly require?: readonly string[] | undefined
  readonly thread?: { readonly totalMs?: number; readonly costUsd?: number } | undefined
}
export type Direction =
  | 'next'
  | 'faster'
  | 'cheaper'
  | 'stronger'
  | 'larger'
  | 'retry'
  | 'ask'
  | 'safe'
  | 'stop'
export type Rules<Name extends string> = {
  readonly [Kind in FailureKind]?: Direction | readonly NoInfer<Name>[]
}

export interface Ask {
  readonly slowerByMs?: number | undefined
  readonly costlierByUsd?: number | undefined
  readonly lowerQuality?: boolean | undefined

  readonly payer?: boolean | undefined

  readonly leavesDevice?: boolean | undefined

  readonly download?: boolean | undefined

  readonly first?: { readonly waitMs?: number; readonly costUsd?: number } | undefined
}
export type CheckVerdict =
  | { readonly ok: true }
  | {
      readonly ok: false
      readonly reason: string
      readonly kind?: 'quality-floor' | 'blocked-content' | 'invalid-response'
    }
export type Check = (
  answer: { readonly text: string; readonly message: Message; readonly object: unknown },
  context: { readonly signal: AbortSignal },
) => CheckVerdict | Promise<CheckVerdict>

export interface Workload<Name extends string, Level extends string = string> {
  readonly ladder: readonly NoInfer<Name>[]

  readonly safe?: NoInfer<Name> | undefined
  readonly limits?: Limits | undefined
  readonly on?: Rules<Name> | undefined
  readonly ask?: Ask | undefined
  readonly recovery?: 'restart' | 'ask' | 'keep' | undefined
  readonly checks?: readonly Check[] | undefined

  readonly pace?: Pace | undefined
  readonly hedge?: boolean | undefined
  readonly experiment?:
    | {
        readonly name: string
        readonly arms: Readonly<
          Record<string, { readonly ladder: readonly NoInfer<Name>[]; readonly share: number }>
        >
      }
    | undefined
  readonly holdOut?:
    | {
        readonly share: number
        readonly kinds?: readonly ('queue-stall' | 'timeout' | 'outage')[]
        readonly tiers?: readonly NoInfer<Level>[]
      }
    | undefined
}
export interface Tier<Name extends string, Job extends string> {
  readonly limits?: Limits | undefined
  readonly on?: Rules<Name> | undefined
  readonly ask?: Ask | undefined
  readonly allow?: readonly NoInfer<Name>[] | undefined
  readonly deny?: readonly NoInfer<Name>[] | undefined
  readonly ladders?: { readonly [J in Job]?: readonly NoInfer<Name>[] } | undefined

  readonly regions?: readonly string[] | undefined
  readonly require?: readonly string[] | undefined
  readonly budget?: { readonly usdPerSession?: number; readonly usdPerDay?: number } | undefined

  readonly reviewBelow?: number | undefined
}

export interface Config<Name extends string, Job extends string, Level extends string> {
  readonly routes: { readonly [N in Name]: Route }
  readonly workloads: { readonly [J in Job]: Workload<Name, Level> }
  readonly tiers?: { readonly [L in Level]: Tier<Name, Job> } | undefined
  readonly defaultTier?: NoInfer<Level> | undefined
}
export interface Options {
  readonly telemetry?: {
    readonly sinks?: readonly (Sink | Sink['send'])[] | undefined
    readonly consent?: 'granted' | 'denied' | (() => 'granted' | 'denied') | undefined

    readonly sampleRate?: number | undefined
    readonly keepFallbacks?: boolean | undefined

    readonly autoSignals?: boolean | undefined
    readonly attributes?: Readonly<Record<string, string | number | boolean>> | undefined
    readonly signals?: readonly string[] | undefined
  }

  readonly user?: (() => string | undefined) | undefined

  readonly hints?:
    | { readonly url: string; readonly everyMs?: number }
    | (() => readonly Hint[])
    | undefined

  readonly world?: Partial<World> | undefined
}
export interface Hint {
  readonly route: string
  readonly pBad: number
  readonly asOf: number
}

export interface World {
  readonly fetch: typeof fetch
  readonly now: () => number
  readonly random: () => number
}

export type WhyNot =
  | 'no-credential'
  | 'offline'
  | 'unavailable'
  | 'cannot-do'
  | 'context-too-small'
  | 'region'
  | 'compliance'
  | 'denied-to-tier'
  | 'too-costly'
  | 'price-unknown'
  | 'over-budget'
  | 'below-quality'
  | 'too-slow'
  | 'held-back'
  | 'unhealthy'
  | 'already-tried'
  | 'no-time-left'
export interface Plan<Name extends string = string> {
  readonly routes: readonly {
    readonly route: Name
    readonly expected: Expected
    readonly because: string
  }[]
  readonly excluded: readonly {
    readonly route: Name
    readonly why: WhyNot
    readonly because: string
    readonly until?: number
  }[]
  readonly safe: Name | null
  readonly arm: {
    readonly experiment: string
    readonly arm: string
    readonly propensity: number
  } | null
}

export interface Expected {
  readonly waitMs: readonly [p50: number, p90: number]
  readonly waitFrom: 'measured' | 'declared' | 'prior'
  readonly costUsd: number | null
  readonly quality: number
}
export interface Difference<Value> {
  readonly promised: Value
  readonly delivered: Value
}
export interface Tradeoff {
  readonly waitMs?: Difference<number>
  readonly costUsd?: Difference<number>
  readonly quality?: Difference<number>
  readonly payer?: Difference<'product' | 'user'>
  readonly privacy?: Difference<'device' | 'own' | 'third-party'>
  readonly downloadBytes?: Difference<number>
}
export interface Degraded<Name extends string = string> {
  readonly from: Name
  readonly to: Name
  readonly cause: FailureKind | 'belief' | 'hold-off' | 'hint' | 'declined' | 'thread'
  readonly since: number

  readonly backAt: number | null
  readonly tradeoff: Tradeoff
}
export interface Confirmation<Name extends string = string> {
  readonly about: 'first' | 'tradeoff' | 'recovery'
  readonly route: Name
  readonly cause: FailureKind | null
  readonly tradeoff: Tradeoff
  readonly expiresAt: number
  readonly declineTo: Name | 'keep' | 'safe'
}

export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly reasoningTokens?: number
  readonly cachedTokens?: number
}
export type Finish = 'stop' | 'length' | 'tool-calls' | 'refused' | 'filtered' | 'truncated'

export interface Attempt<Name extends string = string> {
  readonly attempt: number
  readonly route: Name
  readonly why: 'first' | 'next' | 'retry' | 'probe' | 'hedge' | 'confirmed' | 'hold-out'
  readonly startedAt: number
  readonly headersMs: number | null
  readonly firstContentMs: number | null
  readonly totalMs: number | null
  readonly failure: Failure<Name> | null
  readonly move: Move<Name> | null
  readonly usage: Usage | null
  readonly costUsd: number | null
  readonly billing: 'none' | 'billed' | 'possible'
  readonly skippedEvents: number
}
export type Move<Name extends string = string> =
  | { readonly to: 'retry'; readonly route: Name; readonly delayMs: number }
  | { readonly to: 'route'; readonly route: Name; readonly direction: Direction | 'listed' }
  | { readonly to: 'ask'; readonly confirmation: Confirmation<Name> }
  | { readonly to: 'pause'; readonly for: 'online' }
  | { readonly to: 'keep' }
  | { readonly to: 'safe'; readonly route: Name }
  | { readonly to: 'stop' }

export interface Latency {
  readonly firstContentMs: number | null
  readonly firstPaintMs: number | null
  readonly paintedBy: 'element' | 'resize' | 'hidden' | 'miss' | 'none'
  readonly longestGapMs: number
  readonly totalMs: number | null
  readonly hiddenMs: number
}
export interface Outcome<Name extends string = string, Output = unknown> {
  readonly status:
    | 'completed'
    | 'partial'
    | 'safe'
    | 'failed'
    | 'stopped'
    | 'superseded'
    | 'abandoned'

  readonly text: string

  readonly message: { readonly role: 'assistant'; readonly content: readonly Part[] }

  readonly object: Output | null
  readonly route: Name | null
  readonly finish: Finish | null
  readonly degraded: Degraded<Name> | null
  readonly review: boolean
  readonly attempts: readonly Attempt<Name>[]
  readonly usage: Usage | null

  readonly costUsd: number | null
  readonly latency: Latency

  readonly failure: Failure<Name> | null
}
export interface RunState<Name extends string = string, Output = unknown> {
  readonly status: 'ready' | 'submitted' | 'streaming' | 'error'
  readonly phase:
    | 'idle'
    | 'connecting'
    | 'waiting'
    | 'streaming'
    | 'switching'
    | 'asking'
    | 'paused'
    | 'settled'
  readonly text: string
  readonly parts: readonly Part[]

  readonly object: unknown
  readonly route: Name | null
  readonly attempts: readonly Attempt<Name>[]
  readonly degraded: Degraded<Name> | null
  readonly confirmation: Confirmation<Name> | null

  readonly isSlow: boolean

  readonly download: number | null
  readonly failure: Failure<Name> | null
  readonly outcome: Outcome<Name, Output> | null
  readonly latency: Latency
  readonly usage: Usage | null
  readonly costUsd: number | null
}

export type RunEvent<Name extends string = string> = RunStep<Name> & {
  readonly runId: string
  readonly at: number
}
export type RunStep<Name extends string = string> =
  | {
      readonly type: 'started'
      readonly workload: string
      readonly tier: string | null
      readonly surface: string | null
      readonly thread: string | null
    }
  | { readonly type: 'planned'; readonly plan: Plan<Name> }
  | {
      readonly type: 'attempt-started'
      readonly attempt: number
      readonly route: Name
      readonly why: Attempt['why']
    }
  | { readonly type: 'headers'; readonly attempt: number; readonly status: number }
  | { readonly type: 'downloading'; readonly attempt: number; readonly loaded: number }
  | { readonly type: 'content'; readonly attempt: number; readonly text: string }
  | {
      readonly type: 'reasoning'
      readonly attempt: number
      readonly text: string
      readonly opaque?: unknown
      readonly madeBy?: { readonly provider: string; readonly model: string }
    }
  | {
      readonly type: 'tool-call'
      readonly attempt: number
      readonly call: Extract<Part, { type: 'tool-call' }>
    }
  | { readonly type: 'usage'; readonly attempt: number; readonly usage: Usage }
  | { readonly type: 'slowed'; readonly attempt: number; readonly expectedMs: number }
  | {
      readonly type: 'attempt-failed'
      readonly attempt: number
      readonly route: Name
      readonly failure: Failure<Name>
      readonly visibleChars: number
      readonly skippedEvents: number
      readonly costUsd: number | null
      readonly billing: Attempt['billing']
    }
  | {
      readonly type: 'attempt-finished'
      readonly attempt: number
      readonly route: Name
      readonly finish: Finish
      readonly skippedEvents: number
      readonly costUsd: number | null
      readonly billing: Attempt['billing']
    }
  | {
      readonly type: 'moved'
      readonly move: Move<Name>
      readonly because: string
      readonly degraded: Degraded<Name> | null
    }
  | {
      readonly type: 'held-out'
      readonly attempt: number
      readonly kind: FailureKind
      readonly arm: 'act' | 'hold'
      readonly propensity: number
    }
  | { readonly type: 'asked'; readonly confirmation: Confirmation<Name> }
  | {
      readonly type: 'answered'
      readonly answer: 'yes' | 'no' | 'expired' | 'nobody'
      readonly scope: 'once' | 'session'
    }
  | { readonly type: 'paused'; readonly for: 'online' | 'suspended' }
  | { readonly type: 'resumed'; readonly awayMs: number }
  | { readonly type: 'painted'; readonly by: Latency['paintedBy'] }
  | { readonly type: 'hidden' }
  | { readonly type: 'shown' }
  | {
      readonly type: 'left'
      readonly how: 'unmounted' | 'navigated' | 'closed' | 'hidden'
      readonly isFinal: boolean
    }
  | { readonly type: 'settled'; readonly outcome: Outcome<Name> }
  | { readonly type: 'feedback'; readonly value: Feedback }

export type Feedback =
  | {
      readonly signal: 'accepted' | 'copied' | 'edited' | 'regenerated' | 'thumb-up' | 'thumb-down'
    }
  | { readonly custom: string; readonly value: number }

export interface ReadonlyStore<State> {
  getState(): State
  getInitialState(): State
  subscribe(listener: (state: State, previous: State) => void): () => void
}

export interface Run<Name extends string = string, Output = unknown> extends AsyncIterable<
  RunEvent<Name>
> {
  readonly id: string
  readonly store: ReadonlyStore<RunState<Name, Output>>

  readonly outcome: Promise<Outcome<Name, Output>>

  stop(): Promise<void>
  confirm(scope?: 'once' | 'session'): void
  decline(): void
  feedback(value: Feedback): void

  note(step: Extract<RunStep, { type: 'painted' | 'left' | 'hidden' | 'shown' }>): void
}

export interface LLM<Name extends string, Job extends string, Level extends string> {
  run<Output = never>(request: RunRequest<Job, Level, Output>): Run<Name, Output>
  explain(request: RunRequest<Job, Level>): Plan<Name>
  subscribe(listener: (event: RunEvent<Name>) => void): () => void
  readonly health: ReadonlyStore<{ readonly [N in Name]: RouteHealth }>

  feedback(runId: string, value: Feedback): void

  summary(): Promise<Summary>
  setConsent(consent: 'granted' | 'denied'): void
  close(): Promise<void>
}
export interface RouteHealth {
  readonly pBad: number
  readonly state: 'good' | 'suspect' | 'probing' | 'held' | 'disabled'
  readonly heldUntil: number | null
  readonly firstChunkMs: readonly [p50: number, p90: number] | null
  readonly lastFailure: FailureKind | null
}
export interface Summary {
  readonly runs: number
  readonly fallbacksBySurface: readonly {
    readonly surface: string
    readonly runs: number
    readonly fallbacks: number
    readonly kinds: Readonly<Partial<Record<FailureKind, number>>>
  }[]
  readonly failuresByProvider: readonly {
    readonly provider: string
    readonly attempts: number
    readonly failures: number
  }[]
  readonly latencyByRoute: readonly {
    readonly route: string
    readonly attempts: number
    readonly missed: number
    readonly p50: number
    readonly p95: number
  }[]
  readonly outcomes: Readonly<Partial<Record<Outcome['status'], number>>>
}

export interface Sink {
  readonly name: string
  send(batch: readonly Report[]): Promise<'sent' | 'retry' | 'drop'>
}

export type Report = Readonly<Record<string, string | number | boolean | null>>

export declare function createLLM<
  const Name extends string,
  const Job extends string,
  const Level extends string = never,
>(config: Config<Name, Job, Level> & Options): LLM<Name, Job, Level>

export declare function defineConfig<
  const Name extends string,
  const Job extends string,
  const Level extends string = never,
>(config: Config<Name, Job, Level>): Config<Name, Job, Level>

export declare function openai(options: KeyedRouteOptions): Route
export declare function openaiResponses(options: KeyedRouteOptions): Route
export declare function anthropic(options: KeyedRouteOptions): Route
export declare function gemini(options: KeyedRouteOptions): Route
export declare function aiSdk(options: EndpointRouteOptions): Route
export declare function agUi(options: EndpointRouteOptions): Route
export declare function textStream(options: EndpointRouteOptions): Route

export declare function onDevice(
  options?: RouteFacts & { readonly languages?: readonly string[] },
): Route

export declare function engine(
  options: RouteFacts & { readonly engine: MaybeAsync<object>; readonly model: string },
): Route
export declare function canned(text: string | ((failure: Failure | null) => string)): Route

export declare function schema(schema: OutputSchema): Check
export declare function minLength(characters: number): Check

export declare function noRefusal(): Check

export interface Keyring {
  ref(provider: string): () => Promise<string | undefined>
  set(provider: string, key: string): Promise<void>
  remove(provider: string): Promise<void>

  check(provider: string, route: Route): Promise<'accepted' | 'rejected' | 'unreachable'>
  unlock(provider: string): Promise<boolean>
  readonly store: ReadonlyStore<
    Readonly<
      Record<
        string,
        { readonly status: 'empty' | 'set' | 'locked' | 'rejected'; readonly last4: string | null }
      >
    >
  >
}
export declare function createKeyring(options?: {
  readonly storage?: 'memory' | 'encrypted'
}): Keyring

export declare function beacon(url: string): Sink
export declare function otlp(
  url: string,
  options?: { readonly headers?: Readonly<Record<string, string>> },
): Sink
export declare function toPostHog(client: object): Sink
export declare function toSegment(client: object): Sink
export declare function toGtag(gtag: (...words: unknown[]) => void): Sink
export declare function toConsole(): Sink

export interface Audit<Name extends string = string> {
  readonly rows: readonly {
    readonly workload: string
    readonly tier: string | null
    readonly kind: FailureKind
    readonly on: Name
    readonly move: Move<Name>['to']
    readonly route: Name | null
    readonly because: string
    readonly isGap: boolean
  }[]
  readonly findings: readonly {
    readonly level: 'error' | 'warning'
    readonly path: string
    readonly message: string
  }[]
}
export declare function audit<Name extends string, Job extends string, Level extends string>(
  config: Config<Name, Job, Level>,
): Audit<Name>
