import { Fault, judged, type Evidence } from './policy/fault.ts'
import { createRoute } from './wire/route.ts'
import type { Run, RunEvent, Usage } from './words/event.ts'
import type { FailureKind } from './words/failure.ts'
import type { Move } from './words/policy.ts'
import type { Ability, Route, RouteFacts } from './words/route.ts'
import type { Privacy, WireEvent } from './words/wire.ts'
import type { Cancel, Page, World } from './words/world.ts'

/**
 * One beat of a script: text that comes in one read; a number of ms to wait; or an object for anything
 * else that a route can do.
 */
export { breakable, type BreakableRoute, type Breakage } from './wire/breakable.ts'

export type Beat =
  | string
  | number
  | { readonly reasoning: string }
  | { readonly refusal: string }
  | { readonly call: { readonly name: string; readonly input: unknown; readonly id?: string } }
  | { readonly usage: Usage }
  /** An HTTP answer that is not a success; its headers and body are classified like a provider's. */
  | {
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: unknown
    }
  /** An error event inside the stream. */
  | { readonly error: unknown }
  /** The model that answers, by the host's name for it. */
  | { readonly model: string }
  /** A malformed event, which is passed over. */
  | { readonly malformed: true }
  /** Any failure, straight. */
  | { readonly fail: FailureKind }
  | { readonly finish: 'stop' | 'length' | 'tool-calls' | 'filtered' }

/** Headers have come and nothing follows, or the stream stops here: silence until it is aborted. */
export const HANG: unique symbol = Symbol('hang')
/** Silence before headers. */
export const HANG_BEFORE_HEADERS: unique symbol = Symbol('hang before headers')
/** The body ends here, with no word that it is the end. */
export const CUT: unique symbol = Symbol('cut')

/** What a route does in one attempt. Without an end of its own it finishes with `stop`. */
export type Script = readonly (Beat | typeof HANG | typeof HANG_BEFORE_HEADERS | typeof CUT)[]

export interface ScriptedOptions extends RouteFacts {
  readonly model?: string
  readonly privacy?: Privacy
  /** Called with what the route was asked. */
  readonly onRequest?: (request: {
    readonly messages: readonly unknown[]
    readonly key: string | undefined
  }) => void
  /** Read before each attempt, like `apiKey`; undefined or empty means that there is none. */
  readonly apiKey?: () => string | undefined
}

/**
 * A route that does as it is told, for tests and demonstrations: no network, but all of Rungs above it is
 * real. Each attempt plays the next script; the last one repeats. A script may be a function, which is asked
 * for it when it is played: a route that depends on the time, say.
 *
 * @example
 * const ours = scripted({ provider: 'us' }, ['half', HANG], ['whole'])
 */
export function scripted(
  options: ScriptedOptions,
  ...scripts: readonly (Script | (() => Script))[]
): Route {
  const { model = 'scripted', privacy = 'third-party', onRequest, apiKey, ...facts } = options
  const abilities: readonly Ability[] = ['text', 'image', 'tools', 'json', 'reasoning']
  let plays = 0
  return createRoute(
    'scripted',
    { provider: 'scripted', ...facts },
    {
      model,
      origin: null,
      privacy,
      abilities,
      credential: apiKey ? 'lazy' : 'none',
      problems: [],
      readKey: apiKey && (() => readKey(apiKey)),
      async stream({ request, key, signal, world }, tell) {
        onRequest?.({ messages: request.messages, key })
        const next = scripts[Math.min(plays, scripts.length - 1)] ?? []
        const script = typeof next === 'function' ? next() : next
        plays += 1
        const wait = (ms: number): Promise<void> =>
          new Promise((resolve, reject) => {
            const cancel = ms < Infinity ? world.after(ms, resolve) : () => undefined
            signal.addEventListener('abort', () => {
              cancel()
              reject(signal.reason)
            })
          })
        let hasHeaders = false
        const headers = (): void => {
          if (!hasHeaders) tell({ type: 'headers', status: 200 })
          hasHeaders = true
        }
        for (const beat of script) {
          signal.throwIfAborted()
          if (typeof beat === 'number') {
            await wait(beat)
            continue
          }
          if (beat === HANG_BEFORE_HEADERS) await wait(Infinity)
          const evidence = evidenceOf(beat)
          if (evidence) throw new Fault(evidence)
          headers()
          if (beat === HANG) await wait(Infinity)
          if (beat === CUT) return
          for (const event of eventsOf(beat, plays)) tell(event)
          // The next beat is the next network read: what this one told is taken before that.
          for (let tick = 0; tick < TICKS; tick += 1) await Promise.resolve()
          if (typeof beat === 'object' && 'finish' in beat) return
        }
        headers()
        tell({ type: 'finish', finish: 'stop' })
        tell({ type: 'terminal' })
      },
    },
  )
}

async function readKey(apiKey: () => string | undefined): Promise<string | undefined> {
  try {
    return apiKey() || undefined
  } catch {
    // Like any route's: a credential that cannot be had is none.
    return undefined
  }
}

