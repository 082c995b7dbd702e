import { Fault, judged } from '../policy/fault.ts'
import type { FailureKind } from '../words/failure.ts'
import type { Route, RouteFacts } from '../words/route.ts'
import type { Availability, WireCall, WireEvent, WireRequest } from '../words/wire.ts'
import { encode, type Said } from './onDevicePrompt.ts'
import { createText } from './onDeviceText.ts'
import { createRoute } from './route.ts'
import { jsonSchemaOf } from './schema.ts'

/**
 * A route to the browser's own model, the Prompt API of Chrome and Edge. It is free, works
 * offline and satisfies every region and compliance tag; browsers without a model for the
 * request leave it out of the plan as `unavailable`. A model that is not there yet is downloaded
 * (some GB, told as `downloading`) once the user has agreed; the browser wants a click or a key
 * press just before. It takes text and images and gives text or JSON; it has no tools and no
 * `maxOutputTokens`.
 * Format: https://webmachinelearning.github.io/prompt-api
 *
 * @param options `languages`: what is said and answered in, as BCP 47 tags. Say them: without,
 * Chrome warns, and a language that the model does not know shows only as it fails
 * @example
 * onDevice({ languages: ['en'], quality: 0.4, contextTokens: 9_000 })
 */
export function onDevice(
  options: RouteFacts & { readonly languages?: readonly string[] | undefined } = {},
): Route {
  const { languages, ...facts } = options
  return createRoute(
    'on-device',
    { provider: 'on-device', ...facts, price: 'included' },
    {
      model: null,
      origin: null,
      privacy: 'device',
      abilities: ['text', 'image', 'json'],
      credential: 'none',
      problems: areTags(languages) ? [] : [{ path: '.languages', message: 'must be BCP 47 tags' }],
      downloadBytes: DOWNLOAD_BYTES,
      availability: (request) => {
        const api = find()
        return api ? ask(api, setUp(request, languages)) : 'unavailable'
      },
      stream: (call, tell) => stream(call, tell, languages),
    },
  )
}

/** The API does not say. Chrome's Gemini Nano has about 4 GB (chrome://on-device-internals). */
const DOWNLOAD_BYTES = 4e9

function areTags(languages: readonly string[] | undefined): boolean {
  try {
    return Intl.getCanonicalLocales(languages).length === (languages?.length ?? 0)
  } catch {
    return false
  }
}

interface Api {
  availability?(setUp: object): Promise<string>
  create(options: object): Promise<Session>
}
interface Session {
  promptStreaming(prompt: string | Said[], options: object): ReadableStream<unknown>
  destroy(): void
  readonly contextUsage?: number
  measureContextUsage?(prompt: string | Said[], options: object): Promise<number>
  /** The names of before, in extensions still. */
  readonly inputUsage?: number
  measureInputUsage?(prompt: string | Said[], options: object): Promise<number>
}
function find(): Api | undefined {
  return (globalThis as { readonly LanguageModel?: Api }).LanguageModel
}

const AVAILABILITIES: readonly Availability[] = ['available', 'downloading', 'downloadable']

async function ask(api: Api, options: object): Promise<Availability> {
  try {
    const said = await api.availability?.(options)
    return AVAILABILITIES.find((one) => one === said) ?? 'unavailable'
  } catch {
    // A page in the background, a frame without permission, a language that is none.
    return 'unavailable'
  }
}

/** What a session has to be able to do. */
function setUp(
  { messages, temperature }: Pick<WireRequest, 'messages' | 'temperature'>,
  languages: readonly string[] | undefined,
): object {
  const hasImage = messages.some(
    ({ content }) => typeof content !== 'string' && content.some(({ type }) => type === 'image'),
  )
  const text = { type: 'text', ...(languages ? { languages: [...languages] } : {}) }
  return {
    expectedInputs: [text, ...(hasImage ? [{ type: 'image' }] : [])],
    expectedOutputs: [text],
    ...(temperature === undefined ? {} : samplingMode(temperature)),
  }
}

/**
 * Pages have these words in place of a temperature, which ranges from 0 to 2 with 1 in the
 * middle.
 */
function samplingMode(temperature: number): object {
  if (temperature > 1.2) return { samplingMode: 'creative' }
  if (temperature >= 0.7) return {}
  return { samplingMode: temperature > 0.2 ? 'predictable' : 'most-predictable' }
}

/**
 * https://webmachinelearning.github.io/prompt-api/#language-model-errors, and what its steps
 * throw.
 */
const KINDS: readonly (readonly [name: RegExp, kind: FailureKind])[] = [
  [/^QuotaEx/, 'context-length'],
  [/^NotSupp/, 'unsupported-capability'],
  [/^NotAllow/, 'blocked-request'],
  [/^Syntax/, 'invalid-response'],
  [/^(?:Type|Range|Data|Enc|Sec)/, 'invalid-request'],
  // Above all those for which the session was closed behind our back, or the model's process died.
  [/^(?:Abort|Invalid|Oper|Unknown)/, 'outage'],
]

