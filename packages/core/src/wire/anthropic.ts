import { Fault, judged } from '../policy/fault.ts'
import type { Finish } from '../words/event.ts'
import type { Message, Part } from '../words/message.ts'
import type { KeyedRouteOptions, Route } from '../words/route.ts'
import type { WireEvent, WireRequest } from '../words/wire.ts'
import { closeSchema } from './closedSchema.ts'
import type { Decode } from './events.ts'
import { asText, parseInput, parseJson } from './json.ts'
import { createKeyedRoute } from './keyed.ts'
import { read } from './remote.ts'
import { jsonSchemaOf } from './schema.ts'

/** Sent with a key and without. The later version, 2026-10-21, refuses every temperature. */
const HEADERS = {
  'anthropic-version': '2023-06-01',
  // Without it Anthropic answers no browser.
  'anthropic-dangerous-direct-browser-access': 'true',
}

/**
 * A route to Anthropic's Messages API, or to any host that speaks it (`baseUrl`, up to and with `/v1`).
 * Without `maxOutputTokens` it asks for as much as the model's generation surely takes, for the API wants
 * a number: 64,000 tokens from Claude 4.5 on. Reasoning becomes adaptive thinking from Claude 4.6 on, and
 * a budget that leaves room for the answer before that and on other hosts. Structured output becomes the
 * API's own where the model and the schema allow it, else a forced tool whose input is told as text.
 * Format: https://platform.claude.com/docs/en/api/messages
 *
 * @example
 * anthropic({ model: 'claude-sonnet-4-6', apiKey: () => session.anthropicKey, quality: 0.9 })
 */
export function anthropic(options: KeyedRouteOptions): Route {
  const headers = async (): Promise<Readonly<Record<string, string>>> => ({
    ...HEADERS,
    ...(await read(options.headers)),
  })
  return createKeyedRoute(
    { ...options, headers },
    {
      protocol: 'anthropic',
      baseUrl: 'https://api.anthropic.com/v1',
      abilities: ['text', 'image', 'tools', 'json', 'reasoning'],
      path: () => 'messages',
      authorize: (key) => ({ 'x-api-key': key }),
      encode,
      decode,
    },
  )
}

// ---- what is sent

/** The tool whose input is the answer, where there is no other way to ask for JSON. */
const ANSWER = 'rungs_answer'
const JSON_ONLY = 'Answer with JSON and nothing else.'

/** The least budget that the API takes. */
const LEAST_BUDGET = 1024
/** What of the output may be thought: https://openrouter.ai/docs/use-cases/reasoning-tokens */
const SHARES = { low: 0.2, medium: 0.5, high: 0.8 }

/** Models that think unless told otherwise, and how: https://platform.claude.com/docs/en/build-with-claude/thinking */
const THINKS_BETWEEN_TOOLS = /sonnet-5-5/
const CAN_BE_STILL = /(?:(?:opus|sonnet)-5|haiku-5-5)$/

function encode(request: WireRequest, { model }: KeyedRouteOptions): object {
  const { output, reasoning, temperature } = request
  const generation = generationOf(model)
  const maxTokens = request.maxOutputTokens ?? maxTokensOf(generation)
  const turns = encodeMessages(request.messages)

  const jsonSchema = output && jsonSchemaOf(output)
  const { type = 'object' }: { readonly type?: unknown } = jsonSchema ?? {}
  // Later models refuse to be forced, and a tool's input is an object.
  const canForce = generation <= 5 && type === 'object'
  const closed = jsonSchema && generation >= 4.5 ? closeSchema(jsonSchema) : undefined
  const format = closed && (closed.isWhole || !canForce) ? closed.schema : undefined
  const isForced = output !== undefined && !format && canForce

  const thinking = isForced
    ? undefined
    : thinkingFor(model, generation, reasoning, maxTokens, turns)
  const isThinking = thinking !== undefined && thinking.type !== 'disabled'
  // Where thinking cannot be turned off, this is the least of it.
  const least = thinking?.type === 'adaptive' ? 'low' : undefined
  const effort = generation < 4.6 ? undefined : reasoning === 'none' ? least : reasoning
  const tools = [
    ...Object.entries(request.tools ?? {}).map(([name, { description, input }]) => ({
      name,
      description,
      input_schema: jsonSchemaOf(input) ?? { type: 'object' },
    })),
    ...(isForced
      ? [{ name: ANSWER, description: 'The answer.', input_schema: { type, ...jsonSchema } }]
      : []),
  ]
  return {
    model,
    max_tokens: maxTokens,
    stream: true,
    system:
      [
        request.system,
        ...request.messages.map((message) => (message.role === 'system' ? textOf(message) : '')),
        output && !format && !isForced && JSON_ONLY,
      ]
        .filter(Boolean)
        .join('\n\n') || undefined,
    messages: turns,
    // Other providers go up to 2.
    temperature:
      temperature === undefined || isThinking || generation >= 4.7
        ? undefined
        : Math.min(temperature, 1),
    thinking,
    output_config:
      format || effort
        ? { effort, format: format && { type: 'json_schema', schema: format } }
        : undefined,
    // Without it a long text in a tool's input comes at once, after a silence that looks like a stall.
    tools: tools[0]
      ? generation >= 4.5
        ? tools.map((tool) => ({ ...tool, eager_input_streaming: true }))
        : tools
      : undefined,
    tool_choice: isForced ? { type: 'any', disable_parallel_tool_use: true } : undefined,
  }
}

