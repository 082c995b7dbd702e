import { Fault, judged, type Evidence } from '../policy/fault.ts'
import type { FailureKind } from '../words/failure.ts'
import type { MaybeAsync, Route, RouteFacts } from '../words/route.ts'
import type { WireCall, WireEvent, WireRequest } from '../words/wire.ts'
import { decodeChat, encodeChat } from './chat.ts'
import { read } from './remote.ts'
import { createRoute } from './route.ts'
import { jsonSchemaOf } from './schema.ts'

/**
 * A route to a model that runs in the page: any object with an OpenAI-shaped
 * `chat.completions.create` that streams, such as an engine of WebLLM. It satisfies every region
 * and compliance tag and is free unless its `price` says otherwise, so it must answer on the
 * device: a client that sends requests elsewhere is refused. One request at a time is given to
 * an engine; ending one calls its `interruptGenerate`.
 *
 * Without `abilities` it takes text and gives text or JSON: say `tools` or `image` where the
 * model can do more.
 * Format: https://webllm.mlc.ai/docs/user/api_reference.html
 *
 * @param options `engine`: the object, or a function that gives it, asked when an attempt needs
 * it and again after the engine broke. What it is to download should be there, and agreed to,
 * before: a function that gives undefined until then lets other routes answer. `model`: as the
 * engine knows it
 * @example
 * engine({ engine: () => loaded, model: 'Llama-3.2-3B-Instruct-q4f16_1-MLC', quality: 0.3 })
 */
export function engine(
  options: RouteFacts & { readonly engine: MaybeAsync<object>; readonly model: string },
): Route {
  const { engine: source, model, ...facts } = options
  const message = typeof source === 'function' ? undefined : problem(source)
  let kept: Promise<object | undefined> | undefined

  async function load(): Promise<Engine> {
    kept ??= Promise.resolve(source).then(read)
    let found: object | undefined
    try {
      found = await kept
    } finally {
      if (!found) kept = undefined
    }
    if (!found) throw new Fault({ from: 'unsent', kind: 'unsupported-capability' })
    if (problem(found)) throw new Fault({ from: 'unsent', kind: 'invalid-request' })
    return found as Engine
  }

  return createRoute(
    'engine',
    { provider: 'engine', ...facts, price: facts.price ?? 'included' },
    {
      model,
      origin: null,
      privacy: 'device',
      abilities: ['text', 'json'],
      credential: 'none',
      problems: [
        ...(message ? [{ path: '.engine', message }] : []),
        ...(model ? [] : [{ path: '.model', message: 'must name a model' }]),
      ],
      async stream(call, tell) {
        try {
          const loaded = await load()
          await inTurn(loaded, call, () => speak(loaded, model, call, tell))
        } catch (thrown) {
          call.signal.throwIfAborted()
          const fault = faultOf(thrown)
          // What broke may be another one next time; what only refused is as good as before.
          if (isBroken(fault.evidence)) kept = undefined
          throw fault
        }
      },
    },
  )
}

interface Engine {
  readonly chat: { readonly completions: { create(body: object): unknown } }
  interruptGenerate?(): unknown
}

/** Why an object is no engine; undefined when it is one. */
function problem(found: object | null | undefined): string | undefined {
  const { chat, baseURL } = (found ?? {}) as {
    readonly chat?: { readonly completions?: { readonly create?: unknown } } | null
    readonly baseURL?: unknown
  }
  if (typeof chat?.completions?.create !== 'function') return 'has no chat.completions.create'
  return baseURL === undefined ? undefined : 'sends its requests elsewhere; openai() is for that'
}

const queues = new WeakMap<object, Promise<unknown>>()
/** An engine that was interrupted and goes on regardless is not waited for longer than this. */
const INTERRUPT_MS = 5_000

/** Engines answer one request at a time, and some break when given two. */
async function inTurn(
  runner: object,
  { signal, world }: WireCall,
  task: () => Promise<void>,
): Promise<void> {
  const before = queues.get(runner)
  const turn = Promise.withResolvers<void>()
  let giveUp: (() => void) | undefined
  const onAbort = (): void => {
    giveUp = world.after(INTERRUPT_MS, turn.resolve)
  }
  queues.set(
    runner,
    Promise.resolve(before).then(() => turn.promise),
  )
  try {
    await before
    signal.throwIfAborted()
    signal.addEventListener('abort', onAbort)
    await task()
  } finally {
    signal.removeEventListener('abort', onAbort)
    giveUp?.()
    turn.resolve()
  }
}

/** More than a model says; one that cannot stop has to be stopped. */
const CHUNKS = 200_000
/** So much of an interrupted answer is read to its end. */
const UNHEARD_CHUNKS = 100

