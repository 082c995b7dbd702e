import type { UseStore } from 'idb-keyval'

/** A place that outlives the page. Every call rejects where the browser refuses storage. */
export interface Shelf {
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
export function createShelf(name: string): Shelf {
  let opened: Promise<readonly [typeof import('idb-keyval'), UseStore]> | null = null
  function open(): NonNullable<typeof opened> {
    opened ??= import('idb-keyval').then((idb) => [idb, idb.createStore(name, 'shelf')] as const)
    const opening = opened
    opening.catch(() => {
      // What could not be loaded now may be the next time.
      if (opened === opening) opened = null
    })
    return opening
  }
  return {
    async set(key, value) {
      const [idb, store] = await open()
      await idb.set(key, value, store)
    },
    async keep(key, value, isGood) {
      const [idb, store] = await open()
      let kept: unknown
      await idb.update(
        key,
        (old: unknown) => {
          kept = isGood(old) ? old : value
          return kept
        },
        store,
      )
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
