import type { Report, Sink } from '../../words/telemetry.ts'
import { methodOf, trackedOf } from './tracked.ts'

/**
 * Captures `llm_run`, and `llm_run_revised` where feedback or a paint came later; each attempt as
 * `$ai_generation`, which PostHog's LLM analytics reads. PostHog queues and sends them itself.
 *
 * @param client what `posthog-js` gives: it has a `capture`
 */
export function toPostHog(client: object): Sink {
  const capture = methodOf(client, 'capture')
  return {
    name: 'posthog',
    async send(batch, means) {
      for (const { name, report, at, fields } of trackedOf(batch, means)) {
        const event = name === 'llm_attempt' ? '$ai_generation' : name
        capture(event, { ...fields, ...generationOf(report) }, { timestamp: at })
      }
      return 'sent'
    },
  }
}

/** PostHog's own names; times in seconds. */
function generationOf(report: Report): Report {
  if (report['row'] === 'run') return { $ai_trace_id: report['id'] ?? null }
  const own: Report = {
    $ai_trace_id: report['run'] ?? null,
    $ai_span_id: report['id'] ?? null,
    $ai_model: report['gen_ai.request.model'] ?? null,
    $ai_provider: report['gen_ai.provider.name'] ?? null,
    $ai_latency: typeof report['total_ms'] === 'number' ? report['total_ms'] / 1000 : null,
    $ai_time_to_first_token: report['gen_ai.response.time_to_first_chunk'] ?? null,
    $ai_stream: true,
    $ai_is_error: report['result'] === 'failed',
    $ai_error: report['error.type'] ?? null,
    $ai_http_status: report['http.response.status_code'] ?? null,
    $ai_input_tokens: report['gen_ai.usage.input_tokens'] ?? null,
    $ai_output_tokens: report['gen_ai.usage.output_tokens'] ?? null,
    $ai_total_cost_usd: report['cost_usd'] ?? null,
  }
  return Object.fromEntries(Object.entries(own).filter(([, value]) => value !== null))
}
