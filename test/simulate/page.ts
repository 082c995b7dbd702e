import { createClock, type Clock } from './clock.ts'
import { drawFate, type Fate } from './fate.ts'
import { NATURES, ROUTES, type Condition, type RouteName, type Weather } from './providers.ts'
import { keyed } from './random.ts'
import type { Question } from './users.ts'

/** One attempt as the world saw it. */
export interface Try {
  readonly route: RouteName
  readonly at: number
  readonly condition: Condition
  readonly fate: Fate
  costUsd: number
  isOpen: boolean
  hasContent: boolean
}

/** What a player is told of an attempt that it started. */
export interface Ears {
  /** More has come; `share` of the whole answer by now, 0 to 1. */
  readonly content: (share: number) => void
  readonly end: (isAnswer: boolean) => void
}

/** One client's page: its time, and the routes as they answer it. */
export interface Page {
  readonly seed: number
  readonly clock: Clock
  readonly weather: Weather
  /** What the client's browser keeps, whichever page is open. */
  readonly disk: Map<string, string>
  /** Start an attempt for a question; call what comes back to cut it off. */
  readonly attempt: (question: Question, route: RouteName, ears: Ears) => () => void
  /** Every attempt for a question, in their order. */
  readonly tries: (question: Question) => readonly Try[]
  /** The question is done with. */
  readonly forget: (question: Question) => void
}

/** A long answer's pieces come this often at least, ms: far below any deadline on silence. */
const PIECE_MS = 4_000

/** Of its output, what an attempt that is cut off is billed: as it was given up, or as it lost a race. */
const BILLED_OF_GIVEN_UP = 0.5
const BILLED_OF_LOST = 0.25

export function createPage(seed: number, startAt: number, weather: Weather): Page {
  const clock = createClock(startAt)
  const known = new Map<number, Try[]>()
  const disk = new Map<string, string>()
  const tries = (question: Question): Try[] => {
    const list = known.get(question.id) ?? []
    known.set(question.id, list)
    return list
  }
  return {
    seed,
    clock,
    weather,
    disk,
    tries,
    forget: ({ id }) => known.delete(id),
    attempt(question, route, ears) {
      const others = tries(question)
      const nth = others.filter((one) => one.route === route).length
      const at = clock.now()
      const condition = weather(route, at)
      const random = keyed(seed, 3, question.id, ROUTES.indexOf(route), nth)
      const fate = drawFate(random, route, condition, question.outputTokens)
      const own: Try = {
        route,
        at,
        condition,
        fate,
        costUsd: 0,
        isOpen: true,
        hasContent: false,
      }
      others.push(own)
      const { firstMs, endMs, share } = fate
      const bill = (part: number): void => {
        own.costUsd = costUsd(route, question, part)
      }
      const piece = (): void => {
        const sinceMs = clock.now() - at - (firstMs ?? 0)
        const wholeMs = endMs - (firstMs ?? 0)
        own.hasContent = true
        ears.content(wholeMs > 0 ? Math.min(1, (sinceMs + 1) / wholeMs) * share : share)
        if (clock.now() + PIECE_MS < at + endMs) cancelPiece = clock.after(PIECE_MS, piece)
      }
      let cancelPiece = clock.after(firstMs ?? Infinity, piece)
      const cancelEnd = clock.after(endMs, () => {
        own.isOpen = false
        cancelPiece()
        if (own.hasContent) bill(share)
        ears.end(fate.isAnswer)
      })
      return () => {
        if (!own.isOpen) return
        own.isOpen = false
        cancelPiece()
        cancelEnd()
        const isLost = others.some((one) => one !== own && one.isOpen && one.hasContent)
        bill(isLost ? BILLED_OF_LOST : BILLED_OF_GIVEN_UP)
      }
    },
  }
}

/** What a question costs on a route, USD, when `part` of its answer is billed. */
export function costUsd(
  route: RouteName,
  { inputTokens, outputTokens }: Question,
  part: number,
): number {
  const { inputPerMTok, outputPerMTok } = NATURES[route].price
  return (inputTokens * inputPerMTok + part * outputTokens * outputPerMTok) / 1e6
}
