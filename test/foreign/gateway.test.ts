import type { LLMock } from '@copilotkit/aimock'
import {
  anthropic,
  createLLM,
  openai,
  openaiResponses,
  type KeyedRouteOptions,
  type Outcome,
  type Route,
} from '@rungs/core'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { fixtures, serve, speaking } from '../wire/replay.ts'
import { startGateway, type Gateway } from './gateway.ts'
import {
  KEY,
  MODELS,
  routesTo,
  startMock,
  stopMock,
  transcriptOf,
  understoodBy,
  weather,
} from './mock.ts'

let mock: LLMock
let gateway: Gateway
beforeAll(async () => {
  ;[mock, gateway] = await Promise.all([startMock(), startGateway()])
})
beforeEach(() => {
  mock.reset()
})
afterAll(async () => {
  stopMock(mock)
  await gateway.stop()
})

const usage = { prompt_tokens: 12, completion_tokens: 5 }

/** One of the gateway's targets: the mock in the part of a provider. */
function target(provider: string, more: object = {}): object {
  return { provider, api_key: KEY, custom_host: `${mock.url}/v1`, ...more }
}
/** What every route to the gateway has: its address, and what it is to do there. */
function behind(config: object): Omit<KeyedRouteOptions, 'model'> {
  return {
    provider: 'gateway',
    apiKey: KEY,
    baseUrl: `${gateway.url}/v1`,
    headers: { 'x-portkey-config': JSON.stringify(config) },
  }
}
/** Chat Completions, of which the gateway makes what its target speaks. */
function through(config: object, model: string = MODELS.chat): Route {
  return openai({ model, ...behind(config) })
}
function llmOver(ours: Route) {
  return createLLM({
    routes: { ours, direct: routesTo(mock.url).gemini },
    workloads: { chat: { ladder: ['ours', 'direct'], on: { 'context-length': 'next' } } },
  })
}
async function ask(ours: Route, prompt = 'Hello?'): Promise<Outcome> {
  return llmOver(ours).run({ workload: 'chat', prompt }).outcome
}

