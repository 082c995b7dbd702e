import { existsSync, readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { resolve } from 'node:path'

/** A recorded stream, as the corpus's manifest describes it. */
export interface Recording {
  readonly file: string
  readonly kind: string
  readonly provider: string
  readonly api: string
  readonly model: string | null
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly expected: Expected
}
/** What a faithful reader makes of choice 0. Reasons, usage and errors are the provider's own words. */
export interface Expected {
  readonly text_sha256: string
  readonly text_chars: number
  readonly finish_reason: string | null
  readonly usage: { readonly input: number | null; readonly output: number | null } | null
  readonly tool_calls: number
  readonly tool_names?: readonly string[]
  readonly tool_args_sha256?: readonly (string | null)[]
  readonly tool_args_json_ok?: readonly boolean[]
  readonly reasoning_chars: number
  readonly refusal_chars?: number
  readonly error: string | null
}
/** A directory of recordings; empty where it is absent. */
export interface Corpus {
  readonly directory: string
  readonly recordings: readonly Recording[]
}

/** The whole corpus, beside the repository; and the few streams of it that came along. */
export const shared: Corpus = open(resolve(import.meta.dirname, '../../../shared/wire'))
export const fixtures: Corpus = open(resolve(import.meta.dirname, 'fixtures'))

function open(directory: string): Corpus {
  const manifest = resolve(directory, 'manifest.jsonl')
  if (!existsSync(manifest)) return { directory, recordings: [] }
  const recordings = readFileSync(manifest, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Recording => JSON.parse(line))
    .filter(({ kind }) => kind === 'stream')
  return { directory, recordings }
}

export function speaking({ directory, recordings }: Corpus, api: string): Corpus {
  return { directory, recordings: recordings.filter((one) => one.api === api) }
}

/** The body as it was on the wire. Where only payloads were kept, the framing is put back. */
export function bytesOf({ directory }: Corpus, { file }: Recording): Buffer {
  const bytes = readFileSync(resolve(directory, file))
  if (!file.endsWith('.chunks.jsonl')) return bytes
  const payloads = bytes
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
  return Buffer.from([...payloads, '[DONE]'].map((payload) => `data: ${payload}\n\n`).join(''))
}

export function contentTypeOf({ headers }: Recording): string {
  const name = Object.keys(headers).find((key) => key.toLowerCase() === 'content-type')
  return (name === undefined ? undefined : headers[name]) ?? 'text/event-stream'
}

/** Where a test cuts is chosen by this; another one is tried with `SEED=…`. */
export const seed: number = Number(process.env['SEED'] ?? 1)

/** Mulberry32. */
export function createRandom(from: number): () => number {
  let state = from
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Some hundred slices, cut anywhere: inside lines, and inside characters. */
function slice(bytes: Buffer, random: () => number): Buffer[] {
  const longest = Math.max(8, Math.ceil(bytes.length / 60))
  const slices: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + Math.floor(random() * longest)
    slices.push(bytes.subarray(at, end))
    at = end
  }
  return slices
}

export interface Replay {
  /** Where the recording of that index speaks; what `chat/completions` and the like are added to. */
  baseUrl(index: number): string
  close(): Promise<void>
}

/** Serve the recordings over real HTTP, in slices that are written one by one. */
export async function serve(corpus: Corpus): Promise<Replay> {
  const server = createServer((request, response) => {
    const index = Number((request.url ?? '').split('/')[1])
    const recording = corpus.recordings[index]
    request.resume()
    if (recording === undefined) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(recording.status, { 'content-type': contentTypeOf(recording) })
    void write(response, slice(bytesOf(corpus, recording), createRandom(seed + index)))
  })
  server.on('connection', (socket) => {
    socket.setNoDelay(true)
    socket.on('error', () => undefined)
  })
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    baseUrl: (index) => `http://127.0.0.1:${address.port}/${index}/v1`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((done) => {
        server.close(done)
      })
    },
  }
}

async function write(response: ServerResponse, slices: readonly Buffer[]): Promise<void> {
  for (const one of slices) {
    if (response.destroyed) return
    await new Promise((written) => {
      response.write(one, written)
    })
    // a turn of the loop, so that what was written can be read on its own
    await new Promise((turned) => {
      setImmediate(turned)
    })
  }
  response.end()
}
