import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { canned, createLLM, type RunEvent, type StandardSchema } from '../src/index.ts'
import { Fault } from '../src/policy/fault.ts'
import { createVirtualWorld, CUT, HANG, scripted, tellEvents, transcript } from '../src/testing.ts'
import { eventsOf, silence, stage, wired } from './play.ts'

const person: StandardSchema<{ readonly name: string }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      typeof value === 'object' && value !== null && 'name' in value
        ? { value: { name: String(value.name) } }
        : { issues: ['no name'] },
  },
}

async function collect(run: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const events: RunEvent[] = []
  for await (const event of run) events.push(event)
  return events
}

describe('the events of a run', () => {
  test('are stamped with the run and its time, and never go back', async () => {
    const { play } = stage({
      a: scripted({ provider: 'a' }, [100, 'half', 50, CUT]),
      b: scripted({ provider: 'b' }, [200, 'whole']),
    })
    const { events } = await play()
    const types = events.map(({ type }) => type)
    expect(types).toEqual([
      'started',
      'planned',
      'attempt-started',
      'headers',
      'content',
      'attempt-failed',
      'moved',
      'attempt-started',
      'headers',
      'content',
      'attempt-finished',
      'settled',
    ])
    expect(new Set(events.map(({ runId }) => runId)).size).toBe(1)
    expect(events.map(({ at }) => at)).toEqual([
      0, 0, 0, 100, 100, 150, 150, 150, 350, 350, 350, 350,
    ])
  })

  test('replay from the start, for whoever iterates', async () => {
    const { start, virtual } = stage({ a: scripted({}, ['one', 100, ' two']) })
    const run = start()
    const early = collect(run)
    await virtual.advance(50)
    const late = collect(run)
    await virtual.until(run.outcome)
    const after = await collect(run)
    expect(await early).toEqual(after)
    expect(await late).toEqual(after)
    expect(after).toEqual(run.events)
    expect(after.at(-1)?.type).toBe('settled')
  })

  test('go on when an iteration is left', async () => {
    const { start, virtual } = stage({ a: scripted({}, ['one', 100, ' two']) })
    const run = start()
    for await (const event of run) {
      expect(event.type).toBe('started')
      break
    }
    expect(await virtual.until(run.outcome)).toMatchObject({ status: 'completed', text: 'one two' })
  })

  test('are heard by subscribers until they leave', async () => {
    const { llm, virtual } = stage({ a: scripted({}, ['a']) })
    const heard: string[] = []
    const unsubscribe = llm.subscribe(({ runId }) => heard.push(runId))
    const first = llm.run({ workload: 'chat', prompt: 'Hi' })
    await virtual.until(first.outcome)
    unsubscribe()
    const second = llm.run({ workload: 'chat', prompt: 'Hi' })
    await virtual.until(second.outcome)
    expect(new Set(heard)).toEqual(new Set([first.id]))
    expect(first.id).not.toBe(second.id)
    expect(first.id).toMatch(/^\w{16}$/)
  })

  test('name what was asked', async () => {
    const { play } = stage({ a: scripted({}, ['a']) }, {}, { tiers: { pro: {} } })
    const { events } = await play({ tier: 'pro', surface: 'sidebar', thread: 't' })
    expect(events[0]).toMatchObject({
      type: 'started',
      workload: 'chat',
      tier: 'pro',
      surface: 'sidebar',
      thread: 't',
    })
  })
})

