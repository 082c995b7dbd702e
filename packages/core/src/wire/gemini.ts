import { Fault, judged } from '../policy/fault.ts'
import type { Finish, Usage } from '../words/event.ts'
import type { Message, Part } from '../words/message.ts'
import type { KeyedRouteOptions, Route } from '../words/route.ts'
import type { WireEvent, WireRequest } from '../words/wire.ts'
import type { Decode } from './events.ts'
import { parseInput, parseJson } from './json.ts'
import { createKeyedRoute } from './keyed.ts'
import { modelTeller } from './model.ts'
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

/**
 * A thought's signature, kept with what it signed: Gemini 3 refuses a call that comes back without its own.
 * https://ai.google.dev/gemini-api/docs/thought-signatures
 */
interface Signature {
  readonly of: 'thought' | 'text' | 'call'
  readonly thoughtSignature: string
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

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The parts of a response that are read. */
interface Chunk {
  readonly modelVersion?: unknown
  readonly error?: unknown
  readonly candidates?: readonly Candidate[] | null
  readonly promptFeedback?: { readonly blockReason?: unknown } | null
  readonly usageMetadata?: RawUsage | null
  readonly responseId?: string
}
interface Candidate {
  readonly index?: number
  readonly content?: { readonly parts?: readonly RawPart[] | null } | null
  /** A number where a proxy asks for enums as such. */
  readonly finishReason?: unknown
}
interface RawPart {
  readonly text?: unknown
  readonly thought?: boolean
  readonly thoughtSignature?: unknown
  readonly functionCall?: RawCall | null
}
interface RawCall {
  readonly id?: string
  readonly name?: string
  readonly args?: unknown
  readonly partialArgs?: readonly Patch[] | null
  /** More of this call comes in later chunks. */
  readonly willContinue?: boolean
}
/** One value of a call's arguments, or a piece of a text. */
interface Patch {
  readonly jsonPath: string
  readonly stringValue?: string
  readonly numberValue?: number
  readonly boolValue?: boolean
}
interface RawUsage {
  readonly promptTokenCount?: number | null
  readonly candidatesTokenCount?: number | null
  readonly thoughtsTokenCount?: number | null
  readonly cachedContentTokenCount?: number | null
}

/** Reasons by number (`$alt=json;enum-encoding=int`), as far as the Gemini API and Vertex AI agree. */
const REASONS = [
  '',
  'STOP',
  'MAX_TOKENS',
  'SAFETY',
  'SAFETY',
  'OTHER',
  'SAFETY',
  'SAFETY',
  'SAFETY',
]
/** Stems, here and below: there are such reasons of images and of Model Armor too. */
const FILTERED = /SAFETY|RECIT|BLOCK|PROHIB|SPII|ARMOR/
/** The model broke off: a call that cannot be read, a language or a cause of which nothing is known. */
const BROKEN = /MALF|UNEXP|TOO_M|MISSING|LANGUAGE|OTHER/

/** Read one stream. Only the first candidate counts. */
function decode(tell: (event: WireEvent) => void): Decode {
  /** The call whose arguments come in pieces. */
  let open: { call: RawCall; signature: unknown; args: unknown } | null = null
  let calls = 0
  /** A reason is the last word, and not one that comes with every piece, as it did up to Gemini 1.5. */
  let isLast = false
  const tellModel = modelTeller(tell)

  function tellSigned(of: Signature['of'], text: string, thoughtSignature: unknown): void {
    if (thoughtSignature) tell({ type: 'reasoning', text, opaque: { of, thoughtSignature } })
    else if (text) tell({ type: 'reasoning', text })
  }

  /** The open call is whole; `isCut` where the answer ended in it, and its text then is no JSON. */
  function close(isCut: boolean): void {
    if (!open) return
    const { call, signature, args } = open
    open = null
    const { id, name = '' } = call
    const text = JSON.stringify(args ?? {})
    const inputText = isCut ? text.slice(0, -1) : text
    const input = parseInput(inputText)
    tellSigned('call', '', signature)
    tell({
      type: 'tool-call',
      call: { type: 'tool-call', id: id || `call_${calls}_${name}`, name, input, inputText },
    })
    calls += 1
  }

  function readCall(call: RawCall, signature: unknown): void {
    const { name, args, partialArgs, willContinue } = call
    if (name) {
      // The last piece of the one before may lack its end.
      close(false)
      open = { call, signature, args: partialArgs?.[0] || willContinue ? null : args }
    }
    if (!open) return
    tell({ type: 'tool-delta' })
    open.signature ||= signature
    for (const patch of partialArgs ?? []) open.args = patched(open.args, patch)
    if (!willContinue) close(false)
  }

  function readPart({ text, thought, thoughtSignature, functionCall }: RawPart): void {
    const said = typeof text === 'string' ? text : ''
    if (functionCall) readCall(functionCall, thoughtSignature)
    else if (thought) tellSigned('thought', said, thoughtSignature)
    else {
      if (said) tell({ type: 'text', text: said })
      tellSigned('text', '', thoughtSignature)
    }
  }

  function readReason(reason: string): void {
    const finish: Finish = FILTERED.test(reason)
      ? 'filtered'
      : reason === 'MAX_TOKENS'
        ? 'length'
        : 'stop'
    const isWhole = finish === 'stop'
    if (isWhole && BROKEN.test(reason)) throw judged('invalid-response')
    close(!isWhole)
    tell({ type: 'finish', finish, ...(isWhole && !isLast ? { mayGoOn: true } : {}) })
  }

  return (data) => {
    // Not Gemini's own, but gateways say it.
    if (data === '[DONE]') return
    const chunk = parseJson(data) as Chunk
    // Of what is no object not even this can be asked: the event is skipped.
    if ('error' in chunk && chunk.error) throw new Fault({ from: 'event', error: chunk })
    tellModel(chunk.modelVersion)
    const candidate = chunk.candidates?.find((one) => !one.index)
    for (const part of candidate?.content?.parts ?? []) readPart(part)
    const usage = readUsage(chunk.usageMetadata)
    if (usage) tell({ type: 'usage', usage })
    const reason = reasonOf(candidate?.finishReason)
    // `responseId` came after that; before, a piece without a reason tells.
    isLast ||= Boolean(chunk.responseId || (candidate && !reason))
    if (reason) readReason(reason)
    // The prompt was refused, and there is no candidate.
    else if (!candidate && chunk.promptFeedback?.blockReason) readReason('SAFETY')
  }
}

/** `FINISH_REASON_UNSPECIFIED` is none. */
function reasonOf(given: unknown): string {
  const reason = typeof given === 'number' ? (REASONS[given] ?? 'OTHER') : given
  return typeof reason === 'string' && !reason.endsWith('UNSPECIFIED') ? reason : ''
}

function readUsage(raw: RawUsage | null | undefined): Usage | null {
  if (typeof raw?.promptTokenCount !== 'number') return null
  const { cachedContentTokenCount: cachedTokens, thoughtsTokenCount: reasoningTokens } = raw
  return {
    inputTokens: raw.promptTokenCount,
    // Thoughts are counted apart here.
    outputTokens: (raw.candidatesTokenCount ?? 0) + (reasoningTokens ?? 0),
    ...(cachedTokens ? { cachedTokens } : {}),
    ...(reasoningTokens ? { reasoningTokens } : {}),
  }
}

/** `.name`, `[0]`, `['name']`, `["name"]`. */
const STEP = /\.([^.[\]]+)|\[(?:(\d+)|(["'])([^'"]*)\3)\]/g
/** Longer paths than can be of use: deeper than 64 there is no input anyway. */
const STEPS = 99

/** The arguments with one value more. What cannot be put where it says spoils the call. */
function patched(args: unknown, patch: Patch): unknown {
  const { jsonPath, stringValue, numberValue, boolValue } = patch
  const path = [...jsonPath.matchAll(STEP)].map(([, name, index, , quoted]) =>
    index === undefined ? (name ?? quoted ?? '') : Number(index),
  )
  if (jsonPath.replace(STEP, '') !== '$' || path.length > STEPS) throw judged('invalid-response')
  return put(args, path, stringValue ?? numberValue ?? boolValue ?? null)
}

/** A text that is there already goes on. Objects have no prototype, for their keys are the model's. */
function put(at: unknown, [key, ...path]: readonly (string | number)[], value: unknown): unknown {
  if (key === undefined) {
    return typeof at === 'string' && typeof value === 'string' ? at + value : value
  }
  const node = (at ?? (typeof key === 'number' ? [] : Object.create(null))) as {
    [key: string | number]: unknown
  }
  // One more than there are: an index out of nowhere could fill the memory.
  const isHere =
    typeof key === 'number' ? Array.isArray(node) && key <= node.length : isRecord(node)
  if (!isHere) throw judged('invalid-response')
  node[key] = put(node[key], path, value)
  return node
}
