import type { Page } from '../page.ts'
import type { Answer } from '../player.ts'
import { NATURES, type RouteName } from '../providers.ts'
import type { Question } from '../users.ts'

/** What the policies that are not Rungs differ in. */
export interface Ladder {
  /** Tried one after the other. */
  readonly order: readonly RouteName[]
  /** To the first content. */
  readonly deadlineMs: (route: RouteName) => number
  /** A second route is asked as well after so long without content; Infinity: never. */
  readonly hedgeMs?: number
  readonly onFirst?: (route: RouteName, waitMs: number) => void
  readonly onFailed?: (route: RouteName) => void
}

/** Climb a ladder for one question: what comes first counts, an answer that breaks off is begun anew by the next route. */
export function climb(page: Page, question: Question, ladder: Ladder): Promise<Answer> {
  const { clock } = page
  const { order, hedgeMs = Infinity } = ladder
  const askedAt = clock.now()
  return new Promise((resolve) => {
    let next = 0
    let firstMs: number | null = null
    let hedges = 0
    const open = new Map<RouteName, () => void>()

    const drop = (route: RouteName): void => {
      open.get(route)?.()
      open.delete(route)
    }
    const finish = (isAnswered: boolean): void => {
      cancelPatience()
      cancelHedge()
      for (const route of open.keys()) drop(route)
      resolve({ isAnswered, firstMs, probesAt: [], hedges })
    }
    const lose = (route: RouteName): void => {
      drop(route)
      cancelHedge()
      ladder.onFailed?.(route)
      if (open.size > 0) return
      if (next < order.length) start()
      else finish(false)
    }
    const start = (): void => {
      const route = order[next]
      next += 1
      if (route === undefined) return
      const startedAt = clock.now()
      let hasContent = false
      const cut = page.attempt(question, route, {
        content() {
          if (hasContent) return
          hasContent = true
          cancelDeadline()
          cancelPatience()
          cancelHedge()
          for (const other of open.keys()) if (other !== route) drop(other)
          firstMs ??= clock.now() - askedAt
          ladder.onFirst?.(route, clock.now() - startedAt)
        },
        end(isAnswer) {
          if (isAnswer) finish(true)
          else lose(route)
        },
      })
      const cancelDeadline = clock.after(ladder.deadlineMs(route), () => {
        lose(route)
      })
      open.set(route, () => {
        cancelDeadline()
        cut()
      })
    }
    const cancelPatience = clock.after(question.patienceMs, () => {
      finish(false)
    })
    const cancelHedge = clock.after(hedgeMs, () => {
      if (!isEqual(order[0], order[1])) return
      hedges += 1
      start()
    })
    start()
  })
}

function isEqual(one: RouteName | undefined, other: RouteName | undefined): boolean {
  return (
    one !== undefined &&
    other !== undefined &&
    Math.abs(NATURES[one].quality - NATURES[other].quality) < 0.05
  )
}
