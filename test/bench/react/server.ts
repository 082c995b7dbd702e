import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { pieceOf } from './answer.ts'
import { wires } from './wires.ts'

/** When an answer was sent, epoch ms. */
export interface Sent {
  readonly firstAt: number
  readonly lastAt: number
}
export interface Server {
  readonly origin: string
  /** Of the answer to the page with this id; null while it is not sent whole. */
  sent(id: string): Sent | null
  close(): void
}

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>An answer</title>
<style>body{font:14px/1.4 sans-serif;width:800px}[data-role]{margin:8px 0;white-space:pre-wrap;overflow-wrap:anywhere}</style>
<div id="root"></div><script type="module" src="/page.js"></script>`

/**
 * Pages and their answers over real HTTP on loopback.
 *   /VARIANT                          its page
 *   /answer/ID/PIECES/RATE/WIRE/…     an answer of so many pieces, so many a second
 */
export async function openServer(files: ReadonlyMap<string, string>): Promise<Server> {
  const log = new Map<string, Sent>()
  const server = createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?')
    const [, what = '', name = '', ...rest] = path.split('/')
    const code = files.get(path.slice(1))
    if (code !== undefined) {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(code)
    } else if (what === 'answer') void answer(name, rest, request, response)
    else response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE)
  })

  async function answer(
    id: string,
    [pieces = '', rate = '', name = '']: readonly string[],
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const wire = Object.entries(wires).find(([key]) => key === name)?.[1]
    if (!wire) {
      response.writeHead(404).end()
      return
    }
    await request.resume().toArray()
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'x-vercel-ai-ui-message-stream': 'v1',
    })
    response.socket?.setNoDelay(true)
    response.write(wire.head)
    const firstAt = Date.now()
    const startedAt = performance.now()
    for (let index = 0; index < Number(pieces);) {
      if (response.destroyed) return
      const due = Math.floor(((performance.now() - startedAt) * Number(rate)) / 1000) + 1
      // A write for each piece, as a provider does.
      for (; index < Math.min(due, Number(pieces)); index += 1) {
        response.write(wire.piece(pieceOf(index)))
      }
      await wait(1)
    }
    log.set(id, { firstAt, lastAt: Date.now() })
    response.end(wire.tail)
  }

  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })
  return {
    origin: `http://127.0.0.1:${port}`,
    sent: (id) => log.get(id) ?? null,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
