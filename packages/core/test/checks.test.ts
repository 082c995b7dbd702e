import { describe, expect, test, vi } from 'vitest'
import {
  language,
  minLength,
  noRefusal,
  schema,
  type Check,
  type CheckVerdict,
  type Route,
  type StandardSchema,
} from '../src/index.ts'
import { HANG, scripted, type Script } from '../src/testing.ts'
import type { WireEvent } from '../src/words/wire.ts'
import { eventsOf, stage, wired, type Stage } from './play.ts'

const context = { signal: new AbortController().signal }
function answerOf(text: string, object: unknown = null): Parameters<Check>[0] {
  return { text, message: { role: 'assistant', content: [{ type: 'text', text }] }, object }
}
const verdict = async (check: Check, text: string): Promise<CheckVerdict> =>
  check(answerOf(text), context)

const misses =
  (kind?: 'quality-floor' | 'blocked-content' | 'invalid-response', on = 'draft'): Check =>
  ({ text }) =>
    text === on ? { ok: false, reason: 'not good', ...(kind && { kind }) } : { ok: true }

const DRAFT = scripted({ provider: 'a', quality: 0.5 }, ['draft'])
const WEAKER = scripted({ provider: 'b', quality: 0.3 }, ['weaker'])
const STRONGER = scripted({ provider: 'c', quality: 0.9 }, [100, 'stronger'])

const takesJson = (isGood: (value: unknown) => boolean): StandardSchema => ({
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => (isGood(value) ? { value } : { issues: [{ message: 'no' }] }),
  },
})

