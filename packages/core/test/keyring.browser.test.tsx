import { createKeyring, createLLM, openai, type Keyring, type Route } from '@rungs/core'
import { afterEach, beforeEach, describe, expect, test, vi, type MockInstance } from 'vitest'

const KEY = 'sk-the-first-key-0001'
const OTHER_KEY = 'sk-the-other-key-0002'
const DATABASE = 'rungs-keys'
const HI =
  'data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'

/** What a page finds when it is loaded: the same storage, nothing else. */
const load = (): Keyring => createKeyring({ storage: 'encrypted' })

function done<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error ?? new Error('no reason')))
  })
}

/** Do something in each object store of a database, past the product's own door to it. */
async function inStores<Value>(
  database: string,
  task: (store: IDBObjectStore) => Promise<Value>,
): Promise<Value[]> {
  const db = await done(indexedDB.open(database))
  const stores = [...db.objectStoreNames]
  const values = await Promise.all(
    stores.map((name) => task(db.transaction(name, 'readwrite').objectStore(name))),
  )
  db.close()
  return values
}

interface Entry {
  readonly name: string
  readonly value: unknown
}

async function entriesOf(store: IDBObjectStore): Promise<Entry[]> {
  const [names, values] = await Promise.all([
    done(store.getAllKeys()),
    done<unknown[]>(store.getAll()),
  ])
  return names.map((name, index) => ({
    name: typeof name === 'string' ? name : JSON.stringify(name),
    value: values[index],
  }))
}

/** Every record of every database of this origin. */
async function records(): Promise<Entry[]> {
  const all = await indexedDB.databases()
  const found = await Promise.all(all.map(({ name = '' }) => inStores(name, entriesOf)))
  return found.flat(2)
}

async function nameEndingIn(ending: string): Promise<string> {
  const entry = (await records()).find(({ name }) => name.endsWith(ending))
  if (!entry) throw new Error(`nothing in storage ends in ${ending}`)
  return entry.name
}

async function put(name: IDBValidKey, value: unknown): Promise<void> {
  await inStores(DATABASE, (store) => done(store.put(value, name)))
}
async function erase(name: IDBValidKey): Promise<void> {
  await inStores(DATABASE, (store) => done(store.delete(name)))
}

/** All that a value holds, as one text: bytes as they are and as text, whatever they are in. */
function spill(value: unknown, seen = new Set<unknown>()): string {
  if (typeof value !== 'object' || value === null) return String(value)
  if (seen.has(value)) return ''
  seen.add(value)
  if (value instanceof ArrayBuffer) return spill(new Uint8Array(value), seen)
  if (ArrayBuffer.isView(value)) {
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    return ['utf-8', 'utf-16le', 'utf-16be'].map((as) => new TextDecoder(as).decode(bytes)).join()
  }
  return Reflect.ownKeys(value)
    .map((key) => `${String(key)}=${spill(Reflect.get(value, key), seen)}`)
    .join()
}

/** A key in the clear, or as any script could read it. */
const FORMS = [KEY, btoa(KEY), encodeURIComponent(KEY), KEY.split('').toReversed().join('')]
const expectNoKey = (said: string): void => {
  for (const form of FORMS) expect(said).not.toContain(form)
}

async function unlocked(ring: Keyring): Promise<string | undefined> {
  return ring.ref('openai')()
}

beforeEach(async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  // A page that was here before may hold the database open, so it is emptied, not deleted.
  await load().unlock('openai')
  await inStores(DATABASE, (store) => done(store.clear()))
  vi.mocked(console.warn).mockClear()
})
afterEach(() => {
  vi.restoreAllMocks()
})

const warnings = (): readonly string[] =>
  vi.mocked(console.warn).mock.calls.map((words) => words.join(' '))

