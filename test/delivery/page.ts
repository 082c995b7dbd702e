// The page of these tests: a product with one route that answers by script, and a collector of its own origin.
import { beacon, createLLM, type LLM } from '@rungs/core'
import { scripted } from '@rungs/core/testing'
import { createSkipping } from '../leaving/clock.ts'
import type { Fact, Told } from './facts.ts'

declare global {
  interface Window {
    readonly llm: LLM<'ours', 'chat', never>
    /** One run after another, each told to the server before it goes on; they never end. */
    readonly keepRunning: () => Promise<void>
    /** So many runs, one after another, of a page that can tell nobody meanwhile. */
    readonly runSome: (count: number) => Promise<Told>
    /** The page's clock goes ahead. */
    readonly skip: (ms: number) => void
    readonly measured: string[]
  }
}

const measured: string[] = []
new PerformanceObserver((list) => {
  for (const { name } of list.getEntries()) measured.push(name)
}).observe({ type: 'measure' })

const asked = new URLSearchParams(location.search)
if (asked.get('storage') === 'flaky') failNowAndThen()
const { now, after, skip } = createSkipping()
const llm = createLLM({
  routes: { ours: scripted({ provider: 'us', privacy: 'device' }, [5, 'Hello ', 5, 'there.', 5]) },
  workloads: { chat: { ladder: ['ours'] } },
  telemetry: {
    sinks: [beacon(asked.get('collector') ?? '/reports')],
    signals: ['solved'],
  },
  world: { now, after },
})

/** Every third transaction is refused, as by a disk that is full at times. */
function failNowAndThen(): void {
  // oxlint-disable-next-line typescript/unbound-method -- it is called as a method below
  const { put } = IDBObjectStore.prototype
  const places = new WeakMap<IDBTransaction, number>()
  let count = 0
  IDBObjectStore.prototype.put = function (...given) {
    const place = places.get(this.transaction) ?? (count += 1)
    places.set(this.transaction, place)
    if (place % 3 === 0) throw new DOMException('no room', 'QuotaExceededError')
    return put.apply(this, given)
  }
}

// From a run's beginning or end to where nothing can take it back.
const writes: number[] = []
const due = new Map<IDBValidKey, number>()
llm.subscribe(({ type, runId }) => {
  if (type === 'started' || type === 'settled') due.set(runId, performance.now())
})
// oxlint-disable-next-line typescript/unbound-method -- it is called as a method below
const { put: putOf } = IDBObjectStore.prototype
IDBObjectStore.prototype.put = function (value, key) {
  const since = key === undefined ? undefined : due.get(key)
  if (key !== undefined && since !== undefined) {
    due.delete(key)
    this.transaction.addEventListener('complete', () => writes.push(performance.now() - since))
  }
  return putOf.call(this, value, key)
}

/** Told for certain, whatever happens to the page next: it waits for the answer. */
function tell(id: string, what: Fact['what']): void {
  const fact: Fact = { id, what, at: Date.now() }
  const request = new XMLHttpRequest()
  request.open('POST', '/facts', false)
  request.send(JSON.stringify(fact))
}

async function keepRunning(): Promise<void> {
  for (;;) {
    const run = llm.run({ workload: 'chat', prompt: 'Hello?' })
    if (!asked.has('at-once')) await new Promise((resolve) => setTimeout(resolve, 0))
    tell(run.id, 'begun')
    await run.outcome
    tell(run.id, 'ended')
  }
}

async function runSome(count: number): Promise<Told> {
  const facts: Fact[] = []
  while (facts.length < 2 * count) {
    const { id, outcome } = llm.run({ workload: 'chat', prompt: 'Hello?' })
    facts.push({ id, what: 'begun', at: Date.now() })
    await outcome
    facts.push({ id, what: 'ended', at: Date.now() })
  }
  return { facts, writes }
}

Object.assign(window, { llm, keepRunning, runSome, skip, measured })
