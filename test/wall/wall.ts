import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createClock, type Clock } from './clock.ts'
import { answers, tokenMs, type Fault, type Scenario, type Side } from './scenarios.ts'

/** One attempt as the provider saw it. Times are in the scenario's milliseconds, since it began. */
export interface Entry {
  readonly side: Side
  /** 1, 2, 3 … on this side. */
  readonly attempt: number
  readonly at: number
  /** What was done to it: `200`, `503`, `reset`, `cut` … */
  readonly did: string
  /** When the caller hung up before the wall had done with it. */
  readonly leftAt: number | null
}

export interface Wall {
  readonly scale: number
  /** Forgets the scenario's log and starts its time. */
  begin(scenario: Scenario): Clock
  /** Where a route of the scenario speaks to; what `chat/completions` is added to. */
  baseUrl(scenario: Scenario, side: Side): string
  log(scenario: Scenario): readonly Entry[]
  close(): Promise<void>
}

type Writable<Value> = { -readonly [Key in keyof Value]: Value[Key] }

interface Stage {
  readonly scenario: Scenario
  readonly clock: Clock
  readonly log: Writable<Entry>[]
}

interface Asked {
  readonly stage: Stage
  readonly entry: Writable<Entry>
  readonly body: {
    readonly messages: readonly { readonly role: string; readonly content: unknown }[]
    readonly stream_options?: { readonly include_usage?: boolean }
  }
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/**
 * A provider that breaks on purpose: OpenAI chat completions over real HTTP on loopback, on one port for
 * the primary and another for the rest. The fault is chosen by the path, so scenarios can run at once.
 */
export async function buildWall(scale: number): Promise<Wall> {
  const stages = new Map<string, Stage>()
  const first = createServer(listener(stages))
  const second = createServer(listener(stages))
  const [firstOrigin, secondOrigin] = await Promise.all([listen(first), listen(second)])
  return {
    scale,
    begin(scenario) {
      const clock = createClock(scale)
      stages.set(scenario.id, { scenario, clock, log: [] })
      return clock
    },
    baseUrl: ({ id }, side) =>
      `${side === 'primary' ? firstOrigin : secondOrigin}/${id}/${side}/v1`,
    log: ({ id }) => stages.get(id)?.log ?? [],
    close: async () => {
      await Promise.all([shut(first), shut(second)])
    },
  }
}

function listener(stages: ReadonlyMap<string, Stage>): RequestListener {
  return (request, response) => {
    const [, id = '', side = ''] = (request.url ?? '').split('/')
    const stage = stages.get(id)
    if (stage === undefined || !isSide(side)) {
      response.writeHead(404).end()
      return
    }
    const attempt = stage.log.filter((entry) => entry.side === side).length + 1
    const entry: Writable<Entry> = {
      side,
      attempt,
      at: stage.clock.now(),
      did: 'taken',
      leftAt: null,
    }
    stage.log.push(entry)
    let sent = ''
    request.setEncoding('utf8')
    request.on('data', (text: string) => {
      sent += text
    })
    request.on('end', () => {
      void misbehave({ stage, entry, body: JSON.parse(sent), request, response })
    })
    response.on('close', () => {
      if (!response.writableFinished && entry.did !== 'cut' && entry.did !== 'reset') {
        entry.leftAt = stage.clock.now()
      }
    })
  }
}

function isSide(word: string): word is Side {
  return word === 'primary' || word === 'fallback' || word === 'alive'
}

async function misbehave(asked: Asked): Promise<void> {
  const { entry, stage, body, request, response } = asked
  const { scenario, clock } = stage
  const fault: Fault = entry.side === 'alive' ? { does: 'answer' } : scenario[entry.side]
  switch (fault.does) {
    case 'refuse':
      if (entry.attempt > (fault.attempts ?? Infinity)) return speak(asked, {})
      return refuse(asked, fault)
    case 'outage':
      if (clock.now() >= fault.ms) return speak(asked, {})
      return refuse(asked, { status: 503, code: 'overloaded', words: 'Overloaded. Try later.' })
    case 'reset':
      if (entry.attempt > fault.attempts) return speak(asked, {})
      entry.did = 'reset'
      request.socket.resetAndDestroy()
      return
    case 'silence':
      entry.did = 'silence'
      await pause(asked, fault.ms)
      response.destroy()
      return
    case 'reject-prefill':
      if (body.messages.at(-1)?.role !== 'assistant') return speak(asked, {})
      return refuse(asked, {
        status: 400,
        code: 'invalid_prefill',
        words: 'This model does not support assistant message prefill.',
      })
    case 'delay':
      return speak(asked, { delayMs: fault.ms })
    case 'cut':
      return speak(asked, { cutAt: fault.afterTokens, isHidden: fault.isHidden ?? false })
    case 'stall':
      return speak(asked, { stallAt: fault.afterTokens, stallMs: fault.ms })
    case 'garble':
      return speak(asked, { garbleAt: fault.atToken })
    case 'omit-done':
      return speak(asked, { isDone: false })
    case 'answer':
      return speak(asked, {})
    default:
      fault satisfies never
  }
}

function refuse(
  { entry, response }: Asked,
  fault: { status: number; code: string; words: string; retryAfterS?: number },
): void {
  entry.did = String(fault.status)
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (fault.retryAfterS !== undefined) headers['retry-after'] = String(fault.retryAfterS)
  const type = fault.status < 500 ? 'invalid_request_error' : 'server_error'
  response.writeHead(fault.status, headers)
  response.end(
    JSON.stringify({ error: { message: fault.words, type, param: null, code: fault.code } }),
  )
}

interface Manner {
  readonly delayMs?: number
  readonly cutAt?: number
  readonly isHidden?: boolean
  readonly stallAt?: number
  readonly stallMs?: number
  readonly garbleAt?: number
  readonly isDone?: boolean
}

async function speak(asked: Asked, manner: Manner): Promise<void> {
  const { stage, entry, body, response } = asked
  const words = answers[entry.side].split(' ')
  const id = `chatcmpl-${stage.scenario.id}-${entry.side}-${entry.attempt}`
  const chunk = (choices: readonly object[], usage?: object): string =>
    event({ id, object: 'chat.completion.chunk', created: 0, model: entry.side, choices, usage })
  const delta = (content: object, finish: string | null = null): string =>
    chunk([{ index: 0, delta: content, finish_reason: finish }])

  entry.did = '200'
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  })
  response.flushHeaders()
  if (manner.delayMs !== undefined && !(await pause(asked, manner.delayMs))) return
  response.write(delta({ role: 'assistant', content: '' }))
  const from = stage.clock.now()
  for (const [index, word] of words.entries()) {
    if (response.destroyed) return
    if (index === manner.cutAt) {
      entry.did = 'cut'
      if (manner.isHidden === true) response.end()
      // a FIN after what was written, with no last chunk
      else response.socket?.end()
      return
    }
    if (index === manner.stallAt) {
      entry.did = 'stall'
      if (!(await pause(asked, manner.stallMs ?? 0))) return
      entry.did = 'cut'
      response.socket?.end()
      return
    }
    if (index === manner.garbleAt) response.write('data: {"choices": [{"delta": {"content": \n\n')
    response.write(delta({ content: index === 0 ? word : ` ${word}` }))
    // by the clock, so that late timers do not add up
    const early = from + (index + 1) * tokenMs - stage.clock.now()
    if (early > 0) await stage.clock.wait(early)
  }
  response.write(delta({}, 'stop'))
  if (body.stream_options?.include_usage === true) {
    const prompt = promptTokens(body.messages)
    response.write(
      chunk([], {
        prompt_tokens: prompt,
        completion_tokens: words.length,
        total_tokens: prompt + words.length,
      }),
    )
  }
  if (manner.isDone !== false) response.write('data: [DONE]\n\n')
  response.end()
}

function event(payload: object): string {
  return `data: ${JSON.stringify(payload)}\n\n`
}

/** A stand-in for a tokeniser: words, and four for each message. */
function promptTokens(messages: Asked['body']['messages']): number {
  return messages.reduce((sum, { content }) => sum + String(content).split(/\s+/).length + 4, 0)
}

/** Waits, unless the caller hangs up; tells whether the caller is still there. */
async function pause({ stage, response }: Asked, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      response.off('close', gone)
      resolve(true)
    }, ms * stage.clock.scale)
    function gone(): void {
      clearTimeout(timer)
      resolve(false)
    }
    response.once('close', gone)
  })
}

async function listen(server: Server): Promise<string> {
  // callers hang up in the middle of things
  server.on('connection', (socket) => socket.on('error', () => undefined))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return `http://127.0.0.1:${address.port}`
}

async function shut(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => {
    server.close(resolve)
  })
}
