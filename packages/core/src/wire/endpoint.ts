import type { Ability, EndpointRouteOptions, Route } from '../words/route.ts'
import type { WireEvent, WireRequest } from '../words/wire.ts'
import type { Answer } from './http.ts'
import { addressProblem, createRemoteRoute, hasLiteralSecret } from './remote.ts'

/** What a protocol of the product's own backend is, beside HTTP. */
export interface EndpointProtocol {
  readonly protocol: string
  readonly abilities: readonly Ability[]
  readonly accept: string
  readonly encode: (request: WireRequest) => object
  readonly receive: (answer: Answer, tell: (event: WireEvent) => void) => Promise<void>
}

/** An address that may be relative to the page; null where there is no page to be relative to. */
function resolve(url: string): URL | null {
  return URL.parse(url, (globalThis.location as Location | undefined)?.href)
}

/** A route to the product's own backend, bound to its address. */
export function createEndpointRoute(
  options: EndpointRouteOptions,
  { protocol, abilities, accept, encode, receive }: EndpointProtocol,
): Route {
  const { url, headers, body, credentials = 'same-origin', ...facts } = options
  const isRelative = typeof url === 'string' && /^(?!\w[\w+.-]*:)./.test(url)
  const address = typeof url === 'string' ? resolve(url) : null
  // A page on http may call its own backend; what else is wrong with an address is wrong here too.
  const isOfPage =
    address !== null && address.origin === (globalThis.location as Location | undefined)?.origin
  const message = isRelative || isOfPage ? undefined : addressProblem(address)
  return createRemoteRoute({
    protocol,
    facts: { provider: address?.host ?? 'own', ...facts },
    model: null,
    url: () => resolve(url),
    origin: address?.origin ?? null,
    privacy: 'own',
    abilities,
    credential: 'none',
    problems: message ? [{ path: '.url', message }] : [],
    readKey: undefined,
    literalAt: hasLiteralSecret(headers) ? '.headers' : undefined,
    authorize: () => ({}),
    accept,
    credentials,
    headers,
    body,
    encode,
    receive,
  })
}
