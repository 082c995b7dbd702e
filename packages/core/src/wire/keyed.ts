import { judged } from '../policy/fault.ts'
import type { Ability, KeyedRouteOptions, MaybeAsync, Route, RouteFacts } from '../words/route.ts'
import type { Wire, WireEvent, WireRequest } from '../words/wire.ts'
import { readEvents, type Decode } from './events.ts'
import { post } from './http.ts'
import { createRoute, isLocalHost } from './route.ts'

/** What one provider protocol is, beside HTTP and keys. */
export interface KeyedProtocol {
  readonly protocol: string
  readonly baseUrl: string
  readonly abilities: readonly Ability[]
  /** The address below `baseUrl`. */
  readonly path: (model: string) => string
  readonly authorize: (key: string) => Readonly<Record<string, string>>
  readonly encode: (request: WireRequest, options: KeyedRouteOptions) => object
  readonly decode: (tell: (event: WireEvent) => void) => Decode
}

/** What a header can carry of a key; anything else (a line break, a stray quote) came with copying. */
const KEY = /^[\x21-\x7e]+$/

/** The value, read now. */
export async function read<Value>(
  source: MaybeAsync<Value> | undefined,
): Promise<Value | undefined> {
  return typeof source === 'function' ? (source as () => Value | undefined)() : source
}

/** A route that calls a provider with a credential, bound to one origin from here on. */
export function createKeyedRoute(options: KeyedRouteOptions, protocol: KeyedProtocol): Route {
  const { model, apiKey, baseUrl, headers, body, ...facts } = options
  const problems: { path: string; message: string }[] = []
  const report = (path: string, message: string): void => {
    problems.push({ path, message })
  }
  const address = baseUrl ?? protocol.baseUrl
  const url = URL.parse(`${address.replace(/\/+$/, '')}/${protocol.path(model)}`)
  if (!url || !/^https?:$/.test(url.protocol)) report('.baseUrl', 'is no http address')
  else if (url.username || url.password) report('.baseUrl', 'holds a credential: use apiKey')
  else if (url.protocol === 'http:' && !isLocalHost(url.hostname)) {
    report('.baseUrl', 'must be https, except on localhost')
  }
  if (typeof model !== 'string' || model === '') report('.model', 'must name a model')
  if (typeof apiKey === 'string' && apiKey !== '' && !KEY.test(apiKey.trim())) {
    report('.apiKey', 'has characters that no key has (the key is not shown)')
  }

  async function readKey(): Promise<string | undefined> {
    let key: string | undefined
    try {
      key = (await read(apiKey ?? undefined))?.trim()
    } catch {
      // Whatever went wrong may quote the key, so only the fact goes on.
      key = undefined
    }
    return key && KEY.test(key) ? key : undefined
  }

  const wire: Wire = {
    model,
    origin: url?.origin ?? null,
    privacy: 'third-party',
    abilities: protocol.abilities,
    credential:
      apiKey === null
        ? 'none'
        : typeof apiKey === 'function'
          ? 'lazy'
          : apiKey
            ? 'literal'
            : 'missing',
    problems,
    ...(apiKey === null ? {} : { readKey }),
    async stream({ request, signal, world, key }, tell) {
      if (apiKey !== null && !key) throw judged('auth')
      const answer = await post({
        url: String(url),
        headers: {
          'content-type': 'application/json',
          accept: 'text/event-stream',
          ...(key ? protocol.authorize(key) : {}),
          ...(await read(headers)),
        },
        body: JSON.stringify({ ...protocol.encode(request, options), ...body }),
        credentials: 'omit',
        signal,
        world,
      })
      await readEvents(answer, protocol.decode(tell), tell)
    },
  }
  const known: RouteFacts = { provider: url?.hostname, ...facts }
  return createRoute(protocol.protocol, known, wire)
}