describe('the store of a run', () => {
  test('has the first and the last state', async () => {
    const { start, virtual } = stage({ a: scripted({}, ['a']) })
    const run = start()
    expect(run.store.getInitialState()).toMatchObject({ text: '', outcome: null })
    expect(run.store.getState()).toMatchObject({ status: 'submitted', phase: 'connecting' })
    const outcome = await virtual.until(run.outcome)
    expect(run.store.getState()).toMatchObject({ status: 'ready', phase: 'settled', text: 'a' })
    expect(run.store.getState().outcome).toBe(outcome)
    expect(run.store.getInitialState()).toMatchObject({ text: '', outcome: null })
  })

  test('publishes before the outcome resolves', async () => {
    const { start, virtual } = stage({ a: scripted({}, ['a']) })
    const run = start()
    const seen = run.outcome.then(() => run.store.getState().phase)
    expect(await virtual.until(seen)).toBe('settled')
  })

  test('publishes a change of phase at once', async () => {
    const { play } = stage({
      a: scripted({ provider: 'a' }, [10, 'half', 5, CUT]),
      b: scripted({ provider: 'b' }, [10, 'whole']),
    })
    const { states } = await play()
    const phases = states.map(({ phase }) => phase)
    expect(phases.filter((phase, index) => phase !== phases[index - 1])).toEqual([
      'waiting',
      'streaming',
      'switching',
      'streaming',
      'settled',
    ])
  })

  test('is paced while text streams', async () => {
    const beats = Array.from({ length: 320 }, () => ['.', 1]).flat()
    const { play } = stage({ a: scripted({}, beats) })
    const { states, outcome } = await play()
    expect(outcome.text).toHaveLength(320)
    // 320 ms at one snapshot in 16 ms, and a few for the phases.
    expect(states.length).toBeGreaterThan(15)
    expect(states.length).toBeLessThan(26)
  })

  test('publishes on a page that has no frames', async () => {
    const { start, virtual } = stage({ a: scripted({}, ['one', 5, ' two', HANG]) })
    virtual.setHidden(true)
    const run = start()
    await virtual.advance(30)
    expect(run.store.getState().text).toBe('one two')
    await run.stop()
  })
})

