import type { Sink } from '../../words/telemetry.ts'
import { trackedOf } from './tracked.ts'

/** Google Analytics 4 takes 25 parameters an event; these are the ones that its reports can count by. */
const PARAMETERS = [
  'id',
  'revision',
  'run',
  'workload',
  'tier',
  'surface',
  'route',
  'status',
  'result',
  'error_type',
  'attempts',
  'fallbacks',
  'from_route',
  'cause',
  'degraded_cause',
  'left_phase',
  'first_content_ms',
  'first_paint_ms',
  'wait_ms',
  'total_ms',
  'cost_usd',
  'experiment',
  'arm',
  'thumb_up',
  'thumb_down',
] as const

/**
 * Sends `llm_run`, `llm_run_revised` and `llm_attempt` to Google Analytics, with 25 of their fields at most. What
 * reports are to count by has to be made a custom dimension there.
 */
export function toGtag(gtag: (...words: unknown[]) => void): Sink {
  return {
    name: 'gtag',
    async send(batch, means) {
      for (const { name, fields } of trackedOf(batch, means)) {
        const told = PARAMETERS.filter((key) => (fields[key] ?? null) !== null)
        gtag('event', name, Object.fromEntries(told.map((key) => [key, fields[key]])))
      }
      return 'sent'
    },
  }
}