/** 4.6 for `claude-opus-4-6`, the newest for a Claude without a number, 0 for models of other makers. */
function generationOf(model: string): number {
  const found = /claude-(?:(?:[a-z]+-)?(\d)(?:[-.](\d\d?))?(?!\d))?/.exec(model)
  if (!found) return 0
  const [, major, minor = 0] = found
  return major === undefined ? Infinity : Number(`${major}.${minor}`)
}

/**
 * What every model of a generation takes, and no more than leaves room for a long prompt where the API
 * adds the two up: https://platform.claude.com/docs/en/about-claude/models/overview
 */
function maxTokensOf(generation: number): number {
  if (generation >= 4.5) return 64_000
  if (generation >= 3.7) return 32_000
  return generation >= 3.5 || generation === 0 ? 8192 : 4096
}

interface Thinking {
  readonly type: 'adaptive' | 'enabled' | 'disabled' | 'between_tools'
  readonly budget_tokens?: number
  readonly display?: 'summarized'
}

function thinkingFor(
  model: string,
  generation: number,
  reasoning: WireRequest['reasoning'],
  maxTokens: number,
  turns: readonly Turn[],
): Thinking | undefined {
  if (generation >= 5 && reasoning === 'none') {
    if (CAN_BE_STILL.test(model)) return { type: 'disabled' }
    if (THINKS_BETWEEN_TOOLS.test(model)) return { type: 'between_tools' }
  } else if (reasoning === 'none') {
    return generation === 0 ? { type: 'disabled' } : undefined
  }
  // These models think unasked, but show it only where asked: silence would look like a stall.
  if (generation >= 5 || (generation >= 4.6 && reasoning)) {
    return { type: 'adaptive', display: 'summarized' }
  }
  if (!reasoning || reasoning === 'none' || (generation > 0 && generation < 3.7)) return undefined
  const budget = Math.max(LEAST_BUDGET, Math.floor(maxTokens * SHARES[reasoning]))
  // With a budget, a turn that goes on after a tool must have begun with a thought.
  const [result] = turns.at(-1)?.content ?? []
  const [thought] = turns.at(-2)?.content ?? []
  const isUnthought = result?.type === 'tool_result' && !isThought(thought)
  return budget > maxTokens * SHARES.high || isUnthought
    ? undefined
    : { type: 'enabled', budget_tokens: budget }
}

interface Block {
  readonly type: string
  readonly [field: string]: unknown
}
interface Turn {
  readonly role: 'user' | 'assistant'
  readonly content: Block[]
}

