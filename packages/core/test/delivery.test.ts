import { describe, expect, test, vi } from 'vitest'
import { beacon, type Means, type Report, type Sink } from '../src/index.ts'
import { createOutbox, type Entry } from '../src/telemetry/outbox.ts'
import { SCHEMA } from '../src/telemetry.ts'
import { createVirtualDisk, HANG, scripted } from '../src/testing.ts'
import type { Page } from '../src/words/world.ts'
import { listening, START, ticks, visit } from './telemetry.ts'

type Answer = (rows: readonly Report[], init: RequestInit) => Response | Promise<Response>

/** A collector at the other end of `fetch`. */
function collector(answer: Answer): { readonly fetch: typeof fetch; readonly got: RequestInit[] } {
  const got: RequestInit[] = []
  return {
    got,
    fetch: async (_, init = {}) => {
      got.push(init)
      return answer(rowsOf(init), init)
    },
  }
}
/** Bodies are texts here. */
const textOf = (body: unknown): string => (typeof body === 'string' ? body : '')
function rowsOf({ body }: RequestInit): readonly Report[] {
  const { rows } = JSON.parse(textOf(body))
  return rows
}
const ok = (): Response => new Response(null, { status: 204 })
const status =
  (code: number, headers: Record<string, string> = {}) =>
  (): Response =>
    new Response('words of the collector', { status: code, headers })
const row = (id: string, more: Report = {}): Report => ({ row: 'run', id, revision: 1, ...more })
const many = (count: number): Report[] => Array.from({ length: count }, (_, n) => row(`r${n}`))

function means(given: typeof fetch): Means & { dropped: number; waited: number } {
  const told = {
    dropped: 0,
    waited: 0,
    fetch: given,
    after: () => () => undefined,
    now: () => START,
    page: 'p',
    beacon: () => false,
    isLeaving: false,
    wait: (ms: number) => (told.waited = ms),
    drop: (count: number) => (told.dropped += count),
    isRevision: () => false,
    isOpen: () => false,
  }
  return told
}

describe('a beacon', () => {
  test('posts text without cookies, to be kept alive, and reads what comes back', async () => {
    const { fetch, got } = collector(ok)
    expect(await beacon('/reports').send(many(2), means(fetch))).toBe('sent')
    expect(got[0]).toMatchObject({
      method: 'POST',
      keepalive: true,
      credentials: 'omit',
      redirect: 'error',
      headers: { 'content-type': 'text/plain;charset=UTF-8' },
    })
    expect(JSON.parse(textOf(got[0]?.body))).toEqual({ schema: SCHEMA, rows: many(2) })
  })

  test.each([400, 413, 422])(
    'halves what is answered %d, down to the one that is meant',
    async (code) => {
      const taken: unknown[] = []
      const { fetch } = collector((rows) => {
        if (rows.some(({ id }) => id === 'r33')) return status(code)()
        taken.push(...rows.map(({ id }) => id))
        return ok()
      })
      const told = means(fetch)
      expect(await beacon('/reports').send(many(50), told)).toBe('sent')
      expect(told.dropped).toBe(1)
      expect(taken).toHaveLength(49)
      expect(await beacon('/reports').send([row('r33')], told)).toBe('drop')
    },
  )

  test.each([0, 408, 425, 429, 500, 503])('tries again after %d', async (code) => {
    const { fetch } = collector(code === 0 ? () => Promise.reject(new TypeError()) : status(code))
    const told = means(fetch)
    expect(await beacon('/reports').send(many(1), told)).toBe('retry')
    expect(told.waited).toBe(0)
  })

  test.each([401, 403, 404, 409])('keeps what is answered %d for ten minutes', async (code) => {
    const told = means(collector(status(code)).fetch)
    expect(await beacon('/reports').send(many(1), told)).toBe('retry')
    expect(told.waited).toBe(600_000)
  })

  test('sends again without keepalive what the browser has no room to keep alive', async () => {
    const { fetch, got } = collector((_, init) =>
      init.keepalive ? Promise.reject(new TypeError('Failed to fetch')) : ok(),
    )
    expect(await beacon('/reports').send(many(1), means(fetch))).toBe('sent')
    expect(got.map(({ keepalive }) => keepalive)).toEqual([true, false])
  })

  test('hands over what is left when the page goes, and does not take that for an arrival', async () => {
    const handed = vi.fn<Means['beacon']>(() => true)
    const { fetch, got } = collector(ok)
    const told = { ...means(fetch), beacon: handed, isLeaving: true }
    expect(await beacon('/reports').send(many(1), told)).toBe('retry')
    expect(handed).toHaveBeenCalledOnce()
    handed.mockReturnValue(false)
    expect(await beacon('https://other.example/reports').send(many(1), told)).toBe('sent')
    expect(got).toHaveLength(1)
  })
})

