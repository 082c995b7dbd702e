import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { Server } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { onTestFinished } from 'vitest'

/** One request as the server got it, whole. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** The fields of a JSON body. */
  readonly fields: Readonly<Record<string, unknown>>
}

export interface Loopback {
  readonly origin: string
  readonly asked: readonly Asked[]
}

/** The port that a listening server was given. */
export function portOf(server: Server): number {
  const address = server.address()
  if (typeof address !== 'object' || address === null)
    throw new Error('the server is not listening')
  return address.port
}

/** A real HTTP server on loopback for the length of one test. */
export async function serve(
  answer: (response: ServerResponse, asked: Asked) => unknown,
): Promise<Loopback> {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const body = Buffer.concat(pieces).toString()
      const parsed: unknown = body === '' ? null : JSON.parse(body)
      const one: Asked = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body,
        fields: { ...(typeof parsed === 'object' ? parsed : {}) },
      }
      asked.push(one)
      answer(response, one)
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { origin: `http://127.0.0.1:${portOf(server)}`, asked }
}

/** Write the pieces one by one, so that they can come as reads of their own, then end. */
export async function pour(
  response: ServerResponse,
  pieces: readonly (string | Uint8Array)[],
): Promise<void> {
  for (const piece of pieces) {
    response.write(piece)
    await setImmediate()
  }
  response.end()
}

/** Server-sent events, one for each value. */
export function sse(...values: readonly unknown[]): string {
  return values
    .map((value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`)
    .join('')
}