describe('stop', () => {
  test('keeps what there is, and resolves when nothing is left', async () => {
    const { start, virtual } = stage({
      a: scripted({ provider: 'a' }, ['half', HANG]),
      b: scripted({ provider: 'b' }, ['never']),
    })
    const run = start()
    await virtual.advance(1000)
    await run.stop()
    expect(virtual.pending()).toBe(0)
    expect(await run.outcome).toMatchObject({
      status: 'stopped',
      text: 'half',
      route: 'a',
      failure: null,
      finish: null,
    })
    expect(tellEvents(run.events)).toEqual(['try a', '"half"', 'stopped'])
    expect(run.store.getState()).toMatchObject({ status: 'ready', phase: 'settled', text: 'half' })
  })

  test('works before anything has begun', async () => {
    const asked: unknown[] = []
    const { start, virtual } = stage({
      a: scripted({ onRequest: (one) => asked.push(one) }, ['a']),
    })
    const run = start()
    await run.stop()
    expect(await run.outcome).toMatchObject({ status: 'stopped', text: '', route: null })
    expect(asked).toEqual([])
    expect(virtual.pending()).toBe(0)
  })

  test('works twice, and after the end', async () => {
    const { start, virtual } = stage({ a: scripted({}, ['a', HANG]) })
    const run = start()
    await virtual.advance(1)
    await Promise.all([run.stop(), run.stop()])
    await run.stop()
    expect(eventsOf(run.events, 'settled')).toHaveLength(1)
    const done = start()
    await virtual.advance(1)
    await done.stop()
    await done.stop()
    expect((await done.outcome).status).toBe('stopped')
  })

  test('works while a question is open', async () => {
    const { start, virtual } = stage(
      { a: scripted({ provider: 'a' }, ['half', CUT]), b: scripted({ provider: 'b' }, ['never']) },
      { recovery: 'ask' },
    )
    const run = start({ canConfirm: true })
    await virtual.advance(10)
    expect(run.store.getState().phase).toBe('asking')
    await run.stop()
    expect(await run.outcome).toMatchObject({ status: 'stopped', text: 'half' })
    expect(run.store.getState().confirmation).toBeNull()
    expect(virtual.pending()).toBe(0)
  })

  test('works while a retry waits', async () => {
    const { start, virtual } = stage({
      a: scripted({}, [{ status: 429, headers: { 'retry-after': '4' } }], ['never']),
    })
    const run = start()
    await virtual.advance(1000)
    await run.stop()
    expect((await run.outcome).attempts).toHaveLength(1)
    expect(virtual.pending()).toBe(0)
  })

  test('works while it is paused', async () => {
    const { start, virtual } = stage({ a: scripted({}, ['never']) })
    virtual.setOnline(false)
    const run = start()
    await virtual.advance(1000)
    await run.stop()
    expect((await run.outcome).status).toBe('stopped')
    expect(virtual.pending()).toBe(0)
    virtual.setOnline(true)
    await virtual.advance(1000)
    expect(eventsOf(run.events, 'attempt-started')).toEqual([])
  })

  test('works with a wire that does not listen', async () => {
    const { start, virtual } = stage({
      a: wired({}, async (_, tell) => {
        tell({ type: 'text', text: 'half' })
        await new Promise(() => undefined)
      }),
    })
    const run = start()
    await virtual.advance(10)
    const stopped = run.stop()
    await virtual.until(stopped)
    expect((await run.outcome).text).toBe('half')
    expect(virtual.pending()).toBe(0)
  })

  test('works while a schema takes for ever', async () => {
    const { start, virtual } = stage({ a: scripted({}, ['{}']) })
    const output: StandardSchema = {
      '~standard': { version: 1, vendor: 'test', validate: () => new Promise(() => undefined) },
    }
    const run = start({ output })
    await virtual.advance(10)
    await virtual.until(run.stop())
    expect((await run.outcome).status).toBe('stopped')
  })

  test('works while a credential takes for ever, which cost nothing', async () => {
    const { start, virtual } = stage({
      a: wired(
        { price: { inputPerMTok: 1, outputPerMTok: 1 } },
        ({ signal }) => silence(signal),
        () => new Promise(() => undefined),
      ),
    })
    const run = start()
    await virtual.advance(10)
    await virtual.until(run.stop())
    expect(await run.outcome).toMatchObject({ status: 'stopped', costUsd: 0 })
    expect((await run.outcome).attempts).toMatchObject([{ billing: 'none', costUsd: 0 }])
    expect(virtual.pending()).toBe(0)
  })

  test('works while a refused credential is read again for ever', async () => {
    let reads = 0
    const { start, virtual } = stage({
      a: wired(
        {},
        () => Promise.reject(new Fault({ from: 'status', status: 401, headers: {}, body: '' })),
        () => {
          reads += 1
          return reads === 1 ? Promise.resolve('old') : new Promise(() => undefined)
        },
      ),
    })
    const run = start()
    await virtual.advance(10)
    await virtual.until(run.stop())
    const next = start()
    await virtual.advance(10)
    await virtual.until(next.stop())
    expect((await next.outcome).status).toMatch(/stopped|safe/)
    expect(virtual.pending()).toBe(0)
  })

  test('comes of a signal', async () => {
    const { start, virtual } = stage({ a: scripted({}, ['half', HANG]) })
    const aborter = new AbortController()
    const run = start({ signal: aborter.signal })
    await virtual.advance(10)
    aborter.abort()
    expect(await virtual.until(run.outcome)).toMatchObject({ status: 'stopped', text: 'half' })
    const aborted = start({ signal: aborter.signal })
    expect(await virtual.until(aborted.outcome)).toMatchObject({ status: 'stopped', attempts: [] })
    expect(virtual.pending()).toBe(0)
  })

  test('does not come of a signal after the end', async () => {
    const { start, virtual } = stage({ a: scripted({}, ['a']) })
    const aborter = new AbortController()
    const run = start({ signal: aborter.signal })
    await virtual.until(run.outcome)
    aborter.abort()
    await virtual.advance(10)
    expect(await run.outcome).toMatchObject({ status: 'completed' })
    expect(eventsOf(run.events, 'settled')).toHaveLength(1)
  })

  test('says nothing of the route', async () => {
    const { start, llm, virtual } = stage({ a: scripted({}, [HANG]) })
    const before = llm.explain({ workload: 'chat', prompt: 'Hi' })
    const run = start()
    await virtual.advance(3000)
    await run.stop()
    expect(llm.explain({ workload: 'chat', prompt: 'Hi' })).toEqual(before)
  })
})

