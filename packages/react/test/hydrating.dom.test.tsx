import { HANG } from '@rungs/core/testing'
import { FallbackNotice, useLLM } from '@rungs/react'
import { act } from '@testing-library/react'
import type { ReactElement } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Panel, press, stage, type TestLLM } from './kit.tsx'

function Page(): ReactElement {
  const { degraded } = useLLM<TestLLM>({ workload: 'chat' })
  return (
    <>
      <FallbackNotice<'ours' | 'mini'> degraded={degraded} />
      <Panel name="a" id="lunch" />
    </>
  )
}

test('what a server has rendered is hydrated without a mismatch, onto a live run too', async () => {
  const told = vi.spyOn(console, 'error')
  onTestFinished(() => {
    told.mockRestore()
  })
  const { llm, pass, show, within } = stage({ ours: [['half', HANG]] })
  const page = within(<Page />)
  const host = document.createElement('div')
  document.body.append(host)
  host.innerHTML = renderToString(page)
  expect(host.textContent).toContain('idle')
  // This server has a document, of which React 18 warns; in server.test.ts there is none.
  told.mockClear()

  show(<Panel name="early" id="lunch" onUnmount="keep" />)
  press('send', 'early')
  await pass(100)
  const onRecoverableError = vi.fn<(error: unknown) => void>()
  const root = await act(async () => hydrateRoot(host, page, { onRecoverableError }))
  expect(host.textContent).toContain('halfstreaming')
  expect(onRecoverableError).not.toHaveBeenCalled()
  expect(told).not.toHaveBeenCalled()
  act(() => {
    root.unmount()
  })
  await llm.close()
})