describe('an answer that a check finds wanting', () => {
  test('stays on the screen until a stronger one replaces it', async () => {
    const { play } = stage({ a: DRAFT, b: WEAKER, c: STRONGER }, { checks: [misses()] })
    const { lines, outcome, states } = await play()
    expect(lines).toEqual([
      'try a',
      '"draft"',
      'quality-floor -> restart on c',
      'try c',
      '"stronger"',
      'completed',
    ])
    expect(outcome.attempts[0]?.failure).toEqual({
      class: 'business',
      kind: 'quality-floor',
      phase: 'after-answer',
      route: 'a',
      provider: 'a',
      message: 'The answer was not good enough; try again.',
    })
    expect(outcome.degraded).toMatchObject({ from: 'a', to: 'c', cause: 'quality-floor' })
    const texts = states.map(({ text }) => text)
    expect(new Set(texts.slice(texts.indexOf('draft')))).toEqual(new Set(['draft', 'stronger']))
  })

  test('is kept where nothing is stronger', async () => {
    const { play } = stage({ a: DRAFT, b: WEAKER }, { checks: [misses()] })
    const { lines, outcome } = await play()
    expect(lines).toEqual(['try a', '"draft"', 'quality-floor -> keep', 'partial'])
    expect(outcome).toMatchObject({
      status: 'partial',
      text: 'draft',
      route: 'a',
      finish: 'stop',
      degraded: null,
      object: null,
      failure: { kind: 'quality-floor', phase: 'after-answer' },
    })
  })

  test('is kept where the stronger one breaks, for what it lacks itself', async () => {
    const broken = scripted({ provider: 'c', quality: 0.9 }, [{ status: 500 }])
    const { play } = stage({ a: DRAFT, c: broken }, { checks: [misses()] })
    const { outcome } = await play()
    expect(outcome).toMatchObject({ status: 'partial', text: 'draft', route: 'a' })
    expect(outcome.failure).toMatchObject({ kind: 'quality-floor', route: 'a' })
    expect(outcome.attempts.at(-1)?.failure?.kind).toBe('outage')
  })

  test('gives way to the next route where the stronger one breaks: that one passes', async () => {
    const broken = scripted({ provider: 'c', quality: 0.9 }, [{ status: 500 }])
    const { play } = stage({ a: DRAFT, b: WEAKER, c: broken }, { checks: [misses()] })
    expect((await play()).outcome).toMatchObject({ status: 'completed', text: 'weaker' })
  })

  test('is kept where the network does not come back for a stronger one', async () => {
    const away = scripted(
      { provider: 'c', quality: 0.9, onRequest: () => virtual.setOnline(false) },
      [{ fail: 'offline' }],
    )
    const { play, virtual } = stage({ a: DRAFT, c: away }, { checks: [misses()] })
    const { lines, outcome, tookMs } = await play()
    expect(lines.slice(-5)).toEqual([
      'offline -> pause',
      'paused for online',
      'resumed',
      'offline -> keep',
      'partial',
    ])
    expect(outcome).toMatchObject({ text: 'draft', failure: { kind: 'quality-floor' } })
    expect(tookMs).toBe(60_000)
  })

  test.each<readonly [string, Script]>([
    ['text', ['half', { fail: 'truncated' }]],
    ['a call', [{ call: { name: 'look', input: {} } }, { fail: 'truncated' }]],
  ])('is not there to be kept where the stronger one broke after %s', async (_, script) => {
    const broken = scripted({ provider: 'c', quality: 0.9 }, script)
    const { play } = stage({ a: DRAFT, c: broken }, { checks: [misses()] })
    expect((await play()).outcome).toMatchObject({ status: 'safe', failure: { kind: 'truncated' } })
  })

  test('gives way to the safe answer where the workload says so', async () => {
    const { play } = stage(
      { a: DRAFT, c: STRONGER },
      {
        checks: [misses()],
        on: { 'quality-floor': 'safe' },
      },
    )
    expect((await play()).outcome).toMatchObject({ status: 'safe', text: 'Sorry.' })
  })

  test('gives way to the safe answer where a stronger one refuses', async () => {
    const refusing = scripted({ provider: 'c', quality: 0.9 }, [{ fail: 'blocked-content' }])
    const { play } = stage({ a: DRAFT, c: refusing }, { checks: [misses()] })
    expect((await play()).outcome).toMatchObject({ status: 'safe', text: 'Sorry.' })
  })

  test('is kept where no time is left to do better', async () => {
    const { play } = stage(
      { a: DRAFT, c: scripted({ provider: 'c', quality: 0.9 }, [HANG]) },
      {
        checks: [misses()],
        limits: { totalMs: 5000 },
      },
    )
    const { outcome, tookMs } = await play()
    expect(outcome).toMatchObject({ status: 'partial', text: 'draft', finish: 'stop' })
    expect(outcome.failure?.kind).toBe('quality-floor')
    expect(tookMs).toBe(5000)
  })

  test.each<readonly [string, Parameters<typeof misses>[0], readonly string[]]>([
    ['invalid-response goes on', 'invalid-response', ['invalid-response -> restart on b', 'try b']],
    [
      'blocked-content goes to nobody',
      'blocked-content',
      ['blocked-content -> safe sorry', 'try sorry'],
    ],
  ])('as %s', async (_, kind, lines) => {
    const { play } = stage({ a: DRAFT, b: WEAKER, c: STRONGER }, { checks: [misses(kind)] })
    expect((await play()).lines.slice(2, 4)).toEqual(lines)
  })

  test('as invalid-response is not kept: the safe answer comes', async () => {
    const { play } = stage({ a: DRAFT }, { checks: [misses('invalid-response')] })
    expect((await play()).outcome).toMatchObject({ status: 'safe', text: 'Sorry.' })
  })

  test('is billed, and speaks against no route', async () => {
    const price = { inputPerMTok: 1, outputPerMTok: 1 }
    const { play, llm } = stage(
      {
        a: scripted({ provider: 'a', price }, ['draft']),
        b: scripted({ provider: 'b', price }, ['b']),
      },
      { checks: [misses('invalid-response')] },
    )
    const before = llm.health.getState()['a']?.pBad
    const { outcome } = await play()
    expect(outcome.attempts[0]).toMatchObject({ billing: 'billed' })
    expect(llm.health.getState()['a']).toMatchObject({ state: 'good', pBad: before })
    expect(llm.explain({ workload: 'chat', prompt: 'x' }).routes[0]?.route).toBe('a')
  })
})

