import { Fault, judged } from '../policy/fault.ts'
import type { Finish, Usage } from '../words/event.ts'
import type { Message, Part, ToolCall } from '../words/message.ts'
import type { WireEvent, WireRequest } from '../words/wire.ts'
import type { Decode } from './events.ts'
import { asText, bounded, parseInput, parseJson } from './json.ts'
import { modelTeller } from './model.ts'
import { jsonSchemaOf } from './schema.ts'

/** A request as Chat Completions has it. */
export function encodeChat(
  request: WireRequest,
  model: string,
  limitName: 'max_tokens' | 'max_completion_tokens',
  ids: RegExp = IDS,
): object {
  const idOf = createIds(ids)
  const { system, tools, output, maxOutputTokens, temperature, reasoning } = request
  const jsonSchema = output && jsonSchemaOf(output)
  return {
    model,
    stream: true,
    stream_options: { include_usage: true },
    messages: [
      ...(system === null ? [] : [{ role: 'system', content: system }]),
      ...request.messages.flatMap((message) => encodeMessage(message, idOf)),
    ],
    temperature,
    reasoning_effort: reasoning,
    [limitName]: maxOutputTokens,
    // An empty list is refused.
    tools:
      tools && Object.keys(tools).length > 0
        ? Object.entries(tools).map(([name, { description, input }]) => ({
            type: 'function',
            function: { name, description, parameters: jsonSchemaOf(input) },
          }))
        : undefined,
    response_format:
      output &&
      (jsonSchema
        ? { type: 'json_schema', json_schema: { name: 'answer', schema: jsonSchema } }
        : { type: 'json_object' }),
  }
}

/** Ids that Chat Completions takes as they are: at most 40 characters. */
const IDS = /^.{1,40}$/

/** Ids as a host takes them: one that it would refuse, because another provider made it, becomes `rung00001`. */
function createIds(fits: RegExp): (id: string) => string {
  const made = new Map<string, string>()
  return (id) => {
    if (fits.test(id)) return id
    // Of a kind that no provider makes, so that it meets none of theirs.
    const known = made.get(id) ?? `rung${String(made.size + 1).padStart(5, '0')}`
    made.set(id, known)
    return known
  }
}

function encodeMessage({ role, content }: Message, idOf: (id: string) => string): object[] {
  if (typeof content === 'string') return [{ role, content }]
  const results = content.flatMap((part) =>
    part.type === 'tool-result'
      ? [{ role: 'tool', tool_call_id: idOf(part.id), content: asText(part.output) }]
      : [],
  )
  const pieces = content.flatMap(encodePart)
  const calls = content.flatMap((part) =>
    part.type === 'tool-call'
      ? [
          {
            id: idOf(part.id),
            type: 'function',
            function: {
              name: part.name,
              arguments: part.inputText || JSON.stringify(part.input ?? {}),
            },
          },
        ]
      : [],
  )
  if (pieces.length === 0 && calls.length === 0) return results
  // Only a user may send more than text: elsewhere plain text is what every host takes.
  const isPlain = role !== 'user' || pieces.every((piece) => piece.type === 'text')
  const text = pieces.map((piece) => ('text' in piece ? piece.text : '')).join('')
  return [
    ...results,
    {
      role,
      content: isPlain ? (text === '' && calls.length > 0 ? null : text) : pieces,
      ...(calls.length > 0 ? { tool_calls: calls } : {}),
    },
  ]
}

type Piece =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image_url'; readonly image_url: { readonly url: string } }

function encodePart(part: Part): Piece[] {
  if (part.type === 'text') return [{ type: 'text', text: part.text }]
  if (part.type !== 'image') return []
  const { data, mediaType } = part
  const url = data instanceof URL ? data.href : `data:${mediaType};base64,${data}`
  return [{ type: 'image_url', image_url: { url } }]
}

/** The parts of a chunk that are read; hosts add and leave out much. */
interface Chunk {
  readonly model?: unknown
  readonly error?: unknown
  readonly usage?: RawUsage | null
  readonly x_groq?: { readonly usage?: RawUsage; readonly error?: unknown } | null
  readonly choices?: readonly Choice[] | null
}
interface Choice {
  readonly index?: number
  readonly delta?: Delta | null
  /** The legacy completions' text. */
  readonly text?: string
  readonly finish_reason?: unknown
}
interface Delta {
  readonly content?: unknown
  readonly refusal?: unknown
  readonly reasoning_content?: unknown
  readonly reasoning?: unknown
  readonly tool_calls?: unknown
  readonly function_call?: ToolDelta['function']
}
interface ToolDelta {
  readonly index?: unknown
  readonly id?: unknown
  readonly function?: { readonly name?: unknown; readonly arguments?: unknown } | null
}
interface RawUsage {
  readonly prompt_tokens?: number | null
  readonly completion_tokens?: number | null
  readonly prompt_tokens_details?: { readonly cached_tokens?: number | null } | null
  readonly completion_tokens_details?: { readonly reasoning_tokens?: number | null } | null
}

const FINISHES = new Map<string, Finish>([
  ['length', 'length'],
  ['max_tokens', 'length'],
  ['model_length', 'length'],
  ['tool_calls', 'tool-calls'],
  ['function_call', 'tool-calls'],
  ['content_filter', 'filtered'],
])
/** More calls than this in one answer are no answer. */
const MOST_CALLS = 128
/** Finish reasons that say that the provider broke. */
const BROKEN = new Set(['error', 'insufficient_system_resource', 'network_error'])

