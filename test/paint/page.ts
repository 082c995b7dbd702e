// The page of these figures: an answer in React, on the published packages, and the browser's own times beside it.
import { createLLM, type Latency, type LLM } from '@rungs/core'
import { scripted } from '@rungs/core/testing'
import { LLMProvider, useLLM, type UseLLM } from '@rungs/react'
import { createElement, useEffect, type ReactElement } from 'react'
import { createRoot } from 'react-dom/client'
import { LOADS, presented, type Load } from '../../packages/react/test/loads.ts'

declare global {
  interface Window {
    /** One answer under a load; how far off its first paint was, ms, and how it was known. */
    readonly measure: (load: string) => Promise<{
      readonly offMs: number | null
      readonly by: Latency['paintedBy']
    }>
    /** One answer in a page that nobody sees. */
    readonly runUnseen: () => Promise<Latency>
  }
}

type Send = UseLLM<LLM<'ours', 'chat', never>>['send']

async function play<Result>(
  { pieces, begin, onCommit }: Load,
  task: (send: () => ReturnType<Send>) => Promise<Result>,
): Promise<Result> {
  const words = Array.from({ length: pieces }, (_, index) => [`word ${index} `, 20]).flat()
  const llm = createLLM({
    routes: { ours: scripted({}, [30, ...words]) },
    workloads: { chat: { ladder: ['ours'] } },
  })
  const mounted = Promise.withResolvers<Send>()
  function Answer(): ReactElement {
    const { send, text, answerRef } = useLLM<LLM<'ours', 'chat', never>>({ workload: 'chat' })
    useEffect(() => {
      mounted.resolve(send)
      if (text !== '') onCommit?.()
    }, [send, text])
    return createElement('p', { ref: answerRef, elementtiming: 'answer' }, text)
  }
  const place = document.body.appendChild(document.createElement('main'))
  const root = createRoot(place)
  root.render(createElement(LLMProvider, { llm }, createElement(Answer)))
  const send = await mounted.promise
  const end = begin()
  try {
    return await task(() => send('Hello?'))
  } finally {
    end()
    root.unmount()
    place.remove()
    await llm.close()
  }
}

const idle: Load = { pieces: 3, begin: () => () => undefined }
async function measure(name: string): Promise<Awaited<ReturnType<Window['measure']>>> {
  return play(LOADS[name] ?? idle, async (send) => {
    const truth = presented()
    const since = performance.now()
    const run = send()
    const at = await truth
    await run.outcome
    // What is noted after the end is published a moment later.
    await new Promise((resolve) => setTimeout(resolve, 50))
    const { firstPaintMs, paintedBy } = run.store.getState().latency
    return { offMs: firstPaintMs === null ? null : since + firstPaintMs - at, by: paintedBy }
  })
}
async function runUnseen(): Promise<Latency> {
  return play(idle, async (send) => (await send().outcome).latency)
}
Object.assign(window, { measure, runUnseen })
