import type { UseStore } from 'idb-keyval'

/** A place that outlives the page. Every call rejects where the browser refuses storage. */
export interface Shelf {
  get(key: string): Promise<unknown>
  set(key: string, value: unknown): Promise<void>
  remove(key: string): Promise<void>
  entries(): Promise<readonly (readonly [key: string, value: unknown])[]>
}

/**
 * The one door to IndexedDB, a database for each name. It is opened, and what opens it is loaded, with
 * the first call.
 */
export function createShelf(name: string): Shelf {
  let opened: Promise<readonly [typeof import('idb-keyval'), UseStore]> | null = null
  function open(): NonNullable<typeof opened> {
    opened ??= import('idb-keyval').then((idb) => [idb, idb.createStore(name, 'shelf')] as const)
    return opened
  }
  return {
    async get(key) {
      const [idb, store] = await open()
      return idb.get<unknown>(key, store)
    },
    async set(key, value) {
      const [idb, store] = await open()
      await idb.set(key, value, store)
    },
    async remove(key) {
      const [idb, store] = await open()
      await idb.del(key, store)
    },
    async entries() {
      const [idb, store] = await open()
      return idb.entries<string, unknown>(store)
    },
  }
}
