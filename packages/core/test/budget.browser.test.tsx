import { canned, createLLM, type LLM, type Outcome, type World } from '@rungs/core'
import { HANG, scripted, type Script } from '@rungs/core/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'

type Job = 'chat'
/** Only what is sent is paid for, a tenth of a cent for a token: the prompt says what an attempt is reckoned at. */
const price = { inputPerMTok: 1000, outputPerMTok: 0 }
const worth = (usd: number): string => 'one '.repeat(Math.round(usd * 1000))

/** Time goes by so slowly that storage is never late, however busy the machine is. */
const slowly: Partial<World> = {
  now: () => (performance.timeOrigin + performance.now()) / 1000,
  after(ms, task) {
    const timer = setTimeout(task, ms * 1000)
    return () => {
      clearTimeout(timer)
    }
  },
}

/** What a page has when it is loaded: the same storage, nothing else. */
function load(user: string, script: Script = ['hi']): LLM<string, Job, 'free'> {
  return createLLM<string, Job, 'free'>({
    user: () => user,
    world: slowly,
    routes: { ours: scripted({ price }, script), sorry: canned('Sorry.') },
    workloads: { chat: { ladder: ['ours'], safe: 'sorry' } },
    tiers: { free: { budget: { usdPerDay: 1 } } },
    defaultTier: 'free',
  })
}
async function spend(llm: LLM<string, Job, 'free'>, usd: number): Promise<Outcome['status']> {
  const { status } = await llm.run({ workload: 'chat', prompt: worth(usd) }).outcome
  return status
}

function done<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error ?? new Error('no reason')))
  })
}
/** Do something in the product's storage, past its own door to it. */
async function inStorage<Value>(
  task: (store: IDBObjectStore) => IDBRequest<Value>,
): Promise<Value> {
  const opening = indexedDB.open('rungs')
  // The product is to make it: one made here would be empty.
  opening.addEventListener('upgradeneeded', () => opening.transaction?.abort())
  const db = await done(opening)
  const [name = ''] = db.objectStoreNames
  const value = await done(task(db.transaction(name, 'readwrite').objectStore(name)))
  db.close()
  return value
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('a budget in the storage of a browser', { timeout: 30_000 }, () => {
  test('is what it was after a reload', async () => {
    const user = crypto.randomUUID()
    const before = load(user)
    expect(await spend(before, 0.75)).toBe('completed')
    expect(await spend(before, 0.5)).toBe('safe')
    await before.close()
    const after = load(user)
    expect(await spend(after, 0.5)).toBe('safe')
    expect(after.explain({ workload: 'chat', prompt: worth(0.5) }).excluded).toMatchObject([
      { why: 'over-budget', because: expect.stringContaining('0.2500 USD is left') },
    ])
    expect(await spend(after, 0.25)).toBe('completed')
    expect(await spend(load(crypto.randomUUID()), 0.5)).toBe('completed')
  })

  test('is given once to tabs that ask at the same moment', async () => {
    for (let round = 0; round < 10; round += 1) {
      const user = crypto.randomUUID()
      const tabs = Array.from({ length: 4 }, () => load(user))
      const outcomes = await Promise.all(tabs.map((tab) => spend(tab, 0.4)))
      expect(outcomes.toSorted()).toEqual(['completed', 'completed', 'safe', 'safe'])
      const rest = await Promise.all(tabs.map((tab) => spend(tab, 0.15)))
      expect(rest.toSorted()).toEqual(['completed', 'safe', 'safe', 'safe'])
    }
  })

  test('is still reserved by a page that went away', async () => {
    const user = crypto.randomUUID()
    const tab = load(user)
    const gone = load(user, ['hi', HANG])
    const run = gone.run({ workload: 'chat', prompt: worth(0.75) })
    await vi.waitFor(() => {
      expect(run.store.getState().text).toBe('hi')
    }, 10_000)
    await vi.waitFor(() => {
      const { excluded } = tab.explain({ workload: 'chat', prompt: worth(0.5) })
      expect(excluded).toMatchObject([{ why: 'over-budget' }])
    }, 10_000)
    expect(await spend(tab, 0.5)).toBe('safe')
    await run.stop()
  })

  test('holds no name of a user, and begins anew where its storage holds something else', async () => {
    const user = `ann-${crypto.randomUUID()}`
    expect(await spend(load(user), 0.75)).toBe('completed')
    const keys = await inStorage((store) => store.getAllKeys())
    const values = await inStorage<unknown[]>((store) => store.getAll())
    expect(JSON.stringify([keys, values])).not.toContain(user)
    for (const key of keys) await inStorage((store) => store.put({ spent: 'all' }, key))
    expect(await spend(load(user), 0.75)).toBe('completed')
    expect(await spend(load(user), 0.75)).toBe('safe')
  })

  test('is left to the page where storage is refused', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    vi.spyOn(indexedDB, 'open').mockImplementation(() => {
      throw new DOMException('no storage', 'SecurityError')
    })
    const user = crypto.randomUUID()
    const llm = load(user)
    expect(await spend(llm, 0.75)).toBe('completed')
    expect(await spend(llm, 0.75)).toBe('safe')
    expect(await spend(load(user), 0.75)).toBe('completed')
    expect(warn).toHaveBeenCalledWith(
      '[rungs] budgets hold for this page only',
      expect.stringContaining('SecurityError'),
    )
  })
})
