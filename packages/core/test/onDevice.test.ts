import { createLLM, onDevice, textStream } from '@rungs/core'
import type { OutputSchema, Plan, RunEvent, RunRequest } from '@rungs/core'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createModelOf, type Script, type Seen } from './languageModel.ts'
import { told as toldBy, type Told } from './told.ts'

type Options = Parameters<typeof onDevice>[0]
type Request = Partial<RunRequest<'chat', never>>

afterEach(() => {
  vi.unstubAllGlobals()
})

/** A browser whose model behaves like this. */
function browserWith(script: Script): Seen {
  const { LanguageModel, seen } = createModelOf(script)
  vi.stubGlobal('LanguageModel', LanguageModel)
  return seen
}

function llmOf(options?: Options) {
  return createLLM({
    routes: { device: onDevice(options) },
    workloads: { chat: { ladder: ['device'], ask: { download: false } } },
  })
}

function told(request: Request = {}, options?: Options): Promise<Told> {
  return toldBy(llmOf(options), request)
}

function planOf(events: readonly RunEvent[]): Plan | undefined {
  return events.flatMap((event) => (event.type === 'planned' ? [event.plan] : []))[0]
}

const output: OutputSchema = {
  schema: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } },
  jsonSchema: { type: 'object', properties: { city: { type: 'string' } } },
}

describe('an answer', () => {
  test('comes chunk by chunk, free, and its session is destroyed', async () => {
    const seen = browserWith({ chunks: ['Hel', 'lo', ' 👋🏽'] })
    const { outcome } = await told()
    expect(outcome).toMatchObject({
      status: 'completed',
      text: 'Hello 👋🏽',
      finish: 'stop',
      route: 'device',
      costUsd: 0,
      failure: null,
    })
    expect(seen).toMatchObject({ created: 1, destroyed: 1, downloads: 0 })
    expect(seen.prompts).toEqual(['Hello?'])
  })

  test.each(['context', 'input', 'none'] as const)('has its usage by names (%s)', async (names) => {
    browserWith({ names, chunks: ['four', ' more'], answerTokens: 7 })
    const { outcome } = await told({ system: 'Brief.' })
    // The fake counts a token for each character that it is given.
    const usage = { inputTokens: 'Brief.'.length + 'Hello?'.length, outputTokens: 7 }
    expect(outcome.usage).toEqual(names === 'none' ? null : usage)
  })

  test('has no usage where measuring fails', async () => {
    browserWith({ chunks: ['x'], measure: new DOMException('', 'InvalidStateError') })
    expect((await told()).outcome).toMatchObject({ status: 'completed', usage: null })
  })

  test('that thinks aloud is told apart from its thoughts', async () => {
    browserWith({
      chunks: [
        { type: 'thought', value: 'Hm' },
        { type: 'text', value: 'Hel' },
        [{ type: 'text', value: 'lo' }, { type: 'audio', value: 1 }, null],
      ],
    })
    const { outcome } = await told()
    expect(outcome).toMatchObject({
      text: 'Hello',
      message: { content: [{ type: 'reasoning', text: 'Hm' }, { type: 'text' }] },
    })
  })

  test('of nothing is an invalid response', async () => {
    const seen = browserWith({ chunks: [''] })
    expect((await told()).outcome.failure).toMatchObject({ kind: 'invalid-response' })
    expect(seen.destroyed).toBe(1)
  })

  test('arrives as it is spoken', async () => {
    const gate = Promise.withResolvers<void>()
    browserWith({ chunks: ['first', gate.promise, ' second'] })
    const run = llmOf().run({ workload: 'chat', prompt: 'Hello?' })
    const texts: string[] = []
    for await (const event of run) {
      if (event.type !== 'content') continue
      texts.push(event.text)
      gate.resolve()
    }
    expect(texts).toEqual(['first', ' second'])
  })
})

