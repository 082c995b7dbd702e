import { describe, expect, test } from 'vitest'
import { createLLM } from '../src/index.ts'
import { createVirtualWorld, HANG_BEFORE_HEADERS, scripted, type Script } from '../src/testing.ts'
import { recall, remember, type Memory } from '../src/store/memory.ts'
import { FIRST_MS } from './play.ts'

const DAY_MS = 86_400_000
const request = { workload: 'chat', prompt: 'Hello?' } as const

/** One browser, whose pages come and go. */
function browser() {
  const virtual = createVirtualWorld()
  const visit = (hedge: boolean, ...scripts: Script[]) => {
    const llm = createLLM({
      world: virtual.world,
      routes: { a: scripted({ provider: 'a' }, ...scripts), b: scripted({ provider: 'b' }, ['b']) },
      workloads: { chat: { ladder: ['a', 'b'], hedge } },
    })
    const ask = () => virtual.until(llm.run(request).outcome)
    return { llm, ask, wait: () => llm.explain(request).routes[0]?.expected }
  }
  return { virtual, visit }
}

describe('a later visit', () => {
  test('knows how long its routes take', async () => {
    const { virtual, visit } = browser()
    const first = visit(false, [300, 'a'])
    expect(first.wait()?.waitFrom).toBe('prior')
    for (let turn = 0; turn < 20; turn += 1) await first.ask()
    const known = first.wait()
    await virtual.advance(6 * DAY_MS)
    const later = visit(false, [HANG_BEFORE_HEADERS])
    expect(later.llm.health.getInitialState().a.firstChunkMs).toBeNull()
    expect(later.wait()?.waitFrom).toBe('measured')
    expect(later.wait()?.waitMs[0]).toBeCloseTo(known?.waitMs[0] ?? 0, 6)
    const { attempts } = await later.ask()
    expect(attempts[0]?.failure?.kind).toBe('timeout')
    expect(attempts[0]?.totalMs).toBeLessThan(FIRST_MS / 2)
  })

  test('begins anew after a week', async () => {
    const { virtual, visit } = browser()
    await visit(false, [300, 'a']).ask()
    await virtual.advance(8 * DAY_MS)
    expect(visit(false, ['a']).wait()?.waitFrom).toBe('prior')
  })

  test('is given no hedge that an earlier one has spent', async () => {
    const { visit } = browser()
    const slow: Script = [HANG_BEFORE_HEADERS]
    const tries = async () => (await visit(true, slow).ask()).attempts.map(({ why }) => why)
    expect(await tries()).toEqual(['first', 'hedge'])
    expect(await tries()).toEqual(['first', 'next'])
  })
})

describe('what stands where the memory was kept', () => {
  const look = (text: string | null): Memory => {
    const memory: Memory = { waits: new Map(), hedges: new Map() }
    const local = { read: () => text, write: () => undefined }
    recall('rungs a b', memory, { local, now: () => DAY_MS })
    return memory
  }

  test('comes back as it was, weighing less', () => {
    const model = { mean: 7, variance: 0.2, weight: 40, samples: 90 }
    let kept = ''
    remember(
      'rungs a b',
      { waits: new Map([['chat a', model]]), hedges: new Map([['chat', 13]]) },
      {
        local: { read: () => null, write: (_, text) => (kept = text) },
        now: () => DAY_MS,
        page: createVirtualWorld().world.page,
      },
    )
    const { waits, hedges } = look(kept)
    expect([...waits]).toEqual([['chat a', { ...model, weight: 10 }]])
    expect([...hedges]).toEqual([['chat', 13]])
  })

  test.each([
    null,
    '',
    'null',
    '{"at":1}',
    '[]',
    '["soon",["chat a",7,0.2,4,1]]',
    `[${DAY_MS},7,null,["chat a"],[3,7,0.2,4,1],["chat a","7",0.2,4,1],["chat a",null,0.2,4,1]]`,
    `[${DAY_MS},["chat a",99,0.2,4,1],["chat a",7,-1,4,1],["chat a",7,0.2,0,1],["chat",-1],["chat",1e9]]`,
  ])('is passed over where it is no memory: %s', (text) => {
    const { waits, hedges } = look(text)
    expect([waits.size, hedges.size]).toEqual([0, 0])
  })
})
