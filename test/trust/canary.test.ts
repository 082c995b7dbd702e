import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answersOf, sse } from './answers.ts'
import type { Seen } from './play.ts'
import { openPlace, openTheatre, type Place, type Stage, type Theatre } from './stage.ts'

/** None of them is a word that says anything of a failure. */
const KEY = 'sk-wxqj-key-4417'
const PROMPT = 'wxqj-prompt-5528'
const SAID = 'wxqj-said-6639'
const CANARIES = { key: KEY, prompt: PROMPT, said: SAID }
const ANY = /wxqj/i

/** A provider's error repeats what it was sent. */
const complaint = {
  message: `Bad key ${KEY} for: ${PROMPT} ${SAID}`,
  type: SAID,
  code: SAID,
  param: PROMPT,
  metadata: { raw: JSON.stringify({ error: { message: `${KEY} ${PROMPT}`, code: KEY } }) },
}
const errorEvent = {
  type: 'error',
  error: complaint,
  errorText: complaint.message,
  message: complaint.message,
  code: SAID,
}

const json = (status: number) => (response: ServerResponse) =>
  response
    .writeHead(status, {
      'content-type': 'application/json',
      'access-control-expose-headers': '*',
      'x-debug': `${KEY} ${PROMPT} ${SAID}`,
    })
    .end(JSON.stringify({ error: complaint }))
const stream = (text: string) => (response: ServerResponse) =>
  response.writeHead(200, { 'content-type': 'text/event-stream' }).end(text)

/** What a provider can do wrong, by the first part of the path. */
const FAULTS: Readonly<Record<string, (response: ServerResponse, protocol: string) => unknown>> = {
  '400': json(400),
  '401': json(401),
  '402': json(402),
  '403': json(403),
  '404': json(404),
  '413': json(413),
  '429': json(429),
  '500': json(500),
  '503': json(503),
  html: (response) =>
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(`<!doctype html><title>${KEY}</title><p>${PROMPT} ${SAID}`),
  document: (response) =>
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ error: complaint })),
  cut(response, protocol) {
    const [start = ''] = answersOf(SAID)[protocol] ?? []
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(start, () => response.destroy())
  },
  ended: (response, protocol) => stream(answersOf(SAID)[protocol]?.[0] ?? '')(response),
  hang: (response) =>
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders(),
  silent: () => undefined,
  event: (response, protocol) =>
    stream(sse(protocol === 'agUi' ? { ...errorEvent, type: 'RUN_ERROR' } : errorEvent))(response),
  'late-event': (response, protocol) =>
    stream(
      (answersOf(SAID)[protocol]?.[0] ?? '') +
        sse(errorEvent, { ...errorEvent, type: 'RUN_ERROR' }),
    )(response),
  malformed: (response) => stream(`data: {"${KEY} ${PROMPT} ${SAID}\n\n`.repeat(9))(response),
  redirect: (response) => response.writeHead(307, { location: '/else' }).end(`${KEY} ${PROMPT}`),
  fine: (response, protocol) => stream((answersOf(SAID)[protocol] ?? []).join(''))(response),
}

declare global {
  interface Window {
    /** What was written to the console. */
    readonly lines: readonly string[]
  }
}

let theatre: Theatre
let stage: Stage
let provider: Place
let endless: Place
const logged: string[] = []
const addresses: string[] = []
let seen: Seen

beforeAll(async () => {
  const answer: Parameters<typeof openPlace>[0] = (response, { path }) => {
    const [, fault = '', protocol = ''] = path.split('/')
    FAULTS[fault]?.(response, protocol)
  }
  provider = await openPlace(answer)
  endless = await openPlace(answer)
  const gone = await openPlace(() => undefined)
  await gone.close()
  theatre = await openTheatre()
  stage = await theatre.stage({ init: watchConsole })
  stage.page.on('console', (message) => logged.push(message.text()))
  stage.page.on('pageerror', (thrown) => logged.push(`${thrown.message} ${thrown.stack}`))
  stage.page.on('request', (request) => addresses.push(request.url()))
  seen = await stage.page.evaluate((input) => window.playAll(input), {
    at: provider.origin,
    endlessAt: endless.origin,
    refusedAt: gone.origin,
    faults: Object.keys(FAULTS),
    ...CANARIES,
  })
})
afterAll(async () => {
  await stage.close()
  await provider.close()
  await endless.close()
  await theatre.close()
})

/** In the page: keep all that is written to the console, to the last field of an error. */
function watchConsole(): void {
  const lines: string[] = []
  for (const level of ['debug', 'log', 'info', 'warn', 'error', 'trace', 'dir'] as const) {
    const write = console[level].bind(console)
    console[level] = (...words: unknown[]) => {
      for (const word of words) {
        const told =
          word instanceof Error ? `${word.message} ${word.stack} ${String(word.cause)}` : ''
        lines.push(`${String(word)} ${JSON.stringify(word) ?? ''} ${told}`)
      }
      write(...words)
    }
  }
  addEventListener('unhandledrejection', ({ reason }) => lines.push(`unhandled ${String(reason)}`))
  addEventListener('error', ({ message }) => lines.push(`error ${message}`))
  Object.assign(window, { lines })
}

