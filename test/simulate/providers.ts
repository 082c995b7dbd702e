import { readFileSync } from 'node:fs'
import { exponential, keyed } from './random.ts'

/** Three routes: two large models of two providers, and a small one of the product's own. */
export const ROUTES = ['A', 'B', 'C'] as const
export type RouteName = (typeof ROUTES)[number]

/** What a route is like when it is well. */
export interface Nature {
  /** First content, log-normal. */
  readonly medianMs: number
  readonly sigma: number
  readonly tokensPerSecond: number
  readonly price: { readonly inputPerMTok: number; readonly outputPerMTok: number }
  readonly quality: number
  /** Unreported bursts of errors. */
  readonly burstsPerDay: number
  readonly burstMs: number
}

export const NATURES: Readonly<Record<RouteName, Nature>> = {
  A: {
    medianMs: 700,
    sigma: 0.45,
    tokensPerSecond: 70,
    price: { inputPerMTok: 2.5, outputPerMTok: 10 },
    quality: 1,
    burstsPerDay: 3,
    burstMs: 90_000,
  },
  B: {
    medianMs: 800,
    sigma: 0.45,
    tokensPerSecond: 70,
    price: { inputPerMTok: 3, outputPerMTok: 15 },
    quality: 0.99,
    burstsPerDay: 3,
    burstMs: 90_000,
  },
  C: {
    medianMs: 450,
    sigma: 0.35,
    tokensPerSecond: 120,
    price: { inputPerMTok: 0.15, outputPerMTok: 0.6 },
    quality: 0.85,
    burstsPerDay: 0.3,
    burstMs: 120_000,
  },
}

/** How a route is doing. `impact` is that of a declared incident. */
export interface Condition {
  readonly impact: 0 | 1 | 2 | 3 | null
  readonly isBurst: boolean
  readonly errorRate: number
  /** What first content takes, as a multiple. */
  readonly slowness: number
}

const BACKGROUND_ERRORS = 0.003
const WELL: Condition = {
  impact: null,
  isBurst: false,
  errorRate: BACKGROUND_ERRORS,
  slowness: 1,
}
const BURST = { errorRate: 0.6, slowness: 2 }
const IMPACTS = [
  { impact: 0, errorRate: 0.02, slowness: 1.2 },
  { impact: 1, errorRate: 0.15, slowness: 1.6 },
  { impact: 2, errorRate: 0.45, slowness: 2.5 },
  { impact: 3, errorRate: 0.95, slowness: 3 },
] as const

export const DAY_MS = 86_400_000
export const DAYS = 392

/** How each route is doing at each time, ms from the start. */
export type Weather = (route: RouteName, at: number) => Condition

interface Window {
  readonly from: number
  readonly to: number
  readonly condition: Condition
}

/** The declared incidents, and bursts that nobody declared, drawn from the seed. */
export function createWeather(seed: number): Weather {
  const declared = readIncidents()
  const timelines = ROUTES.map((route, index) => {
    const incidents = declared.filter((one) => one.route === route)
    return createTimeline([...incidents, ...drawBursts(seed, index, NATURES[route])])
  })
  return (route, at) => timelines[ROUTES.indexOf(route)]?.(at) ?? WELL
}

function readIncidents(): readonly (Window & { readonly route: string })[] {
  const text = readFileSync(new URL('data/incidents.csv', import.meta.url), 'utf8')
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [route = '', start, duration, impact] = line.split(',')
      const from = Number(start) * 1000
      const severity = IMPACTS[Number(impact)]
      if (!severity) throw new Error(`an incident of no known impact: ${line}`)
      return {
        route,
        from,
        to: from + Number(duration) * 1000,
        condition: { ...severity, isBurst: false },
      }
    })
}

function drawBursts(seed: number, route: number, nature: Nature): readonly Window[] {
  const random = keyed(seed, 1, route)
  const windows: Window[] = []
  for (let from = 0; from < DAYS * DAY_MS;) {
    from += exponential(random, DAY_MS / nature.burstsPerDay)
    const to = from + exponential(random, nature.burstMs)
    windows.push({ from, to, condition: { ...BURST, impact: null, isBurst: true } })
  }
  return windows
}

/** Where windows overlap, the worse of each counts. */
function createTimeline(windows: readonly Window[]): (at: number) => Condition {
  const bounds = [...new Set(windows.flatMap(({ from, to }) => [from, to]))].toSorted(
    (one, other) => one - other,
  )
  const conditions = bounds.map((bound) =>
    windows
      .filter(({ from, to }) => from <= bound && bound < to)
      .reduce((worst, { condition }) => combine(worst, condition), WELL),
  )
  return (at) => {
    let low = 0
    let high = bounds.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((bounds[middle] ?? 0) <= at) low = middle + 1
      else high = middle
    }
    return conditions[low - 1] ?? WELL
  }
}

function combine(one: Condition, other: Condition): Condition {
  return {
    impact:
      one.impact !== null && (other.impact === null || one.impact >= other.impact)
        ? one.impact
        : other.impact,
    isBurst: one.isBurst || other.isBurst,
    errorRate: Math.max(one.errorRate, other.errorRate),
    slowness: Math.max(one.slowness, other.slowness),
  }
}

export function isWell({ impact, isBurst }: Condition): boolean {
  return impact === null && !isBurst
}
