import { Fault, judged } from '../policy/fault.ts'
import type { Finish, Usage } from '../words/event.ts'
import type { WireEvent } from '../words/wire.ts'
import type { Decode } from './events.ts'
import { isRecord, parseInput, parseJson } from './json.ts'
import { modelTeller } from './model.ts'

/**
 * A thought's signature, kept with what it signed: Gemini 3 refuses a call that comes back without its own.
 * https://ai.google.dev/gemini-api/docs/thought-signatures
 */
export interface Signature {
  readonly of: 'thought' | 'text' | 'call'
  readonly thoughtSignature: string
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
export function decode(tell: (event: WireEvent) => void): Decode {
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
