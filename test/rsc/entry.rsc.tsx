/// <reference types="@vitejs/plugin-rsc/types" />
import { FallbackNotice } from '@rungs/react'
import { renderToReadableStream } from '@vitejs/plugin-rsc/rsc'
import { Suspense, type ReactElement } from 'react'
import { Chat } from './Chat.tsx'

/** What the server component of a page waits for, by the id of the page. */
const gates = new Map<string, PromiseWithResolvers<void>>()
function gateOf(id: string): PromiseWithResolvers<void> {
  const gate = gates.get(id) ?? Promise.withResolvers<void>()
  gates.set(id, gate)
  return gate
}

async function Late({ id }: { readonly id: string }): Promise<ReactElement> {
  await gateOf(id).promise
  return <p>From the server, late</p>
}

function Page({ id }: { readonly id: string }): ReactElement {
  return (
    <html lang="en">
      <head>
        <title>Page</title>
      </head>
      <body>
        <h1>From the server</h1>
        <FallbackNotice degraded={null} id="quiet" />
        <Chat>
          <Suspense fallback={<p>loading</p>}>
            <Late id={id} />
          </Suspense>
        </Chat>
      </body>
    </html>
  )
}

/** `/id` is the page, `/id.rsc` its components, and `/id.release` lets what it waits for come. */
export default async function handle(request: Request): Promise<Response> {
  const [id = '', what] = new URL(request.url).pathname.slice(1).split('.')
  if (what === 'release') {
    gateOf(id).resolve()
    return new Response('released')
  }
  // Browsers ask for an icon of their own accord.
  if (what === 'ico') return new Response(null, { status: 204 })
  const components = renderToReadableStream(<Page id={id} />)
  if (what === 'rsc') {
    return new Response(components, { headers: { 'content-type': 'text/x-component' } })
  }
  const ssr = await import.meta.viteRsc.loadModule<typeof import('./entry.ssr.tsx')>('ssr', 'index')
  const html = await ssr.renderPage(components)
  return new Response(html, { headers: { 'content-type': 'text/html' } })
}
