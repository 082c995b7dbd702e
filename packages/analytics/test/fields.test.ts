import { readFileSync } from 'node:fs'
import { createLLM, type RunEvent } from '@rungs/core'
import {
  createNames,
  FIELDS,
  reduceReport,
  reportsOf,
  unreported,
  type ReportContext,
} from '@rungs/core/telemetry'
import { createVirtualWorld, HANG, scripted } from '@rungs/core/testing'
import { expect, test } from 'vitest'
import { openStore, readQuestion } from '../src/index.ts'
import { fill } from './fill.ts'

test('every field is in the documentation', () => {
  const docs = readFileSync(new URL('../../../docs/analytics.md', import.meta.url), 'utf8')
  const fields = [...Object.keys(FIELDS.run), ...Object.keys(FIELDS.attempt)]
  expect(fields.filter((field) => !docs.includes(`\`${field}\``))).toEqual([])
})

test('a real run that falls back is a row of the answer', async () => {
  const virtual = createVirtualWorld()
  const { world } = virtual
  const llm = createLLM({
    world,
    routes: {
      slow: scripted({ provider: 'p', price: 'included' }, [HANG]),
      quick: scripted({ provider: 'q', price: 'included' }, [200, 'Here it is.']),
    },
    workloads: { chat: { ladder: ['slow', 'quick'] } },
  })
  const events: RunEvent[] = []
  llm.subscribe((event) => {
    events.push(event)
  })
  const epoch = world.now()
  await virtual.until(llm.run({ workload: 'chat', prompt: 'Hello?', surface: 'sidebar' }).outcome)
  const context: ReportContext = {
    epoch: 1_700_000_000_000 + (epoch % 1000),
    gestureMs: 0,
    names: createNames(),
    facts: (route) => ({ provider: route, model: null }),
    user: null,
    session: null,
    salt: 'salt',
    page: 'page',
    pageRun: 0,
    sdk: '0.1.0',
    release: null,
    targetMs: null,
    attributes: { plan: 'team' },
    hasAutoSignals: false,
    sampling: { rate: 1, isSampled: true, keepsFallbacks: true },
  }
  const folded = events.reduce((before, event) => reduceReport(before, event, context), unreported)
  const store = await openStore(':memory:')
  await fill(store, [reportsOf(folded, context)])
  const answer = await store.query(readQuestion('replacements', 'duckdb') ?? '')
  const [own] = await store.query("SELECT attributes['plan'] AS plan FROM runs")
  await store.close()
  await llm.close()
  expect(answer).toMatchObject([
    {
      from_route: 'slow',
      cause: 'queue-stall',
      to_route: 'quick',
      fallbacks: 1,
      after_p50_ms: 200,
      unanswered: 0,
    },
  ])
  expect(own).toEqual({ plan: 'team' })
})