/** The workload's rule puts it to the user. */
const asking = (): Stage =>
  stage(
    {
      a: DRAFT,
      b: WEAKER,
      c: scripted({ provider: 'c', quality: 0.9, expect: { firstChunkMs: 9000 } }, ['stronger']),
    },
    { checks: [misses()], on: { 'quality-floor': 'ask' } },
  )

describe('a question about a better answer', () => {
  test('is about the stronger route, and a yes goes there', async () => {
    const { start, virtual } = asking()
    const run = start({ canConfirm: true })
    await virtual.advance(0)
    expect(run.store.getState()).toMatchObject({
      phase: 'asking',
      text: 'draft',
      confirmation: {
        about: 'tradeoff',
        route: 'c',
        cause: 'quality-floor',
        tradeoff: {
          waitMs: { promised: expect.closeTo(1000), delivered: expect.closeTo(9000) },
          quality: { promised: 0.5, delivered: 0.9 },
        },
        declineTo: 'keep',
      },
    })
    run.confirm()
    expect(await virtual.until(run.outcome)).toMatchObject({
      status: 'completed',
      text: 'stronger',
    })
  })

  test('answered no keeps what there is', async () => {
    const { start, virtual } = asking()
    const run = start({ canConfirm: true })
    await virtual.advance(0)
    run.decline()
    expect(await virtual.until(run.outcome)).toMatchObject({
      status: 'partial',
      text: 'draft',
      finish: 'stop',
      failure: { kind: 'quality-floor' },
    })
  })

  test('that nobody can answer keeps what there is, at once', async () => {
    const { outcome, tookMs } = await asking().play()
    expect(outcome).toMatchObject({ status: 'partial', text: 'draft' })
    expect(tookMs).toBe(0)
  })
})

const refuses = (script: Script): Route => scripted({ provider: 'a' }, script)