describe('an encrypted keyring', () => {
  test('has the key again after a reload', async () => {
    await load().set('openai', KEY)
    const ring = load()
    expect(await unlocked(ring)).toBe(KEY)
    expect(ring.store.getState()).toEqual({ openai: { status: 'set', last4: '0001' } })
    expect(await ring.ref('anthropic')()).toBeUndefined()
    expect(warnings()).toEqual([])
  })

  test('has each of its keys again, the newest of each', async () => {
    const before = load()
    await before.set('openai', KEY)
    await before.set('__proto__', 'sk-of-a-prototype')
    await before.set('openai', OTHER_KEY)
    const ring = load()
    expect(await unlocked(ring)).toBe(OTHER_KEY)
    expect(await ring.ref('__proto__')()).toBe('sk-of-a-prototype')
    expect(Object.keys(ring.store.getState()).toSorted()).toEqual(['__proto__', 'openai'])
  })

  test('has them when they were set at the same time by a browser that had none', async () => {
    const before = load()
    await Promise.all([before.set('openai', KEY), before.set('anthropic', OTHER_KEY)])
    const ring = load()
    expect([await unlocked(ring), await ring.ref('anthropic')()]).toEqual([KEY, OTHER_KEY])
  })

  test('has them when two pages set them at the same time', async () => {
    await Promise.all([load().set('openai', KEY), load().set('anthropic', OTHER_KEY)])
    const ring = load()
    expect([await unlocked(ring), await ring.ref('anthropic')()]).toEqual([KEY, OTHER_KEY])
  })

  test('serves the first run of a page', async () => {
    await load().set('openai', KEY)
    const sent: (string | null)[] = []
    const ring = load()
    const llm = createLLM({
      routes: { mine: openaiRoute(ring) },
      workloads: { chat: { ladder: ['mine'] } },
      world: {
        fetch: (input, init) => {
          sent.push(new Request(input, init).headers.get('authorization'))
          return fetch(URL.createObjectURL(new Blob([HI])))
        },
      },
    })
    const outcome = await llm.run({ workload: 'chat', prompt: 'Hello?' }).outcome
    expect(outcome).toMatchObject({ status: 'completed', text: 'hi' })
    expect(sent).toEqual([`Bearer ${KEY}`])
    await llm.close()
  })

  test('keeps nothing that holds the key in clear, anywhere', async () => {
    const ring = load()
    await ring.set('openai', KEY)
    const all = await records()
    expect(all.length).toBeGreaterThanOrEqual(2)
    expectNoKey(spill(all))
    expectNoKey(
      JSON.stringify([
        Object.entries(localStorage),
        Object.entries(sessionStorage),
        document.cookie,
      ]),
    )
    expectNoKey(JSON.stringify([location.href, history.state, document.documentElement.outerHTML]))
    expectNoKey(
      performance
        .getEntries()
        .map(({ name }) => name)
        .join(),
    )
    // And the search would find it.
    expect(spill({ bytes: new TextEncoder().encode(KEY) })).toContain(KEY)
  })

  test('keeps the same key under other bytes each time', async () => {
    const ring = load()
    await ring.set('openai', KEY)
    const first = spill(await records())
    await ring.set('openai', KEY)
    expect(spill(await records())).not.toBe(first)
  })

  test('uses a secret that no script can export', async () => {
    await load().set('openai', KEY)
    const secrets = (await records()).flatMap(({ value }) =>
      value instanceof CryptoKey ? [value] : [],
    )
    expect(secrets).toHaveLength(1)
    for (const secret of secrets) {
      expect(secret).toMatchObject({ extractable: false, type: 'secret' })
      for (const format of ['raw', 'jwk'] as const) {
        await expect(crypto.subtle.exportKey(format, secret)).rejects.toThrow(/not extractable/)
      }
    }
  })

  test('wipes a key that is removed', async () => {
    const ring = load()
    await ring.set('openai', KEY)
    await ring.set('anthropic', OTHER_KEY)
    await ring.remove('openai')
    expect(await unlocked(ring)).toBeUndefined()
    expect((await records()).map(({ name }) => name).join()).not.toContain('openai')
    const next = load()
    expect([await unlocked(next), await next.ref('anthropic')()]).toEqual([undefined, OTHER_KEY])
    expect(next.store.getState()['openai']).toBeUndefined()
  })

  test('wipes a key that is removed while it is being stored', async () => {
    const ring = load()
    const storing = ring.set('openai', KEY)
    await ring.remove('openai')
    await storing
    expect(await unlocked(ring)).toBeUndefined()
    expect(await unlocked(load())).toBeUndefined()
  })

  test('wipes a key that is removed while the page is being loaded', async () => {
    await load().set('openai', KEY)
    const ring = load()
    await ring.remove('openai')
    expect(await unlocked(ring)).toBeUndefined()
    expect(ring.store.getState()['openai']?.status).not.toBe('set')
    expect(await unlocked(load())).toBeUndefined()
  })

  test.each(['removed', 'replaced'] as const)(
    'leaves a key alone that is %s while it is being opened',
    async (how) => {
      await load().set('openai', KEY)
      const ring = load()
      const isDone = new Promise<unknown>((resolve) => {
        // Locked is what it is before it is open.
        const unsubscribe = ring.store.subscribe((state) => {
          if (state['openai']?.status !== 'locked') return
          unsubscribe()
          resolve(how === 'removed' ? ring.remove('openai') : ring.set('openai', OTHER_KEY))
        })
      })
      await isDone
      const expected = how === 'removed' ? undefined : OTHER_KEY
      expect(await unlocked(ring)).toBe(expected)
      expect(await ring.unlock('openai')).toBe(expected !== undefined)
      expect(ring.store.getState()['openai']?.last4).toBe(expected?.slice(-4) ?? null)
      expect(await unlocked(load())).toBe(expected)
    },
  )

  test('takes the key that is typed for the one that was stored, while the page is being loaded', async () => {
    await load().set('openai', KEY)
    const ring = load()
    await ring.set('openai', OTHER_KEY)
    expect(await unlocked(ring)).toBe(OTHER_KEY)
    expect(await ring.unlock('openai')).toBe(true)
    expect(ring.store.getState()).toEqual({ openai: { status: 'set', last4: '0002' } })
    expect(await unlocked(load())).toBe(OTHER_KEY)
  })

  test('stores no key that has characters that no key has', async () => {
    await expect(load().set('openai', `${KEY}\n${KEY}`)).rejects.toThrow(TypeError)
    expect((await records()).map(({ name }) => name).join()).not.toContain('openai')
  })
})

