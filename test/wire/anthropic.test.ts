import { anthropic, createLLM, type Outcome, type RunEvent } from '@rungs/core'
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
  type Corpus,
  type Recording,
  type Replay,
} from './replay.ts'
import { compare } from './seen.ts'

const corpora = [
  { name: 'the fixtures', corpus: speaking(fixtures, 'anthropic-messages') },
  { name: 'the shared corpus', corpus: speaking(shared, 'anthropic-messages') },
]

async function ask(
  baseUrl: string,
  model: string,
  fetch?: typeof globalThis.fetch,
): Promise<{ outcome: Outcome; events: RunEvent[] }> {
  const llm = createLLM({
    routes: { r: anthropic({ model, apiKey: 'k', baseUrl }) },
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

describe.for(corpora)('a recorded stream in $name', ({ corpus }) => {
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
    const { outcome, events } = await ask(replay.baseUrl(index), recording.model ?? 'unknown')
    const { seen, due: expected } = compare(due(corpus, recording), outcome, events)
    expect({ seed, ...seen }).toEqual({ seed, ...expected })
  })
})

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
/** A longer stream is cut inside its characters, and at this many places chosen by the seed. */
const longest = 2500
const samples = 400

describe('a recorded stream', () => {
  const corpus =
    corpora.findLast(({ corpus: { recordings: some } }) => some.length > 0)?.corpus ?? fixtures
  const recordings = corpus.recordings.filter(({ file }) => cut.some((name) => file.includes(name)))

  test.for(recordings)('reads the same wherever it is cut in two: $file', async (recording) => {
    const bytes = bytesOf(corpus, recording)
    const headers = { 'content-type': contentTypeOf(recording) }
    for (const at of places(bytes)) {
      const fetch = (): Promise<Response> =>
        Promise.resolve(
          new Response(pieces(bytes.subarray(0, at), bytes.subarray(at)), { headers }),
        )
      const { outcome, events } = await ask('https://recorded.test/v1', 'recorded', fetch)
      const { seen, due: expected } = compare(due(corpus, recording), outcome, events)
      expect({ at, ...seen }).toEqual({ at, ...expected })
    }
  })
})

function places(bytes: Uint8Array): readonly number[] {
  const all = Array.from({ length: bytes.length - 1 }, (_, index) => index + 1)
  if (bytes.length <= longest) return all
  const random = createRandom(seed)
  return all.filter((at) => ((bytes[at] ?? 0) & 0xc0) === 0x80 || random() < samples / all.length)
}

function pieces(...slices: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const slice of slices) controller.enqueue(slice)
      controller.close()
    },
  })
}
