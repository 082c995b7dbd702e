import { aiSdk, createLLM, type Outcome, type Route, type RunEvent } from '@rungs/core'
import { createUIMessageStream, jsonSchema, tool, type ToolSet } from 'ai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  finish,
  modelOf,
  pipe,
  speak,
  startBackend,
  text,
  type Backend,
  type Body,
  type Exchange,
} from './backend.ts'

let backend: Backend
beforeAll(async () => {
  backend = await startBackend()
})
afterAll(() => backend.close())

function llmOver(url: string) {
  return createLLM({
    routes: { own: aiSdk({ url }) },
    workloads: { chat: { ladder: ['own'] } },
  })
}

async function ask(url: string, prompt = 'Hello?'): Promise<Outcome> {
  return llmOver(url).run({ workload: 'chat', system: 'Be brief.', prompt }).outcome
}

function reasoningOf({ message }: Outcome): string {
  return message.content
    .map((part) => (part.type === 'reasoning' ? (part.text ?? '') : ''))
    .join('')
}

describe('an answer of a backend built on the AI SDK', () => {
  test('is told word for word, with its reasoning and usage', async () => {
    const model = modelOf(
      { type: 'reasoning-start', id: 'thought' },
      { type: 'reasoning-delta', id: 'thought', delta: 'They greet. ' },
      { type: 'reasoning-delta', id: 'thought', delta: 'Greet back.' },
      { type: 'reasoning-end', id: 'thought' },
      ...text('Grüß ', 'dich 👋🏽,\n', '\n- "data: [DONE]"\n', 'ciao\u2028!'),
      finish('stop'),
    )
    const outcome = await ask(backend.at((exchange) => speak(model, exchange)))

    expect(outcome).toMatchObject({
      status: 'completed',
      finish: 'stop',
      route: 'own',
      text: 'Grüß dich 👋🏽,\n\n- "data: [DONE]"\nciao\u2028!',
      usage: { inputTokens: 12, outputTokens: 5 },
      failure: null,
    })
    expect(reasoningOf(outcome)).toBe('They greet. Greet back.')
    expect(model.doStreamCalls[0]?.prompt).toMatchObject([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'Hello?' }] },
    ])
  })

  test('arrives as it is spoken', async () => {
    const halfway = Promise.withResolvers<void>()
    const url = backend.at(({ response }) => {
      const stream = createUIMessageStream({
        async execute({ writer }) {
          writer.write({ type: 'start' })
          writer.write({ type: 'text-start', id: '1' })
          writer.write({ type: 'text-delta', id: '1', delta: 'first' })
          await halfway.promise
          writer.write({ type: 'text-delta', id: '1', delta: ' second' })
          writer.write({ type: 'text-end', id: '1' })
          writer.write({ type: 'finish' })
        },
      })
      return pipe(response, stream)
    })
    const contents: string[] = []
    for await (const event of llmOver(url).run({ workload: 'chat', prompt: 'Hello?' })) {
      if (event.type !== 'content') continue
      contents.push(event.text)
      halfway.resolve()
    }
    expect(contents).toEqual(['first', ' second'])
  })

  test('calls a tool, and goes on from its result', async () => {
    const weather = {
      description: 'The weather in a city.',
      input: {
        schema: {
          '~standard': {
            version: 1,
            vendor: 'test',
            validate: (value: unknown) => ({ value }),
          },
        },
        jsonSchema: { type: 'object', properties: { city: { type: 'string' } } },
      },
    } as const
    const bodies: Body[] = []
    const models = [
      modelOf(
        ...text('Let me look.'),
        { type: 'tool-input-start', id: 'call-1', toolName: 'weather' },
        { type: 'tool-input-delta', id: 'call-1', delta: '{"city":' },
        { type: 'tool-input-delta', id: 'call-1', delta: '"Oslo"}' },
        { type: 'tool-input-end', id: 'call-1' },
        { type: 'tool-call', toolCallId: 'call-1', toolName: 'weather', input: '{"city":"Oslo"}' },
        finish('tool-calls'),
      ),
      modelOf(...text('It snows in Oslo.'), finish('stop')),
    ]
    const url = backend.at(async (exchange: Exchange) => {
      const model = models[bodies.push(exchange.body) - 1]
      if (model) await speak(model, exchange, { tools: toolsOf(exchange.body) })
    })
    const llm = llmOver(url)
    const asked = { role: 'user', content: 'How is Oslo?' } as const
    const first = await llm.run({
      workload: 'chat',
      thread: 't',
      tools: { weather },
      messages: [asked],
    }).outcome
    expect(first).toMatchObject({ status: 'completed', finish: 'tool-calls', text: 'Let me look.' })
    expect(first.message.content.at(-1)).toMatchObject({
      type: 'tool-call',
      id: 'call-1',
      name: 'weather',
      input: { city: 'Oslo' },
    })

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
            { type: 'tool-result', id: 'call-1', name: 'weather', output: { sky: 'snow' } },
          ],
        },
      ],
    }).outcome
    expect(second).toMatchObject({ status: 'completed', text: 'It snows in Oslo.' })
    expect(models[1]?.doStreamCalls[0]?.prompt.at(-1)).toMatchObject({
      role: 'tool',
      content: [{ type: 'tool-result', toolCallId: 'call-1', output: { value: { sky: 'snow' } } }],
    })
  })

  test('passes over data, sources and parts that nobody knows yet', async () => {
    const url = backend.at(({ response }) => {
      const stream = createUIMessageStream({
        execute({ writer }) {
          writer.write({ type: 'start', messageId: 'm' })
          writer.write({ type: 'data-status', data: { text: 'not the answer' }, transient: true })
          writer.write({ type: 'start-step' })
          writer.write({ type: 'source-url', sourceId: 's', url: 'https://example.com/' })
          writer.write({ type: 'text-start', id: '1' })
          writer.write({ type: 'text-delta', id: '1', delta: 'one' })
          writer.write({ type: 'data-chart', id: 'c', data: [1, 2] })
          writer.write({ type: 'text-delta', id: '1', delta: ' two' })
          writer.write({ type: 'text-end', id: '1' })
          writer.write({ type: 'finish-step' })
          writer.write({ type: 'finish', finishReason: 'stop' })
        },
      })
      const newer = stream.pipeThrough(
        new TransformStream({
          transform(chunk, controller) {
            controller.enqueue(chunk)
            controller.enqueue({ type: 'hologram-delta', delta: 'no text', id: '1' })
          },
        }),
      )
      return pipe(response, newer)
    })
    const outcome = await ask(url)
    expect(outcome).toMatchObject({ status: 'completed', text: 'one two' })
    expect(outcome.attempts).toMatchObject([{ skippedEvents: 0 }])
  })

  test.for([
    ['stop', 'stop'],
    ['length', 'length'],
    ['content-filter', 'filtered'],
    ['other', 'stop'],
  ] as const)('that ends with %s finishes as %s', async ([reason, expected]) => {
    const model = modelOf(...text('So far.'), finish(reason))
    const outcome = await ask(backend.at((exchange) => speak(model, exchange)))
    expect(outcome).toMatchObject({ status: 'completed', finish: expected, text: 'So far.' })
  })

  test('stops where the reader stops, and lets the backend know', async () => {
    const left = Promise.withResolvers<void>()
    const url = backend.at(({ response, signal }) => {
      signal.addEventListener('abort', () => left.resolve())
      const stream = createUIMessageStream({
        async execute({ writer }) {
          writer.write({ type: 'text-start', id: '1' })
          writer.write({ type: 'text-delta', id: '1', delta: 'half' })
          await left.promise
        },
      })
      return pipe(response, stream)
    })
    const run = llmOver(url).run({ workload: 'chat', prompt: 'Hello?' })
    for await (const event of run) if (event.type === 'content') void run.stop()
    expect(await run.outcome).toMatchObject({ status: 'stopped', text: 'half', failure: null })
    await left.promise
  })
})

