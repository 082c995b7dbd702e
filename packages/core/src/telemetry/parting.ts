import type { Report, Sink } from '../words/telemetry.ts'
import type { Cancel, World } from '../words/world.ts'
import type { Entry, Outbox } from './outbox.ts'

/** A quarter of what a browser keeps for one origin, of all its scripts. */
const MOST_BYTES = 16 * 1024
/** What changes in this time is left together: each time costs a third of a ms. */
const SOON_MS = 250

export interface Parting {
  /** What is owed has changed. */
  refresh(): void
  /** Take back what was left. */
  recall(): void
}

/**
 * Leaves with the browser what it is to post should the page end without being able to: what goes on, and what is owed.
 * Nothing is ever taken for sent by it.
 */
export function createParting(
  sinks: ReadonlyMap<string, Sink>,
  outbox: Outbox,
  { page, after }: World,
  isGranted: () => boolean,
): Parting {
  const left = new Map<string, Cancel>()
  let waiting: Cancel | null = null

  function takeBack(name: string): void {
    left.get(name)?.()
    left.delete(name)
  }
  function leave(): void {
    waiting = null
    for (const [name, { parcel }] of sinks) {
      takeBack(name)
      const batch = isGranted() && parcel ? newest(outbox.all(), name) : []
      if (batch.length === 0 || !parcel) continue
      const { url, text } = parcel(batch)
      const cancel = page.leave?.(url, text)
      if (cancel) left.set(name, cancel)
    }
  }
  return {
    refresh() {
      if (!page.leave || waiting) return
      waiting = after(SOON_MS, () => {
        if (page.idle) waiting = page.idle(leave)
        else leave()
      })
    },
    recall() {
      waiting?.()
      waiting = null
      for (const name of left.keys()) takeBack(name)
    },
  }
}

/** Runs that go on, then those that have ended, then attempts; of each, what was written last. */
function newest(entries: Iterable<Entry>, name: string): readonly Report[] {
  const all = [...entries].filter(({ isOpen, owes }) => isOpen || owes.includes(name))
  const inOrder = all.toSorted((one, other) => rank(other) - rank(one) || other.at - one.at)
  const batch: Report[] = []
  let bytes = 0
  for (const { report } of inOrder) {
    bytes += JSON.stringify(report).length + 1
    if (bytes > MOST_BYTES) break
    batch.push(report)
  }
  return batch
}

function rank({ isOpen, report }: Entry): number {
  return (report['row'] === 'run' ? 2 : 0) + (isOpen ? 1 : 0)
}