describe('a thread', () => {
  test('supersedes its active run, and keeps its text', async () => {
    const { start, virtual } = stage({ a: scripted({}, ['half', HANG], ['whole']) })
    const first = start({ thread: 't' })
    await virtual.advance(10)
    const second = start({ thread: 't' })
    expect(await virtual.until(first.outcome)).toMatchObject({
      status: 'superseded',
      text: 'half',
      failure: null,
    })
    expect(await virtual.until(second.outcome)).toMatchObject({
      status: 'completed',
      text: 'whole',
    })
    expect(virtual.pending()).toBe(0)
  })

  test('leaves runs of other threads and of none alone', async () => {
    const { start, virtual } = stage({ a: scripted({}, [100, 'a']) })
    const runs = [start({ thread: 't' }), start({ thread: 'u' }), start(), start()]
    for (const run of runs) {
      expect((await virtual.until(run.outcome)).status).toBe('completed')
    }
  })

  test('supersedes its own where a test gives the same random number over and over', async () => {
    const plain = createVirtualWorld()
    const virtual = { ...plain, world: { ...plain.world, random: () => 0.5 } }
    const { start } = stage({ a: scripted({}, ['one', 100, 'two']) }, {}, { virtual })
    const first = start({ thread: 't' })
    const beside = start()
    await virtual.advance(10)
    const second = start({ thread: 't' })
    const runs = [first, beside, second]
    expect(new Set(runs.map(({ id }) => id)).size).toBe(3)
    const outcomes = await virtual.until(Promise.all(runs.map(({ outcome }) => outcome)))
    expect(outcomes.map(({ status }) => status)).toEqual(['superseded', 'completed', 'completed'])
  })

  test('supersedes the newest of three', async () => {
    const { start, virtual } = stage({ a: scripted({}, [100, 'a']) })
    const runs = [start({ thread: 't' }), start({ thread: 't' }), start({ thread: 't' })]
    const outcomes = await virtual.until(Promise.all(runs.map(({ outcome }) => outcome)))
    expect(outcomes.map(({ status }) => status)).toEqual(['superseded', 'superseded', 'completed'])
    expect(virtual.pending()).toBe(0)
  })
})

describe('what a view tells', () => {
  test('is refused where only the run itself can tell it, and the run goes on', async () => {
    const { start, virtual } = stage({ a: scripted({}, [100, 'a']) })
    const run = start()
    for (const type of ['seen', 'settled']) {
      // @ts-expect-error -- as plain JavaScript may have it
      expect(() => run.note({ type })).toThrow(
        new TypeError('note takes painted, left, hidden, shown'),
      )
    }
    expect((await virtual.until(run.outcome)).status).toBe('completed')
  })

  test('is noted in the events and the latency', async () => {
    const { start, virtual } = stage({ a: scripted({}, [100, 'a', 100, 'b']) })
    const run = start()
    await virtual.advance(120)
    run.note({ type: 'painted', by: 'element' })
    const { latency } = await virtual.until(run.outcome)
    expect(latency).toMatchObject({ firstContentMs: 100, firstPaintMs: 120, paintedBy: 'element' })
  })

  test('abandons the run when it has left for good', async () => {
    const { start, virtual } = stage({ a: scripted({}, ['half', HANG]) })
    const run = start()
    await virtual.advance(10)
    run.note({ type: 'left', how: 'hidden', isFinal: false })
    await virtual.advance(10)
    expect(run.store.getState().phase).toBe('streaming')
    run.note({ type: 'left', how: 'navigated', isFinal: true })
    expect(await virtual.until(run.outcome)).toMatchObject({ status: 'abandoned', text: 'half' })
    expect(virtual.pending()).toBe(0)
  })

  test('may come after the end', async () => {
    const { start, llm, virtual } = stage({ a: scripted({}, ['a']) })
    const heard: string[] = []
    llm.subscribe(({ type }) => heard.push(type))
    const run = start()
    await virtual.until(run.outcome)
    run.note({ type: 'painted', by: 'element' })
    run.feedback({ signal: 'copied' })
    run.note({ type: 'left', how: 'closed', isFinal: true })
    await virtual.advance(100)
    expect(heard.slice(-3)).toEqual(['settled', 'painted', 'feedback'])
    expect(run.store.getState().latency.paintedBy).toBe('element')
    expect((await run.outcome).status).toBe('completed')
    expect(virtual.pending()).toBe(0)
  })

  test('is feedback that joins the events', async () => {
    const { start, virtual } = stage({ a: scripted({}, ['a', 10, 'b']) })
    const run = start()
    await virtual.advance(5)
    run.feedback({ custom: 'stars', value: 4 })
    await virtual.until(run.outcome)
    expect(eventsOf(await collect(run), 'feedback')).toMatchObject([
      { value: { custom: 'stars', value: 4 }, at: 5 },
    ])
  })

  test('is an answer only while there is a question', async () => {
    const { start, virtual } = stage({ a: scripted({}, ['a', 10, 'b']) })
    const run = start()
    run.confirm()
    run.decline()
    await virtual.advance(5)
    run.confirm('session')
    expect((await virtual.until(run.outcome)).text).toBe('ab')
    run.confirm()
    expect(eventsOf(run.events, 'answered')).toEqual([])
  })
})

