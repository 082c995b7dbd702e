import type { Channel } from '../words/world.ts'

/** A line to the other tabs; null without a browser, where it would keep the process alive. */
export function openChannel(name: string): Channel | null {
  if (!(globalThis.document as Document | undefined) || !('BroadcastChannel' in globalThis))
    return null
  const aborter = new AbortController()
  const { signal } = aborter
  let listener: ((message: unknown) => void) | null = null
  let line: BroadcastChannel | null = null
  const close = (): void => {
    line?.close()
    line = null
  }
  const open = (): void => {
    if (line) return
    line = new BroadcastChannel(name)
    line.addEventListener('message', ({ data }) => listener?.(data))
  }
  open()
  // A page with an open line is not kept for a return by the back button (web.dev/articles/bfcache).
  globalThis.addEventListener('pagehide', close, { signal })
  globalThis.addEventListener('pageshow', open, { signal })
  return {
    post(message) {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is of windows: a line has one origin
      line?.postMessage(message)
    },
    listen(next) {
      listener = next
    },
    close() {
      aborter.abort()
      close()
    },
  }
}
