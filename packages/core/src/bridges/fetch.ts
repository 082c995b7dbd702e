import { isRecord } from '../config/checks.ts'
import { parseInput, parseJson } from '../wire/json.ts'
import type { Outcome, Run, RunState } from '../words/event.ts'
import type { Part } from '../words/message.ts'
import { anthropicMessages } from './anthropicMessages.ts'
import { chatCompletions } from './chatCompletions.ts'
import {
  NotCarried,
  STATUS,
  type About,
  type Body,
  type Protocol,
  type Refusal,
  type Sent,
} from './protocol.ts'
import { resolve, start, type BridgeRequest, type Resolvable, type Runs } from './request.ts'
import { responses } from './responses.ts'
import { streamOf, tell, type Told } from './told.ts'

export type { BridgeRequest } from './request.ts'

/** What an SDK asks for. Its headers are not here: nobody has to see its key. */
export interface FetchCall {
  readonly url: string
  /** The model that it names. */
  readonly model: string
  readonly body: Readonly<Record<string, unknown>>
}

export interface LadderFetchOptions {
  /** Takes every request that is none for an answer (files, embeddings, lists of models). Default: a TypeError. */
  readonly fallthrough?: typeof fetch
}

const PROTOCOLS: readonly (readonly [end: string, Protocol])[] = [
  ['/chat/completions', chatCompletions],
  ['/responses', responses],
  ['/messages', anthropicMessages],
]

/** So many parts that were given out by id are remembered. */
const MOST_GIVEN = 1_000

/**
 * The ladder as the `fetch` of the official OpenAI and Anthropic SDKs, and of AI SDK providers: a POST to
 * `…/chat/completions`, `…/responses` or `…/messages` is a run, its answer comes in that protocol, as a stream
 * or as one document. The key and the model that the SDK was given are not used; the `model` of the answer is
 * the route that gave it. A streamed answer that breaks off ends with the protocol's error, after what was
 * shown; a run without an answer is an error with an honest status. Turn the SDK's own retries off
 * (`maxRetries: 0`): the ladder has done what there was to do.
 *
 * Rejects with a TypeError for any other request, unless `fallthrough` takes it.
 *
 * @example
 * const openai = new OpenAI({ apiKey: 'none', maxRetries: 0, dangerouslyAllowBrowser: true, fetch: ladderFetch(llm, { workload: 'chat' }) })
 */
export function ladderFetch<Name extends string, Job extends string, Level extends string>(
  llm: Runs<Name, Job, Level>,
  request: Resolvable<BridgeRequest<NoInfer<Job>, NoInfer<Level>>, FetchCall>,
  { fallthrough }: LadderFetchOptions = {},
): typeof fetch {
  const given = new Map<string, Part>()
  return async (input, init) => {
    const isRequest = typeof input === 'object' && 'url' in input
    const url = isRequest ? input.url : String(input)
    const method = init?.method ?? (isRequest ? input.method : 'GET')
    const path = new URL(url, 'http://localhost').pathname
    const protocol = PROTOCOLS.find(([end]) => path.endsWith(end))?.[1]
    if (!protocol || method.toUpperCase() !== 'POST') {
      if (fallthrough) return fallthrough(input, init)
      throw new TypeError(`A ladder answers no ${method} ${path}: give it a \`fallthrough\` fetch.`)
    }
    const signal = (init?.signal ?? (isRequest ? input.signal : null)) || undefined
    signal?.throwIfAborted()
    const sent = init?.body == null && isRequest ? input : new Response(init?.body)
    const parsed = parseJson(await sent.text())
    const body = isRecord(parsed) ? parsed : {}
    const isStream = body['stream'] === true
    let run: Run<Name>
    let forced: string | undefined
    try {
      const { forced: name, ...asked } = protocol.read(body, given)
      forced = name
      const call = { url, model: String(body['model']), body }
      const said = Object.fromEntries(
        Object.entries(asked).filter(([, value]) => value !== undefined),
      )
      const all = { ...resolve(request, call), ...said, signal }
      // Where nothing is shown before the end, everything can be taken back.
      run = start(llm, all, !isStream || forced !== undefined)
    } catch (error) {
      return refused(protocol, refusalOf(error))
    }
    const answer: Answer = {
      protocol,
      run,
      body,
      given,
      signal,
      told: asCall(tell(run), run, forced),
    }
    const response = await (isStream ? streamed(answer) : whole(answer))
    // The oldest go first.
    for (const id of [...given.keys()].slice(0, -MOST_GIVEN)) given.delete(id)
    return response
  }
}

interface Answer {
  readonly protocol: Protocol
  readonly run: Run
  readonly body: Body
  readonly given: Map<string, Part>
  readonly signal: AbortSignal | undefined
  readonly told: AsyncGenerator<Told>
}

