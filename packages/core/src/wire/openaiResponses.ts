import { Fault, judged } from '../policy/fault.ts'
import type { Usage } from '../words/event.ts'
import type { Message, ToolCall } from '../words/message.ts'
import type { KeyedRouteOptions, Route } from '../words/route.ts'
import type { WireEvent, WireRequest } from '../words/wire.ts'
import type { Decode } from './events.ts'
import { asText, parseInput } from './json.ts'
import { createKeyedRoute } from './keyed.ts'
import { jsonSchemaOf } from './schema.ts'

/**
 * A route to OpenAI's Responses API, or to any host that speaks it (`baseUrl`): Azure, xAI, OpenRouter.
 * Nothing is stored there (`store: false`); what a model thought comes along encrypted and goes back to
 * it in the next run.
 * Format: https://platform.openai.com/docs/api-reference/responses-streaming
 *
 * @example
 * openaiResponses({ model: 'gpt-5.5', apiKey: () => session.openaiKey, quality: 0.9 })
 */
export function openaiResponses(options: KeyedRouteOptions): Route {
  return createKeyedRoute(options, {
    protocol: 'openai-responses',
    baseUrl: 'https://api.openai.com/v1',
    abilities: ['text', 'image', 'tools', 'json', 'reasoning'],
    path: () => 'responses',
    authorize: (key) => ({ authorization: `Bearer ${key}` }),
    encode,
    decode,
  })
}

// ---- what is sent

/** OpenAI refuses a request for encrypted thoughts to a model of its own that has none. */
const THOUGHTLESS = /(?:^|\/)(?:gpt-[34]|chatgpt-|gpt-5[\d.]*-chat)/
/** OpenAI refuses a longer id; other providers' may be. */
const ID_CHARS = 64

function encode(request: WireRequest, { model, abilities }: KeyedRouteOptions): object {
  const { system, tools, output, maxOutputTokens, temperature, reasoning } = request
  const schema = output && jsonSchemaOf(output)
  const thinks = abilities?.includes('reasoning') ?? !THOUGHTLESS.test(model)
  return {
    model,
    stream: true,
    store: false,
    include: thinks ? ['reasoning.encrypted_content'] : undefined,
    instructions: system ?? undefined,
    input: request.messages.flatMap(encodeMessage),
    temperature,
    max_output_tokens: maxOutputTokens,
    reasoning: reasoning && { effort: reasoning },
    tools:
      tools &&
      Object.entries(tools).map(([name, tool]) => ({
        type: 'function',
        name,
        description: tool.description,
        parameters: jsonSchemaOf(tool.input),
        // Strict is the default here, and it makes optional fields mandatory.
        strict: false,
      })),
    text: output && {
      format: schema ? { type: 'json_schema', name: 'answer', schema } : { type: 'json_object' },
    },
  }
}

/** A message's items in their order; results first, for hosts that want them right behind their calls. */
function encodeMessage({ role, content }: Message): object[] {
  const speaker = role === 'tool' ? 'user' : role
  const results: object[] = []
  const items: object[] = []
  const parts = typeof content === 'string' ? [{ type: 'text', text: content } as const] : content
  let pieces: Piece[] = []
  function speak(): void {
    // Plain text is what every host takes, of an assistant above all: some want an id with its parts.
    const isPlain = pieces.every(({ type }) => type === 'input_text')
    if (pieces.length > 0) {
      items.push({
        type: 'message',
        role: speaker,
        content: isPlain ? pieces.map((piece) => 'text' in piece && piece.text).join('') : pieces,
      })
    }
    pieces = []
  }
  parts.forEach((part, index) => {
    switch (part.type) {
      case 'text':
        pieces.push({ type: 'input_text', text: part.text })
        return
      case 'image': {
        const { data, mediaType } = part
        const url = data instanceof URL ? data.href : `data:${mediaType};base64,${data}`
        if (speaker === 'user') pieces.push({ type: 'input_image', image_url: url, detail: 'auto' })
        return
      }
      case 'reasoning':
        // A thought is refused without what it led to (which a hosted tool's use may have been).
        if (
          part.opaque !== undefined &&
          parts[index + 1]?.type !== 'reasoning' &&
          parts.some(({ type }) => type !== 'reasoning')
        ) {
          speak()
          items.push({ type: 'reasoning', summary: [], ...asThought(part.opaque) })
        }
        return
      case 'tool-call':
        speak()
        items.push({
          type: 'function_call',
          call_id: part.id.slice(-ID_CHARS),
          name: part.name,
          arguments: part.inputText || JSON.stringify(part.input ?? {}),
        })
        return
      case 'tool-result':
        results.push({
          type: 'function_call_output',
          call_id: part.id.slice(-ID_CHARS),
          output: asText(part.output),
        })
        return
      default:
        part satisfies never
    }
  })
  speak()
  return [...results, ...items]
}

