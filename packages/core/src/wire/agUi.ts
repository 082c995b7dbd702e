import type { Message, Part } from '../words/message.ts'
import type { EndpointRouteOptions, Route } from '../words/route.ts'
import type { WireRequest } from '../words/wire.ts'
import { createEndpointRoute } from './endpoint.ts'
import { createReader } from './agUiStream.ts'
import { readEvents, type Decode } from './events.ts'
import type { Answer } from './http.ts'
import { asText } from './json.ts'
import { jsonSchemaOf } from './schema.ts'

/**
 * A route to an agent of the product's own that speaks AG-UI (1.0, and 0.x with its
 * `THINKING_*`), over server-sent events or newline-delimited JSON, as CopilotKit's runtimes and
 * TanStack AI do. The answer is the text of the agent itself: what its subagents say, state,
 * snapshots and custom events are passed over. A tool call without a result is the caller's. The
 * request's `outputSchema`, `maxOutputTokens`, `temperature` and `reasoning` are in
 * `forwardedProps`.
 * Format: https://docs.ag-ui.com/spec
 *
 * @example
 * agUi({ url: '/api/agent', provider: 'ours', price: 'included' })
 */
export function agUi(options: EndpointRouteOptions): Route {
  return createEndpointRoute(options, {
    protocol: 'ag-ui',
    abilities: ['text', 'image', 'tools', 'json', 'reasoning'],
    accept: 'text/event-stream',
    encode,
    async receive(answer, tell) {
      const readers: ReturnType<typeof createReader>[] = []
      const createDecode = (say: typeof tell): Decode => {
        const reader = createReader(say)
        readers.push(reader)
        return reader.decode
      }
      await readEvents(asEvents(answer), createDecode, tell)
      readers[0]?.end()
    },
  })
}

/** `RunAgentInput` with what both 0.x and 1.0 know; older servers refuse fields they do not. */
function encode(request: WireRequest): object {
  const { id, system, messages, tools = {}, output } = request
  const { maxOutputTokens, temperature, reasoning } = request
  const all: readonly Message[] =
    system === null ? messages : [{ role: 'system', content: system }, ...messages]
  return {
    threadId: id,
    // Every try is a run of its own: a server may keep what it knows of one under this.
    runId: `${id}-${crypto.getRandomValues(new Uint32Array(2)).join('-')}`,
    state: {},
    messages: all.flatMap((message, index) => encodeMessage(message, `${id}-${index}`)),
    tools: Object.entries(tools).map(([name, { description, input }]) => ({
      name,
      description,
      parameters: jsonSchemaOf(input) ?? { type: 'object' },
    })),
    context: [],
    forwardedProps: {
      maxOutputTokens,
      temperature,
      reasoning,
      outputSchema: output && jsonSchemaOf(output),
    },
  }
}

function encodeMessage({ role, content }: Message, id: string): object[] {
  if (typeof content === 'string') return [{ id, role, content }]
  const results = content.flatMap((part, index) =>
    part.type === 'tool-result'
      ? [
          {
            id: `${id}-${index}`,
            role: 'tool',
            toolCallId: part.id,
            content: asText(part.output),
            ...(part.isError ? { error: asText(part.output) } : {}),
          },
        ]
      : [],
  )
  const calls = content.flatMap((part) =>
    part.type === 'tool-call'
      ? [
          {
            id: part.id,
            type: 'function',
            function: {
              name: part.name,
              arguments: part.inputText || JSON.stringify(part.input ?? {}),
            },
          },
        ]
      : [],
  )
  const pieces = content.flatMap(encodePart)
  if (pieces.length === 0 && calls.length === 0) return results
  // Only a user may send more than text, and only 1.0 knows that form.
  const isPlain = role !== 'user' || pieces.every(({ type }) => type === 'text')
  const text = pieces.map((piece) => ('text' in piece ? piece.text : '')).join('')
  return [
    ...results,
    {
      id,
      role,
      content: isPlain ? text : pieces,
      ...(calls.length > 0 ? { toolCalls: calls } : {}),
    },
  ]
}

type Piece =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image'; readonly source: object }

function encodePart(part: Part): Piece[] {
  if (part.type === 'text') return [{ type: 'text', text: part.text }]
  if (part.type !== 'image') return []
  const { data, mediaType: mimeType } = part
  const source =
    data instanceof URL
      ? { type: 'url', value: data.href, mimeType }
      : { type: 'data', value: data, mimeType }
  return [{ type: 'image', source }]
}

/**
 * Newline-delimited JSON in the shape of events, so that one reader with one set of bounds reads
 * both.
 */
function asEvents(answer: Answer): Answer {
  if (!/ndjson|jsonl|json-?lines/.test(answer.contentType)) return answer
  return {
    ...answer,
    async read(onText) {
      let start = 'data: '
      await answer.read((text) => {
        onText(start + text.replaceAll('\n', '\n\ndata: '))
        start = ''
      })
    },
  }
}
