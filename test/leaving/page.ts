// The page of these tests: a product in React with one view of an answer, which may go and come again.
import { beacon, createLLM, openai } from '@rungs/core'
import { LLMProvider, useLLM } from '@rungs/react'
import { createElement, StrictMode, useEffect, type ReactElement, type ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { createSkipping } from './clock.ts'

/** `one` and `other` are two components that show the same run. */
export type View = 'one' | 'other' | 'none'

export interface Stage {
  /** By the view's own button; the id of the run. */
  ask(question: string): string
  stop(): void
  show(view: View): void
  /** To another address, in the same page. */
  goSoftly(): void
  phase(): string
  text(): string
  /** The page's clock goes ahead. */
  skip(ms: number): void
  /** Why this page was not kept when it was left, once it was; null where it was. */
  notKept(): unknown
}

declare global {
  interface Window {
    readonly stage: Stage
  }
}

const { now, after, skip } = createSkipping()
const HOUR_MS = 3_600_000
const llm = createLLM({
  routes: {
    ours: openai({ model: 'm', provider: 'us', apiKey: null, baseUrl: `${location.origin}/v1` }),
  },
  workloads: {
    chat: { ladder: ['ours'], limits: { firstChunkMs: HOUR_MS, chunkMs: HOUR_MS } },
  },
  telemetry: { sinks: [beacon('/reports')], autoSignals: true },
  world: { now, after },
})

let question = ''
let asked = ''
const seen = { phase: 'idle', text: '' }

function Answer(): ReactElement {
  const shown = useLLM({ workload: 'chat', surface: 'page', thread: 'lunch', id: 'lunch' })
  useEffect(() => {
    seen.phase = shown.phase
    seen.text = shown.text
  })
  return createElement(
    'section',
    {},
    createElement('button', {
      id: 'ask',
      onClick: ({ nativeEvent }) => (asked = shown.send(question, { event: nativeEvent }).id),
    }),
    createElement('button', { id: 'stop', onClick: () => void shown.stop() }),
    createElement('p', { ref: shown.answerRef }, shown.text),
  )
}

const isStrict = new URLSearchParams(location.search).has('strict')
const root = createRoot(document.querySelector('#app') ?? document.body)
function show(view: View): void {
  const answer = view === 'none' ? null : createElement(Answer, { key: view })
  const page: ReactNode = createElement(LLMProvider, { llm }, answer)
  root.render(isStrict ? createElement(StrictMode, {}, page) : page)
}
show('one')

function press(id: string): void {
  document.querySelector<HTMLButtonElement>(`#${id}`)?.click()
}
const stage: Stage = {
  ask(given) {
    question = given
    press('ask')
    return asked
  },
  stop() {
    press('stop')
  },
  show,
  goSoftly() {
    history.pushState({}, '', '/away')
  },
  phase: () => seen.phase,
  text: () => seen.text,
  skip,
  notKept() {
    const [entry] = performance.getEntriesByType('navigation')
    const { notRestoredReasons = null } = entry?.toJSON() ?? {}
    return notRestoredReasons
  },
}
Object.assign(window, { stage })
