import type { LLMock } from '@copilotkit/aimock'
import { anthropic, createLLM, type Outcome, type RunRequest } from '@rungs/core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  KEY,
  MODELS,
  recordingFetch,
  routesTo,
  schemaOf,
  startMock,
  stopMock,
  transcriptOf,
  understoodBy,
  weather,
  WIRES,
  type WireName,
} from './mock.ts'

let mock: LLMock
beforeAll(async () => {
  mock = await startMock()
})
beforeEach(() => {
  mock.reset()
})
afterAll(() => {
  stopMock(mock)
})

const usage = { prompt_tokens: 12, completion_tokens: 5 }

type Asked = Omit<RunRequest<'chat', never>, 'workload'>

function llmOver(ladder: readonly WireName[], options: { readonly fetch?: typeof fetch } = {}) {
  return createLLM({
    routes: routesTo(mock.url),
    workloads: { chat: { ladder } },
    world: options,
  })
}
function ask(wire: WireName, request: Asked = { prompt: 'Hello?' }): Promise<Outcome> {
  return llmOver([wire]).run({ workload: 'chat', ...request }).outcome
}
function thoughtOf({ message }: Outcome): string {
  return message.content
    .map((part) => (part.type === 'reasoning' ? (part.text ?? '') : ''))
    .join('')
}

describe.each(WIRES)('an answer over %s', (wire) => {
  test('is told word for word, with its usage', async () => {
    const content = 'Grüß dich 👋🏽,\n\n- "data: [DONE]"\n\u2028 ciao 👩‍👩‍👧!'
    // Two characters a piece: some cut an emoji in two.
    mock.onMessage('Hello?', { content, usage }, { chunkSize: 2 })
    expect(await ask(wire, { system: 'Be brief.', prompt: 'Hello?' })).toMatchObject({
      status: 'completed',
      route: wire,
      finish: 'stop',
      text: content,
      usage: { outputTokens: 5, inputTokens: 12 },
      attempts: [{ skippedEvents: 0 }],
    })
    expect(understoodBy(mock)).toMatchObject([
      { model: MODELS[wire], system: 'Be brief.', user: 'Hello?', status: 200 },
    ])
  })

  test('that ran out of tokens finishes as length', async () => {
    mock.onMessage('Hello?', { content: 'So far', finishReason: 'length' })
    expect(await ask(wire)).toMatchObject({
      status: 'completed',
      finish: 'length',
      text: 'So far',
    })
  })

  test('keeps what was thought apart from what was said', async () => {
    const reasoning = 'They greet. Greet back.'
    mock.onMessage('Hello?', { content: 'Hi.', reasoning, usage })
    const outcome = await ask(wire, { prompt: 'Hello?', reasoning: 'low' })
    expect(outcome).toMatchObject({ status: 'completed', text: 'Hi.' })
    expect(thoughtOf(outcome)).toBe(reasoning)
  })

  test('calls two tools, and goes on from their results', async () => {
    mock
      .on(
        { hasToolResult: false },
        {
          content: 'Let me look.',
          toolCalls: [
            { id: 'call_1', name: 'weather', arguments: { city: 'Oslo' } },
            { id: 'call_2', name: 'weather', arguments: { city: 'Bergen – Åsane' } },
          ],
        },
      )
      .on({ hasToolResult: true }, { content: 'Snow, and rain.', usage })
    const llm = llmOver([wire])
    const asked = { role: 'user', content: 'How is Norway?' } as const
    const first = await llm.run({
      workload: 'chat',
      thread: 't',
      tools: { weather },
      messages: [asked],
    }).outcome
    expect(first).toMatchObject({ status: 'completed', finish: 'tool-calls', text: 'Let me look.' })
    expect(first.message.content.filter(({ type }) => type === 'tool-call')).toMatchObject([
      { id: 'call_1', name: 'weather', input: { city: 'Oslo' } },
      { id: 'call_2', name: 'weather', input: { city: 'Bergen – Åsane' } },
    ])

    const second = await llm.run({
      workload: 'chat',
      thread: 't',
      tools: { weather },
      messages: [
        asked,
        first.message,
        {
          role: 'tool',
          content: [
            { type: 'tool-result', id: 'call_1', name: 'weather', output: { sky: 'snow' } },
            { type: 'tool-result', id: 'call_2', name: 'weather', output: { sky: 'rain' } },
          ],
        },
      ],
    }).outcome
    expect(second).toMatchObject({ status: 'completed', finish: 'stop', text: 'Snow, and rain.' })
    const [, last] = understoodBy(mock)
    expect(last).toMatchObject({
      tools: ['weather'],
      user: 'How is Norway?',
      calls: [
        { id: 'call_1', name: 'weather', input: { city: 'Oslo' } },
        { id: 'call_2', name: 'weather', input: { city: 'Bergen – Åsane' } },
      ],
      results: [
        { id: 'call_1', content: expect.stringContaining('{"sky":"snow"}') },
        { id: 'call_2', content: expect.stringContaining('{"sky":"rain"}') },
      ],
    })
  })

  test('is an object where one is asked for, and another route’s where it is a wrong one', async () => {
    const output = schemaOf(isVerdict, {
      type: 'object',
      properties: { verdict: { type: 'string', enum: ['good', 'bad'] } },
      required: ['verdict'],
      additionalProperties: false,
    })
    mock
      .onMessage('Good?', { content: { verdict: 'good' } })
      .on({ userMessage: 'Bad?', model: MODELS[wire] }, { content: { verdict: 'ugly' } })
      .onMessage('Bad?', { content: { verdict: 'bad' } })
    const { sent, fetch } = recordingFetch()
    const other = wire === 'claude' ? 'gemini' : 'claude'
    const llm = llmOver([wire, other], { fetch })
    const good = await llm.run({ workload: 'chat', prompt: 'Good?', output }).outcome
    expect(good).toMatchObject({ status: 'completed', object: { verdict: 'good' } })
    expect(sent[0]?.body).toContain('"enum":["good","bad"]')
    const run = llm.run({ workload: 'chat', prompt: 'Bad?', output })
    expect(await transcriptOf(run)).toEqual([
      `try ${wire}`,
      '"{\\"verdict\\":\\"ugly\\"}"',
      `invalid-response -> ${other}`,
      `try ${other}`,
      '"{\\"verdict\\":\\"bad\\"}"',
      'completed',
    ])
    expect((await run.outcome).object).toEqual({ verdict: 'bad' })
  })

  test('with a wrong key is refused, and the next route’s key is its own', async () => {
    mock.onMessage('Hello?', { content: 'Hi.' })
    const other = wire === 'claude' ? 'gemini' : 'claude'
    const llm = createLLM({
      routes: {
        [wire]: routesTo(mock.url, 'sk-of-another')[wire],
        [other]: routesTo(mock.url)[other],
      },
      workloads: { chat: { ladder: [wire, other] } },
    })
    const run = llm.run({ workload: 'chat', prompt: 'Hello?' })
    expect(await transcriptOf(run)).toEqual([
      `try ${wire}`,
      `auth -> ${other}`,
      `try ${other}`,
      '"Hi."',
      'completed',
    ])
  })
})