async function stream(
  { request, signal, world }: WireCall,
  tell: (event: WireEvent) => void,
  languages: readonly string[] | undefined,
): Promise<void> {
  const api = find()
  const options = setUp(request, languages)
  const availability = api ? await ask(api, options) : 'unavailable'
  if (!api || availability === 'unavailable') {
    throw new Fault({ from: 'unsent', kind: 'unsupported-capability' })
  }
  const { initialPrompts, prompt } = await encode(request, world, signal)
  signal.throwIfAborted()
  let session: Session | undefined
  const destroy = (): void => {
    session?.destroy()
    session = undefined
  }
  signal.addEventListener('abort', destroy)
  try {
    session = await api.create({
      ...options,
      ...(initialPrompts.length > 0 ? { initialPrompts } : {}),
      signal,
      // It tells 0 and 1 even where nothing has to be downloaded.
      ...(availability === 'available' ? {} : { monitor: watch(tell) }),
    })
    signal.throwIfAborted()
    await speak(session, prompt, { request, signal }, tell)
  } catch (thrown) {
    signal.throwIfAborted()
    const name = thrown instanceof Error ? thrown.name : ''
    if (name === 'NotReadableError') {
      // The browser's filter: what stands before it may stand.
      tell({ type: 'finish', finish: 'filtered' })
      tell({ type: 'terminal' })
      return
    }
    if (name === 'NetworkError') {
      const isOnline = world.page.isOnline()
      throw new Fault({ from: 'transport', isOnline, isBlocked: false })
    }
    // Without a gesture there is no download; the next one may be in time.
    if (name === 'NotAllowedError' && !session && availability !== 'available') {
      throw new Fault({ from: 'unsent', kind: 'unsupported-capability' })
    }
    const kind = KINDS.find(([names]) => names.test(name))?.[1]
    throw kind ? judged(kind) : thrown
  } finally {
    signal.removeEventListener('abort', destroy)
    destroy()
  }
}

function watch(tell: (event: WireEvent) => void): (monitor: EventTarget) => void {
  return (monitor) => {
    monitor.addEventListener('downloadprogress', (event) => {
      const { loaded, total } = event as ProgressEvent
      // Shares of 1; bytes, at first.
      const share = total > 1 ? loaded / total : loaded
      if (share >= 0) tell({ type: 'downloading', loaded: Math.min(1, share) })
    })
  }
}

async function speak(
  session: Session,
  prompt: string | Said[],
  { request: { output }, signal }: Pick<WireCall, 'request' | 'signal'>,
  tell: (event: WireEvent) => void,
): Promise<void> {
  const options = {
    signal,
    ...(output ? { responseConstraint: jsonSchemaOf(output) ?? { type: 'object' } } : {}),
  }
  const before = usageOf(session)
  const text = createText(session, (piece) => {
    if (piece !== '') tell({ type: 'text', text: piece })
  })
  const reader = session.promptStreaming(prompt, options).getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      signal.throwIfAborted()
      if (done) break
      for (const piece of Array.isArray(value) ? value : [value]) {
        // A session that thinks aloud gives its pieces a type.
        const { type, value: said } =
          typeof piece === 'string' ? asPiece(piece) : ((piece ?? {}) as Piece)
        if (typeof said !== 'string') continue
        if (type === 'text') text.put(said)
        else if (type === 'thought') tell({ type: 'reasoning', text: said })
      }
    }
  } finally {
    // Of a stream that has broken, cancelling tells the same error once more.
    reader.cancel().catch(() => undefined)
  }
  text.end()
  tell({ type: 'finish', finish: 'stop' })
  const inputTokens = before + (await measure(session, prompt, options))
  const outputTokens = usageOf(session) - inputTokens
  if (outputTokens > 0) tell({ type: 'usage', usage: { inputTokens, outputTokens } })
  tell({ type: 'terminal' })
}

interface Piece {
  readonly type?: string
  readonly value?: unknown
}
function asPiece(value: string): Piece {
  return { type: 'text', value }
}

/** Tokens of the context in use; not a number where that is not said. */
function usageOf({ contextUsage, inputUsage }: Session): number {
  return contextUsage ?? inputUsage ?? NaN
}

async function measure(
  session: Session,
  prompt: string | Said[],
  options: object,
): Promise<number> {
  try {
    const tokens = session.measureContextUsage?.(prompt, options)
    return (await (tokens ?? session.measureInputUsage?.(prompt, options))) ?? NaN
  } catch {
    return NaN
  }
}
