import { timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { createNames, SCHEMA, type Names } from '@rungs/core/telemetry'
import { checkRow, readBatch, type Checked } from './check.ts'
import { questions, readQuestion } from './questions.ts'
import type { Keeper, Store } from './store.ts'

/** What a collector is opened with. */
export interface CollectorOptions {
  /**
   * Pages of other origins that may send reports, `https://app.example.org` or `*`. A page of the same origin
   * always may, and so may whatever names no origin: this is no authentication, for a browser cannot have any.
   */
  readonly origins?: readonly string[] | undefined
  /** Opens `GET /questions/<name>` to whoever sends it as a bearer token. Without, it is closed. */
  readonly token?: string | undefined
}

export interface Collector {
  /** Listens to nothing yet. */
  readonly server: Server
  /**
   * Answers one request, in a server that you have: `app.use('/rungs', collector.listener)` takes reports at
   * `/rungs/reports`. Whoever mounts it takes the path before `/reports` off `request.url`, as Express and Connect do.
   */
  readonly listener: (request: IncomingMessage, response: ServerResponse) => void
  /** Lets go of the port, answers what has come, writes it, and closes the store. */
  close(): Promise<void>
}

/** What a browser may send in one go with `keepalive`; and what gzip may make of it. */
const MOST_BODY = 64 * 1024
const MOST_INFLATED = 1024 * 1024
const TYPES = /^(?:text\/plain|application\/json)\s*(?:;|$)/

/** An answer that ends a request. */
class Refused {
  readonly status: number
  readonly error: string
  constructor(status: number, error: string) {
    this.status = status
    this.error = error
  }
}

interface Counts {
  batches: number
  taken: number
  refusedBatches: number
  refusedRows: number
}

/**
 * A collector that hands what it takes to a store: `POST /reports`, `GET /health`, and the questions, where the
 * store can be asked.
 */
export async function createCollector(
  store: Keeper & Partial<Pick<Store, 'query'>>,
  { origins = [], token }: CollectorOptions = {},
): Promise<Collector> {
  const names = createNames(await store.names())
  const counts: Counts = { batches: 0, taken: 0, refusedBatches: 0, refusedRows: 0 }
  let isClosing = false

  async function handle(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<object | null> {
    const { method, headers } = request
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://collector')
    if (pathname === '/health' && method === 'GET') {
      return { ok: true, schema: SCHEMA, stored: await store.count(), ...counts }
    }
    if (pathname.startsWith('/questions') && method === 'GET') {
      if (!store.query || !isAllowed(headers.authorization, token))
        throw new Refused(404, 'nothing is here')
      const name = pathname.slice('/questions/'.length)
      if (name === '') return questions().map((one) => one.name)
      const question = readQuestion(name, 'duckdb')
      const days = Number(searchParams.get('days') ?? Number.NaN)
      return question
        ? store.query(question, days > 0 ? days : undefined)
        : refuse(404, 'no such question')
    }
    if (pathname !== '/reports') throw new Refused(404, 'nothing is here')
    allowOrigin(request, response, origins)
    if (method === 'OPTIONS') {
      response.setHeader('access-control-allow-methods', 'POST')
      response.setHeader('access-control-allow-headers', 'content-type, content-encoding')
      response.setHeader('access-control-max-age', '86400')
      return null
    }
    if (method !== 'POST') throw new Refused(405, 'POST only')
    if (!TYPES.test(headers['content-type'] ?? '')) {
      throw new Refused(415, 'text/plain or application/json only')
    }
    const isZipped = headers['content-encoding'] === 'gzip' || searchParams.get('enc') === 'gzip'
    return take(await readBody(request, isZipped))
  }

  async function take(text: string): Promise<object> {
    counts.batches += 1
    const batch = readBatch(text)
    if ('problem' in batch) {
      counts.refusedBatches += 1
      // 409: keep it, a newer collector will take it. 400: it will never be taken.
      throw new Refused(batch.isNewer ? 409 : 400, batch.problem)
    }
    const { taken, refused } = sort(batch.rows, names)
    try {
      await store.write(taken)
    } catch (error) {
      console.error('[rungs-analytics] nothing was written', error)
      throw new Refused(503, 'nothing was written: send it again')
    }
    counts.taken += taken.length
    counts.refusedRows += refused.length
    return { taken: taken.length, refused }
  }

  function listener(request: IncomingMessage, response: ServerResponse): void {
    void handle(request, response)
      .catch((error: unknown) => {
        if (error instanceof Refused) return error
        console.error('[rungs-analytics] a request broke', error)
        return new Refused(500, 'this broke')
      })
      .then((body) => reply(response, body, isClosing || !request.complete))
  }
  const server = createServer(
    { requestTimeout: 10_000, headersTimeout: 5_000, maxHeaderSize: 16_384 },
    listener,
  )
  return {
    server,
    listener,
    async close() {
      isClosing = true
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeIdleConnections()
      })
      await store.close()
    },
  }
}

