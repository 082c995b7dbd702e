import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'
import { chromium, type BrowserContext, type Page } from 'playwright'
import { build } from 'vite'
import { onTestFinished } from 'vitest'
import { chromiumLaunch } from '../../scripts/chromium.ts'

/** One request as a place got it. */
export interface Got {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A real HTTP/1.1 server on loopback, an origin of its own, that lets every page in. */
export interface Place {
  readonly origin: string
  /** What came, preflights apart. */
  readonly got: readonly Got[]
  readonly preflights: readonly Got[]
  /** Every byte of every connection. */
  bytes(): string
  /** Resolves once that many have come. */
  until(count: number): Promise<void>
  close(): Promise<void>
}

type Answer = (response: ServerResponse, got: Got) => unknown

export async function openPlace(answer: Answer): Promise<Place> {
  const got: Got[] = []
  const preflights: Got[] = []
  const waiting: { count: number; resolve: () => void }[] = []
  let bytes = ''
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const one = { method, path: url, headers, body: Buffer.concat(pieces).toString() }
      // Nothing is left for the browser to refuse, so that what does not come was not sent.
      response.setHeader('access-control-allow-origin', headers.origin ?? '*')
      response.setHeader('access-control-allow-credentials', 'true')
      if (method === 'OPTIONS') {
        preflights.push(one)
        const asked = headers['access-control-request-headers'] ?? ''
        response.setHeader('access-control-allow-headers', asked)
        response.writeHead(204, { 'access-control-allow-methods': 'POST' }).end()
        return
      }
      got.push(one)
      for (const { count, resolve } of waiting) if (got.length >= count) resolve()
      answer(response, one)
    })
  })
  server.on('connection', (socket) => {
    socket.on('data', (piece: Buffer) => (bytes += piece.toString('latin1')))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    got,
    preflights,
    bytes: () => bytes,
    until: (count) =>
      new Promise((resolve) => {
        waiting.push({ count, resolve })
        if (got.length >= count) resolve()
      }),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A place for the length of one test. */
export async function place(answer: Answer): Promise<Place> {
  const opened = await openPlace(answer)
  onTestFinished(() => opened.close())
  return opened
}

export interface Stage {
  readonly page: Page
  readonly context: BrowserContext
  /** The page's own server. */
  readonly home: Place
  close(): Promise<void>
}

export interface StageOptions {
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Answers what is not the page's own. */
  readonly api?: Answer
  /** Runs in the page before anything else. */
  readonly init?: () => void
}

export interface Theatre {
  /** A page, in a profile of its own, that has the package at `window.rungs`. */
  stage(options?: StageOptions): Promise<Stage>
  close(): Promise<void>
}

const NO_API: Answer = (response) => response.writeHead(404).end()
const PAGE_FILE = fileURLToPath(new URL('page.ts', import.meta.url))
const PAGE =
  '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>'

/** A real Chromium, and the package bundled for its pages. */
export async function openTheatre(): Promise<Theatre> {
  const [files, browser] = await Promise.all([bundle(PAGE_FILE), chromium.launch(chromiumLaunch())])
  return {
    async stage({ path = '/', headers = {}, api = NO_API, init } = {}) {
      const home = await openPlace((response, got) => {
        const name = got.path.slice(1).split('?')[0] ?? ''
        const code = files.get(name)
        if (code !== undefined) {
          response.writeHead(200, { 'content-type': 'text/javascript' }).end(code)
        } else if (name === '') {
          response.writeHead(200, { 'content-type': 'text/html', ...headers }).end(PAGE)
        } else api(response, got)
      })
      const context = await browser.newContext()
      const page = await context.newPage()
      if (init) await page.addInitScript(init)
      await page.goto(home.origin + path, { waitUntil: 'load' })
      return {
        page,
        context,
        home,
        async close() {
          await context.close()
          await home.close()
        },
      }
    },
    close: () => browser.close(),
  }
}

/** A page's script and what it loads later, as a product's bundler makes them of the published package. */
export async function bundle(page: string): Promise<ReadonlyMap<string, string>> {
  const result = await build({
    configFile: false,
    logLevel: 'warn',
    root: fileURLToPath(new URL('.', import.meta.url)),
    build: {
      write: false,
      minify: false,
      target: 'es2023',
      modulePreload: false,
      rolldownOptions: {
        input: { page },
        output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
      },
    },
  })
  const outputs = [result].flat().flatMap((one) => ('output' in one ? one.output : []))
  return new Map(outputs.flatMap((one) => (one.type === 'chunk' ? [[one.fileName, one.code]] : [])))
}
