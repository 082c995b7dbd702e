// A page whose run never ends, and that is to end without a word.
import { beacon, createLLM, type Report } from '@rungs/core'
import { HANG, scripted } from '@rungs/core/testing'

const llm = createLLM({
  routes: { ours: scripted({ provider: 'us' }, ['fine'], ['half', HANG]) },
  workloads: { chat: { ladder: ['ours'] } },
  telemetry: { sinks: [beacon('/reports')] },
})

/** What was left with the browser last. */
let left = ''
const { fetchLater }: { readonly fetchLater: (url: string, init: RequestInit) => unknown } =
  Object(globalThis)
Object.assign(globalThis, {
  fetchLater(url: string, init: RequestInit) {
    left = typeof init.body === 'string' ? init.body : ''
    return fetchLater(url, init)
  },
})

/** One run to its end, and one that goes on; their ids, once the browser has both. */
async function begin(): Promise<readonly string[]> {
  const whole = llm.run({ workload: 'chat', prompt: 'Hello?' })
  await whole.outcome
  const open = llm.run({ workload: 'chat', prompt: 'Hello again?' })
  while (!isLeft(whole.id) || !isLeft(open.id)) await pause(50)
  return [whole.id, open.id]
}
/** Whether what is left holds a run's row, with content where it goes on. */
function isLeft(id: string): boolean {
  const { rows = [] } = left === '' ? {} : JSON.parse(left)
  return rows.some((row: Report) => row['id'] === id && row['wait_end'] === 'content')
}
/** Whether a run's row is no longer left. */
async function isHeard(id: string): Promise<boolean> {
  while (left.includes(`"${id}"`)) await pause(50)
  return true
}
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

declare global {
  interface Window {
    readonly begin: typeof begin
    readonly isHeard: typeof isHeard
    readonly deny: () => void
  }
}
Object.assign(window, {
  begin,
  isHeard,
  deny: () => {
    llm.setConsent('denied')
  },
})
