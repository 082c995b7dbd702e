import type { Means, Report } from '../../words/telemetry.ts'

/** GenAI semantic conventions, in development there; the names are those of the rows' fields. */
export const SCHEMA_URL = 'https://opentelemetry.io/schemas/gen-ai/1.42.0'
export const SCOPE = { name: '@rungs/core' } as const

/** Who sends: one product, one release, and one page, whose figures are its own. */
export function resourceOf(service: string, release: string, { page }: Means): object {
  return {
    attributes: attributesOf({
      'service.name': service,
      'service.version': release || null,
      'service.instance.id': page || null,
      'telemetry.sdk.name': 'rungs',
      'telemetry.sdk.language': 'webjs',
    }),
  }
}

/** What a page left behind may be of an earlier release. */
export function byRelease(reports: readonly Report[]): readonly (readonly [string, Report[]])[] {
  return [...Map.groupBy(reports, (report) => String(report['service.version'] ?? ''))]
}

export function attributesOf(fields: Report): readonly object[] {
  return Object.entries(fields)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => ({ key, value: valueOf(value) }))
}

function valueOf(value: string | number | boolean | null): object {
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value !== 'number') return { stringValue: value }
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
}

/** When it ended, epoch ms, as far as it is known. */
export function endOf(report: Report): number {
  const ms = report['total_ms'] ?? report['left_ms'] ?? report['wait_ms'] ?? 0
  return Number(report['started_at']) + Number(ms)
}

/** Whole ms as ns, which no number of JavaScript can hold. */
export function nanos(ms: number): string {
  return `${Math.round(ms)}000000`
}
