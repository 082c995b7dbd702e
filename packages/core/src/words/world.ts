/** A pending timer. */
export type Cancel = () => void

/** How hard the page was at work; what the browser does not tell is null. */
export interface Strain {
  /** Frames of 50 ms and more, and how long they kept the page from answering. */
  readonly longFrames: number | null
  readonly blockingMs: number | null
  /** Spent in them by scripts that read a stream. */
  readonly streamMs: number | null
  /** The slowest interaction, from the input to the next paint, in steps of 8 ms; null where there was none. */
  readonly inpMs: number | null
}
/** A stretch of time that is being watched. */
export interface Strained {
  read(): Strain
  /** It ends at that instant of the page's clock; what is told later still counts. */
  end(at: number): void
  stop(): void
}
/** The page's slowest interaction (INP): when it was, how long it took, and in which part of it most. */
export interface Inp {
  /** On the page's own clock. */
  readonly at: number
  readonly ms: number
  readonly part: 'input' | 'processing' | 'presentation'
}
/** What the browser tells of how the page answers. */
export interface Vitals {
  /** From an instant of the page's own clock on. */
  watch(from: number): Strained
  /** Called when the page's INP is known: when it is hidden, and again if that changes later. */
  onInp(listener: (inp: Inp) => void): Cancel
}

/** The page as a run sees it. Where there is none (Node, a server), it is online and visible. */
export interface Page {
  isOnline(): boolean
  isHidden(): boolean
  /** When the browser last froze the page, on the world's clock; without it, only late timers tell. */
  frozenAt?(): number
  /** Called after either has changed, until cancelled. */
  watch(listener: () => void): Cancel
  /** Called when the page is left, until cancelled. `mayReturn`: it is kept for a return by the back button. */
  watchLeaving(listener: (mayReturn: boolean) => void): Cancel
  /** Called with the text that the user copies, until cancelled. */
  watchCopy(listener: (text: string) => void): Cancel
  /** The user asks not to be tracked (Global Privacy Control). */
  wantsPrivacy(): boolean
  /** Show a stretch of time in the browser's own performance panel; both ends on the world's clock. */
  measure(name: string, from: number, to: number): void
  /** Hand over what the browser sends even if the page is gone, to the page's own origin only; false when it is not taken. */
  beacon(url: string, text: string): boolean
  /** Run `task` when the browser has nothing better to do, within a second; absent where it does not tell. */
  idle?: ((task: () => void) => Cancel) | undefined
  /**
   * Leave with the browser what it sends once the page has ended, however it ends, until it is taken back; null when it
   * is not taken. Nobody hears whether it arrived. Absent where the browser cannot (`fetchLater`: Chromium alone).
   */
  leave?: ((url: string, text: string) => Cancel | null) | undefined
  /** Brings what watches how the page answers; absent where there is nothing to watch. */
  vitals?: (() => Promise<Vitals>) | undefined
  /** Whether a content security policy refused a request to `url` at `since` (on the world's clock) or later. */
  hasBlocked(url: string, since: number): Promise<boolean>
}

/** A line to the same product's other tabs. What comes by it may be anything. */
export interface Channel {
  post(message: unknown): void
  /** There is one listener. */
  listen(listener: (message: unknown) => void): void
  close(): void
}

/** Short texts that outlive the page, there at once; where they cannot be kept, reading gives null. */
export interface Local {
  read(key: string): string | null
  write(key: string, text: string): void
}

/** A place that outlives the page, shared by its tabs. */
export interface Shelf {
  /**
   * Replace what is kept under a key (undefined before anything is) by what `change` makes of it, in one
   * transaction: no other tab comes between. Rejects, with nothing changed, where there is no storage to be had.
   */
  update(key: string, change: (kept: unknown) => unknown): Promise<void>
}

/** Things by key that outlive the page. Every call rejects where the browser refuses storage. */
export interface Archive {
  keys(): Promise<readonly unknown[]>
  /** In the order of the keys; undefined for what is not there. */
  read(keys: readonly string[]): Promise<readonly unknown[]>
  /** Undefined deletes. All or nothing. */
  write(entries: readonly (readonly [key: string, value: unknown])[]): Promise<void>
  clear(): Promise<void>
}

/** Names that tabs of one origin hold, each until it lets go or is gone. */
export interface Locks {
  hold(name: string): Cancel
  /** Every name that a tab holds now. */
  held(): Promise<ReadonlySet<string>>
  /** Run the task if nobody else runs one of that name. */
  attempt(name: string, task: () => Promise<void>): Promise<void>
}

/** Everything from outside. Each part can be replaced, so a whole world can be simulated from one seed. */
export interface World {
  readonly fetch: typeof fetch
  /** Epoch ms, advanced by a monotonic clock: never goes back, whatever happens to the wall clock. */
  readonly now: () => number
  /** `now()` at which the page's own clock (`event.timeStamp`) was 0. */
  readonly timeOrigin: number
  /** Run `task` once after `ms`; at once when `ms` is 0 or less. */
  readonly after: (ms: number, task: () => void) => Cancel
  /** 0 up to 1. */
  readonly random: () => number
  readonly page: Page
  /** The line of that name, which other tabs have too; null where there are none (Node, a server). */
  readonly channel: (name: string) => Channel | null
  /** What this browser keeps for this origin. */
  readonly local: Local
  /** IndexedDB in a browser. Null where nothing outlives the page (Node, a server): what would be kept is in memory. */
  readonly storage: Shelf | null
  /** SHA-256 of a text, in hex. Rejects where there is no WebCrypto, as on an insecure page. */
  readonly digest: (text: string) => Promise<string>
  /** What this browser keeps for this origin in a database of that name; null where nothing outlives the page. */
  readonly archive: (name: string) => Archive | null
  /** Null where the browser has none. */
  readonly locks: Locks | null
}