describe('a refusal', () => {
  test.each<readonly [string, Script]>([
    ['that the provider says is one', [{ refusal: 'I had rather not.' }]],
    ['in plain words', ["I'm sorry, but I can't help with that."]],
    ['of a filter, after some text', ['The first step', { finish: 'filtered' }]],
  ])('%s gives way to the safe answer, and is put to nobody else', async (_, script) => {
    // In any place, and with a schema too: neither its length nor its shape is a reason to ask another.
    for (const checks of [[noRefusal()], [minLength(500), noRefusal()]]) {
      for (const request of [{}, { output: takesJson(() => false) }]) {
        const { play } = stage({ a: refuses(script), c: STRONGER }, { checks })
        const { lines, outcome } = await play(request)
        expect(lines.slice(2)).toEqual([
          'blocked-content -> safe sorry',
          'try sorry',
          '"Sorry."',
          'safe',
        ])
        expect(outcome.failure).toMatchObject({ kind: 'blocked-content', phase: 'after-answer' })
      }
    }
  })

  test('goes where the workload says that it may', async () => {
    const { play } = stage(
      { a: refuses([{ refusal: 'No.' }]), c: STRONGER },
      { checks: [noRefusal()], on: { 'blocked-content': ['c'] } },
    )
    expect((await play()).outcome).toMatchObject({ status: 'completed', text: 'stronger' })
  })

  test.each<readonly [string, Script]>([
    ['refuses too', [{ refusal: 'No.' }]],
    ['breaks', [{ fail: 'timeout' }]],
  ])('goes nowhere else where the route that it may go to %s', async (_, script) => {
    const { play } = stage(
      {
        a: refuses([{ refusal: 'No.' }]),
        b: WEAKER,
        lenient: scripted({ provider: 'c' }, script),
      },
      { ladder: ['a', 'b'], checks: [noRefusal()], on: { 'blocked-content': ['lenient'] } },
    )
    const { lines, outcome } = await play()
    expect(lines.filter((line) => line.startsWith('try'))).toEqual([
      'try a',
      'try lenient',
      'try sorry',
    ])
    expect(outcome.status).toBe('safe')
  })

  test('is put to no second route where that one is late', async () => {
    const quality = 0.5
    const { play } = stage(
      {
        a: scripted({ provider: 'a', quality }, [{ refusal: 'No.' }]),
        b: scripted({ provider: 'b', quality }, ['b']),
        lenient: scripted({ provider: 'c', quality }, [5000, 'lenient']),
      },
      {
        ladder: ['a', 'b'],
        checks: [noRefusal()],
        on: { 'blocked-content': ['lenient'] },
        hedge: true,
      },
    )
    expect((await play()).lines).not.toContain('try b')
    expect((await play()).outcome).toMatchObject({ status: 'completed', text: 'lenient' })
  })

  test('does not stay where that route would have to be asked for and nobody is there', async () => {
    const { play } = stage(
      {
        a: refuses([{ refusal: 'No.' }]),
        c: scripted({ provider: 'c', payer: 'user' }, ['never']),
      },
      { checks: [noRefusal()], on: { 'blocked-content': ['c'] } },
    )
    expect((await play()).outcome).toMatchObject({ status: 'safe', text: 'Sorry.' })
  })

  test('does not stay where the user wants no other answer', async () => {
    const { start, virtual } = stage(
      { a: refuses([{ refusal: 'No.' }]), c: STRONGER },
      { checks: [noRefusal()], on: { 'blocked-content': 'ask' } },
    )
    const run = start({ canConfirm: true })
    await virtual.advance(0)
    expect(run.store.getState().confirmation?.declineTo).toBe('safe')
    run.decline()
    expect(await virtual.until(run.outcome)).toMatchObject({ status: 'safe', text: 'Sorry.' })
  })

  test('does not stay where the time of the run is over', async () => {
    const slow: Check = async () => {
      await new Promise<void>((resolve) => virtual.world.after(4000, resolve))
      return { ok: false, reason: 'unfit', kind: 'blocked-content' }
    }
    const { play, virtual } = stage({ a: DRAFT }, { checks: [slow], limits: { totalMs: 4000 } })
    expect((await play()).outcome).toMatchObject({ status: 'safe', text: 'Sorry.' })
  })

  test('is failed, its words kept in the outcome, where there is no safe answer', async () => {
    const { play } = stage(
      { a: refuses([{ refusal: 'No.' }]), c: STRONGER },
      { checks: [noRefusal()], safe: undefined },
    )
    const { outcome } = await play()
    expect(outcome).toMatchObject({ status: 'failed', text: 'No.', finish: null })
    expect(outcome.failure?.kind).toBe('blocked-content')
  })

  test('is an answer without that check, whatever else is asked of answers', async () => {
    const { play } = stage(
      { a: refuses([{ refusal: 'No.' }]), c: STRONGER },
      { checks: [minLength(500), misses('invalid-response', 'No.')] },
    )
    expect((await play()).outcome).toMatchObject({
      status: 'completed',
      finish: 'refused',
      text: 'No.',
      route: 'a',
    })
  })

  test('is seen by a check of the product that is about what may be said', async () => {
    const { play } = stage(
      { a: refuses([{ refusal: 'No.' }]), c: STRONGER },
      { checks: [minLength(500), misses('blocked-content', 'No.')] },
    )
    expect((await play()).outcome).toMatchObject({ status: 'safe' })
  })

  test('after an answer that had an object has none', async () => {
    const object = takesJson((value) => value !== undefined)
    const { play } = stage(
      {
        a: scripted({ provider: 'a', quality: 0.1 }, ['{"a":1}']),
        c: scripted({ provider: 'c', quality: 0.9 }, [{ refusal: 'No.' }]),
      },
      { checks: [misses('quality-floor', '{"a":1}')] },
    )
    expect((await play({ output: object })).outcome).toMatchObject({
      status: 'completed',
      finish: 'refused',
      object: null,
    })
  })

  test.each([
    "I'm very sorry, but I can't assist with that.",
    "I'm really sorry, but I can't assist with that request.",
    'Sorry, I can’t help you with that.',
    '**I cannot fulfill this request.**',
    'I am not able to assist you with creating malware.',
    'As an AI language model, I cannot assist with that.',
    'Es tut mir leid, aber dabei kann ich dir nicht helfen.',
    'Leider kann ich Ihnen damit nicht weiterhelfen.',
    'Ich kann diese Anfrage leider nicht erfüllen.',
    'Je suis désolé, mais je ne peux pas vous aider avec cette demande.',
    'Lo siento, no puedo cumplir con esa solicitud.',
    'Desculpe, mas não posso ajudar com isso.',
    'Mi dispiace, ma non posso aiutarti con questa richiesta.',
    'К сожалению, я не могу выполнить этот запрос.',
    '抱歉，我无法协助处理该内容。',
    '申し訳ありませんが、そのリクエストにはお応えできません。',
    '죄송하지만 그 요청은 도와드릴 수 없습니다.',
  ])('is told by its opening: %s', async (text) => {
    expect(await verdict(noRefusal(), text)).toMatchObject({ ok: false, kind: 'blocked-content' })
  })

  test.each([
    "I'm sorry to hear about your loss. Here is what you can do.",
    "Sorry, I can't find the file that you mention. Could you attach it?",
    "I can't help but notice that this code has a bug.",
    "I can't help you with that until you upload the file.",
    "I'm sorry, but I can't access the internet, so here is what I know.",
    'As an AI language model, I have no opinion; here are both sides.',
    'Sorry for the confusion: the sum is 42.',
    'He wrote: "I cannot help with that."',
    'Ich kann dir leider nicht sagen, wann der Zug fährt.',
    'Damit kann ich dir helfen: hier ist die Lösung.',
    "Je suis désolé d'apprendre cela.",
    'No puedo encontrar la función que buscas.',
    'Não posso garantir que funcione.',
    "Non posso vedere l'immagine.",
    'Я не могу сказать точно.',
    '抱歉，我无法理解您的请求。请提供更具体的指示。',
    '申し訳ありませんが、その質問は理解できませんでした。',
    '죄송합니다. 다시 말씀해 주세요.',
    `I can't help with that part. ${'The rest goes like this. '.repeat(60)}`,
    '',
  ])('is not: %s', async (text) => {
    expect(await verdict(noRefusal(), text)).toEqual({ ok: true })
  })
})

