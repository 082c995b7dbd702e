import { createLLM, openaiResponses, type Outcome, type RunEvent } from '@rungs/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  bytesOf,
  contentTypeOf,
  createRandom,
  fixtures,
  seed,
  serve,
  shared,
  speaking,
  type Recording,
  type Replay,
} from './replay.ts'
import { compare } from './seen.ts'

const corpora = [
  { name: 'the fixtures', corpus: speaking(fixtures, 'openai-responses') },
  { name: 'the shared corpus', corpus: speaking(shared, 'openai-responses') },
]

interface Told {
  readonly outcome: Outcome
  readonly events: readonly RunEvent[]
}

async function ask(baseUrl: string, model: string, fetch?: typeof globalThis.fetch): Promise<Told> {
  const llm = createLLM({
    routes: { r: openaiResponses({ model, apiKey: 'k', baseUrl }) },
    workloads: { chat: { ladder: ['r'] } },
    ...(fetch ? { world: { fetch } } : {}),
  })
  const run = llm.run({ workload: 'chat', prompt: 'Say what was recorded.' })
  const events: RunEvent[] = []
  for await (const event of run) events.push(event)
  const outcome = await run.outcome
  await llm.close()
  return { outcome, events }
}

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

describe.for(corpora)('a recorded response in $name', ({ corpus }) => {
  const cases = corpus.recordings.map((recording, index) => ({
    file: recording.file,
    recording,
    index,
  }))
  let replay: Replay
  beforeAll(async () => {
    replay = await serve(corpus)
  })
  afterAll(() => replay.close())

  test.skipIf(cases.length === 0)('is there to be read, or this is skipped', () => {
    expect(cases).not.toHaveLength(0)
  })

  test.for(cases)('is read whole, cut anywhere: $file', async ({ index, recording }) => {
    const told = await ask(replay.baseUrl(index), recording.model ?? 'unknown')
    const { seen, due } = compareResponse(recording, told)
    expect({ seed, ...seen }).toEqual({ seed, ...due })
  })
})

const corpus =
  corpora.findLast(({ corpus: { recordings: some } }) => some.length > 0)?.corpus ?? fixtures

/** The recorded body by another `fetch`, cut or thinned out. */
async function askFor(recording: Recording, pieces: readonly Uint8Array[]): Promise<Told> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece)
      controller.close()
    },
  })
  const headers = { 'content-type': contentTypeOf(recording) }
  return ask('https://recorded.test/v1', 'recorded', () =>
    Promise.resolve(new Response(body, { headers })),
  )
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
/** A longer stream is cut at the awkward places, and at this many chosen by the seed. */
const longest = 5600
const samples = 600

describe('a recorded response', () => {
  const recordings = corpus.recordings.filter(({ file }) => cut.some((name) => file.includes(name)))

  test.for(recordings)('reads the same wherever it is cut in two: $file', async (recording) => {
    const bytes = bytesOf(corpus, recording)
    for (const at of places(bytes)) {
      const told = await askFor(recording, [bytes.subarray(0, at), bytes.subarray(at)])
      const { seen, due } = compareResponse(recording, told)
      expect({ at, ...seen }).toEqual({ at, ...due })
    }
  })
})

function places(bytes: Uint8Array): readonly number[] {
  const all = Array.from({ length: bytes.length - 1 }, (_, index) => index + 1)
  if (bytes.length <= longest) return all
  const random = createRandom(seed)
  // inside a character
  const isAwkward = (at: number): boolean => ((bytes[at] ?? 0) & 0xc0) === 0x80
  return all.filter((at) => isAwkward(at) || random() < samples / all.length)
}

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
  return askFor(recording, [Buffer.from(events.join(''))])
}

function eventsOf(recording: Recording): string[] {
  return bytesOf(corpus, recording)
    .toString('utf8')
    .split(/(?<=\n\n)/)
    .filter((event) => event.includes('{'))
}
