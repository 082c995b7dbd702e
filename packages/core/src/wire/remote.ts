import { isLocalHost } from '../policy/address.ts'
import { Fault } from '../policy/fault.ts'
import type { MaybeAsync, Route, RouteFacts } from '../words/route.ts'
import type { Wire, WireEvent, WireRequest } from '../words/wire.ts'
import { post, type Answer } from './http.ts'
import { createRoute } from './route.ts'

type Fields<Value> = MaybeAsync<Readonly<Record<string, Value>>> | undefined

/** A route over HTTP: what it is, and what it adds to a request. */
export interface Remote extends Pick<
  Wire,
  | 'model'
  | 'origin'
  | 'privacy'
  | 'abilities'
  | 'credential'
  | 'problems'
  | 'literalAt'
  | 'isKeyless'
  | 'refuseKey'
> {
  readonly protocol: string
  readonly facts: RouteFacts
  /** Where requests go; null where that cannot be said. */
  readonly url: () => URL | null
  readonly readKey: (() => Promise<string | undefined>) | undefined
  readonly authorize: (key: string) => Readonly<Record<string, string>>
  readonly accept: string
  readonly credentials: RequestCredentials
  readonly headers: Fields<string>
  readonly body: Fields<unknown>
  readonly encode: (request: WireRequest) => object
  readonly receive: (answer: Answer, tell: (event: WireEvent) => void) => Promise<void>
}

export function createRemoteRoute(remote: Remote): Route {
  const { protocol, facts, url, readKey, authorize, accept, credentials, headers, body } = remote
  const { encode, receive, ...about } = remote
  return createRoute(protocol, facts, {
    ...about,
    readKey,
    async stream({ request, signal, world, key }, tell) {
      const address = url()
      // A relative address outside a page leads nowhere: only the product can mend that.
      if (!address) throw new Fault({ from: 'unsent', kind: 'invalid-request' })
      const more = { headers: await have(headers), body: await have(body) }
      const message = compose(
        {
          'content-type': 'application/json',
          accept,
          ...(key === undefined ? {} : authorize(key)),
        },
        more.headers ?? {},
        () => ({ ...encode(request), ...more.body }),
      )
      const answer = await post({ ...message, url: address.href, credentials, signal, world })
      await receive(answer, tell)
    },
  })
}

/** A request as HTTP can carry it; a header or a value that it cannot is the product's to mend. */
function compose(
  own: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>>,
  encode: () => object,
): { readonly headers: Headers; readonly body: string } {
  try {
    const headers = new Headers(own)
    // In place of our own, in whatever case they are written.
    for (const [name, value] of Object.entries(more)) headers.set(name, value)
    return { headers, body: JSON.stringify(encode()) }
  } catch {
    // What is thrown quotes the header or the value.
    throw new Fault({ from: 'unsent', kind: 'invalid-request' })
  }
}

/** The value now. What goes wrong in getting it may quote a secret, so only the fact goes on. */
async function have<Value>(source: MaybeAsync<Value> | undefined): Promise<Value | undefined> {
  try {
    return await read(source)
  } catch {
    throw new Fault({ from: 'unsent', kind: 'auth' })
  }
}

/** The value, or what the function for it gives. */
export function read<Value>(
  source: MaybeAsync<Value> | undefined,
): Value | undefined | Promise<Value | undefined> {
  return isGetter(source) ? source() : source
}

function isGetter<Value>(
  source: MaybeAsync<Value> | undefined,
): source is () => Value | undefined | Promise<Value | undefined> {
  return typeof source === 'function'
}

/** Headers that hold a credential. */
const SECRET = /^(?:authorization|cookie|.*(?:api-?key|token|secret))$/i

/** Whether a credential is written into the headers, where everybody who can read the page can read it. */
export function hasLiteralSecret(headers: Fields<string>): boolean {
  return typeof headers === 'object' && Object.keys(headers).some((name) => SECRET.test(name))
}

/** What is wrong with an address that a route is to be bound to; undefined when nothing is. */
export function addressProblem(url: URL | null): string | undefined {
  if (!url || !/^https?:$/.test(url.protocol))
    return 'is no http address, such as https://host.example/v1'
  if (url.username || url.password) return 'holds a credential (it is not shown)'
  return url.protocol === 'http:' && !isLocalHost(url.hostname)
    ? 'must be https, except on localhost'
    : undefined
}
