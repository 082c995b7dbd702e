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
  const spoken = messages.flatMap(({ role, content }, index) => {
    if (role === 'tool') return []
    const later = resultsIn(messages.slice(index))
    const parts =
      typeof content === 'string'
        ? [{ type: 'text', text: content }]
        : content.flatMap((part) => encodePart(part, later))
    return [{ role, parts }]
  })
  const first = { role: 'system', parts: [{ type: 'text', text: system }] }
  return {
    id,
    trigger: 'submit-message',
    messages: (system === null ? spoken : [first, ...spoken]).map(({ role, parts }, index) => ({
      id: `${id}-${index}`,
      role,
      parts,
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

type Result = Extract<Part, { type: 'tool-result' }>

/** The next result of each call: providers without ids of their own begin anew with every answer. */
function resultsIn(messages: readonly Message[]): ReadonlyMap<string, Result> {
  const results = new Map<string, Result>()
  for (const { content } of messages) {
    if (typeof content === 'string') continue
    for (const part of content) {
      if (part.type === 'tool-result' && !results.has(part.id)) results.set(part.id, part)
    }
  }
  return results
}

function encodePart(part: Part, results: ReadonlyMap<string, Result>): object[] {
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