describe('a backend built on the AI SDK that breaks', () => {
  const secret = 'the database at 10.0.0.7 is gone'

  test('with a masked error is a failure, before content and after', async () => {
    const broken = { type: 'error', error: new Error(secret) } as const
    const before = await ask(backend.at((exchange) => speak(modelOf(broken), exchange)))
    const after = await ask(
      backend.at((exchange) =>
        speak(
          modelOf(
            { type: 'text-start', id: '1' },
            { type: 'text-delta', id: '1', delta: 'half' },
            broken,
          ),
          exchange,
        ),
      ),
    )
    for (const { status, failure } of [before, after]) {
      expect(status).not.toBe('completed')
      expect(failure?.class).toBe('technical')
      expect(JSON.stringify(failure)).not.toContain('error occurred')
    }
    expect(before.failure?.phase).toBe('before-content')
    expect(after.failure?.phase).toBe('streaming')
  })

  test.for([
    [{ error: { code: 'context_length_exceeded', message: secret } }, 'context-length'],
    [{ error: { code: 'content_policy_violation', message: secret } }, 'blocked-content'],
    [{ error: { code: 'rate_limit_exceeded', type: 'rate_limit_error' } }, 'rate-limit'],
  ] as const)('and says what of in the error text %j is %s', async ([told, kind]) => {
    const model = modelOf({ type: 'error', error: new Error(secret) })
    const outcome = await ask(
      backend.at((exchange) => speak(model, exchange, { onError: () => JSON.stringify(told) })),
    )
    expect(outcome.failure?.kind).toBe(kind)
    expect(JSON.stringify(outcome)).not.toContain(secret)
  })

  test.for([
    ['error', 'outage'],
    ['interrupted', 'truncated'],
  ] as const)('and finishes with %s is %s', async ([reason, kind]) => {
    const model = modelOf(...text('half'), finish(reason))
    const outcome = await ask(backend.at((exchange) => speak(model, exchange)))
    expect(outcome.status).not.toBe('completed')
    expect(outcome.failure?.kind).toBe(kind)
  })

  test('by aborting its own answer is truncated', async () => {
    const url = backend.at(({ response }) => {
      const stream = createUIMessageStream({
        execute({ writer }) {
          writer.write({ type: 'text-start', id: '1' })
          writer.write({ type: 'text-delta', id: '1', delta: 'half' })
          writer.write({ type: 'abort', reason: 'deploy' })
        },
      })
      return pipe(response, stream)
    })
    expect((await ask(url)).failure).toMatchObject({ kind: 'truncated', phase: 'streaming' })
  })

  test('by ending its stream too early is truncated', async () => {
    const url = backend.at(({ response }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: {"type":"text-start","id":"1"}\n\n')
      response.end('data: {"type":"text-delta","id":"1","delta":"half"}\n\n')
    })
    const outcome = await ask(url)
    expect(outcome.status).not.toBe('completed')
    expect(outcome.failure).toMatchObject({ kind: 'truncated', phase: 'streaming' })
  })

  test('by a connection that is cut is a failure, with what there was', async () => {
    const url = backend.at(async (exchange) => {
      const stream = createUIMessageStream({
        async execute({ writer }) {
          writer.write({ type: 'text-start', id: '1' })
          writer.write({ type: 'text-delta', id: '1', delta: 'half' })
          await seen.promise
          exchange.response.destroy()
        },
      })
      await pipe(exchange.response, stream).catch(() => {})
    })
    const seen = Promise.withResolvers<void>()
    const events: RunEvent[] = []
    for await (const event of llmOver(url).run({ workload: 'chat', prompt: 'Hello?' })) {
      events.push(event)
      if (event.type === 'content') seen.resolve()
    }
    const failed = events.find((event) => event.type === 'attempt-failed')
    expect(['truncated', 'network']).toContain(failed?.failure.kind)
    expect(failed?.visibleChars).toBe(4)
  })

  test('gives way to another route, and never runs into its answer', async () => {
    const routes: Record<'own' | 'other', Route> = {
      own: aiSdk({
        provider: 'own',
        url: backend.at((exchange) =>
          speak(
            modelOf(...text('Half an ans'), { type: 'error', error: new Error(secret) }),
            exchange,
          ),
        ),
      }),
      other: aiSdk({
        provider: 'other',
        url: backend.at((exchange) =>
          speak(modelOf(...text('A whole answer.'), finish('stop')), exchange),
        ),
      }),
    }
    const llm = createLLM({ routes, workloads: { chat: { ladder: ['own', 'other'] } } })
    const run = llm.run({ workload: 'chat', prompt: 'Hello?' })
    const shown = new Set<string>()
    run.store.subscribe((state) => shown.add(state.text))
    const outcome = await run.outcome
    expect(outcome).toMatchObject({
      status: 'completed',
      text: 'A whole answer.',
      route: 'other',
      degraded: { from: 'own', to: 'other' },
    })
    for (const seen of shown)
      expect(['Half an ans', 'A whole answer.'].some((one) => one.startsWith(seen))).toBe(true)
    await llm.close()
  })
})

/** The tools that the browser brought, for the model to call and the browser to execute. */
function toolsOf({ tools = {} }: Body): ToolSet {
  return Object.fromEntries(
    Object.entries(tools).map(([name, { description, inputSchema }]) => [
      name,
      tool({ description, inputSchema: jsonSchema(inputSchema) }),
    ]),
  )
}