describe('through a gateway', () => {
  test.for([
    ['openai', MODELS.chat, '/v1/chat/completions'],
    ['anthropic', MODELS.claude, '/v1/messages'],
  ] as const)('an answer of %s is told word for word', async ([provider, model, path]) => {
    const content = 'Grüß dich 👋🏽,\n\n- "data: [DONE]"\n ciao!'
    mock.onMessage('Hello?', { content, usage })
    const llm = llmOver(through(target(provider), model))
    const run = llm.run({ workload: 'chat', system: 'Be brief.', prompt: 'Hello?' })
    expect(await run.outcome).toMatchObject({
      status: 'completed',
      route: 'ours',
      finish: 'stop',
      text: content,
      usage: { inputTokens: 12, outputTokens: 5 },
      attempts: [{ skippedEvents: 0 }],
    })
    expect(understoodBy(mock)).toMatchObject([
      { path: expect.stringContaining(path), system: 'Be brief.', user: 'Hello?' },
    ])
  })

  test.for([
    ['openai', MODELS.chat],
    ['anthropic', MODELS.claude],
  ] as const)('tools of %s are called, and their results go back', async ([provider, model]) => {
    const toolCalls = ['Oslo', 'Bergen'].map((city, index) => ({
      id: `call_${index}`,
      name: 'weather',
      arguments: { city },
    }))
    mock
      .on({ hasToolResult: false }, { content: 'Let me look.', toolCalls })
      .on({ hasToolResult: true }, { content: 'Snow, and rain.', usage })
    const llm = llmOver(through(target(provider), model))
    const asked = { role: 'user', content: 'How is Norway?' } as const
    const tools = { weather }
    const first = await llm.run({ workload: 'chat', tools, messages: [asked] }).outcome
    expect(first).toMatchObject({ status: 'completed', route: 'ours', finish: 'tool-calls' })
    const calls = first.message.content.filter((part) => part.type === 'tool-call')
    expect(calls).toMatchObject([{ input: { city: 'Oslo' } }, { input: { city: 'Bergen' } }])
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2)

    const second = await llm.run({
      workload: 'chat',
      tools,
      messages: [
        asked,
        first.message,
        {
          role: 'tool',
          content: calls.map(({ id, name, input }) => ({
            type: 'tool-result',
            id,
            name,
            output: { of: input },
          })),
        },
      ],
    }).outcome
    expect(second).toMatchObject({ status: 'completed', route: 'ours', text: 'Snow, and rain.' })
    const last = understoodBy(mock).at(-1)
    expect(last).toMatchObject({
      tools: ['weather'],
      calls: [{ input: { city: 'Oslo' } }, { input: { city: 'Bergen' } }],
      results: [
        { content: expect.stringContaining('Oslo') },
        { content: expect.stringContaining('Bergen') },
      ],
    })
    expect(last?.results.map(({ id }) => id)).toEqual(last?.calls.map(({ id }) => id))
  })

  test('the wires of Anthropic and of Responses pass as they are', async () => {
    mock.onMessage('Hello?', { content: 'Hi.', reasoning: 'They greet.', usage })
    const routes = [
      anthropic({ model: MODELS.claude, ...behind(target('anthropic')) }),
      openaiResponses({ model: MODELS.responses, ...behind(target('openai')) }),
    ]
    for (const route of routes) {
      const outcome = await ask(route)
      expect(outcome).toMatchObject({ status: 'completed', route: 'ours', text: 'Hi.' })
      expect(outcome.message.content[0]).toMatchObject({ type: 'reasoning', text: 'They greet.' })
    }
    expect(understoodBy(mock).map(({ path }) => path)).toEqual(['/v1/messages', '/v1/responses'])
  })

  test('what Gemini once said is told as Chat Completions', async () => {
    const corpus = speaking(fixtures, 'gemini')
    const gemini = await serve(corpus)
    onTestFinished(() => gemini.close())
    const told = async (name: string): Promise<Outcome> => {
      const index = corpus.recordings.findIndex(({ file }) => file.includes(name))
      const custom_host = new URL(gemini.baseUrl(index)).href.replace(/\/v1$/, '')
      return ask(through(target('google', { custom_host })))
    }
    const call = await told('gemini-tool-crlf')
    expect(call).toMatchObject({ status: 'completed', route: 'ours', finish: 'tool-calls' })
    expect(call.message.content).toMatchObject([
      { type: 'tool-call', name: 'get_capital', input: { country: 'France' } },
    ])
    const text = await told('gemini-text-truncated-crlf')
    expect(text).toMatchObject({
      status: 'completed',
      route: 'ours',
      finish: 'length',
      text: expect.stringMatching(/^Thomas, keeper .* horizon.$/),
      usage: { inputTokens: 28, outputTokens: 24 },
    })
  })

  test('its own fallback is one attempt, and no degraded answer', async () => {
    mock
      .on({ model: MODELS.chat }, { error: { message: 'No.' }, status: 503 })
      .on({ model: MODELS.claude }, { content: 'Hi.' })
    const outcome = await ask(through(fallback()))
    expect(outcome).toMatchObject({ status: 'completed', text: 'Hi.', degraded: null })
    expect(outcome.attempts).toHaveLength(1)
    expect(understoodBy(mock).map(({ path, status }) => [path, status])).toEqual([
      ['/v1/chat/completions', 503],
      ['/v1/messages', 200],
    ])
  })

  test('an answer that its guardrail only frowns on, with status 246, is an answer', async () => {
    mock.onMessage('Hello?', { content: 'Hi.' })
    const outcome = await ask(through(target('openai', { input_guardrails: [tenWords(false)] })))
    expect(outcome).toMatchObject({ status: 'completed', route: 'ours', text: 'Hi.' })
  })
})

