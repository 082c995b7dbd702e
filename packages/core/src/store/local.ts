import type { Local } from '../words/world.ts'

/**
 * The one door to `localStorage`: a run is planned at once, so what it is planned by cannot be awaited. A browser
 * that refuses it (blocked cookies, a sandboxed frame, no room) keeps nothing and breaks nothing. Without
 * a page it is not touched: what a server keeps would be of all its users.
 */
export const local: Local = {
  read(key) {
    try {
      return hasPage() ? localStorage.getItem(key) : null
    } catch {
      // Refused, as said above.
      return null
    }
  },
  write(key, text) {
    try {
      if (hasPage()) localStorage.setItem(key, text)
    } catch {
      // Refused, as said above.
    }
  },
}

function hasPage(): boolean {
  return (globalThis.document as Document | undefined) !== undefined
}