/** Turns of the microtask queue that an attempt needs to take what it was told. */
const TICKS = 16

function evidenceOf(beat: Script[number]): Evidence | null {
  if (typeof beat !== 'object') return null
  if ('fail' in beat) {
    return beat.fail === 'network' || beat.fail === 'offline'
      ? {
          from: 'transport',
          isOnline: beat.fail === 'network',
          isBlocked: false,
        }
      : judged(beat.fail).evidence
  }
  if ('error' in beat) return { from: 'event', error: beat.error }
  if ('status' in beat) {
    const { status, headers = {}, body = '' } = beat
    return {
      from: 'status',
      status,
      headers,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }
  }
  return null
}

function eventsOf(beat: Script[number], play: number): readonly WireEvent[] {
  if (typeof beat === 'string') return [{ type: 'text', text: beat }]
  if (typeof beat !== 'object') return []
  if ('reasoning' in beat) return [{ type: 'reasoning', text: beat.reasoning }]
  if ('refusal' in beat) return [{ type: 'refusal', text: beat.refusal }]
  if ('usage' in beat) return [{ type: 'usage', usage: beat.usage }]
  if ('model' in beat) return [{ type: 'model', model: beat.model }]
  if ('malformed' in beat) return [{ type: 'skipped' }]
  if ('finish' in beat) return [{ type: 'finish', finish: beat.finish }, { type: 'terminal' }]
  if ('call' in beat) {
    const { name, input, id = `${name}-${play}` } = beat.call
    return [
      { type: 'tool-delta' },
      { type: 'tool-call', call: { type: 'tool-call', id, name, input } },
    ]
  }
  return []
}

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

export interface VirtualWorld {
  /** For `createLLM({ world })`. Its `fetch` refuses: scripted routes need none. */
  readonly world: World
  /** Let virtual time pass, running what falls due on the way and all that follows from it. */
  advance(ms: number): Promise<void>
  /** Let time pass until `promise` is settled; throws when nothing is left that could settle it. */
  until<Value>(promise: Promise<Value>): Promise<Value>
  setOnline(isOnline: boolean): void
  setHidden(isHidden: boolean): void
  /** The page is left: for good, or for a return by the back button. */
  leave(mayReturn?: boolean): void
  /** The user copies a text. */
  copy(text: string): void
  /** The page is gone from one moment to the next: nothing of it runs any more, and it holds nothing. */
  crash(): void
  /** The page sleeps: time passes, timers do not run, and all that fell due runs afterwards. */
  sleep(ms: number): Promise<void>
  /** Timers that are pending: 0 when a run has left nothing behind. */
  pending(): number
}

/** Resolves once promises have nothing left to do: a macrotask comes after all of them. */
function flush(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.addEventListener('message', () => {
      port1.close()
      resolve()
    })
    port1.start()
    port2.postMessage(null)
  })
}

/**
 * A world on a virtual clock: hours pass in milliseconds, and the same seed gives the same run.
 *
 * @param options `seed` of the random numbers, default 1; `startAt`, epoch ms, default 0; `disk`, default one of its own
 */
