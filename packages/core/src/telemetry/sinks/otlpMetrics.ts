import type { Means, Report } from '../../words/telemetry.ts'
import { attributesOf, byRelease, nanos, resourceOf, SCHEMA_URL, SCOPE } from './otlpValues.ts'

/** As the GenAI conventions have them for all of their client histograms, s. */
const BOUNDS = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
] as const
/** Each batch has its own figures; whoever wants totals adds them up. */
const DELTA = 1

interface Histogram {
  readonly name: string
  readonly description: string
  readonly row: 'run' | 'attempt'
  /** In ms; none where the row has none. */
  readonly of: (report: Report) => Report[string] | undefined
}

const ms =
  (field: string) =>
  (report: Report): Report[string] | undefined =>
    report[field]

/** The conventions' are of the whole operation, fallbacks included, as its caller sees it; ours are of what is in it. */
const HISTOGRAMS: readonly Histogram[] = [
  {
    name: 'gen_ai.client.operation.duration',
    description: 'Run, from the gesture to its end, with every attempt',
    row: 'run',
    of: ms('total_ms'),
  },
  {
    name: 'gen_ai.client.operation.time_to_first_chunk',
    description: 'Run, from the gesture to the first content of any attempt',
    row: 'run',
    of: ms('first_content_ms'),
  },
  {
    name: 'rungs.client.time_to_first_paint',
    description: 'Run, from the gesture to the first text on the screen',
    row: 'run',
    of: ms('first_paint_ms'),
  },
  {
    name: 'rungs.client.stall.duration',
    description: 'Run that stalled, how long its text stood still in all while it was watched',
    row: 'run',
    of: (report) => report['stalled_ms'] || null,
  },
  {
    name: 'rungs.client.attempt.duration',
    description: 'One attempt of one route',
    row: 'attempt',
    of: ms('total_ms'),
  },
  {
    name: 'rungs.client.attempt.time_to_first_chunk',
    description: 'One attempt of one route, to its first content',
    row: 'attempt',
    of: (report) => {
      const seconds = report['gen_ai.response.time_to_first_chunk']
      return typeof seconds === 'number' ? seconds * 1000 : null
    },
  },
]

/**
 * Makes batches into histograms. Of one page no two batches cover the same time, as receivers that add them up
 * need it.
 */
export function createMetrics(
  service: string,
): (reports: readonly Report[], means: Means) => string {
  let toldUntil = 0
  return (reports, means) => {
    const since = toldUntil || Math.min(...reports.map((report) => Number(report['started_at'])))
    toldUntil = Math.max(means.now(), since + 1)
    const span = { startTimeUnixNano: nanos(since), timeUnixNano: nanos(toldUntil) }
    const resourceMetrics = byRelease(reports).map(([release, all]) => {
      const metrics = HISTOGRAMS.flatMap((one) => metricOf(one, all, span))
      return {
        resource: resourceOf(service, release, means),
        scopeMetrics: [{ scope: SCOPE, schemaUrl: SCHEMA_URL, metrics }],
      }
    })
    return JSON.stringify({ resourceMetrics })
  }
}

function metricOf(
  { name, description, row, of }: Histogram,
  reports: readonly Report[],
  span: object,
): readonly object[] {
  const values = reports.flatMap((report) => {
    const value = report['row'] === row ? of(report) : null
    return typeof value === 'number' ? [{ key: keyOf(report, row), seconds: value / 1000 }] : []
  })
  if (values.length === 0) return []
  const dataPoints = [...Map.groupBy(values, ({ key }) => key)].map(([key, all]) => {
    const attributes = attributesOf(JSON.parse(key))
    return Object.assign({ attributes }, span, pointOf(all.map(({ seconds }) => seconds)))
  })
  return [
    { name, description, unit: 's', histogram: { aggregationTemporality: DELTA, dataPoints } },
  ]
}

/** What figures are told apart by, as the conventions ask for it; few values each. */
function keyOf(report: Report, row: 'run' | 'attempt'): string {
  const isFailed = report['status'] === 'failed' || report['result'] === 'failed'
  return JSON.stringify({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': report['gen_ai.provider.name'] ?? null,
    'gen_ai.request.model': report['gen_ai.request.model'] ?? null,
    'error.type': isFailed ? (report['error.type'] ?? 'other') : null,
    'rungs.workload': report['workload'] ?? null,
    ...(row === 'attempt' ? { 'rungs.why': report['why'] ?? null } : {}),
  })
}

function pointOf(seconds: readonly number[]): object {
  const counts = Array.from({ length: BOUNDS.length + 1 }, () => 0)
  for (const value of seconds) {
    // A bucket holds its upper bound.
    const bucket = BOUNDS.findIndex((bound) => value <= bound)
    const index = bucket < 0 ? BOUNDS.length : bucket
    counts[index] = (counts[index] ?? 0) + 1
  }
  return {
    count: String(seconds.length),
    sum: seconds.reduce((sum, value) => sum + value, 0),
    min: Math.min(...seconds),
    max: Math.max(...seconds),
    bucketCounts: counts.map(String),
    explicitBounds: BOUNDS,
  }
}