/** Turns that alternate; in a user's, what tools gave comes first. Ids are rewritten to the API's pattern, each once. */
function encodeMessages(messages: readonly Message[]): Turn[] {
  const ids = new Map<string, string>()
  const taken = new Set<string>()
  const turns: Turn[] = []

  function idOf(id: string, isNew: boolean): string {
    const known = ids.get(id)
    if (known !== undefined && !isNew) return known
    const plain = id.replace(/[^\w-]/g, '_') || '_'
    let unique = plain
    for (let copy = 2; taken.has(unique); copy += 1) unique = `${plain}_${copy}`
    taken.add(unique)
    ids.set(id, unique)
    return unique
  }

  function encodePart(part: Part, role: Turn['role']): Turn | undefined {
    switch (part.type) {
      case 'text':
        // Blank text is refused.
        return part.text.trim() === ''
          ? undefined
          : { role, content: [{ type: 'text', text: part.text }] }
      case 'image':
        return role === 'user'
          ? { role, content: [{ type: 'image', source: sourceOf(part) }] }
          : undefined
      case 'reasoning':
        return isThought(part.opaque) ? { role: 'assistant', content: [part.opaque] } : undefined
      case 'tool-call': {
        const { name, input } = part
        const isFields = typeof input === 'object' && input !== null && !Array.isArray(input)
        const block = {
          type: 'tool_use',
          id: idOf(part.id, true),
          name,
          input: isFields ? input : {},
        }
        return { role: 'assistant', content: [block] }
      }
      case 'tool-result': {
        const block = {
          type: 'tool_result',
          tool_use_id: idOf(part.id, false),
          content: asText(part.output),
          is_error: part.isError,
        }
        return { role: 'user', content: [block] }
      }
      default:
        return part satisfies never
    }
  }

  for (const { role, content } of messages) {
    if (role === 'system') continue
    const parts: readonly Part[] =
      typeof content === 'string' ? [{ type: 'text', text: content }] : content
    for (const part of parts) {
      const turn = encodePart(part, role === 'assistant' ? role : 'user')
      const last = turns.at(-1)
      if (turn && last?.role === turn.role) last.content.push(...turn.content)
      else if (turn) turns.push(turn)
    }
  }
  for (const { role, content } of turns) {
    if (role === 'user') content.sort(byRank)
  }
  return turns
}

function byRank(one: Block, other: Block): number {
  return Number(other.type === 'tool_result') - Number(one.type === 'tool_result')
}

function textOf({ content }: Message): string {
  if (typeof content === 'string') return content
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('')
}

function sourceOf({ data, mediaType }: Extract<Part, { type: 'image' }>): object {
  if (typeof data === 'string') return { type: 'base64', media_type: mediaType, data }
  const [, type, inline] = /^data:(.*?);base64,(.*)$/.exec(data.href) ?? []
  return inline === undefined
    ? { type: 'url', url: data.href }
    : { type: 'base64', media_type: type || mediaType, data: inline }
}

/** Whether it is what `decode` told as opaque: a block of the API's own, sent back as it came. */
function isThought(value: unknown): value is Block {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    (value.type === 'thinking' || value.type === 'redacted_thinking')
  )
}

// ---- what is read

/** The parts of an event that are read. */
interface Chunk {
  readonly type?: unknown
  readonly error?: unknown
  readonly index?: unknown
  readonly message?: { readonly usage?: RawUsage | null } | null
  readonly content_block?: RawBlock | null
  readonly delta?: Delta | null
  readonly usage?: RawUsage | null
}
interface RawBlock {
  readonly type?: unknown
  readonly text?: unknown
  readonly thinking?: unknown
  readonly signature?: unknown
  readonly data?: unknown
  readonly id?: unknown
  readonly name?: unknown
  readonly input?: unknown
}
interface Delta {
  readonly type?: unknown
  readonly text?: unknown
  readonly thinking?: unknown
  readonly signature?: unknown
  readonly partial_json?: unknown
  readonly stop_reason?: unknown
}
type Count =
  | 'input_tokens'
  | 'cache_creation_input_tokens'
  | 'cache_read_input_tokens'
  | 'output_tokens'
type RawUsage = { readonly [Name in Count]?: unknown } & {
  readonly output_tokens_details?: { readonly thinking_tokens?: unknown } | null
}

/** A block that must be whole before it is told. */
interface Open {
  readonly type: 'thinking' | 'tool_use'
  readonly id: string
  readonly name: string
  /** Of a tool, given at once. */
  readonly input: string
  text: string
  signature: string
}

const FINISHES = new Map<string, Finish>([
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['refusal', 'refused'],
])

