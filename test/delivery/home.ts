import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import {
  createServer,
  request as ask,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createCollector, openStore, type Answer } from '@rungs/analytics'
import type { Report } from '@rungs/core'
import { bundle } from '../trust/stage.ts'

/** How the collector is: it takes what comes, or answers so, or not at all, or takes it and is not heard. */
export type Weather = 'well' | '500' | '429' | 'hangs' | 'unheard'

/** The server of a product's pages, and a real collector of the same origin that writes to a DuckDB file. */
export interface Home {
  readonly origin: string
  weather: Weather
  /** How many batches the weather kept from the collector, or its answer from the page. */
  readonly spoilt: () => number
  /** How many rows have come again, with the same id and revision. */
  readonly twice: () => number
  /** What DuckDB holds. */
  query(sql: string): Promise<readonly Answer[]>
  close(): Promise<void>
}

type Serve = (request: IncomingMessage, response: ServerResponse) => unknown

const HTML =
  '<!doctype html><link rel="icon" href="data:,"><div id="app"></div><script type="module" src="/page.js"></script>'
const STATUS = { '500': 500, '429': 429 } as const

/**
 * @param page the page's script, which is bundled as a product's is
 * @param serve answers what is neither a page, a script nor a report
 */
export async function openHome(page: string, serve: Serve): Promise<Home> {
  const [files, folder] = await Promise.all([
    bundle(page),
    mkdtemp(join(tmpdir(), 'rungs-delivery-')),
  ])
  const store = await openStore(join(folder, 'reports.duckdb'))
  const collector = await createCollector(store)
  const port = await listen(collector.server)
  const seen = new Set<string>()
  let twice = 0
  let spoilt = 0

  function note(body: string): void {
    const { rows }: { readonly rows: readonly Report[] } = JSON.parse(body)
    for (const { id, revision } of rows) {
      const key = `${id} ${revision}`
      if (seen.has(key)) twice += 1
      seen.add(key)
    }
  }
  async function report(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request)
    const { weather } = home
    if (weather !== 'well') spoilt += 1
    if (weather === 'hangs') return
    if (weather === '500' || weather === '429') {
      response.writeHead(STATUS[weather]).end()
      return
    }
    const status = await pass(port, request, body)
    if (status < 300) note(body)
    if (weather === 'unheard') response.destroy()
    else response.writeHead(status).end()
  }
  const server = createServer((request, response) => {
    const name = (request.url ?? '/').slice(1).split('?')[0] ?? ''
    const code = files.get(name)
    if (name === 'reports') {
      // A page that is gone has taken its report's way back with it.
      report(request, response).catch(() => response.destroy())
    } else if (code !== undefined) {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(code)
    } else if (name === '' || name === 'else') {
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end(name === '' ? HTML : '<!doctype html>else')
    } else serve(request, response)
  })
  const home: Home = {
    origin: `http://127.0.0.1:${await listen(server)}`,
    weather: 'well',
    spoilt: () => spoilt,
    twice: () => twice,
    query: (sql) => store.query(sql),
    async close() {
      server.closeAllConnections()
      server.close()
      await collector.close()
      await rm(folder, { recursive: true })
    },
  }
  return home
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}

/** Hand a batch on to the collector as it came; its status. */
async function pass(port: number, request: IncomingMessage, body: string): Promise<number> {
  const { 'content-type': type = '' } = request.headers
  const headers = { 'content-type': type, 'content-length': Buffer.byteLength(body) }
  const passed = ask({ host: '127.0.0.1', port, path: '/reports', method: 'POST', headers })
  passed.end(body)
  const [answer]: IncomingMessage[] = await once(passed, 'response')
  answer?.resume()
  return answer?.statusCode ?? 0
}
