import { judged } from '../policy/fault.ts'
import { describeThrown } from '../policy/thrown.ts'
import { parseInput } from '../wire/json.ts'
import { validatorOf } from '../wire/schema.ts'
import type { Finish } from '../words/event.ts'
import type { Part, ToolCall } from '../words/message.ts'
import type { Check } from '../words/policy.ts'
import type { RunRequest } from '../words/request.ts'
import type { OutputSchema, SchemaResult } from '../words/schema.ts'
import { appendPart } from './state.ts'

export interface WholeAnswer {
  /** In the order it came, one network read after the other. */
  readonly said: readonly Part[]
  readonly finish: Finish
}

/** What the answers of one run have to pass. */
export interface Passing {
  /**
   * Throws a Fault where an answer will not do. `shaped` is called once it has the shape that was asked
   * for: what comes after that only says how good it is.
   */
  readonly check: (answer: WholeAnswer, signal: AbortSignal, shaped: () => void) => Promise<void>
  /** What the newest answer came to by its schema; null before, and without one. */
  readonly object: () => unknown
}

type Miss = NonNullable<Extract<Awaited<ReturnType<Check>>, { ok: false }>['kind']>

/**
 * Checks that tell a refusal. They come before all else, so that what was refused is put to nobody else,
 * not even for its shape or its length.
 */
export const guards: WeakSet<Check> = new WeakSet()

export function createPassing(
  { tools, output }: Pick<RunRequest, 'tools' | 'output'>,
  checks: readonly Check[] = [],
): Passing {
  let object: unknown = null
  return {
    object: () => object,
    async check({ said, finish }, signal, shaped) {
      object = null
      if (!tools && !output && checks.length === 0) return
      const calls = said.filter((part) => part.type === 'tool-call')
      const text = said.map((part) => (part.type === 'text' ? part.text : '')).join('')
      const isRefused = finish === 'refused' || finish === 'filtered'
      let content: readonly Part[] | undefined
      async function pass(isGuard: boolean): Promise<void> {
        // What only calls tools is no answer yet.
        if (calls.length > 0) return
        for (const [index, check] of checks.entries()) {
          if (guards.has(check) !== isGuard) continue
          content ??= said.reduce(appendPart, [])
          const answer = { text, message: { role: 'assistant', content }, object } as const
          const miss = await missOf(check, index, answer, signal)
          if (signal.aborted) return
          // Of a refusal nobody expects that it is good.
          if (miss === 'blocked-content' || (miss && !isRefused)) throw judged(miss)
        }
      }
      if (isRefused && checks.some((check) => guards.has(check))) throw judged('blocked-content')
      await pass(true)
      if (!isRefused) {
        await checkCalls(calls, tools, finish)
        if (output && finish !== 'tool-calls') object = await validated(output, parseInput(text))
      }
      shaped()
      await pass(false)
    },
  }
}

/** What a check finds wanting; null where it finds nothing. One that breaks has found nothing: it is told. */
async function missOf(
  check: Check,
  index: number,
  answer: Parameters<Check>[0],
  signal: AbortSignal,
): Promise<Miss | null> {
  let problem = 'gave no verdict'
  try {
    // This is what the product made of it, whatever its type says.
    const verdict: { readonly ok?: unknown; readonly kind?: unknown } | null | undefined =
      await check(answer, { signal })
    if (verdict?.ok === true) return null
    if (verdict?.ok === false) {
      return MISSES.find((kind) => kind === verdict.kind) ?? 'quality-floor'
    }
  } catch (error) {
    problem = `threw ${describeThrown(error)}`
  }
  if (!signal.aborted) console.error(`[rungs] checks[${index}] ${problem}; the answer passes it`)
  return null
}

const MISSES: readonly Miss[] = ['blocked-content', 'invalid-response']

/** The value as its schema has it; throws a Fault where the schema refuses it. */
async function validated(schema: OutputSchema, value: unknown): Promise<unknown> {
  const result = await ask(schema, value)
  if (!result) throw judged('invalid-response')
  return result.value
}

/** A validator that throws is the product's bug: it is told, and accepts nothing. */
async function ask(
  schema: OutputSchema,
  value: unknown,
): Promise<{ readonly value: unknown } | null> {
  try {
    return accepted(await validatorOf(schema)['~standard'].validate(value))
  } catch (error) {
    console.error('[rungs] a schema threw', describeThrown(error))
    return null
  }
}

/** The value of a result that is no refusal: some validators give what they refuse beside the issues. */
export function accepted(result: SchemaResult<unknown>): { readonly value: unknown } | null {
  return ('issues' in result && result.issues) || !('value' in result) ? null : result
}

/**
 * A call has to be of a tool that there is, with an input that the tool takes. A request without tools may
 * be answered with calls of the backend's own; an input that the output limit cut short is told as it is.
 */
async function checkCalls(
  calls: readonly ToolCall[],
  tools: RunRequest['tools'],
  finish: Finish,
): Promise<void> {
  if (!tools || finish === 'length') return
  await Promise.all(
    calls.map(async ({ name, input }) => {
      const tool = Object.hasOwn(tools, name) ? tools[name] : undefined
      if (!tool || input === undefined) throw judged('invalid-response')
      await validated(tool.input, input)
    }),
  )
}
