import { describe, expect, test } from 'vitest'
import { createLLM } from '../src/index.ts'
import {
  createVirtualWorld,
  CUT,
  HANG,
  HANG_BEFORE_HEADERS,
  scripted,
  tellEvents,
  transcript,
} from '../src/testing.ts'
import { eventsOf, stage } from './play.ts'

const draw = (seed: number): number[] => {
  const { random } = createVirtualWorld({ seed }).world
  return Array.from({ length: 100 }, random)
}

describe('a virtual world', () => {
  test('runs what falls due in its order, at its time', async () => {
    const virtual = createVirtualWorld({ startAt: 100 })
    const done: string[] = []
    const note = (name: string) => () => done.push(`${name} at ${virtual.world.now()}`)
    virtual.world.after(20, note('late'))
    virtual.world.after(10, note('first'))
    virtual.world.after(10, note('second'))
    virtual.world.after(10, () => virtual.world.after(5, note('nested')))
    expect(virtual.pending()).toBe(4)
    await virtual.advance(15)
    expect(done).toEqual(['first at 110', 'second at 110', 'nested at 115'])
    expect(virtual.world.now()).toBe(115)
    await virtual.advance(5)
    expect(done.at(-1)).toBe('late at 120')
    expect(virtual.pending()).toBe(0)
  })

  test('forgets what is cancelled, and what never comes', async () => {
    const virtual = createVirtualWorld()
    const done: string[] = []
    virtual.world.after(10, () => done.push('never'))()
    virtual.world.after(Infinity, () => done.push('never'))
    expect(virtual.pending()).toBe(0)
    await virtual.advance(1e9)
    expect(done).toEqual([])
  })

  test('lets promises settle before time passes', async () => {
    const virtual = createVirtualWorld()
    const done: number[] = []
    const later = async (): Promise<void> => {
      for (let count = 0; count < 50; count += 1) await Promise.resolve()
      virtual.world.after(10, () => done.push(virtual.world.now()))
    }
    void later()
    await virtual.advance(100)
    expect(done).toEqual([10])
  })

  test('goes on until a promise is settled, and gives its value', async () => {
    const virtual = createVirtualWorld()
    const value = await virtual.until(
      new Promise<string>((resolve) => {
        virtual.world.after(1000, () => {
          resolve('done')
        })
        virtual.world.after(5000, () => undefined)
      }),
    )
    expect([value, virtual.world.now()]).toEqual(['done', 1000])
  })

  test('says so when nothing can settle a promise, and passes a rejection on', async () => {
    const virtual = createVirtualWorld()
    await expect(virtual.until(new Promise(() => undefined))).rejects.toThrow(
      'Nothing is left to wait for',
    )
    await expect(virtual.until(Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  })

  test('sleeps: time passes, then all that fell due runs late', async () => {
    const virtual = createVirtualWorld()
    const done: number[] = []
    virtual.world.after(10, () => done.push(virtual.world.now()))
    virtual.world.after(20, () => done.push(virtual.world.now()))
    await virtual.sleep(1000)
    expect(done).toEqual([1000, 1000])
  })

  test('draws the same numbers from the same seed', () => {
    expect(draw(7)).toEqual(draw(7))
    expect(draw(7)).not.toEqual(draw(8))
    for (const number of draw(9)) {
      expect(number).toBeGreaterThanOrEqual(0)
      expect(number).toBeLessThan(1)
    }
  })

  test('tells of the page', () => {
    const virtual = createVirtualWorld()
    const seen: (readonly [boolean, boolean])[] = []
    const look = (): number =>
      seen.push([virtual.world.page.isOnline(), virtual.world.page.isHidden()])
    look()
    const cancel = virtual.world.page.watch(look)
    virtual.setOnline(false)
    virtual.setHidden(true)
    cancel()
    virtual.setOnline(true)
    expect(seen).toEqual([
      [true, false],
      [false, false],
      [false, true],
    ])
  })

  test('has no network', async () => {
    const virtual = createVirtualWorld()
    await expect(virtual.world.fetch('https://example.com')).rejects.toThrow(TypeError)
  })
})

describe('a scripted route', () => {
  test('plays the next script each time, and the last again', async () => {
    const { play } = stage({ a: scripted({}, ['one'], ['two']) })
    const texts: string[] = []
    for (let round = 0; round < 3; round += 1) texts.push((await play()).outcome.text)
    expect(texts).toEqual(['one', 'two', 'two'])
  })

  test('tells each text of its own as one read', async () => {
    const { play } = stage({ a: scripted({}, ['one', ' two', 10, ' three']) })
    const { events } = await play()
    expect(eventsOf(events, 'content').map(({ text, at }) => [text, at])).toEqual([
      ['one', 0],
      [' two', 0],
      [' three', 10],
    ])
  })

  test('plays every beat', async () => {
    const usage = { inputTokens: 1, outputTokens: 2 }
    const { play } = stage({
      a: scripted({}, [
        { reasoning: 'hm' },
        'text',
        { malformed: true },
        { call: { name: 'look', input: { far: true } } },
        { usage },
        { finish: 'length' },
        'never',
      ]),
    })
    const { lines, outcome } = await play()
    expect(lines).toEqual(['try a', 'thinks "hm"', '"text"', 'calls look', 'completed'])
    expect(outcome).toMatchObject({ finish: 'length', usage })
    expect(outcome.attempts[0]?.skippedEvents).toBe(1)
    expect(outcome.message.content).toContainEqual({
      type: 'tool-call',
      id: 'look-1',
      name: 'look',
      input: { far: true },
    })
  })

  test.each([
    [HANG_BEFORE_HEADERS, 'timeout', null],
    [HANG, 'queue-stall', 0],
    [CUT, 'invalid-response', 0],
  ] as const)('breaks off (%s)', async (beat, kind, headersMs) => {
    const { play } = stage({ a: scripted({}, [beat]) })
    expect((await play()).outcome.attempts[0]).toMatchObject({ failure: { kind }, headersMs })
  })

  test('answers with a status, whose body and headers are read', async () => {
    const body = { error: { code: 'insufficient_quota' } }
    const headers = { 'x-request-id': 'req_1', 'retry-after': '7' }
    const { play } = stage({ a: scripted({}, [{ status: 429, headers, body }]) })
    expect((await play()).outcome.failure).toMatchObject({
      kind: 'quota-exhausted',
      status: 429,
      code: 'insufficient_quota',
      requestId: 'req_1',
      retryAfterMs: 7000,
    })
  })

  test('shows what it was asked, and with which key', async () => {
    const asked: unknown[] = []
    const { play } = stage({
      a: scripted({ apiKey: () => 'key', onRequest: (request) => asked.push(request) }, ['a']),
    })
    await play({ messages: [{ role: 'user', content: 'One' }], prompt: 'Two' })
    expect(asked).toEqual([
      {
        messages: [
          { role: 'user', content: 'One' },
          { role: 'user', content: 'Two' },
        ],
        key: 'key',
      },
    ])
  })
})

describe('a transcript', () => {
  test('waits for the end of the run, and reads like one', async () => {
    const virtual = createVirtualWorld()
    const llm = createLLM({
      world: virtual.world,
      routes: {
        ours: scripted({ provider: 'us' }, ['ha', 'lf', HANG]),
        mini: scripted({ provider: 'them' }, ['whole']),
      },
      workloads: { chat: { ladder: ['ours', 'mini'] } },
    })
    expect(await virtual.until(transcript(llm.run({ workload: 'chat', prompt: 'Hi' })))).toEqual([
      'try ours',
      '"half"',
      'stream-stall -> restart on mini',
      'try mini',
      '"whole"',
      'completed',
    ])
  })

  test('has a line for each thing that is worth one', () => {
    const stamp = { runId: 'r', at: 0 }
    const confirmation = {
      about: 'recovery',
      route: 'b',
      cause: null,
      tradeoff: {},
      expiresAt: 0,
      declineTo: 'keep',
    } as const
    expect(
      tellEvents([
        { type: 'started', workload: 'chat', tier: null, surface: null, thread: null, ...stamp },
        { type: 'slowed', attempt: 1, expectedMs: 1, ...stamp },
        { type: 'headers', attempt: 1, status: 200, ...stamp },
        { type: 'moved', move: { to: 'ask', confirmation }, because: '', degraded: null, ...stamp },
        { type: 'asked', confirmation, ...stamp },
        { type: 'answered', answer: 'yes', scope: 'once', ...stamp },
        { type: 'paused', for: 'online', ...stamp },
        { type: 'resumed', awayMs: 1, ...stamp },
        { type: 'content', attempt: 1, text: 'a', ...stamp },
        { type: 'content', attempt: 1, text: '"b', ...stamp },
        {
          type: 'tool-call',
          attempt: 1,
          call: { type: 'tool-call', id: '1', name: 'look', input: {} },
          ...stamp,
        },
      ]),
    ).toEqual([
      'slow',
      'none -> ask about b',
      'answered yes',
      'paused for online',
      'resumed',
      JSON.stringify('a"b'),
      'calls look',
    ])
  })
})
