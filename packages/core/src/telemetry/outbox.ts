import type { Archive } from '../words/world.ts'
import type { Dropped, Report } from '../words/telemetry.ts'

/** What is kept of a report. */
export interface Entry {
  readonly version: 1
  readonly report: Report
  /** The page that tells of it. */
  readonly page: string
  /** Its run goes on: more is to come. */
  readonly isOpen: boolean
  /** The sinks that have yet to be sent it. */
  readonly owes: readonly string[]
  /** The sinks that know of its end, from an earlier revision. */
  readonly told: readonly string[]
  readonly at: number
}

export interface Bounds {
  readonly reports: number
  readonly bytes: number
  /** Of those that have been sent, kept for later feedback and summaries. */
  readonly history: number
}
export const BOUNDS: Bounds = { reports: 2_000, bytes: 2 * 1024 * 1024, history: 400 }
/** So long a report is kept: well under the 7 days after which Safari clears what scripts have stored. */
export const KEPT_MS: number = 72 * 3_600_000

export interface Outbox {
  get(id: string): Entry | undefined
  all(): Iterable<Entry>
  put(entry: Entry): void
  remove(id: string): void
  /** What is stored, of other pages too, in pieces, so that no task grows long. What cannot be read is deleted. */
  stored(see: (entry: Entry) => void): Promise<void>
  load(id: string): Promise<Entry | undefined>
  wipe(): Promise<void>
  /** Resolves once all that was put is stored, or refused. */
  written(): Promise<void>
}

const PIECE = 200

/**
 * Reports on their way: in memory for this page, and written ahead, in the next microtask, to where they outlive
 * it. One that is put replaces the one with its id.
 *
 * Over the bounds, the oldest go first: of those that have been sent, then of attempts, then of runs.
 */
export function createOutbox(
  archive: Archive | null,
  drop: (why: Dropped, count: number) => void,
  bounds: Bounds = BOUNDS,
): Outbox {
  const entries = new Map<string, Entry>()
  const sizes = new Map<string, number>()
  let bytes = 0
  let changed = new Map<string, Entry | undefined>()
  let isDue = false
  /** What could not be stored, the newest `PIECE` of it. */
  const refused = new Map<string, Entry | undefined>()
  const pending = new Set<Promise<void>>()

  /** Not one after another: one that waited for the last to be done could wait for a page that is gone. */
  async function write(): Promise<void> {
    const batch = [...changed]
    changed = new Map()
    isDue = false
    try {
      await archive?.write(batch)
    } catch {
      // No room, or no storage: they are in memory still.
      drop('storage', 1)
      for (const [id, entry] of batch) refused.set(id, entry)
      for (const id of [...refused.keys()].slice(0, -PIECE)) refused.delete(id)
      return
    }
    // By themselves, for they are more than what is new, and may be refused again.
    const still = [...refused].filter(([id, entry]) => entries.get(id) === entry)
    refused.clear()
    if (still.length === 0) return
    try {
      await archive?.write(still)
    } catch {
      // The next that is stored brings them up again.
      for (const [id, entry] of still) refused.set(id, entry)
    }
  }
  function change(id: string, entry: Entry | undefined): void {
    if (!archive) return
    // The microtask: what is put in one go is one transaction.
    if (!isDue) {
      isDue = true
      queueMicrotask(() => {
        const writing = write()
        pending.add(writing)
        void writing.then(() => pending.delete(writing))
      })
    }
    changed.set(id, entry)
  }
  /** Who goes first where there is no room, the oldest of each first: at hand, for a full outbox is full at each put. */
  const inOrder: readonly Set<string>[] = Array.from({ length: RANKS }, () => new Set())
  function forget(id: string): void {
    const old = entries.get(id)
    if (!old) return
    bytes -= sizes.get(id) ?? 0
    inOrder[rank(old)]?.delete(id)
    entries.delete(id)
    sizes.delete(id)
  }
  function remove(id: string): void {
    forget(id)
    change(id, undefined)
  }
  function trim(): void {
    const [sent = new Set<string>()] = inOrder
    for (const id of sent) {
      if (sent.size <= bounds.history) break
      remove(id)
    }
    for (const [at, ids] of inOrder.entries()) {
      for (const id of ids) {
        if (entries.size <= bounds.reports && bytes <= bounds.bytes) return
        if (at > 0) drop('overflow', 1)
        remove(id)
      }
    }
  }
  return {
    get: (id) => entries.get(id),
    all: () => entries.values(),
    put(entry) {
      const id = String(entry.report['id'])
      forget(id)
      // Rows hold ASCII only, so that a character is a byte.
      const size = JSON.stringify(entry).length
      entries.set(id, entry)
      inOrder[rank(entry)]?.add(id)
      sizes.set(id, size)
      bytes += size
      change(id, entry)
      if (isSent(entry) || entries.size > bounds.reports || bytes > bounds.bytes) trim()
    },
    remove,
    async stored(see) {
      if (!archive) return
      const keys = (await archive.keys()).map(String)
      for (let from = 0; from < keys.length; from += PIECE) {
        const piece = keys.slice(from, from + PIECE)
        const values = await archive.read(piece)
        for (const [index, value] of values.entries()) {
          const id = piece[index] ?? ''
          if (isEntry(value, id)) see(value)
          else if (value !== undefined) {
            drop('corrupt', 1)
            change(id, undefined)
          }
        }
      }
    },
    async load(id) {
      const [value] = (await archive?.read([id])) ?? []
      return isEntry(value, id) ? value : undefined
    },
    async wipe() {
      entries.clear()
      for (const ids of inOrder) ids.clear()
      sizes.clear()
      bytes = 0
      changed = new Map()
      await Promise.all(pending)
      refused.clear()
      await archive?.clear()
    },
    async written() {
      // What was put just now is in the next microtask.
      await Promise.resolve()
      await Promise.all(pending)
    },
  }
}

export function isSent({ isOpen, owes }: Entry): boolean {
  return !isOpen && owes.length === 0
}

/** Those that have been sent, attempts, runs. */
const RANKS = 3
function rank(entry: Entry): number {
  if (isSent(entry)) return 0
  return entry.report['row'] === 'run' ? 2 : 1
}

/** What is stored may be of another version, or anybody's. */
function isEntry(value: unknown, id: string): value is Entry {
  if (typeof value !== 'object' || value === null) return false
  const { version, report, page, isOpen, owes, told, at }: Readonly<Record<string, unknown>> =
    Object.fromEntries(Object.entries(value))
  return (
    version === 1 &&
    typeof report === 'object' &&
    report !== null &&
    'id' in report &&
    report.id === id &&
    'revision' in report &&
    typeof report.revision === 'number' &&
    typeof page === 'string' &&
    typeof isOpen === 'boolean' &&
    [owes, told].every(isNames) &&
    typeof at === 'number'
  )
}

function isNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}
