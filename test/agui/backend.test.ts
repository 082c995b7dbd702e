import { agUi, createLLM, type Outcome, type RunEvent, type RunRequest } from '@rungs/core'
import { RunAgentInputSchema } from '@ag-ui/core/schemas'
import { toHttpResponse, toolDefinition, toServerSentEventsResponse } from '@tanstack/ai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, finish, modelOf, speak, startBackend, text, type Backend } from './backend.ts'

let backend: Backend
beforeAll(async () => {
  backend = await startBackend()
})
afterAll(() => backend.close())

type Request = Partial<RunRequest<'chat', never>>

function llmOver(url: string) {
  return createLLM({
    routes: { agent: agUi({ url }) },
    workloads: { chat: { ladder: ['agent'], limits: { maxAttempts: 1 } } },
  })
}

async function ask(url: string, request: Request = {}): Promise<Outcome> {
  return llmOver(url).run({ workload: 'chat', prompt: 'Hello?', ...request }).outcome
}

const weather = {
  schema: {
    '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) },
  },
  jsonSchema: { type: 'object', properties: { city: { type: 'string' } } },
} as const

const sayings = text('Grüß ', 'dich 👋🏽,\n', '\n- "data: [DONE]"\n', 'ciao\u2028!')
const saying = 'Grüß dich 👋🏽,\n\n- "data: [DONE]"\nciao\u2028!'

describe('an answer of a backend built on TanStack AI', () => {
  test.each([
    ['events', toServerSentEventsResponse],
    ['lines of JSON', toHttpResponse],
  ])('is told word for word, with its thoughts and usage, from %s', async (_, respond) => {
    const model = modelOf([
      { type: 'REASONING_START', messageId: 'r' },
      { type: 'REASONING_MESSAGE_START', messageId: 'r', role: 'reasoning' },
      { type: 'REASONING_MESSAGE_CONTENT', messageId: 'r', delta: 'They greet. ' },
      { type: 'REASONING_MESSAGE_CONTENT', messageId: 'r', delta: 'Greet back.' },
      { type: 'REASONING_MESSAGE_END', messageId: 'r' },
      { type: 'REASONING_END', messageId: 'r' },
      ...sayings,
      finish('stop'),
    ])
    const url = backend.at((exchange) => respond(speak(exchange, model)))
    const outcome = await ask(url, { system: 'Be brief.' })
    expect(outcome).toMatchObject({
      status: 'completed',
      finish: 'stop',
      text: saying,
      usage: { inputTokens: 12, outputTokens: 5 },
      attempts: [{ skippedEvents: 0 }],
    })
    expect(outcome.message.content[0]).toMatchObject({
      type: 'reasoning',
      text: 'They greet. Greet back.',
    })
    expect(model.calls[0]?.messages).toMatchObject([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hello?' },
    ])
  })

  test('that was cut for its length says so', async () => {
    const model = modelOf([...text('half'), finish('length')])
    const url = backend.at((exchange) => toServerSentEventsResponse(speak(exchange, model)))
    expect(await ask(url)).toMatchObject({ status: 'completed', text: 'half', finish: 'length' })
  })

  test('goes through the backend’s own tools, turn by turn', async () => {
    const look = toolDefinition({
      name: 'weather',
      description: 'Tells the weather',
      inputSchema: weather.jsonSchema,
    }).server(() => ({ celsius: 4 }))
    const model = modelOf(
      [...text('Looking. '), ...call('a', 'weather', '{"city":"Bern"}'), finish('tool_calls')],
      [...text('4 degrees.'), finish('stop')],
    )
    const url = backend.at((exchange) => toServerSentEventsResponse(speak(exchange, model, [look])))
    const outcome = await ask(url)
    expect(outcome).toMatchObject({
      status: 'completed',
      text: 'Looking. 4 degrees.',
      finish: 'stop',
      usage: { inputTokens: 24, outputTokens: 10 },
    })
    expect(outcome.message.content.filter(({ type }) => type === 'tool-call')).toEqual([])
    expect(model.calls).toHaveLength(2)
  })

  test('may call a tool of the caller, whose result goes on with the thread', async () => {
    const look = toolDefinition({
      name: 'weather',
      description: 'Tells the weather',
      inputSchema: weather.jsonSchema,
    })
    const model = modelOf(
      [...call('a', 'weather', '{"city":"Bern"}'), finish('tool_calls')],
      [...text('4 degrees.'), finish('stop')],
    )
    const llm = llmOver(
      backend.at((exchange) => toServerSentEventsResponse(speak(exchange, model, [look]))),
    )
    const tools = { weather: { description: 'Tells the weather', input: weather } }
    const question = { role: 'user', content: 'Weather?' } as const
    const first = await llm.run({ workload: 'chat', messages: [question], tools }).outcome
    expect(first).toMatchObject({ status: 'completed', finish: 'tool-calls' })
    expect(first.message.content).toMatchObject([
      { type: 'tool-call', id: 'a', name: 'weather', input: { city: 'Bern' } },
    ])

    const second = await llm.run({
      workload: 'chat',
      tools,
      messages: [
        question,
        first.message,
        {
          role: 'tool',
          content: [{ type: 'tool-result', id: 'a', name: 'weather', output: { celsius: 4 } }],
        },
      ],
    }).outcome
    expect(second).toMatchObject({ status: 'completed', text: '4 degrees.' })
    expect(model.calls[1]?.messages).toMatchObject([
      { role: 'user' },
      { role: 'assistant', toolCalls: [{ id: 'a' }] },
      { role: 'tool', toolCallId: 'a', content: '{"celsius":4}' },
    ])
  })

  test('arrives as it is spoken', async () => {
    const gate = Promise.withResolvers<void>()
    const model = modelOf([
      { type: 'TEXT_MESSAGE_START', messageId: 'm', role: 'assistant' },
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta: 'first' },
      gate.promise,
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta: ' second' },
      { type: 'TEXT_MESSAGE_END', messageId: 'm' },
      finish('stop'),
    ])
    const url = backend.at((exchange) => toServerSentEventsResponse(speak(exchange, model)))
    const run = llmOver(url).run({ workload: 'chat', prompt: 'Hello?' })
    const texts: string[] = []
    for await (const event of run) {
      if (event.type !== 'content') continue
      texts.push(event.text)
      gate.resolve()
    }
    expect(texts).toEqual(['first', ' second'])
  })
})

