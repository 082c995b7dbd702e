import { createHash } from 'node:crypto'
import { gemini, type Outcome } from '@rungs/core'
import { testRecordings, type Told } from './recorded.ts'
import type { Expected, Recording } from './replay.ts'
import { compare } from './seen.ts'

/** What the corpus keeps as Gemini says it, in the words in which it is compared. */
function plain(recording: Recording): Recording {
  const { expected } = recording
  const { usage, finish_reason: reason } = expected
  const isWhole = usage !== null && usage.output !== null
  return {
    ...recording,
    expected: {
      ...expected,
      finish_reason: reasonOf(reason),
      usage: isWhole ? { ...usage, output: (usage.output ?? 0) + thoughtsOf(expected) } : usage,
      tool_args_sha256: [],
    },
  }
}

function reasonOf(reason: string | number | null): string | null {
  switch (reason) {
    case null:
      return null
    case 'MAX_TOKENS':
      return 'length'
    case 'SAFETY':
    case 'RECITATION':
      return 'content_filter'
    default:
      return 'stop'
  }
}

/** Gemini counts thoughts apart. */
function thoughtsOf(expected: Expected & { extra?: { usage_thoughts?: number } | null }): number {
  return expected.extra?.usage_thoughts ?? 0
}

/** Arguments come as JSON values: the corpus has a spelling of its own for them. */
function argsOf({ message }: Outcome): readonly string[] {
  return message.content
    .filter((part) => part.type === 'tool-call')
    .map(({ input }) => createHash('sha256').update(spaced(input)).digest('hex'))
}

function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)}: ${spaced(inner)}`)
    .join(', ')}}`
}

function compareAll(
  recording: Recording,
  { outcome, events }: Told,
): { readonly seen: object; readonly due: object } {
  const { seen, due } = compare(plain(recording), outcome, events)
  const args = argsOf(outcome)
  return {
    seen: { ...seen, args },
    due: { ...due, args: recording.expected.tool_args_sha256 ?? args },
  }
}

/** Small ones, between them with CRLF, arrays, one event, thoughts, signatures, pieces of calls and a filter. */
const cut = [
  'google-gemini-text-crlf-gemini-2.5-flash-055eef',
  'google-gemini-text-truncated-crlf-gemini-2.5-flash-28c44d',
  'google-gemini-tool-crlf-gemini-2.0-flash-fc556a',
  'google-gemini-reasoning-tool-gemini-2.5-flash-0e5a06',
  'google-gemini-google-stream-tool-call-arguments-83d7ce',
  'google-gemini-google-text-9269d6',
  'google-gemini-malformed-function-call-fe82c9',
  'vertex-gemini-failure-finish-reason-safety-ffabdc',
  'vertex-gemini-text-crlf-gemini-2.5-flash-1859c5',
  'vertex-gemini-text-gemini-2.5-flash-f49e97',
]

testRecordings({
  name: 'gemini',
  adapter: gemini,
  compare: (_, recording, told) => compareAll(recording, told),
  cut,
  longest: 4_096,
  samples: 600,
})
