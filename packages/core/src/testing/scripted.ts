import { Fault, judged, type Evidence } from '../policy/fault.ts'
import { createRoute } from '../wire/route.ts'
import type { Usage } from '../words/event.ts'
import type { FailureKind } from '../words/failure.ts'
import type { Ability, Route, RouteFacts } from '../words/route.ts'
import type { Privacy, WireEvent } from '../words/wire.ts'

/**
 * One beat of a script: text that comes in one read; a number of ms to wait; or an object for anything
 * else that a route can do.
 */
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
