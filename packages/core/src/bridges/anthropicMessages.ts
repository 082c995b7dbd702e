import { isRecord } from '../config/checks.ts'
import type { Finish, Usage } from '../words/event.ts'
import type { Message, Part } from '../words/message.ts'
import type { OutputSchema } from '../words/schema.ts'
import {
  abilities,
  allowOnly,
  argumentsOf,
  effortOf,
  NO_USAGE,
  NotCarried,
  numberOf,
  records,
  schemaOf,
  textOf,
  type About,
  type Asked,
  type Body,
  type Protocol,
  type Refusal,
  type Sent,
  type ToolChoice,
} from './protocol.ts'
import { seal, unseal } from './thought.ts'
import { createTurns, imageOf } from './turns.ts'

/** Anthropic's Messages: https://platform.claude.com/docs/en/api/messages */
export const anthropicMessages: Protocol = {
  read(body) {
    allowOnly(body, { stop_sequences: [[]], container: [], mcp_servers: [[]] })
    return {
      system: textOf(body['system']) || undefined,
      messages: readMessages(body['messages']),
      ...abilities(
        records(body['tools']).map(({ type = 'custom', name, description, input_schema }) => {
          if (type !== 'custom') throw new NotCarried('tools', type)
          return { name, description, schema: input_schema }
        }),
        choiceOf(body['tool_choice']),
        outputOf(body),
      ),
      maxOutputTokens: numberOf(body['max_tokens']),
      temperature: numberOf(body['temperature']),
      reasoning: effortIn(body),
    }
  },
  stream(about) {
    let index = -1
    let open: Part['type'] | null = null
    let hasBegun = false
    function* begin(): Generator<Sent> {
      if (!hasBegun)
        yield event('message_start', { message: documentOf(about, [], null, NO_USAGE) })
      hasBegun = true
    }
    function* close(): Generator<Sent> {
      if (open) yield event('content_block_stop', { index })
      open = null
    }
    function* turnTo(type: Part['type'], content_block: object): Generator<Sent> {
      if (open === type && type !== 'tool-call') return
      yield* close()
      open = type
      index += 1
      yield event('content_block_start', { index, content_block })
    }
    const delta = (type: string, fields: object): Sent =>
      event('content_block_delta', { index, delta: { type, ...fields } })
    function* encode(part: Part): Generator<Sent> {
      switch (part.type) {
        case 'text':
          yield* turnTo('text', { type: 'text', text: '' })
          yield delta('text_delta', { text: part.text })
          return
        case 'reasoning': {
          const signature = seal(part)
          yield* turnTo('reasoning', { type: 'thinking', thinking: '', signature: '' })
          if (part.text) yield delta('thinking_delta', { thinking: part.text })
          if (signature === undefined) return
          yield delta('signature_delta', { signature })
          // A sealed thought is a block of its own.
          yield* close()
          return
        }
        case 'tool-call':
          yield* turnTo('tool-call', { type: 'tool_use', id: part.id, name: part.name, input: {} })
          yield delta('input_json_delta', { partial_json: argumentsOf(part) })
          return
        default:
      }
    }
    return (told) => {
      switch (told.type) {
        case 'state':
          return []
        case 'retracted':
          return [...close()]
        case 'text':
          return [...begin(), ...encode(told)]
        case 'reasoning':
          return [...begin(), ...encode(told.part)]
        case 'end': {
          const { finish, usage } = told.outcome
          const sent = [...begin(), ...told.calls.flatMap((call) => [...encode(call)]), ...close()]
          return [
            ...sent,
            event('message_delta', {
              delta: { stop_reason: reasonOf(finish), stop_sequence: null },
              usage: encodeUsage(usage ?? NO_USAGE),
            }),
            event('message_stop', {}),
          ]
        }
        default:
          return told satisfies never
      }
    }
  },
  whole: (about, { message, finish, usage }) =>
    documentOf(about, message.content.flatMap(blockOf), reasonOf(finish), usage ?? NO_USAGE),
  refuse: errorOf,
  break: (refusal) => ({ event: 'error', data: errorOf(refusal) }),
}

const event = (type: string, fields: object): Sent => ({ event: type, data: { type, ...fields } })

const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
}

