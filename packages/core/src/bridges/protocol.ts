import { isRecord } from '../config/checks.ts'
import type { Outcome, Usage } from '../words/event.ts'
import type { FailureKind } from '../words/failure.ts'
import type { RunRequest, Tool } from '../words/request.ts'
import type { OutputSchema, StandardSchema } from '../words/schema.ts'
import type { Part } from '../words/message.ts'
import type { Told } from './told.ts'

export type Body = Readonly<Record<string, unknown>>

/** What a request of another protocol asks for. */
export type Asked = Pick<
  RunRequest,
  'messages' | 'system' | 'tools' | 'output' | 'maxOutputTokens' | 'temperature' | 'reasoning'
> & {
  /** The one tool that has to be called: its input is asked for as structured output. */
  readonly forced?: string | undefined
}

/** What an answer says of itself. */
export interface About {
  readonly id: string
  /** Who answers: a route's name. It changes while routes fail that have told only thoughts. */
  model: string
  /** Epoch s. */
  readonly created: number
  readonly body: Body
  /** Parts that were given out by an id which the next request may send in their place. */
  readonly given: Map<string, Part>
}

/** One event of a stream. */
export interface Sent {
  readonly event?: string
  readonly data: unknown
}

/** Why there is no answer. */
export interface Refusal {
  readonly status: number
  readonly message: string
  readonly code: string | null
  readonly param: string | null
  readonly retryAfterMs?: number | undefined
  readonly requestId: string | null
}

/** One API: how it asks, and how it is answered. */
export interface Protocol {
  /** @throws NotCarried */
  read(body: Body, given: ReadonlyMap<string, Part>): Asked
  /** The pieces of an answer, in order, as events; the last is `end`, of an answer that came whole. */
  stream(about: About): (told: Told) => readonly Sent[]
  whole(about: About, outcome: Outcome): object
  refuse(refusal: Refusal): object
  /** The same within a stream. */
  break(refusal: Refusal): Sent
}

/** Something is asked for that a ladder cannot promise; leaving it out would change the answer. */
export class NotCarried extends Error {
  readonly param: string
  constructor(param: string, what: unknown = '') {
    super(`Rungs does not carry ${param} ${typeof what === 'string' ? what : ''}`.trim())
    this.param = param
  }
}

/** Throws for a field that is there with another value than these, which say nothing. */
export function allowOnly(body: Body, fields: Readonly<Record<string, readonly unknown[]>>): void {
  for (const [field, values] of Object.entries(fields)) {
    const value = body[field] ?? null
    const said = JSON.stringify(value)
    if (value !== null && !values.some((one) => JSON.stringify(one) === said)) {
      throw new NotCarried(field)
    }
  }
}

export const STATUS: { readonly [Kind in FailureKind]: number } = {
  'rate-limit': 429,
  'quota-exhausted': 429,
  timeout: 504,
  'queue-stall': 504,
  'stream-stall': 504,
  outage: 503,
  network: 502,
  offline: 503,
  'blocked-request': 502,
  'invalid-response': 502,
  truncated: 502,
  auth: 401,
  'not-found': 404,
  'invalid-request': 400,
  'context-length': 400,
  'unsupported-capability': 400,
  'budget-breach': 402,
  'latency-ceiling': 504,
  'quality-floor': 503,
  'blocked-content': 400,
  'region-restriction': 403,
  'compliance-mismatch': 403,
}

/** Whoever asked has the validators; here only what is no JSON is refused. */
const passing: StandardSchema = {
  '~standard': {
    version: 1,
    vendor: 'rungs',
    validate: (value) => (value === undefined ? { issues: ['no JSON'] } : { value }),
  },
}

export function schemaOf(jsonSchema: unknown): OutputSchema {
  return isRecord(jsonSchema) ? { schema: passing, jsonSchema } : passing
}

export interface ToolChoice {
  readonly kind: 'auto' | 'none' | 'required' | 'tool'
  readonly name?: unknown
}

/**
 * Tools and structured output as they are asked for. A call that has to be made is asked for as structured
 * output, which every route can promise; where one of several has to be made, none can.
 */
export function abilities(
  tools: readonly {
    readonly name: unknown
    readonly description: unknown
    readonly schema: unknown
  }[],
  { kind, name }: ToolChoice,
  output: OutputSchema | undefined,
): Pick<Asked, 'tools' | 'output' | 'forced'> {
  if (kind === 'none' || tools.length === 0) return { output }
  if (kind === 'auto') {
    const named: Record<string, Tool> = {}
    for (const tool of tools) {
      named[String(tool.name)] = {
        description: String(tool.description || tool.name),
        input: schemaOf(tool.schema ?? { type: 'object', properties: {} }),
      }
    }
    return { tools: named, output }
  }
  const [only] = kind === 'tool' ? tools.filter((tool) => tool.name === name) : tools
  if (!only || (kind === 'required' && tools.length > 1)) throw new NotCarried('tool_choice')
  return { output: schemaOf(only.schema), forced: String(only.name) }
}

const EFFORTS: Readonly<Record<string, RunRequest['reasoning']>> = {
  none: 'none',
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
}
export function effortOf(effort: unknown): RunRequest['reasoning'] {
  return typeof effort === 'string' ? EFFORTS[effort] : undefined
}

export function numberOf(...values: readonly unknown[]): number | undefined {
  return values.find((value) => typeof value === 'number')
}

export function records(value: unknown): readonly Body[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

/** Texts of a content that may be one text, or parts. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  return records(content)
    .map(({ text }) => (typeof text === 'string' ? text : ''))
    .join('')
}

export const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0 }

/** A call's input as the text that protocols carry. */
export function argumentsOf({ input, inputText }: Extract<Part, { type: 'tool-call' }>): string {
  return inputText ?? JSON.stringify(input ?? {})
}
