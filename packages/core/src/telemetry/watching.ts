import type { Begun } from '../words/telemetry.ts'
import type { Cancel, Inp, Strained, Vitals, World } from '../words/world.ts'
import type { Reported } from './fold.ts'
import { reduceInp, reduceVitals } from './vitals.ts'

/** What the browser tells of the last frames of a run comes this much later, at most. */
const LATE_MS = 250

interface Watched {
  readonly begun: Begun
  folded: Reported
  settledAt: number | null
  strained: Strained | null
}

/** Runs, and how the page answers while they last. */
export interface VitalsWatch<Live> {
  /** Has what watches brought, once; what is under way is watched from then on. */
  bring(): void
  begin(live: Live): void
  /** Take in what is known of it so far. */
  read(live: Live): void
  end(live: Live): void
  close(): void
}

/** Watches how the page answers while runs last, where the browser tells; nothing is loaded before `bring`. */
export function createVitalsWatch<Live extends Watched>(
  { page, after, now, timeOrigin }: World,
  runs: () => Iterable<Live>,
  touch: (live: Live, isDue: boolean) => void,
): VitalsWatch<Live> {
  const cancels = new Set<Cancel>()
  let vitals: Vitals | null = null
  let isBrought = false
  let isClosed = false
  /** The run that the page's INP fell into. */
  let inpOf: Live | null = null

  const startOf = ({ begun }: Live): number => begun.epoch - begun.gestureMs - timeOrigin
  function begin(live: Live): void {
    live.strained ??= vitals?.watch(startOf(live)) ?? null
  }
  function read(live: Live): void {
    if (live.strained) live.folded = reduceVitals(live.folded, live.strained.read())
  }
  function note(inp: Inp): void {
    const found = [...runs()].findLast(
      (live) => inp.at >= startOf(live) && inp.at <= (live.settledAt ?? Infinity) - timeOrigin,
    )
    if (inpOf && inpOf !== found) {
      inpOf.folded = reduceInp(inpOf.folded, null)
      touch(inpOf, true)
    }
    inpOf = found ?? null
    if (!found) return
    found.folded = reduceInp(found.folded, inp)
    touch(found, true)
  }
  async function fetchVitals(fetch: () => Promise<Vitals>): Promise<void> {
    try {
      const brought = await fetch()
      if (isClosed) return
      vitals = brought
      cancels.add(brought.onInp(note))
      for (const live of runs()) if (live.settledAt === null) begin(live)
    } catch {
      // What could not be loaded now is tried again with the next answer.
      isBrought = false
    }
  }
  return {
    bring() {
      if (isBrought || !page.vitals) return
      isBrought = true
      void fetchVitals(page.vitals)
    },
    begin,
    read,
    end(live) {
      const { strained } = live
      if (!strained) return
      strained.end(now() - timeOrigin)
      const cancel = after(LATE_MS, () => {
        cancels.delete(cancel)
        const { revision } = live.folded
        read(live)
        if (live.folded.revision !== revision) touch(live, true)
        live.strained = null
        strained.stop()
      })
      cancels.add(cancel)
    },
    close() {
      isClosed = true
      for (const cancel of cancels) cancel()
      for (const live of runs()) live.strained?.stop()
    },
  }
}