describe('chunks', () => {
  type Case = [string, readonly string[], string]
  /** What a stream of deltas may hold, however it looks. */
  const deltas: readonly Case[] = [
    ['words', ['The', ' sky', ' is', ' blue'], 'The sky is blue'],
    ['one', ['Yes.'], 'Yes.'],
    ['the same again', ['ha', 'ha', 'ha'], 'hahaha'],
    ['the same and more', ['ha', 'haha', '!'], 'hahaha!'],
    ['the same word', ['Okay', 'Okay', 'Okay'], 'OkayOkayOkay'],
    ['the same and more of it', ['a', 'aa', 'aaa', '!'], 'aaaaaa!'],
    ['laughter', ['ha ha ', 'ha ha ha', '!'], 'ha ha ha ha ha!'],
    ['a rule', ['-', '--', '----', '--------', '\n'], '---------------\n'],
    ['spaces', [' ', '  ', 'x'], '   x'],
    ['numbers', ['1', '10'], '110'],
    ['a refrain', ['very ', 'very ', 'good'], 'very very good'],
  ]
  test.each(deltas)('that hold what is new are added up: %s', async (_, chunks, text) => {
    for (const names of ['context', 'input', 'none'] as const) {
      browserWith({ names, chunks })
      expect((await told()).outcome).toMatchObject({ status: 'completed', text })
    }
  })

  test('that hold what is new may grow like a whole where the session is of today', async () => {
    browserWith({ chunks: ['Bora ', 'Bora Bora', 'Bora Bora Bora'] })
    expect((await told()).outcome.text).toBe('Bora Bora BoraBora Bora Bora')
  })

  const wholes: readonly Case[] = [
    ['words', ['The', 'The sky', 'The sky is', 'The sky is blue'], 'The sky is blue'],
    ['letters', ['I', 'I a', 'I am', 'I am h', 'I am here'], 'I am here'],
    ['two', ['Hello', 'Hello there'], 'Hello there'],
    ['repeats', ['', 'Hello', 'Hello th', 'Hello there', 'Hello there'], 'Hello there'],
  ]
  test.each(wholes)('that hold the whole so far are told once: %s', async (_, chunks, text) => {
    for (const names of ['input', 'none'] as const) {
      browserWith({ names, chunks })
      expect((await told()).outcome).toMatchObject({ status: 'completed', text })
    }
  })

  test('that turn out to be neither end the attempt', async () => {
    browserWith({ names: 'input', chunks: ['Once', 'Once upon', 'Once upon a', 'time'] })
    expect((await told()).outcome).toMatchObject({
      text: 'Once upon a',
      failure: { kind: 'invalid-response', phase: 'streaming' },
    })
  })
})

describe('a request', () => {
  test('has its system text first, its history before it, and what tools did in words', async () => {
    const seen = browserWith({ chunks: ['ok'] })
    await told({
      system: 'Be brief.',
      messages: [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: 'Weather?' },
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'Hm' },
            { type: 'text', text: 'Looking.' },
            { type: 'tool-call', id: 'a', name: 'weather', input: { city: 'Bern' } },
          ],
        },
        {
          role: 'tool',
          content: [{ type: 'tool-result', id: 'a', name: 'weather', output: { celsius: 4 } }],
        },
        { role: 'assistant', content: [{ type: 'reasoning', text: 'only a thought' }] },
      ],
      prompt: 'And now?',
    })
    expect(seen.options[0]?.initialPrompts).toEqual([
      { role: 'system', content: 'Be brief.\n\nBe kind.' },
      { role: 'user', content: 'Weather?' },
      { role: 'assistant', content: 'Looking.\n[weather called with {"city":"Bern"}]\n' },
      { role: 'user', content: '\n[weather gave: {"celsius":4}]\n' },
    ])
    expect(seen.prompts).toEqual(['And now?'])
  })

  test('has images as blobs, from base64 and from an address', async () => {
    const seen = browserWith({ chunks: ['a cat'] })
    const { outcome } = await told({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What?' },
            { type: 'image', mediaType: 'image/png', data: btoa('PNG') },
            { type: 'image', mediaType: 'image/gif', data: new URL('data:image/gif;base64,R0lG') },
          ],
        },
      ],
      prompt: undefined,
    })
    expect(outcome.text).toBe('a cat')
    expect(seen.options[0]?.expectedInputs).toEqual([{ type: 'text' }, { type: 'image' }])
    const [prompt] = seen.prompts
    const content = typeof prompt === 'string' ? '' : (prompt?.[0]?.content ?? '')
    const parts = typeof content === 'string' ? [] : content
    const blobs = parts.flatMap(({ value }) => (value instanceof Blob ? [value] : []))
    expect(await Promise.all(blobs.map((blob) => blob.text()))).toEqual(['PNG', 'GIF'])
    expect(blobs.map(({ type }) => type)).toEqual(['image/png', 'image/gif'])
  })

  test('whose image is not to be had is not sent without it', async () => {
    const seen = browserWith({ chunks: ['a dog'] })
    const image = { type: 'image', mediaType: 'image/png', data: '%' } as const
    const { outcome } = await told({ messages: [{ role: 'user', content: [image] }] })
    expect(outcome.failure).toMatchObject({ kind: 'unsupported-capability' })
    expect(seen.created).toBe(0)
  })

  test('declares its languages, and asks for availability with what it creates', async () => {
    const seen = browserWith({ chunks: ['ja'] })
    await told({ temperature: 0 }, { languages: ['de', 'en'] })
    const asked = {
      expectedInputs: [{ type: 'text', languages: ['de', 'en'] }],
      expectedOutputs: [{ type: 'text', languages: ['de', 'en'] }],
      samplingMode: 'most-predictable',
    }
    expect(seen.asked.at(-1)).toEqual(asked)
    expect(seen.options[0]).toMatchObject(asked)
  })

  test('constrains a structured answer to its schema', async () => {
    const seen = browserWith({ chunks: ['{"city":', '"Bern"}'] })
    const { outcome } = await told({ output })
    expect(outcome).toMatchObject({ status: 'completed', object: { city: 'Bern' } })
    expect(seen.promptOptions[0]?.responseConstraint).toEqual(
      'jsonSchema' in output && output.jsonSchema,
    )
  })

  test('with tools is for another route', async () => {
    browserWith({ chunks: ['x'] })
    const { outcome } = await told({ tools: { look: { description: 'Looks', input: output } } })
    expect(outcome.failure).toMatchObject({ kind: 'unsupported-capability' })
  })

  test('of a language that is none is refused when the route is configured', () => {
    expect(() => llmOf({ languages: ['not a language'] })).toThrow(/languages: must be BCP 47/)
  })
})

