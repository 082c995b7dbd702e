import { describe, expect, test, vi } from 'vitest'
import type { Verdict } from '../src/index.ts'
import { createVirtualDisk, HANG, scripted } from '../src/testing.ts'
import type { Archive, World } from '../src/words/world.ts'
import { listening, START, ticks, visit } from './telemetry.ts'

/** A failure that says nothing of the route's health. */
const REFUSED = { status: 400 }

describe('what is reported', () => {
  test('a run and its attempts are sent within five seconds of the end, once', async () => {
    const sink = listening('one')
    const { play, virtual } = await visit({ sinks: [sink], attributes: { plan: 'pro' } })
    const id = await play({ surface: 'sidebar', attributes: { beta: true } })
    expect(sink.batches).toEqual([])
    await virtual.advance(5_000)
    expect(sink.run(id)).toMatchObject({
      row: 'run',
      status: 'completed',
      surface: 'sidebar',
      'attribute.plan': 'pro',
      'attribute.beta': true,
      'gen_ai.provider.name': 'us',
    })
    expect(sink.run(`${id}.1`)).toMatchObject({ row: 'attempt', result: 'answered' })
    await virtual.advance(60_000)
    expect(sink.batches.map(({ length }) => length)).toEqual([2])
    expect(virtual.pending()).toBe(0)
  })

  test('a function is a sink, and a sink that throws is asked again while another has its own', async () => {
    const other = listening('other')
    const send = vi.fn<(batch: readonly unknown[]) => Promise<'sent'>>()
    send.mockRejectedValueOnce(new Error('down')).mockResolvedValue('sent')
    const { play, virtual } = await visit({ sinks: [send, other] })
    await play()
    await virtual.advance(5_000)
    expect(send).toHaveBeenCalledTimes(1)
    expect(other.batches).toHaveLength(1)
    await virtual.advance(10_000)
    expect(send).toHaveBeenCalledTimes(2)
    expect(other.batches).toHaveLength(1)
  })

  test('each of several sinks is sent everything once, whenever another takes it', async () => {
    const slow = listening('slow', async (): Promise<Verdict> => {
      await new Promise<void>((resolve) => virtual.world.after(2_000, resolve))
      return 'sent'
    })
    const revisions: boolean[] = []
    const quick = listening('quick')
    const { play, virtual, llm } = await visit({
      sinks: [
        quick,
        slow,
        {
          name: 'asking',
          async send(batch, means) {
            for (const one of batch) revisions.push(means?.isRevision(one) ?? true)
            return 'sent'
          },
        },
      ],
    })
    const id = await play()
    await virtual.advance(60_000)
    expect([quick, slow].map(({ batches }) => batches.flat().length)).toEqual([2, 2])
    expect(revisions).toEqual([false, false])
    llm.feedback(id, { signal: 'accepted' })
    await virtual.advance(60_000)
    expect([quick, slow].map(({ batches }) => batches.flat().length)).toEqual([3, 3])
    expect(revisions).toEqual([false, false, true])
  })

  test('no event of content is a write, however many there are', async () => {
    const writes = vi.fn<() => void>()
    const text = Array.from({ length: 500 }, () => 'word ')
    const { play } = await visit(
      { sinks: [listening('one')] },
      {
        routes: { ours: scripted({}, text) },
        world: {
          archive: () => ({
            keys: () => Promise.resolve([]),
            read: () => Promise.resolve([]),
            clear: () => Promise.resolve(),
            write: () => {
              writes()
              return Promise.resolve()
            },
          }),
        },
      },
    )
    await play()
    // Begun, first content, settled.
    expect(writes.mock.calls.length).toBeLessThanOrEqual(4)
    expect(writes.mock.calls.length).toBeGreaterThanOrEqual(2)
  })
})

