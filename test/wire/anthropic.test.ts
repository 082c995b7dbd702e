import { anthropic } from '@rungs/core'
import { testRecordings } from './recorded.ts'
import { bytesOf, type Corpus, type Recording } from './replay.ts'
import { compare } from './seen.ts'

const reasons = new Map([
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
])

/** The recording, its finish in the words of `seen.ts`, and its input with what the cache gave and took. */
function due(corpus: Corpus, recording: Recording): Recording {
  const { expected } = recording
  const { finish_reason: reason, usage } = expected
  const input = usage?.input
  return {
    ...recording,
    expected: {
      ...expected,
      finish_reason: reasons.get(reason ?? '') ?? reason,
      usage:
        usage && input != null
          ? { ...usage, input: input + cachedIn(bytesOf(corpus, recording).toString()) }
          : usage,
    },
  }
}

function cachedIn(body: string): number {
  const last = (name: string): number =>
    Number(Array.from(body.matchAll(new RegExp(`"${name}": ?(\\d+)`, 'g'))).at(-1)?.[1] ?? 0)
  // what each iteration took comes after the whole, and is the same where there is one
  return last('cache_read_input_tokens') + last('cache_creation_input_tokens')
}

/** Small ones, between them with pings, emoji, thoughts, calls with and without input, and no content. */
const cut = [
  'anthropic-message-delta-input-tokens-98c66d',
  'anthropic-tool-no-args-3a9c4f',
  'claude-haiku-4-5-20251001-dad698',
  'multitool-claude-haiku-4-5-20251001-6f1d9f',
  'reasoning-tool-claude-sonnet-4-6-b66597',
  'text-emoji-claude-3-opus-20240229-e52b48',
  'tool-claude-3-haiku-20240307-140e3c',
]

testRecordings({
  name: 'anthropic-messages',
  adapter: anthropic,
  compare: (corpus, recording, { outcome, events }) =>
    compare(due(corpus, recording), outcome, events),
  cut,
  longest: 2_500,
  samples: 400,
})
