import {
  anthropic,
  createLLM,
  engine,
  gemini,
  openai,
  openaiResponses,
  type KeyedRouteOptions,
  type Outcome,
  type Route,
} from '@rungs/core'
import { afterEach, beforeEach, describe, expect, test, vi, type MockInstance } from 'vitest'
import { isSameModel } from '../src/policy/model.ts'
import { scripted } from '../src/testing.ts'
import { sse } from './loopback.ts'
import { eventsOf, stage } from './play.ts'

// A 200 by another model than was asked for, without a word of it.

let warned: MockInstance<typeof console.warn>
beforeEach(() => {
  warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.restoreAllMocks()
})

describe('a name', () => {
  test.for([
    ['gpt-5', 'gpt-5'],
    ['openai/gpt-5', 'gpt-5'],
    ['gpt-5', 'openai/gpt-5'],
    ['gpt-5', 'gpt-5-2025-08-07'],
    ['gpt-5-2025-08-07', 'gpt-5'],
    ['gpt-4', 'gpt-4-0613'],
    ['gpt-4-0125-preview', 'gpt-4'],
    ['claude-sonnet-4-5', 'claude-sonnet-4-5-20250929'],
    ['anthropic/claude-sonnet-4.5', 'claude-sonnet-4-5-20250929'],
    ['claude-3-7-sonnet@20250219', 'claude-3-7-sonnet-20250219'],
    ['claude-3-7-sonnet-latest', 'claude-3-7-sonnet-20250219'],
    ['databricks-claude-3-7-sonnet', 'us.anthropic.claude-3-7-sonnet-20250219-v1:0'],
    ['gemini-2.0-flash', 'models/gemini-2.0-flash-001'],
    ['gemini-2.5-pro@default', 'gemini-2.5-pro'],
    ['babbage-002', 'babbage:2023-07-21-v2'],
    ['meta-llama/llama-3.2-3b-instruct:free', 'meta-llama/Llama-3.2-3B-Instruct'],
    ['moonshotai/Kimi-K2-Instruct-0905:groq', 'moonshotai/kimi-k2-instruct-0905'],
    ['Qwen3-1.7B-Q4_K_M', '/models/Qwen3-1.7B-Q4_K_M.gguf'],
    ['llama3.2', 'llama3.2:latest'],
    ['@cf/meta/llama-3.3-70b-instruct-fp8-fast', 'llama-3.3-70b-instruct-fp8-fast'],
    // What has no version is asked for as whatever stands behind it.
    ['openrouter/auto', 'mistralai/mistral-nemo-12b'],
    ['auto', 'gpt-5'],
    ['default', 'gpt-5'],
    ['mistral-large-latest', 'mistral-large-2411'],
    ['our-deployment', 'gpt-4.1-mini-2025-04-14'],
  ])('%s is the same model as %s', ([asked = '', served = '']) => {
    expect(isSameModel(asked, served)).toBe(true)
  })

  test.for([
    ['gpt-5', 'gpt-5-mini'],
    ['gpt-5', 'gpt-5-mini-2025-08-07'],
    ['gpt-5-mini', 'gpt-5'],
    ['gpt-4o', 'gpt-4'],
    ['gpt-4', 'gpt-4o-2024-08-06'],
    ['gpt-4.1', 'gpt-4.1-nano-2025-04-14'],
    // A date that was asked for is part of what was asked for.
    ['gpt-4o-2024-05-13', 'gpt-4o-2024-11-20'],
    ['claude-opus-4-5', 'claude-sonnet-4-5-20250929'],
    ['claude-sonnet-4-5', 'claude-sonnet-4-20250514'],
    ['gemini-2.5-pro', 'gemini-2.5-flash'],
    ['gemini-2.5-flash', 'gemini-2.5-flash-lite'],
    ['grok-3-mini', 'grok-4.3'],
    ['gpt-oss:120b', 'gpt-oss:20b'],
    ['Qwen3-1.7B-Q4_K_M', '/models/Qwen3-8B-Q4_K_M.gguf'],
    ['anthropic/claude-opus-4.5', 'openai/gpt-5'],
    ['qwen2.5-1.5b', 'qwen2.5-15b'],
    ['gpt-5', ':::'],
  ])('%s is another model than %s', ([asked = '', served = '']) => {
    expect(isSameModel(asked, served)).toBe(false)
  })
})

const usage = { prompt_tokens: 1, completion_tokens: 1 }
/** One answer in each protocol whose host calls its model `served`. */
const answers: Readonly<
  Record<string, readonly [(options: KeyedRouteOptions) => Route, (served: unknown) => string]>