/** Read one stream. Only the first choice counts. Ids change inside some hosts' streams: nothing is keyed on them. */
export function decodeChat(tell: (event: WireEvent) => void): Decode {
  const calls: { id: string; name: string; text: string }[] = []
  let others = 0
  const tellModel = modelTeller(tell)
  /** The call that each index stands for now. */
  const places = new Map<unknown, (typeof calls)[number]>()

  function readTool({ index, id, function: part }: ToolDelta): void {
    const [ownId, name] = [textOf(id), textOf(part?.name)]
    let call =
      index == null
        ? // Gemini's compatible endpoint leaves the index out: a new id is then a new call.
          ownId === ''
          ? calls.at(-1)
          : calls.find((one) => one.id === ownId)
        : places.get(index)
    // Ollama gives every call the index 0: one that is whole is followed by another.
    const isOther = call !== undefined && ownId !== '' && name !== '' && ownId !== call.id
    if (isOther) others += 1
    // Some hosts change the id with every piece: after so many that is what this one does.
    const piece = part?.arguments
    // An empty piece with the same name is the end of a call, not another one.
    const hasOwn = name !== call?.name || (piece != null && piece !== '')
    const isNext = isOther && hasOwn && others <= MOST_CALLS && isWhole(call?.text ?? '')
    if (!call || isNext) {
      call = { id: '', name: '', text: '' }
      calls.push(call)
      if (calls.length > MOST_CALLS) throw judged('invalid-response')
    }
    if (index != null) places.set(index, call)
    call.id ||= ownId
    call.name ||= name
    call.text += typeof piece === 'string' ? piece : piece == null ? '' : JSON.stringify(piece)
    tell({ type: 'tool-delta' })
  }

  function readContent(content: unknown): void {
    if (typeof content === 'string') {
      if (content !== '') tell({ type: 'text', text: content })
    } else if (Array.isArray(content)) {
      // Mistral sends a list of parts once it thinks.
      for (const part of content as { type?: string; text?: unknown; thinking?: unknown }[]) {
        if (part.type === 'thinking') readReasoning(part.thinking)
        else readContent(part.text)
      }
    }
  }

  function readReasoning(reasoning: unknown): void {
    if (typeof reasoning === 'string') {
      if (reasoning !== '') tell({ type: 'reasoning', text: reasoning })
    } else if (Array.isArray(reasoning)) {
      for (const part of reasoning as { text?: unknown }[]) readReasoning(part.text)
    }
  }

  function finishCalls(): void {
    for (const [index, { id, name, text }] of calls.entries()) {
      const call: ToolCall = {
        type: 'tool-call',
        id: id || `call_${index}_${name}`,
        name,
        input: parseInput(text),
        inputText: text,
      }
      tell({ type: 'tool-call', call })
    }
    calls.length = 0
    places.clear()
  }

  function readFinish(reason: string): void {
    if (BROKEN.has(reason)) throw new Fault({ from: 'event', error: { code: reason } })
    finishCalls()
    tell({ type: 'finish', finish: FINISHES.get(reason) ?? 'stop' })
  }

  return (data, name) => {
    if (data === '[DONE]') {
      finishCalls()
      tell({ type: 'terminal' })
      return
    }
    const chunk = parseJson(data) as Chunk | undefined
    if (typeof chunk !== 'object' || chunk === null) {
      if (name === 'error') throw new Fault({ from: 'event', error: data })
      tell({ type: 'skipped' })
      return
    }
    tellModel(chunk.model)
    const choice = chunk.choices?.find((one) => (one.index ?? 0) === 0)
    const delta = choice?.delta
    if (delta) {
      readReasoning(delta.reasoning_content || delta.reasoning)
      readContent(delta.content)
      if (typeof delta.refusal === 'string' && delta.refusal !== '') {
        tell({ type: 'refusal', text: delta.refusal })
      }
      if (Array.isArray(delta.tool_calls)) {
        for (const tool of delta.tool_calls as ToolDelta[]) readTool(tool)
      }
      if (delta.function_call) readTool({ index: 0, function: delta.function_call })
    } else if (choice?.text) {
      readContent(choice.text)
    }
    const usage = readUsage(chunk.usage ?? chunk.x_groq?.usage)
    if (usage) tell({ type: 'usage', usage })
    const error = chunk.error ?? chunk.x_groq?.error ?? (name === 'error' ? chunk : undefined)
    if (error) throw new Fault({ from: 'event', error: bounded(chunk) ?? {} })
    const reason = textOf(choice?.finish_reason)
    if (reason !== '') readFinish(reason)
  }
}

/** The arguments of a call that has all of them. */
function isWhole(text: string): boolean {
  return text.endsWith('}') && parseJson(text) !== undefined
}

/** A text, or none where something else came. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function readUsage(raw: RawUsage | null | undefined): Usage | null {
  if (typeof raw?.prompt_tokens !== 'number') return null
  const cachedTokens = raw.prompt_tokens_details?.cached_tokens
  const reasoningTokens = raw.completion_tokens_details?.reasoning_tokens
  return {
    inputTokens: raw.prompt_tokens,
    outputTokens: raw.completion_tokens ?? 0,
    ...(cachedTokens ? { cachedTokens } : {}),
    ...(reasoningTokens ? { reasoningTokens } : {}),
  }
}
