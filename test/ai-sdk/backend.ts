import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import {
  convertToModelMessages,
  pipeUIMessageStreamToResponse,
  simulateReadableStream,
  streamText,
  toUIMessageStream,
  type ToolSet,
  type UIMessage,
  type UIMessageChunk,
} from 'ai'
import { MockLanguageModelV4 } from 'ai/test'

/** What the browser posts, as the AI SDK's own transports do. */
export interface Body {
  readonly id: string
  readonly trigger: string
  readonly messages: UIMessage[]
  readonly tools?: Readonly<Record<string, { description: string; inputSchema: object }>>
}
export interface Exchange {
  readonly body: Body
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Aborted once the browser has hung up. */
  readonly signal: AbortSignal
}
type Answer = (exchange: Exchange) => Promise<void> | void

export interface Backend {
  /** An address that answers like this. */
  at(answer: Answer): string
  close(): Promise<void>
}

/** A product's backend: real HTTP on loopback, answering with what the `ai` package makes. */
export async function startBackend(): Promise<Backend> {
  const answers: Answer[] = []
  const server = createServer((request, response) => {
    const answer = answers[Number((request.url ?? '').slice(1))]
    if (answer === undefined) {
      response.writeHead(404).end()
      return
    }
    const gone = new AbortController()
    response.on('close', () => {
      if (!response.writableFinished) gone.abort()
    })
    let sent = ''
    request.setEncoding('utf8')
    request.on('data', (piece: string) => {
      sent += piece
    })
    request.on('end', () => {
      void answer({ body: JSON.parse(sent), request, response, signal: gone.signal })
    })
  })
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    at: (answer) => `http://127.0.0.1:${address.port}/${answers.push(answer) - 1}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((done) => {
        server.close(done)
      })
    },
  }
}

type StreamOf<Model extends { doStream(...options: never[]): unknown }> = Awaited<
  ReturnType<Model['doStream']>
>
export type ModelPart =
  StreamOf<MockLanguageModelV4> extends { stream: ReadableStream<infer Part> } ? Part : never
type FinishReason = Extract<ModelPart, { type: 'finish' }>['finishReason']['unified']

export function text(...deltas: readonly string[]): ModelPart[] {
  return [
    { type: 'text-start', id: 'text' },
    ...deltas.map((delta): ModelPart => ({ type: 'text-delta', id: 'text', delta })),
    { type: 'text-end', id: 'text' },
  ]
}

export function finish(unified: FinishReason): ModelPart {
  return {
    type: 'finish',
    finishReason: { unified, raw: unified },
    usage: {
      inputTokens: { total: 12, noCache: 12, cacheRead: 0, cacheWrite: 0 },
      outputTokens: { total: 5, text: 3, reasoning: 2 },
    },
  }
}

export function modelOf(...parts: readonly ModelPart[]): MockLanguageModelV4 {
  return new MockLanguageModelV4({
    doStream: () =>
      Promise.resolve({
        stream: simulateReadableStream({ chunks: [...parts], initialDelayInMs: null }),
      }),
  })
}

export interface Speech {
  readonly tools?: ToolSet
  /** What of an error is told; without it the `ai` package masks it. */
  readonly onError?: (error: unknown) => string
}

/** What a product's handler does: the model's answer as a UI message stream, usage in its metadata. */
export async function speak(
  model: MockLanguageModelV4,
  { body, response, signal }: Exchange,
  { tools, onError }: Speech = {},
): Promise<void> {
  const { stream } = streamText({
    model,
    messages: await convertToModelMessages(body.messages),
    allowSystemInMessages: true,
    abortSignal: signal,
    maxRetries: 0,
    onError: () => {},
    ...(tools ? { tools } : {}),
  })
  await pipe(
    response,
    toUIMessageStream({
      stream,
      messageMetadata: ({ part }) =>
        part.type === 'finish' ? { usage: part.totalUsage } : undefined,
      ...(onError ? { onError } : {}),
    }),
  )
}

export async function pipe(
  response: ServerResponse,
  stream: ReadableStream<UIMessageChunk>,
): Promise<void> {
  await pipeUIMessageStreamToResponse({ response, stream })
}