describe('an answer', () => {
  test.for([
    ['chat', 'content_filter', 'filtered'],
    ['claude', 'refusal', 'refused'],
    ['gemini', 'content_filter', 'filtered'],
  ] as const)('over %s that ends with %s is %s, and kept', async ([wire, finishReason, finish]) => {
    mock.onMessage('Hello?', { content: 'Well, I', finishReason })
    expect(await ask(wire)).toMatchObject({ status: 'completed', finish, text: 'Well, I' })
  })

  test('comes as the input of a forced tool from a model that has no other way', async () => {
    mock.on({ userMessage: 'Good?' }, ({ tools = [] }) => ({
      toolCalls: [{ name: tools[0]?.function.name ?? '', arguments: '{"verdict":"good"}' }],
    }))
    const { claude } = routesTo(mock.url)
    const older = anthropic({
      model: 'claude-3-5-haiku-20241022',
      apiKey: KEY,
      baseUrl: `${mock.url}/v1`,
    })
    const llm = createLLM({
      routes: { claude, older },
      workloads: { chat: { ladder: ['older', 'claude'] } },
    })
    const output = schemaOf(isVerdict, {
      type: 'object',
      properties: { verdict: { type: 'string' } },
    })
    expect(await llm.run({ workload: 'chat', prompt: 'Good?', output }).outcome).toMatchObject({
      status: 'completed',
      route: 'older',
      finish: 'stop',
      object: { verdict: 'good' },
    })
  })
})

interface Verdict {
  readonly verdict: 'good' | 'bad'
}
function isVerdict(value: unknown): value is Verdict {
  return (
    typeof value === 'object' &&
    value !== null &&
    'verdict' in value &&
    (value.verdict === 'good' || value.verdict === 'bad')
  )
}
