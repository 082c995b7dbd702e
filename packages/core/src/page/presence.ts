import { measure } from './marks.ts'
import type { Cancel, Page } from '../words/world.ts'

/** Text goes to every origin without a question beforehand, and nothing of who sends it goes with it. */
const PARCEL = {
  method: 'POST',
  headers: { 'content-type': 'text/plain;charset=UTF-8' },
  credentials: 'omit',
  referrerPolicy: 'no-referrer',
} as const

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
    idle: 'requestIdleCallback' in globalThis ? whenIdle : undefined,
    leave: document && 'fetchLater' in globalThis ? leaveWithBrowser : undefined,
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

function whenIdle(task: () => void): Cancel {
  const asked = requestIdleCallback(task, { timeout: 1_000 })
  return () => {
    cancelIdleCallback(asked)
  }
}

function leaveWithBrowser(url: string, body: string): Cancel | null {
  const aborter = new AbortController()
  const init = { ...PARCEL, body, signal: aborter.signal }
  try {
    // Not yet among the types of TypeScript.
    Reflect.apply(Reflect.get(globalThis, 'fetchLater'), globalThis, [url, init])
  } catch {
    // Over the browser's quota, or not allowed by its policy.
    return null
  }
  return () => {
    aborter.abort()
  }
}
