import { createLLM } from '@rungs/core'
import { breakable, scripted } from '@rungs/core/testing'
import { LLMProvider } from '@rungs/react'
import { RungsDevtools } from '@rungs/react/devtools'
import { createElement } from 'react'
import { createRoot } from 'react-dom/client'

// An app with the devtools, and one run for each press of its button: one that falls back, one that does not.

const mini = breakable(scripted({ provider: 'mini', quality: 0.5 }, [50, 'Hel', 1_100, 'lo']))
const llm = createLLM({
  routes: {
    ours: scripted({ provider: 'ours' }, [50, { status: 503 }], ['Hello']),
    mini,
    poor: scripted({ provider: 'poor', quality: 0.1 }),
  },
  workloads: { chat: { ladder: ['ours', 'mini', 'poor'], limits: { minQuality: 0.4 } } },
})

const root = document.querySelector('#root')
if (root) {
  createRoot(root).render(
    createElement(
      LLMProvider,
      { llm },
      createElement(
        'button',
        { onClick: () => llm.run({ workload: 'chat', surface: 'page', prompt: 'Hi' }) },
        'Ask',
      ),
      createElement(RungsDevtools, { breakable: { mini } }),
    ),
  )
}
