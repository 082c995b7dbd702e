// @vitest-environment node
import { createLLM } from '@rungs/core'
import { createVirtualWorld, scripted } from '@rungs/core/testing'
import { FallbackNotice, LLMProvider, useLLM } from '@rungs/react'
import { createElement, type ReactElement } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, onTestFinished, test, vi } from 'vitest'

const llm = createLLM({
  world: createVirtualWorld().world,
  routes: { ours: scripted({}) },
  workloads: { chat: { ladder: ['ours'] } },
})

function Page(): ReactElement {
  const { phase, text, degraded } = useLLM<typeof llm>({
    workload: 'chat',
    id: 'lunch',
    onUnmount: 'keep',
  })
  return createElement(
    'main',
    null,
    createElement(FallbackNotice<'ours'>, { degraded }),
    createElement('p', null, `${phase}: ${text}`),
  )
}

test('on a server, without a document, everything is idle', () => {
  const told = vi.spyOn(console, 'error')
  onTestFinished(() => {
    told.mockRestore()
  })
  expect(globalThis).not.toHaveProperty('document')
  expect(renderToString(createElement(LLMProvider, { llm }, createElement(Page)))).toBe(
    '<main><div role="status" data-rungs-notice="fallback"></div><p>idle: </p></main>',
  )
  expect(told).not.toHaveBeenCalled()
})