async function whole(answer: Answer): Promise<Response> {
  const { protocol, run, told, signal } = answer
  for await (const piece of told) {
    if (piece.type !== 'end') continue
    signal?.throwIfAborted()
    const { outcome } = piece
    const refusal = refusalIn(outcome, run)
    // What there is of an answer that was cut is given as such.
    const isCut = outcome.status === 'partial' && outcome.text !== ''
    if (refusal && !isCut) return refused(protocol, refusal)
    const document = protocol.whole(aboutOf(answer, outcome), outcome)
    return Response.json(document, { headers: headersOf(run, outcome) })
  }
  throw new TypeError('a run tells its end')
}

async function streamed(answer: Answer): Promise<Response> {
  const { protocol, run, told, signal } = answer
  // Nothing is answered before there is something to say: what fails before that has a status of its own.
  let served: Served = { route: null, degraded: null }
  let first = await told.next()
  while (!first.done && (first.value.type === 'state' || first.value.type === 'retracted')) {
    if (first.value.type === 'state') served = first.value.state
    first = await told.next()
  }
  signal?.throwIfAborted()
  if (first.done) throw new TypeError('a run tells its end')
  const refusal = first.value.type === 'end' ? refusalIn(first.value.outcome, run) : null
  if (refusal) return refused(protocol, refusal)
  const headers = { ...headersOf(run, served), 'content-type': 'text/event-stream; charset=utf-8' }
  const lines = written(answer, aboutOf(answer, served), first.value)
  return new Response(
    streamOf(lines, () => void run.stop()),
    { headers },
  )
}

async function* written(
  { protocol, run, told, signal }: Answer,
  about: About,
  first: Told,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder()
  const encode = protocol.stream(about)
  function lines(piece: Told): Uint8Array<ArrayBuffer> {
    const broken = piece.type === 'end' ? refusalIn(piece.outcome, run) : null
    const sent = broken ? [protocol.break(broken)] : encode(piece)
    return encoder.encode(sent.map(lineOf).join(''))
  }
  yield lines(first)
  for await (const piece of told) {
    if (piece.type === 'end') signal?.throwIfAborted()
    if (piece.type === 'state') about.model = piece.state.route ?? about.model
    const bytes = lines(piece)
    if (bytes.length > 0) yield bytes
  }
}

function lineOf({ event, data }: Sent): string {
  const name = event === undefined ? '' : `event: ${event}\n`
  return `${name}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`
}

/** Where one tool had to be called, the structured answer is that call. */
async function* asCall(
  told: AsyncGenerator<Told>,
  { id }: Run,
  name: string | undefined,
): AsyncGenerator<Told> {
  for await (const piece of told) {
    if (name === undefined) yield piece
    else if (piece.type === 'end') {
      const { outcome } = piece
      const { status, text, finish, message } = outcome
      if (status !== 'completed' || finish !== 'stop') {
        if (text !== '') yield { type: 'text', text }
        yield piece
        continue
      }
      const call = { type: 'tool-call', id: `call_${id}`, name, input: parseInput(text) } as const
      const content = [...message.content.filter(({ type }) => type === 'reasoning'), call]
      const called = { ...outcome, text: '', message: { ...message, content } }
      yield { type: 'end', outcome: { ...called, finish: 'tool-calls' }, calls: [call] }
    } else if (piece.type !== 'text') yield piece
  }
}

function aboutOf({ run, body, given }: Answer, { route }: Served): About {
  const created = Math.floor(Date.now() / 1000)
  return { id: run.id, model: route ?? '', created, body, given }
}

/** Who answers, and instead of whom. */
type Served = Pick<RunState, 'route' | 'degraded'>

function headersOf({ id }: Run, { route, degraded }: Served): Record<string, string> {
  return {
    'cache-control': 'no-store',
    'x-request-id': id,
    'request-id': id,
    'x-rungs-route': route ?? '',
    ...(degraded && { 'x-rungs-degraded': `${degraded.from}; cause=${degraded.cause}` }),
  }
}

/** Why an outcome is no whole answer; null where it is one. */
function refusalIn({ status, failure }: Outcome, { id: requestId }: Run): Refusal | null {
  if (status === 'completed' || status === 'safe') return null
  if (!failure) {
    // Nobody waits for it any more, says this status, which some hosts send.
    return { status: 499, message: `The run was ${status}.`, code: status, param: null, requestId }
  }
  const { kind, message, retryAfterMs } = failure
  return { status: STATUS[kind], message, code: kind, param: null, retryAfterMs, requestId }
}

/** A request that could not be a run's. */
function refusalOf(error: unknown): Refusal {
  const message = error instanceof Error ? error.message : String(error)
  const param = error instanceof NotCarried ? error.param : null
  return { status: 400, message, code: 'invalid-request', param, requestId: null }
}

function refused(protocol: Protocol, refusal: Refusal): Response {
  const { status, retryAfterMs } = refusal
  const wait =
    retryAfterMs === undefined ? {} : { 'retry-after': `${Math.ceil(retryAfterMs / 1000)}` }
  // The SDKs obey this one: the ladder has tried what there was to try.
  const headers = { ...wait, 'x-should-retry': 'false', 'x-request-id': refusal.requestId ?? '' }
  return Response.json(protocol.refuse(refusal), { status, headers })
}
