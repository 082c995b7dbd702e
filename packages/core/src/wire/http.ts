import ky from 'ky'
import { isLocalHost } from '../policy/address.ts'
import { Fault, judged } from '../policy/fault.ts'
import type { Cancel, World } from '../words/world.ts'

/** Bounds on what a server may send; more is `invalid-response`. */
const RESPONSE_BYTES = 32 * 2 ** 20
const ERROR_BYTES = 64 * 2 ** 10
/** Reads that wait for nothing follow each other without a turn for the page; so many bytes are about 10 ms of work. */
const BREATH_BYTES = 128 * 2 ** 10
/** A body of an error that takes longer is not waited for, ms. */
const ERROR_MS = 1_000

/** What nobody waits for is given this long, ms. */
const GET_MS = 10_000

export interface Post {
  readonly url: string
  readonly headers: Headers
  readonly body: string
  readonly credentials: RequestCredentials
  readonly signal: AbortSignal
  readonly world: World
}

/** A successful answer whose body is yet to come. */
export interface Answer {
  readonly status: number
  readonly requestId: string | undefined
  readonly contentType: string
  /** Tells the body's text, read by read; resolves at its end, throws a Fault where it breaks. */
  read(onText: (text: string) => void): Promise<void>
}

/**
 * The one door to HTTP. Sends a POST once: no retry, no timeout (the ladder owns both), no redirect
 * followed, no referrer, no cache. Throws a Fault for anything but a success, and the signal's own
 * reason when it was aborted.
 */
export async function post(request: Post): Promise<Answer> {
  const { url, world, signal } = request
  const startedAt = world.now()
  const { page } = world
  // This machine is reached without a network: what breaks there is not that.
  const hasNetwork = (): boolean => page.isOnline() || isLocalHost(new URL(url).hostname)
  let response: Response
  try {
    response = await ky(url, {
      method: 'POST',
      headers: request.headers,
      body: request.body,
      signal,
      credentials: request.credentials,
      fetch: world.fetch,
      redirect: 'manual',
      referrerPolicy: 'no-referrer',
      cache: 'no-store',
      retry: 0,
      timeout: false,
      throwHttpErrors: false,
    })
  } catch {
    // What `fetch` throws says nothing of why: refused, offline, CORS and DNS are one TypeError.
    const isOnline = hasNetwork()
    const isBlocked = await page.hasBlocked(url, startedAt)
    signal.throwIfAborted()
    throw new Fault({
      from: 'transport',
      isOnline,
      isBlocked,
    })
  }
  const { status, headers } = response
  if (response.type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    await response.body?.cancel()
    throw new Fault({ from: 'redirect' })
  }
  /** Read up to `limit` bytes; `onMore` says what to do where there are more. */
  async function read(
    onText: (text: string) => void,
    limit: number,
    onMore: () => void,
  ): Promise<void> {
    const reader = response.body?.getReader()
    if (!reader) return
    const decoder = new TextDecoder()
    let bytes = 0
    let breathedAt = 0
    // The body's own tie to the signal can be lost once the response is here (undici lets go of the request
    // that held it), and with it the connection would stay open.
    const cancel = (): void => {
      // Of a body that has broken, cancelling tells the same error once more.
      reader.cancel().catch(() => undefined)
    }
    signal.addEventListener('abort', cancel)
    try {
      for (;;) {
        let result: ReadableStreamReadResult<Uint8Array>
        try {
          result = await reader.read()
        } catch {
          signal.throwIfAborted()
          throw new Fault({
            from: 'transport',
            isOnline: hasNetwork(),
            isBlocked: false,
          })
        }
        signal.throwIfAborted()
        if (result.done) break
        const room = limit - bytes
        bytes += result.value.byteLength
        onText(decoder.decode(result.value.subarray(0, room), { stream: true }))
        if (bytes > limit) {
          onMore()
          break
        }
        if (bytes - breathedAt >= BREATH_BYTES) {
          breathedAt = bytes
          await breathe()
          signal.throwIfAborted()
        }
      }
      onText(decoder.decode())
    } finally {
      signal.removeEventListener('abort', cancel)
      // Frees the connection when the body was left early; after its end this does nothing.
      cancel()
    }
  }
  if (!response.ok) {
    let body = ''
    const reading = read(
      (text) => {
        body += text
      },
      ERROR_BYTES,
      // The first 64 KiB say enough.
      () => undefined,
    ).catch(() => {
      // The status alone is evidence enough; what came of the body is kept.
    })
    let cancel: Cancel | undefined
    const patience = new Promise<void>((resolve) => {
      cancel = world.after(ERROR_MS, resolve)
    })
    await Promise.race([reading, patience])
    cancel?.()
    signal.throwIfAborted()
    throw new Fault({ from: 'status', status, headers: Object.fromEntries(headers), body })
  }
  return {
    status,
    requestId: requestIdOf(headers),
    contentType: headers.get('content-type') ?? '',
    read: (onText) =>
      read(onText, RESPONSE_BYTES, () => {
        throw judged('invalid-response', status)
      }),
  }
}

/** What a GET gives as JSON within a bound, and the server's own time of it, epoch ms, where that can be read. */
export async function getJson(
  url: string,
  { fetch, after }: World,
): Promise<{ readonly value: unknown; readonly date: number | null }> {
  const aborter = new AbortController()
  const cancel = after(GET_MS, () => {
    aborter.abort()
  })
  try {
    const response = await ky(url, {
      fetch,
      signal: aborter.signal,
      redirect: 'error',
      referrerPolicy: 'no-referrer',
      cache: 'no-store',
      credentials: 'same-origin',
      retry: 0,
      timeout: false,
    })
    const text = await response.text()
    if (text.length > ERROR_BYTES) throw new RangeError('the answer is too long')
    const date = Date.parse(response.headers.get('date') ?? '')
    return { value: JSON.parse(text), date: Number.isNaN(date) ? null : date }
  } finally {
    cancel()
  }
}

/** Let the page have a turn. A message, because timers of a hidden page come once a second. */
function breathe(): Promise<void> {
  const { port1, port2 } = new MessageChannel()
  return new Promise((resolve) => {
    port1.addEventListener('message', () => {
      port1.close()
      resolve()
    })
    port1.start()
    port2.postMessage(null)
  })
}

/** The provider's own id of a request, for its support; nothing else that a header may hold. */
function requestIdOf(headers: Headers): string | undefined {
  const id = headers.get('x-request-id') ?? headers.get('request-id') ?? headers.get('cf-ray')
  return id !== null && /^[\w.:-]{1,128}$/.test(id) ? id : undefined
}