describe('a page that is gone', () => {
  test('leaves an open run behind, which the next page tells as lost', async () => {
    const disk = createVirtualDisk()
    const first = await visit(
      { sinks: [listening('one')] },
      { disk, routes: { ours: scripted({}, ['half', HANG]) } },
    )
    const { id } = first.llm.run({ workload: 'chat', prompt: 'Hello?' })
    await ticks()
    first.virtual.crash()
    const sink = listening('one')
    const next = await visit({ sinks: [sink] }, { disk, at: START + 1000, seed: 2 })
    await next.play()
    await next.virtual.advance(5_000)
    expect(sink.run(id)).toMatchObject({ status: 'open', chars: 1 })
    expect(sink.run(`${id}.1`)).toMatchObject({ result: 'open', wait_end: 'content' })
  })

  test('while it was hidden, its run was abandoned there', async () => {
    const disk = createVirtualDisk()
    const sink = listening('one')
    const first = await visit(
      { sinks: [sink] },
      { disk, routes: { ours: scripted({}, ['half', HANG]) } },
    )
    const { id } = first.llm.run({ workload: 'chat', prompt: 'Hello?' })
    await ticks()
    first.virtual.setHidden(true)
    await ticks()
    expect(sink.run(id)).toMatchObject({ status: 'open', left_is_final: false })
    first.virtual.crash()
    const next = await visit({ sinks: [sink] }, { disk, at: START + 1000, seed: 2 })
    await next.play()
    await next.virtual.advance(5_000)
    expect(sink.run(id)).toMatchObject({ status: 'abandoned', left_is_final: true })
  })

  test('that came back by the back button, and then was gone, is told anew, whatever was told of it meanwhile', async () => {
    const disk = createVirtualDisk()
    const sink = listening('one')
    const first = await visit(
      { sinks: [sink] },
      { disk, routes: { ours: scripted({}, ['half', HANG]) } },
    )
    const run = first.llm.run({ workload: 'chat', prompt: 'Hello?' })
    await ticks()
    first.virtual.leave(true)
    first.virtual.setHidden(true)
    await ticks()
    const next = await visit({ sinks: [sink] }, { disk, at: START + 1000, seed: 2 })
    await next.play()
    await next.virtual.advance(5_000)
    expect(sink.run(run.id)).toMatchObject({ status: 'abandoned', left_how: 'navigated' })
    first.virtual.setHidden(false)
    await ticks()
    first.virtual.crash()
    const last = await visit({ sinks: [sink] }, { disk, at: START + 9000, seed: 3 })
    await last.play()
    await last.virtual.advance(5_000)
    expect(sink.run(run.id)).toMatchObject({ status: 'open', returns: 1 })
    const revisions = sink.batches
      .flat()
      .filter(({ id }) => id === run.id)
      .map(({ revision }) => revision)
    expect(new Set(revisions).size).toBe(revisions.length)
  })

  test('has its reports sent by the next, and nobody takes those of a page that lives', async () => {
    const disk = createVirtualDisk()
    const down = listening('one', () => 'retry')
    const first = await visit({ sinks: [down] }, { disk })
    const id = await first.play()
    const sink = listening('one')
    const next = await visit({ sinks: [sink] }, { disk, at: START + 1000, seed: 2 })
    await next.play()
    await next.virtual.advance(5_000)
    expect(sink.run(id)).toBeUndefined()
    first.virtual.crash()
    const last = await visit({ sinks: [sink] }, { disk, at: START + 2000, seed: 3 })
    await last.play()
    await last.virtual.advance(5_000)
    expect(sink.run(id)).toMatchObject({ status: 'completed' })
  })
})

test('a page that lives takes over what another leaves when it is gone', async () => {
  const disk = createVirtualDisk()
  const first = await visit({ sinks: [listening('one', () => 'retry')] }, { disk })
  const id = await first.play()
  const sink = listening('one')
  const next = await visit({ sinks: [sink] }, { disk, at: START + 1000, seed: 2 })
  await next.play()
  await next.virtual.advance(5_000)
  first.virtual.crash()
  // Not by another visit, nor by a run of this one.
  await next.virtual.advance(16_000)
  await ticks()
  await next.virtual.advance(16_000)
  expect(sink.run(id)).toMatchObject({ status: 'completed' })
})