type Piece =
  | { readonly type: 'input_text'; readonly text: string }
  | { readonly type: 'input_image'; readonly image_url: string; readonly detail: 'auto' }

function asThought(opaque: unknown): object {
  return typeof opaque === 'object' && opaque !== null ? opaque : { encrypted_content: opaque }
}

// ---- what is read

/** The parts of an event that are read; of its many kinds, each has some of them. */
interface Chunk {
  readonly type?: unknown
  readonly error?: unknown
  readonly output_index?: unknown
  readonly item_id?: unknown
  readonly content_index?: unknown
  readonly summary_index?: unknown
  readonly delta?: unknown
  readonly text?: unknown
  readonly refusal?: unknown
  readonly arguments?: unknown
  readonly part?: RawPart | null
  readonly item?: Item | null
  readonly response?: RawResponse | null
}
interface RawPart {
  readonly type?: string
  readonly text?: unknown
  readonly refusal?: unknown
}
interface Item {
  readonly type?: string
  readonly id?: unknown
  readonly call_id?: unknown
  readonly name?: unknown
  readonly arguments?: unknown
  readonly content?: readonly RawPart[] | null
  readonly summary?: readonly RawPart[] | null
  readonly encrypted_content?: unknown
  readonly signature?: unknown
}
interface RawResponse {
  readonly status?: unknown
  readonly error?: unknown
  readonly incomplete_details?: { readonly reason?: unknown } | null
  readonly output?: readonly Item[] | null
  readonly usage?: RawUsage | null
}
interface RawUsage {
  readonly input_tokens?: unknown
  readonly output_tokens?: unknown
  readonly input_tokens_details?: { readonly cached_tokens?: unknown } | null
  readonly output_tokens_details?: { readonly reasoning_tokens?: unknown } | null
}

const PIECE = /^response\.(output_text|refusal|reasoning(?:(?:_summary)?_text)?)\.(?:(delta)|done)$/
const END = /^response\.(?:completed|incomplete|failed|cancelled|done)$/

type Kind = 'text' | 'reasoning' | 'thought' | 'call'
/** Whether this is the first that is heard of what stands at that place. */
type IsNew = (kind: Kind, place: string) => boolean

/**
 * Reads one stream. Everything is sent up to five times over: in pieces, as a whole, in its part, in its
 * item and in the response. Whatever says it first is told, and the others pass. Places are told by
 * index, for some hosts give an item another id in every event; by id only where there is no index.
 */
