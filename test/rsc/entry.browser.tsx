import { createFromReadableStream } from '@vitejs/plugin-rsc/browser'
import type { ReactNode } from 'react'
import { hydrateRoot } from 'react-dom/client'

const { body } = await fetch(`${location.pathname}.rsc`)
if (!body) throw new Error('the server sent no components')
hydrateRoot(document, await createFromReadableStream<ReactNode>(body), {
  onRecoverableError: (error) => {
    console.error('recovered', error)
  },
})