/** The lines that hold a canary, each cut to what is around it. */
function leaks(lines: readonly string[]): readonly string[] {
  return lines
    .filter((line) => ANY.test(line))
    .map((line) => {
      const at = line.search(ANY)
      return line.slice(Math.max(0, at - 150), at + 60)
    })
}

describe('after every route met every fault', () => {
  test('each failed as it should have, so that there was something to leak', () => {
    const { endings, content } = seen
    const of = (fault: string) =>
      Object.entries(endings).flatMap(([name, ending]) =>
        name.endsWith(` ${fault}`) ? [ending] : [],
      )
    const expected: readonly (readonly [string, number, string])[] = [
      ['400', 7, 'invalid-request'],
      ['401', 7, 'auth'],
      ['402', 7, 'quota-exhausted'],
      ['403', 7, 'auth'],
      ['404', 7, 'not-found'],
      ['413', 7, 'context-length'],
      ['429', 7, 'rate-limit'],
      ['500', 7, 'outage'],
      ['503', 7, 'outage'],
      ['html', 7, 'invalid-response'],
      ['redirect', 7, 'blocked-request'],
      ['refused', 7, 'network'],
      ['fine', 7, 'completed'],
      ['bad-key', 4, 'auth'],
      ['no-key', 4, 'auth'],
      ['no-headers', 4, 'auth'],
    ]
    for (const [fault, count, kind] of expected) {
      expect([fault, of(fault)]).toEqual([fault, Array.from({ length: count }, () => kind)])
    }
    for (const fault of ['cut', 'hang', 'silent', 'event', 'malformed', 'document']) {
      const endedWell = of(fault).filter((ending) => ending === 'completed')
      // Plain text has no errors in it and no form to break.
      const isPlain = fault === 'event' || fault === 'malformed'
      expect([fault, endedWell]).toEqual([fault, isPlain ? ['completed'] : []])
    }
    // The canaries were there: they came to the model's side, and from it.
    expect(content).toContain(SAID)
    expect(provider.bytes()).toContain(PROMPT)
    expect(provider.bytes()).toContain(KEY)
  })

  test('no event or snapshot holds a canary beside what the model said', () => {
    expect(seen.told.length).toBeGreaterThan(1_000)
    expect(leaks(seen.told)).toEqual([])
  })

  test('no route, LLM or keyring shows one', () => {
    // Its last four characters alone.
    expect(JSON.parse(seen.keyring)).toEqual({
      status: expect.any(String),
      last4: KEY.slice(-4),
    })
    expect(leaks(seen.shown)).toEqual([])
  })

  test('no error that is thrown holds one', () => {
    const silent = seen.errors.filter((one) => one.endsWith('nothing was thrown'))
    expect(silent).toEqual([])
    expect(leaks(seen.errors)).toEqual([])
  })

  test('nothing was written to the console that holds one, and nothing was left unhandled', async () => {
    const around = await stage.page.evaluate(() => window.lookAround())
    expect(leaks([...logged, around['console'] ?? ''])).toEqual([])
    expect(logged.join('\n')).not.toMatch(/unhandled|Uncaught/)
    expect(around['console']).not.toMatch(/unhandled |error Uncaught/)
  })

  test('nothing in storage, in the page or in its address holds one', async () => {
    const around = await stage.page.evaluate(() => window.lookAround())
    const { cookies } = await stage.context.storageState()
    expect(leaks(Object.entries({ ...around, jar: JSON.stringify(cookies) }).map(String))).toEqual(
      [],
    )
    expect(around).toMatchObject({
      // How long a route took: its name, and numbers.
      localStorage: expect.stringMatching(
        /^\[\["rungs only sorry","\[[\d.e,]+\[\\"chat only\\"[\d.e,-]+\]\]"\]\]$/,
      ),
      sessionStorage: '[]',
      caches: '[]',
      cookies: '',
    })
  })

  test('no address that was asked for holds one', async () => {
    expect(addresses.length).toBeGreaterThan(100)
    expect(leaks(addresses)).toEqual([])
    expect(leaks(provider.got.map(({ path }) => path))).toEqual([])
  })

  test('no header but those of the credentials held the key, and none the prompt', () => {
    const secret = new Set(['authorization', 'x-api-key', 'x-goog-api-key', 'x-team'])
    const others = provider.got.flatMap(({ headers }) =>
      Object.entries(headers).filter(([name]) => !secret.has(name)),
    )
    expect(leaks(others.map(String))).toEqual([])
    expect(provider.got.map(({ body }) => body).filter((body) => body.includes(KEY))).toEqual([])
  })
})