describe('consent', () => {
  test('denied, nothing is recorded, and what was recorded is deleted', async () => {
    const disk = createVirtualDisk()
    const sink = listening('one')
    const { play, llm, virtual } = await visit({ sinks: [sink] }, { disk })
    await play()
    const stored = disk.archives.get('rungs-telemetry')
    expect(stored?.size).toBe(2)
    llm.setConsent('denied')
    await ticks()
    expect(stored?.size).toBe(0)
    await play()
    await virtual.advance(60_000)
    expect(stored?.size).toBe(0)
    expect(sink.batches).toEqual([])
    expect(await llm.summary()).toMatchObject({ runs: 0 })
    llm.setConsent('granted')
    await play()
    await virtual.advance(60_000)
    expect(sink.rows()).toHaveLength(2)
  })

  test('denied from the start, what an earlier page has left is deleted', async () => {
    const disk = createVirtualDisk()
    const sink = listening('one', () => 'retry')
    const first = await visit({ sinks: [sink] }, { disk })
    await first.play()
    first.virtual.crash()
    expect(disk.archives.get('rungs-telemetry')?.size).toBe(2)
    const next = await visit(
      { sinks: [sink], consent: () => 'denied' },
      { disk, at: START + 1000, seed: 2 },
    )
    await ticks()
    expect(disk.archives.get('rungs-telemetry')?.size).toBe(0)
    expect(disk.texts.get('rungs.salt')).toBe('')
    expect(disk.texts.get('rungs.session')).toBe('')
    const { length } = sink.batches
    await next.virtual.advance(60_000)
    expect(sink.batches).toHaveLength(length)
  })

  test('denied from the start, what is left is deleted though no salt says so', async () => {
    const disk = createVirtualDisk()
    const first = await visit({ sinks: [listening('one', () => 'retry')] }, { disk })
    await first.play()
    first.virtual.crash()
    disk.texts.clear()
    await visit({ sinks: [], consent: 'denied' }, { disk, at: START + 1000, seed: 2 })
    await ticks()
    expect(disk.archives.get('rungs-telemetry')?.size).toBe(0)
  })

  // Each step of what the page reads: the keys, the rows, and after.
  test.each([0, 1, 2, 3])(
    'denied while what others left is read, nothing of it comes back (after %d steps)',
    async (steps) => {
      const disk = createVirtualDisk()
      const first = await visit({ sinks: [listening('one', () => 'retry')] }, { disk })
      const id = await first.play()
      first.virtual.crash()
      expect(disk.archives.get('rungs-telemetry')?.size).toBe(2)
      const sink = listening('one')
      const slow = await visit(
        { sinks: [sink] },
        {
          disk,
          at: START + 1000,
          seed: 2,
          world: { archive: (name) => slowly(slow.virtual.world, name) },
        },
      )
      // Has the recorder loaded, which sweeps, and reads the row that is to be revised.
      slow.llm.feedback(id, { signal: 'accepted' })
      await ticks()
      for (let step = 0; step < steps; step += 1) await slow.virtual.advance(10)
      slow.llm.setConsent('denied')
      await ticks()
      for (let step = 0; step < 20; step += 1) await slow.virtual.advance(10)
      slow.llm.setConsent('granted')
      await slow.virtual.advance(60_000)
      expect(disk.archives.get('rungs-telemetry')?.size).toBe(0)
      expect(sink.batches).toEqual([])
    },
  )

  test('denied while storage refuses, what is stored is deleted the next time', async () => {
    const disk = createVirtualDisk()
    const { play, llm } = await visit({ sinks: [listening('one', () => 'retry')] }, { disk })
    await play()
    disk.isBroken = true
    llm.setConsent('denied')
    await ticks()
    disk.isBroken = false
    expect(disk.archives.get('rungs-telemetry')?.size).toBe(2)
    llm.setConsent('denied')
    await ticks()
    expect(disk.archives.get('rungs-telemetry')?.size).toBe(0)
  })

  test('is not there where the browser asks for privacy', async () => {
    const disk = createVirtualDisk()
    const sink = listening('one')
    const page = { wantsPrivacy: () => true }
    const { virtual, play } = await visit(
      { sinks: [sink], consent: 'granted' },
      { disk, world: {} },
    )
    Object.assign(virtual.world.page, page)
    await play()
    await virtual.advance(60_000)
    expect(sink.batches).toEqual([])
    expect([...disk.archives.values()].every(({ size }) => size === 0)).toBe(true)
    expect(disk.texts.size).toBe(0)
  })
})

