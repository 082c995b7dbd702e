export type Ability = 'text' | 'image' | 'tools' | 'json' | 'reasoning'

/** How long silence is normal. `reasoning` thinks before it speaks; `background` is work nobody watches. */
export type Pace = 'chat' | 'reasoning' | 'background'

/** A value, or a function that gives it when an attempt needs it. */
export type MaybeAsync<Value> = Value | (() => Value | undefined | Promise<Value | undefined>)

/** What the product knows of a route. Measurement replaces `expect` as it comes. */
export interface RouteFacts {
  /** Who fails together: routes of one provider share blame. Default: the host of its address, with its port. */
  readonly provider?: string | undefined
  /** Routes with different accounts do not share hold-offs. */
  readonly account?: string | undefined
  /** Where the answer is made; a limit on regions excludes a route that does not say. */
  readonly region?: string | undefined
  /** Tags such as `gdpr` or `no-training`, as the product names them. */
  readonly compliance?: readonly string[] | undefined
  /** 0 to 1, the product's own score for its own tasks. Default 0.5. */
  readonly quality?: number | undefined
  /** USD per million tokens; `'included'` when a run costs nothing more. Unknown fits no cost limit. */
  readonly price?:
    | { readonly inputPerMTok: number; readonly outputPerMTok: number }
    | 'included'
    | undefined
  readonly contextTokens?: number | undefined
  /** Default: what the protocol can carry. */
  readonly abilities?: readonly Ability[] | undefined
  readonly pace?: Pace | undefined
  /** Wait and speed that hold until they are measured; undeclared, the wait is 1 s and the speed is no reason against it. */
  readonly expect?:
    | { readonly firstChunkMs?: number; readonly tokensPerSecond?: number }
    | undefined
  /** Who pays; moving to another payer can need consent. Default `product`. */
  readonly payer?: 'product' | 'user' | undefined
}

/** Options of a route that calls a provider with a credential. It omits cookies. */
export interface KeyedRouteOptions extends RouteFacts {
  readonly model: string
  /**
   * A key, or a function that gives one when an attempt needs it (a short-lived token, a key typed
   * later). null: no credential is sent (a model server of one's own). A key written into a page that
   * is not on localhost is refused by `createLLM`: it would be public.
   */
  readonly apiKey: MaybeAsync<string> | null
  /** Default: the provider's own API. https, or http on localhost. */
  readonly baseUrl?: string | undefined
  /** More headers; never needed for the credential. */
  readonly headers?: MaybeAsync<Readonly<Record<string, string>>> | undefined
  /** Fields merged into the request's body, for what the normalised request has no word for. */
  readonly body?: Readonly<Record<string, unknown>> | undefined
}

/** Options of a route to the product's own backend. */
export interface EndpointRouteOptions extends RouteFacts {
  /** Absolute, or relative to the page. */
  readonly url: string
  readonly headers?: MaybeAsync<Readonly<Record<string, string>>> | undefined
  /** Fields merged into the request's body. */
  readonly body?: MaybeAsync<Readonly<Record<string, unknown>>> | undefined
  /** Whether cookies are sent. Default `same-origin`. */
  readonly credentials?: RequestCredentials | undefined
}

/** One way to get an answer. Opaque: made by the route functions. */
export interface Route {
  readonly protocol: string
  readonly facts: RouteFacts
}
