import type { Policy } from '../player.ts'
import { ROUTES, type RouteName } from '../providers.ts'
import { END_MS } from '../users.ts'
import { climb } from './ladder.ts'

/** The same ladder for every question, each rung with the same deadline. */
function fixed(name: string, order: readonly RouteName[], deadlineMs: number): Policy {
  return {
    name,
    open: (page) => ({
      ask: (question) => climb(page, question, { order, deadlineMs: () => deadlineMs }),
    }),
  }
}

const COOLDOWN_FAILURES = 3
const COOLDOWN_WINDOW_MS = 60_000
const COOLDOWN_MS = 5_000

/**
 * What LiteLLM's router does, by its defaults: a route that failed more than 3 times in a minute is left out for 5 s
 * (https://docs.litellm.ai/docs/routing, `allowed_fails`, `cooldown_time`).
 */
const cooldown: Policy = {
  name: 'ladder, 10 s, cooldown',
  open(page) {
    const failures = new Map<RouteName, readonly number[]>()
    const cooledUntil = new Map<RouteName, number>()
    return {
      ask(question) {
        const now = page.clock.now()
        const warm = ROUTES.filter((route) => (cooledUntil.get(route) ?? 0) <= now)
        return climb(page, question, {
          order: warm.length > 0 ? warm : ROUTES,
          deadlineMs: () => 10_000,
          onFailed(route) {
            const at = page.clock.now()
            const recent = (failures.get(route) ?? []).filter(
              (one) => one > at - COOLDOWN_WINDOW_MS,
            )
            failures.set(route, [...recent, at])
            if (recent.length >= COOLDOWN_FAILURES) cooledUntil.set(route, at + COOLDOWN_MS)
          },
        })
      },
    }
  },
}

export const baselines: readonly Policy[] = [
  fixed('no fallback, 60 s', ['A'], END_MS),
  fixed('one backup, 30 s', ['A', 'B'], 30_000),
  fixed('ladder, 10 s', ROUTES, 10_000),
  cooldown,
]