/** Read one stream. What servers' tools do, and blocks and events that it does not know, are passed over. */
function decode(tell: (event: WireEvent) => void): Decode {
  const open = new Map<unknown, Open>()
  const counts = new Map<string, number>()
  /** Calls, and thoughts after them, in their order: told once the end has come, or text. */
  let held: WireEvent[] = []
  let calls = 0
  let hasText = false

  function release(): void {
    for (const event of held) tell(event)
    held = []
  }
  function say(text: unknown): void {
    if (typeof text !== 'string') tell({ type: 'skipped' })
    else if (text !== '') {
      release()
      hasText = true
      tell({ type: 'text', text })
    }
  }
  function think(text: string, opaque?: Block): void {
    const event: WireEvent = { type: 'reasoning', text, ...(opaque ? { opaque } : {}) }
    if (calls === 0 || hasText) tell(event)
    else {
      held.push(event)
      tell({ type: 'tool-delta' })
    }
  }

  function start(index: unknown, block: RawBlock): void {
    close(index)
    const { type, id, name, input } = block
    if (type === 'text') say(block.text ?? '')
    else if (type === 'redacted_thinking') think('', { type, data: block.data })
    else if (type === 'thinking' || type === 'tool_use') {
      const isGiven = typeof input === 'object' && input !== null && Object.keys(input).length > 0
      open.set(index, {
        type,
        id: stringIn(id),
        name: stringIn(name),
        input: isGiven ? JSON.stringify(input) : '',
        text: '',
        signature: stringIn(block.signature),
      })
      if (type === 'tool_use') tell({ type: 'tool-delta' })
      else if (block.thinking) go(index, { type: 'thinking_delta', thinking: block.thinking })
    }
  }
  function go(index: unknown, { type, ...delta }: Delta): void {
    const block = open.get(index)
    if (type === 'text_delta') say(delta.text)
    else if (type === 'thinking_delta') {
      const text = stringIn(delta.thinking)
      if (block) block.text += text
      if (text !== '') think(text)
    } else if (type === 'signature_delta' && block) block.signature = stringIn(delta.signature)
    else if (type === 'input_json_delta') {
      const text = stringIn(delta.partial_json)
      if (block) block.text += text
      if (block?.name === ANSWER) say(text)
      else tell({ type: 'tool-delta' })
    }
  }
  function close(index: unknown): void {
    const block = open.get(index)
    if (!block) return
    open.delete(index)
    const { type, name, signature } = block
    if (type === 'thinking') {
      if (signature !== '') think('', { type, thinking: block.text, signature })
      return
    }
    const inputText = block.text || block.input
    if (name === ANSWER) {
      if (block.text === '') say(inputText || '{}')
      return
    }
    const id = block.id || `call_${calls}_${name}`
    calls += 1
    held.push({
      type: 'tool-call',
      call: { type: 'tool-call', id, name, input: parseInput(inputText), inputText },
    })
  }
  function end(): void {
    for (const index of open.keys()) close(index)
    release()
  }

  function count(usage: RawUsage | null | undefined): void {
    for (const [name, value] of Object.entries({
      ...usage,
      thinking: usage?.output_tokens_details?.thinking_tokens,
    })) {
      if (typeof value === 'number' && value >= 0 && value < Infinity) counts.set(name, value)
    }
  }
  function counted(name: Count | 'thinking'): number {
    return counts.get(name) ?? 0
  }
  /** Counts of a start are an estimate; told only once the end has given its own. */
  function tellUsage(): void {
    const cachedTokens = counted('cache_read_input_tokens')
    const reasoningTokens = counted('thinking')
    tell({
      type: 'usage',
      usage: {
        inputTokens:
          counted('input_tokens') + counted('cache_creation_input_tokens') + cachedTokens,
        outputTokens: counted('output_tokens'),
        ...(cachedTokens ? { cachedTokens } : {}),
        ...(reasoningTokens ? { reasoningTokens } : {}),
      },
    })
  }

  function finish(reason: string): void {
    end()
    // A classifier stopped it before the model had said a word.
    if (reason === 'refusal' && !hasText && calls === 0) throw judged('blocked-content')
    const byCalls = calls > 0 && reason === 'tool_use' ? 'tool-calls' : 'stop'
    tell({ type: 'finish', finish: FINISHES.get(reason) ?? byCalls })
  }

  return (data, name) => {
    // Some proxies close every stream with it; only Anthropic's own words are an end.
    if (data === '[DONE]') return
    const chunk = parseJson(data) as Chunk | null | undefined
    if (name === 'error' || chunk?.type === 'error' || (chunk?.error && !chunk.type)) {
      throw new Fault({ from: 'event', error: chunk ?? data })
    }
    switch (chunk?.type) {
      case 'message_start':
        count(chunk.message?.usage)
        return
      case 'content_block_start':
        start(chunk.index, chunk.content_block ?? {})
        return
      case 'content_block_delta':
        go(chunk.index, chunk.delta ?? {})
        return
      case 'content_block_stop':
        close(chunk.index)
        return
      case 'message_delta': {
        count(chunk.usage)
        if (chunk.usage) tellUsage()
        const reason = chunk.delta?.stop_reason
        if (typeof reason === 'string') finish(reason)
        return
      }
      case 'message_stop':
        end()
        tell({ type: 'terminal' })
        return
      default:
        if (typeof chunk?.type !== 'string') tell({ type: 'skipped' })
    }
  }
}

function stringIn(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
