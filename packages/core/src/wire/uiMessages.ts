import type { Message, Part } from '../words/message.ts'
import type { WireRequest } from '../words/wire.ts'
import { asText } from './json.ts'
import { jsonSchemaOf } from './schema.ts'

/**
 * The body that the AI SDK's own transports send: `{ id, messages, trigger }`, messages in its UI form;
 * beside it what this request asks for: `prompt` (the last user text), `maxOutputTokens`, `temperature`,
 * `reasoning`, `tools` and `outputSchema`.
 */
export function encodeUiMessages(request: WireRequest): object {
  const { id, system, messages, tools, output, maxOutputTokens, temperature, reasoning } = request
  const results = new Map(
    messages
      .flatMap(({ content }) => (typeof content === 'string' ? [] : content))
      .flatMap((part) => (part.type === 'tool-result' ? [[part.id, part] as const] : [])),
  )
  const spoken = messages.filter(({ role }) => role !== 'tool')
  const all: readonly Message[] =
    system === null ? spoken : [{ role: 'system', content: system }, ...spoken]
  return {
    id,
    trigger: 'submit-message',
    messages: all.map(({ role, content }, index) => ({
      id: `${id}-${index}`,
      role,
      parts:
        typeof content === 'string'
          ? [{ type: 'text', text: content }]
          : content.flatMap((part) => encodePart(part, results)),
    })),
    prompt: lastUserText(messages),
    maxOutputTokens,
    temperature,
    reasoning,
    tools:
      tools &&
      Object.fromEntries(
        Object.entries(tools).map(([name, tool]) => [
          name,
          { description: tool.description, inputSchema: jsonSchemaOf(tool.input) },
        ]),
      ),
    outputSchema: output && jsonSchemaOf(output),
  }
}

function encodePart(
  part: Part,
  results: ReadonlyMap<string, Extract<Part, { type: 'tool-result' }>>,
): object[] {
  switch (part.type) {
    case 'text':
      return [part]
    case 'image': {
      const { data, mediaType } = part
      const url = data instanceof URL ? data.href : `data:${mediaType};base64,${data}`
      return [{ type: 'file', mediaType, url }]
    }
    case 'reasoning':
      return part.text === undefined ? [] : [{ type: 'reasoning', text: part.text }]
    case 'tool-call': {
      const result = results.get(part.id)
      return [
        {
          type: `tool-${part.name}`,
          toolCallId: part.id,
          input: part.input,
          ...(result === undefined
            ? { state: 'input-available' }
            : result.isError
              ? { state: 'output-error', errorText: asText(result.output) }
              : { state: 'output-available', output: result.output }),
        },
      ]
    }
    case 'tool-result':
      return []
    default:
      return part satisfies never
  }
}

function lastUserText(messages: readonly Message[]): string | undefined {
  const content = messages.findLast(({ role }) => role === 'user')?.content
  if (content === undefined || typeof content === 'string') return content
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('')
}
