import { createStore } from 'zustand/vanilla'
import { createDatabase, type Database } from '../store/idb.ts'
import type { ReadonlyStore } from '../words/event.ts'
import type { Route } from '../words/route.ts'
import { wireOf } from '../wire/route.ts'
import { createKeyRef } from './ref.ts'
import { decrypt, encrypt, isSealed, last4, makeSecret, SECRET, type Sealed } from './sealed.ts'
import { tryKey } from './trial.ts'

/** What may be shown of a key. `locked` is an encrypted key that this page has not yet been able to open. */
export interface KeyStatus {
  readonly status: 'empty' | 'set' | 'locked' | 'rejected'
  readonly last4: string | null
}

/** Keys that users bring, by provider. No key leaves it but into a request to its own origin. */
export interface Keyring {
  /**
   * A credential for `apiKey`, read when an attempt needs it: a key typed later works at once. The first
   * route that is made with it ties it to its origin; a route to another origin is a problem of the config.
   */
  ref(provider: string): () => Promise<string | undefined>
  /** Keep a key. Throws a TypeError, without the key, for characters that no key has. */
  set(provider: string, key: string): Promise<void>
  remove(provider: string): Promise<void>
  /**
   * Try the key on a route with one cheap call of a few tokens. A provider that is busy or out of credit
   * has accepted the key.
   */
  check(provider: string, route: Route): Promise<'accepted' | 'rejected' | 'unreachable'>
  /** Open an encrypted key again, after a failure to; whether it is open now. */
  unlock(provider: string): Promise<boolean>
  /** What may be shown, by provider. */
  readonly store: ReadonlyStore<Readonly<Record<string, KeyStatus>>>
}

export interface KeyringOptions {
  /**
   * `memory` (default): until the page goes. `encrypted`: in IndexedDB, under a key of this browser that no
   * script can export. That keeps it from whoever reads the disk or the profile's files by chance. It does
   * not keep it from a script that runs in this origin, which can ask the same browser to open it.
   */
  readonly storage?: 'memory' | 'encrypted'
}

const KEY = /^[\x21-\x7e]{1,4096}$/
const PREFIX = 'key:'
const NOTHING: KeyStatus = { status: 'empty', last4: null }
export function createKeyring({ storage = 'memory' }: KeyringOptions = {}): Keyring {
  const keys = new Map<string, string>()
  const origins = new Map<string, string>()
  /** Providers whose key this page has set or removed: what an earlier one stored is no longer theirs. */
  const changed = new Set<string>()
  const shelf = storage === 'encrypted' ? createDatabase('rungs-keys') : null
  const store = createStore<Readonly<Record<string, KeyStatus>>>(() => ({}))
  let isRestoring = shelf !== null
  /** What is done to the shelf is done in turn, so that a removal cannot be overtaken by what it removes. */
  let queue: Promise<unknown> = Promise.resolve()

  function inTurn<Value>(task: () => Promise<Value>): Promise<Value> {
    const done = queue.then(task)
    // Whoever asked hears of it; the next in the queue has its turn all the same.
    queue = done.catch(() => undefined)
    return done
  }
  function show(provider: string, status: KeyStatus): void {
    store.setState({ ...store.getState(), [provider]: status }, true)
  }
  function statusOf(provider: string): KeyStatus {
    const all = store.getState()
    return Object.hasOwn(all, provider) ? (all[provider] ?? NOTHING) : NOTHING
  }
  function bind(provider: string, origin: string): boolean {
    const bound = origins.get(provider) ?? origin
    origins.set(provider, bound)
    return bound === origin
  }

  async function openSealed(secret: unknown, provider: string, sealed: Sealed): Promise<void> {
    if (changed.has(provider)) return
    show(provider, { status: 'locked', last4: sealed.last4 || null })
    try {
      if (!(secret instanceof CryptoKey)) throw new TypeError('there is nothing to open it with')
      const key = await decrypt(secret, sealed)
      if (changed.has(provider)) return
      keys.set(provider, key)
      show(provider, { status: 'set', last4: last4(key) })
    } catch (error) {
      console.warn(`[rungs] the stored key of ${provider} could not be opened`, nameOf(error))
    }
  }
  /** Open what is stored, of one provider or of all. */
  async function restore(from: Database, only?: string): Promise<void> {
    try {
      const entries = await from.entries()
      const secret = entries.find(([name]) => name === SECRET)?.[1]
      await Promise.all(
        entries.map(async ([name, sealed]) => {
          const isOfKey = typeof name === 'string' && name.startsWith(PREFIX)
          const provider = isOfKey ? name.slice(PREFIX.length) : null
          if (provider === null || !isSealed(sealed) || (only ?? provider) !== provider) return
          await openSealed(secret, provider, sealed)
        }),
      )
    } catch (error) {
      console.warn('[rungs] keys could not be read from storage', nameOf(error))
    } finally {
      isRestoring = false
    }
  }
  const restored = shelf ? inTurn(() => restore(shelf)) : Promise.resolve()

  async function read(provider: string): Promise<string | undefined> {
    if (!keys.has(provider)) await restored
    return keys.get(provider)
  }

  async function unlocked(provider: string): Promise<string | undefined> {
    await restored
    if (!keys.has(provider) && shelf && !changed.has(provider)) {
      await inTurn(() => restore(shelf, provider))
    }
    return keys.get(provider)
  }

  return {
    ref: (provider) =>
      createKeyRef(() => read(provider), {
        isEmpty: () =>
          !keys.has(provider) && !isRestoring && statusOf(provider).status !== 'locked',
        bind: (origin) => bind(provider, origin),
        refuse: () => {
          if (keys.has(provider)) show(provider, { ...statusOf(provider), status: 'rejected' })
        },
      }),
    async set(provider, key) {
      const trimmed = key.trim()
      if (!KEY.test(trimmed)) {
        throw new TypeError('The key is empty or has characters that no key has (it is not shown).')
      }
      changed.add(provider)
      keys.set(provider, trimmed)
      show(provider, { status: 'set', last4: last4(trimmed) })
      if (!shelf) return
      try {
        await inTurn(async () => {
          const sealed = await encrypt(await makeSecret(shelf), trimmed)
          await shelf.set(PREFIX + provider, sealed)
        })
      } catch (error) {
        console.warn(
          `[rungs] the key of ${provider} is kept until the page goes, not longer`,
          nameOf(error),
        )
      }
    },
    async remove(provider) {
      changed.add(provider)
      keys.delete(provider)
      show(provider, NOTHING)
      if (shelf) await inTurn(() => shelf.remove(PREFIX + provider))
    },
    async check(provider, route) {
      const wire = wireOf(route)
      if (!wire?.readKey || wire.origin === null) {
        throw new TypeError('A key is tried on a route that sends one (openai and the like).')
      }
      if (!bind(provider, wire.origin)) {
        throw new TypeError('The key belongs to another origin than the route.')
      }
      const key = (await read(provider)) ?? (await unlocked(provider))
      // Nobody has refused anything.
      if (key === undefined) return 'unreachable'
      const verdict = await tryKey(wire, key)
      if (verdict !== 'unreachable' && keys.get(provider) === key) {
        const status = verdict === 'accepted' ? 'set' : 'rejected'
        show(provider, { status, last4: last4(key) })
      }
      return verdict
    },
    unlock: async (provider) => (await unlocked(provider)) !== undefined,
    store,
  }
}

/** Only the kind of an error is told: its words are not ours. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}
