import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Outcome, RunEvent } from '@rungs/core'
import type { Expected, Recording } from './replay.ts'

/** What was made of a stream that holds a whole answer, in the terms of the corpus. */
interface Whole {
  readonly status: string
  readonly finish: string | null
  readonly textChars: number
  readonly textSha256: string
  readonly usage: readonly [input: number, output: number] | null
  readonly calls: readonly {
    readonly name: string
    readonly argsSha256: string
    /** The arguments are JSON, and the input is what they say. */
    readonly isParsed: boolean
  }[]
  readonly reasoningChars: number
  readonly skipped: number
  readonly failure: string | null
}
/** What was made of one that breaks, or says nothing. */
interface Broken {
  readonly isCompleted: boolean
  readonly kinds: readonly (string | undefined)[]
  readonly reasoningChars: number
}

/** What came of a recording beside what should have; where the corpus leaves something open, they agree. */
export function compare(
  { expected }: Recording,
  outcome: Outcome,
  events: readonly RunEvent[],
): { readonly seen: Whole | Broken; readonly due: Whole | Broken } {
  const kinds = kindsOf(expected)
  if (kinds === null) {
    const seen = wholeIn(outcome, events)
    return { seen, due: wholeOf(expected, seen) }
  }
  const reached = [outcome.attempts[0]?.failure?.kind, outcome.failure?.kind]
  return {
    seen: {
      isCompleted: outcome.status === 'completed',
      kinds: reached,
      reasoningChars: reasoningChars(events),
    },
    due: {
      isCompleted: false,
      kinds: reached.map((kind) => kinds.find((one) => one === kind) ?? kinds.join(' or ')),
      reasoningChars: expected.reasoning_chars,
    },
  }
}

/** Which kinds a stream that breaks may be; null for one that holds a whole answer. */
function kindsOf({ error, finish_reason: reason, ...held }: Expected): readonly string[] | null {
  if (error?.includes('tool_use_failed')) return ['invalid-response']
  if (error !== null) return ['invalid-response', 'outage']
  if (reason === null) return ['truncated']
  const isEmpty = held.text_chars === 0 && held.tool_calls === 0 && !held.refusal_chars
  return isEmpty ? ['invalid-response'] : null
}

function wholeOf(expected: Expected, seen: Whole): Whole {
  const { usage, refusal_chars: refusal } = expected
  const isGiven = usage !== null && usage.input !== null && usage.output !== null
  return {
    status: 'completed',
    finish: refusal === undefined ? finishOf(expected) : 'refused',
    textChars: refusal ?? expected.text_chars,
    textSha256: refusal === undefined ? expected.text_sha256 : seen.textSha256,
    usage: isGiven ? [usage.input ?? 0, usage.output ?? 0] : seen.usage,
    calls: (expected.tool_names ?? []).map((name, index) => ({
      name,
      argsSha256: expected.tool_args_sha256?.[index] ?? seen.calls[index]?.argsSha256 ?? '',
      isParsed:
        expected.tool_args_json_ok?.[index] === true || seen.calls[index]?.isParsed === true,
    })),
    reasoningChars: expected.reasoning_chars,
    skipped: 0,
    failure: null,
  }
}

function finishOf({ finish_reason: reason, tool_calls: calls }: Expected): string | null {
  switch (reason) {
    case 'length':
      return 'length'
    case 'content_filter':
      return 'filtered'
    case 'tool_calls':
    case 'function_call':
      return 'tool-calls'
    case null:
    default:
      // some hosts end with `stop` after calls, and calls are what the caller must act on
      return calls > 0 ? 'tool-calls' : 'stop'
  }
}

function wholeIn(outcome: Outcome, events: readonly RunEvent[]): Whole {
  const { status, finish, text, usage, message, attempts, failure } = outcome
  const calls = message.content.filter((part) => part.type === 'tool-call')
  return {
    status,
    finish,
    textChars: Array.from(text).length,
    textSha256: sha256(text),
    usage: usage && [usage.inputTokens, usage.outputTokens],
    calls: calls.map(({ name, input, inputText = '' }) => ({
      name,
      argsSha256: sha256(inputText),
      isParsed: isDeepStrictEqual(input, parsed(inputText)),
    })),
    reasoningChars: reasoningChars(events),
    skipped: attempts.reduce((sum, { skippedEvents }) => sum + skippedEvents, 0),
    failure: failure?.kind ?? null,
  }
}

function reasoningChars(events: readonly RunEvent[]): number {
  return Array.from(events.map((event) => (event.type === 'reasoning' ? event.text : '')).join(''))
    .length
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex')
}