> = {
  openai: [
    openai,
    (model) =>
      sse(
        { model: '', choices: [], prompt_filter_results: [] },
        { model, choices: [{ index: 0, delta: { content: 'hi' } }] },
        { model: 'later-9', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage },
        '[DONE]',
      ),
  ],
  openaiResponses: [
    openaiResponses,
    (model) =>
      sse(
        { type: 'response.created', response: { model, output: [] } },
        { type: 'response.output_text.delta', item_id: 'i', output_index: 0, delta: 'hi' },
        { type: 'response.completed', response: { model: 'later-9', status: 'completed' } },
      ),
  ],
  anthropic: [
    anthropic,
    (model) =>
      sse(
        { type: 'message_start', message: { id: 'm', role: 'assistant', model, content: [] } },
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'hi' } },
        { type: 'content_block_stop', index: 0 },
        { type: 'message_delta', delta: { stop_reason: 'end_turn' } },
        { type: 'message_stop' },
      ),
  ],
  gemini: [
    gemini,
    (modelVersion) =>
      sse(
        { modelVersion, candidates: [{ content: { parts: [{ text: 'hi' }] } }] },
        { modelVersion: 'later-9', candidates: [{ content: {}, finishReason: 'STOP' }] },
      ),
  ],
}

async function ask(route: Route, body: string): Promise<Outcome> {
  const headers = { 'content-type': 'text/event-stream' }
  const llm = createLLM({
    routes: { only: route },
    workloads: { chat: { ladder: ['only'] } },
    world: { fetch: () => Promise.resolve(new Response(body, { headers })) },
  })
  const outcome = await llm.run({ workload: 'chat', prompt: 'Hello?' }).outcome
  await llm.close()
  return outcome
}

describe.for(Object.entries(answers))('a stream of %s', ([, [create, bodyOf]]) => {
  const route = create({ model: 'model-5', apiKey: 'k-123456' })

  test('by another model is a whole answer, and says whose', async () => {
    const { status, text, attempts } = await ask(route, bodyOf('other-7'))
    expect({ status, text, served: attempts[0]?.servedModel }).toEqual({
      status: 'completed',
      text: 'hi',
      served: 'other-7',
    })
  })

  test.for<[what: string, model: unknown]>([
    ['the model that was asked for', 'model-5-2025-08-07'],
    ['nobody in particular', undefined],
    ['what is no name', { toString: 'other-7' }],
    ['what no name has in it', 'other 7'],
    ['what is longer than a name', 'o7'.repeat(65)],
    ['what has the key in it', 'other-k-123456'],
  ])('by %s says no more', async ([, model]) => {
    // Only the first name counts, so that nothing after it does.
    const body = bodyOf(model).replaceAll('later-9', 'model-5')
    const { status, attempts } = await ask(route, body)
    expect(status).toBe('completed')
    expect(attempts[0]).not.toHaveProperty('servedModel')
  })
})

async function* speak(): AsyncGenerator<object> {
  yield { model: 'Llama-3.2-1B', choices: [{ index: 0, delta: { content: 'hi' } }] }
  yield { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }
}

test('an engine that has another model loaded says which', async () => {
  const { attempts } = await ask(
    engine({ model: 'Llama-3.2-3B', engine: { chat: { completions: { create: speak } } } }),
    '',
  )
  expect(attempts[0]?.servedModel).toBe('Llama-3.2-1B')
})

test('a deployment on Azure has a name of its own', async () => {
  const [, bodyOf] = answers['openai'] ?? [openai, String]
  const baseUrl = 'https://ours.openai.azure.com/openai/v1'
  const { attempts } = await ask(
    openai({ model: 'prod-2', apiKey: 'k', baseUrl }),
    bodyOf('gpt-5-2025-08-07'),
  )
  expect(attempts[0]).not.toHaveProperty('servedModel')
})

describe('another model', () => {
  const other = [{ model: 'other-7' }, 'hi']

  test('is told by the event and the attempt, and on the console once a route', async () => {
    const { play } = stage({ a: scripted({ model: 'model-5' }, other) })
    const { events, outcome, states } = await play()
    await play()
    expect(eventsOf(events, 'attempt-finished')).toMatchObject([{ servedModel: 'other-7' }])
    expect(outcome).toMatchObject({ status: 'completed', failure: null, degraded: null })
    expect(outcome.attempts[0]?.servedModel).toBe('other-7')
    expect(states.at(-1)?.attempts[0]?.servedModel).toBe('other-7')
    expect(warned.mock.calls).toEqual([['[rungs] a: another model than model-5 answered']])
  })

  test('of a route that names none, or the same, is nothing to tell', async () => {
    const { play } = stage({ a: scripted({}, other) })
    expect((await play()).outcome.attempts[0]).not.toHaveProperty('servedModel')
    const { play: again } = stage({ a: scripted({ model: 'x/other-7' }, other) })
    expect((await again()).outcome.attempts[0]).not.toHaveProperty('servedModel')
    expect(warned).not.toHaveBeenCalled()
  })
})
