import * as core from '@rungs/core'
import type { Route } from '@rungs/core'

/** Events of a wire's own that are not what its protocol says, by what is wrong with them. */
export type Oddities = Readonly<Record<string, string>>

/** How one wire protocol says what an input needs to be said, as text to be sent. */
export interface Dialect {
  readonly contentType: string
  route(baseUrl: string): Route
  /** What comes before any content. */
  readonly open: string
  say(text: string): string
  think(text: string): string
  /** Part of a tool call. */
  hint(index: number): string
  /** A whole tool call, its arguments as JSON text. */
  call(args: string, id?: string, name?: string): string
  /** Why the answer ended; then the protocol's last word, where it has one. */
  readonly finish: string
  readonly last: string
  /** An error that says that the provider is overloaded. */
  readonly error: string
  /** Tokens as JSON text, in the place where the protocol has them. */
  count(input: string, output: string): string
  readonly oddities: Oddities
}

const price = { inputPerMTok: 1, outputPerMTok: 2 } as const
const keyed = (baseUrl: string): core.KeyedRouteOptions => ({
  model: 'm',
  apiKey: 'k',
  price,
  baseUrl,
})
const endpoint = (url: string): core.EndpointRouteOptions => ({ url, price })

/** An event out of JSON text. */
export function event(json: string, name?: string): string {
  return `${name === undefined ? '' : `event: ${name}\n`}data: ${json}\n\n`
}
const quote = JSON.stringify
const DONE = event('[DONE]')

const chat = (choice: string): string => event(`{"choices":[${choice}]}`)
const delta = (fields: string): string =>
  chat(`{"index":0,"delta":{${fields}},"finish_reason":null}`)
const tool = (fields: string): string => delta(`"tool_calls":[${fields}]`)

const openai: Dialect = {
  contentType: 'text/event-stream',
  route: (baseUrl) => core.openai(keyed(baseUrl)),
  open: delta('"role":"assistant","content":""'),
  say: (text) => delta(`"content":${quote(text)}`),
  think: (text) => delta(`"reasoning_content":${quote(text)}`),
  hint: (index) =>
    tool(`{"index":${index},"id":"call_${index}","function":{"name":"look","arguments":""}}`),
  call: (args, id = 'call_1', name = 'look') =>
    tool(
      `{"index":0,"id":${quote(id)},"function":{"name":${quote(name)},"arguments":${quote(args)}}}`,
    ),
  finish: chat('{"index":0,"delta":{},"finish_reason":"stop"}'),
  last: DONE,
  error: event('{"error":{"message":"Overloaded","type":"server_error","code":"overloaded"}}'),
  count: (input, output) =>
    event(`{"choices":[],"usage":{"prompt_tokens":${input},"completion_tokens":${output}}}`),
  oddities: {
    'choices a string': event('{"choices":"many"}'),
    'choices a number': event('{"choices":5}'),
    'choices an object': event('{"choices":{"0":{"delta":{"content":"no"}}}}'),
    'choices with a length': event('{"choices":{"length":4294967295}}'),
    'choices of null': event('{"choices":[null]}'),
    'choices of numbers': event('{"choices":[1,2,3]}'),
    'choices of strings': event('{"choices":["no"]}'),
    'choices of arrays': event('{"choices":[[[[]]]]}'),
    'a hundred thousand choices': event(`{"choices":[${'{"index":1},'.repeat(8e4)}{"index":2}]}`),
    'an index of __proto__': chat('{"index":"__proto__","delta":{"content":"no"}}'),
    'an index below zero': chat('{"index":-1,"delta":{"content":"no"}}'),
    'an index beyond numbers': chat('{"index":1e999,"delta":{"content":"no"}}'),
    'a delta of null': chat('{"index":0,"delta":null}'),
    'a delta of an array': chat('{"index":0,"delta":["no"]}'),
    'a delta of a number': chat('{"index":0,"delta":7}'),
    'a delta of a string': chat('{"index":0,"delta":"no"}'),
    'content of an object': delta('"content":{"text":"no"}'),
    'content of a number': delta('"content":7'),
    'content of true': delta('"content":true'),
    'content of null': delta('"content":null'),
    'content of empty parts': delta('"content":[[],{},{"type":"thinking"},{"text":{"text":"no"}}]'),
    'content of a part of null': delta('"content":[null]'),
    'a refusal of an object': delta('"refusal":{"text":"no"}'),
    'reasoning of an object': delta('"reasoning":{"text":"no"}'),
    'tool calls of a string': delta('"tool_calls":"no"'),
    'tool calls of an object': delta('"tool_calls":{"index":0}'),
    'tool calls of null': delta('"tool_calls":[null]'),
    'an x_groq of a string': event('{"choices":[],"x_groq":"no"}'),
    'a usage of a list': event('{"choices":[],"usage":[1,2]}'),
    'a list': event('[]'),
    'a list of chunks': event('[{"choices":[{"delta":{"content":"no"}}]}]'),
    'no type at all': event('{}'),
  },
}