describe('time', () => {
  test('is felt from the gesture', async () => {
    const virtual = createVirtualWorld({ startAt: 1_700_000_000_000 })
    const { start } = stage({ a: scripted({}, [100, 'a', 50]) }, {}, { virtual })
    await virtual.advance(5000)
    const run = start({ gestureAt: 4970 })
    expect((await virtual.until(run.outcome)).latency).toMatchObject({
      firstContentMs: 130,
      totalMs: 180,
    })
    expect(run.events.at(-1)?.at).toBe(150)
    expect((await run.outcome).attempts[0]?.startedAt).toBe(1_700_000_005_000)
  })

  test.each([
    ['from 1970, in another year', 2e12, 700],
    ['from the load of the page', 1000, 700],
  ])('is felt from the gesture on a clock of its own that counts %s', async (_, at, gestureAt) => {
    const page = vi.spyOn(performance, 'now').mockReturnValue(1000)
    const llm = createLLM({
      world: { now: () => at },
      routes: { c: canned('Hi.') },
      workloads: { chat: { ladder: ['c'] } },
    })
    const { outcome } = llm.run({ workload: 'chat', prompt: 'Hi', gestureAt })
    expect((await outcome).latency.firstContentMs).toBe(300)
    await llm.close()
    page.mockRestore()
  })

  test('is felt from the start without a gesture, and from no gesture to come', async () => {
    const { start, virtual } = stage({ a: scripted({}, [100, 'a']) })
    const felt = async (gestureAt?: number): Promise<number | null> =>
      (await virtual.until(start({ gestureAt }).outcome)).latency.firstContentMs
    expect(await felt()).toBe(100)
    expect(await felt(1e9)).toBe(100)
  })

  test('is told apart while the page is hidden', async () => {
    const { start, virtual } = stage({ a: scripted({}, [100, 'a', 400, 'b']) })
    const run = start()
    await virtual.advance(200)
    virtual.setHidden(true)
    await virtual.advance(50)
    virtual.setHidden(false)
    await virtual.advance(50)
    virtual.setHidden(true)
    const { latency } = await virtual.until(run.outcome)
    expect(latency.hiddenMs).toBe(250)
    expect(run.events.map(({ type }) => type).filter((type) => /hidden|shown/.test(type))).toEqual([
      'hidden',
      'shown',
      'hidden',
    ])
  })

  test('is hidden from the start on a hidden page', async () => {
    const { play, virtual } = stage({ a: scripted({}, [100, 'a']) })
    virtual.setHidden(true)
    expect((await play()).outcome.latency.hiddenMs).toBe(100)
  })
})

const checkedBy = (validate: () => Promise<{ value: unknown }>): StandardSchema => ({
  '~standard': { version: 1, vendor: 'test', validate },
})