describe('checks', () => {
  test('run in their order, and the first miss counts', async () => {
    const seen: string[] = []
    const named =
      (name: string, kind?: 'invalid-response'): Check =>
      ({ text }) => {
        seen.push(`${name} ${text}`)
        return kind && text === 'draft' ? { ok: false, reason: name, kind } : { ok: true }
      }
    const { play } = stage(
      { a: DRAFT, c: STRONGER },
      { checks: [named('one'), named('two', 'invalid-response'), named('three')] },
    )
    const { outcome } = await play()
    expect(outcome.attempts[0]?.failure?.kind).toBe('invalid-response')
    expect(seen).toEqual([
      'one draft',
      'two draft',
      'one stronger',
      'two stronger',
      'three stronger',
    ])
  })

  test('are given what the outcome will hold', async () => {
    const seen: unknown[] = []
    const { play } = stage(
      { a: scripted({ provider: 'a' }, [{ reasoning: 'hm' }, '{"a"', 5, ':1}']) },
      {
        checks: [
          (answer) => {
            seen.push(answer)
            return { ok: true }
          },
        ],
      },
    )
    const { outcome } = await play({ output: takesJson((value) => value !== undefined) })
    const { text, message, object } = outcome
    expect(seen).toEqual([{ text, message, object }])
    expect(message.content).toHaveLength(2)
  })

  test('do not look at tool calls, nor at the safe answer', async () => {
    const check = vi.fn<Check>(() => ({ ok: false, reason: 'no' }))
    const { play } = stage(
      {
        a: scripted({}, ['Let me see.', { call: { name: 'look', input: {} } }], [{ status: 500 }]),
      },
      { checks: [check, noRefusal()] },
    )
    expect((await play()).outcome).toMatchObject({ status: 'completed', finish: 'tool-calls' })
    expect((await play()).outcome.status).toBe('safe')
    expect(check).not.toHaveBeenCalled()
  })

  test('look at an empty answer', async () => {
    const { play } = stage(
      { a: scripted({ quality: 0.5 }, []), c: STRONGER },
      { checks: [minLength(1)] },
    )
    const messages = [
      { role: 'tool', content: [{ type: 'tool-result', id: '1', name: 'look', output: 1 }] },
    ] as const
    expect((await play({ prompt: undefined, messages })).outcome.text).toBe('stronger')
  })

  test.each<readonly [string, Check, RegExp]>([
    [
      'throws',
      () => {
        throw new TypeError('secret words')
      },
      /^\[rungs\] checks\[1\] threw TypeError\n.*checks\.test/,
    ],
    [
      'rejects',
      () => Promise.reject(new Error('secret words')),
      /^\[rungs\] checks\[1\] threw Error\n.*checks\.test/,
    ],
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- plain JavaScript can
    ['gives no verdict', (() => undefined) as unknown as Check, /checks\[1\] gave no verdict/],
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- plain JavaScript can
    ['gives another thing', (() => false) as unknown as Check, /checks\[1\] gave no verdict/],
  ])('one that %s fails no answer, is told, and the next ones run', async (_, broken, told) => {
    const error = vi.spyOn(console, 'error').mockReturnValue()
    const last = vi.fn<Check>(() => ({ ok: true }))
    const { play } = stage({ a: DRAFT }, { checks: [minLength(1), broken, last] })
    expect((await play()).outcome).toMatchObject({ status: 'completed', text: 'draft' })
    expect(error.mock.calls.flat().join('\n')).toMatch(told)
    expect(error.mock.calls.flat().join('\n')).not.toContain('secret')
    expect(last).toHaveBeenCalledOnce()
    error.mockRestore()
  })

  test('one that misses with a kind that there is not misses as quality-floor', async () => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- plain JavaScript can
    const odd = misses('timeout' as 'quality-floor')
    const { play } = stage({ a: DRAFT }, { checks: [odd] })
    expect((await play()).outcome.failure?.kind).toBe('quality-floor')
  })
})

