import {
  createLatency,
  firstContentMs,
  P95,
  quantile,
  reduceLatency,
  type LatencyModel,
} from '../../../packages/core/src/health/latency.ts'
import type { Page } from '../page.ts'
import type { Policy } from '../player.ts'
import { isWell, ROUTES, type RouteName } from '../providers.ts'
import { climb } from './ladder.ts'

/** A twentieth of the answers, saved up to two. */
const HEDGES = { first: 1, perAnswer: 0.05, most: 2 }

interface Learnt {
  readonly models: Map<RouteName, LatencyModel>
  tokens: number
}

/**
 * Knows which routes are in an incident or a burst at this moment and asks them last. Its deadlines are Rungs' own, learnt
 * in the same way, so what is between the two is what Rungs cannot know.
 */
export function oracle(name: string, isHedging: boolean): Policy {
  /** What each client has learnt outlives its visits, as with Rungs. */
  const learnt = new WeakMap<Page, Learnt>()
  return {
    name,
    open(page) {
      const own = learnt.get(page) ?? { models: new Map(), tokens: HEDGES.first }
      learnt.set(page, own)
      const { models } = own
      const model = (route: RouteName) => models.get(route) ?? createLatency()
      return {
        async ask(question) {
          const now = page.clock.now()
          const well = ROUTES.filter((route) => isWell(page.weather(route, now)))
          const order = [...well, ...ROUTES.filter((route) => !well.includes(route))]
          const [first = 'A'] = order
          const canHedge = isHedging && own.tokens >= 1
          const answer = await climb(page, question, {
            order,
            deadlineMs: (route) => firstContentMs(model(route), 'chat'),
            hedgeMs: canHedge ? quantile(model(first), P95) : Infinity,
            onFirst(route, waitMs) {
              models.set(route, reduceLatency(model(route), waitMs))
            },
          })
          own.tokens -= answer.hedges
          if (answer.isAnswered) own.tokens = Math.min(HEDGES.most, own.tokens + HEDGES.perAnswer)
          return answer
        },
      }
    },
  }
}
