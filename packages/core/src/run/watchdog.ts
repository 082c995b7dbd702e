import type { FailureKind } from '../words/failure.ts'
import type { Cancel, World } from '../words/world.ts'

/** How long an attempt may take, ms from its start, or from its last progress for `firstMs` and `gapMs`. */
export interface Deadlines {
  /** To the first content, as predicted. Reasoning and tool deltas start it anew. */
  readonly firstMs: number
  /** To the first content, as the product or the reserve for later rungs has it. */
  readonly ceilingMs: number
  readonly gapMs: number
  readonly totalMs: number
  /** The wait from which the attempt is called slow. */
  readonly slowMs: number
}

export interface Watchdog {
  headers(): void
  /** Reasoning, or part of a tool call. */
  progress(): void
  content(): void
  /** The provider has said why it ended: silence now means the end. */
  finish(): void
  stop(): void
  /** Whether the page slept during the attempt: what was measured then says nothing of the route. */
  readonly wasSuspended: boolean
}

/** After a finish reason, this much silence is the end. */
const LAST_SILENCE_MS = 2_000
/** A hidden page's timers run late and in bursts. */
const HIDDEN_GAP_MS = 90_000
/** A timer this late did not run because the page did not: it was frozen or asleep. */
const SUSPENDED_MS = 1_000

/**
 * Watches one attempt with one timer. It notes the time of each sign of life and looks at it when the
 * timer fires; nothing is re-armed per chunk.
 */
export function createWatchdog(
  deadlines: Deadlines,
  world: World,
  bark: {
    slow: () => void
    end: () => void
    expire: (kind: FailureKind) => void
  },
): Watchdog {
  let startedAt = world.now()
  let progressAt = startedAt
  let hasHeaders = false
  let stage: 'first' | 'streaming' | 'finished' = 'first'
  let isSlow = false
  let wasSuspended = false
  let cancel: Cancel
  let dueAt: number

  /** What happens next if nothing else does. */
  function next(): readonly [at: number, what: FailureKind | 'slow' | 'end'] {
    const total: readonly [number, FailureKind] = [startedAt + deadlines.totalMs, 'latency-ceiling']
    const candidates: (readonly [number, FailureKind | 'slow' | 'end'])[] = [total]
    if (stage === 'finished') candidates.push([progressAt + LAST_SILENCE_MS, 'end'])
    else if (stage === 'streaming') candidates.push([progressAt + gap(), 'stream-stall'])
    else {
      candidates.push(
        [progressAt + deadlines.firstMs, hasHeaders ? 'queue-stall' : 'timeout'],
        [startedAt + deadlines.ceilingMs, 'latency-ceiling'],
      )
      if (!isSlow) candidates.push([startedAt + deadlines.slowMs, 'slow'])
    }
    return candidates.reduce((first, other) => (other[0] < first[0] ? other : first))
  }
  function gap(): number {
    return world.page.isHidden() ? Math.max(HIDDEN_GAP_MS, deadlines.gapMs) : deadlines.gapMs
  }
  function arm(): void {
    dueAt = next()[0]
    cancel = world.after(Math.max(0, dueAt - world.now()), look)
  }
  function look(): void {
    const now = world.now()
    const lateMs = now - dueAt
    if (lateMs > SUSPENDED_MS) {
      // Time that the page did not have is nobody's wait; and what came meanwhile is read first.
      startedAt += lateMs
      progressAt += lateMs
      wasSuspended = true
      arm()
      return
    }
    const [at, what] = next()
    if (at > now) arm()
    else if (what === 'slow') {
      isSlow = true
      bark.slow()
      arm()
    } else if (what === 'end') bark.end()
    else bark.expire(what)
  }
  /** A sign of life; an earlier deadline than the timer's needs a new timer. */
  function note(change: () => void): void {
    progressAt = world.now()
    change()
    if (next()[0] < dueAt) {
      cancel()
      arm()
    }
  }
  arm()
  return {
    headers: () => {
      hasHeaders = true
    },
    progress: () => {
      progressAt = world.now()
    },
    content: () => {
      if (stage === 'streaming') progressAt = world.now()
      else if (stage === 'first') note(() => (stage = 'streaming'))
    },
    finish: () => {
      if (stage !== 'finished') note(() => (stage = 'finished'))
    },
    stop: () => {
      cancel()
    },
    get wasSuspended() {
      return wasSuspended
    },
  }
}