describe('structured output', () => {
  test('is validated', async () => {
    const { start, virtual } = stage({ a: scripted({}, ['{"na', 'me":"Ada","age":36}']) })
    const run = start({ output: person })
    expect(await virtual.until(run.outcome)).toMatchObject({
      status: 'completed',
      object: { name: 'Ada' },
    })
    expect(run.store.getState().object).toEqual({ name: 'Ada' })
  })

  test.each([
    ['that its schema refuses', '{"age":36}'],
    ['that is no JSON', 'Here you are: {"name":"Ada"'],
  ])('%s is invalid-response, and starts again', async (_, text) => {
    const { play } = stage({
      a: scripted({ provider: 'a' }, [text]),
      b: scripted({ provider: 'b' }, [100, '{"name":"Ada"}']),
    })
    const { lines, outcome, states } = await play({ output: person })
    expect(lines).toEqual([
      'try a',
      JSON.stringify(text),
      'invalid-response -> restart on b',
      'try b',
      '"{\\"name\\":\\"Ada\\"}"',
      'completed',
    ])
    expect(outcome).toMatchObject({ object: { name: 'Ada' }, text: '{"name":"Ada"}' })
    expect(outcome.attempts[0]?.failure).toMatchObject({ phase: 'after-answer' })
    expect(
      states.slice(states.findIndex((state) => state.text !== '')).map((one) => one.text),
    ).not.toContain('')
  })

  test('that nobody gets right is safe, and no object', async () => {
    const { play } = stage({ a: scripted({}, ['[]']) })
    const { outcome } = await play({ output: person })
    expect(outcome).toMatchObject({ status: 'safe', object: null, text: 'Sorry.' })
  })

  test('may be checked by a promise, and by one that rejects', async () => {
    const { play } = stage({ a: scripted({}, ['{}']) })
    expect((await play({ output: checkedBy(async () => ({ value: 7 })) })).outcome.object).toBe(7)
    const { outcome } = await play({
      output: checkedBy(() => Promise.reject(new Error('a bug of the product'))),
    })
    expect(outcome.failure?.kind).toBe('invalid-response')
  })

  test('of a refusal is no object', async () => {
    const { play } = stage({ a: scripted({}, [{ refusal: 'I cannot.' }]) })
    expect((await play({ output: person })).outcome).toMatchObject({
      status: 'completed',
      finish: 'refused',
      text: 'I cannot.',
      object: null,
    })
  })

  test('shows as much as has come', async () => {
    const { start, virtual } = stage({ a: scripted({}, ['{"name":"Ada","a', 100, 'ge":36}']) })
    const run = start({ output: person })
    await virtual.advance(50)
    expect(run.store.getState().object).toMatchObject({ name: 'Ada' })
    await virtual.until(run.outcome)
  })
})

const bug = (): never => {
  throw new Error('a bug of the product')
}

describe('what throws', () => {
  beforeEach(() => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })
  test('as a listener changes nothing of the run, and is told', async () => {
    const { start, llm, virtual } = stage({ a: scripted({}, ['a', 100, 'b']) })
    llm.subscribe(bug)
    const heard: string[] = []
    llm.subscribe(({ type }) => heard.push(type))
    const run = start()
    run.store.subscribe(bug)
    expect(await virtual.until(run.outcome)).toMatchObject({ status: 'completed', text: 'ab' })
    expect(heard).toContain('settled')
    expect(console.error).toHaveBeenCalledWith(
      expect.any(String),
      expect.stringMatching(/^Error\n/),
    )
  })

  test.each<readonly [string, unknown]>([
    ['nothing', undefined],
    ['a text', 'broken'],
    ['something made to be unreadable', Object.create(null)],
    ['an error', new RangeError('broken')],
  ])('%s as a wire is a failure', async (_, thrown) => {
    const { play } = stage({
      a: wired({ provider: 'a' }, () => Promise.reject(thrown)),
      b: scripted({ provider: 'b' }, ['b']),
    })
    expect((await play()).outcome).toMatchObject({ status: 'completed', text: 'b' })
  })

  test('at once as a wire is a failure', async () => {
    const { play } = stage({
      a: wired({ provider: 'a' }, bug),
      b: scripted({ provider: 'b' }, ['b']),
    })
    expect((await play()).outcome).toMatchObject({ status: 'completed', text: 'b' })
  })

  test('never rejects the outcome', async () => {
    const { start, virtual } = stage({ a: scripted({ onRequest: bug }, ['a']) })
    await expect(virtual.until(start().outcome)).resolves.toMatchObject({ status: 'safe' })
  })
})