/** Never says anything; hears when nobody waits any more. */
function hanging(): { readonly check: Check; readonly aborted: () => boolean } {
  let heard: AbortSignal | undefined
  return {
    check: (_, { signal }) => {
      heard = signal
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('nobody waits'))
        })
      })
    },
    aborted: () => heard?.aborted === true,
  }
}

describe('a check that takes time', () => {
  test.each([
    ['chat', 30_000],
    ['reasoning', 120_000],
    ['background', 300_000],
  ] as const)('has as long as the pace of %s: then the answer stands', async (pace, ms) => {
    const error = vi.spyOn(console, 'error').mockReturnValue()
    const { check, aborted } = hanging()
    const { play } = stage({ a: DRAFT, c: STRONGER }, { checks: [check], pace })
    const { outcome, tookMs } = await play()
    expect(outcome).toMatchObject({ status: 'completed', text: 'draft', failure: null })
    expect(tookMs).toBe(ms)
    expect(aborted()).toBe(true)
    expect(error).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/took too long/))
    error.mockRestore()
  })

  test('does not lose the time that the page slept', async () => {
    const error = vi.spyOn(console, 'error').mockReturnValue()
    const { start, virtual } = stage({ a: DRAFT }, { checks: [hanging().check] })
    const run = start()
    await virtual.advance(10_000)
    await virtual.sleep(60_000)
    await virtual.advance(15_000)
    expect(run.store.getState().outcome).toBeNull()
    await virtual.advance(5_000)
    expect(run.store.getState().outcome).toMatchObject({ status: 'completed' })
    error.mockRestore()
  })

  test('has no longer than the run', async () => {
    const error = vi.spyOn(console, 'error').mockReturnValue()
    const { play } = stage({ a: DRAFT }, { checks: [hanging().check], limits: { totalMs: 5000 } })
    const { outcome, tookMs } = await play()
    expect(outcome).toMatchObject({ status: 'completed', text: 'draft' })
    expect(tookMs).toBe(5000)
    error.mockRestore()
  })

  test.each<readonly [string, WireEvent]>([
    ['said why it ended', { type: 'finish', finish: 'stop' }],
    ['only ended', { type: 'terminal' }],
  ])('is not the silence of a route that %s', async (_, last) => {
    const slow: Check = async () => {
      await new Promise<void>((resolve) => virtual.world.after(25_000, resolve))
      return { ok: true }
    }
    const { play, virtual } = stage(
      {
        a: wired({}, async (__, tell) => {
          tell({ type: 'text', text: 'draft' })
          tell(last)
        }),
      },
      { checks: [slow] },
    )
    const { outcome, tookMs } = await play()
    expect(outcome).toMatchObject({ status: 'completed', failure: null })
    expect(tookMs).toBe(25_000)
  })

  test('is let go of when the user stops', async () => {
    const error = vi.spyOn(console, 'error').mockReturnValue()
    const { check, aborted } = hanging()
    const { start, virtual } = stage({ a: DRAFT }, { checks: [check] })
    const run = start()
    await virtual.advance(10)
    expect(run.store.getState()).toMatchObject({ phase: 'streaming', text: 'draft' })
    await virtual.until(run.stop())
    expect(await run.outcome).toMatchObject({ status: 'stopped', text: 'draft' })
    expect(aborted()).toBe(true)
    expect(virtual.pending()).toBe(0)
    // It was told that nobody waits, and said so: no bug of anybody's.
    expect(error).not.toHaveBeenCalled()
    error.mockRestore()
  })

  test('may be a run of its own', async () => {
    const judge: Check = async ({ text }, { signal }) => {
      const run = llm.run({ workload: 'judge', prompt: `Is this good? ${text}`, signal })
      const { text: said, status } = await run.outcome
      return status !== 'completed' || said.startsWith('yes')
        ? { ok: true }
        : { ok: false, reason: said }
    }
    const asked: unknown[] = []
    const { play, llm } = stage(
      {
        a: DRAFT,
        c: STRONGER,
        j: scripted(
          { provider: 'j', onRequest: ({ messages }) => asked.push(messages) },
          [50, 'no: too short'],
          [50, 'yes'],
        ),
      },
      { ladder: ['a', 'c'], checks: [judge] },
      { workloads: { judge: { ladder: ['j'] } } },
    )
    const { outcome } = await play()
    expect(outcome).toMatchObject({ status: 'completed', text: 'stronger' })
    expect(asked).toHaveLength(2)
    expect(eventsOf((await play()).events, 'settled')).toHaveLength(1)
  })

  test('unlike a schema of the request: that one accepts nothing then', async () => {
    const output: StandardSchema = {
      '~standard': { version: 1, vendor: 'test', validate: () => new Promise(() => undefined) },
    }
    const { play } = stage({ a: scripted({}, ['{}']) })
    const { outcome, tookMs } = await play({ output })
    expect(outcome).toMatchObject({
      status: 'safe',
      failure: { kind: 'invalid-response', phase: 'after-answer' },
    })
    expect(tookMs).toBe(30_000)
  })
})