/** What a sink does, as a function of that name. */
const named = (sink: Sink, name: string): Sink['send'] =>
  Object.defineProperty<Sink['send']>(async (batch) => sink.send(batch), 'name', { value: name })

describe('delivery', () => {
  test('is in batches of 50 reports and 48 KiB at most', async () => {
    const { fetch, got } = collector(ok)
    const { play, virtual } = await visit(
      { sinks: [beacon('https://c.example/reports')] },
      { world: { fetch } },
    )
    for (let count = 0; count < 60; count += 1) await play()
    await virtual.advance(60_000)
    const sizes = got.map((init) => rowsOf(init).length)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(120)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(50)
    const bytes = got.map(({ body }) => new TextEncoder().encode(textOf(body)).length)
    expect(Math.max(...bytes)).toBeLessThanOrEqual(48 * 1024 + 64)
  })

  test('waits longer after each failure, and as long as it is told, ten minutes at most', async () => {
    const at: number[] = []
    let after = '0'
    const { play, virtual } = await visit(
      { sinks: [beacon('https://c.example/reports')] },
      {
        world: {
          fetch: async () => {
            at.push(virtual.world.now())
            return status(503, { 'retry-after': after })()
          },
        },
      },
    )
    await play()
    await virtual.advance(60_000)
    const gaps = at.slice(1).map((one, index) => one - (at[index] ?? 0))
    expect(gaps.length).toBeGreaterThan(2)
    for (const [index, gap] of gaps.entries()) {
      expect(gap).toBeGreaterThanOrEqual(1000 * 2 ** index)
      expect(gap).toBeLessThanOrEqual(2000 * 2 ** index)
    }
    after = '99999'
    await virtual.advance(600_000)
    const { length } = at
    await virtual.advance(600_000)
    expect(at.length - length).toBe(1)
  })

  test('waits for the network, and then not long', async () => {
    const sink = listening('one')
    const { play, virtual } = await visit({ sinks: [sink] })
    virtual.setOnline(false)
    const local = await play()
    await virtual.advance(600_000)
    expect(sink.batches).toEqual([])
    virtual.setOnline(true)
    await virtual.advance(5_000)
    expect(sink.run(local)).toBeDefined()
  })

  test('is at once when the page is hidden', async () => {
    const sink = listening('one')
    const { play, virtual } = await visit({ sinks: [sink] })
    const id = await play()
    virtual.setHidden(true)
    await ticks()
    expect(sink.run(id)).toBeDefined()
  })

  test('waits for the browser to be idle, where it tells, but not when the page is hidden', async () => {
    const idle: (() => void)[] = []
    const sink = listening('one')
    const { play, virtual } = await visit({ sinks: [sink] })
    virtual.world.page.idle = (task) => {
      idle.push(task)
      return () => undefined
    }
    await play()
    await virtual.advance(10_000)
    expect([sink.batches.length, idle.length]).toEqual([0, 1])
    for (const task of idle.splice(0)) task()
    await ticks()
    expect(sink.batches).toHaveLength(1)
    const id = await play()
    virtual.setHidden(true)
    await ticks()
    expect(sink.run(id)).toBeDefined()
  })

  test('goes on after a sink that never answers', async () => {
    const never = listening('one', () => new Promise(() => undefined))
    const { play, virtual } = await visit({ sinks: [never] })
    await play()
    await virtual.advance(120_000)
    expect(never.batches.length).toBeGreaterThan(1)
  })

  test('leaves no timer behind when it is closed before a sink has answered', async () => {
    const never = listening('one', () => new Promise(() => undefined))
    const { play, virtual, llm } = await visit({ sinks: [never] })
    await play()
    await virtual.advance(5_000)
    expect(never.batches).toHaveLength(1)
    expect(virtual.pending()).toBe(1)
    await llm.close()
    expect(virtual.pending()).toBe(0)
  })

  test('is to a function by its place, whatever name a build gives it', async () => {
    const disk = createVirtualDisk()
    const other = listening('other')
    const down = listening('', () => 'retry')
    const first = await visit({ sinks: [other, named(down, 'ab')] }, { disk })
    const id = await first.play()
    await first.virtual.advance(5_000)
    first.virtual.crash()
    const up = listening('')
    const more = listening('more')
    const next = await visit(
      { sinks: [other, named(up, 'cd'), more] },
      { disk, at: START + 60_000, seed: 2 },
    )
    await next.play()
    await next.virtual.advance(5_000)
    expect(up.run(id)).toMatchObject({ status: 'completed' })
    expect(
      [other, more].map((sink) => sink.batches.flat().filter((one) => one['id'] === id).length),
    ).toEqual([1, 0])
  })

  test('is to every sink that does not have it, where the one that it is owed to is gone', async () => {
    const disk = createVirtualDisk()
    const has = listening('has')
    const first = await visit({ sinks: [has, listening('old', () => 'retry')] }, { disk })
    const id = await first.play()
    await first.virtual.advance(5_000)
    first.virtual.crash()
    const renamed = listening('new')
    const next = await visit({ sinks: [has, renamed] }, { disk, at: START + 60_000, seed: 2 })
    await next.play()
    await next.virtual.advance(5_000)
    expect(renamed.run(id)).toMatchObject({ status: 'completed' })
    expect(has.batches.flat().filter((one) => one['id'] === id)).toHaveLength(1)
  })

  test('counts what is refused', async () => {
    const { play, virtual, llm } = await visit({ sinks: [listening('one', () => 'drop')] })
    await play()
    await virtual.advance(60_000)
    expect((await llm.summary()).dropped).toEqual({ refused: 2 })
  })
})

