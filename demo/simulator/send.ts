import type { ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Fault } from './faults.ts'
import type { Shape } from './shapes.ts'
import { tokenMs, toTokens } from './tokens.ts'
import type { Voice } from './voices.ts'

export interface Reply {
  readonly voice: Voice
  readonly fault: Fault
  readonly text: string
  readonly shape: Shape
}

const RETRY_AFTER_MS = 20_000
/** Past nine in ten of a route's answers, and short of its deadline. */
const SLOW_FACTOR = 3
const SLOW_LEAST_MS = 3500
const SLOW_TOKENS_PER_SECOND = 14

/** Sends a reply in the way its fault asks for. Ends when the reply has, or when the client is gone. */
export async function send(res: ServerResponse, reply: Reply): Promise<void> {
  const gone = new AbortController()
  res.once('close', () => gone.abort())
  try {
    await tell(res, reply, gone.signal)
  } catch (error) {
    if (!gone.signal.aborted) throw error
  }
}

async function tell(res: ServerResponse, reply: Reply, gone: AbortSignal): Promise<void> {
  const { voice, shape, fault, text } = reply
  switch (fault) {
    case 'healthy':
      return stream(res, reply, voice, gone)
    case 'slow':
      return stream(
        res,
        reply,
        {
          ...voice,
          firstMs: Math.max(SLOW_LEAST_MS, voice.firstMs * SLOW_FACTOR),
          tokensPerSecond: SLOW_TOKENS_PER_SECOND,
        },
        gone,
      )
    case 'rate-limit':
      return refuse(res, shape, 429, RETRY_AFTER_MS)
    case 'rate-limit-bare':
      return refuse(res, shape, 429, null)
    case 'error-500':
      return refuse(res, shape, 500, null)
    case 'error-503':
      return refuse(res, shape, 503, null)
    case 'refused':
      return void res.destroy()
    case 'hang-before-headers':
      return silence(gone)
    case 'hang-after-headers':
      res.writeHead(200, shape.headers).flushHeaders()
      return silence(gone)
    case 'stall':
      await half(res, reply, gone)
      return silence(gone)
    case 'cut':
      await half(res, reply, gone)
      return void res.destroy()
    case 'error-event':
      res.writeHead(200, shape.headers).flushHeaders()
      await pause(voice.firstMs, undefined, { signal: gone })
      return void res.end(shape.errorEvent())
    case 'html':
      return void res.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(PORTAL)
    case 'empty':
      return void res.writeHead(200, shape.headers).end()
    case 'wrong-type':
      await pause(voice.firstMs, undefined, { signal: gone })
      return void res
        .writeHead(200, { 'content-type': 'application/json' })
        .end(shape.document(text))
    default:
      return fault satisfies never
  }
}

async function stream(
  res: ServerResponse,
  reply: Reply,
  voice: Voice,
  gone: AbortSignal,
): Promise<void> {
  const tokens = toTokens(reply.text)
  await speak(res, reply.shape, tokens, voice, gone)
  res.end(reply.shape.closing(tokens.length))
}

/** Enough of the answer that a reader has begun to read it, and no end. */
async function half(res: ServerResponse, reply: Reply, gone: AbortSignal): Promise<void> {
  const tokens = toTokens(reply.text)
  await speak(res, reply.shape, tokens.slice(0, Math.ceil(tokens.length * 0.4)), reply.voice, gone)
}

async function speak(
  res: ServerResponse,
  shape: Shape,
  tokens: readonly string[],
  voice: Voice,
  gone: AbortSignal,
): Promise<void> {
  res.writeHead(200, shape.headers).flushHeaders()
  await pause(voice.firstMs, undefined, { signal: gone })
  res.write(shape.opening())
  for (const token of tokens) {
    await pause(tokenMs(token, voice.tokensPerSecond), undefined, { signal: gone })
    res.write(shape.delta(token))
  }
}

function refuse(
  res: ServerResponse,
  shape: Shape,
  status: number,
  retryAfterMs: number | null,
): void {
  res
    .writeHead(status, {
      'content-type': 'application/json',
      ...(retryAfterMs === null ? {} : { 'retry-after': String(retryAfterMs / 1000) }),
    })
    .end(shape.errorBody(status, retryAfterMs))
}

/** Until the client is gone. */
function silence(gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (gone.aborted) return resolve()
    gone.addEventListener('abort', () => resolve(), { once: true })
  })
}

const PORTAL = `<!doctype html>
<html lang="en"><head><title>Sign in to the network</title></head>
<body><h1>Sign in to the network</h1><p>Accept the terms to go on.</p></body></html>
`