describe('a keyring in memory', () => {
  test('leaves nothing in storage and nothing for the next page', async () => {
    const ring = createKeyring()
    await ring.set('openai', KEY)
    await ring.ref('openai')()
    expect(spill(await records())).not.toContain('openai')
    expect(await createKeyring().ref('openai')()).toBeUndefined()
    expect(await unlocked(load())).toBeUndefined()
  })
})

function openaiRoute(ring: Keyring): Route {
  return openai({ model: 'm', apiKey: ring.ref('openai'), baseUrl: 'https://api.example/v1' })
}

/** Ways in which the secret can be lost. */
const losses: readonly (readonly [string, (name: string) => Promise<void>])[] = [
  ['is missing', erase],
  ['is no key', (name) => put(name, 'not a key')],
  [
    'is another',
    async (name) => {
      const usages = ['encrypt', 'decrypt'] as const
      await put(
        name,
        await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, usages),
      )
    },
  ],
]

describe('a stored key', () => {
  test.each(losses)(
    'is locked when the secret %s, and works when it is typed again',
    async (_, lose) => {
      await load().set('openai', KEY)
      await lose(await nameEndingIn('secret'))
      const ring = load()
      expect(await unlocked(ring)).toBeUndefined()
      expect(ring.store.getState()).toEqual({ openai: { status: 'locked', last4: '0001' } })
      expect(await ring.unlock('openai')).toBe(false)
      expect(ring.store.getState()).toEqual({ openai: { status: 'locked', last4: '0001' } })
      expect(warnings()).toContainEqual(expect.stringContaining('openai'))
      expectNoKey(warnings().join())
      await ring.set('openai', OTHER_KEY)
      expect(ring.store.getState()).toEqual({ openai: { status: 'set', last4: '0002' } })
      expect(await unlocked(load())).toBe(OTHER_KEY)
    },
  )

  test('is unlocked once the secret is back', async () => {
    await load().set('openai', KEY)
    const name = await nameEndingIn('secret')
    const secret = (await records()).find((one) => one.name === name)?.value
    await erase(name)
    const ring = load()
    expect(await ring.unlock('openai')).toBe(false)
    await put(name, secret)
    expect(await ring.unlock('openai')).toBe(true)
    expect(await unlocked(ring)).toBe(KEY)
    expect(ring.store.getState()).toEqual({ openai: { status: 'set', last4: '0001' } })
  })

  test('that was changed by a bit stays locked, and the others open', async () => {
    const before = load()
    await before.set('openai', KEY)
    await before.set('anthropic', OTHER_KEY)
    const name = await nameEndingIn('openai')
    const sealed = (await records()).find((one) => one.name === name)?.value
    for (const bytes of buffersIn(sealed)) bytes[0] = (bytes[0] ?? 0) ^ 1
    await put(name, sealed)
    const ring = load()
    expect(await ring.unlock('openai')).toBe(false)
    expect([await unlocked(ring), await ring.ref('anthropic')()]).toEqual([undefined, OTHER_KEY])
    expect(ring.store.getState()).toMatchObject({
      openai: { status: 'locked' },
      anthropic: { status: 'set' },
    })
  })

  test.each([null, 7, 'sealed', {}, { iv: 1, data: 2, last4: 3 }, { last4: [] }])(
    'that is %j is no key, and the others open',
    async (junk) => {
      await load().set('openai', KEY)
      const name = await nameEndingIn('openai')
      await put(name.replace('openai', 'broken'), junk)
      await put(7, junk)
      await put(`${name}-too`, { iv: new Uint8Array(12), data: new ArrayBuffer(32), last4: [junk] })
      const ring = load()
      expect(await unlocked(ring)).toBe(KEY)
      expect(await ring.unlock('broken')).toBe(false)
      expect(Object.keys(ring.store.getState())).toEqual(['openai'])
      expect(warnings()).toEqual([])
    },
  )

  test('that is short shows nothing of itself while it is locked', async () => {
    await load().set('openai', 'short-key')
    await erase(await nameEndingIn('secret'))
    const ring = load()
    await ring.unlock('openai')
    expect(ring.store.getState()).toEqual({ openai: { status: 'locked', last4: null } })
  })

  test('that is locked is no reason to call the route unusable', async () => {
    await load().set('openai', KEY)
    await erase(await nameEndingIn('secret'))
    const ring = load()
    await ring.unlock('openai')
    const llm = createLLM({
      routes: { mine: openaiRoute(ring) },
      workloads: { chat: { ladder: ['mine'] } },
    })
    expect(llm.explain({ workload: 'chat', prompt: 'Hello?' }).routes).toHaveLength(1)
    const { failure, attempts } = await llm.run({ workload: 'chat', prompt: 'Hello?' }).outcome
    expect(failure).toMatchObject({ kind: 'auth', phase: 'before-request' })
    expect(attempts).toMatchObject([{ billing: 'none' }])
    expect(ring.store.getState()).toMatchObject({ openai: { status: 'locked' } })
    await llm.close()
  })
})

