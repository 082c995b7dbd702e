import { isRecord } from '../config/checks.ts'
import type { Outcome, Usage } from '../words/event.ts'
import type { Message, Part } from '../words/message.ts'
import { choiceOf, errorOf } from './chatCompletions.ts'
import { inputOf } from './input.ts'
import {
  abilities,
  allowOnly,
  argumentsOf,
  effortOf,
  NotCarried,
  numberOf,
  records,
  schemaOf,
  textOf,
  type About,
  type Body,
  type Protocol,
  type Sent,
} from './protocol.ts'
import { seal, unseal } from './thought.ts'
import { createTurns, imageOf } from './turns.ts'

/** OpenAI's Responses: https://platform.openai.com/docs/api-reference/responses */
export const responses: Protocol = {
  read(body, given) {
    allowOnly(body, {
      previous_response_id: [],
      conversation: [],
      prompt: [],
      background: [false],
    })
    const { instructions, text, reasoning } = body
    const format = isRecord(text) && isRecord(text['format']) ? text['format'] : {}
    const isJson = format['type'] === 'json_schema' || format['type'] === 'json_object'
    return {
      system: typeof instructions === 'string' ? instructions : undefined,
      messages: readInput(body['input'], given),
      ...abilities(
        records(body['tools']).map(({ type, name, description, parameters }) => {
          if (type !== 'function') throw new NotCarried('tools', type)
          return { name, description, schema: parameters }
        }),
        choiceOf(body['tool_choice']),
        isJson ? schemaOf(format['schema']) : undefined,
      ),
      maxOutputTokens: numberOf(body['max_output_tokens']),
      temperature: numberOf(body['temperature']),
      reasoning: isRecord(reasoning) ? effortOf(reasoning['effort']) : undefined,
    }
  },
  stream(about) {
    let sequence = 0
    const output: object[] = []
    let open: { readonly type: 'text' | 'reasoning'; readonly text: string } | null = null
    let hasBegun = false
    const event = (type: string, fields: object): Sent => {
      sequence += 1
      return { event: type, data: { type, sequence_number: sequence - 1, ...fields } }
    }
    /** Where the open item stands. */
    const at = (): { output_index: number; item_id: string } => ({
      output_index: output.length,
      item_id: idOf(about, open?.type ?? 'tool-call', output.length),
    })
    function* begin(): Generator<Sent> {
      if (!hasBegun)
        yield event('response.created', { response: documentOf(about, 'in_progress', []) })
      hasBegun = true
    }
    function* add(part: Part): Generator<Sent> {
      const item = itemOf(about, part, output.length)
      yield event('response.output_item.done', { output_index: output.length, item })
      output.push(item)
    }
    function* close(sealed: Partial<Reasoning> = {}): Generator<Sent> {
      if (!open) return
      const { type, text } = open
      const place = at()
      if (type === 'text') {
        yield event('response.output_text.done', { ...place, ...TEXT, text })
        yield event('response.content_part.done', {
          ...place,
          content_index: 0,
          part: pieceOf(text),
        })
      } else if (text !== '') {
        const part = { type: 'summary_text', text }
        yield event('response.reasoning_summary_text.done', { ...place, summary_index: 0, text })
        yield event('response.reasoning_summary_part.done', { ...place, summary_index: 0, part })
      }
      yield* add({ ...sealed, type, text })
      open = null
    }
    function* say(type: 'text' | 'reasoning', text: string): Generator<Sent> {
      if (open?.type !== type) yield* close()
      const before = open?.text ?? ''
      const isNew = open === null
      open = { type, text: before + text }
      const place = at()
      if (isNew) yield* begun(type, place)
      if (text === '') return
      if (type === 'text') {
        yield event('response.output_text.delta', { ...place, ...TEXT, delta: text })
        return
      }
      if (before === '') {
        const part = { type: 'summary_text', text: '' }
        yield event('response.reasoning_summary_part.added', { ...place, summary_index: 0, part })
      }
      yield event('response.reasoning_summary_text.delta', {
        ...place,
        summary_index: 0,
        delta: text,
      })
    }
    function* begun(type: 'text' | 'reasoning', place: ReturnType<typeof at>): Generator<Sent> {
      const { output_index, item_id: id } = place
      const item =
        type === 'text'
          ? { id, type: 'message', status: 'in_progress', role: 'assistant', content: [] }
          : { id, type: 'reasoning', summary: [] }
      yield event('response.output_item.added', { output_index, item })
      if (type === 'reasoning') return
      yield event('response.content_part.added', { ...place, content_index: 0, part: pieceOf('') })
    }
    return (told) => {
      switch (told.type) {
        case 'state':
          return []
        case 'retracted':
          return [...close()]
        case 'text':
          return [...begin(), ...say('text', told.text)]
        case 'reasoning': {
          const said = [...begin(), ...say('reasoning', told.part.text ?? '')]
          // A sealed thought is an item of its own.
          return told.part.opaque === undefined ? said : [...said, ...close(told.part)]
        }
        case 'end': {
          const sent = [...begin(), ...close()]
          for (const call of told.calls) {
            const { item_id, output_index } = at()
            const started = {
              ...itemOf(about, call, output_index),
              arguments: '',
              status: 'in_progress',
            }
            const text = argumentsOf(call)
            const place = { item_id, output_index }
            sent.push(
              event('response.output_item.added', { output_index, item: started }),
              event('response.function_call_arguments.delta', { ...place, delta: text }),
              event('response.function_call_arguments.done', {
                ...place,
                name: call.name,
                arguments: text,
              }),
              ...add(call),
            )
          }
          const response = documentOf(about, statusOf(told.outcome), output, told.outcome)
          return [...sent, event(`response.${statusOf(told.outcome)}`, { response })]
        }
        default:
          return told satisfies never
      }
    }
  },
  whole(about, outcome) {
    const parts = outcome.message.content.filter(
      ({ type }) => type !== 'image' && type !== 'tool-result',
    )
    const output = parts.map((part, index) => itemOf(about, part, index))
    return documentOf(about, statusOf(outcome), output, outcome)
  },
  refuse: (refusal) => ({ error: errorOf(refusal) }),
  break(refusal) {
    // Told both ways: the API's reference has it flat, what it sends is nested.
    const { message, code, param } = refusal
    const data = {
      type: 'error',
      sequence_number: 0,
      message,
      code,
      param,
      error: errorOf(refusal),
    }
    return { event: 'error', data }
  },
}

