import type { Message, Part } from '../words/message.ts'
import type { KeyedRouteOptions, Route } from '../words/route.ts'
import type { WireRequest } from '../words/wire.ts'
import { decode, type Signature } from './geminiStream.ts'
import { isRecord } from './json.ts'
import { createKeyedRoute } from './keyed.ts'
import { jsonSchemaOf } from './schema.ts'

const OWN_API = 'https://generativelanguage.googleapis.com/v1beta'

/**
 * A route to Google's Gemini API in its own format. The key goes in a header, never into the address.
 * Vertex AI speaks the same below its `…/publishers/google` (`baseUrl`), with `apiKey: null` and an access
 * token in `headers`. Of what a model makes, only text, thoughts and calls of the caller's tools are read.
 * Format: https://ai.google.dev/api/generate-content
 *
 * @example
 * gemini({ model: 'gemini-3.5-flash', apiKey: () => session.geminiKey, quality: 0.8 })
 */
export function gemini(options: KeyedRouteOptions): Route {
  return createKeyedRoute(options, {
    protocol: 'gemini',
    baseUrl: OWN_API,
    abilities: ['text', 'image', 'tools', 'json', 'reasoning'],
    // `tunedModels/…` and the like are paths already. Without `alt` a JSON array comes instead of events.
    path: (model) => `${/\//.test(model) ? '' : 'models/'}${model}:streamGenerateContent?alt=sse`,
    authorize: (key) => ({ 'x-goog-api-key': key }),
    encode,
    decode,
  })
}

function encode(request: WireRequest, { model, baseUrl = OWN_API }: KeyedRouteOptions): object {
  const { system, messages, tools, output, maxOutputTokens, temperature, reasoning } = request
  const jsonSchema = output && jsonSchemaOf(output)
  const dialect: Dialect = {
    hasIds: !/aiplatform/.test(baseUrl),
    signature: isNewer(model) ? { thoughtSignature: 'skip_thought_signature_validator' } : {},
  }
  const all: readonly Message[] =
    system === null ? messages : [{ role: 'system', content: system }, ...messages]
  const instructions = all
    .filter(({ role }) => role === 'system')
    .flatMap((message) => encodeMessage(message, dialect))
  const declarations = Object.entries(tools ?? {}).map(([name, tool]) => ({
    name,
    description: tool.description,
    parametersJsonSchema: jsonSchemaOf(tool.input),
  }))
  return {
    systemInstruction: instructions[0] && { parts: instructions },
    contents: encodeContents(messages, dialect),
    tools: declarations[0] && [{ functionDeclarations: declarations }],
    generationConfig: {
      maxOutputTokens,
      temperature,
      thinkingConfig: reasoning && thinkingOf(model, reasoning),
      responseMimeType: output && 'application/json',
      responseJsonSchema: jsonSchema && withoutConst(jsonSchema),
    },
  }
}

interface Dialect {
  /** Vertex AI knows none: there calls and results are paired by name and order. */
  readonly hasIds: boolean
  /** Of the call that comes next; in a batch the first has one. What another model called stands in by this. */
  readonly signature: object
}

/** From 3 on; aliases without a number (`gemini-flash-latest`) are. */
function isNewer(model: string): boolean {
  return /gemini-(?![12])/.test(model)
}

function encodeContents(messages: readonly Message[], dialect: Dialect): object[] {
  const contents: { role: string; parts: object[] }[] = []
  let before = ''
  for (const message of messages) {
    const { role } = message
    const parts = role === 'system' ? [] : encodeMessage(message, dialect)
    if (!parts[0]) continue
    // The results of one turn's calls must share one turn.
    if (role === 'tool' && before === role) contents.at(-1)?.parts.push(...parts)
    else contents.push({ role: role === 'assistant' ? 'model' : 'user', parts })
    before = role
  }
  return contents
}

function encodeMessage({ content }: Message, dialect: Dialect): object[] {
  const { hasIds } = dialect
  const parts: readonly Part[] =
    typeof content === 'string' ? [{ type: 'text', text: content }] : content
  let { signature } = dialect
  return parts.flatMap((part): object[] => {
    switch (part.type) {
      case 'text':
        return part.text ? [{ text: part.text }] : []
      case 'image': {
        const { data, mediaType: mimeType } = part
        return typeof data === 'string'
          ? [{ inlineData: { mimeType, data } }]
          : [{ fileData: { mimeType, fileUri: data } }]
      }
      case 'reasoning': {
        const { of, thoughtSignature } = (part.opaque ?? {}) as Partial<Signature>
        if (of === 'thought') return [{ text: part.text, thought: true, thoughtSignature }]
        if (of === 'text') return [{ text: '', thoughtSignature }]
        if (of === 'call') signature = { thoughtSignature }
        return []
      }
      case 'tool-call': {
        const { name, input } = part
        const id = hasIds ? part.id : undefined
        const call = {
          functionCall: { id, name, args: isRecord(input) ? input : {} },
          ...signature,
        }
        signature = {}
        return [call]
      }
      case 'tool-result': {
        const { name, output = null, isError } = part
        const id = hasIds ? part.id : undefined
        const response = isError ? { error: output } : { output }
        return [{ functionResponse: { id, name, response } }]
      }
      default:
        return part satisfies never
    }
  })
}

/** Tokens to think with, as Google's own OpenAI endpoint has them: https://ai.google.dev/gemini-api/docs/openai */
const BUDGETS = { none: 0, low: 1_024, medium: 8_192, high: 24_576 }
/** 2.5 Pro cannot do without thinking: https://ai.google.dev/gemini-api/docs/thinking */
const LEAST_BUDGET = 128

/**
 * How much to think: a budget in 2.5, a level from 3 on, and nothing where a model does not think. `minimal`
 * is refused by some that know levels, so `none` becomes `low` there. Asking for thoughts shows that
 * something happens.
 */
function thinkingOf(
  model: string,
  reasoning: NonNullable<WireRequest['reasoning']>,
): object | undefined {
  const includeThoughts = reasoning !== 'none'
  if (/gemini-2\.5/.test(model)) {
    const least = /pro/.test(model) ? LEAST_BUDGET : 0
    return { includeThoughts, thinkingBudget: Math.max(least, BUDGETS[reasoning]) }
  }
  return isNewer(model)
    ? { includeThoughts, thinkingLevel: includeThoughts ? reasoning : 'low' }
    : undefined
}

/** Gemini's JSON Schema has no `const`: https://ai.google.dev/gemini-api/docs/structured-output */
function withoutConst(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutConst)
  if (!isRecord(schema)) return schema
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) =>
      // A property may bear the name; its value is a schema.
      key === 'const' && !isRecord(value) ? ['enum', [value]] : [key, withoutConst(value)],
    ),
  )
}
