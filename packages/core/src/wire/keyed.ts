import type { Ability, KeyedRouteOptions, Route } from '../words/route.ts'
import type { Wire, WireEvent, WireRequest } from '../words/wire.ts'
import { readEvents, type Decode } from './events.ts'
import { keyRefOf } from '../keys/ref.ts'
import { addressProblem, createRemoteRoute, hasLiteralSecret, read } from './remote.ts'

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

/** `path` below `base`; the queries of both (Azure's `api-version`, Gemini's `alt`) stay behind it. */
function below(base: unknown, path: string): URL | null {
  const url = typeof base === 'string' ? URL.parse(base) : null
  if (!url) return null
  const [place = '', query = ''] = path.split('?')
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${place}`
  for (const [name, value] of new URLSearchParams(query)) url.searchParams.set(name, value)
  return url
}

/** A route that calls a provider with a credential, bound to one origin from here on. */
export function createKeyedRoute(options: KeyedRouteOptions, protocol: KeyedProtocol): Route {
  const { model, apiKey, baseUrl = protocol.baseUrl, headers, body, ...facts } = options
  const url = below(baseUrl, protocol.path(model))
  const keyRef = keyRefOf(apiKey)
  const isBound = !keyRef || url === null || keyRef.bind(url.origin)
  const problems = [
    ['.baseUrl', addressProblem(url)],
    ['.model', typeof model === 'string' && model !== '' ? undefined : 'must name a model'],
    ['.apiKey', isBound ? undefined : 'is the key of another origin'],
    [
      '.apiKey',
      typeof apiKey === 'string' && apiKey !== '' && !KEY.test(apiKey.trim())
        ? 'has characters that no key has (it is not shown)'
        : undefined,
    ],
  ] as const

  async function readKey(): Promise<string | undefined> {
    try {
      const key = (await read(apiKey ?? undefined))?.trim()
      return key && KEY.test(key) ? key : undefined
    } catch {
      // Whatever went wrong may quote the key, so only the fact goes on.
      return undefined
    }
  }
  function credential(): Wire['credential'] {
    if (apiKey === null) return 'none'
    if (typeof apiKey === 'function') return 'lazy'
    return apiKey ? 'literal' : 'missing'
  }

  return createRemoteRoute({
    protocol: protocol.protocol,
    facts: { provider: url?.host, ...facts },
    model,
    url: () => url,
    origin: url?.origin ?? null,
    privacy: 'third-party',
    abilities: protocol.abilities,
    credential: credential(),
    problems: problems.flatMap(([path, message]) => (message ? [{ path, message }] : [])),
    readKey: apiKey === null ? undefined : readKey,
    literalAt:
      credential() === 'literal' ? '.apiKey' : hasLiteralSecret(headers) ? '.headers' : undefined,
    ...(keyRef ? { isKeyless: keyRef.isEmpty, refuseKey: keyRef.refuse } : {}),
    authorize: protocol.authorize,
    accept: 'text/event-stream',
    credentials: 'omit',
    headers,
    body,
    encode: (request) => protocol.encode(request, options),
    receive: (answer, tell) => readEvents(answer, protocol.decode, tell),
  })
}