export function createVirtualWorld(
  options: { readonly seed?: number; readonly startAt?: number; readonly disk?: VirtualDisk } = {},
): VirtualWorld {
  const { seed = 1, startAt = 0, disk = createVirtualDisk() } = options
  let now = startAt
  let order = 0
  let isOnline = true
  let isHidden = false
  let isGone = false
  const held = new Set<string>()
  const copiers = new Set<(text: string) => void>()
  const timers = new Map<number, { readonly at: number; readonly task: () => void }>()
  const watchers = new Set<() => void>()
  const leavers = new Set<(mayReturn: boolean) => void>()
  const lines = new Map<string, Set<(message: unknown) => void>>()
  let state = seed
  /** Mulberry32, by Tommy Ettinger (public domain): small, and good enough to spread delays. */
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  function after(ms: number, task: () => void): Cancel {
    order += 1
    const key = order
    if (ms < Infinity) timers.set(key, { at: now + Math.max(0, ms), task })
    return () => {
      timers.delete(key)
    }
  }
  const nextDue = (): readonly [number, { at: number; task: () => void }] | undefined =>
    [...timers].toSorted(([a, one], [b, other]) => one.at - other.at || a - b)[0]

  async function runUntil(target: number): Promise<void> {
    await flush()
    for (let due = nextDue(); due && due[1].at <= target; due = nextDue()) {
      const [key, timer] = due
      timers.delete(key)
      now = Math.max(now, timer.at)
      timer.task()
      await flush()
    }
    now = Math.max(now, target)
  }
  const change = (apply: () => void): void => {
    apply()
    for (const watcher of watchers) watcher()
  }
  const page: Page = {
    isOnline: () => isOnline,
    isHidden: () => isHidden,
    watch(listener) {
      watchers.add(listener)
      return () => {
        watchers.delete(listener)
      }
    },
    watchLeaving(listener) {
      leavers.add(listener)
      return () => {
        leavers.delete(listener)
      }
    },
    watchCopy(listener) {
      copiers.add(listener)
      return () => {
        copiers.delete(listener)
      }
    },
    wantsPrivacy: () => false,
    measure: () => undefined,
    beacon: () => false,
    hasBlocked: () => Promise.resolve(false),
  }
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
    world: {
      fetch: () => Promise.reject(new TypeError('A virtual world has no network.')),
      now: () => now,
      timeOrigin: startAt,
      after,
      random,
      page,
      channel(name) {
        const all = lines.get(name) ?? new Set()
        lines.set(name, all)
        let own: ((message: unknown) => void) | null = null
        return {
          post(message) {
            const others = [...all].filter((one) => one !== own)
            // As between tabs: a copy, and not before whoever speaks has finished.
            const copy: unknown = structuredClone(message)
            for (const other of others) queueMicrotask(() => other(copy))
          },
          listen(listener) {
            own = listener
            all.add(listener)
          },
          close() {
            if (own) all.delete(own)
          },
        }
      },
      local: {
        read: (key) => disk.texts.get(key) ?? null,
        write: (key, text) => {
          if (!isGone) disk.texts.set(key, text)
        },
      },
      storage: {
        async update(key, make) {
          // The world's own clock: what is slow for one page is slow for it alone.
          if (disk.delayMs > 0) await new Promise<void>((done) => after(disk.delayMs, done))
          if (disk.isBroken) throw new DOMException('no storage', 'SecurityError')
          const kept = structuredClone(disk.entries.get(key))
          disk.entries.set(key, structuredClone(make(kept)))
        },
      },
      // Nothing is secret here; WebCrypto would not keep to the virtual clock.
      digest: async (text) => `digest of ${text.split('').toReversed().join('')}`,
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
    },
    advance: (ms) => runUntil(now + ms),
    async until(promise) {
      const settled = { is: false }
      const mark = (): void => {
        settled.is = true
      }
      promise.then(mark, mark)
      await flush()
      for (let due = nextDue(); !settled.is && due; due = nextDue()) await runUntil(due[1].at)
      if (!settled.is) throw new Error('Nothing is left to wait for, and it is not settled.')
      return promise
    },
    setOnline: (next) => {
      change(() => (isOnline = next))
    },
    setHidden: (next) => {
      change(() => (isHidden = next))
    },
    leave(mayReturn = false) {
      for (const leaver of leavers) leaver(mayReturn)
    },
    copy(text) {
      for (const copier of copiers) copier(text)
    },
    crash() {
      isGone = true
      timers.clear()
      for (const name of held) disk.locks.delete(name)
    },
    async sleep(ms) {
      await flush()
      now += ms
      await runUntil(now)
    },
    pending: () => timers.size,
  }
}

/**
 * A run as lines to compare: what was tried, what was said, what broke and what was done about it.
 *
 * @example
 * expect(await transcript(run)).toEqual(['try ours', '"half"', 'stream-stall -> restart on mini', 'try mini', '"whole"', 'completed'])
 */
export async function transcript(run: Run): Promise<string[]> {
  const events: RunEvent[] = []
  for await (const event of run) events.push(event)
  return tellEvents(events)
}

/** The lines of events that have been collected already. Text that came in pieces is one line. */
export function tellEvents(events: readonly RunEvent[]): string[] {
  const lines: string[] = []
  let text = ''
  let failed: { readonly kind: FailureKind; readonly visibleChars: number } | null = null
  for (const event of events) {
    if (event.type === 'content') {
      text += event.text
      continue
    }
    if (text !== '') lines.push(JSON.stringify(text))
    text = ''
    switch (event.type) {
      case 'attempt-started':
        lines.push(`try ${event.route}`)
        break
      case 'reasoning':
        lines.push(`thinks ${JSON.stringify(event.text)}`)
        break
      case 'tool-call':
        lines.push(`calls ${event.call.name}`)
        break
      case 'slowed':
        lines.push('slow')
        break
      case 'attempt-failed':
        failed = { kind: event.failure.kind, visibleChars: event.visibleChars }
        break
      case 'moved':
        lines.push(
          `${failed?.kind ?? event.degraded?.cause ?? 'none'} -> ${tellMove(event.move, failed?.visibleChars ?? 0)}`,
        )
        break
      case 'answered':
        lines.push(`answered ${event.answer}`)
        break
      case 'paused':
        lines.push(`paused for ${event.for}`)
        break
      case 'resumed':
        lines.push('resumed')
        break
      case 'settled':
        lines.push(event.outcome.status)
        break
      default:
    }
  }
  return lines
}

function tellMove(move: Move, visibleChars: number): string {
  switch (move.to) {
    case 'retry':
      return `retry ${move.route}`
    case 'route':
      return visibleChars > 0 ? `restart on ${move.route}` : move.route
    case 'safe':
      return `safe ${move.route}`
    case 'ask':
      return `ask about ${move.confirmation.route}`
    case 'pause':
    case 'keep':
    case 'stop':
      return move.to
    default:
      return move satisfies never
  }
}
