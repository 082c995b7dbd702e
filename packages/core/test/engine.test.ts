import { setImmediate } from 'node:timers/promises'
import { createLLM, engine } from '@rungs/core'
import type { Outcome, OutputSchema, RunRequest } from '@rungs/core'
import { describe, expect, test, vi } from 'vitest'
import { told as toldBy, type Told } from './told.ts'

type Chunk = Readonly<Record<string, unknown>>
interface Body {
  readonly messages: readonly { readonly role: string; readonly content: unknown }[]
  readonly response_format?: { readonly type: string; readonly schema?: string }
  readonly [field: string]: unknown
}

const delta = (content: string, finish: string | null = null): Chunk => ({
  id: 'chatcmpl-0',
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta: content === '' ? {} : { content }, finish_reason: finish }],
})
const usage: Chunk = {
  choices: [],
  usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12, extra: {} },
}
const hello: readonly Chunk[] = [delta('Hel'), delta('lo'), delta('', 'stop'), usage]

/**
 * An engine as WebLLM's `MLCEngine` is (0.2.86): requests wait for one another's end, an interrupt is for the one under
 * way and is forgotten when the next begins, and what it cannot take is refused by errors with names.
 */
class FakeEngine {
  readonly bodies: Body[] = []
  readonly chunks: readonly unknown[]
  interrupts = 0
  given = 0
  isAtWork = false
  isInterrupted = false

  constructor(chunks: readonly unknown[] = hello) {
    this.chunks = chunks
  }

  readonly chat = {
    completions: {
      create: async (body: Body): Promise<AsyncIterable<unknown>> => {
        this.bodies.push(body)
        structuredClone(body)
        const { messages, response_format: format } = body
        if (messages.some(({ role }, index) => role === 'system' && index > 0)) {
          throw named('SystemMessageOrderError')
        }
        if (!['user', 'tool'].includes(messages.at(-1)?.role ?? ''))
          throw named('MessageOrderError')
        if (format?.schema !== undefined && format.type !== 'json_object') {
          throw named('InvalidResponseFormatError')
        }
        return this.#generate()
      },
    },
  }

  interruptGenerate(): void {
    this.interrupts += 1
    this.isInterrupted = true
  }

  async *#generate(): AsyncGenerator<unknown, void, void> {
    if (this.isAtWork) throw new Error('two at a time')
    this.isAtWork = true
    this.isInterrupted = false
    try {
      for (const chunk of this.chunks) {
        if (chunk instanceof Promise) await chunk
        else if (chunk instanceof Error || typeof chunk === 'string') throw chunk
        else {
          this.given += 1
          yield chunk
        }
        await setImmediate()
        if (this.isInterrupted) {
          yield delta('', 'abort')
          return
        }
      }
    } finally {
      this.isAtWork = false
    }
  }
}

function named(name: string, message = 'The prompt was: Hello?'): Error {
  return Object.assign(new Error(message), { name })
}

type Options = Partial<Parameters<typeof engine>[0]>
type Request = Partial<RunRequest<'chat', never>>

function llmOf(source: Parameters<typeof engine>[0]['engine'], options: Options = {}) {
  return createLLM({
    routes: { local: engine({ engine: source, model: 'tiny', ...options }) },
    workloads: { chat: { ladder: ['local'] } },
  })
}

function told(
  source: Parameters<typeof engine>[0]['engine'],
  request: Request = {},
  options: Options = {},
): Promise<Told> {
  return toldBy(llmOf(source, options), request)
}

const output: OutputSchema = {
  schema: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } },
  jsonSchema: { type: 'object' },
}