describe('a sample', () => {
  test('is of users: all runs of one or none, and about as many as were asked for', async () => {
    const per = new Map<string, number>()
    for (let user = 0; user < 60; user += 1) {
      const sink = listening('one')
      const { play, virtual } = await visit(
        { sinks: [sink], sampleRate: 0.5 },
        { user: () => `user ${user}` },
      )
      await play()
      await play()
      await virtual.advance(60_000)
      const runs = sink.rows().filter(({ row }) => row === 'run')
      per.set(`user ${user}`, runs.length)
      for (const run of runs) expect(run['sample_weight']).toBe(2)
    }
    expect(new Set(per.values())).toEqual(new Set([0, 2]))
    const inIt = [...per.values()].filter((count) => count === 2).length
    expect(inIt).toBeGreaterThan(18)
    expect(inIt).toBeLessThan(42)
  })

  test('leaves out no run that fell back or was left, where those are kept', async () => {
    const sink = listening('one')
    const { play, virtual, llm } = await visit(
      { sinks: [sink], sampleRate: 0, keepFallbacks: true },
      {
        routes: {
          ours: scripted({ provider: 'us' }, [REFUSED], ['fine'], [HANG]),
          theirs: scripted({ provider: 'them' }, ['fine']),
        },
      },
    )
    const fell = await play()
    await play()
    const left = llm.run({ workload: 'chat', prompt: 'Hello?' })
    await ticks()
    await left.stop()
    await ticks()
    await virtual.advance(60_000)
    const runs = sink.rows().filter(({ row }) => row === 'run')
    expect(new Set(runs.map(({ id }) => id))).toEqual(new Set([fell, left.id]))
    expect(runs.map((one) => one['sample_weight'])).toEqual([1, 1])
  })
})

describe('feedback', () => {
  test('revises the row of a run, in the page and after a reload', async () => {
    const disk = createVirtualDisk()
    const sink = listening('one')
    const options = { sinks: [sink], signals: ['solved'] }
    const first = await visit(options, { disk })
    const id = await first.play()
    first.llm.feedback(id, { signal: 'thumb-up' })
    await first.virtual.advance(5_000)
    expect(sink.run(id)).toMatchObject({ thumb_up: true })
    const before = Number(sink.run(id)?.['revision'])
    await first.llm.close()
    const next = await visit(options, { disk, at: START + 3_600_000, seed: 2 })
    next.llm.feedback(id, { custom: 'solved', value: 1 })
    await ticks()
    await next.virtual.advance(5_000)
    expect(sink.run(id)).toMatchObject({ thumb_up: true, 'signal.solved': 1, status: 'completed' })
    expect(Number(sink.run(id)?.['revision'])).toBeGreaterThan(before)
  })

  test('of several signals at once after a reload, none is lost', async () => {
    const disk = createVirtualDisk()
    const sink = listening('one')
    const first = await visit({ sinks: [sink] }, { disk })
    const id = await first.play()
    await first.virtual.advance(5_000)
    await first.llm.close()
    const next = await visit({ sinks: [sink] }, { disk, at: START + 3_600_000, seed: 2 })
    next.llm.feedback(id, { signal: 'thumb-up' })
    next.llm.feedback(id, { signal: 'copied' })
    next.llm.feedback(id, { signal: 'accepted' })
    await ticks()
    await next.virtual.advance(5_000)
    expect(sink.run(id)).toMatchObject({ thumb_up: true, copied: true, accepted: true })
  })

  test('with a signal that nobody declared, or for a run that nobody knows, is left out', async () => {
    const said = vi.spyOn(console, 'error').mockReturnValue()
    const sink = listening('one')
    const { play, llm, virtual } = await visit({ sinks: [sink], signals: ['solved'] })
    const id = await play()
    llm.feedback(id, { custom: 'wxqj', value: 1 })
    llm.feedback('nobody', { signal: 'accepted' })
    await ticks()
    await virtual.advance(60_000)
    expect(sink.rows()).toHaveLength(2)
    expect(Object.keys(sink.run(id) ?? {}).filter((key) => key.startsWith('signal.'))).toEqual([])
    expect(said.mock.calls.flat().join(' ')).not.toContain('wxqj')
    said.mockRestore()
  })

  test('is noticed by itself: a copy of the answer, and the same question at once', async () => {
    const sink = listening('one')
    const { play, virtual } = await visit(
      { sinks: [sink], autoSignals: true },
      { routes: { ours: scripted({}, ['**The answer** is forty-two, and nothing else.']) } },
    )
    const copied = await play({ thread: 't' })
    virtual.copy('The answer is forty-two')
    virtual.copy('something else that was never in an answer')
    await virtual.advance(40_000)
    const asked = await play({ thread: 't', prompt: 'What is the answer to it?' })
    await virtual.advance(10_000)
    await play({ thread: 't', prompt: 'And what is the answer to it?' })
    const other = await play({ thread: 't', prompt: 'Thanks. Where do towels come from?' })
    await virtual.advance(60_000)
    expect(sink.run(copied)).toMatchObject({ copied: true })
    expect(sink.run(copied)).not.toHaveProperty('regenerated')
    expect(sink.run(asked)).toMatchObject({ regenerated: true })
    expect(sink.run(asked)).not.toHaveProperty('copied')
    expect(sink.run(other)).not.toHaveProperty('regenerated')
  })
})

