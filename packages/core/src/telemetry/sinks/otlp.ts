import { murmur3 } from '../../policy/experiment.ts'
import type { Means, Report, Sink, Verdict } from '../../words/telemetry.ts'
import { otelName } from '../otel.ts'
import { createMetrics } from './otlpMetrics.ts'
import {
  attributesOf,
  byRelease,
  endOf,
  nanos,
  resourceOf,
  SCHEMA_URL,
  SCOPE,
} from './otlpValues.ts'
import { plain, post } from './post.ts'

const SIGNALS = ['accepted', 'copied', 'edited', 'regenerated', 'thumb_up', 'thumb_down'] as const

interface Target {
  readonly url: string
  readonly encode: (batch: readonly Report[], means: Means) => string
  readonly isFor: (report: Report, means: Means) => boolean
  /** What it has, for as long as the page lives: the other signals of a batch may have to be sent again. */
  readonly has: WeakSet<Report>
  isWanted: boolean
}

/**
 * Sends runs and attempts to an OpenTelemetry collector (OTLP/HTTP, JSON). Traces: a client span for each run, and below
 * it one for each attempt, with GenAI names where there are any and `rungs.…` else. Metrics: the GenAI conventions'
 * histograms of each run's whole duration and time to its first chunk, and our own of paints, stalls and attempts
 * (delta, seconds; what `sampleRate` leaves out is not in them). Logs: what the user made of an answer, as
 * `gen_ai.evaluation.result` in the run's trace. A collector that has no metrics or no logs (404) is not asked again.
 *
 * It is `application/json`, so a collector of another origin has to allow the page (`cors`). Spans cannot be
 * replaced: a run is told once it has ended, and later revisions only for their signals.
 *
 * @param url the collector's base, such as `https://otel.example.org`; `/v1/traces`, `/v1/metrics` and `/v1/logs` are added
 * @param options `headers` go with each request; `service` is the resource's `service.name`, default `unknown_service`.
 *   Its `service.version` is `telemetry.release`
 */
export function otlp(
  url: string,
  options: {
    readonly headers?: Readonly<Record<string, string>> | undefined
    readonly service?: string | undefined
  } = {},
): Sink {
  const base = url.replace(/\/(?:v1\/traces\/?)?$/, '')
  const headers = { ...options.headers, 'content-type': 'application/json' }
  const { service = 'unknown_service' } = options
  const metrics = createMetrics(service)
  const target = (path: string, isFor: Target['isFor'], encode: Target['encode']): Target => ({
    url: `${base}/v1/${path}`,
    isFor,
    encode,
    has: new WeakSet(),
    isWanted: true,
  })
  const targets = [
    target('traces', isNew, (batch, means) => traces(batch, service, means)),
    target('metrics', isNew, metrics),
    target(
      'logs',
      (report) => signalsOf(report).length > 0,
      (batch, means) => logs(batch, service, means),
    ),
  ]
  return {
    name: 'otlp',
    async send(batch, means = plain) {
      const ended = batch.filter((report) => !means.isOpen(report))
      const verdicts: Verdict[] = []
      for (const one of targets) {
        const due = ended.filter((report) => one.isFor(report, means) && !one.has.has(report))
        if (due.length === 0 || !one.isWanted) continue
        const verdict = await tell(one, due, means, headers)
        if (verdict !== 'retry') for (const report of due) one.has.add(report)
        verdicts.push(verdict)
      }
      if (verdicts.includes('retry')) return 'retry'
      return verdicts.includes('drop') && !verdicts.includes('sent') ? 'drop' : 'sent'
    },
  }
}

function isNew(report: Report, means: Means): boolean {
  return !means.isRevision(report)
}

async function tell(
  target: Target,
  due: readonly Report[],
  means: Means,
  headers: Readonly<Record<string, string>>,
): Promise<Verdict> {
  const isTraces = target.url.endsWith('traces')
  const own: Means = {
    ...means,
    // This has headers of its own, which a beacon cannot have.
    beacon: () => false,
    async fetch(...request) {
      const response = await means.fetch(...request)
      if (response.status === 404 && !isTraces) target.isWanted = false
      return response
    },
    wait(ms) {
      if (target.isWanted) means.wait(ms)
    },
  }
  const verdict = await post(target.url, due, (rows) => target.encode(rows, means), own, headers)
  // A collector without a pipeline for it is done with it; its spans are not to wait for that.
  return target.isWanted ? verdict : 'sent'
}

function traces(reports: readonly Report[], service: string, means: Means): string {
  const resourceSpans = byRelease(reports).map(([release, all]) => ({
    resource: resourceOf(service, release, means),
    scopeSpans: [{ scope: SCOPE, schemaUrl: SCHEMA_URL, spans: all.map(spanOf) }],
  }))
  return JSON.stringify({ resourceSpans })
}

function logs(reports: readonly Report[], service: string, means: Means): string {
  const resourceLogs = byRelease(reports).map(([release, all]) => {
    const logRecords = all.flatMap((report) =>
      signalsOf(report).map((signal) => recordOf(report, signal)),
    )
    return {
      resource: resourceOf(service, release, means),
      scopeLogs: [{ scope: SCOPE, schemaUrl: SCHEMA_URL, logRecords }],
    }
  })
  return JSON.stringify({ resourceLogs })
}

function recordOf(report: Report, [name, value]: readonly [string, number]): object {
  return {
    ...idsOf(report),
    timeUnixNano: nanos(endOf(report)),
    severityNumber: 9,
    eventName: 'gen_ai.evaluation.result',
    attributes: attributesOf({
      'gen_ai.evaluation.name': name,
      'gen_ai.evaluation.score.value': value,
      'rungs.workload': report['workload'] ?? null,
      'rungs.revision': report['revision'] ?? null,
    }),
  }
}

function spanOf(report: Report): object {
  const { run, 'error.type': error } = report
  const model = report['gen_ai.request.model'] ?? report['route'] ?? 'none'
  const isFailed = report['status'] === 'failed' || report['result'] === 'failed'
  const named = Object.entries(report)
    .filter(([field]) => field !== 'schema' && field !== 'started_at')
    .map(([field, value]) => [otelName(field), value])
  return {
    ...idsOf(report),
    ...(typeof run === 'string' ? { parentSpanId: hex(run, 2) } : {}),
    name: `chat ${model}`,
    kind: 3,
    startTimeUnixNano: nanos(Number(report['started_at'])),
    endTimeUnixNano: nanos(endOf(report)),
    status: isFailed ? { code: 2, message: String(error ?? 'failed') } : {},
    attributes: attributesOf({
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.stream': true,
      ...Object.fromEntries(named),
    }),
  }
}

/** The same for every revision, and for the attempts of a run, which know it by its id. */
function idsOf({ id = '', run }: Report): { readonly traceId: string; readonly spanId: string } {
  return { traceId: hex(String(run ?? id), 4), spanId: hex(String(id), 2) }
}

/** So many times 32 bits that stand for a text. */
function hex(text: string, words: number): string {
  const parts = Array.from({ length: words }, (_, index) => murmur3(`${index} ${text}`))
  return parts.map((part) => part.toString(16).padStart(8, '0')).join('')
}

function signalsOf(report: Report): readonly (readonly [string, number])[] {
  if (report['row'] !== 'run') return []
  return Object.entries(report).flatMap(([field, value]) => {
    if (SIGNALS.some((signal) => signal === field)) return value === true ? [[field, 1]] : []
    return field.startsWith('signal.') ? [[field.slice('signal.'.length), Number(value)]] : []
  })
}