describe('a listener', () => {
  test('may stop the run that it hears', async () => {
    const { llm, virtual } = stage({ a: scripted({}, ['half', 100, ' whole']) })
    const run = llm.run({ workload: 'chat', prompt: 'Hi' })
    llm.subscribe(({ type }) => {
      if (type === 'content') void run.stop()
    })
    expect(await virtual.until(run.outcome)).toMatchObject({ status: 'stopped', text: 'half' })
    expect(virtual.pending()).toBe(0)
  })

  test('may start another run when one settles', async () => {
    const { llm, virtual } = stage({ a: scripted({}, ['a']) })
    const second = new Promise<string[]>((resolve) => {
      const unsubscribe = llm.subscribe(({ type }) => {
        if (type !== 'settled') return
        unsubscribe()
        resolve(transcript(llm.run({ workload: 'chat', prompt: 'Again' })))
      })
    })
    llm.run({ workload: 'chat', prompt: 'Hi' })
    expect(await virtual.until(second)).toEqual(['try a', '"a"', 'completed'])
  })
})

describe('close', () => {
  test('stops every run, and lets none begin', async () => {
    const { llm, start, virtual } = stage({ a: scripted({}, ['half', HANG]) })
    const runs = [start(), start({ thread: 't' })]
    await virtual.advance(10)
    await llm.close()
    for (const run of runs) {
      expect(await run.outcome).toMatchObject({ status: 'stopped', text: 'half' })
    }
    expect(virtual.pending()).toBe(0)
    expect(() => llm.run({ workload: 'chat', prompt: 'Hi' })).toThrow(/closed/)
    await llm.close()
  })
})

test('without a world of its own an LLM runs on the clock of the page', async () => {
  const llm = createLLM({
    routes: { a: scripted({}, [5, 'a']) },
    workloads: { chat: { ladder: ['a'] } },
  })
  const { text, latency } = await llm.run({ workload: 'chat', prompt: 'Hi' }).outcome
  expect(text).toBe('a')
  expect(latency.firstContentMs).toBeGreaterThan(0)
  expect(latency.firstContentMs).toBeLessThan(2000)
})

describe('a page that is left', () => {
  test('for good ends its run as abandoned, with what had come', async () => {
    const { start, virtual } = stage({ a: scripted({}, ['half', 5000, 'whole']) })
    const run = start()
    await virtual.advance(100)
    virtual.leave()
    const outcome = await virtual.until(run.outcome)
    expect(outcome).toMatchObject({ status: 'abandoned', text: 'half', failure: null })
    expect(eventsOf(run.events, 'left')).toMatchObject([{ how: 'closed', isFinal: true, at: 100 }])
    expect(virtual.pending()).toBe(0)
  })

  test('for a return by the back button goes on when it comes back', async () => {
    const { start, virtual } = stage({ a: scripted({}, ['half', 5000, ' whole']) })
    const run = start()
    await virtual.advance(100)
    virtual.leave(true)
    virtual.setHidden(true)
    await virtual.advance(1000)
    virtual.setHidden(false)
    const outcome = await virtual.until(run.outcome)
    expect(outcome).toMatchObject({ status: 'completed', text: 'half whole' })
    expect(outcome.latency.hiddenMs).toBe(1000)
    expect(eventsOf(run.events, 'left')).toMatchObject([{ how: 'navigated', isFinal: false }])
  })

  test('hidden and not come back to in half an hour is left', async () => {
    const { start, virtual } = stage(
      { a: scripted({}, [{ fail: 'offline' }]) },
      { safe: undefined },
    )
    virtual.setOnline(false)
    const run = start()
    await virtual.advance(100)
    virtual.setHidden(true)
    await virtual.advance(30 * 60_000 - 1)
    expect(run.store.getState().outcome).toBeNull()
    await virtual.advance(1)
    expect((await run.outcome).status).toBe('abandoned')
    expect(eventsOf(run.events, 'left')).toMatchObject([{ how: 'hidden', isFinal: true }])
    expect(virtual.pending()).toBe(0)
  })

  test('leaves a run that has ended as it was', async () => {
    const { start, virtual } = stage({ a: scripted({}, ['whole']) })
    const run = start()
    await virtual.until(run.outcome)
    virtual.leave()
    await virtual.advance(0)
    expect((await run.outcome).status).toBe('completed')
    expect(eventsOf(run.events, 'left')).toEqual([])
  })
})
