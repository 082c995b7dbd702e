import type { LLMock } from '@copilotkit/aimock'
import {
  AGUIMock,
  buildCompositeResponse,
  buildErrorResponse,
  buildReasoningResponse,
  buildTextChunkResponse,
  buildTextResponse,
  buildToolCallResponse,
  type AGUIEvent,
  type AGUIRunAgentInput,
} from '@copilotkit/aimock/agui'
import { agUi, createLLM, type Message, type Outcome } from '@rungs/core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { KEY, routesTo, startMock, stopMock, transcriptOf, weather } from './mock.ts'

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

function llmOver(key = KEY) {
  const url = `${mock.url}/agent`
  const headers = { authorization: `Bearer ${key}` }
  return createLLM({
    routes: { agent: agUi({ url, headers, provider: 'agent' }), direct: routesTo(mock.url).chat },
    workloads: { chat: { ladder: ['agent', 'direct'] } },
  })
}
async function ask(prompt = 'Hello?'): Promise<Outcome> {
  return llmOver().run({ workload: 'chat', prompt }).outcome
}

describe('an answer of an agent', () => {
  const usage = [
    { model: 'one', inputTokens: 7, outputTokens: 3 },
    { model: 'another', inputTokens: 5, outputTokens: 2 },
  ]
  test.for([
    ['told', buildTextResponse('Grüß dich 👋🏽, "data: [DONE]"\n\n!', { usage })],
    ['told in one chunk', buildTextChunkResponse('Grüß dich 👋🏽, "data: [DONE]"\n\n!', { usage })],
  ] as const)('is %s, with the usage of all its models', async ([, events]) => {
    agent.onRun('Hello?', events)
    expect(await ask()).toMatchObject({
      status: 'completed',
      route: 'agent',
      finish: 'stop',
      text: 'Grüß dich 👋🏽, "data: [DONE]"\n\n!',
      usage: { inputTokens: 12, outputTokens: 5 },
      attempts: [{ skippedEvents: 0 }],
    })
  })

  test('keeps what was thought, and passes over one malformed event', async () => {
    const events = buildCompositeResponse([
      buildReasoningResponse('They greet.'),
      buildTextResponse('Hi.'),
    ])
    const broken: unknown = { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta: 7 }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- that it is no event is the point
    agent.onRun('Hello?', events.toSpliced(-1, 0, broken as AGUIEvent))
    const outcome = await ask()
    expect(outcome).toMatchObject({
      status: 'completed',
      text: 'Hi.',
      attempts: [{ skippedEvents: 1 }],
    })
    expect(outcome.message.content[0]).toMatchObject({ type: 'reasoning', text: 'They greet.' })
  })

  test('calls a tool of the caller, and goes on from its result', async () => {
    const inputs: AGUIRunAgentInput[] = []
    agent
      .onPredicate(
        ({ messages = [] }) => messages.at(-1)?.role === 'user',
        buildToolCallResponse('weather', '{"city":"Oslo"}'),
      )
      .onPredicate((input) => inputs.push(input) > 0, buildTextResponse('Snow.'))
    const llm = llmOver()
    const request = { workload: 'chat', tools: { weather } } as const
    const asked: Message = { role: 'user', content: 'How is Oslo?' }
    const first = await llm.run({ ...request, messages: [asked] }).outcome
    expect(first).toMatchObject({ status: 'completed', finish: 'tool-calls', route: 'agent' })
    const [call] = first.message.content
    expect(call).toMatchObject({ type: 'tool-call', name: 'weather', input: { city: 'Oslo' } })
    if (call?.type !== 'tool-call') return

    const { id, name } = call
    const output = { sky: 'snow' }
    const messages: Message[] = [
      asked,
      first.message,
      { role: 'tool', content: [{ type: 'tool-result', id, name, output }] },
    ]
    const second = await llm.run({ ...request, messages }).outcome
    expect(second).toMatchObject({ status: 'completed', route: 'agent', text: 'Snow.' })
    expect(inputs[0]).toMatchObject({
      tools: [{ name: 'weather', parameters: { type: 'object' } }],
      messages: [
        { role: 'user', content: 'How is Oslo?' },
        {
          role: 'assistant',
          toolCalls: [{ id, function: { name, arguments: '{"city":"Oslo"}' } }],
        },
        { role: 'tool', toolCallId: id, content: '{"sky":"snow"}' },
      ],
    })
  })

  test('is not held up by a tool that the agent runs itself', async () => {
    agent.onRun(
      'Hello?',
      buildCompositeResponse([
        buildToolCallResponse('weather', '{"city":"Oslo"}', { result: 'snow' }),
        buildTextResponse('Snow.'),
      ]),
    )
    const outcome = await ask()
    expect(outcome).toMatchObject({ status: 'completed', finish: 'stop', text: 'Snow.' })
    expect(outcome.message.content.map(({ type }) => type)).toEqual(['text'])
  })
})

describe('a failure of an agent', () => {
  const half = buildTextResponse('Half an answer').slice(0, -1)
  const limit = buildErrorResponse('Slow down.', 'rate_limit_exceeded')
  test.for([
    ['an error before content', limit, [], 'rate-limit'],
    ['an error after content', [...half, ...limit.slice(1)], ['"Half an answer"'], 'rate-limit'],
    ['a stream without its end', half, ['"Half an answer"'], 'truncated'],
    ['a run that says nothing', buildCompositeResponse([]), [], 'invalid-response'],
  ] as const)('by %s gives way to the next route', async ([, events, said, kind]) => {
    agent.onRun('Hello?', [...events])
    mock.onMessage('Hello?', { content: 'A whole one.' })
    const run = llmOver().run({ workload: 'chat', prompt: 'Hello?' })
    expect(await transcriptOf(run)).toEqual([
      'try agent',
      ...said,
      `${kind} -> direct`,
      'try direct',
      '"A whole one."',
      'completed',
    ])
  })

  test.for([
    ['a wrong key', 'sk-of-another', 'auth', 401],
    ['an address that knows no answer', KEY, 'not-found', 404],
  ] as const)('by %s gives way to the next route', async ([, key, kind, status]) => {
    mock.onMessage('Hello?', { content: 'A whole one.' })
    const outcome = await llmOver(key).run({ workload: 'chat', prompt: 'Hello?' }).outcome
    expect(outcome).toMatchObject({
      status: 'completed',
      text: 'A whole one.',
      attempts: [{ failure: { kind, status } }, { failure: null }],
    })
  })
})
