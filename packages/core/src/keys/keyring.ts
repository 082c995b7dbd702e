import { createStore } from 'zustand/vanilla'
import { classify } from '../policy/classify.ts'
import { createShelf, type Shelf } from '../store/idb.ts'
import type { ReadonlyStore } from '../words/event.ts'
import type { FailureKind } from '../words/failure.ts'
import type { Route } from '../words/route.ts'
import type { World } from '../words/world.ts'
import { wireOf } from '../wire/route.ts'
import { clock } from '../page/clock.ts'
import { createPage } from '../page/presence.ts'
import { createKeyRef } from './ref.ts'

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
const NOTHING: KeyStatus = { status: 'empty', last4: null }
/** Longest wait for a provider to say whether it takes a key, ms. */
const CHECK_MS = 15_000

/** What is stored of an encrypted key. */
interface Sealed {
  readonly iv: Uint8Array<ArrayBuffer>
  readonly data: ArrayBuffer
  readonly last4: string
}

export function createKeyring({ storage = 'memory' }: KeyringOptions = {}): Keyring {
  const keys = new Map<string, string>()
  const origins = new Map<string, string>()
  const shelf = storage === 'encrypted' ? createShelf('rungs-keys') : null
  const store = createStore<Readonly<Record<string, KeyStatus>>>(() => ({}))

  function show(provider: string, status: KeyStatus): void {
    store.setState({ ...store.getState(), [provider]: status }, true)
  }
  function statusOf(provider: string): KeyStatus {
    const all = store.getState()
    return Object.hasOwn(all, provider) ? (all[provider] ?? NOTHING) : NOTHING
  }

  /** What was kept by an earlier page, opened as far as that goes. */
  const restored = shelf ? restore(shelf) : Promise.resolve()
  async function restore(from: Shelf): Promise<void> {
    try {
      const entries = await from.entries()
      await Promise.all(
        entries.map(async ([name, sealed]) => {
          const provider = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : null
          if (provider === null || !isSealed(sealed) || keys.has(provider)) return
          show(provider, { status: 'locked', last4: sealed.last4 })
          await openSealed(from, provider, sealed)
        }),
      )
    } catch (error) {
      console.warn('[rungs] keys could not be read from storage', nameOf(error))
    }
  }
  async function openSealed(from: Shelf, provider: string, sealed: Sealed): Promise<boolean> {
    try {
      const key = await decrypt(await secretOf(from), sealed)
      if (!keys.has(provider)) {
        keys.set(provider, key)
        show(provider, { status: 'set', last4: last4(key) })
      }
      return true
    } catch (error) {
      console.warn(`[rungs] the stored key of ${provider} could not be opened`, nameOf(error))
      return false
    }
  }

  async function read(provider: string): Promise<string | undefined> {
    if (!keys.has(provider)) await restored
    return keys.get(provider)
  }

  return {
    ref: (provider) =>
      createKeyRef(() => read(provider), {
        isEmpty: () => !keys.has(provider) && statusOf(provider).status !== 'locked',
        bind(origin) {
          const bound = origins.get(provider) ?? origin
          origins.set(provider, bound)
          return bound === origin
        },
        refuse: () => {
          if (keys.has(provider)) show(provider, { ...statusOf(provider), status: 'rejected' })
        },
      }),
    async set(provider, key) {
      const trimmed = key.trim()
      if (!KEY.test(trimmed)) {
        throw new TypeError('The key is empty or has characters that no key has (it is not shown).')
      }
      keys.set(provider, trimmed)
      show(provider, { status: 'set', last4: last4(trimmed) })
      if (!shelf) return
      try {
        await shelf.set(PREFIX + provider, await encrypt(await secretOf(shelf), trimmed))
      } catch (error) {
        console.warn(
          '[rungs] the key could not be stored and lasts until the page goes',
          nameOf(error),
        )
      }
    },
    async remove(provider) {
      keys.delete(provider)
      show(provider, NOTHING)
      await shelf?.remove(PREFIX + provider)
    },
    async check(provider, route) {
      const key = await read(provider)
      if (key === undefined) return 'rejected'
      const verdict = await tryKey(route, key)
      if (verdict !== 'unreachable' && keys.get(provider) === key) {
        show(provider, {
          status: verdict === 'accepted' ? 'set' : 'rejected',
          last4: last4(key),
        })
      }
      return verdict
    },
    async unlock(provider) {
      await restored
      if (keys.has(provider)) return true
      try {
        const sealed = await shelf?.get(PREFIX + provider)
        return shelf !== null && isSealed(sealed) && (await openSealed(shelf, provider, sealed))
      } catch (error) {
        console.warn('[rungs] keys could not be read from storage', nameOf(error))
        return false
      }
    },
    store,
  }
}

