import { murmur3 } from '../../policy/experiment.ts'
import type { Means, Report, Sink, Verdict } from '../../words/telemetry.ts'
import { otelName } from '../otel.ts'
import { post } from './post.ts'

/** GenAI semantic conventions, in development there; the names are those of the rows' fields. */
const SCHEMA_URL = 'https://opentelemetry.io/schemas/gen-ai/1.42.0'
const SIGNALS = ['accepted', 'copied', 'edited', 'regenerated', 'thumb_up', 'thumb_down'] as const

/**
 * Sends runs and attempts as OpenTelemetry spans (OTLP/HTTP, JSON): a client span for each run, and below it one
 * for each attempt, with GenAI names where there are any and `rungs.…` else. What the user made of an answer is
 * a `gen_ai.evaluation.result` log record in the same trace.
 *
 * It is `application/json`, so a collector of another origin has to allow the page (`cors`). Spans cannot be
 * replaced: a run is told once it has ended, and later revisions only for their signals.
 *
 * @param url the collector's base, such as `https://otel.example.org`; `/v1/traces` and `/v1/logs` are added
 */
export function otlp(
  url: string,
  { headers = {} }: { readonly headers?: Readonly<Record<string, string>> } = {},
): Sink {
  const base = url.replace(/\/(?:v1\/traces\/?)?$/, '')
  const all = { ...headers, 'content-type': 'application/json' }
  return {
    name: 'otlp',
    async send(batch, means) {
      const ended = batch.filter((report) => !means?.isOpen(report))
      const spans = ended.filter((report) => !means?.isRevision(report))
      const told = ended.filter((report) => signalsOf(report).length > 0)
      // This has headers of its own, which a beacon cannot have.
      const own: Means | undefined = means && { ...means, beacon: () => false }
      const verdicts: Verdict[] = []
      if (spans.length > 0) verdicts.push(await post(`${base}/v1/traces`, spans, traces, own, all))
      if (told.length > 0) verdicts.push(await post(`${base}/v1/logs`, told, logs, own, all))
      if (verdicts.includes('retry')) return 'retry'
      return verdicts.includes('drop') && !verdicts.includes('sent') ? 'drop' : 'sent'
    },
  }
}

function traces(reports: readonly Report[]): string {
  const scope = { scope: SCOPE, schemaUrl: SCHEMA_URL, spans: reports.map(spanOf) }
  return JSON.stringify({ resourceSpans: [{ resource: RESOURCE, scopeSpans: [scope] }] })
}

function logs(reports: readonly Report[]): string {
  const logRecords = reports.flatMap((report) =>
    signalsOf(report).map((signal) => recordOf(report, signal)),
  )
  const scope = { scope: SCOPE, schemaUrl: SCHEMA_URL, logRecords }
  return JSON.stringify({ resourceLogs: [{ resource: RESOURCE, scopeLogs: [scope] }] })
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

const SCOPE = { name: '@rungs/core' }
const RESOURCE = {
  attributes: attributesOf({ 'telemetry.sdk.name': 'rungs', 'telemetry.sdk.language': 'webjs' }),
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

function endOf(report: Report): number {
  const ms = report['total_ms'] ?? report['left_ms'] ?? report['wait_ms'] ?? 0
  return Number(report['started_at']) + Number(ms)
}

/** Whole ms as ns, which no number of JavaScript can hold. */
function nanos(ms: number): string {
  return `${Math.round(ms)}000000`
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

function attributesOf(fields: Report): readonly object[] {
  return Object.entries(fields)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => ({ key, value: valueOf(value) }))
}

function valueOf(value: string | number | boolean | null): object {
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value !== 'number') return { stringValue: value }
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
}