describe('minLength', () => {
  test.each([
    ['hello', 5, true],
    ['hello', 6, false],
    ['  hello \n', 6, false],
    ['', 0, true],
    ['', 1, false],
    ['👍👍', 2, true],
    ['👍👍', 3, false],
  ])('takes %j for %i characters: %s', async (text, characters, ok) => {
    expect(await verdict(minLength(characters), text)).toMatchObject({ ok })
  })

  test('says by how much, and refuses what is no count', async () => {
    expect(await verdict(minLength(200), 'hello')).toEqual({
      ok: false,
      reason: 'It is 195 characters short of 200.',
    })
    expect(() => minLength(NaN)).toThrow(TypeError)
  })
})

describe('schema', () => {
  const hasCity = takesJson(
    (value) => typeof value === 'object' && value !== null && 'city' in value,
  )
  const isText = takesJson((value) => typeof value === 'string' && value !== '')
  test.each([
    ['JSON that it takes', hasCity, '{"city":"Bern"}', true],
    ['JSON that it refuses', hasCity, '{"town":"Bern"}', false],
    ['what is no JSON', hasCity, 'It is Bern.', false],
    ['nothing', hasCity, '', false],
    ['a text for a schema of texts', isText, 'It is Bern.', true],
    ['no text for a schema of texts', isText, '', false],
  ])('looks at %s', async (_, standard, text, ok) => {
    expect(await verdict(schema(standard), text)).toMatchObject({ ok })
    expect(await verdict(schema({ schema: standard, jsonSchema: {} }), text)).toMatchObject({ ok })
  })

  test('misses as invalid-response, for which the next route comes and not a stronger one', async () => {
    const other = scripted({ provider: 'b', quality: 0.3 }, ['{"city":"Bern"}'])
    const { play } = stage({ a: DRAFT, b: other }, { checks: [schema(hasCity)] })
    const { outcome } = await play()
    expect(outcome.attempts[0]?.failure?.kind).toBe('invalid-response')
    expect(outcome).toMatchObject({ status: 'completed', text: '{"city":"Bern"}' })
  })
})

