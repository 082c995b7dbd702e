import { NATURES, type Condition, type RouteName } from './providers.ts'
import { between, logNormal, type Random } from './random.ts'

/** What becomes of an attempt that nobody cuts off. Times are ms from its start. */
export interface Fate {
  /** Null: no content ever comes. */
  readonly firstMs: number | null
  /** Infinity: silence for good. */
  readonly endMs: number
  readonly isAnswer: boolean
  /** What part of the answer comes, 0 to 1. */
  readonly share: number
}

/** Of the attempts that fail: fast, slow, hanging; the rest die in the middle of the answer. */
const FAST = 0.45
const SLOW = 0.2
const HANGING = 0.22
/** Of those that do not: a hang that ends. */
const HEALTHY_HANG = 0.004

/** Each number is drawn whether it is needed or not, so that a better condition changes no other draw. */
export function drawFate(
  random: Random,
  route: RouteName,
  { errorRate, slowness }: Condition,
  outputTokens: number,
): Fate {
  const { medianMs, sigma, tokensPerSecond } = NATURES[route]
  const luck = random()
  const manner = random()
  const fastMs = between(random, 200, 1_500)
  const slowMs = between(random, 5_000, 30_000)
  const share = random()
  const isHang = random() < HEALTHY_HANG
  const hangMs = between(random, 20_000, 90_000)
  const firstMs = logNormal(random, medianMs, sigma) * slowness
  const tellMs = (outputTokens / tokensPerSecond) * 1000
  if (luck >= errorRate) {
    const startMs = isHang ? hangMs : firstMs
    return { firstMs: startMs, endMs: startMs + tellMs, isAnswer: true, share: 1 }
  }
  // A route that is down altogether begins no answer: it is silent instead.
  if (manner >= FAST + SLOW + HANGING && errorRate < 1) {
    return { firstMs, endMs: firstMs + share * tellMs, isAnswer: false, share }
  }
  const endMs = manner < FAST ? fastMs : manner < FAST + SLOW ? slowMs : Infinity
  return { firstMs: null, endMs, isAnswer: false, share: 0 }
}
