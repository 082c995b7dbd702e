import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chromiumLaunch } from '../../../scripts/chromium.ts'
import { bundle, openPlace, type Place } from '../../trust/stage.ts'

type Values = Readonly<Record<string, unknown>>

let place: Place
let ids: readonly string[]
let layer: readonly (readonly [string, string, Values])[]

beforeAll(async () => {
  const files = await bundle(fileURLToPath(new URL('page.ts', import.meta.url)))
  place = await openPlace((response, { path }) => {
    const code = files.get(path.slice(1))
    if (code !== undefined) {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(code)
    } else if (path === '/') {
      const page =
        '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>'
      response.writeHead(200, { 'content-type': 'text/html' }).end(page)
    } else response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  const browser = await chromium.launch(chromiumLaunch())
  const page = await browser.newPage()
  await page.goto(`${place.origin}/`)
  ;({ ids, layer } = await page.evaluate(() => window.countAll()))
  await browser.close()
})
afterAll(() => place.close())

const bodies = (path: RegExp): readonly string[] =>
  place.got.filter((got) => path.test(got.path)).map(({ body }) => body)

interface Tracked {
  readonly event: string
  readonly messageId?: string
  readonly properties: Values
}
interface Told {
  readonly traceId: string
  readonly spanId: string
  readonly attributes: readonly { readonly key: string; readonly value: Values }[]
}
interface Span extends Told {
  readonly parentSpanId?: string
  readonly name: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
}
interface Metric {
  readonly name: string
  readonly unit: string
  readonly histogram: {
    readonly aggregationTemporality: number
    readonly dataPoints: readonly {
      readonly attributes: Told['attributes']
      readonly startTimeUnixNano: string
      readonly timeUnixNano: string
      readonly count: string
      readonly sum: number
      readonly bucketCounts: readonly string[]
      readonly explicitBounds: readonly number[]
    }[]
  }
}
interface Read {
  readonly resourceSpans?: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[]
  }[]
  readonly resourceMetrics?: readonly {
    readonly resource: { readonly attributes: Told['attributes'] }
    readonly scopeMetrics: readonly { readonly metrics: readonly Metric[] }[]
  }[]
  readonly resourceLogs?: readonly {
    readonly scopeLogs: readonly {
      readonly logRecords: readonly (Told & { readonly eventName: string })[]
    }[]
  }[]
}

/** A body as the official messages have it, as an exporter of OpenTelemetry brings them: what they do not know is gone. */
function read(name: string, body: string): Read {
  const { opentelemetry } = createRequire(import.meta.url)(
    '@opentelemetry/otlp-transformer/build/src/generated/root.js',
  )
  const [signal = '', version = '', message = ''] = name.split('.')
  const Message = opentelemetry.proto.collector[signal][version][message]
  // JSON has ids in hex, where the messages have bytes.
  const given: unknown = JSON.parse(body, (key, value: unknown) =>
    typeof value === 'string' && /(?:trace|span)Id$/i.test(key) ? Buffer.from(value, 'hex') : value,
  )
  const made = Message.fromObject(given)
  expect(Message.verify(made)).toBeNull()
  const bytes = Message.encode(made).finish()
  return Message.toObject(Message.decode(bytes), { longs: String, bytes: String })
}

const flat = (one: Pick<Told, 'attributes'> | undefined): Values =>
  Object.fromEntries(
    (one?.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]]),
  )

test('OpenTelemetry reads spans of runs and attempts, and signals as evaluations, by its own protocol', () => {
  const spans = bodies(/^\/v1\/traces$/).flatMap((body) => {
    const { resourceSpans = [] } = read('trace.v1.ExportTraceServiceRequest', body)
    return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans))
  })
  expect(spans).toHaveLength(5)
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(5)
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(2)
  const runs = spans.filter(({ parentSpanId }) => !parentSpanId)
  const attempts = spans.filter(({ parentSpanId }) => parentSpanId)
  expect(runs).toHaveLength(2)
  for (const one of attempts) {
    const parent = runs.find(({ spanId }) => spanId === one.parentSpanId)
    expect(parent?.traceId).toBe(one.traceId)
  }
  for (const one of spans) {
    expect(BigInt(one.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(one.startTimeUnixNano))
    expect(Buffer.from(one.traceId, 'base64')).toHaveLength(16)
    expect(Buffer.from(one.spanId, 'base64')).toHaveLength(8)
  }
  const failed = attempts.find((one) => flat(one)['error.type'] === 'invalid-request')
  expect(failed).toMatchObject({ name: 'chat scripted', status: { code: 2 } })
  const answered = attempts.find((one) => flat(one)['gen_ai.provider.name'] === 'them')
  expect(flat(answered)).toMatchObject({
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'scripted',
    'gen_ai.response.time_to_first_chunk': expect.any(Number),
    'rungs.from_route': 'ours',
  })
  expect(flat(runs[0])).toMatchObject({ 'rungs.surface': 'sidebar', 'rungs.status': 'completed' })

  const [log = '{}'] = bodies(/^\/v1\/logs$/)
  const { resourceLogs } = read('logs.v1.ExportLogsServiceRequest', log)
  const record = resourceLogs?.[0]?.scopeLogs[0]?.logRecords[0]
  expect(record?.eventName).toBe('gen_ai.evaluation.result')
  expect(flat(record)).toMatchObject({ 'gen_ai.evaluation.name': 'thumb_up' })
  expect(runs.map(({ traceId }) => traceId)).toContain(record?.traceId)
  expect(place.got.find(({ path }) => path === '/v1/traces')?.headers['x-token']).toBe('t')
})

