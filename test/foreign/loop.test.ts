import type { ChatCompletionRequest, FixtureFileResponse, LLMock } from '@copilotkit/aimock'
import { AGUIMock, buildTextResponse, type AGUIRunAgentInput } from '@copilotkit/aimock/agui'
import { agUi, createLLM, type Message, type Outcome } from '@rungs/core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  KEY,
  MODELS,
  recordingFetch,
  routesTo,
  startMock,
  stopMock,
  understoodBy,
  weather,
  type WireName,
} from './mock.ts'

let mock: LLMock
let agent: AGUIMock
beforeAll(async () => {
  mock = await startMock()
  agent = new AGUIMock()
  mock.mount('/agent', agent)
})
beforeEach(() => {
  mock.reset()
  agent.reset()
})
afterAll(() => {
  stopMock(mock)
})

const SIGNATURE = 'signed-by-claude'

test('an agent’s loop goes on over every wire, each of which breaks in the middle of it', async () => {
  // Whose turn it is after so many results. From then on it only breaks.
  const turns: readonly (readonly [WireName, FixtureFileResponse, status: number])[] = [
    ['claude', call('toolu_1', 'Oslo', SIGNATURE), 0],
    ['claude', call('toolu_2', 'Bergen', SIGNATURE), 429],
    // Kimi's ids are like this one, and Anthropic's pattern does not allow it.
    ['chat', call('functions.weather:0', 'Bodø'), 500],
    // Longer than OpenAI takes.
    ['gemini', call('g'.repeat(80), 'Alta'), 503],
    ['responses', call('call_r', 'Vardø'), 500],
  ]
  turns.forEach(([wire, response, status], step) => {
    const model = MODELS[wire]
    mock.on({ model, predicate: (request) => stepOf(request) === step }, response)
    if (status > 0) {
      const predicate = (request: ChatCompletionRequest): boolean => stepOf(request) > step
      mock.on({ model, predicate, userMessage: 'Norway' }, { error: { message: 'No.' }, status })
    }
  })
  mock.onMessage('Denmark', { content: 'Rain there.' })
  const inputs: AGUIRunAgentInput[] = []
  agent.onPredicate((input) => inputs.push(input) > 0, buildTextResponse('Snow everywhere.'))

  const { fetch, sent } = recordingFetch()
  const routes = {
    ...routesTo(mock.url),
    agent: agUi({ url: `${mock.url}/agent`, headers: { authorization: `Bearer ${KEY}` } }),
  }
  const config = {
    routes,
    workloads: {
      agent: {
        ladder: ['claude', 'chat', 'gemini', 'responses', 'agent'],
        limits: { maxAttempts: 9 },
      },
    },
    world: { fetch },
  } as const
  const request = { workload: 'agent', system: 'City by city.', tools: { weather } } as const

  const llm = createLLM(config)
  const messages: Message[] = [{ role: 'user', content: 'How is Norway?' }]
  const served: (string | null)[] = []
  let outcome: Outcome
  do {
    outcome = await llm.run({ ...request, thread: 't', reasoning: 'low', messages }).outcome
    served.push(outcome.route)
    messages.push(...withResults(outcome))
  } while (outcome.finish === 'tool-calls')
  expect(served).toEqual(['claude', 'claude', 'chat', 'gemini', 'responses', 'agent'])
  expect(outcome).toMatchObject({ status: 'completed', text: 'Snow everywhere.' })

  // The agent has the whole of it, in its own words.
  expect(inputs).toHaveLength(1)
  const heard = inputs[0]?.messages ?? []
  const cities = ['Oslo', 'Bergen', 'Bodø', 'Alta', 'Vardø']
  expect(heard.map(({ role }) => role)).toEqual(
    ['system', 'user'].concat(cities.flatMap(() => ['assistant', 'tool'])),
  )
  expect(
    heard.flatMap(({ toolCalls = [] }) => toolCalls.map((one) => one.function.arguments)),
  ).toEqual(cities.map((city) => JSON.stringify({ city })))

  // Each wire saw each call with its result, under an id of its own that it allows.
  const requests = understoodBy(mock)
  expect(requests.map(({ status }) => status)).toContain(429)
  for (const { path, calls, results } of requests) {
    const ids = calls.map(({ id }) => id)
    const asked = calls.map(({ input }) => input)
    expect([path, asked]).toEqual([path, cities.slice(0, ids.length).map((city) => ({ city }))])
    expect([path, results.map(({ id }) => id)]).toEqual([path, ids])
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(IDS[path] ?? /./)
  }
  // What Claude signed is nobody else's business.
  for (const { url, body } of sent)
    expect([url, body.includes(SIGNATURE)]).toEqual([url, isOfClaude(url) && /toolu_1/.test(body)])

  // A later page goes on from what was kept, with whoever is there.
  const later = createLLM(config)
  const kept: Message[] = JSON.parse(JSON.stringify(messages))
  const next = await later.run({ ...request, messages: kept, prompt: 'And Denmark?' }).outcome
  expect(next).toMatchObject({ status: 'completed', route: 'claude', text: 'Rain there.' })
  const { calls, results, user } = understoodBy(mock).at(-1) ?? {}
  expect(user).toBe('How is Norway?\nAnd Denmark?')
  expect(calls?.map(({ id }) => id)).toEqual(results?.map(({ id }) => id))
  expect(calls?.map(({ id }) => id)).toEqual([
    'toolu_1',
    'toolu_2',
    'functions_weather_0',
    'g'.repeat(80),
    'call_r',
  ])
})

test('a model that must think first takes over a loop that began without a thought', async () => {
  mock
    .on({ model: MODELS.chat, hasToolResult: false }, call('call_1', 'Oslo'))
    .on({ model: MODELS.chat }, { error: { message: 'No.' }, status: 500 })
    .on({ model: MODELS.claude }, { content: 'Snow.' })
  const llm = createLLM({
    routes: routesTo(mock.url),
    workloads: { agent: { ladder: ['chat', 'claude'] } },
  })
  const request = { workload: 'agent', tools: { weather }, reasoning: 'high' } as const
  const asked: Message = { role: 'user', content: 'How is Oslo?' }
  const first = await llm.run({ ...request, messages: [asked] }).outcome
  const messages = [asked, ...withResults(first)]
  const second = await llm.run({ ...request, messages }).outcome
  expect(second).toMatchObject({ status: 'completed', route: 'claude', text: 'Snow.' })
})

/** What a provider allows as the id of a call. */
const IDS: Readonly<Record<string, RegExp>> = {
  '/v1/messages': /^[\w-]+$/,
  '/v1/responses': /^.{1,64}$/,
}

function isOfClaude(url: string): boolean {
  return url.endsWith('/messages')
}

function stepOf({ messages }: ChatCompletionRequest): number {
  return messages.filter(({ role }) => role === 'tool').length
}

function call(id: string, city: string, reasoningSignature?: string): FixtureFileResponse {
  return {
    toolCalls: [{ id, name: 'weather', arguments: { city } }],
    reasoning: `${city} next.`,
    ...(reasoningSignature === undefined ? {} : { reasoningSignature }),
  }
}

/** What the answer adds to the conversation: itself, and what its calls gave. */
function withResults({ message }: Outcome): Message[] {
  const results = message.content.flatMap((part) =>
    part.type === 'tool-call'
      ? [
          {
            type: 'tool-result',
            id: part.id,
            name: part.name,
            output: { of: part.input, sky: 'snow' },
          } as const,
        ]
      : [],
  )
  return results[0] ? [message, { role: 'tool', content: results }] : [message]
}
