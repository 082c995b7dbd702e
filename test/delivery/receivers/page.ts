// The real clients of the products that count events, in a page, with their network at its own origin.
import { AnalyticsBrowser } from '@segment/analytics-next'
import { posthog } from 'posthog-js'
import { createLLM, otlp, toGtag, toPostHog, toSegment } from '@rungs/core'
import { scripted } from '@rungs/core/testing'

const PROMPT = 'wxqj prompt'
const SAID = 'wxqj said'

/** What was pushed for Google's script to take. */
type Layer = readonly (readonly [string, string, Readonly<Record<string, unknown>>])[]

/** Two runs, the first of them failing over, and a thumb for it; everything is sent when it resolves. */
async function countAll(): Promise<{ readonly ids: readonly string[]; readonly layer: Layer }> {
  const dataLayer: [string, string, Record<string, unknown>][] = []
  // As Google's own snippet has it.
  function gtag(...words: unknown[]): void {
    const [command, name, parameters] = words
    dataLayer.push([String(command), String(name), Object(parameters)])
  }
  posthog.init('phc_test', {
    api_host: `${location.origin}/posthog`,
    disable_compression: true,
    request_batching: false,
    // It does not count what runs without a screen.
    opt_out_useragent_filter: true,
    autocapture: false,
    capture_pageview: false,
    capture_pageleave: false,
    advanced_disable_flags: true,
    disable_external_dependency_loading: true,
    disable_session_recording: true,
    persistence: 'memory',
  })
  const segment = AnalyticsBrowser.load({
    writeKey: 'test',
    cdnSettings: {
      integrations: {
        'Segment.io': { apiKey: 'test', apiHost: `${location.host}/segment`, protocol: 'http' },
      },
    },
  })
  const llm = createLLM({
    routes: {
      ours: scripted({ provider: 'us' }, [{ status: 400 }], ['fine']),
      theirs: scripted({ provider: 'them' }, [5, SAID, 5]),
    },
    workloads: { chat: { ladder: ['ours', 'theirs'] } },
    telemetry: {
      release: '2026.11',
      sinks: [
        otlp(location.origin, { headers: { 'x-token': 't' }, service: 'shop' }),
        toPostHog(posthog),
        toSegment(segment),
        toGtag(gtag),
      ],
    },
  })
  const ids: string[] = []
  for (let count = 0; count < 2; count += 1) {
    const run = llm.run({ workload: 'chat', prompt: PROMPT, surface: 'sidebar' })
    await run.outcome
    ids.push(run.id)
  }
  await wait(6_000)
  llm.feedback(ids[0] ?? '', { signal: 'thumb-up' })
  await wait(6_000)
  return { ids, layer: dataLayer }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

declare global {
  interface Window {
    readonly countAll: typeof countAll
  }
}
Object.assign(window, { countAll })
