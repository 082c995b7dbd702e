import type { Cancel, Page } from '../words/world.ts'

/** The page as the browser tells of it; without a browser, online and visible. */
export function createPage(now: () => number): Page & { close: Cancel } {
  const document = globalThis.document as Document | undefined
  const listeners = new Set<() => void>()
  let blocked: { address: string; at: number } | null = null
  const tell = (): void => {
    for (const listener of listeners) listener()
  }
  const onViolation = (event: SecurityPolicyViolationEvent): void => {
    if (event.effectiveDirective.startsWith('connect-src')) {
      blocked = { address: event.blockedURI, at: now() }
    }
  }
  const aborter = new AbortController()
  const { signal } = aborter
  document?.addEventListener('visibilitychange', tell, { signal })
  document?.addEventListener('securitypolicyviolation', onViolation, { signal })
  if (document) {
    globalThis.addEventListener('online', tell, { signal })
    globalThis.addEventListener('offline', tell, { signal })
  }
  return {
    // Only `false` can be trusted: `true` says that there is some network, not that it leads anywhere.
    isOnline: () => !document || navigator.onLine,
    isHidden: () => document?.visibilityState === 'hidden',
    watch(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    lastBlocked: () => blocked,
    close() {
      aborter.abort()
      listeners.clear()
    },
  }
}
