import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import {
  chat,
  chatParamsFromRequestBody,
  type AnyTextAdapter,
  type AnyTool,
  type StreamChunk,
} from '@tanstack/ai'

type Params = Awaited<ReturnType<typeof chatParamsFromRequestBody>>
export interface Exchange {
  /** The body as it came, and as TanStack AI reads it. */
  readonly body: unknown
  readonly params: Params
  readonly aborter: AbortController
}
type Answer = (exchange: Exchange) => Promise<Response> | Response

export interface Backend {
  /** An address that answers like this. */
  at(answer: Answer): string
  close(): Promise<void>
}

/** A product's backend: real HTTP on loopback, with requests read and answers made by `@tanstack/ai`. */
export async function startBackend(): Promise<Backend> {
  const answers: Answer[] = []
  const server = createServer((request, response) => {
    const answer = answers[Number((request.url ?? '').slice(1))]
    if (answer === undefined) response.writeHead(404).end()
    else void serve(request, response, answer)
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

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
): Promise<void> {
  const aborter = new AbortController()
  response.on('close', () => {
    if (!response.writableFinished) aborter.abort()
  })
  let sent = ''
  request.setEncoding('utf8')
  for await (const piece of request) sent += String(piece)
  const body: unknown = JSON.parse(sent)
  const {
    status,
    headers,
    body: stream,
  } = await answer({
    body,
    params: await chatParamsFromRequestBody(body),
    aborter,
  })
  response.writeHead(status, Object.fromEntries(headers))
  try {
    if (stream) for await (const piece of stream) response.write(piece)
    response.end()
  } catch {
    response.destroy()
  }
}

type ModelEvent =
  ReturnType<AnyTextAdapter['chatStream']> extends AsyncIterable<infer Event> ? Event : never
type Options = Parameters<AnyTextAdapter['chatStream']>[0]

/** A model for `chat()`: one list of events for each of its turns, the last for all that follow. */
export function modelOf(...turns: readonly (readonly object[])[]): {
  readonly adapter: AnyTextAdapter
  readonly calls: Options[]
} {
  const calls: Options[] = []
  const adapter: AnyTextAdapter = {
    kind: 'text',
    name: 'scripted',
    model: 'scripted',
    '~types': {
      providerOptions: {},
      inputModalities: ['text', 'image'],
      messageMetadataByModality: {
        text: undefined,
        image: undefined,
        audio: undefined,
        video: undefined,
        document: undefined,
      },
      toolCapabilities: [],
      toolCallMetadata: undefined,
      systemPromptMetadata: undefined,
    },
    async *chatStream(options) {
      calls.push(options)
      const events = turns[Math.min(calls.length, turns.length) - 1] ?? []
      yield event({ type: 'RUN_STARTED', threadId: 't', runId: `turn-${calls.length}` })
      for (const one of events) {
        if (one instanceof Error) throw one
        if (one instanceof Promise) await one
        else yield event(one)
      }
    },
    structuredOutput: () => Promise.reject(new Error('not scripted')),
  }
  return { adapter, calls }
}

/** The package's events have an enum for their `type`, which plain text is not. */
function event(fields: object): ModelEvent {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return { model: 'scripted', timestamp: Date.now(), ...fields } as ModelEvent
}

export function text(...deltas: readonly string[]): object[] {
  return [
    { type: 'TEXT_MESSAGE_START', messageId: 'm', role: 'assistant' },
    ...deltas.map((delta) => ({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta })),
    { type: 'TEXT_MESSAGE_END', messageId: 'm' },
  ]
}

export function call(toolCallId: string, toolCallName: string, args: string): object[] {
  return [
    { type: 'TOOL_CALL_START', toolCallId, toolCallName, toolName: toolCallName, index: 0 },
    { type: 'TOOL_CALL_ARGS', toolCallId, delta: args },
    { type: 'TOOL_CALL_END', toolCallId, toolName: toolCallName, toolCallName },
  ]
}

export function finish(finishReason: string): object {
  return {
    type: 'RUN_FINISHED',
    threadId: 't',
    runId: 'r',
    finishReason,
    usage: { promptTokens: 12, completionTokens: 5, totalTokens: 17 },
  }
}

/** What the product's handler does. */
export function speak(
  { params, aborter }: Exchange,
  model: ReturnType<typeof modelOf>,
  tools: AnyTool[] = [],
): AsyncIterable<StreamChunk> {
  return chat({
    stream: true,
    debug: false,
    adapter: model.adapter,
    messages: params.messages,
    threadId: params.threadId,
    runId: params.runId,
    tools,
    abortController: aborter,
  })
}
