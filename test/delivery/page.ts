// The page of these tests: a product with one route that answers by script, and a collector of its own origin.
import { beacon, createLLM, type LLM } from '@rungs/core'
import { scripted } from '@rungs/core/testing'

declare global {
  interface Window {
    readonly llm: LLM<'ours', 'chat', never>
    /** One run after another, each told to the server before it goes on; they never end. */
    readonly keepRunning: () => Promise<void>
    readonly measured: string[]
  }
}

const measured: string[] = []
new PerformanceObserver((list) => {
  for (const { name } of list.getEntries()) measured.push(name)
}).observe({ type: 'measure' })

const at = new URLSearchParams(location.search).get('collector') ?? '/reports'
const llm = createLLM({
  routes: { ours: scripted({ provider: 'us' }, [5, 'Hello ', 5, 'there.', 5]) },
  workloads: { chat: { ladder: ['ours'] } },
  telemetry: {
    sinks: [beacon(at)],
    signals: ['solved'],
  },
})

/** Told for certain, whatever happens to the page next: it waits for the answer. */
function tell(id: string): void {
  const request = new XMLHttpRequest()
  request.open('POST', '/begun', false)
  request.send(id)
}

async function keepRunning(): Promise<void> {
  for (;;) {
    const run = llm.run({ workload: 'chat', prompt: 'Hello?' })
    // A turn later: what is written ahead is under way, and the page is held up before it can be done.
    await new Promise((resolve) => setTimeout(resolve, 0))
    tell(run.id)
    await run.outcome
  }
}

Object.assign(window, { llm, keepRunning, measured })