const part = (type: string, fields = ''): string =>
  event(`{"type":"${type}"${fields === '' ? '' : `,${fields}`}}`)

const aiSdk: Dialect = {
  contentType: 'text/event-stream',
  route: (baseUrl) => core.aiSdk(endpoint(baseUrl)),
  open: part('start') + part('start-step') + part('text-start', '"id":"0"'),
  say: (text) => part('text-delta', `"id":"0","delta":${quote(text)}`),
  think: (text) => part('reasoning-delta', `"id":"0","delta":${quote(text)}`),
  hint: (index) =>
    part('tool-input-delta', `"toolCallId":"call_${index}","inputTextDelta":"{\\"a\\":"`),
  call: (args, id = 'call_1', name = 'look') =>
    part(
      'tool-input-available',
      `"toolCallId":${quote(id)},"toolName":${quote(name)},"input":${args}`,
    ),
  finish: part('finish', '"finishReason":"stop"'),
  last: DONE,
  error: part('error', '"errorText":"{\\"code\\":\\"overloaded\\"}"'),
  count: (input, output) =>
    part(
      'message-metadata',
      `"messageMetadata":{"usage":{"inputTokens":${input},"outputTokens":${output}}}`,
    ),
  oddities: {
    'a type of a number': event('{"type":7}'),
    'a type of null': event('{"type":null}'),
    'a type of __proto__': part('__proto__', '"delta":"no"'),
    'a type of constructor': part('constructor', '"delta":"no"'),
    'a delta of an object': part('text-delta', '"delta":{"text":"no"}'),
    'a delta of null': part('text-delta', '"delta":null'),
    'a delta of an array': part('reasoning-delta', '"delta":["no"]'),
    'metadata of a string': part('message-metadata', '"messageMetadata":"no"'),
    'metadata of null': part('message-metadata', '"messageMetadata":null'),
    'metadata with a usage of a list': part(
      'message-metadata',
      '"messageMetadata":{"usage":[1,2]}',
    ),
    'a tool result of no call': part('tool-output-available', '"toolCallId":7,"output":null'),
    'a list': event('[]'),
    'no type at all': event('{}'),
  },
}

const textStream: Dialect = {
  contentType: 'text/plain; charset=utf-8',
  route: (baseUrl) => core.textStream(endpoint(baseUrl)),
  open: '',
  say: (text) => text,
  think: () => '',
  hint: () => '',
  call: () => '',
  finish: '',
  last: '',
  error: '',
  count: () => '',
  oddities: {},
}

const named = (type: string, fields = ''): string =>
  event(`{"type":"${type}"${fields === '' ? '' : `,${fields}`}}`, type)
const block = (fields: string): string =>
  named('content_block_delta', `"index":0,"delta":${fields}`)

const anthropic: Dialect = {
  contentType: 'text/event-stream',
  route: (baseUrl) => core.anthropic(keyed(baseUrl)),
  open:
    named('message_start', '"message":{"id":"m","usage":{"input_tokens":3,"output_tokens":1}}') +
    named('content_block_start', '"index":0,"content_block":{"type":"text","text":""}'),
  say: (text) => block(`{"type":"text_delta","text":${quote(text)}}`),
  think: (text) => block(`{"type":"thinking_delta","thinking":${quote(text)}}`),
  hint: (index) =>
    named(
      'content_block_delta',
      `"index":${index},"delta":{"type":"input_json_delta","partial_json":""}`,
    ),
  call: (args, id = 'call_1', name = 'look') =>
    named(
      'content_block_start',
      `"index":1,"content_block":{"type":"tool_use","id":${quote(id)},"name":${quote(name)},"input":{}}`,
    ) +
    named(
      'content_block_delta',
      `"index":1,"delta":{"type":"input_json_delta","partial_json":${quote(args)}}`,
    ) +
    named('content_block_stop', '"index":1'),
  finish: named('message_delta', '"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}'),
  last: named('message_stop'),
  error: event('{"type":"error","error":{"type":"overloaded_error","message":"x"}}', 'error'),
  count: (input, output) =>
    named(
      'message_delta',
      `"delta":{},"usage":{"input_tokens":${input},"output_tokens":${output}}`,
    ),
  oddities: {
    'a type of a number': event('{"type":7}'),
    'a type of null': event('{"type":null}'),
    'a type of __proto__': named('__proto__'),
    'a message of a string': named('message_start', '"message":"no"'),
    'a message of null': named('message_start', '"message":null'),
    'a block of null': named('content_block_start', '"index":5,"content_block":null'),
    'a block of a string': named('content_block_start', '"index":5,"content_block":"no"'),
    'a block of an unknown type': named(
      'content_block_start',
      '"index":"__proto__","content_block":{"type":"__proto__","data":"no"}',
    ),
    'an index of an object': named(
      'content_block_start',
      '"index":{},"content_block":{"type":"thinking","thinking":""}',
    ),
    'a delta of null': named('content_block_delta', '"index":0,"delta":null'),
    'a delta of a string': named('content_block_delta', '"index":0,"delta":"no"'),
    'a text of an object': block('{"type":"text_delta","text":{"text":"no"}}'),
    'a text of an array': block('{"type":"text_delta","text":["no"]}'),
    'a thought of a number': block('{"type":"thinking_delta","thinking":7}'),
    'a signature of an object': block('{"type":"signature_delta","signature":{}}'),
    'a stop reason of an object': named('message_delta', '"delta":{"stop_reason":{}}'),
    'a usage of a string': named('message_delta', '"delta":{},"usage":"no"'),
    'a ping of nonsense': named('ping', '"delta":{"text":"no"}'),
    'a list': event('[]'),
    'no type at all': event('{}'),
  },
}