async function speak(
  runner: Engine,
  model: string,
  { request, signal }: WireCall,
  tell: (event: WireEvent) => void,
): Promise<void> {
  const interrupt = (): void => {
    // Of an engine in a worker this is a promise. The attempt is over, so its failing changes nothing.
    void Promise.resolve(runner.interruptGenerate?.()).catch(() => undefined)
  }
  signal.addEventListener('abort', interrupt)
  try {
    const chunks = await runner.chat.completions.create(encode(request, model))
    if (!isIterable(chunks)) throw judged('invalid-response')
    let hasFinish = false
    let count = 0
    let unheard = 0
    const decode = decodeChat((event) => {
      hasFinish ||= event.type === 'finish'
      tell(event)
    })
    for await (const chunk of chunks) {
      if (signal.aborted) {
        // An interrupted engine ends by itself, and some must to be free again; one that had not begun by
        // then has not heard of it.
        unheard += 1
        if (!runner.interruptGenerate || unheard > UNHEARD_CHUNKS) break
        interrupt()
        continue
      }
      count += 1
      if (count > CHUNKS) throw judged('invalid-response')
      if (isInterrupted(chunk)) throw judged('truncated')
      try {
        decode(JSON.stringify(chunk), undefined)
      } catch (thrown) {
        if (thrown instanceof Fault) throw thrown
        tell({ type: 'skipped' })
      }
    }
    signal.throwIfAborted()
    if (hasFinish) tell({ type: 'terminal' })
  } finally {
    signal.removeEventListener('abort', interrupt)
  }
}

/** Plain data, as a worker wants it, and in what differs from OpenAI in WebLLM's form. */
function encode(request: WireRequest, model: string): object {
  const { system, messages, output, reasoning } = request
  const schema = output && jsonSchemaOf(output)
  const systems = messages.flatMap(({ role, content }) =>
    role === 'system' && typeof content === 'string' ? [content] : [],
  )
  if (system !== null) systems.unshift(system)
  const chat = encodeChat(
    {
      ...request,
      // The only place for it is the first.
      system: systems.length > 0 ? systems.join('\n\n') : null,
      messages: messages.filter(
        ({ role, content }) => role !== 'system' || typeof content !== 'string',
      ),
    },
    model,
    'max_tokens',
  )
  const body: object = JSON.parse(
    JSON.stringify({
      ...chat,
      response_format: output && {
        type: 'json_object',
        schema: schema && JSON.stringify(schema),
      },
      extra_body: reasoning === 'none' ? { enable_thinking: false } : undefined,
    }),
  )
  return body
}

function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

/** WebLLM's word for the end of an answer that somebody else interrupted. */
function isInterrupted(chunk: unknown): boolean {
  const { choices } = (chunk ?? {}) as {
    readonly choices?: readonly { readonly finish_reason?: unknown }[]
  }
  return choices?.[0]?.finish_reason === 'abort'
}

/** Names of WebLLM's errors: https://github.com/mlc-ai/web-llm/blob/main/src/error.ts */
const KINDS: readonly (readonly [name: RegExp, kind: FailureKind])[] = [
  [/^ContextWindow/, 'context-length'],
  [/^ToolCallOutput/, 'invalid-response'],
  [/^(?:Specified)?ModelNotFound|^UnclearModel|^MissingModelWasm/, 'not-found'],
  [
    /^WebGPU|^Feature|^Shader|^Unsupported|^Custom|^Grammar|ForNonVLM|^Prefill|^Non?\w*Worker|^NotSupported/,
    'unsupported-capability',
  ],
  [/^(?:DeviceLost|Integrity|ArtifactManifest|QuotaExceeded|Operation|Abort)/, 'outage'],
  [/^Network|^TypeError .*(?:fetch|load failed|network)/i, 'network'],
  [
    /^Invalid(?!State)|OrderE|^Content|^(?:SeedType|MinValue|NonNegative|StreamingCount)/,
    'invalid-request',
  ],
]

/** A worker's errors come as text, or without their class. */
function faultOf(thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown
  const { name, message } = thrown instanceof Error ? thrown : { name: '', message: String(thrown) }
  const own = /^(?:Error: )?(\w+Error)\b/.exec(message)?.[1]
  const word = (/^(?:Error)?$/.test(name) && own) || name
  if (/NotLoaded/.test(word)) return new Fault({ from: 'unsent', kind: 'unsupported-capability' })
  // Of a TypeError only the words tell a download that broke from a mistake.
  const said = word === 'TypeError' ? `${word} ${message}` : word
  const kind = KINDS.find(([names]) => names.test(said))?.[1]
  return kind ? judged(kind) : new Fault({ from: 'event', error: { message } })
}

function isBroken(evidence: Evidence): boolean {
  return evidence.from !== 'judgement' || evidence.kind === 'outage'
}
