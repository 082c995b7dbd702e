import { measure } from './marks.ts'
import type { Cancel, Page } from '../words/world.ts'

/** The page as the browser tells of it; without a browser, online and visible. */
export function createPage(now: () => number): Page & { close: Cancel } {
  const document = globalThis.document as Document | undefined
  const listeners = new Set<() => void>()
  const leavers = new Set<(mayReturn: boolean) => void>()
  let blocked: { readonly origin: string | undefined; readonly at: number } | null = null
  let frozenAt = -Infinity
  const tell = (): void => {
    for (const listener of listeners) listener()
  }
  const onViolation = (event: SecurityPolicyViolationEvent): void => {
    const { disposition, effectiveDirective, blockedURI } = event
    if (disposition === 'enforce' && effectiveDirective.startsWith('connect-src')) {
      blocked = { origin: URL.parse(blockedURI)?.origin, at: now() }
    }
  }
  const aborter = new AbortController()
  const { signal } = aborter
  document?.addEventListener('visibilitychange', tell, { signal })
  document?.addEventListener('freeze', () => (frozenAt = now()), { signal })
  document?.addEventListener('securitypolicyviolation', onViolation, { signal })
  if (document) {
    globalThis.addEventListener('online', tell, { signal })
    globalThis.addEventListener('offline', tell, { signal })
    // The only event of a leaving that every browser sends and that keeps a page fit for a return by the back
    // button (web.dev/articles/bfcache).
    globalThis.addEventListener(
      'pagehide',
      ({ persisted }) => {
        for (const leaver of leavers) leaver(persisted)
      },
      { signal },
    )
  }
  return {
    // Only `false` can be trusted: `true` says that there is some network, not that it leads anywhere.
    isOnline: () => !document || navigator.onLine,
    isHidden: () => document?.visibilityState === 'hidden',
    frozenAt: () => frozenAt,
    watch(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    watchLeaving(listener) {
      leavers.add(listener)
      return () => {
        leavers.delete(listener)
      }
    },
    watchCopy(listener) {
      const onCopy = (): void => {
        listener(document?.getSelection()?.toString() ?? '')
      }
      const copying = new AbortController()
      document?.addEventListener('copy', onCopy, {
        signal: AbortSignal.any([signal, copying.signal]),
      })
      return () => {
        copying.abort()
      }
    },
    wantsPrivacy: () =>
      'navigator' in globalThis && Reflect.get(navigator, 'globalPrivacyControl') === true,
    measure,
    vitals:
      document && 'PerformanceObserver' in globalThis
        ? async () => (await import('./vitals.ts')).createVitals()
        : undefined,
    beacon(url, text) {
      const address = document && URL.parse(url, document.baseURI)
      return address?.origin === globalThis.origin && navigator.sendBeacon(address, text)
    },
    async hasBlocked(url, since) {
      if (!document) return false
      // The event comes in the task after `fetch` has rejected (measured in Chromium 156).
      await new Promise((resolve) => setTimeout(resolve, 0))
      return blocked !== null && blocked.at >= since && blocked.origin === URL.parse(url)?.origin
    },
    close() {
      aborter.abort()
      listeners.clear()
      leavers.clear()
    },
  }
}
