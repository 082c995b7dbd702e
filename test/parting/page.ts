// A page whose run never ends, and that is to end without a word.
import { beacon, createLLM } from '@rungs/core'
import { HANG, scripted } from '@rungs/core/testing'

const llm = createLLM({
  routes: { ours: scripted({ provider: 'us' }, ['fine'], ['half', HANG]) },
  workloads: { chat: { ladder: ['ours'] } },
  telemetry: { sinks: [beacon('/reports')] },
})

/** One run to its end, and one that goes on; their ids, once the browser has had the time to take what is left with it. */
async function begin(): Promise<readonly string[]> {
  const whole = llm.run({ workload: 'chat', prompt: 'Hello?' })
  await whole.outcome
  const open = llm.run({ workload: 'chat', prompt: 'Hello again?' })
  await pause(2_500)
  return [whole.id, open.id]
}
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

declare global {
  interface Window {
    readonly begin: typeof begin
    readonly deny: () => void
  }
}
Object.assign(window, {
  begin,
  deny: () => {
    llm.setConsent('denied')
  },
})