/** Storage of which each answer takes 10 ms more. */
function slowly(world: World, name: string): Archive | null {
  const kept = world.archive(name)
  async function later<Value>(task: () => Promise<Value>): Promise<Value> {
    const value = await task()
    await new Promise<void>((resolve) => world.after(10, resolve))
    return value
  }
  return (
    kept && {
      keys: () => later(() => kept.keys()),
      read: (keys) => later(() => kept.read(keys)),
      write: (entries) => later(() => kept.write(entries)),
      clear: () => later(() => kept.clear()),
    }
  )
}

/** Storage that takes what it is given, and says nothing of it. */
const never = (): Promise<never> => new Promise(() => undefined)
const silent = (): Archive => ({ keys: never, read: never, write: never, clear: never })

describe('storage that does not answer', () => {
  test('holds up neither a summary nor the end', async () => {
    const { play, llm, virtual } = await visit(
      { sinks: [listening('one')] },
      { world: { archive: silent } },
    )
    await play()
    const summary = llm.summary()
    await ticks()
    await virtual.advance(2_000)
    expect(await summary).toMatchObject({ runs: 1 })
    const close = llm.close()
    await ticks()
    await virtual.advance(2_000)
    await close
    expect(virtual.pending()).toBe(0)
  })

  test('does not keep the line to the other tabs open', async () => {
    const closed = vi.fn<() => void>()
    const { play, llm } = await visit(
      { sinks: [listening('one')] },
      {
        world: {
          archive: silent,
          channel: () => ({ post: () => undefined, listen: () => undefined, close: closed }),
        },
      },
    )
    await play()
    void llm.close()
    await ticks()
    expect(closed).toHaveBeenCalledOnce()
  })
})

describe('a summary', () => {
  test('answers the questions of this page, without telemetry too', async () => {
    const { play, llm } = await visit(undefined, {
      routes: {
        ours: scripted({ provider: 'us' }, [REFUSED], ['fine']),
        theirs: scripted({ provider: 'them' }, [300, 'fine']),
      },
    })
    await play({ surface: 'sidebar' })
    await play({ surface: 'sidebar' })
    await play()
    expect(await llm.summary()).toMatchObject({
      runs: 3,
      fallbacksBySurface: [
        { surface: 'sidebar', runs: 2, fallbacks: 1, kinds: { 'invalid-request': 1 } },
        { surface: 'none', runs: 1, fallbacks: 0, kinds: {} },
      ],
      failuresByProvider: [
        { provider: 'us', attempts: 3, failures: 1 },
        { provider: 'them', attempts: 1, failures: 0 },
      ],
      outcomes: { completed: 3 },
    })
  })

  test('has the runs of earlier pages, where they are kept', async () => {
    const disk = createVirtualDisk()
    const sinks = [listening('one')]
    const first = await visit({ sinks }, { disk })
    await first.play()
    await first.virtual.advance(60_000)
    await first.llm.close()
    const next = await visit({ sinks }, { disk, at: START + 100_000, seed: 2 })
    await next.play()
    expect(await next.llm.summary()).toMatchObject({ runs: 2, outcomes: { completed: 2 } })
  })
})