describe('an answer', () => {
  test('is what the engine says, free and on the device', async () => {
    const { outcome } = await told(new FakeEngine())
    expect(outcome).toMatchObject({
      status: 'completed',
      text: 'Hello',
      finish: 'stop',
      usage: { inputTokens: 9, outputTokens: 3 },
      costUsd: 0,
    })
  })

  test('satisfies regions and tags', async () => {
    const llm = createLLM({
      routes: { local: engine({ engine: new FakeEngine(), model: 'tiny' }) },
      workloads: { chat: { ladder: ['local'] } },
      tiers: { strict: { regions: ['eu'], require: ['hipaa'] } },
      defaultTier: 'strict',
    })
    expect(await llm.run({ workload: 'chat', prompt: 'Hello?' }).outcome).toMatchObject({
      text: 'Hello',
    })
  })

  test('may be a tool call, where the model is declared to make some', async () => {
    const tool = {
      index: 0,
      id: '0',
      type: 'function',
      function: { name: 'look', arguments: '{"a":1}' },
    }
    const fake = new FakeEngine([
      { choices: [{ index: 0, delta: { tool_calls: [tool] }, finish_reason: 'tool_calls' }] },
    ])
    const request = { tools: { look: { description: 'Looks', input: output } } }
    const abilities = ['text', 'tools'] as const
    const { outcome } = await told(fake, request, { abilities })
    expect(outcome).toMatchObject({
      finish: 'tool-calls',
      message: { content: [{ type: 'tool-call', name: 'look', input: { a: 1 } }] },
    })
    expect((await told(fake, request)).outcome.failure).toMatchObject({
      kind: 'unsupported-capability',
    })
  })

  test('without an end is truncated', async () => {
    expect((await told(new FakeEngine([delta('half')]))).outcome).toMatchObject({
      text: 'half',
      failure: { kind: 'truncated' },
    })
  })

  test('that somebody else interrupts is truncated', async () => {
    const chunks = [delta('half'), delta('', 'abort')]
    expect((await told(new FakeEngine(chunks))).outcome).toMatchObject({
      text: 'half',
      failure: { kind: 'truncated' },
    })
  })

  test('is not made of a few chunks that are wrong', async () => {
    const loop: Record<string, unknown> = {}
    loop['loop'] = loop
    const { outcome } = await told(new FakeEngine([null, { choices: 7 }, loop, ...hello]))
    expect(outcome).toMatchObject({ text: 'Hello', attempts: [{ skippedEvents: 3 }] })
  })

  test('that is no stream is an invalid response', async () => {
    const completions = { create: () => ({ choices: [{ message: { content: 'Hello' } }] }) }
    expect((await told({ chat: { completions } })).outcome.failure).toMatchObject({
      kind: 'invalid-response',
    })
  })
})

describe('a request', () => {
  test('is plain data in the engine’s form, with system text first', async () => {
    const fake = new FakeEngine([delta('{"a":1}'), delta('', 'stop')])
    const { outcome } = await told(fake, {
      system: 'Be brief.',
      messages: [
        { role: 'user', content: 'Hi' },
        { role: 'system', content: 'Be kind.' },
        { role: 'assistant', content: [{ type: 'reasoning', text: 'Hm' }] },
      ],
      prompt: 'Well?',
      output,
      maxOutputTokens: 9,
      temperature: 0.5,
      reasoning: 'none',
    })
    expect(outcome).toMatchObject({ status: 'completed', object: { a: 1 } })
    expect(fake.bodies).toEqual([
      {
        model: 'tiny',
        stream: true,
        stream_options: { include_usage: true },
        messages: [
          { role: 'system', content: 'Be brief.\n\nBe kind.' },
          { role: 'user', content: 'Hi' },
          { role: 'user', content: 'Well?' },
        ],
        temperature: 0.5,
        reasoning_effort: 'none',
        max_tokens: 9,
        response_format: { type: 'json_object', schema: '{"type":"object"}' },
        extra_body: { enable_thinking: false },
      },
    ])
  })

  test('waits for the one before it, whichever run that is of', async () => {
    const gate = Promise.withResolvers<void>()
    const fake = new FakeEngine([delta('Hello'), gate.promise, delta('', 'stop')])
    const llm = llmOf(fake)
    const runs = [1, 2, 3].map(() => llm.run({ workload: 'chat', prompt: 'Hello?' }))
    await vi.waitFor(() => {
      expect(fake.isAtWork).toBe(true)
    })
    expect(fake.bodies).toHaveLength(1)
    gate.resolve()
    const outcomes = await Promise.all(runs.map(({ outcome }) => outcome))
    expect(outcomes.map(({ status }) => status)).toEqual(['completed', 'completed', 'completed'])
    expect(fake.bodies).toHaveLength(3)
  })

  test('does not wait for another engine', async () => {
    const stuck = new FakeEngine([new Promise(() => {})])
    const llm = llmOf(stuck)
    const run = llm.run({ workload: 'chat', prompt: 'Hello?' })
    expect((await told(new FakeEngine())).outcome.text).toBe('Hello')
    await run.stop()
  })
})

