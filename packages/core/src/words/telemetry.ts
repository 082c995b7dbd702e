import type { Feedback, Outcome, RunEvent } from './event.ts'
import type { FailureKind } from './failure.ts'
import type { World } from './world.ts'

/** One flat row, as sinks are sent it. A field that is not there is null. */
export type Report = Readonly<Record<string, string | number | boolean | null>>

/** What attributes of the product's own may be. */
export type Attributes = Readonly<Record<string, string | number | boolean>>

/**
 * `sent`: they are where they belong. `retry`: send them again, later. `drop`: they will never be taken;
 * they are forgotten, and counted.
 */
export type Verdict = 'sent' | 'retry' | 'drop'

/** What a sink is given beside its reports; only needed by whoever sends over the network. */
export interface Means extends Pick<World, 'fetch' | 'after' | 'now'> {
  /** A random id of this page; empty for whoever calls a sink without an LLM. */
  readonly page: string
  /** The browser's own parcel to the page's own origin, sent even if the page is gone; false when it is not taken. */
  readonly beacon: (url: string, text: string) => boolean
  /** The page is being left: what is not handed over now may not be. */
  readonly isLeaving: boolean
  /** The receiver asked not to be sent anything for so long, ms. */
  readonly wait: (ms: number) => void
  /** So many of the batch will never be taken. */
  readonly drop: (count: number) => void
  /** Told before, in an earlier revision. */
  readonly isRevision: (report: Report) => boolean
  /** May still change: the run goes on. */
  readonly isOpen: (report: Report) => boolean
}

/** Where reports go. One that throws, rejects or never answers changes nothing: it is sent them again. */
export interface Sink {
  readonly name: string
  /** Given at most 50 reports. Of reports with the same `id`, the one with the highest `revision` holds. */
  send(batch: readonly Report[], means?: Means): Promise<Verdict>
  /**
   * The same as text, for the browser to post should the page end before `send` was heard of (a crash, a quit). It may
   * come beside what `send` sends, so only for a receiver that knows a report by `id` and `revision`. Default: nothing.
   */
  readonly parcel?:
    | ((batch: readonly Report[]) => { readonly url: string; readonly text: string })
    | undefined
}

export interface TelemetryOptions {
  /** Where reports go: `beacon(url)` and its like, or functions of the product's own. */
  readonly sinks?: readonly (Sink | Sink['send'])[] | undefined
  /**
   * Whether anything may be recorded. Default granted; Global Privacy Control always means denied. A function is
   * asked at each run and before each sending. Denied: nothing is recorded, and what was is deleted.
   */
  readonly consent?: 'granted' | 'denied' | (() => 'granted' | 'denied') | undefined
  /** The share of users whose runs are reported, 0 to 1, the same users every time. Default 1. */
  readonly sampleRate?: number | undefined
  /** Of the other users, still report runs that fell back or were left, each standing for itself. Default false. */
  readonly keepFallbacks?: boolean | undefined
  /** Note by themselves that the answer was copied, and that the same was asked again at once. Default false. */
  readonly autoSignals?: boolean | undefined
  /** Said of every run: at most 16 names with a name, a number or a flag each. */
  readonly attributes?: Attributes | undefined
  /** The product's own version, a name: told of every run (`service.version`). Default: none. */
  readonly release?: string | undefined
  /** Signals of the product's own that `feedback` may give (`custom`). */
  readonly signals?: readonly string[] | undefined
}

/** The team's questions, answered for this browser: this page's runs, and those of the last 72 hours that were kept. */
export interface Summary {
  readonly runs: number
  /** Runs by surface (`none` where it was not said), how many of them fell back, and how many by each kind of failure. */
  readonly fallbacksBySurface: readonly {
    readonly surface: string
    readonly runs: number
    readonly fallbacks: number
    readonly kinds: Readonly<Partial<Record<FailureKind, number>>>
  }[]
  /** Attempts that answered or failed; those that were cut off are neither. */
  readonly failuresByProvider: readonly {
    readonly provider: string
    readonly attempts: number
    readonly failures: number
  }[]
  /**
   * Waits for the first content, ms. An attempt that was cut off before counts as one that takes longer than it
   * was waited for (Kaplan-Meier). `missed`: later than `limits.firstChunkMs`, or than was expected of 9 in 10.
   */
  readonly latencyByRoute: readonly {
    readonly route: string
    readonly attempts: number
    readonly missed: number
    readonly p50: number
    readonly p95: number
  }[]
  readonly outcomes: Readonly<Partial<Record<Outcome['status'], number>>>
  /** Reports that were given up, by why. */
  readonly dropped: Readonly<Partial<Record<Dropped, number>>>
}

/**
 * Why a report was given up: `overflow` (no room), `expired` (after 72 hours), `refused` (by its receiver),
 * `corrupt` (it could not be read back). `storage` counts writes that the browser refused; their reports are
 * kept in memory.
 */
export type Dropped = 'overflow' | 'expired' | 'refused' | 'corrupt' | 'storage'

/** What is said of a run before its first event. */
export interface Begun {
  readonly id: string
  /** The instant of its start. */
  readonly epoch: number
  readonly gestureMs: number
  readonly targetMs: number | null
  readonly thread: string | null
  readonly attributes: Attributes
  /** What was asked, for asking again to be noticed; it stays in memory. */
  readonly question: string
  /** What stands on the screen now. */
  readonly text: () => string
}

export interface Telemetry {
  /** A run is about to start. */
  begin(run: Begun): void
  hear(event: RunEvent): void
  feedback(runId: string, value: Feedback): void
  summary(): Promise<Summary>
  setConsent(consent: 'granted' | 'denied'): void
  close(): Promise<void>
}
