import type { Message, Part } from '../words/message.ts'
import type { Ability, EndpointRouteOptions, Route } from '../words/route.ts'
import type { WireEvent, WireRequest } from '../words/wire.ts'
import type { Answer } from './http.ts'
import { addressProblem, createRemoteRoute } from './remote.ts'
import { asText } from './json.ts'
import { jsonSchemaOf } from './schema.ts'

/** What a protocol of the product's own backend is, beside HTTP. */
export interface EndpointProtocol {
  readonly protocol: string
  readonly abilities: readonly Ability[]
  readonly accept: string
  readonly encode: (request: WireRequest) => object
  readonly receive: (answer: Answer, tell: (event: WireEvent) => void) => Promise<void>
}

/** An address that may be relative to the page; null where there is no page to be relative to. */
function resolve(url: string): URL | null {
  return URL.parse(url, (globalThis.location as Location | undefined)?.href)
}

/** A route to the product's own backend, bound to its address. */
export function createEndpointRoute(
  options: EndpointRouteOptions,
  { protocol, abilities, accept, encode, receive }: EndpointProtocol,
): Route {
  const { url, headers, body, credentials = 'same-origin', ...facts } = options
  const isRelative = typeof url === 'string' && /^(?!\w[\w+.-]*:)./.test(url)
  const address = typeof url === 'string' ? resolve(url) : null
  // A page on http may call its own backend; what else is wrong with an address is wrong here too.
  const isOfPage =
    address !== null && address.origin === (globalThis.location as Location | undefined)?.origin
  const message = isRelative || isOfPage ? undefined : addressProblem(address)
  return createRemoteRoute({
    protocol,
    facts: { provider: address?.hostname ?? 'own', ...facts },
    model: null,
    url: () => resolve(url),
    origin: address?.origin ?? null,
    privacy: 'own',
    abilities,
    credential: 'none',
    problems: message ? [{ path: '.url', message }] : [],
    readKey: undefined,
    authorize: () => ({}),
    accept,
    credentials,
    headers,
    body,
    encode,
    receive,
  })
}

/**
 * The body that the AI SDK's own transports send: `{ id, messages, trigger }`, messages in its UI form;
 * beside it what this request asks for: `prompt` (the last user text), `maxOutputTokens`, `temperature`,
 * `reasoning`, `tools` and `outputSchema`.
 */
export function encodeUiMessages(request: WireRequest): object {
  const { id, system, messages, tools, output, maxOutputTokens, temperature, reasoning } = request
  const results = new Map(
    messages
      .flatMap(({ content }) => (typeof content === 'string' ? [] : content))
      .flatMap((part) => (part.type === 'tool-result' ? [[part.id, part] as const] : [])),
  )
  const spoken = messages.filter(({ role }) => role !== 'tool')
  const all: readonly Message[] =
    system === null ? spoken : [{ role: 'system', content: system }, ...spoken]
  return {
    id,
    trigger: 'submit-message',
    messages: all.map(({ role, content }, index) => ({
      id: `${id}-${index}`,
      role,
      parts:
        typeof content === 'string'
          ? [{ type: 'text', text: content }]
          : content.flatMap((part) => encodePart(part, results)),
    })),
    prompt: lastUserText(messages),
    maxOutputTokens,
    temperature,
    reasoning,
    tools:
      tools &&
      Object.fromEntries(
        Object.entries(tools).map(([name, tool]) => [
          name,
          { description: tool.description, inputSchema: jsonSchemaOf(tool.input) },
        ]),
      ),
    outputSchema: output && jsonSchemaOf(output),
  }
}

function encodePart(
  part: Part,
  results: ReadonlyMap<string, Extract<Part, { type: 'tool-result' }>>,
): object[] {
  switch (part.type) {
    case 'text':
      return [part]
    case 'image': {
      const { data, mediaType } = part
      const url = data instanceof URL ? data.href : `data:${mediaType};base64,${data}`
      return [{ type: 'file', mediaType, url }]
    }
    case 'reasoning':
      return part.text === undefined ? [] : [{ type: 'reasoning', text: part.text }]
    case 'tool-call': {
      const result = results.get(part.id)
      return [
        {
          type: `tool-${part.name}`,
          toolCallId: part.id,
          input: part.input,
          ...(result === undefined
            ? { state: 'input-available' }
            : result.isError
              ? { state: 'output-error', errorText: asText(result.output) }
              : { state: 'output-available', output: result.output }),
        },
      ]
    }
    case 'tool-result':
      return []
    default:
      return part satisfies never
  }
}

function lastUserText(messages: readonly Message[]): string | undefined {
  const content = messages.findLast(({ role }) => role === 'user')?.content
  if (content === undefined || typeof content === 'string') return content
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('')
}