function decode(tell: (event: WireEvent) => void): Decode {
  const told = { text: '', reasoning: '' }
  const places = {
    text: new Set<string>(),
    reasoning: new Set<string>(),
    thought: new Set<string>(),
    call: new Set<string>(),
  }
  /** Calls under way. */
  const calls = new Map<string, { item: Item; text: string }>()

  const isNewAt: IsNew = (kind, place) => !places[kind].has(place)

  /** The response at the end leaves items out that had an index, so there only the order counts. */
  function createIsNewInResponse(): IsNew {
    const left = new Map(Object.entries(places).map(([kind, { size }]) => [kind, size]))
    return (kind) => {
      const heard = left.get(kind) ?? 0
      left.set(kind, heard - 1)
      return heard <= 0
    }
  }

  function say(type: 'text' | 'refusal' | 'reasoning', place: string, text: string): void {
    const kind = type === 'reasoning' ? type : 'text'
    places[kind].add(place)
    told[kind] += text
    tell({ type, text })
  }

  function readPart({ type, text, refusal }: RawPart, place: string, isNew: IsNew): void {
    const isRefusal = type === 'refusal'
    const whole = isRefusal ? refusal : text
    const isThought = type === 'reasoning_text' || type === 'summary_text'
    const kind = isThought ? 'reasoning' : 'text'
    const at = `${place}${type === 'summary_text'}`
    // Should a host give it another place than its pieces, it is still what was just told.
    if (typeof whole === 'string' && whole && isNew(kind, at) && !told[kind].endsWith(whole)) {
      say(isRefusal ? 'refusal' : kind, at, whole)
    }
  }

  function readItem(item: Item, place: string, isNew: IsNew): void {
    const { type, content, summary, encrypted_content: encrypted, signature } = item
    if (type === 'message' || type === 'reasoning') {
      summary?.forEach((part, index) => {
        readPart(part, `${place} ${index} `, isNew)
      })
      content?.forEach((part, index) => {
        readPart(part, `${place} ${index} `, isNew)
      })
      if (type === 'reasoning' && (encrypted || signature) && isNew('thought', place)) {
        places.thought.add(place)
        tell({ type: 'reasoning', text: '', opaque: item })
      }
    } else if (type === 'function_call' && isNew('call', place)) {
      tellCall(place, item)
    }
  }

  function tellCall(place: string, item: Item): void {
    const text = asText(item.arguments || calls.get(place)?.text || '')
    const call: ToolCall = {
      type: 'tool-call',
      id: asText(item.call_id || item.id || `call_${places.call.size}`),
      name: asText(item.name ?? ''),
      input: parseInput(text),
      inputText: text,
    }
    places.call.add(place)
    calls.delete(place)
    tell({ type: 'tool-call', call })
  }

  function readEnd(type: string, response: RawResponse): void {
    const usage = readUsage(response.usage)
    if (usage) tell({ type: 'usage', usage })
    const how = `${type} ${asText(response.status ?? '')}`
    if (how.includes('failed')) throw new Fault({ from: 'event', error: response.error ?? type })
    if (how.includes('cancelled')) throw judged('truncated')
    for (const [place, { item }] of calls) tellCall(place, item)
    const isNew = createIsNewInResponse()
    response.output?.forEach((item, index) => {
      readItem(item, `end ${index}`, isNew)
    })
    const isFiltered = response.incomplete_details?.reason === 'content_filter'
    const isCut = how.includes('incomplete')
    tell({ type: 'finish', finish: isCut ? (isFiltered ? 'filtered' : 'length') : 'stop' })
    tell({ type: 'terminal' })
  }

  return (data, name) => {
    // Some hosts add it behind the end, where nobody listens any more; alone it ends nothing.
    if (data === '[DONE]') return
    const chunk = parseInput(data) as Chunk | null | undefined
    const type = chunk?.type ?? name ?? 'error'
    if (typeof chunk !== 'object' || chunk === null || typeof type !== 'string') {
      if (name === 'error') throw new Fault({ from: 'event', error: data })
      tell({ type: 'skipped' })
      return
    }
    const { item, part, delta, response, output_index: output, item_id: itemId } = chunk
    const itemPlace = asText(output ?? itemId ?? item?.id ?? '')
    const partPlace = `${itemPlace} ${asText(chunk.summary_index ?? chunk.content_index ?? 0)} `
    const [, piece, isDelta] = PIECE.exec(type) ?? []
    // Of whatever tool: its work is a sign of life.
    if (/_call/.test(`${type} ${item?.type}`)) tell({ type: 'tool-delta' })
    if (piece) {
      const isThought = piece.startsWith('reasoning')
      const place = `${partPlace}${piece === 'reasoning_summary_text'}`
      if (isDelta && typeof delta !== 'string') tell({ type: 'skipped' })
      else if (isDelta) {
        if (delta)
          say(isThought ? 'reasoning' : piece === 'refusal' ? 'refusal' : 'text', place, `${delta}`)
      } else
        readPart(
          { ...chunk, type: piece.replace('reasoning_summary', 'summary') },
          partPlace,
          isNewAt,
        )
    } else if (END.test(type)) {
      readEnd(type, response ?? {})
    } else if (type.endsWith('_part.done')) {
      if (part) readPart(part, partPlace, isNewAt)
    } else if (type === 'response.output_item.added') {
      if (item?.type === 'function_call') calls.set(itemPlace, { item, text: '' })
    } else if (type.startsWith('response.function_call_arguments.')) {
      const call = calls.get(itemPlace)
      if (call) call.text = asText(chunk.arguments || call.text + asText(delta ?? ''))
    } else if (type === 'response.output_item.done') {
      if (item) readItem(item, itemPlace, isNewAt)
    } else if (/^(?:response\.)?error$/.test(type) || (chunk.error && !/^response/.test(type))) {
      throw new Fault({ from: 'event', error: chunk.error || chunk })
    }
  }
}

function readUsage(raw: RawUsage | null | undefined): Usage | null {
  if (typeof raw?.input_tokens !== 'number') return null
  const cachedTokens = count(raw.input_tokens_details?.cached_tokens)
  const reasoningTokens = count(raw.output_tokens_details?.reasoning_tokens)
  return {
    inputTokens: raw.input_tokens,
    outputTokens: count(raw.output_tokens),
    ...(cachedTokens ? { cachedTokens } : {}),
    ...(reasoningTokens ? { reasoningTokens } : {}),
  }
}

function count(tokens: unknown): number {
  return typeof tokens === 'number' ? tokens : 0
}
