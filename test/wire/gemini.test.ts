import { createHash } from 'node:crypto'
import { createLLM, gemini, type Outcome, type RunEvent } from '@rungs/core'
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
  type Expected,
  type Recording,
  type Replay,
} from './replay.ts'
import { compare } from './seen.ts'

const corpora = [
  { name: 'the fixtures', corpus: speaking(fixtures, 'gemini') },
  { name: 'the shared corpus', corpus: speaking(shared, 'gemini') },
]

async function ask(
  baseUrl: string,
  model: string,
  fetch?: typeof globalThis.fetch,
): Promise<{ outcome: Outcome; events: RunEvent[] }> {
  const llm = createLLM({
    routes: { r: gemini({ model, apiKey: 'k', baseUrl }) },
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
  outcome: Outcome,
  events: RunEvent[],
): { readonly seen: object; readonly due: object } {
  const { seen, due } = compare(plain(recording), outcome, events)
  const args = argsOf(outcome)
  return {
    seen: { ...seen, args },
    due: { ...due, args: recording.expected.tool_args_sha256 ?? args },
  }
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
    const { seen, due } = compareAll(recording, outcome, events)
    expect({ seed, ...seen }).toEqual({ seed, ...due })
  })
})

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
/** A longer stream is cut at the awkward places, and at this many chosen by the seed. */
const longest = 4096
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
      const { seen, due } = compareAll(recording, outcome, events)
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