type Reasoning = Extract<Part, { type: 'reasoning' }>

const TEXT = { content_index: 0, logprobs: [] }

const statusOf = ({ finish }: Outcome): 'completed' | 'incomplete' =>
  finish === 'length' || finish === 'truncated' || finish === 'filtered'
    ? 'incomplete'
    : 'completed'

const PREFIX: Readonly<Record<string, string>> = { text: 'msg', reasoning: 'rs', 'tool-call': 'fc' }

function idOf({ id }: About, type: string, index: number): string {
  return `${PREFIX[type]}_${id}_${index}`
}

const pieceOf = (text: string): object => ({
  type: 'output_text',
  text,
  annotations: [],
  logprobs: [],
})

/** A part as an item, which the next request may name by its id alone. */
function itemOf(about: About, part: Part, index: number): object {
  const id = idOf(about, part.type, index)
  about.given.set(id, part)
  switch (part.type) {
    case 'reasoning': {
      const encrypted_content = seal(part)
      const summary = part.text ? [{ type: 'summary_text', text: part.text }] : []
      return { id, type: 'reasoning', summary, ...(encrypted_content && { encrypted_content }) }
    }
    case 'tool-call': {
      const { id: call_id, name } = part
      return {
        id,
        type: 'function_call',
        status: 'completed',
        call_id,
        name,
        arguments: argumentsOf(part),
      }
    }
    default: {
      const content = [pieceOf('text' in part ? (part.text ?? '') : '')]
      return { id, type: 'message', status: 'completed', role: 'assistant', content }
    }
  }
}

function documentOf(
  { id, model, created, body }: About,
  status: string,
  output: readonly object[],
  outcome?: Outcome,
): object {
  const { instructions = null, temperature = null, tools = [], tool_choice = 'auto' } = body
  const reason = outcome?.finish === 'filtered' ? 'content_filter' : 'max_output_tokens'
  return {
    id: `resp_${id}`,
    object: 'response',
    created_at: created,
    status,
    model,
    output,
    error: null,
    incomplete_details: status === 'incomplete' ? { reason } : null,
    usage: outcome?.usage ? encodeUsage(outcome.usage) : null,
    instructions,
    temperature,
    tools,
    tool_choice,
    metadata: {},
    parallel_tool_calls: true,
    top_p: null,
  }
}

function encodeUsage({
  inputTokens,
  outputTokens,
  cachedTokens = 0,
  reasoningTokens = 0,
}: Usage): object {
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: cachedTokens },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens },
    total_tokens: inputTokens + outputTokens,
  }
}

function readInput(input: unknown, given: ReadonlyMap<string, Part>): readonly Message[] {
  const turns = createTurns()
  if (typeof input === 'string') turns.add('user', { type: 'text', text: input })
  const names = new Map<unknown, string>()
  const add = (part: Part): void => {
    if (part.type === 'tool-call') names.set(part.id, part.name)
    turns.add('assistant', part)
  }
  for (const item of records(input)) {
    const { type = 'message', role, content, id, call_id, name } = item
    if (type === 'message') {
      const speaker = role === 'assistant' || role === 'user' ? role : 'system'
      turns.add(speaker, ...readContent(content))
    } else if (type === 'function_call') {
      const called = inputOf(item['arguments'])
      add({ type: 'tool-call', id: String(call_id), name: String(name), input: called })
    } else if (type === 'function_call_output') {
      const known = names.get(call_id)
      if (known === undefined) throw new NotCarried('input', 'with a result without its call')
      const { output } = item
      const said = typeof output === 'string' ? output : textOf(output)
      turns.result({ type: 'tool-result', id: String(call_id), name: known, output: said })
    } else if (type === 'reasoning') {
      const text = textOf(item['summary'])
      const sealed = unseal(item['encrypted_content'])
      if (text !== '' || sealed.opaque !== undefined) add({ type: 'reasoning', text, ...sealed })
    } else {
      const known = type === 'item_reference' ? given.get(String(id)) : undefined
      if (!known) throw new NotCarried('input', type)
      add(known)
    }
  }
  return turns.messages()
}

function readContent(content: unknown): Part[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return records(content).map((part: Body): Part => {
    const { type, text, refusal, image_url } = part
    if (type === 'input_text' || type === 'output_text') return { type: 'text', text: String(text) }
    if (type === 'refusal') return { type: 'text', text: String(refusal) }
    if (type !== 'input_image' || typeof image_url !== 'string') throw new NotCarried('input', type)
    return imageOf(image_url)
  })
}