const GERMAN = 'Der Himmel ist blau, weil die Luft das blaue Licht stärker streut.'
const ENGLISH = 'The sky is blue because the air scatters blue light more strongly.'
const RUSSIAN = 'Небо голубое, потому что воздух сильнее рассеивает синий свет. См. `npm i`.'
const JAPANESE = '空が青いのは、空気が青い光をより強く散乱させるからです。とても簡単な話です。'
const CHINESE = '天空之所以是蓝色的，是因为空气对蓝光的散射更强烈，这就是全部的原因所在。'
const CODE = `Код:\n\n\`\`\`ts\n${'const sky = "blue"\n'.repeat(20)}\`\`\``

describe('language', () => {
  test.each([
    ['ja', JAPANESE, true],
    ['ja', ENGLISH, false],
    ['ja', CHINESE, false],
    ['zh', CHINESE, true],
    ['zh-TW', CHINESE, true],
    ['zh', JAPANESE, false],
    ['ru', RUSSIAN, true],
    ['ru', ENGLISH, false],
    ['ru', CODE, true],
    ['en', RUSSIAN, false],
    ['de-CH', GERMAN, true],
    // The same letters: nobody has told them apart.
    ['de', ENGLISH, true],
    ['ja', 'OK!', true],
  ])('by letters alone takes for %s %j: %s', async (tag, text, ok) => {
    expect(await verdict(language(tag), text)).toMatchObject({ ok })
  })

  test.each([
    ['de', 'en', false],
    ['de', 'deu', true],
    ['de-AT', 'de-CH', true],
    ['nb', 'no', true],
    ['de', 'und', true],
    ['de', '', true],
    ['de', undefined, true],
    ['de', 'what?', true],
  ])('asks a detector: for %s one that says %s: %s', async (tag, said, ok) => {
    const check = language(tag, async () => said)
    expect(await verdict(check, GERMAN)).toMatchObject({ ok })
  })

  test('is asked for when an answer is there', async () => {
    let tag = 'ja'
    const check = language(() => tag)
    expect(await verdict(check, ENGLISH)).toMatchObject({ ok: false })
    tag = 'en'
    expect(await verdict(check, ENGLISH)).toEqual({ ok: true })
  })

  test.each([
    ['available', 0.95, false],
    ['available', 0.5, true],
    ['downloadable', 0.95, true],
  ])('asks the browser where its own is %s, at confidence %d: %s', async (is, confidence, ok) => {
    const destroy = vi.fn<() => void>()
    vi.stubGlobal('LanguageDetector', {
      availability: async () => is,
      create: async () => ({
        detect: async () => [{ detectedLanguage: 'en', confidence }],
        destroy,
      }),
    })
    expect(await verdict(language('de'), ENGLISH)).toMatchObject({ ok })
    expect(destroy).toHaveBeenCalledTimes(is === 'available' ? 1 : 0)
    vi.unstubAllGlobals()
  })

  test('refuses what is no tag', () => {
    expect(() => language('not a tag')).toThrow(RangeError)
  })
})
