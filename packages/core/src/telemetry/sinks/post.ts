import { clock } from '../../page/clock.ts'
import type { Means, Report, Verdict } from '../../words/telemetry.ts'

const TIMEOUT_MS = 10_000
/** The receiver does not want this page, or is not there: asking again at once does not help. */
const CLOSED_MS = 600_000

/** For whoever calls a sink without an LLM. */
export const plain: Means = {
  fetch: (...request) => globalThis.fetch(...request),
  after: clock.after,
  now: clock.now,
  page: '',
  beacon: () => false,
  isLeaving: false,
  wait: () => undefined,
  drop: () => undefined,
  isRevision: () => false,
  isOpen: () => false,
}

/**
 * Post reports as `encode` writes them. Cookies go to no other origin, and with text/plain neither does a
 * question whether it may be sent. What is too large is halved; what is refused is halved until the one that is
 * refused is found, and dropped.
 */
export async function post(
  url: string,
  batch: readonly Report[],
  encode: (batch: readonly Report[]) => string,
  means: Means = plain,
  headers: Readonly<Record<string, string>> = { 'content-type': 'text/plain;charset=UTF-8' },
): Promise<Verdict> {
  const body = encode(batch)
  // That it was taken does not say that it arrives, so it is sent again unless that was heard otherwise.
  if (means.isLeaving && means.beacon(url, body)) return 'retry'
  const status = await send(url, { method: 'POST', body, headers }, means)
  if (status >= 200 && status < 300) return 'sent'
  if (status === 400 || status === 413 || status === 422) {
    if (batch.length < 2) return 'drop'
    const middle = batch.length >> 1
    const parts = [batch.slice(0, middle), batch.slice(middle)]
    let isWhole = true
    for (const part of parts) {
      const verdict = await post(url, part, encode, means, headers)
      if (verdict === 'drop') means.drop(part.length)
      if (verdict === 'retry') isWhole = false
    }
    return isWhole ? 'sent' : 'retry'
  }
  if (status >= 300 && status < 500 && status !== 408 && status !== 425 && status !== 429) {
    means.wait(CLOSED_MS)
  }
  return 'retry'
}

/** The status; 0 where there was none. */
async function send(url: string, init: RequestInit, means: Means): Promise<number> {
  const aborter = new AbortController()
  const cancel = means.after(TIMEOUT_MS, () => {
    aborter.abort()
  })
  const ask = async (keepalive: boolean): Promise<number> => {
    const response = await means.fetch(url, {
      ...init,
      keepalive,
      credentials: 'omit',
      redirect: 'error',
      referrerPolicy: 'no-referrer',
      signal: aborter.signal,
    })
    const seconds = Number(response.headers.get('retry-after'))
    if (seconds > 0) means.wait(seconds * 1000)
    // Chromium counts a body that nobody has read against what a page may have under way when it is left.
    await response.text()
    return response.status
  }
  try {
    try {
      return await ask(true)
    } catch (error) {
      // The browser refuses what is over 64 KiB of all that is under way.
      if (means.isLeaving || aborter.signal.aborted) throw error
      return await ask(false)
    }
  } catch {
    // Whatever it was, they have not arrived.
    return 0
  } finally {
    cancel()
  }
}
