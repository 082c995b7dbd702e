import type { FixtureOpts, LLMock } from '@copilotkit/aimock'
import { createLLM, type FailureKind, type Limits, type Run } from '@rungs/core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  MODELS,
  routesTo,
  startMock,
  stopMock,
  transcriptOf,
  WIRES,
  type WireName,
} from './mock.ts'

let mock: LLMock
beforeAll(async () => {
  mock = await startMock()
})
beforeEach(() => {
  mock.reset()
})
afterAll(() => {
  stopMock(mock)
})

// Under 300 characters, so that a broken answer starts again; long enough to break in the middle.
const WHOLE = 'A whole answer, from its first word to its last. '.repeat(5)
const HALF = 'Half an answer, which goes on and on. '.repeat(6)

/** The wire breaks like this, and the other one answers. */
function ask(wire: WireName, chaos: FixtureOpts, limits: Limits = {}): Run {
  const other = otherThan(wire)
  const userMessage = `over ${wire}`
  mock.on({ model: MODELS[wire], userMessage }, { content: HALF }, chaos)
  mock.on({ model: MODELS[other], userMessage }, { content: WHOLE })
  const llm = createLLM({
    routes: routesTo(mock.url),
    // Where it is waited for, any other route will do, not only one that is known to be faster.
    workloads: { chat: { ladder: [wire, other], limits, on: { 'latency-ceiling': 'next' } } },
  })
  return llm.run({ workload: 'chat', prompt: userMessage })
}
function otherThan(wire: WireName): WireName {
  return wire === 'claude' ? 'gemini' : 'claude'
}

const AT_ONCE: readonly (readonly [string, FixtureOpts, FailureKind, object])[] = [
  ['a 500', { chaos: { dropRate: 1 } }, 'outage', { status: 500 }],
  ['a 429', { chaos: { rateLimitRate: 1 } }, 'rate-limit', { status: 429, retryAfterMs: 1000 }],
  ['a body that is no JSON', { chaos: { malformedRate: 1 } }, 'invalid-response', {}],
  ['a connection cut before headers', { chaos: { disconnectRate: 1 } }, 'network', {}],
]

describe.each(WIRES)('over %s', (wire) => {
  const other = otherThan(wire)
  const answered = answeredBy(other)

  test.for(AT_ONCE)('%s gives way to the next route', async ([, chaos, kind, more]) => {
    const run = ask(wire, chaos)
    expect(await transcriptOf(run)).toEqual([`try ${wire}`, `${kind} -> ${other}`, ...answered])
    const { attempts, degraded } = await run.outcome
    expect(attempts[0]?.failure).toMatchObject({ kind, phase: 'before-content', ...more })
    expect(degraded).toMatchObject({ from: wire, to: other, cause: kind })
  })

  test('a stream that is cut in the middle starts again on the next route', async () => {
    // What one write holds would be lost with the connection, so they are some ms apart.
    const run = ask(wire, { truncateAfterChunks: 15, streamingProfile: { tps: 200 } })
    const shown = new Set<string>()
    run.store.subscribe(({ text }) => shown.add(text))
    const lines = await transcriptOf(run)
    expect(lines).toEqual([
      `try ${wire}`,
      expect.stringMatching(/^"Half an/),
      `network -> ${other}`,
      ...answered,
    ])
    const { attempts } = await run.outcome
    expect(attempts[0]?.failure).toMatchObject({ kind: 'network', phase: 'streaming' })
    for (const text of shown) expect(HALF.startsWith(text) || WHOLE.startsWith(text)).toBe(true)
  })
})

// Over every wire at once, for these take their time.
describe('over every wire', () => {
  test('a first word that does not come in time is the next route’s', async () => {
    const told = await Promise.all(
      WIRES.map((wire) =>
        transcriptOf(ask(wire, { streamingProfile: { ttft: 20_000 } }, { firstChunkMs: 1500 })),
      ),
    )
    expect(told).toEqual(
      WIRES.map((wire) =>
        [`try ${wire}`, `latency-ceiling -> ${otherThan(wire)}`].concat(
          answeredBy(otherThan(wire)),
        ),
      ),
    )
  })

  test('a stream that stops starts again on the next route', async () => {
    const interChunkDelaysMs = [...Array.from({ length: 15 }, () => 1), 20_000]
    const recordedTimings = { ttftMs: 1, interChunkDelaysMs, totalDurationMs: 20_015 }
    const told = await Promise.all(
      WIRES.map((wire) => transcriptOf(ask(wire, { recordedTimings }, { chunkMs: 1500 }))),
    )
    expect(told).toEqual(
      WIRES.map((wire) =>
        [`try ${wire}`, expect.stringMatching(/^"Half an/)].concat(
          `stream-stall -> ${otherThan(wire)}`,
          answeredBy(otherThan(wire)),
        ),
      ),
    )
  })
})

function answeredBy(route: WireName): readonly string[] {
  return [`try ${route}`, JSON.stringify(WHOLE), 'completed']
}