describe('a browser', () => {
  test('without the API leaves the route out of the plan', async () => {
    vi.stubGlobal('LanguageModel', undefined)
    const { outcome, events } = await told()
    expect(planOf(events)?.excluded).toMatchObject([{ route: 'device', why: 'unavailable' }])
    expect(outcome).toMatchObject({
      attempts: [],
      failure: { kind: 'unsupported-capability', phase: 'before-request' },
    })
  })

  test.each<[string, Script]>([
    ['without a model for this', { availability: 'unavailable' }],
    ['with a word of its own', { availability: 'perhaps' }],
    ['that will not say', { availability: new DOMException('', 'InvalidStateError') }],
  ])('%s leaves it out too', async (_, script) => {
    const seen = browserWith({ chunks: ['x'], ...script })
    const { events } = await told()
    expect(planOf(events)?.excluded).toMatchObject([{ route: 'device', why: 'unavailable' }])
    expect(seen.created).toBe(0)
  })

  test('whose model has gone since the plan costs no attempt', async () => {
    const seen = browserWith({ availability: ['available', 'unavailable'], chunks: ['x'] })
    const { outcome } = await told()
    expect(outcome.failure).toMatchObject({
      kind: 'unsupported-capability',
      phase: 'before-request',
    })
    expect(seen.created).toBe(0)
  })

  test('satisfies every region, tag and cost limit', async () => {
    browserWith({ chunks: ['x'] })
    const llm = createLLM({
      routes: { device: onDevice({ price: undefined }) },
      workloads: { chat: { ladder: ['device'], limits: { costUsd: 0 } } },
      tiers: { strict: { regions: ['eu'], require: ['hipaa'] } },
      defaultTier: 'strict',
    })
    expect(await llm.run({ workload: 'chat', prompt: 'Hello?' }).outcome).toMatchObject({
      status: 'completed',
      costUsd: 0,
    })
  })
})

function shares(events: readonly RunEvent[]): readonly number[] {
  return events.flatMap((event) => (event.type === 'downloading' ? [event.loaded] : []))
}

describe('a download', () => {
  test.each<[string, Script['progress'], readonly number[]]>([
    [
      'in shares',
      [
        [0, 1],
        [0.25, 1],
        [1, 1],
      ],
      [0, 0.25, 1],
    ],
    [
      'in bytes',
      [
        [0, 400],
        [100, 400],
        [500, 400],
      ],
      [0, 0.25, 1],
    ],
    [
      'in nonsense',
      [
        [NaN, 1],
        [-1, 1],
        [1, 0],
      ],
      [1],
    ],
  ])('is told as it goes, %s', async (_, progress, expected) => {
    const seen = browserWith({ availability: 'downloadable', progress, chunks: ['x'] })
    const { outcome, events } = await told()
    expect(outcome).toMatchObject({ status: 'completed', text: 'x' })
    expect(shares(events)).toEqual(expected)
    expect(seen.downloads).toBe(1)
  })

  test('that is not needed is not told', async () => {
    browserWith({
      progress: [
        [0, 1],
        [1, 1],
      ],
      chunks: ['x'],
    })
    expect(shares((await told()).events)).toEqual([])
  })

  test('that the user has not agreed to does not begin', async () => {
    const seen = browserWith({ availability: 'downloadable', chunks: ['x'] })
    const llm = createLLM({
      routes: { cloud: textStream({ url: 'http://127.0.0.1:9/' }), device: onDevice() },
      workloads: { chat: { ladder: ['cloud', 'device'] } },
    })
    const { status } = await llm.run({ workload: 'chat', prompt: 'Hello?' }).outcome
    expect(status).toBe('failed')
    expect(seen.created).toBe(0)
  })

  test('without a gesture is left for the next one', async () => {
    const seen = browserWith({ availability: 'downloadable', hasGesture: false, chunks: ['x'] })
    expect((await told()).outcome.failure).toMatchObject({
      kind: 'unsupported-capability',
      phase: 'before-request',
    })
    expect(seen.downloads).toBe(0)
  })

  test('that fails is the network’s failure', async () => {
    const progress = [[0.5, 1]] as const
    const create = new DOMException('', 'NetworkError')
    const seen = browserWith({ availability: 'downloadable', progress, create, chunks: ['x'] })
    expect((await told()).outcome.failure).toMatchObject({ kind: 'network' })
    expect(seen.destroyed).toBe(0)
  })
})

