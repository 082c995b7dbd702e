import type { Page } from '../words/world.ts'

/** A page that is online, hidden, left and copied from as it is told. */
export interface VirtualPage {
  readonly page: Page
  readonly setOnline: (isOnline: boolean) => void
  readonly setHidden: (isHidden: boolean) => void
  readonly leave: (mayReturn: boolean) => void
  readonly copy: (text: string) => void
}

export function createVirtualPage(): VirtualPage {
  let isOnline = true
  let isHidden = false
  const watchers = new Set<() => void>()
  const leavers = new Set<(mayReturn: boolean) => void>()
  const copiers = new Set<(text: string) => void>()
  const change = (apply: () => void): void => {
    apply()
    for (const watcher of watchers) watcher()
  }
  return {
    page: {
      isOnline: () => isOnline,
      isHidden: () => isHidden,
      watch(listener) {
        watchers.add(listener)
        return () => {
          watchers.delete(listener)
        }
      },
      watchLeaving(listener) {
        leavers.add(listener)
        return () => {
          leavers.delete(listener)
        }
      },
      watchCopy(listener) {
        copiers.add(listener)
        return () => {
          copiers.delete(listener)
        }
      },
      wantsPrivacy: () => false,
      measure: () => undefined,
      beacon: () => false,
      hasBlocked: () => Promise.resolve(false),
    },
    setOnline: (next) => {
      change(() => (isOnline = next))
    },
    setHidden: (next) => {
      change(() => (isHidden = next))
    },
    leave(mayReturn) {
      for (const leaver of leavers) leaver(mayReturn)
    },
    copy(text) {
      for (const copier of copiers) copier(text)
    },
  }
}
