import {
  createLLM,
  type KeyedRouteOptions,
  type Outcome,
  type Route,
  type RunEvent,
} from '@rungs/core'
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

export interface Told {
  readonly outcome: Outcome
  readonly events: readonly RunEvent[]
}
type Compared = { readonly seen: object; readonly due: object }
type Adapter = (options: KeyedRouteOptions) => Route

/** A protocol and its recordings. */
export interface Protocol {
  /** Its name in the corpus. */
  readonly name: string
  readonly adapter: Adapter
  /** What came of a recording beside what is due. Default: `compare`. */
  readonly compare?: (corpus: Corpus, recording: Recording, told: Told) => Compared
  /** Recordings that are cut in two at every place, by a piece of their files' names; small ones. */
  readonly cut: readonly string[]
  /** A longer stream is cut at the awkward places, and at `samples` places chosen by the seed; bytes. */
  readonly longest: number
  readonly samples: number
}

async function ask(
  adapter: Adapter,
  baseUrl: string,
  model: string,
  fetch?: typeof globalThis.fetch,
): Promise<Told> {
  const llm = createLLM({
    routes: { r: adapter({ model, apiKey: 'k', baseUrl }) },
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

/** The recorded body by another `fetch`, cut or thinned out. */
export function askFor(
  adapter: Adapter,
  recording: Recording,
  pieces: readonly Uint8Array[],
): Promise<Told> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece)
      controller.close()
    },
  })
  const headers = { 'content-type': contentTypeOf(recording) }
  return ask(adapter, 'https://recorded.test/v1', 'recorded', () =>
    Promise.resolve(new Response(body, { headers })),
  )
}

/** The shared corpus where it is there, else the fixtures. */
export function largest(protocol: string): Corpus {
  const all = speaking(shared, protocol)
  return all.recordings.length > 0 ? all : speaking(fixtures, protocol)
}

/** The tests that each protocol's recordings have to pass. */
export function testRecordings(protocol: Protocol): void {
  const { name: protocolName, adapter, cut, longest, samples } = protocol
  const compared =
    protocol.compare ??
    ((_, recording, { outcome, events }: Told) => compare(recording, outcome, events))
  const corpora = [
    { name: 'the fixtures', corpus: speaking(fixtures, protocolName) },
    { name: 'the shared corpus', corpus: speaking(shared, protocolName) },
  ]

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
      const told = await ask(adapter, replay.baseUrl(index), recording.model ?? 'unknown')
      const { seen, due } = compared(corpus, recording, told)
      expect({ seed, ...seen }).toEqual({ seed, ...due })
    })
  })

  describe('a recorded stream', () => {
    const corpus = largest(protocolName)
    const recordings = corpus.recordings.filter(({ file }) =>
      cut.some((name) => file.includes(name)),
    )

    test.for(recordings)('reads the same wherever it is cut in two: $file', async (recording) => {
      const bytes = bytesOf(corpus, recording)
      for (const at of places(bytes)) {
        const told = await askFor(adapter, recording, [bytes.subarray(0, at), bytes.subarray(at)])
        const { seen, due } = compared(corpus, recording, told)
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
}

/** Between CR and LF, or inside a character. */
function isAwkward(bytes: Uint8Array, at: number): boolean {
  return bytes[at - 1] === 0x0d || ((bytes[at] ?? 0) & 0xc0) === 0x80
}