/** Only the kind of an error is told: its words are not ours. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}

/** A short key is nothing but its last four characters. */
function last4(key: string): string | null {
  return key.length >= 12 ? key.slice(-4) : null
}

/** Kinds of failure that say nothing of a key, because it was not looked at. */
const UNREACHABLE = new Set<FailureKind>([
  'network',
  'offline',
  'timeout',
  'queue-stall',
  'outage',
  'blocked-request',
])

async function tryKey(route: Route, key: string): Promise<'accepted' | 'rejected' | 'unreachable'> {
  const wire = wireOf(route)
  if (!wire) throw new TypeError('The route was made by no route function.')
  const page = createPage(clock.now)
  const world: World = {
    ...clock,
    fetch: (...request) => globalThis.fetch(...request),
    random: Math.random,
    page,
  }
  const aborter = new AbortController()
  const cancel = world.after(CHECK_MS, () => {
    aborter.abort()
  })
  try {
    await new Promise<void>((resolve, reject) => {
      aborter.signal.addEventListener('abort', () => {
        reject(new DOMException('no answer in time', 'TimeoutError'))
      })
      // The first sign of an answer is enough: a key that is refused is refused before.
      wire
        .stream(
          {
            request: {
              id: 'key-check',
              system: null,
              messages: [{ role: 'user', content: 'Hi' }],
              maxOutputTokens: 16,
              failure: null,
            },
            key,
            signal: aborter.signal,
            world,
          },
          () => {
            resolve()
          },
        )
        .then(resolve, reject)
    })
    return 'accepted'
  } catch (thrown) {
    if (aborter.signal.aborted) return 'unreachable'
    const where = {
      route: null,
      provider: null,
      phase: 'before-content',
      now: world.now(),
    } as const
    const { kind } = classify(thrown, where)
    if (kind === 'auth') return 'rejected'
    return UNREACHABLE.has(kind) ? 'unreachable' : 'accepted'
  } finally {
    cancel()
    aborter.abort()
    page.close()
  }
}

// ---- what is stored

const PREFIX = 'key:'
const SECRET = 'secret'

function isSealed(value: unknown): value is Sealed {
  return (
    typeof value === 'object' &&
    value !== null &&
    'iv' in value &&
    value.iv instanceof Uint8Array &&
    'data' in value &&
    value.data instanceof ArrayBuffer &&
    'last4' in value
  )
}

/** The browser's own key: it can be used by this origin, and exported by nobody. */
async function secretOf(shelf: Shelf): Promise<CryptoKey> {
  const known = await shelf.get(SECRET)
  if (known instanceof CryptoKey) return known
  const made = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
    'encrypt',
    'decrypt',
  ])
  await shelf.set(SECRET, made)
  return made
}

async function encrypt(secret: CryptoKey, key: string): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const data = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv },
    secret,
    new TextEncoder().encode(key),
  )
  return { iv, data, last4: last4(key) ?? '' }
}

async function decrypt(secret: CryptoKey, { iv, data }: Sealed): Promise<string> {
  return new TextDecoder().decode(
    await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, secret, data),
  )
}
