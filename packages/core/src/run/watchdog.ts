import type { FailureKind } from '../words/failure.ts'
import type { Cancel, World } from '../words/world.ts'
import { hasSlept } from './sleep.ts'

/** How long an attempt may take, ms from its start, or from its last progress for `firstMs` and `gapMs`. */
export interface Deadlines {
  /** To the first content, as predicted. Reasoning and tool deltas start it anew. */
  readonly firstMs: number
  /** The most that `firstMs` may be put off to. */
  readonly longestMs: number
  /** To the first content, as the product or the reserve for later rungs has it. */
  readonly ceilingMs: number
  readonly gapMs: number
  readonly totalMs: number
  /** To look at the shape of the whole answer, and again to judge how good it is. */
  readonly checkMs: number
  /** The wait from which the attempt is called slow. */
  readonly slowMs: number
  /** The wait from which another route may be asked as well. */
  readonly lateMs: number
}

export interface Watchdog {
  headers(): void
  /** Reasoning, or part of a tool call. */
  progress(): void
  content(): void
  /** A model is being fetched to the device. */
  download(): void
  /** The provider has said why it ended: silence now means the end. */
  finish(): void
  /** All has come, and its shape is looked at: a schema that takes too long accepts nothing. */
  whole(): void
  /** Its shape is right: checks that take too long find nothing. */
  shaped(): void
  stop(): void
  /** How long the page slept during the attempt: what happened then says nothing of the route. */
  readonly suspendedMs: number
  /** The page was offline since the last sign of life. */
  readonly wasOffline: boolean
}

type What = FailureKind | 'slow' | 'late' | 'end'

/** After a finish reason, this much silence is the end. */
const LAST_SILENCE_MS = 2_000
/** A download is silent while what came is unpacked. */
const DOWNLOAD_GAP_MS = 120_000
/** A hidden page's timers run late and in bursts. */
const HIDDEN_GAP_MS = 90_000
/** A timer this late was held up: what came meanwhile stands behind it. */
const LATE_MS = 100
/** So long is then left to read it before anything is judged. */
const GRACE_MS = 1_000
/** The timer fires this often at least, so that a sleep between two deadlines shows. */
const HEARTBEAT_MS = 2_000

/**
 * Watches one attempt with one timer. It notes the time of each sign of life and looks at it when the
 * timer fires; nothing is re-armed per chunk.
 */