function named(name: string): Error {
  return new DOMException('The prompt was: Hello?', name)
}

describe('a failure', () => {
  const kinds: readonly [string, Error, string][] = [
    ['a prompt that is too long', named('QuotaExceededError'), 'context-length'],
    ['a language it does not know', named('NotSupportedError'), 'unsupported-capability'],
    ['a user who forbids it', named('NotAllowedError'), 'blocked-request'],
    ['a session closed by another', named('AbortError'), 'outage'],
    ['a session that is gone', named('InvalidStateError'), 'outage'],
    ['a model that cannot be loaded', named('OperationError'), 'outage'],
    ['an unknown one', named('UnknownError'), 'outage'],
    ['a constraint it cannot keep', named('SyntaxError'), 'invalid-response'],
    ['an image it cannot read', named('EncodingError'), 'invalid-request'],
    ['a wrong call', new TypeError('system'), 'invalid-request'],
    ['something else', new Error('boom'), 'invalid-response'],
  ]
  test.each(kinds)('of %s is told by its name', async (_, error, kind) => {
    const early = browserWith({ create: error, chunks: ['x'] })
    expect((await told()).outcome.failure).toMatchObject({ kind, phase: 'before-content' })
    expect(early).toMatchObject({ created: 0, destroyed: 0 })

    const late = browserWith({ chunks: ['half', error] })
    const { outcome } = await told()
    expect(outcome).toMatchObject({ text: 'half', failure: { kind, phase: 'streaming' } })
    expect(JSON.stringify(outcome.failure)).not.toContain('Hello?')
    expect(late).toMatchObject({ created: 1, destroyed: 1 })
  })

  test('of the browser’s filter blocks what has no content, and ends what has', async () => {
    browserWith({ chunks: [named('NotReadableError')] })
    expect((await told()).outcome.failure).toMatchObject({ kind: 'blocked-content' })
    const seen = browserWith({ chunks: ['half', named('NotReadableError')] })
    expect((await told()).outcome).toMatchObject({
      status: 'completed',
      text: 'half',
      finish: 'filtered',
    })
    expect(seen.destroyed).toBe(1)
  })
})

describe('a stop', () => {
  test('while it speaks destroys the session and keeps the text', async () => {
    const seen = browserWith({ chunks: ['half', new Promise(() => {})] })
    const run = llmOf().run({ workload: 'chat', prompt: 'Hello?' })
    for await (const event of run) if (event.type === 'content') await run.stop()
    expect(await run.outcome).toMatchObject({ status: 'stopped', text: 'half' })
    expect(seen).toMatchObject({ created: 1, destroyed: 1, isAborted: true })
  })

  test.each([true, false])(
    'while the session is made leaves none behind (heeds its signal: %s)',
    async (heeds) => {
      const asked = Promise.withResolvers<void>()
      const gate = Promise.withResolvers<void>()
      const seen = browserWith({
        chunks: ['x'],
        heeds,
        creating: () => {
          asked.resolve()
          return gate.promise
        },
      })
      const run = llmOf().run({ workload: 'chat', prompt: 'Hello?' })
      await asked.promise
      await run.stop()
      gate.resolve()
      expect(await run.outcome).toMatchObject({ status: 'stopped', text: '' })
      const made = heeds ? 0 : 1
      await vi.waitFor(() => {
        expect(seen).toMatchObject({ created: made, destroyed: made })
      })
      expect(seen.prompts).toEqual([])
    },
  )
})