const candidate = (fields: string): string => event(`{"candidates":[{"index":0,${fields}}]}`)
const piece = (fields: string): string =>
  candidate(`"content":{"role":"model","parts":[${fields}]}`)

const gemini: Dialect = {
  contentType: 'text/event-stream',
  route: (baseUrl) => core.gemini(keyed(baseUrl)),
  open: '',
  say: (text) => piece(`{"text":${quote(text)}}`),
  think: (text) => piece(`{"thought":true,"text":${quote(text)}}`),
  hint: (index) =>
    piece(`{"functionCall":{"name":"look${index}","willContinue":true,"partialArgs":[]}}`),
  call: (args, id = 'call_1', name = 'look') =>
    piece(`{"functionCall":{"id":${quote(id)},"name":${quote(name)},"args":${args}}}`),
  finish: candidate('"content":{"parts":[]},"finishReason":"STOP"'),
  last: '',
  error: event('{"error":{"code":503,"status":"UNAVAILABLE","message":"The model is overloaded"}}'),
  count: (input, output) =>
    event(`{"usageMetadata":{"promptTokenCount":${input},"candidatesTokenCount":${output}}}`),
  oddities: {
    'candidates of a string': event('{"candidates":"no"}'),
    'candidates of an object': event('{"candidates":{"length":4294967295}}'),
    'candidates of null': event('{"candidates":[null]}'),
    'a hundred thousand candidates': event(
      `{"candidates":[${'{"index":1},'.repeat(8e4)}{"index":2}]}`,
    ),
    'a content of a string': candidate('"content":"no"'),
    'a content of null': candidate('"content":null'),
    'parts of a number': candidate('"content":{"parts":7}'),
    'parts of null': piece('null'),
    'parts of an object': candidate('"content":{"parts":{"text":"no"}}'),
    'a text of an object': piece('{"text":{"text":"no"}}'),
    'a text of an array': piece('{"text":["no"]}'),
    'a thought of a string': piece('{"thought":"yes","text":7}'),
    'a call of nothing': piece('{"functionCall":{}}'),
    'a piece of no call': piece('{"functionCall":{"partialArgs":[{"jsonPath":"$.a"}]}}'),
    'a feedback of a string': event('{"promptFeedback":"no","candidates":[{"index":0}]}'),
    'a usage of a string': event('{"usageMetadata":"no"}'),
    'a list': event('[]'),
    'no type at all': event('{}'),
  },
}

