import { createLLM, openai, type Outcome, type RunEvent } from '@rungs/core'
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
  type Replay,
} from './replay.ts'
import { compare } from './seen.ts'

const corpora = [
  { name: 'the fixtures', corpus: speaking(fixtures, 'openai-chat') },
  { name: 'the shared corpus', corpus: speaking(shared, 'openai-chat') },
]

async function ask(
  baseUrl: string,
  model: string,
  fetch?: typeof globalThis.fetch,
): Promise<{ outcome: Outcome; events: RunEvent[] }> {
  const llm = createLLM({
    routes: { r: openai({ model, apiKey: 'k', baseUrl }) },
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
    const { seen, due } = compare(recording, outcome, events)
    expect({ seed, ...seen }).toEqual({ seed, ...due })
  })
})

/** Small ones, between them with emoji, comments, CRLF, no [DONE], calls, a refusal and reasoning. */
const cut = [
  'google-openai-chat-text-gemini-2.0-flash-80503f',
  'ollama-openai-chat-tool-llama3.1-bb4a95',
  'mistral-openai-chat-multitool-mistral-large-latest-3046c6',
  'xai-openai-chat-text-unicode-grok-4-fast-5dbd7a',
  'openrouter-openai-chat-text-emoji-comments-deepseek-chat-v3-0324-0fde07',
  'openai-openai-chat-text-emoji-davinci-002-f33449',
  'mistral-openai-chat-text-emoji-mistral-large-latest-ebe079',
  'deepseek-openai-chat-reasoning-tool-deepseek-v4-flash-583a0b',
  'openrouter-openai-chat-refusal-4c1024',
  'perplexity-openai-chat-text-crlf-sonar-d74c92',
]
/** A longer stream is cut at the awkward places, and at this many chosen by the seed. */
const longest = 8192
const samples = 600

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
      const { seen, due } = compare(recording, outcome, events)
      expect({ at, ...seen }).toEqual({ at, ...due })
    }
  })
})

function places(bytes: Uint8Array): readonly number[] {
  const all = Array.from({ length: bytes.length - 1 }, (_, index) => index + 1)
  if (bytes.length <= longest) return all
  const random = createRandom(seed)
  return all.filter((at) => isAwkward(bytes, at) || random() < samples / all.length)
}

/** Between CR and LF, or inside a character. */
function isAwkward(bytes: Uint8Array, at: number): boolean {
  return bytes[at - 1] === 0x0d || ((bytes[at] ?? 0) & 0xc0) === 0x80
}

function pieces(...slices: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const slice of slices) controller.enqueue(slice)
      controller.close()
    },
  })
}