/** A browser that posts what was left with it once the page is gone. */
function keeper(): {
  readonly leave: NonNullable<Page['leave']>
  readonly kept: () => readonly (readonly Report[])[]
  isFull: boolean
} {
  const all = new Map<number, string>()
  let count = 0
  const told = {
    isFull: false,
    leave: (url: string, text: string) => {
      if (told.isFull) return null
      count += 1
      const key = count
      all.set(key, `${url} ${text}`)
      return () => {
        all.delete(key)
      }
    },
    kept: () => [...all.values()].map((one) => rowsOf({ body: one.slice(one.indexOf(' ')) })),
  }
  return told
}

describe('what is left with the browser, for a page that ends without a word,', () => {
  test('is what goes on and what is owed, of now alone, and nothing once it was heard to arrive', async () => {
    const own = keeper()
    let answer = status(503)
    const { play, virtual, llm } = await visit(
      { sinks: [beacon('https://c.example/reports')] },
      {
        routes: { ours: scripted({}, ['fine'], ['half', HANG]) },
        world: { fetch: async () => answer() },
      },
    )
    virtual.world.page.leave = own.leave
    const id = await play()
    expect(own.kept()).toEqual([])
    await virtual.advance(1_000)
    expect(own.kept().map((rows) => rows.map((one) => one['id']))).toEqual([[id, `${id}.1`]])
    const open = llm.run({ workload: 'chat', prompt: 'Hello?' })
    await virtual.advance(1_000)
    expect(own.kept()).toHaveLength(1)
    expect(own.kept()[0]?.map((one) => [one['id'], one['status'] ?? one['result']])).toEqual([
      [open.id, 'open'],
      [id, 'completed'],
      [`${open.id}.1`, 'open'],
      [`${id}.1`, 'answered'],
    ])
    answer = ok
    await open.stop()
    await virtual.advance(60_000)
    expect(own.kept()).toEqual([])
    await llm.close()
  })

  test('is never taken for sent', async () => {
    const own = keeper()
    const disk = createVirtualDisk()
    const down = { disk, world: { fetch: async () => status(503)() } }
    const first = await visit({ sinks: [beacon('https://c.example/reports')] }, down)
    first.virtual.world.page.leave = own.leave
    const id = await first.play()
    await first.virtual.advance(1_000)
    expect(own.kept()).toHaveLength(1)
    first.virtual.crash()
    const sink = { ...listening('beacon'), parcel: undefined }
    const next = await visit({ sinks: [sink] }, { disk, at: START + 10_000, seed: 2 })
    await ticks()
    await next.play()
    await next.virtual.advance(5_000)
    expect(sink.run(id)).toMatchObject({ status: 'completed' })
  })

  test('is 16 KiB at most, runs that go on first, and taken back with the consent', async () => {
    const own = keeper()
    const { play, virtual, llm } = await visit(
      { sinks: [beacon('https://c.example/reports')] },
      { world: { fetch: async () => status(503)() } },
    )
    virtual.world.page.leave = own.leave
    for (let count = 0; count < 60; count += 1) await play()
    await virtual.advance(1_000)
    const [rows = []] = own.kept()
    expect(JSON.stringify(rows).length).toBeLessThanOrEqual(16 * 1024)
    expect(rows.length).toBeGreaterThan(15)
    llm.setConsent('denied')
    await ticks()
    expect(own.kept()).toEqual([])
    await virtual.advance(60_000)
    expect(own.kept()).toEqual([])
  })

  test('is nothing where the browser does not take it, or the sink has none', async () => {
    const own = keeper()
    own.isFull = true
    const { play, virtual } = await visit({
      sinks: [beacon('https://c.example/reports'), listening('one')],
    })
    virtual.world.page.leave = own.leave
    await play()
    await virtual.advance(1_000)
    own.isFull = false
    expect(own.kept()).toEqual([])
  })
})