function errorOf({ status, message, code, requestId }: Refusal): object {
  const type = TYPES[status] ?? 'api_error'
  return {
    type: 'error',
    error: { type, message, details: { error_code: code } },
    request_id: requestId,
  }
}

function documentOf(
  { id, model }: About,
  content: readonly object[],
  stop_reason: string | null,
  usage: Usage,
): object {
  return {
    id: `msg_${id}`,
    type: 'message',
    role: 'assistant',
    model,
    content,
    stop_reason,
    stop_sequence: null,
    usage: encodeUsage(usage),
  }
}

function blockOf(part: Part): object[] {
  switch (part.type) {
    case 'text':
      return [{ type: 'text', text: part.text, citations: null }]
    case 'reasoning':
      return [{ type: 'thinking', thinking: part.text ?? '', signature: seal(part) ?? '' }]
    case 'tool-call':
      return [{ type: 'tool_use', id: part.id, name: part.name, input: part.input }]
    case 'image':
    case 'tool-result':
      return []
    default:
      return part satisfies never
  }
}

function reasonOf(finish: Finish | null): string {
  if (finish === 'tool-calls') return 'tool_use'
  if (finish === 'refused' || finish === 'filtered') return 'refusal'
  return finish === 'length' || finish === 'truncated' ? 'max_tokens' : 'end_turn'
}

/** Here the input tokens are those that came from no cache. */
function encodeUsage({ inputTokens, outputTokens, cachedTokens = 0 }: Usage): object {
  return {
    input_tokens: inputTokens - cachedTokens,
    output_tokens: outputTokens,
    cache_read_input_tokens: cachedTokens,
    cache_creation_input_tokens: 0,
  }
}

function choiceOf(choice: unknown): ToolChoice {
  const { type = 'auto', name } = isRecord(choice) ? choice : {}
  if (type === 'tool') return { kind: type, name }
  return { kind: type === 'any' ? 'required' : type === 'none' ? type : 'auto' }
}

function outputOf({ output_config, output_format }: Body): OutputSchema | undefined {
  const format = (isRecord(output_config) ? output_config['format'] : undefined) ?? output_format
  return isRecord(format) && format['type'] === 'json_schema'
    ? schemaOf(format['schema'])
    : undefined
}

function effortIn({ thinking, output_config }: Body): Asked['reasoning'] {
  const effort = isRecord(output_config) ? effortOf(output_config['effort']) : undefined
  if (!isRecord(thinking)) return effort
  return thinking['type'] === 'disabled' ? 'none' : (effort ?? 'medium')
}

function readMessages(given: unknown): readonly Message[] {
  const turns = createTurns()
  const names = new Map<unknown, string>()
  for (const { role, content } of records(given)) {
    turns.next()
    const speaker = role === 'assistant' || role === 'system' ? role : 'user'
    if (typeof content === 'string') turns.add(speaker, { type: 'text', text: content })
    for (const block of records(content)) {
      const { type, text, source, id, name, input, tool_use_id, thinking, signature } = block
      if (type === 'text') turns.add(speaker, { type, text: String(text) })
      else if (type === 'image' && isRecord(source)) turns.add(speaker, readImage(source))
      else if (type === 'tool_use') {
        names.set(id, String(name))
        turns.add(speaker, { type: 'tool-call', id: String(id), name: String(name), input })
      } else if (type === 'tool_result') {
        const known = names.get(tool_use_id)
        if (known === undefined) throw new NotCarried('messages', 'with a result without its call')
        const isError = block['is_error'] === true ? { isError: true } : {}
        const output = textOf(block['content'])
        turns.result({
          type: 'tool-result',
          id: String(tool_use_id),
          name: known,
          output,
          ...isError,
        })
      } else if (type === 'thinking') {
        const sealed = unseal(signature)
        const said = String(thinking)
        if (said !== '' || sealed.opaque !== undefined) {
          turns.add(speaker, { type: 'reasoning', text: said, ...sealed })
        }
      } else if (type !== 'redacted_thinking') throw new NotCarried('messages', type)
    }
  }
  return turns.messages()
}

function readImage({ type, media_type, data, url }: Body): Part {
  if (type === 'base64') return { type: 'image', mediaType: String(media_type), data: String(data) }
  if (type !== 'url') throw new NotCarried('messages', type)
  return imageOf(String(url))
}
