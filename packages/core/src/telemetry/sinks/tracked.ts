import type { Means, Report } from '../../words/telemetry.ts'

/** A report as products that count events take it: once when it is told first, and as a revision after that. */
export interface Tracked {
  readonly name: 'llm_run' | 'llm_attempt' | 'llm_run_revised'
  readonly report: Report
  /** When it ended, as far as it is known. */
  readonly at: Date
  /** Every field, its dots as underscores. */
  readonly fields: Report
}

/** They cannot replace what they have, so what may still change waits, and an attempt is told once. */
export function trackedOf(batch: readonly Report[], means: Means | undefined): readonly Tracked[] {
  return batch.flatMap((report) => {
    const isRevision = means?.isRevision(report) ?? false
    const isAttempt = report['row'] === 'attempt'
    if (means?.isOpen(report) || (isRevision && isAttempt)) return []
    const name = isAttempt ? 'llm_attempt' : isRevision ? 'llm_run_revised' : 'llm_run'
    const at = new Date(Number(report['started_at']) + Number(report['total_ms'] ?? 0))
    const fields = Object.entries(report).map(([key, value]) => [key.replaceAll('.', '_'), value])
    return [{ name, report, at, fields: Object.fromEntries(fields) }]
  })
}

/** What a client is called by; a TypeError where that is no function. */
export function methodOf(client: object, name: string): (...words: readonly unknown[]) => unknown {
  const method: unknown = Reflect.get(client, name)
  if (typeof method !== 'function') throw new TypeError(`The client has no function ${name}.`)
  return (...words) => {
    const called: unknown = Reflect.apply(method, client, words)
    return called
  }
}
