import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { sse } from '../trust/answers.ts'
import { AGAIN, piecesOf, type Cycle } from './plan.ts'

/** A real server on loopback for one cycle, with its page and two routes. */
export interface Server {
  readonly port: number
  /** The first request has come; the first piece of an answer has been sent. */
  readonly asked: Promise<void>
  readonly begun: Promise<void>
  /** Nothing is sent until it is let go; then what is due comes at once. */
  hold(): void
  release(): void
  /** What was under way when it was held breaks. */
  break(): void
  close(): Promise<void>
}

const HTML =
  '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>'

export async function openServer(cycle: Cycle, script: string): Promise<Server> {
  const asked = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  let held = Promise.withResolvers<void>()
  held.resolve()
  const open = new Set<ServerResponse>()
  let doomed: readonly ServerResponse[] = []

  async function answer(response: ServerResponse, who: string, isAgain: boolean): Promise<void> {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    open.add(response)
    response.on('close', () => open.delete(response))
    if (who === 'a') asked.resolve()
    await wait(cycle.firstMs)
    for (const content of isAgain ? [who] : piecesOf(who, cycle)) {
      await held.promise
      if (response.destroyed) return
      response.write(sse({ choices: [{ index: 0, delta: { content } }] }))
      if (who === 'a') begun.resolve()
      await wait(cycle.gapMs)
    }
    await held.promise
    response.end(sse({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }, '[DONE]'))
  }

  const server = createServer((request, response) => {
    const { method, url = '', headers } = request
    response.setHeader('access-control-allow-origin', headers.origin ?? '*')
    response.setHeader(
      'access-control-allow-headers',
      headers['access-control-request-headers'] ?? '*',
    )
    if (method === 'OPTIONS') response.writeHead(204).end()
    else if (method === 'POST') {
      const who = url.split('/')[1] ?? ''
      text(request)
        .then((body) => answer(response, who, body.includes(AGAIN)))
        // A page that is gone is answered no more.
        .catch(() => response.destroy())
    } else if (url === '/page.js') {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(script)
    } else response.writeHead(200, { 'content-type': 'text/html' }).end(HTML)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return {
    port: address.port,
    asked: asked.promise,
    begun: begun.promise,
    hold() {
      held = Promise.withResolvers<void>()
      doomed = [...open]
    },
    release() {
      held.resolve()
    },
    break() {
      for (const response of doomed) response.destroy()
    },
    async close() {
      held.resolve()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