describe('a stop', () => {
  test('interrupts the engine, which is then free for the next', async () => {
    const fake = new FakeEngine([delta('one'), delta('two'), delta('three'), ...hello])
    const llm = llmOf(fake)
    const first = llm.run({ workload: 'chat', prompt: 'Hello?' })
    for await (const event of first) if (event.type === 'content') await first.stop()
    expect(await first.outcome).toMatchObject({ status: 'stopped' })
    expect(fake.interrupts).toBeGreaterThan(0)

    const second = await llm.run({ workload: 'chat', prompt: 'Hello?' }).outcome
    expect(second).toMatchObject({ status: 'completed', text: 'onetwothreeHello' })
  })

  test('reaches an engine that had not begun yet', async () => {
    const gate = Promise.withResolvers<void>()
    const fake = new FakeEngine([delta('one'), delta('two'), delta('three'), ...hello])
    const create = vi.fn<(body: Body) => Promise<AsyncIterable<unknown>>>(async (body) => {
      await gate.promise
      return fake.chat.completions.create(body)
    })
    const interruptGenerate = (): void => {
      fake.interruptGenerate()
    }
    const llm = llmOf({ chat: { completions: { create } }, interruptGenerate })
    const run = llm.run({ workload: 'chat', prompt: 'Hello?' })
    await vi.waitFor(() => {
      expect(create).toHaveBeenCalledTimes(1)
    })
    await run.stop()
    gate.resolve()
    await vi.waitFor(() => {
      expect(fake.given).toBeGreaterThan(0)
    })
    await vi.waitFor(() => {
      expect(fake.isAtWork).toBe(false)
    })
    expect(fake.given).toBe(1)
  })

  test('does not touch an engine that is at work for somebody else', async () => {
    const gate = Promise.withResolvers<void>()
    const fake = new FakeEngine([delta('Hello'), gate.promise, delta('', 'stop')])
    const llm = llmOf(fake)
    const first = llm.run({ workload: 'chat', prompt: 'Hello?' })
    await vi.waitFor(() => {
      expect(fake.isAtWork).toBe(true)
    })
    await llm.run({ workload: 'chat', prompt: 'Hello?' }).stop()
    expect(fake.interrupts).toBe(0)
    gate.resolve()
    expect(await first.outcome).toMatchObject({ status: 'completed', text: 'Hello' })
    expect(fake.bodies).toHaveLength(1)
  })

  test('leaves an engine that cannot be interrupted at its next word', async () => {
    const { chat } = new FakeEngine([delta('one'), delta('two'), ...hello])
    const seen: unknown[] = []
    const create = async function* (body: Body): AsyncGenerator {
      for await (const chunk of await chat.completions.create(body)) {
        seen.push(chunk)
        yield chunk
      }
    }
    const run = llmOf({ chat: { completions: { create } } }).run({ workload: 'chat', prompt: 'x' })
    for await (const event of run) if (event.type === 'content') await run.stop()
    expect(await run.outcome).toMatchObject({ status: 'stopped', text: 'one' })
    await setImmediate()
    await setImmediate()
    expect(seen.length).toBeLessThan(4)
  })

  test('after the end interrupts nothing', async () => {
    const fake = new FakeEngine()
    const run = llmOf(fake).run({ workload: 'chat', prompt: 'Hello?' })
    await run.outcome
    await run.stop()
    expect(fake.interrupts).toBe(0)
  })
})

describe('a failure', () => {
  const kinds: readonly [string, string][] = [
    ['DeviceLostError', 'outage'],
    ['IntegrityError', 'outage'],
    ['QuotaExceededError', 'outage'],
    ['ContextWindowSizeExceededError', 'context-length'],
    ['WebGPUNotAvailableError', 'unsupported-capability'],
    ['WebGPUNotFoundError', 'unsupported-capability'],
    ['ShaderF16SupportError', 'unsupported-capability'],
    ['FeatureSupportError', 'unsupported-capability'],
    ['UnsupportedModelIdError', 'unsupported-capability'],
    ['UserMessageContentErrorForNonVLM', 'unsupported-capability'],
    ['CustomSystemPromptError', 'unsupported-capability'],
    ['GrammarMatcherInitError', 'unsupported-capability'],
    ['ModelNotFoundError', 'not-found'],
    ['SpecifiedModelNotFoundError', 'not-found'],
    ['ToolCallOutputParseError', 'invalid-response'],
    ['SystemMessageOrderError', 'invalid-request'],
    ['InvalidResponseFormatError', 'invalid-request'],
    ['NetworkError', 'network'],
    ['SomethingOfTomorrowError', 'outage'],
  ]
  test.each(kinds)('by the name %s is %s', async (name, kind) => {
    const { outcome } = await told(new FakeEngine([delta('half'), named(name)]))
    expect(outcome).toMatchObject({ text: 'half', failure: { kind, phase: 'streaming' } })
    expect(JSON.stringify(outcome.failure)).not.toContain('Hello?')
  })

  test.each([
    ['as text', 'ContextWindowSizeExceededError: Prompt tokens exceed', 'context-length'],
    ['as text of a text', 'Error: DeviceLostError: lost', 'outage'],
    ['without its class', new Error('WebGPUNotAvailableError: none'), 'unsupported-capability'],
    ['in prose only', new Error('the prompt is too long for the context window'), 'context-length'],
    ['as a download that broke', new TypeError('Failed to fetch'), 'network'],
    ['as a mistake of its own', new TypeError('x is not a function'), 'outage'],
    ['as nothing much', new Error(''), 'outage'],
  ])('that comes out of a worker %s is told all the same', async (_, thrown, kind) => {
    expect((await told(new FakeEngine([thrown]))).outcome.failure).toMatchObject({
      kind,
      phase: 'before-content',
    })
  })

  test('to have a model loaded costs no attempt', async () => {
    const { outcome } = await told(new FakeEngine([named('ModelNotLoadedError')]))
    expect(outcome.failure).toMatchObject({
      kind: 'unsupported-capability',
      phase: 'before-request',
    })
  })
})

