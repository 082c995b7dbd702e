import { Fault } from '../policy/fault.ts'
import type { Finish } from '../words/event.ts'
import type { WireEvent } from '../words/wire.ts'
import type { Decode } from './events.ts'
import { isRecord, parseInput, parseJson } from './json.ts'
import { modelTeller } from './model.ts'

/** The tool whose input is the answer, where there is no other way to ask for JSON. */
export const ANSWER = 'rungs_answer'

/** The parts of an event that are read. */
interface Chunk {
  readonly type?: unknown
  readonly error?: unknown
  readonly index?: unknown
  readonly message?: Fields
  readonly content_block?: Fields
  readonly delta?: Fields
  readonly usage?: unknown
}
interface Fields {
  readonly [field: string]: unknown
}
/** A block under way, with the thought or the input's spelling as far as it has come. */
interface Open extends Fields {
  said: string
  signature: unknown
}

const FINISHES = new Map<string, Finish>([
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['refusal', 'refused'],
])

/** Read one stream. What servers' tools do, and blocks and events that it does not know, are passed over. */
export function decode(tell: (event: WireEvent) => void): Decode {
  const open = new Map<unknown, Open>()
  const counts = new Map<string, number>()
  let calls = 0
  const tellModel = modelTeller(tell)

  function say(text: string): void {
    if (text !== '') tell({ type: 'text', text })
  }

  /** Each delta has one of these fields, or one that is not read. */
  function add(block: Open | undefined, { text, thinking, signature, partial_json }: Fields): void {
    if (text !== undefined) say(asString(text))
    if (!block) return
    block.signature = signature ?? block.signature
    if (thinking === undefined && partial_json === undefined) return
    const more = asString(thinking ?? partial_json)
    if (more === '') return
    block.said += more
    if (thinking !== undefined) tell({ type: 'reasoning', text: more })
    else if (block['name'] === ANSWER) say(more)
    else tell({ type: 'tool-delta' })
  }

  function close(index: unknown): void {
    const block = open.get(index)
    if (!block) return
    open.delete(index)
    const { type, said, signature, data, id, name, input } = block
    if (type === 'thinking' && signature) tellThought({ type, thinking: said, signature })
    if (type === 'redacted_thinking') tellThought({ type, data })
    if (type !== 'tool_use') return
    // A tool that is called by another one gets its input at once.
    const given = isRecord(input) && Object.keys(input).length > 0 ? JSON.stringify(input) : ''
    const inputText = said || given
    if (name === ANSWER) {
      if (said === '') say(given)
      return
    }
    calls += 1
    tell({
      type: 'tool-call',
      call: {
        type: 'tool-call',
        id: asString(id || `call_${calls}`),
        name: asString(name),
        input: parseInput(inputText),
        inputText,
      },
    })
  }
  function closeAll(): void {
    for (const index of open.keys()) close(index)
  }
  function tellThought(opaque: object): void {
    tell({ type: 'reasoning', text: '', opaque })
  }

  function count(usage: unknown): void {
    for (const [name, value] of Object.entries<unknown>({ ...Object(usage) })) {
      if (name === 'output_tokens_details') count(value)
      else if (typeof value === 'number' && value < Infinity) counts.set(name, value)
    }
  }
  function counted(name: string): number {
    return counts.get(name) ?? 0
  }
  function tellUsage(): void {
    const cachedTokens = counted('cache_read_input_tokens')
    const reasoningTokens = counted('thinking_tokens')
    tell({
      type: 'usage',
      usage: {
        inputTokens:
          counted('input_tokens') + counted('cache_creation_input_tokens') + cachedTokens,
        outputTokens: counted('output_tokens'),
        ...(cachedTokens && { cachedTokens }),
        ...(reasoningTokens && { reasoningTokens }),
      },
    })
  }

  return (data, name) => {
    // Some proxies close every stream with it; only Anthropic's own words are an end.
    if (data === '[DONE]') return
    const chunk = parseJson(data)
    const {
      type,
      error,
      index,
      message,
      content_block: block,
      delta,
      usage,
    } = Object(chunk) as Chunk
    const reason = delta?.['stop_reason']
    switch (type) {
      case 'message_start':
        tellModel(message?.['model'])
        count(message?.['usage'])
        return
      case 'content_block_start':
        close(index)
        open.set(index, { signature: '', ...block, said: '' })
        if (block?.['text']) say(asString(block['text']))
        return
      case 'content_block_delta':
        add(open.get(index), { ...delta })
        return
      case 'content_block_stop':
        close(index)
        return
      case 'message_delta':
        // Counts of the start are a guess, so they are told only once there are better ones.
        count(usage)
        if (usage) tellUsage()
        if (typeof reason !== 'string') return
        closeAll()
        tell({ type: 'finish', finish: FINISHES.get(reason) ?? (calls ? 'tool-calls' : 'stop') })
        return
      case 'message_stop':
        closeAll()
        tell({ type: 'terminal' })
        return
      default:
        if (error || type === 'error' || name === 'error')
          throw new Fault({ from: 'event', error: chunk ?? data })
        if (typeof type !== 'string') tell({ type: 'skipped' })
    }
  }
}

/** Anything else makes its event a malformed one. */
function asString(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('no text')
  return value
}
