import type { Finish, Usage } from './event.ts'
import type { Failure } from './failure.ts'
import type { Message, ToolCall } from './message.ts'
import type { RunRequest } from './request.ts'
import type { Ability } from './route.ts'
import type { World } from './world.ts'

/** What a wire tells of an attempt, in the order it came. */
export type WireEvent =
  | { readonly type: 'headers'; readonly status: number; readonly requestId?: string }
  | { readonly type: 'downloading'; readonly loaded: number }
  | { readonly type: 'text'; readonly text: string }
  /** The model declined, in its own words. They are text; the finish becomes `refused`. */
  | { readonly type: 'refusal'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string; readonly opaque?: unknown }
  /** Part of a tool call has come: progress, not yet content. */
  | { readonly type: 'tool-delta' }
  | { readonly type: 'tool-call'; readonly call: ToolCall }
  | { readonly type: 'usage'; readonly usage: Usage }
  /** Which model answers, in the host's own name for it: `[\w.:/@-]`, at most 128. Told once. */
  | { readonly type: 'model'; readonly model: string }
  /** A malformed event, passed over. */
  | { readonly type: 'skipped' }
  /**
   * The provider said why it ended; usage or a terminal may follow. `mayGoOn`: it says so with every piece,
   * so that only the body's clean end makes it true.
   */
  | { readonly type: 'finish'; readonly finish: Finish; readonly mayGoOn?: true }
  /** The protocol's own last word (`[DONE]`). */
  | { readonly type: 'terminal' }

/** What a wire needs for one attempt. */
export interface WireCall {
  readonly request: WireRequest
  /** What `readKey` gave; undefined for a wire without credentials. */
  readonly key: string | undefined
  readonly signal: AbortSignal
  readonly world: World
}

/** A request as every wire gets it: one list of messages, system text apart. */
export interface WireRequest extends Pick<
  RunRequest,
  'tools' | 'output' | 'maxOutputTokens' | 'temperature' | 'reasoning'
> {
  readonly id: string
  readonly system: string | null
  readonly messages: readonly Message[]
  /** What led here; only `canned` reads it. */
  readonly failure: Failure | null
}

/** Whether a model is there to be used. `downloadable`: after a download that the run would start. */
export type Availability = 'available' | 'downloading' | 'downloadable' | 'unavailable'

/** Where a route's content goes and who sees it. */
export type Privacy = 'device' | 'own' | 'third-party'

/** What makes a route work. Kept off the public `Route`, under a symbol. */
export interface Wire {
  readonly model: string | null
  /** The origin its requests go to; null when nothing leaves the page. */
  readonly origin: string | null
  readonly privacy: Privacy
  readonly abilities: readonly Ability[]
  /** `none`: needs none. `literal`: written into the config. `lazy`: read when an attempt needs it. */
  readonly credential: 'none' | 'literal' | 'lazy' | 'missing'
  /** The credential now; undefined when there is none. Never rejects. */
  readonly readKey?: (() => Promise<string | undefined>) | undefined
  /** The option that a secret is written into, where one is. */
  readonly literalAt?: '.apiKey' | '.headers' | undefined
  /** There is no credential now, as far as can be said without reading it. */
  readonly isKeyless?: () => boolean
  /** The credential that was read last was refused. */
  readonly refuseKey?: () => void
  /** Whether it can serve this request now; absent means always. Never rejects, starts no download. */
  readonly availability?:
    | ((request: Omit<WireRequest, 'failure'>) => Availability | Promise<Availability>)
    | undefined
  /** About how much has to be downloaded where it is `downloadable`. */
  readonly downloadBytes?: number
  /** What is wrong with the options it was made from: path below the route and message. */
  readonly problems: readonly { readonly path: string; readonly message: string }[]
  /**
   * Tells what comes until the stream's own end, then resolves. Rejects with anything; `classify` reads
   * it. A whole network read is told in one go, without awaiting between its events.
   */
  stream(call: WireCall, tell: (event: WireEvent) => void): Promise<void>
}
