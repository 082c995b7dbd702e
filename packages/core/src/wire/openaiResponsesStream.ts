import { Fault, judged } from '../policy/fault.ts'
import type { Usage } from '../words/event.ts'
import type { ToolCall } from '../words/message.ts'
import type { WireEvent } from '../words/wire.ts'
import type { Decode } from './events.ts'
import { asText, parseInput } from './json.ts'
import { modelTeller } from './model.ts'

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
  readonly model?: unknown
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

/** Text as it comes: a piece of it, or all of it again. */
const TEXT = /^response\.(output_text|refusal|reasoning(?:(?:_summary)?_text)?)\.(?:(delta)|done)$/
const END = /^response\.(?:completed|incomplete|failed|cancelled|done)$/

/** Whether this is the first that is heard of what stands at that place. */
type IsNew = (kind: 'text' | 'reasoning' | 'thought' | 'call', place: string) => boolean

/**
 * Read one stream. All is sent up to five times over: in pieces, as a whole, in its part, in its item and
 * in the response. What says it first is told, and the others pass. Places go by index, for some hosts
 * give an item another id in every event; by id only where there is no index.
 */
export function decode(tell: (event: WireEvent) => void): Decode {
  /** Pieces, not one text: its end is looked at often, and a text is copied for that. */
  const told: Readonly<Record<'text' | 'reasoning', string[]>> = { text: [], reasoning: [] }
  const places = {
    text: new Set<string>(),
    reasoning: new Set<string>(),
    thought: new Set<string>(),
    call: new Set<string>(),
  }
  /** Calls under way, with what there is of their arguments. */
  const calls = new Map<string, Item>()
  const callIds = new Set<string>()
  const tellModel = modelTeller(tell)

  const isNewAt: IsNew = (kind, place) => !places[kind].has(place)

  function say(type: string | undefined, place: string, text: string): void {
    const kind = kindOf(type)
    places[kind].add(place)
    told[kind].push(text)
    tell({ type: type === 'refusal' ? type : kind, text })
  }

  function readWhole({ type, text, refusal }: RawPart, at: string, isNew: IsNew): void {
    const whole = type === 'refusal' ? refusal : text
    const kind = kindOf(type)
    const place = placeOf(at, type)
    if (typeof whole !== 'string' || whole === '' || !isNew(kind, place)) return
    // Should a host give it another place than its pieces, it is still what was just told.
    if (!isAtEnd(told[kind], whole)) say(type, place, whole)
  }

  function readItem(item: Item, place: string, isNew: IsNew): void {
    const { type, content, summary, encrypted_content: encrypted, signature } = item
    if (type === 'function_call') {
      if (isNew('call', place)) tellCall(item, place)
    } else if (type === 'message' || type === 'reasoning') {
      for (const parts of [summary, content]) {
        each(parts, (part, index) => {
          readWhole(part, `${place} ${index}`, isNew)
        })
      }
      if (type === 'reasoning' && (encrypted || signature) && isNew('thought', place)) {
        places.thought.add(place)
        tell({ type: 'reasoning', text: '', opaque: item })
      }
    }
  }

  function tellCall(item: Item, place: string): void {
    const text = asText(item.arguments || calls.get(place)?.arguments || '')
    const call: ToolCall = {
      type: 'tool-call',
      id: asText(item.call_id || item.id || `call_${places.call.size}`),
      name: asText(item.name ?? ''),
      input: parseInput(text),
      inputText: text,
    }
    places.call.add(place)
    calls.delete(place)
    // A call is acted on: not even a host that gets its places wrong may have it told twice.
    if (!callIds.has(call.id)) tell({ type: 'tool-call', call })
    callIds.add(call.id)
  }

  function readEnd(type: string, response: RawResponse): void {
    const { status, error, incomplete_details: details, output, usage } = response
    const used = readUsage(usage)
    if (used) tell({ type: 'usage', usage: used })
    const how = `${type} ${asText(status ?? '')}`
    if (how.includes('failed')) throw new Fault({ from: 'event', error: error ?? type })
    if (how.includes('cancelled')) throw judged('truncated')
    const before = places.call.size
    // The response leaves out items that had an index, so here only their order counts.
    const heard = new Map(Object.entries(places).map(([kind, set]) => [kind, set.values()]))
    const isNew: IsNew = (kind) => heard.get(kind)?.next().done === true
    each(output, (item, index) => {
      readItem(item, `end ${index}`, isNew)
    })
    // What the response does not hold either is told as far as it came.
    for (const [place, item] of [...calls].slice(places.call.size - before)) tellCall(item, place)
    const cut = details?.reason === 'content_filter' ? 'filtered' : 'length'
    tell({ type: 'finish', finish: how.includes('incomplete') ? cut : 'stop' })
    tell({ type: 'terminal' })
  }

  return (data, name) => {
    // Some hosts put it behind the end, where nobody listens any more; by itself it ends nothing.
    if (data === '[DONE]') return
    const chunk = parseInput(data) as Chunk | null | undefined
    const type = chunk?.type ?? name ?? (chunk?.error ? 'error' : undefined)
    if (typeof chunk !== 'object' || chunk === null || typeof type !== 'string') {
      if (name === 'error') throw new Fault({ from: 'event', error: data })
      tell({ type: 'skipped' })
      return
    }
    const { item, part, delta, response } = chunk
    tellModel(response?.model)
    const place = asText(chunk.output_index ?? chunk.item_id ?? item?.id ?? '')
    const at = `${place} ${asText(chunk.summary_index ?? chunk.content_index ?? 0)}`
    const [, text, isDelta] = TEXT.exec(type) ?? []
    // Whatever tool is at work, that is a sign of life.
    if (/_call/.test(`${type} ${item?.type}`)) tell({ type: 'tool-delta' })
    if (text !== undefined) {
      if (!isDelta) readWhole({ ...chunk, type: text }, at, isNewAt)
      else if (typeof delta !== 'string') tell({ type: 'skipped' })
      else if (delta !== '') say(text, placeOf(at, text), delta)
    } else if (END.test(type)) {
      readEnd(type, response ?? {})
    } else if (type.endsWith('_part.done')) {
      if (part) readWhole(part, at, isNewAt)
    } else if (type === 'response.output_item.added') {
      if (item?.type === 'function_call')
        calls.set(place, { id: item.id, call_id: item.call_id, name: item.name })
    } else if (type.startsWith('response.function_call_arguments.')) {
      const call = calls.get(place)
      const so = asText(chunk.arguments || asText(call?.arguments ?? '') + asText(delta ?? ''))
      if (call) calls.set(place, { ...call, arguments: so })
    } else if (type === 'response.output_item.done') {
      if (item) readItem(item, place, isNewAt)
    } else if (type.endsWith('error')) {
      throw new Fault({ from: 'event', error: chunk.error || chunk })
    }
  }
}

/** A list may hold anything, or be none; that alone must not cost the end. */
function each<Value>(
  list: readonly Value[] | null | undefined,
  read: (value: Value, index: number) => void,
): void {
  if (Array.isArray(list)) {
    list.forEach((value: Value, index) => {
      if (value) read(value, index)
    })
  }
}

function kindOf(type: string | undefined): 'text' | 'reasoning' {
  return /^(?:reasoning|summary)/.test(type ?? '') ? 'reasoning' : 'text'
}

function isAtEnd(pieces: readonly string[], text: string): boolean {
  let end = ''
  for (let at = pieces.length; at > 0 && end.length < text.length; at -= 1) {
    end = pieces[at - 1] + end
  }
  return end.endsWith(text)
}

/** A summary and what it sums up stand side by side. */
function placeOf(at: string, type: string | undefined): string {
  return /summary/.test(type ?? '') ? `${at} summary` : at
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