const entry = (id: string, more: Partial<Entry> = {}): Entry => ({
  version: 1,
  report: row(id),
  page: 'p',
  isOpen: false,
  owes: ['one'],
  told: [],
  at: START,
  ...more,
})

describe('the outbox', () => {
  test('keeps within its bounds: what was sent goes first, then attempts, then runs, the oldest first', () => {
    const dropped = vi.fn<(why: string, count: number) => void>()
    const outbox = createOutbox(null, dropped, { reports: 4, bytes: 1e6, history: 2 })
    const ids = (): unknown[] => [...outbox.all()].map(({ report }) => report['id'])
    outbox.put(entry('sent', { owes: [] }))
    outbox.put(entry('run 1'))
    outbox.put(entry('try 1', { report: row('try 1', { row: 'attempt' }) }))
    outbox.put(entry('try 2', { report: row('try 2', { row: 'attempt' }) }))
    outbox.put(entry('run 2'))
    expect(ids()).toEqual(['run 1', 'try 1', 'try 2', 'run 2'])
    expect(dropped).not.toHaveBeenCalled()
    outbox.put(entry('run 3'))
    expect(ids()).toEqual(['run 1', 'try 2', 'run 2', 'run 3'])
    outbox.put(entry('run 4'))
    outbox.put(entry('run 5'))
    expect(ids()).toEqual(['run 2', 'run 3', 'run 4', 'run 5'])
    expect(dropped.mock.calls).toEqual([
      ['overflow', 1],
      ['overflow', 1],
      ['overflow', 1],
    ])
  })

  test('keeps within its bytes', () => {
    const dropped = vi.fn<(why: string, count: number) => void>()
    const size = JSON.stringify(entry('run 1')).length
    const outbox = createOutbox(null, dropped, { reports: 100, bytes: size * 2, history: 10 })
    for (const id of ['run 1', 'run 2', 'run 3']) outbox.put(entry(id))
    expect([...outbox.all()]).toHaveLength(2)
  })

  test.each([
    ['refused', (disk: ReturnType<typeof createVirtualDisk>) => (disk.isBroken = true)],
    [
      'of another version, or anything at all',
      (disk: ReturnType<typeof createVirtualDisk>) =>
        disk.archives.set(
          'rungs-telemetry',
          new Map<string, unknown>([
            ['a', 7],
            ['b', { ...entry('b'), version: 0 }],
            ['c', { ...entry('c'), report: null }],
            ['d', { ...entry('other') }],
          ]),
        ),
    ],
  ])('works where storage is %s', async (_, spoil) => {
    const disk = createVirtualDisk()
    spoil(disk)
    const sink = listening('one')
    const { play, virtual, llm } = await visit({ sinks: [sink] }, { disk })
    const id = await play()
    llm.feedback(id, { signal: 'accepted' })
    await virtual.advance(60_000)
    expect(sink.run(id)).toMatchObject({ status: 'completed', accepted: true })
    expect([...(disk.archives.get('rungs-telemetry')?.keys() ?? [id])]).toContain(id)
    expect(await llm.summary()).toMatchObject({ runs: 1 })
    expect(sink.rows()).toHaveLength(2)
  })

  test('puts what was refused where it belongs with the next that is put, as it stands then', async () => {
    const stored = new Map<string, unknown>()
    let isFull = true
    const outbox = createOutbox(
      {
        keys: async () => [...stored.keys()],
        read: async (keys) => keys.map((key) => stored.get(key)),
        async write(entries) {
          if (isFull) throw new DOMException('no room', 'QuotaExceededError')
          for (const [key, value] of entries) stored.set(key, value)
        },
        clear: async () => stored.clear(),
      },
      () => undefined,
    )
    outbox.put(entry('one'))
    outbox.put(entry('two'))
    await ticks()
    outbox.put(entry('two', { owes: [] }))
    await ticks()
    isFull = false
    expect([...stored.keys()]).toEqual([])
    outbox.put(entry('three'))
    await ticks()
    expect([...stored.keys()].toSorted()).toEqual(['one', 'three', 'two'])
    expect(stored.get('two')).toEqual(entry('two', { owes: [] }))
    isFull = true
    outbox.put(entry('four'))
    await outbox.wipe()
    isFull = false
    outbox.put(entry('five'))
    await ticks()
    expect([...stored.keys()]).toEqual(['five'])
  })

  test('forgets what is older than three days', async () => {
    const disk = createVirtualDisk()
    const down = listening('one', () => 'retry')
    const first = await visit({ sinks: [down] }, { disk })
    await first.play()
    first.virtual.crash()
    const sink = listening('one')
    const next = await visit({ sinks: [sink] }, { disk, at: START + 73 * 3_600_000, seed: 2 })
    const id = await next.play()
    await next.virtual.advance(60_000)
    expect(sink.rows().map((one) => one['id'])).toEqual([id, `${id}.1`])
    expect((await next.llm.summary()).dropped).toEqual({ expired: 2 })
    expect(disk.archives.get('rungs-telemetry')?.size).toBe(2)
  })
})
