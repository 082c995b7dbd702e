import type { Report, Sink } from '../../words/telemetry.ts'
import { SCHEMA } from '../version.ts'
import { post } from './post.ts'

/**
 * Sends reports to a collector (such as `@rungs/analytics`) as `{ schema, rows }`: a POST of at most 48 KiB and 50
 * rows, by `fetch` with keepalive, without cookies, as text/plain, so that no other origin has to allow
 * it first. A page that is closed hands what is left to `sendBeacon`, to its own origin only, and where the browser has
 * `fetchLater` it leaves the newest 16 KiB with it, for a page that ends without a word. What is not known to have
 * arrived is sent again by the next page, so the collector has to know a row by `id` and `revision`.
 *
 * @param url an address of your own origin is blocked least
 */
export function beacon(url: string): Sink {
  return {
    name: 'beacon',
    send: (batch, means) => post(url, batch, encode, means),
    parcel: (batch) => ({ url, text: encode(batch) }),
  }
}

function encode(rows: readonly Report[]): string {
  return JSON.stringify({ schema: SCHEMA, rows })
}
