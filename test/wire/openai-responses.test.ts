import { openaiResponses } from '@rungs/core'
import { describe, expect, test } from 'vitest'
import { askFor, largest, testRecordings, type Told } from './recorded.ts'
import { bytesOf, type Recording } from './replay.ts'
import { compare } from './seen.ts'

const corpus = largest('openai-responses')

/** What an error in these recordings says, in our words. */
const KINDS = new Map([
  ['insufficient_quota', 'quota-exhausted'],
  ['rate_limit_exceeded', 'rate-limit'],
  ['server_is_overloaded', 'outage'],
  ['server_error', 'outage'],
])

/** `compare`, for a protocol whose reasons are a status and what left it incomplete. */
function compareResponse(
  recording: Recording,
  { outcome, events }: Told,
): { readonly seen: object; readonly due: object } {
  const { expected } = recording
  const { finish_reason: status, error } = expected
  if (error !== null) {
    const [, code = ''] = /"code": ?"(\w+)"/.exec(error) ?? []
    return {
      seen: { status: outcome.status, kind: outcome.failure?.kind, text: outcome.text },
      due: { status: 'failed', kind: KINDS.get(code) ?? 'outage', text: '' },
    }
  }
  return compare(
    { ...recording, expected: { ...expected, finish_reason: reasonOf(status) } },
    outcome,
    events,
  )
}

function reasonOf(status: string | null): string | null {
  if (status === null || status === 'completed') return status && 'stop'
  return status === 'incomplete:content_filter' ? 'content_filter' : 'length'
}

/** Small ones, between them with emoji, comments, [DONE], two calls, a cut call, a refusal, thoughts, an error. */
const cut = [
  'text-emoji-gpt-4.1-7361cc',
  'text-comments-gemini-3-flash-preview-c9edf6',
  'multitool-gpt-4.1-864611',
  'tool-truncated-gpt-5.6-ef7766',
  'refusal-8b8341',
  'reasoning-text-comments-gpt-oss-20b-f0afdb',
  'reasoning-text-comments-grok-3-mini-8a2a18',
  'openai-error.1-9046a4',
]

testRecordings({
  name: 'openai-responses',
  adapter: openaiResponses,
  compare: (_, recording, told) => compareResponse(recording, told),
  cut,
  longest: 5_600,
  samples: 600,
})

/** Their recorder left pieces out, so that the whole says more than they do. */
const thinned = ['openai-phase', 'shell-container']

describe('a recorded response of which less comes', () => {
  const recordings = corpus.recordings.filter(
    ({ file, expected }) => expected.error === null && !thinned.some((name) => file.includes(name)),
  )
  /** Codex ends with a response that holds no output. */
  const full = recordings.filter((one) => /"output": ?\[\{/.test(eventsOf(one).at(-1) ?? ''))
  const cases = [
    ...recordings.map((recording) => ({
      recording,
      without: 'its pieces',
      kept: /"response\.[\w.]+(?<!\.delta)"/,
    })),
    ...recordings.map((recording) => ({
      recording,
      without: 'all but items and end',
      kept: /"response\.(?:output_item\.done|completed|incomplete)"/,
    })),
    ...full.map((recording) => ({
      recording,
      without: 'all but its end',
      kept: /"response\.(?:completed|incomplete)"/,
    })),
  ]

  test.for(cases)(
    'is read whole without $without: $recording.file',
    async ({ recording, kept }) => {
      const { seen, due } = compareResponse(recording, await askForEvents(recording, kept))
      expect(seen).toEqual(due)
    },
  )

  test.for(recordings)('is truncated without its end: $file', async (recording) => {
    const { outcome } = await askForEvents(recording, /"response\.(?!completed|incomplete)/)
    expect(outcome).toMatchObject({ status: 'failed', failure: { kind: 'truncated' } })
  })
})

function askForEvents(recording: Recording, kept: RegExp): Promise<Told> {
  const events = eventsOf(recording).filter((event) => kept.test(event))
  return askFor(openaiResponses, recording, [Buffer.from(events.join(''))])
}

function eventsOf(recording: Recording): string[] {
  return bytesOf(corpus, recording)
    .toString('utf8')
    .split(/(?<=\n\n)/)
    .filter((event) => event.includes('{'))
}
