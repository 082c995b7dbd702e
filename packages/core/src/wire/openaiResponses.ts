import type { Message } from '../words/message.ts'
import type { KeyedRouteOptions, Route } from '../words/route.ts'
import type { WireRequest } from '../words/wire.ts'
import { decode } from './openaiResponsesStream.ts'
import { asText } from './json.ts'
import { createKeyedRoute } from './keyed.ts'
import { jsonSchemaOf } from './schema.ts'

/**
 * A route to OpenAI's Responses API, or to any host that speaks it (`baseUrl`): Azure, xAI, OpenRouter.
 * Nothing is stored there (`store: false`); what a model thought comes along encrypted and goes back to
 * it in the next run. OpenAI's models that do not think refuse to be asked for that: where the model's name
 * does not tell (a deployment on Azure), say so by `abilities` without `reasoning`.
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

/** OpenAI refuses a request for encrypted thoughts to a model of its own that has none. */
const THOUGHTLESS = /(?:^|[/:])(?:gpt-[34]|chatgpt-|gpt-5[\d.]*-chat)/
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
        // Required here, where Chat Completions takes a missing one for this.
        parameters: jsonSchemaOf(tool.input) ?? { type: 'object', properties: {} },
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
          const { opaque } = part
          const thought = typeof opaque === 'object' ? opaque : { encrypted_content: opaque }
          items.push({ type: 'reasoning', summary: [], ...thought })
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