function buffersIn(sealed: unknown): Uint8Array[] {
  return Object.values(Object(sealed)).flatMap((value) =>
    value instanceof ArrayBuffer ? [new Uint8Array(value)] : [],
  )
}

function refuseStorage(): MockInstance {
  return vi.spyOn(indexedDB, 'open').mockImplementation(() => {
    throw new DOMException(`no storage for ${KEY}`, 'SecurityError')
  })
}

describe('a browser that refuses storage', () => {
  test('leaves the keyring to memory, with a warning that shows no key', async () => {
    refuseStorage()
    const ring = load()
    await ring.set('openai', KEY)
    expect(await unlocked(ring)).toBe(KEY)
    expect(ring.store.getState()).toEqual({ openai: { status: 'set', last4: '0001' } })
    expect(warnings()).toContainEqual(expect.stringContaining('until the page goes'))
    expectNoKey(warnings().join())
    expect(await ring.unlock('openai')).toBe(true)
    expect(await ring.unlock('anthropic')).toBe(false)
  })

  test('still lets a key be removed from memory', async () => {
    refuseStorage()
    const ring = load()
    await ring.set('openai', KEY)
    await ring.remove('openai').catch(() => undefined)
    expect(await unlocked(ring)).toBeUndefined()
    expect(ring.store.getState()).toEqual({ openai: { status: 'empty', last4: null } })
  })

  test('and then allows it stores what is typed from then on', async () => {
    const refusing = refuseStorage()
    const ring = load()
    await ring.set('openai', KEY)
    refusing.mockRestore()
    await ring.set('openai', OTHER_KEY)
    expect(await unlocked(load())).toBe(OTHER_KEY)
  })

  test('for want of room keeps the key until the page goes', async () => {
    const ring = load()
    await ring.unlock('openai')
    const full = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError')
    })
    await ring.set('openai', KEY)
    expect(await unlocked(ring)).toBe(KEY)
    expect(warnings()).toContainEqual(expect.stringContaining('QuotaExceededError'))
    full.mockRestore()
    expect(await unlocked(load())).toBeUndefined()
  })
})
