import { isRecord } from '../config/checks.ts'
import type { Finish, Usage } from '../words/event.ts'
import type { Part, ToolCall } from '../words/message.ts'
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
  type Refusal,
  type Sent,
  type ToolChoice,
} from './protocol.ts'
import { createTurns, imageOf } from './turns.ts'

/** OpenAI's Chat Completions, which most hosts speak: https://platform.openai.com/docs/api-reference/chat */
export const chatCompletions: Protocol = {
  read(body) {
    allowOnly(body, {
      n: [1],
      stop: [[]],
      logprobs: [false],
      logit_bias: [{}],
      modalities: [['text']],
      audio: [],
      prediction: [],
      web_search_options: [],
      functions: [],
      function_call: [],
    })
    const format = isRecord(body['response_format']) ? body['response_format'] : {}
    const { schema } = isRecord(format['json_schema']) ? format['json_schema'] : {}
    const isJson = format['type'] === 'json_schema' || format['type'] === 'json_object'
    return {
      messages: readMessages(body['messages']),
      ...abilities(
        records(body['tools']).map((tool) => {
          if (!isRecord(tool['function'])) throw new NotCarried('tools', tool['type'])
          const { name, description, parameters } = tool['function']
          return { name, description, schema: parameters }
        }),
        choiceOf(body['tool_choice'], 'function'),
        isJson ? schemaOf(schema) : undefined,
      ),
      maxOutputTokens: numberOf(body['max_completion_tokens'], body['max_tokens']),
      temperature: numberOf(body['temperature']),
      reasoning: effortOf(body['reasoning_effort']),
    }
  },
  stream(about) {
    const chunk = (delta: object, finish: string | null = null): Sent => ({
      data: { ...headOf(about, '.chunk'), choices: [{ index: 0, delta, finish_reason: finish }] },
    })
    let hasBegun = false
    const begin = (): Sent[] => (hasBegun ? [] : [chunk({ role: 'assistant', content: '' })])
    return (told) => {
      if (told.type === 'state' || told.type === 'retracted') return []
      const sent = begin()
      hasBegun = true
      if (told.type === 'text') return [...sent, chunk({ content: told.text })]
      if (told.type === 'reasoning') return [...sent, chunk({ reasoning_content: told.part.text })]
      const { finish, usage } = told.outcome
      const tool_calls = told.calls.map((call, index) => ({ index, ...encodeCall(call) }))
      const options = about.body['stream_options']
      const isCounted = isRecord(options) && options['include_usage'] === true && usage
      return [
        ...sent,
        ...(tool_calls.length > 0 ? [chunk({ tool_calls })] : []),
        chunk({}, finishOf(finish)),
        ...(isCounted
          ? [{ data: { ...headOf(about, '.chunk'), choices: [], usage: encodeUsage(usage) } }]
          : []),
        { data: '[DONE]' },
      ]
    }
  },
  whole(about, { text, message, finish, usage }) {
    const calls = message.content.filter((part) => part.type === 'tool-call').map(encodeCall)
    const thoughts = message.content.flatMap((part) =>
      part.type === 'reasoning' && part.text ? [part.text] : [],
    )
    return {
      ...headOf(about),
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: text === '' && calls.length > 0 ? null : text,
            refusal: null,
            ...(thoughts.length > 0 && { reasoning_content: thoughts.join('\n') }),
            ...(calls.length > 0 && { tool_calls: calls }),
          },
          logprobs: null,
          finish_reason: finishOf(finish),
        },
      ],
      ...(usage && { usage: encodeUsage(usage) }),
    }
  },
  refuse: (refusal) => ({ error: errorOf(refusal) }),
  break: (refusal) => ({ data: { error: errorOf(refusal) } }),
}

/** What both of OpenAI's protocols say of an error. */
export function errorOf({ status, message, code, param }: Refusal): object {
  const type =
    status >= 500
      ? 'server_error'
      : status === 429
        ? 'rate_limit_error'
        : status === 401
          ? 'authentication_error'
          : 'invalid_request_error'
  return { message, type, code, param }
}

/** A choice as OpenAI's protocols name it; `within` is where Chat Completions has the function's name. */
export function choiceOf(choice: unknown, within?: string): ToolChoice {
  if (choice === 'none' || choice === 'required') return { kind: choice }
  if (!isRecord(choice)) return { kind: 'auto' }
  const named = within === undefined ? choice : choice[within]
  if (choice['type'] !== 'function' || !isRecord(named)) throw new NotCarried('tool_choice')
  return { kind: 'tool', name: named['name'] }
}

function headOf({ id, model, created }: About, suffix = ''): object {
  return { id: `chatcmpl-${id}`, object: `chat.completion${suffix}`, created, model }
}

function finishOf(finish: Finish | null): string {
  if (finish === 'tool-calls') return 'tool_calls'
  if (finish === 'filtered') return 'content_filter'
  return finish === 'length' || finish === 'truncated' ? 'length' : 'stop'
}

function encodeCall(call: ToolCall): object {
  const { id, name } = call
  return { id, type: 'function', function: { name, arguments: argumentsOf(call) } }
}

function encodeUsage({
  inputTokens,
  outputTokens,
  cachedTokens = 0,
  reasoningTokens = 0,
}: Usage): object {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
    completion_tokens_details: { reasoning_tokens: reasoningTokens },
  }
}

function readMessages(given: unknown): ReturnType<ReturnType<typeof createTurns>['messages']> {
  const turns = createTurns()
  const names = new Map<unknown, string>()
  for (const message of records(given)) {
    const { role, content, tool_calls, tool_call_id, reasoning_content } = message
    if (role === 'tool') {
      const name = names.get(tool_call_id)
      if (name === undefined) throw new NotCarried('messages', 'with a result without its call')
      const id = String(tool_call_id)
      turns.result({ type: 'tool-result', id, name, output: textOf(content) })
      continue
    }
    turns.next()
    if (role === 'assistant') {
      if (typeof reasoning_content === 'string' && reasoning_content !== '') {
        turns.add(role, { type: 'reasoning', text: reasoning_content })
      }
      turns.add(role, { type: 'text', text: textOf(content) })
      for (const call of records(tool_calls)) {
        const { id, function: called } = call
        if (!isRecord(called)) throw new NotCarried('messages', 'with calls of custom tools')
        const name = String(called['name'])
        names.set(id, name)
        const input = inputOf(called['arguments'])
        turns.add(role, { type: 'tool-call', id: String(id), name, input })
      }
    } else if (role === 'user') turns.add(role, ...readContent(content))
    else turns.add('system', { type: 'text', text: textOf(content) })
  }
  return turns.messages()
}

function readContent(content: unknown): Part[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return records(content).map((part: Body): Part => {
    const { type, text, image_url } = part
    if (type === 'text') return { type, text: String(text) }
    if (type !== 'image_url' || !isRecord(image_url)) throw new NotCarried('messages', type)
    return imageOf(String(image_url['url']))
  })
}
