import { tokensOf } from '../policy/tokens.ts'
import { jsonSchemaOf } from '../wire/schema.ts'
import type { Part } from '../words/message.ts'
import type { OutputSchema } from '../words/schema.ts'
import type { WireRequest } from '../words/wire.ts'

/** What an image comes to with most providers, tokens. */
const IMAGE_TOKENS = 800

type Sized = Pick<WireRequest, 'system' | 'messages' | 'tools' | 'output'>

/** A request is reckoned for every route and at every move, and is always the same. */
const reckoned = new WeakMap<Sized, number>()

/** About how many tokens a request sends: every provider counts the tools and the schema of the answer as well. */
export function inputTokens(request: Sized): number {
  const known = reckoned.get(request)
  if (known !== undefined) return known
  const { system, messages, tools = {}, output } = request
  let tokens = tokensOf(system ?? '') + (output ? tokensInSchema(output) : 0)
  for (const [name, { description, input }] of Object.entries(tools))
    tokens += tokensOf(name + description) + tokensInSchema(input)
  for (const { content } of messages) {
    if (typeof content === 'string') tokens += tokensOf(content)
    else for (const part of content) tokens += tokensIn(part)
  }
  reckoned.set(request, tokens)
  return tokens
}

function tokensIn(part: Part): number {
  switch (part.type) {
    case 'image':
      return IMAGE_TOKENS
    case 'text':
    case 'reasoning':
      return tokensOf(part.text ?? '')
    case 'tool-call':
      return tokensOf(part.inputText ?? JSON.stringify(part.input) ?? '')
    case 'tool-result':
      return tokensOf(JSON.stringify(part.output) ?? '')
    default:
      return part satisfies never
  }
}

function tokensInSchema(schema: OutputSchema): number {
  try {
    return tokensOf(JSON.stringify(jsonSchemaOf(schema)) ?? '')
  } catch {
    // A schema that has no JSON form is told by the attempt that needs it.
    return 0
  }
}
