import type { Report, Summary } from '../words/telemetry.ts'
import { fieldOf } from './schema.ts'

/** The team's questions, of these rows. Each id once. */
export function summarise(rows: readonly Report[], dropped: Summary['dropped']): Summary {
  // Names are chosen outside, so what is keyed by them is a Map.
  const runs = rows.filter(({ row }) => row === 'run')
  const attempts = rows.filter(({ row }) => row === 'attempt')
  const fallbacks = attempts.filter(({ from_route, route }) => from_route && from_route !== route)
  const causes = Map.groupBy(fallbacks, ({ run }) => run)
  const bySurface = Map.groupBy(runs, ({ surface }) => String(surface ?? 'none'))
  const ended = attempts.filter(({ result }) => result === 'answered' || result === 'failed')
  const byProvider = Map.groupBy(ended, (one) => String(one['gen_ai.provider.name'] ?? 'unknown'))
  const byRoute = Map.groupBy(attempts.filter(hasWaited), ({ route }) => String(route))
  return {
    runs: runs.length,
    fallbacksBySurface: [...bySurface].map(([surface, all]) => {
      const fell = all.filter(({ fallbacks: count }) => Number(count) > 0)
      const kinds = fell.flatMap(({ id }) => [
        ...new Set((causes.get(id ?? '') ?? []).map(({ cause }) => cause)),
      ])
      return {
        surface,
        runs: all.length,
        fallbacks: fell.length,
        kinds: counted(kinds, 'error.type'),
      }
    }),
    failuresByProvider: [...byProvider].map(([provider, all]) => ({
      provider,
      attempts: all.length,
      failures: all.filter(({ result }) => result === 'failed').length,
    })),
    latencyByRoute: [...byRoute].map(([route, all]) => ({
      route,
      attempts: all.length,
      missed: all.filter(hasMissed).length,
      p50: quantile(all, 0.5),
      p95: quantile(all, 0.95),
    })),
    outcomes: counted(
      runs.map(({ status }) => status).filter((status) => status !== 'open'),
      'status',
    ),
    dropped,
  }
}

/** How often each word of a field's list is there. */
function counted(
  values: readonly (Report[string] | undefined)[],
  field: string,
): Readonly<Record<string, number>> {
  const known = fieldOf('run', field)
  const words = known?.type === 'word' ? known.of : []
  const counts = words
    .map((word) => [word, values.filter((value) => value === word).length] as const)
    .filter(([, count]) => count > 0)
  return Object.fromEntries(counts)
}

/** A failure by itself says nothing of how long content would have taken. */
function hasWaited({ wait_end, wait_ms }: Report): boolean {
  return (wait_end === 'content' || wait_end === 'cut') && typeof wait_ms === 'number'
}

function hasMissed({ wait_ms, target_ms, expected_p90_ms }: Report): boolean {
  return Number(wait_ms) > Number(target_ms ?? expected_p90_ms ?? Infinity)
}

/** Kaplan-Meier: the time by which that share has content; where that is never seen, the longest wait there was. */
function quantile(attempts: readonly Report[], share: number): number {
  const inOrder = attempts.toSorted(
    (one, other) => Number(one['wait_ms']) - Number(other['wait_ms']),
  )
  let waiting = 1
  for (const [index, { wait_end, wait_ms }] of inOrder.entries()) {
    if (wait_end !== 'content') continue
    waiting *= 1 - 1 / (inOrder.length - index)
    if (waiting <= 1 - share + 1e-9) return Number(wait_ms)
  }
  return Number(inOrder.at(-1)?.['wait_ms'] ?? 0)
}
