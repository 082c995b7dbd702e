import { createFromReadableStream, getClientEntryUrl } from '@vitejs/plugin-rsc/ssr'
import type { ReactNode } from 'react'
import { renderToReadableStream } from 'react-dom/server.edge'

/** The components of a page as HTML, each part when it has come. */
export async function renderPage(components: ReadableStream<Uint8Array>): Promise<ReadableStream> {
  const page = await createFromReadableStream<ReactNode>(components)
  return renderToReadableStream(page, { bootstrapModules: [getClientEntryUrl()] })
}
