'use client'

import { createLLM } from '@rungs/core'
import { scripted } from '@rungs/core/testing'
import { FallbackNotice, LLMProvider, useLLM } from '@rungs/react'
import type { ReactElement, ReactNode } from 'react'

// Made once in a module of the client: an LLM holds functions, so a server component cannot hand it down.
const llm = createLLM({
  routes: {
    ours: scripted({ provider: 'us' }, [30, { status: 503 }]),
    mini: scripted({ provider: 'them' }, ['The first half', 1_500, ' and the second']),
  },
  workloads: { chat: { ladder: ['ours', 'mini'] } },
})

/** The client's part of the page, around what a server renders. */
export function Chat({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    <LLMProvider llm={llm}>
      <Answer />
      {children}
    </LLMProvider>
  )
}

function Answer(): ReactElement {
  const { text, phase, degraded, send } = useLLM<typeof llm>({ workload: 'chat' })
  return (
    <section aria-label="answer">
      <button type="button" onClick={(event) => send('Hi', { event })}>
        Ask
      </button>
      <p data-phase={phase}>{text}</p>
      <FallbackNotice<'ours' | 'mini'> degraded={degraded} />
    </section>
  )
}
