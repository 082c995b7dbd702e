import type { UseStore } from 'idb-keyval'
import type { Archive, Shelf } from '../words/world.ts'

/** A database of the browser's. Every call rejects where the browser refuses storage. */
export interface Database extends Shelf {
  set(key: string, value: unknown): Promise<void>
  /** What is there, if it is good, else what is given, which is then there; in one transaction. */
  keep(key: string, value: unknown, isGood: (value: unknown) => boolean): Promise<unknown>
  remove(key: string): Promise<void>
  entries(): Promise<readonly (readonly [key: unknown, value: unknown])[]>
}

/**
 * The one door to IndexedDB, a database for each name. It is opened, and what opens it is loaded, with
 * the first call.
 */
export function createDatabase(name: string): Database {
  const open = opener(name)
  async function update(key: string, change: (kept: unknown) => unknown): Promise<void> {
    const [idb, store] = await open()
    await idb.update(key, change, store)
  }
  return {
    async set(key, value) {
      const [idb, store] = await open()
      await idb.set(key, value, store)
    },
    update,
    async keep(key, value, isGood) {
      let kept: unknown
      await update(key, (old) => {
        kept = isGood(old) ? old : value
        return kept
      })
      return kept
    },
    async remove(key) {
      const [idb, store] = await open()
      await idb.del(key, store)
    },
    async entries() {
      const [idb, store] = await open()
      return idb.entries<IDBValidKey, unknown>(store)
    },
  }
}

/** The same for many things at once. Null without IndexedDB. */
export function createArchive(name: string): Archive | null {
  if (!('indexedDB' in globalThis)) return null
  const open = opener(name)
  return {
    async keys() {
      const [idb, store] = await open()
      return idb.keys<IDBValidKey>(store)
    },
    async read(keys) {
      const [idb, store] = await open()
      return idb.getMany<unknown>([...keys], store)
    },
    async write(entries) {
      const [idb, store] = await open()
      await store('readwrite', (things) => {
        for (const [key, value] of entries) {
          if (value === undefined) things.delete(key)
          else things.put(value, key)
        }
        // Not when the page is next idle, which it may never be again.
        things.transaction.commit()
        return idb.promisifyRequest(things.transaction)
      })
    },
    async clear() {
      // What is not there is not made only to be emptied; a browser that cannot say makes it.
      const made = 'databases' in indexedDB ? await indexedDB.databases() : null
      if (made && !made.some((one) => one.name === name)) return
      const [idb, store] = await open()
      await idb.clear(store)
    },
  }
}

function opener(name: string): () => Promise<readonly [typeof import('idb-keyval'), UseStore]> {
  let opened: ReturnType<ReturnType<typeof opener>> | null = null
  return () => {
    opened ??= import('idb-keyval').then((idb) => [idb, idb.createStore(name, 'shelf')] as const)
    const opening = opened
    opening.catch(() => {
      // What could not be loaded now may be the next time.
      if (opened === opening) opened = null
    })
    return opening
  }
}
