import type { World } from '../words/world.ts'

/** A timer this late did not run because the page did not: it was held up, frozen or asleep. */
const SUSPENDED_MS = 1_000
/** A hidden page's timers run once a minute (Chrome, after 5 minutes): that late is no sleep. */
const THROTTLED_MS = 65_000

/** Whether the page did not run for a while after `since`, as a timer tells that was due at `dueAt`. */
export function hasSlept({ now, page }: World, since: number, dueAt: number): boolean {
  const isFrozen = (page.frozenAt?.() ?? -Infinity) >= since
  return isFrozen || now() - dueAt > (page.isHidden() ? THROTTLED_MS : SUSPENDED_MS)
}
