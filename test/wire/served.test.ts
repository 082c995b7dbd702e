import {
  anthropic,
  createLLM,
  gemini,
  openai,
  openaiResponses,
  type KeyedRouteOptions,
  type Route,
} from '@rungs/core'
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { bytesOf, contentTypeOf, fixtures, shared, type Corpus, type Recording } from './replay.ts'

// Which model answered, in recordings whose asked model is known.

const protocols = new Map<string, (options: KeyedRouteOptions) => Route>([
  ['openai-chat', openai],
  ['openai-responses', openaiResponses],
  ['anthropic-messages', anthropic],
  ['gemini', gemini],
])

/** All that were answered under another name than was asked for: two retired, one wrong file, two short names. */
const others: ReadonlySet<string> = new Set([
  'Qwen3-1.7B-Q4_K_M: /REDACTED_PATH/Qwen3-8B-Q4_K_M.gguf',
  'gpt-5.6: gpt-5.6-sol',
  'grok-3-mini: grok-4.3',
  'grok-4-fast: grok-4-fast-reasoning',
])

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})

async function served(corpus: Corpus, recording: Recording, model: string): Promise<string | null> {
  const create = protocols.get(recording.api)
  if (!create) throw new Error(`no protocol for ${recording.api}`)
  const headers = { 'content-type': contentTypeOf(recording) }
  const body = Uint8Array.from(bytesOf(corpus, recording))
  const llm = createLLM({
    routes: { r: create({ model, apiKey: 'k' }) },
    workloads: { chat: { ladder: ['r'] } },
    world: { fetch: () => Promise.resolve(new Response(body, { headers })) },
  })
  const { attempts } = await llm.run({ workload: 'chat', prompt: 'Say what was recorded.' }).outcome
  await llm.close()
  return attempts[0]?.servedModel ?? null
}

describe.for([
  { name: 'the fixtures', corpus: fixtures },
  { name: 'the shared corpus', corpus: shared },
])('of the recordings in $name', ({ corpus }) => {
  const cases = corpus.recordings.flatMap((recording) =>
    recording.model !== null && protocols.has(recording.api)
      ? [{ recording, model: recording.model }]
      : [],
  )
  const told: string[] = []
  beforeAll(async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    for (const { recording, model } of cases) {
      const other = await served(corpus, recording, model)
      if (other !== null) told.push(`${model}: ${other}`)
    }
  })

  test.skipIf(cases.length === 0)('only those by another model are told as such', () => {
    const due = cases.flatMap(({ recording, model }) =>
      [...others].filter(
        (pair) =>
          pair.startsWith(`${model}: `) &&
          bytesOf(corpus, recording).includes(`"${pair.slice(model.length + 2)}"`),
      ),
    )
    expect(told.toSorted()).toEqual(due.toSorted())
    expect(new Set(told).size).toBe(corpus === shared ? others.size : new Set(due).size)
  })
})
