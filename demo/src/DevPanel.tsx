import { Suspense, type ReactNode } from 'react'
import { later } from './later.tsx'

// in a chunk of its own, for which nothing waits
const Panel = later(
  async () => (await import('@rungs/react/devtools/production')).RungsDevtools,
  () => null,
)

/** The nonce that the server put into this page. */
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce

/** The library's own devtools. They listen from the start, so that what ran before they are opened is in them. */
export function DevPanel({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }): ReactNode {
  return (
    <Suspense>
      <Panel isOpen={isOpen} onClose={onClose} styleNonce={nonce} />
    </Suspense>
  )
}