describe('a failure through a gateway', () => {
  const HALF = 'Half an answer, which goes on and on. '.repeat(5)

  test.for([
    ['openai', MODELS.chat],
    ['anthropic', MODELS.claude],
  ] as const)(
    'is truncated where a stream of %s is cut, which the gateway ends like a whole one',
    async ([provider, model]) => {
      const cut = { truncateAfterChunks: 15, streamingProfile: { tps: 200 } }
      mock.on({ model }, { content: HALF }, cut).onMessage('Hello?', { content: 'A whole one.' })
      const run = llmOver(through(target(provider), model)).run({
        workload: 'chat',
        prompt: 'Hello?',
      })
      expect(await transcriptOf(run)).toEqual([
        'try ours',
        expect.stringMatching(/^"Half an/),
        'truncated -> direct',
        'try direct',
        '"A whole one."',
        'completed',
      ])
      expect((await run.outcome).attempts[0]?.failure?.phase).toBe('streaming')
    },
  )

  const slow = { latencyMs: 20_000 }
  test.for([
    ['blocked-content', 446, 'a guardrail', { input_guardrails: [tenWords(true)] }, {}],
    ['timeout', 408, 'its own deadline', { request_timeout: 100 }, slow],
    ['outage', 500, 'an upstream that hangs up', {}, { disconnectRate: 1 }],
    [
      'invalid-request',
      400,
      'an upstream it may not reach',
      { custom_host: 'http://10.0.0.1' },
      {},
    ],
    ['auth', 401, 'a wrong key', { api_key: 'sk-of-another' }, {}],
  ] as const)('is %s, with status %i, for %s', async ([kind, status, , more, chaos]) => {
    mock
      .on({ model: MODELS.chat }, { content: 'Hi.' }, { chaos })
      .onMessage('Hello?', { content: 'A whole one.' })
    const { attempts } = await ask(through(target('openai', more)))
    expect(attempts[0]?.failure).toMatchObject({ kind, status, phase: 'before-content' })
  })

  test.for([
    [429, { retryAfter: 7 }, { kind: 'rate-limit', retryAfterMs: 7000 }],
    [500, {}, { kind: 'outage' }],
    [503, {}, { kind: 'outage' }],
    [404, { code: 'model_not_found' }, { kind: 'not-found', code: 'model_not_found' }],
    [400, { code: 'context_length_exceeded' }, { kind: 'context-length' }],
    [402, {}, { kind: 'quota-exhausted' }],
    // Portkey's own word for a budget that is spent.
    [412, {}, { kind: 'quota-exhausted' }],
  ] as const)('with an upstream’s %i is that upstream’s', async ([status, more, failure]) => {
    const { code, retryAfter } = { code: undefined, retryAfter: undefined, ...more }
    mock
      .on(
        { model: MODELS.chat },
        {
          error: { message: 'No.', ...(code && { code }) },
          status,
          ...(retryAfter && { retryAfter }),
        },
      )
      .onMessage('Hello?', { content: 'A whole one.' })
    const { attempts, text, route } = await ask(through(target('openai')))
    expect(attempts[0]?.failure).toMatchObject({ status, ...failure })
    expect([text, route]).toEqual(['A whole one.', 'direct'])
  })

  test('is the last one’s where all of its own fallbacks break', async () => {
    mock
      .on({ model: MODELS.chat }, { error: { message: 'No.' }, status: 503 })
      .on({ model: MODELS.claude }, { error: { message: 'No.' }, status: 529 })
      .onMessage('Hello?', { content: 'A whole one.' })
    const outcome = await ask(through(fallback()))
    expect(outcome).toMatchObject({
      text: 'A whole one.',
      degraded: { from: 'ours', to: 'direct', cause: 'outage' },
      attempts: [{ failure: { kind: 'outage', status: 529 } }, { failure: null }],
    })
  })

  test('for a body that is no JSON is an invalid response', async () => {
    mock
      .on({ model: MODELS.chat }, { content: 'Hi.' }, { chaos: { malformedRate: 1 } })
      .onMessage('Hello?', { content: 'A whole one.' })
    const { attempts, text } = await ask(through(target('openai')))
    expect([attempts[0]?.failure?.kind, text]).toEqual(['invalid-response', 'A whole one.'])
  })
})

/** Its own guardrail: a prompt of ten words. */
function tenWords(deny: boolean): object {
  return { deny, 'default.wordCount': { minWords: 10, maxWords: 10 } }
}
/** Its own ladder. */
function fallback(): object {
  const override_params = { model: MODELS.claude }
  return {
    strategy: { mode: 'fallback' },
    targets: [target('openai'), target('anthropic', { override_params })],
  }
}