describe('a failure of a backend built on TanStack AI', () => {
  test.each([
    ['before it speaks', [], '', 'before-content'],
    ['after half a word', text('half'), 'half', 'streaming'],
  ])('is told by what the model threw, %s', async (_, spoken, said, phase) => {
    const error = Object.assign(new Error('Rate limit exceeded'), { code: 'rate_limit_exceeded' })
    const model = modelOf([...spoken, error])
    const url = backend.at((exchange) => toServerSentEventsResponse(speak(exchange, model)))
    expect(await ask(url)).toMatchObject({ text: said, failure: { kind: 'rate-limit', phase } })
  })

  test('leaves nothing running there when the user stops', async () => {
    const gone = Promise.withResolvers<void>()
    const model = modelOf([...text('half'), new Promise(() => {})])
    const url = backend.at((exchange) => {
      exchange.aborter.signal.addEventListener('abort', () => {
        gone.resolve()
      })
      return toServerSentEventsResponse(speak(exchange, model))
    })
    const run = llmOver(url).run({ workload: 'chat', prompt: 'Hello?' })
    for await (const event of run) if (event.type === 'content') await run.stop()
    expect(await run.outcome).toMatchObject({ status: 'stopped', text: 'half' })
    await gone.promise
  })
})

describe('a request', () => {
  test('is what the protocol’s own schema accepts, without a field too many', async () => {
    const bodies: unknown[] = []
    const model = modelOf([...text('hi'), finish('stop')])
    const url = backend.at((exchange) => {
      bodies.push(exchange.body)
      return toServerSentEventsResponse(speak(exchange, model))
    })
    const events: RunEvent[] = []
    const run = llmOver(url).run({
      workload: 'chat',
      thread: 't1',
      system: 'Be brief.',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image', mediaType: 'image/png', data: 'aGk=' },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'Hm' },
            { type: 'tool-call', id: 'a', name: 'weather', input: {} },
          ],
        },
        {
          role: 'tool',
          content: [{ type: 'tool-result', id: 'a', name: 'weather', output: 'x', isError: true }],
        },
      ],
      prompt: 'Well?',
      tools: { weather: { description: 'Tells the weather', input: weather } },
      reasoning: 'low',
    })
    for await (const event of run) events.push(event)
    expect(await run.outcome).toMatchObject({ status: 'completed', text: 'hi' })
    const [body] = bodies
    expect(RunAgentInputSchema.parse(body)).toEqual(body)
  })
})
