import type { Expected } from '@rungs/core'
import type { Timeline } from './timeline.ts'

/** A route as it stood to one run. */
export interface Rung {
  readonly route: string
  /** What became of it in the run; null for one that was not tried. */
  readonly fate: string | null
  readonly tone: 'good' | 'live' | 'bad'
  /** It may not serve the run. */
  readonly isOut: boolean
  readonly notes: readonly string[]
}

/** The rungs of a run's plan from the top, then routes that are on none, then who may not serve and why. */
export function ladderOf({ plan, bars }: Timeline): readonly Rung[] {
  function rung(route: string, isOut: boolean, ...notes: string[]): Rung {
    const bar = bars.findLast((each) => each.route === route)
    if (!bar) return { route, fate: null, tone: 'live', isOut, notes }
    if (bar.failure) return { route, fate: bar.failure, tone: 'bad', isOut, notes }
    if (bar.finish) return { route, fate: 'answered', tone: 'good', isOut, notes }
    return { route, fate: bar.endAt === null ? 'in use' : 'ended', tone: 'live', isOut, notes }
  }
  const { routes = [], excluded = [], safe = null } = plan ?? {}
  const planned = new Set([...routes, ...excluded].map(({ route }) => route))
  const tried = bars.map(({ route }) => route)
  const others = new Set(safe === null ? tried : [...tried, safe])
  return [
    ...routes.map(({ route, because, expected }) =>
      rung(route, false, because, sayExpected(expected)),
    ),
    ...[...others]
      .filter((route) => !planned.has(route))
      .map((route) =>
        rung(route, false, route === safe ? 'the safe answer' : 'on no rung of the plan'),
      ),
    ...excluded.map(({ route, why, because }) => rung(route, true, `${why}: ${because}`)),
  ]
}

function sayExpected({ waitMs: [p50, p90], waitFrom, costUsd, quality }: Expected): string {
  const wait = `first content in ${Math.round(p50)} to ${Math.round(p90)} ms (${waitFrom})`
  const cost = costUsd === null ? 'price unknown' : `$${costUsd.toFixed(5)}`
  return `expected: ${wait}, ${cost}, quality ${quality}`
}