test('OpenTelemetry reads histograms by the names of its GenAI conventions, each run and attempt once', () => {
  const all = bodies(/^\/v1\/metrics$/).flatMap((body) => {
    const { resourceMetrics = [] } = read('metrics.v1.ExportMetricsServiceRequest', body)
    return resourceMetrics
  })
  for (const { resource } of all) {
    expect(flat(resource)).toMatchObject({
      'service.name': 'shop',
      'service.version': '2026.11',
      'service.instance.id': expect.stringMatching(/^[\da-v]{16}$/),
    })
  }
  const metrics = all.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
  const points = metrics.flatMap(({ name, unit, histogram }) => {
    expect([unit, histogram.aggregationTemporality]).toEqual(['s', 1])
    return histogram.dataPoints.map((point) => ({ ...point, name }))
  })
  const counts = new Map<string, number>()
  for (const point of points) {
    const { name, count, sum, bucketCounts, explicitBounds } = point
    counts.set(name, (counts.get(name) ?? 0) + Number(count))
    // As the conventions advise for all of them.
    expect([explicitBounds[0], explicitBounds.at(-1)]).toEqual([0.01, 81.92])
    expect(bucketCounts).toHaveLength(explicitBounds.length + 1)
    expect(bucketCounts.reduce((sum_, one) => sum_ + Number(one), 0)).toBe(Number(count))
    expect(sum / Number(count)).toBeLessThan(5)
    expect(BigInt(point.timeUnixNano)).toBeGreaterThan(BigInt(point.startTimeUnixNano))
    expect(flat(point)).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'scripted',
      'rungs.workload': 'chat',
    })
  }
  expect(Object.fromEntries(counts)).toEqual({
    'gen_ai.client.operation.duration': 2,
    'gen_ai.client.operation.time_to_first_chunk': 2,
    'rungs.client.attempt.duration': 3,
    'rungs.client.attempt.time_to_first_chunk': 2,
  })
  const failed = points.find((one) => flat(one)['error.type'] === 'invalid-request')
  expect(failed).toMatchObject({ name: 'rungs.client.attempt.duration', count: '1' })
  expect(flat(failed)['gen_ai.provider.name']).toBe('us')
})

test('PostHog captures runs, attempts as generations, and the revision that feedback is', () => {
  const events = bodies(/^\/posthog\/e\//).flatMap((body) => {
    const { batch }: { readonly batch: readonly Tracked[] } = JSON.parse(body)
    return batch
  })
  const ours = events.filter(({ event }) => /llm_|\$ai_/.test(event))
  expect(ours.map(({ event }) => event).toSorted()).toEqual([
    '$ai_generation',
    '$ai_generation',
    '$ai_generation',
    'llm_run',
    'llm_run',
    'llm_run_revised',
  ])
  expect(ours.find(({ event }) => event === 'llm_run_revised')?.properties).toMatchObject({
    id: ids[0],
    thumb_up: true,
  })
  const failed = ours.find(({ properties }) => properties['$ai_is_error'] === true)
  expect(failed?.properties).toMatchObject({
    $ai_trace_id: ids[0],
    $ai_provider: 'us',
    $ai_error: 'invalid-request',
    $ai_http_status: 400,
  })
})

test('Segment tracks the same, each by an id of its own', () => {
  const events: readonly Tracked[] = bodies(/^\/segment\/t/).map((body) => JSON.parse(body))
  expect(events.map(({ event }) => event).toSorted()).toEqual([
    'LLM Attempt Ended',
    'LLM Attempt Ended',
    'LLM Attempt Ended',
    'LLM Run Ended',
    'LLM Run Ended',
    'LLM Run Revised',
  ])
  expect(new Set(events.map(({ messageId }) => messageId)).size).toBe(6)
  expect(events.find(({ event }) => event === 'LLM Run Revised')).toMatchObject({
    messageId: expect.stringContaining(ids[0] ?? 'none'),
    properties: { thumb_up: true, surface: 'sidebar' },
  })
})

test('Google Analytics has events within its bounds', () => {
  expect(layer).toHaveLength(6)
  for (const [command, name, parameters] of layer) {
    expect(command).toBe('event')
    expect(name).toMatch(/^[a-z][a-z\d_]{0,39}$/)
    expect(Object.keys(parameters).length).toBeLessThanOrEqual(25)
    for (const [key, value] of Object.entries(parameters)) {
      expect(key).toMatch(/^(?!_|firebase_|ga_|google_)[a-z][a-z\d_]{0,39}$/)
      expect(String(value).length).toBeLessThanOrEqual(100)
    }
  }
})

test('nothing of what was asked or said is in any of it', () => {
  expect(place.got.length).toBeGreaterThan(8)
  expect(`${place.bytes()}${JSON.stringify(layer)}`).not.toMatch(
    /wxqj (?:prompt|said)(?!['"`]\s*\n)/,
  )
})