describe('a function for the engine', () => {
  test('is asked when an attempt needs it, and again after the engine broke', async () => {
    const engines = [new FakeEngine([named('DeviceLostError')]), new FakeEngine()]
    const source = vi.fn<() => Promise<object | undefined>>(async () => engines.shift())
    const ask = async (): Promise<Outcome> =>
      llm.run({ workload: 'chat', prompt: 'Hello?' }).outcome
    const llm = llmOf(source)
    expect(source).not.toHaveBeenCalled()
    expect((await ask()).failure).toMatchObject({ kind: 'outage' })
    expect(await ask()).toMatchObject({ text: 'Hello' })
    expect(await ask()).toMatchObject({ text: 'Hello' })
    expect(source).toHaveBeenCalledTimes(2)
  })

  test('is not asked again for what the engine only refused', async () => {
    const refusing = new FakeEngine([named('ContextWindowSizeExceededError')])
    const source = vi.fn<() => object>(() => refusing)
    const llm = llmOf(source)
    for (const _ of [1, 2]) await llm.run({ workload: 'chat', prompt: 'Hello?' }).outcome
    expect(refusing.bodies).toHaveLength(2)
    expect(source).toHaveBeenCalledTimes(1)
  })

  test('is asked once by two at the same time', async () => {
    const source = vi.fn<() => Promise<object>>(async () => new FakeEngine())
    const llm = llmOf(source)
    const runs = [1, 2].map(() => llm.run({ workload: 'chat', prompt: 'Hello?' }).outcome)
    expect((await Promise.all(runs)).map(({ text }) => text)).toEqual(['Hello', 'Hello'])
    expect(source).toHaveBeenCalledTimes(1)
  })

  test.each<[string, () => object | undefined, string]>([
    ['has none yet', () => undefined, 'unsupported-capability'],
    ['gives something else', () => ({}), 'invalid-request'],
    [
      'gives a client of a server',
      () => Object.assign(new FakeEngine(), { baseURL: 'x' }),
      'invalid-request',
    ],
    [
      'throws',
      () => {
        throw named('WebGPUNotAvailableError')
      },
      'unsupported-capability',
    ],
  ])('that %s is not the end', async (_, source, kind) => {
    const fake = new FakeEngine()
    let isFirst = true
    const llm = llmOf(() => {
      if (!isFirst) return fake
      isFirst = false
      return source()
    })
    const ask = async (): Promise<Outcome> =>
      llm.run({ workload: 'chat', prompt: 'Hello?' }).outcome
    expect((await ask()).failure).toMatchObject({ kind })
    expect(await ask()).toMatchObject({ text: 'Hello' })
  })
})

describe('an object that is no engine', () => {
  test.each<[string, object, RegExp]>([
    ['of another shape', {}, /engine: has no chat\.completions\.create/],
    [
      'that sends requests to a server',
      Object.assign(new FakeEngine(), { baseURL: 'https://api.openai.com/v1' }),
      /engine: sends its requests elsewhere/,
    ],
  ])('(%s) is refused when the route is configured', (_, source, message) => {
    expect(() => llmOf(source)).toThrow(message)
  })

  test('is told along with a model without a name', () => {
    expect(() => llmOf({}, { model: '' })).toThrow(/model: must name a model/)
  })
})