function refuse(status: number, error: string): never {
  throw new Refused(status, error)
}

function reply(response: ServerResponse, body: object | null, isLast: boolean): ServerResponse {
  const isRefused = body instanceof Refused
  response.statusCode = isRefused ? body.status : body === null ? 204 : 200
  if (response.statusCode === 503) response.setHeader('retry-after', '5')
  // What is left of a body that is not wanted is not read.
  if (isLast) response.setHeader('connection', 'close')
  response.setHeader('content-type', 'application/json')
  return response.end(
    body && JSON.stringify(isRefused ? { error: body.error, schema: SCHEMA } : body),
  )
}

function isAllowed(authorization = '', token = ''): boolean {
  const [given, due] = [Buffer.from(authorization), Buffer.from(`Bearer ${token}`)]
  return token !== '' && given.length === due.length && timingSafeEqual(given, due)
}

function allowOrigin(
  { headers }: IncomingMessage,
  response: ServerResponse,
  origins: readonly string[],
): void {
  const { origin, host } = headers
  response.setHeader('vary', 'origin')
  if (origin === undefined || isOf(origin, host)) return
  if (!origins.includes('*') && !origins.includes(origin)) throw new Refused(403, 'not from there')
  response.setHeader('access-control-allow-origin', origin)
}

function isOf(origin: string, host: string | undefined): boolean {
  return URL.parse(origin)?.host === host
}

async function readBody(request: IncomingMessage, isZipped: boolean): Promise<string> {
  const parts: Buffer[] = []
  let size = 0
  if (Number(request.headers['content-length'] ?? 0) > MOST_BODY)
    throw new Refused(413, 'too large')
  try {
    for await (const part of request) {
      const bytes = Buffer.from(part)
      size += bytes.length
      if (size > MOST_BODY) throw new Refused(413, `more than ${MOST_BODY} bytes`)
      parts.push(bytes)
    }
  } catch (error) {
    throw error instanceof Refused ? error : new Refused(400, 'the body broke off')
  }
  const body = Buffer.concat(parts)
  if (!isZipped) return body.toString()
  try {
    const inflated = await promisify(gunzip)(body, { maxOutputLength: MOST_INFLATED })
    return inflated.toString()
  } catch {
    throw new Refused(400, 'the body is not gzip, or too much of it')
  }
}

/** The rows that can be stored, and why each other one cannot. */
function sort(
  rows: readonly unknown[],
  names: Names,
): {
  readonly taken: readonly Checked[]
  readonly refused: readonly { readonly index: number; readonly problem: string }[]
} {
  const taken: Checked[] = []
  const refused: { index: number; problem: string }[] = []
  for (const [index, row] of rows.entries()) {
    const verdict = checkRow(row, names)
    if ('problem' in verdict) refused.push({ index, problem: verdict.problem })
    else taken.push(verdict)
  }
  return { taken, refused }
}
