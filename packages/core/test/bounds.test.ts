import { describe, expect, test, vi } from 'vitest'
import { BOUNDS, createOutbox, KEPT_MS, type Entry } from '../src/telemetry/outbox.ts'
import {
  createVirtualDisk,
  createVirtualWorld,
  scripted,
  type VirtualDisk,
} from '../src/testing.ts'
import type { Archive } from '../src/words/world.ts'
import { listening, START, ticks, visit } from './telemetry.ts'

const ARCHIVE = 'rungs-telemetry'
function stored(disk: VirtualDisk): readonly unknown[] {
  return [...(disk.archives.get(ARCHIVE)?.values() ?? [])]
}
const entry = (id: string, more: object = {}): Entry => ({
  version: 1,
  report: { row: 'run', id, revision: 1, ...more },
  page: 'p',
  isOpen: false,
  owes: ['one'],
  told: [],
  at: START,
})

function bytes(all: readonly unknown[]): number {
  return all.reduce<number>((sum, one) => sum + JSON.stringify(one).length, 0)
}

/** What so many entries leave in storage and in memory, and how many were counted as given up. */
async function fill(
  count: number,
  more: object = {},
): Promise<{ readonly disk: VirtualDisk; readonly kept: readonly Entry[]; readonly lost: number }> {
  const disk = createVirtualDisk()
  const { world } = createVirtualWorld({ disk })
  const drop = vi.fn<(why: string, lost: number) => void>()
  const outbox = createOutbox(world.archive(ARCHIVE), drop)
  for (let index = 0; index < count; index += 1) {
    outbox.put(entry(`r${index}`, more))
    // Each in a transaction of its own, as runs come.
    if (index % 50 === 0) await outbox.written()
  }
  await outbox.written()
  const lost = drop.mock.calls.reduce((sum, [, one]) => sum + one, 0)
  return { disk, kept: [...outbox.all()], lost }
}

describe('what is kept', () => {
  test('is 2,000 reports at most, the newest, in memory and in storage, and the rest is counted', async () => {
    expect(BOUNDS.reports).toBe(2_000)
    const { disk, kept, lost } = await fill(2_600)
    expect([kept.length, stored(disk).length, lost]).toEqual([2_000, 2_000, 600])
    expect(kept[0]?.report['id']).toBe('r600')
  })

  test('is 2 MiB at most, in memory and in storage, and the rest is counted', async () => {
    expect(BOUNDS.bytes).toBe(2 * 1024 * 1024)
    const { disk, kept, lost } = await fill(900, { surface: 'x'.repeat(4_000) })
    expect(bytes(kept)).toBeLessThanOrEqual(BOUNDS.bytes)
    expect(bytes(stored(disk))).toBeLessThanOrEqual(BOUNDS.bytes)
    // Nothing is given up before there is no room.
    expect(bytes(kept)).toBeGreaterThan(BOUNDS.bytes - 5_000)
    expect(lost).toBe(900 - kept.length)
  })

  test('of pages that are gone too, all that one page takes over keeps to the bounds', async () => {
    const disk = createVirtualDisk()
    const left = Array.from({ length: 2_600 }, (_, index) => [
      `r${index}`,
      entry(`r${index}`, { status: 'completed' }),
    ])
    disk.archives.set(ARCHIVE, new Map(Object.entries(Object.fromEntries(left))))
    const { llm } = await visit({ sinks: [listening('one', () => 'retry')] }, { disk })
    // The first run has the recorder loaded, which takes over.
    await llm.summary()
    await ticks()
    expect(stored(disk).length).toBeLessThanOrEqual(BOUNDS.reports)
    expect((await llm.summary()).dropped).toMatchObject({ overflow: 600 })
  })

  test.each([
    ['up to 72 hours', KEPT_MS - 60_000, true],
    ['and no longer', KEPT_MS + 60_000, false],
  ])('is kept %s, in the page that wrote it', async (_, ms, isSent) => {
    expect(KEPT_MS).toBe(72 * 3_600_000)
    let answer: 'retry' | 'sent' = 'retry'
    const sink = listening('one', () => answer)
    const { play, virtual, llm } = await visit({ sinks: [sink] })
    await play()
    virtual.setOnline(false)
    await virtual.advance(ms)
    answer = 'sent'
    const { length } = sink.batches
    virtual.setOnline(true)
    await virtual.advance(10_000)
    expect(sink.batches.length > length).toBe(isSent)
    expect((await llm.summary()).dropped).toEqual(isSent ? {} : { expired: 2 })
  })
})

test('the path of a token calls no storage, and makes no row', async () => {
  const calls: string[] = []
  const noting =
    (name: string) =>
    <Value>(value: Value): Value => {
      calls.push(name)
      return value
    }
  const archive: Archive = {
    keys: () => noting('keys')(Promise.resolve([])),
    read: () => noting('read')(Promise.resolve([])),
    write: () => noting('write')(Promise.resolve()),
    clear: () => noting('clear')(Promise.resolve()),
  }
  const kept = new Map<string, string>()
  const { llm, virtual } = await visit(
    { sinks: [listening('one')], autoSignals: true },
    {
      routes: { ours: scripted({}, ['first ', ...Array.from({ length: 1_000 }, () => 'word ')]) },
      world: {
        archive: () => archive,
        storage: { update: async () => noting('update')(undefined) },
        local: {
          read: (key) => noting('local read')(kept.get(key) ?? null),
          write: (key, text) => void noting('local write')(kept.set(key, text)),
        },
      },
    },
  )
  await ticks()
  const encode = vi.spyOn(JSON, 'stringify')
  let chunks = 0
  /** What each chunk after the first found since the one before. */
  const between: number[] = []
  llm.subscribe(({ type }) => {
    if (type !== 'content') return
    chunks += 1
    if (chunks > 2) between.push(calls.length + encode.mock.calls.length)
    calls.length = 0
    encode.mockClear()
  })
  await virtual.until(llm.run({ workload: 'chat', prompt: 'Hello?' }).outcome)
  encode.mockRestore()
  expect(chunks).toBe(1_001)
  expect(between.filter((count) => count > 0)).toEqual([])
})