const openaiResponses: Dialect = {
  contentType: 'text/event-stream',
  route: (baseUrl) => core.openaiResponses(keyed(baseUrl)),
  open: named('response.created', '"response":{"id":"r","status":"in_progress"}'),
  say: (text) =>
    named(
      'response.output_text.delta',
      `"output_index":0,"content_index":0,"delta":${quote(text)}`,
    ),
  think: (text) =>
    named(
      'response.reasoning_summary_text.delta',
      `"output_index":0,"summary_index":0,"delta":${quote(text)}`,
    ),
  hint: (index) =>
    named('response.function_call_arguments.delta', `"output_index":${index},"delta":"a"`),
  call: (args, id = 'call_1', name = 'look') =>
    named(
      'response.output_item.done',
      `"output_index":1,"item":{"type":"function_call","id":"fc_1","call_id":${quote(id)},"name":${quote(name)},"arguments":${quote(args)}}`,
    ),
  finish: named('response.completed', '"response":{"status":"completed","output":[]}'),
  last: '',
  error: named('error', '"error":{"type":"server_error","code":"overloaded","message":"x"}'),
  count: (input, output) =>
    named(
      'response.completed',
      `"response":{"status":"completed","output":[],"usage":{"input_tokens":${input},"output_tokens":${output}}}`,
    ),
  oddities: {
    'a type of a number': event('{"type":7}'),
    'a type of __proto__': event('{"type":"__proto__"}'),
    'a delta of an object': named('response.output_text.delta', '"delta":{"text":"no"}'),
    'a delta of null': named('response.output_text.delta', '"delta":null'),
    'a delta of an array': named('response.reasoning_text.delta', '"delta":["no"]'),
    'a whole of a number': named('response.output_text.done', '"text":7'),
    'a part of a string': named('response.content_part.done', '"part":"no"'),
    'a part of null': named('response.content_part.done', '"part":null'),
    'an item of null': named('response.output_item.done', '"item":null'),
    'an item of a string': named('response.output_item.done', '"item":"no"'),
    'an item with a content of a string': named(
      'response.output_item.done',
      '"item":{"type":"message","content":"no"}',
    ),
    'an item with a content of null': named(
      'response.output_item.done',
      '"item":{"type":"message","content":[null,7,"no",{"type":7,"text":{}}]}',
    ),
    'an index of an object': named(
      'response.output_item.added',
      '"output_index":{"__proto__":1},"item":{"type":"message"}',
    ),
    'arguments of a call that is not there': named(
      'response.function_call_arguments.delta',
      '"output_index":"__proto__","delta":{}',
    ),
    'a response of a string': named('response.in_progress', '"response":"no"'),
    'a list': event('[]'),
    'no type at all': event('{}'),
  },
}

const agUi: Dialect = {
  contentType: 'text/event-stream',
  route: (baseUrl) => core.agUi(endpoint(baseUrl)),
  open:
    part('RUN_STARTED', '"threadId":"t","runId":"r"') +
    part('TEXT_MESSAGE_START', '"messageId":"m","role":"assistant"'),
  say: (text) => part('TEXT_MESSAGE_CONTENT', `"messageId":"m","delta":${quote(text)}`),
  think: (text) => part('REASONING_MESSAGE_CONTENT', `"messageId":"r","delta":${quote(text)}`),
  hint: (index) => part('TOOL_CALL_ARGS', `"toolCallId":"call_${index}","delta":"a"`),
  call: (args, id = 'call_1', name = 'look') =>
    part('TOOL_CALL_START', `"toolCallId":${quote(id)},"toolCallName":${quote(name)}`) +
    part('TOOL_CALL_ARGS', `"toolCallId":${quote(id)},"delta":${quote(args)}`) +
    part('TOOL_CALL_END', `"toolCallId":${quote(id)}`),
  finish: part('RUN_FINISHED', '"threadId":"t","runId":"r"'),
  last: '',
  error: part('RUN_ERROR', '"message":"Overloaded","code":"overloaded"'),
  count: (input, output) =>
    part(
      'RUN_FINISHED',
      `"threadId":"t","runId":"r","usage":[{"inputTokens":${input},"outputTokens":${output}}]`,
    ),
  oddities: {
    'a type of a number': event('{"type":7}'),
    'a type of null': event('{"type":null}'),
    'a type of __proto__': part('__proto__', '"delta":"no"'),
    'a delta of an object': part('TEXT_MESSAGE_CONTENT', '"messageId":"m","delta":{"a":1}'),
    'a delta of null': part('TEXT_MESSAGE_CONTENT', '"messageId":"m","delta":null'),
    'a message of __proto__':
      part('TEXT_MESSAGE_START', '"messageId":"__proto__","role":"constructor"') +
      part('TEXT_MESSAGE_START', '"messageId":"m","role":"assistant"'),
    'a chunk in a chunk': event('{"chunk":{"chunk":{"type":"TEXT_MESSAGE_CONTENT","delta":"no"}}}'),
    'a snapshot of a string': part('MESSAGES_SNAPSHOT', '"messages":7'),
    'a snapshot of null': part('MESSAGES_SNAPSHOT', '"messages":[null]'),
    'a state of anything': part('STATE_DELTA', '"delta":[{"op":"add","path":"/__proto__/x"}]'),
    'a result of no call': part('TOOL_CALL_RESULT', '"toolCallId":{},"content":null'),
    'a list': event('[]'),
    'no type at all': event('{}'),
  },
}

export type WireName =
  | 'openai'
  | 'aiSdk'
  | 'textStream'
  | 'anthropic'
  | 'gemini'
  | 'openaiResponses'
  | 'agUi'

export const dialects: Readonly<Record<WireName, Dialect>> = {
  openai,
  aiSdk,
  textStream,
  anthropic,
  gemini,
  openaiResponses,
  agUi,
}

/** Those that speak in server-sent events. */
export const framed: readonly WireName[] = [
  'openai',
  'aiSdk',
  'anthropic',
  'gemini',
  'openaiResponses',
  'agUi',
]
export const every: readonly WireName[] = [...framed, 'textStream']
