import type { Sink } from '../../words/telemetry.ts'
import { methodOf, trackedOf } from './tracked.ts'

const NAMES = {
  llm_run: 'LLM Run Ended',
  llm_run_revised: 'LLM Run Revised',
  llm_attempt: 'LLM Attempt Ended',
} as const

/**
 * Tracks runs and attempts as they end, and revisions of runs. Segment queues and sends them itself.
 *
 * @param client what `@segment/analytics-next` gives: it has a `track`
 */
export function toSegment(client: object): Sink {
  const track = methodOf(client, 'track')
  return {
    name: 'segment',
    async send(batch, means) {
      for (const { name, report, at, fields } of trackedOf(batch, means)) {
        // What Segment knows an event by that comes twice.
        const messageId = `rungs-${report['id']}-${report['revision']}`
        track(NAMES[name], fields, { timestamp: at, messageId })
      }
      return 'sent'
    },
  }
}