export function createWatchdog(
  deadlines: Deadlines,
  world: World,
  bark: {
    slow: () => void
    /** Where there is one, it is told of `lateMs`. */
    late?: (() => void) | undefined
    end: () => void
    suspended: (ms: number) => void
    /** The first content is past its deadline: how long it is waited for all the same, ms, of `mostMs`. */
    overdue: (kind: FailureKind, mostMs: number) => number
    /** `wasOffline`: at some time since the last sign of life. */
    expire: (kind: FailureKind, wasOffline: boolean) => void
  },
): Watchdog {
  const { page } = world
  let startedAt = world.now()
  let progressAt = startedAt
  /** When the page was last seen to run. */
  let awakeAt = startedAt
  let graceUntil = startedAt
  let wasOffline = !page.isOnline()
  const unwatch = page.watch(() => {
    wasOffline ||= !page.isOnline()
  })
  let hasHeaders = false
  let stage: 'first' | 'downloading' | 'streaming' | 'finished' | 'whole' | 'shaped' = 'first'
  let isSlow = false
  /** Until when a late first content is waited for, ms from the start. */
  let heldMs = 0
  let isLate = false
  let suspendedMs = 0
  /** A hidden page's timers are late each time: what came is read once, then judged. */
  let hasLookedLate = false
  let cancel: Cancel
  let dueAt: number

  /** What happens next if nothing else does. */
  function next(): readonly [at: number, what: What] {
    const total: readonly [number, FailureKind] = [startedAt + deadlines.totalMs, 'latency-ceiling']
    if (stage === 'shaped') return [Math.min(total[0], progressAt + deadlines.checkMs), 'end']
    const candidates: (readonly [number, What])[] = [total]
    if (stage === 'whole') candidates.push([progressAt + deadlines.checkMs, 'invalid-response'])
    else if (stage === 'finished') candidates.push([progressAt + LAST_SILENCE_MS, 'end'])
    else if (stage === 'downloading') candidates.push([progressAt + DOWNLOAD_GAP_MS, 'timeout'])
    else if (stage === 'streaming') candidates.push([progressAt + gap(), 'stream-stall'])
    else {
      const late = hasHeaders ? 'queue-stall' : 'timeout'
      candidates.push(
        [Math.max(progressAt + deadlines.firstMs, startedAt + heldMs), late],
        // Who was late before is late, whatever it is that ends the wait.
        [startedAt + deadlines.ceilingMs, heldMs > 0 ? late : 'latency-ceiling'],
      )
      if (!isSlow) candidates.push([startedAt + deadlines.slowMs, 'slow'])
      if (!isLate) candidates.push([startedAt + deadlines.lateMs, 'late'])
    }
    return candidates.reduce((first, other) => (other[0] < first[0] ? other : first))
  }
  function gap(): number {
    return page.isHidden() ? Math.max(HIDDEN_GAP_MS, deadlines.gapMs) : deadlines.gapMs
  }
  function arm(): void {
    const now = world.now()
    dueAt = Math.max(now, graceUntil, Math.min(next()[0], now + HEARTBEAT_MS))
    cancel = world.after(dueAt - now, look)
  }
  /** The time, with what a sleep of the page took out of it. */
  function wake(): number {
    const now = world.now()
    if (hasSlept(world, awakeAt, dueAt)) {
      // It fell asleep some time after it was last seen awake: time that it may not have had is nobody's wait.
      const asleepMs = now - awakeAt
      suspendedMs += asleepMs
      startedAt += asleepMs
      progressAt += asleepMs
      bark.suspended(asleepMs)
      dueAt = now
      graceUntil = now + GRACE_MS
    }
    awakeAt = now
    return now
  }
  function look(): void {
    const isFirstLateLook = world.now() - dueAt > LATE_MS && !hasLookedLate
    hasLookedLate = isFirstLateLook
    const now = wake()
    if (isFirstLateLook) graceUntil = now + GRACE_MS
    const [at, what] = next()
    if (at > now || graceUntil > now) arm()
    else if (what === 'slow') {
      isSlow = true
      bark.slow()
      arm()
    } else if (what === 'late') {
      isLate = true
      bark.late?.()
      arm()
    } else if (what === 'end') bark.end()
    else if (!waitsOn(what, now)) {
      // Neither a check nor the time of the whole run waits for the network.
      bark.expire(what, wasOffline && stage !== 'whole' && now < startedAt + deadlines.totalMs)
    }
  }
  /** What is late may be waited for a while longer. */
  function waitsOn(kind: FailureKind, now: number): boolean {
    if (stage !== 'first' || kind === 'latency-ceiling') return false
    const lastAt = Math.min(progressAt + deadlines.longestMs, startedAt + deadlines.ceilingMs)
    const ms = bark.overdue(kind, lastAt - now)
    if (ms <= 0) return false
    heldMs = now + ms - startedAt
    arm()
    return true
  }
  /** A sign of life; a stage with an earlier deadline than the timer's needs a new timer. */
  function note(reached: typeof stage): void {
    progressAt = wake()
    wasOffline = !page.isOnline()
    if (stage === reached) return
    stage = reached
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
      note(stage)
    },
    content: () => {
      note('streaming')
    },
    download: () => {
      note('downloading')
    },
    finish: () => {
      note('finished')
    },
    whole: () => {
      note('whole')
    },
    shaped: () => {
      note('shaped')
    },
    stop: () => {
      cancel()
      unwatch()
    },
    get suspendedMs() {
      // What broke as the page woke up may be heard before any timer.
      wake()
      return suspendedMs
    },
    get wasOffline() {
      return wasOffline
    },
  }
}
