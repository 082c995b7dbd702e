// A page that answers, and is as busy as it is told to be.
import { createLLM, textStream, type Report } from '@rungs/core'

const rows = new Map<unknown, Report>()
const llm = createLLM({
  routes: { ours: textStream({ url: '/answer' }) },
  workloads: { chat: { ladder: ['ours'] } },
  telemetry: {
    sinks: [
      (batch) => {
        for (const row of batch) if (row['row'] === 'run') rows.set(row['id'], row)
        return Promise.resolve('sent')
      },
    ],
  },
})
let busyMs = 0
llm.subscribe(({ type }) => {
  if (type === 'content') work(busyMs)
})

function work(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until) continue
}

/** One run to its end; each piece of its text keeps the page busy for so long. */
async function answer(ms: number): Promise<string> {
  busyMs = ms
  const run = llm.run({ workload: 'chat', prompt: 'Hello?' })
  await run.outcome
  return run.id
}

document.querySelector('button')?.addEventListener('click', () => {
  work(240)
})

declare global {
  interface Window {
    readonly answer: typeof answer
    readonly rowOf: (id: string) => Report | undefined
  }
}
Object.assign(window, { answer, rowOf: (id: string) => rows.get(id) })
