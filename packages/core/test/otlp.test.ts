import { describe, expect, test } from 'vitest'
import { otlp, type Means, type Report } from '../src/index.ts'
import { plain } from '../src/telemetry/sinks/post.ts'
import { START } from './telemetry.ts'

const run = (id: string, more: Report = {}): Report => ({
  row: 'run',
  id,
  revision: 1,
  started_at: START,
  status: 'completed',
  workload: 'chat',
  total_ms: 1_000,
  first_content_ms: 320,
  ...more,
})

interface Stage extends Means {
  /** What came: the signal, and how many of it. */
  readonly got: string[]
  readonly bodies: unknown[]
  readonly waits: number[]
  now: () => number
}

/** A collector that answers by signal. */
function stage(answer: (signal: string) => number): Stage {
  const got: string[] = []
  const bodies: unknown[] = []
  const waits: number[] = []
  return {
    ...plain,
    got,
    bodies,
    waits,
    page: 'page',
    now: () => START + 5_000,
    after: () => () => undefined,
    wait: (ms) => waits.push(ms),
    async fetch(url, init) {
      const signal = (typeof url === 'string' ? url : '').slice('https://otel.example/v1/'.length)
      const status = answer(signal)
      got.push(`${signal} ${status}`)
      bodies.push(JSON.parse(typeof init?.body === 'string' ? init.body : '{}'))
      return new Response('{}', { status })
    },
  }
}

interface Point {
  readonly startTimeUnixNano: string
  readonly timeUnixNano: string
  readonly count: string
  readonly bucketCounts: readonly string[]
}
function pointsOf(body: unknown, name: string): readonly Point[] {
  const { resourceMetrics } = Object(body)
  const metrics: readonly { name: string; histogram: { dataPoints: Point[] } }[] =
    resourceMetrics[0].scopeMetrics[0].metrics
  return metrics.find((one) => one.name === name)?.histogram.dataPoints ?? []
}

describe('what is sent to OpenTelemetry', () => {
  test('is sent again only where it was not taken: no run is counted twice for the other signal', async () => {
    let isDown = true
    const means = stage((signal) => (signal === 'metrics' && isDown ? 503 : 200))
    const sink = otlp('https://otel.example')
    const batch = [run('a'), run('b', { thumb_up: true })]
    expect(await sink.send(batch, means)).toBe('retry')
    isDown = false
    expect(await sink.send(batch, means)).toBe('sent')
    expect(means.got).toEqual(['traces 200', 'metrics 503', 'logs 200', 'metrics 200'])
  })

  test.each(['metrics', 'logs'])('does without %s where the collector has none', async (none) => {
    const means = stage((signal) => (signal === none ? 404 : 200))
    const sink = otlp('https://otel.example')
    expect(await sink.send([run('a', { thumb_up: true })], means)).toBe('sent')
    expect(await sink.send([run('b', { thumb_up: true })], means)).toBe('sent')
    expect(means.got.filter((one) => one.startsWith(none))).toHaveLength(1)
    expect(means.waits).toEqual([])
  })

  test('waits for traces where the collector has none', async () => {
    const means = stage((signal) => (signal === 'traces' ? 404 : 200))
    expect(await otlp('https://otel.example').send([run('a')], means)).toBe('retry')
    expect(means.waits).toEqual([600_000])
  })

  test('has one time span after another, a count in the bucket that holds it, and releases apart', async () => {
    const means = stage(() => 200)
    const sink = otlp('https://otel.example')
    await sink.send(
      [run('a'), run('b', { total_ms: 1_280 }), run('c', { total_ms: 99_000 })],
      means,
    )
    means.now = () => START + 9_000
    await sink.send([run('d', { 'service.version': '2' }), run('e')], means)
    const name = 'gen_ai.client.operation.duration'
    const [one] = pointsOf(means.bodies[1], name)
    const [other] = pointsOf(means.bodies[3], name)
    expect(one).toMatchObject({
      count: '3',
      bucketCounts: '0 0 0 0 0 0 0 2 0 0 0 0 0 0 1'.split(' '),
      startTimeUnixNano: `${START}000000`,
      timeUnixNano: `${START + 5_000}000000`,
    })
    expect(other).toMatchObject({
      count: '1',
      startTimeUnixNano: `${START + 5_000}000000`,
      timeUnixNano: `${START + 9_000}000000`,
    })
    expect(Object(means.bodies[3]).resourceMetrics).toHaveLength(2)
  })
})
