import { FAULT_HEADER } from '../simulator/faults.ts'
import { faultOf } from './breakage.ts'
import type { RungName } from './names.ts'

/** Where each simulated route would be. What is sent there goes to the demo's own server instead. */
export const hosts: Readonly<Record<RungName, string>> = {
  swift: 'https://api.swift.example',
  backend: 'https://larder.example',
  reserve: 'https://api.reserve.example',
  chef: 'https://api.chef.example',
}

const routes = new Map<string, string>(Object.entries(hosts).map(([route, host]) => [host, route]))

/** Pulled out: aborts what is under way. */
let plug = new AbortController()

/** `fetch`, with the simulated routes in it, each broken in the way that the panel says. */
export const network: typeof fetch = async (input, init) => {
  const { origin, pathname } = new URL(input instanceof Request ? input.url : input, location.href)
  const route = routes.get(origin)
  if (plug.signal.aborted) throw new TypeError('Failed to fetch')
  if (route === undefined || !isRung(route)) return fetch(input, init)
  const request = new Request(input, init)
  const headers = new Headers(request.headers)
  headers.set(FAULT_HEADER, faultOf(route))
  return fetch(`/sim/${route}${pathname}`, {
    method: request.method,
    headers,
    body: await request.text(),
    signal: AbortSignal.any([request.signal, plug.signal]),
  })
}

function isRung(route: string): route is RungName {
  return Object.hasOwn(hosts, route)
}

/** Pull the plug, or put it back, and tell the page as a browser does. */
export function setPlugged(isPlugged: boolean): void {
  if (isPlugged) {
    plug = new AbortController()
    Reflect.deleteProperty(navigator, 'onLine')
  } else {
    Object.defineProperty(navigator, 'onLine', { configurable: true, get: () => false })
    plug.abort()
  }
  dispatchEvent(new Event(isPlugged ? 'online' : 'offline'))
}
