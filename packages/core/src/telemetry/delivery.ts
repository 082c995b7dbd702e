import type { Dropped, Means, Report, Sink, Verdict } from '../words/telemetry.ts'
import type { Cancel, World } from '../words/world.ts'
import { KEPT_MS, type Entry, type Outbox } from './outbox.ts'

/** A batch, and half of what a browser sends for pages that are left (64 KiB, of all scripts together) and more. */
const MOST = 50
const MOST_BYTES = 48 * 1024
/** So many make a batch that does not wait. */
const ENOUGH = 20
const WAIT_MS = 5_000
/** Whoever has not answered by then is asked again. */
const PATIENCE_MS = 30_000
const [FIRST_RETRY_MS, LAST_RETRY_MS, LONGEST_WAIT_MS] = [1_000, 300_000, 600_000]

export interface Delivery {
  /** There is something to send, soon. */
  poke(): void
  /** Send what there is, now. */
  flush(isLeaving: boolean): void
  close(): void
}

interface Line {
  readonly name: string
  readonly sink: Sink
  readonly sending: Set<Report>
  failures: number
  /** Not to be sent anything before. */
  until: number
  timer: Cancel | null
}

/** Takes reports from the outbox to every sink that they are owed to, a batch at a time. */
export function createDelivery(input: {
  readonly sinks: ReadonlyMap<string, Sink>
  readonly outbox: Outbox
  readonly world: World
  /** The id of the page. */
  readonly page: string
  readonly isGranted: () => boolean
  readonly drop: (why: Dropped, count: number) => void
  /** A sink has taken them. */
  readonly onSent: (name: string, batch: readonly Entry[]) => void
}): Delivery {
  const { outbox, world, drop } = input
  const { page } = world
  let isClosed = false
  /** The timers of the sinks that have yet to answer. */
  const patient = new Set<Cancel>()
  const lines = [...input.sinks].map(([name, sink]): Line => ({
    name,
    sink,
    sending: new Set(),
    failures: 0,
    until: 0,
    timer: null,
  }))

  function take({ name, sending }: Line): readonly Entry[] {
    const batch: Entry[] = []
    let bytes = 0
    for (const entry of outbox.all()) {
      if (!entry.owes.includes(name) || sending.has(entry.report)) continue
      if (world.now() - entry.at > KEPT_MS) {
        drop('expired', 1)
        outbox.remove(String(entry.report['id']))
        continue
      }
      bytes += JSON.stringify(entry.report).length + 1
      if (batch.length === MOST || (bytes > MOST_BYTES && batch.length > 0)) break
      batch.push(entry)
    }
    return batch
  }
  /** How many reports, as far as it matters: up to what does not wait. */
  function owed({ name }: Line): number {
    let found = 0
    for (const { owes } of outbox.all()) {
      if (owes.includes(name)) found += 1
      if (found === ENOUGH) break
    }
    return found
  }
  function later(line: Line, ms: number): void {
    if (isClosed) return
    line.timer?.()
    const start = (): void => {
      line.timer = null
      void send(line, false)
    }
    line.timer = world.after(ms, () => {
      // What is hidden sends at once anyway, and nothing that is seen is to wait for this.
      if (page.idle) line.timer = page.idle(start)
      else start()
    })
  }
  async function send(line: Line, isLeaving: boolean): Promise<void> {
    // A page that is left does not wait for what is under way.
    if (line.sending.size > 0 && !isLeaving) return
    if (!page.isOnline() || !input.isGranted()) return
    const heldMs = line.until - world.now()
    if (heldMs > 0) {
      if (!isLeaving) later(line, heldMs)
      return
    }
    const batch = take(line)
    if (batch.length === 0) return
    line.timer?.()
    line.timer = null
    for (const { report } of batch) line.sending.add(report)
    let waitMs = 0
    let dropped = 0
    const byId = new Map(batch.map((entry) => [entry.report['id'], entry]))
    const verdict = await answered(line.sink, batch, {
      fetch: world.fetch,
      after: world.after,
      now: world.now,
      page: input.page,
      beacon: (url, text) => page.beacon(url, text),
      isLeaving,
      wait: (ms) => {
        waitMs = Math.min(Math.max(ms, waitMs), LONGEST_WAIT_MS)
      },
      drop: (count) => {
        dropped += count
      },
      isRevision: ({ id }) => byId.get(id ?? '')?.told.includes(line.name) ?? false,
      isOpen: ({ id }) => byId.get(id ?? '')?.isOpen ?? false,
    })
    for (const { report } of batch) line.sending.delete(report)
    // What was handed over while leaving is not known to have failed.
    if (verdict === 'retry' && isLeaving) return
    if (verdict === 'retry') {
      line.failures += 1
      const most = Math.min(FIRST_RETRY_MS * 2 ** line.failures, LAST_RETRY_MS)
      const delayMs = Math.max(waitMs, most * (0.5 + world.random() / 2))
      line.until = world.now() + delayMs
      later(line, delayMs)
      return
    }
    if (verdict === 'drop') dropped = batch.length
    if (dropped > 0) drop('refused', dropped)
    line.failures = 0
    input.onSent(line.name, batch)
    const left = owed(line)
    if (left > 0) later(line, left < ENOUGH ? WAIT_MS : 0)
  }
  async function answered(sink: Sink, batch: readonly Entry[], means: Means): Promise<Verdict> {
    const { promise: patience, resolve } = Promise.withResolvers<Verdict>()
    const cancel = world.after(PATIENCE_MS, () => {
      resolve('retry')
    })
    patient.add(cancel)
    try {
      const reports = batch.map(({ report }) => report)
      const verdict = await Promise.race([sink.send(reports, means), patience])
      return verdict === 'sent' || verdict === 'drop' ? verdict : 'retry'
    } catch {
      // A sink that throws or rejects has not taken them.
      return 'retry'
    } finally {
      cancel()
      patient.delete(cancel)
    }
  }

  let wasOnline = page.isOnline()
  const unwatch = page.watch(() => {
    const isOnline = page.isOnline()
    // All that were offline together are not to come back together.
    if (isOnline && !wasOnline) for (const line of lines) later(line, world.random() * WAIT_MS)
    wasOnline = isOnline
  })
  return {
    poke() {
      for (const line of lines) {
        const waiting = owed(line)
        if (waiting === 0) continue
        if (waiting >= ENOUGH) void send(line, false)
        else if (line.timer === null && line.sending.size === 0) later(line, WAIT_MS)
      }
    },
    flush(isLeaving) {
      for (const line of lines) void send(line, isLeaving)
    },
    close() {
      isClosed = true
      unwatch()
      for (const line of lines) line.timer?.()
      for (const cancel of patient) cancel()
    },
  }
}
