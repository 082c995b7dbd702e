import type { Cancel, World } from '../words/world.ts'
import type { VirtualTime } from './time.ts'

/** What outlives virtual pages. Worlds that are given the same one are tabs of one browser. */
export interface VirtualDisk {
  readonly entries: Map<string, unknown>
  /** What is kept where it is there at once. */
  readonly texts: Map<string, string>
  /** How long each transaction takes, ms; Infinity for one that never answers. */
  delayMs: number
  /** Databases, by name. */
  readonly archives: Map<string, Map<string, unknown>>
  /** The names that tabs hold. */
  readonly locks: Set<string>
  /** Every transaction is refused. */
  isBroken: boolean
}

export function createVirtualDisk(): VirtualDisk {
  return {
    entries: new Map(),
    texts: new Map(),
    archives: new Map(),
    locks: new Set(),
    delayMs: 0,
    isBroken: false,
  }
}

/** One page's hold on a disk. */
export interface Mounted extends Pick<World, 'local' | 'storage' | 'archive' | 'locks'> {
  /** The page is gone: it writes nothing more, and holds nothing. */
  crash(): void
}

export function mount(disk: VirtualDisk, time: Pick<VirtualTime, 'after'>): Mounted {
  let isGone = false
  const held = new Set<string>()
  /** A transaction of the disk, over before the next. */
  async function transact<Value>(
    name: string,
    act: (things: Map<string, unknown>) => Value,
  ): Promise<Value> {
    await Promise.resolve()
    if (isGone) return new Promise(() => undefined)
    if (disk.isBroken) throw new DOMException('no storage', 'QuotaExceededError')
    const things = disk.archives.get(name) ?? new Map<string, unknown>()
    disk.archives.set(name, things)
    return act(things)
  }
  return {
    local: {
      read: (key) => disk.texts.get(key) ?? null,
      write: (key, text) => {
        if (!isGone) disk.texts.set(key, text)
      },
    },
    storage: {
      async update(key, make) {
        // The world's own clock: what is slow for one page is slow for it alone.
        if (disk.delayMs > 0) await new Promise<void>((done) => time.after(disk.delayMs, done))
        if (disk.isBroken) throw new DOMException('no storage', 'SecurityError')
        const kept = structuredClone(disk.entries.get(key))
        disk.entries.set(key, structuredClone(make(kept)))
      },
    },
    archive: (name) => ({
      keys: () => transact(name, (things) => [...things.keys()]),
      read: (keys) =>
        transact(name, (things) => keys.map((key) => structuredClone(things.get(key)))),
      async write(entries) {
        const copies = structuredClone([...entries])
        await transact(name, (things) => {
          for (const [key, value] of copies) {
            if (value === undefined) things.delete(key)
            else things.set(key, value)
          }
        })
      },
      clear: () =>
        transact(name, (things) => {
          things.clear()
        }),
    }),
    locks: {
      hold(name): Cancel {
        held.add(name)
        disk.locks.add(name)
        return () => {
          held.delete(name)
          disk.locks.delete(name)
        }
      },
      held: () => Promise.resolve(new Set(disk.locks)),
      attempt: (_, task) => task(),
    },
    crash() {
      isGone = true
      for (const name of held) disk.locks.delete(name)
    },
  }
}
