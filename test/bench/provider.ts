// A provider in a process of its own, so that its work is not counted: OpenAI chat completions, or an
// instant 503. It prints its port.
//   /slabs/N/v1/chat/completions   N chunks of 5 characters, many in one write
//   /single/N/v1/chat/completions  N chunks, one write each
//   /busy/v1/chat/completions      503; /limited/… a 429 with Retry-After: 20
import { createServer, type ServerResponse } from 'node:http'

const SLAB_BYTES = 16 * 1024

function sse(choice: object, rest: object = {}): string {
  const chunk = {
    id: 'chatcmpl-BqX7aN3kVfY0wQmZr5uT1cJdHs2Lp',
    object: 'chat.completion.chunk',
    created: 1_760_000_000,
    model: 'gpt-4o-mini-2024-07-18',
    service_tier: 'default',
    system_fingerprint: 'fp_560af6e559',
    choices: [{ index: 0, logprobs: null, finish_reason: null, ...choice }],
    usage: null,
    ...rest,
  }
  return `data: ${JSON.stringify(chunk)}\n\n`
}

function chunksOf(count: number): string[] {
  const words = Array.from({ length: count }, (_, index) =>
    sse({ delta: { content: String(index % 10_000).padStart(4, '0') + ' ' } }),
  )
  const usage = { prompt_tokens: 9, completion_tokens: count, total_tokens: count + 9 }
  return [
    sse({ delta: { role: 'assistant', content: '', refusal: null } }),
    ...words,
    sse({ delta: {}, finish_reason: 'stop' }) +
      sse({}, { choices: [], usage }) +
      'data: [DONE]\n\n',
  ]
}

async function writeEach(response: ServerResponse, pieces: readonly string[]): Promise<void> {
  for (const piece of pieces) {
    if (!response.write(piece)) {
      await new Promise<void>((resolve) => {
        response.once('drain', resolve)
      })
    }
    // A turn of the event loop between writes makes each a packet of its own.
    await new Promise<void>((resolve) => {
      setImmediate(resolve)
    })
  }
  response.end()
}

function slabsOf(pieces: readonly string[]): string[] {
  const slabs = ['']
  for (const piece of pieces) {
    const last = slabs.at(-1) ?? ''
    if (last.length + piece.length > SLAB_BYTES) slabs.push(piece)
    else slabs[slabs.length - 1] = last + piece
  }
  return slabs
}

const bodies = new Map<string, string[]>()
const server = createServer((request, response) => {
  request.resume()
  const [, shape = '', count = '1'] = (request.url ?? '').split('/')
  response.setHeader('access-control-allow-origin', '*')
  response.setHeader('access-control-allow-headers', '*')
  if (request.method === 'OPTIONS') {
    response.end()
    return
  }
  if (shape === 'busy' || shape === 'limited') {
    const headers = shape === 'limited' ? { 'retry-after': '20' } : {}
    response.writeHead(shape === 'busy' ? 503 : 429, {
      'content-type': 'application/json',
      ...headers,
    })
    response.end('{"error":{"message":"try later","type":"server_error","code":null}}')
    return
  }
  const key = `${shape} ${count}`
  const pieces =
    bodies.get(key) ??
    (shape === 'slabs' ? slabsOf(chunksOf(Number(count))) : chunksOf(Number(count)))
  bodies.set(key, pieces)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  void writeEach(response, pieces)
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  console.log(typeof address === 'object' && address ? address.port : 0)
})
