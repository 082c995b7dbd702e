import type { ServerResponse } from 'node:http'
import type { Run } from '@rungs/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answersOf, sayHi, sse } from './answers.ts'
import { openPlace, openTheatre, type Place, type Stage, type Theatre } from './stage.ts'

/** What a browser gives one origin under HTTP/1.1. */
const CONNECTIONS = 6
const RUNS = CONNECTIONS + 1

declare global {
  interface Window {
    readonly runs: readonly Run[]
  }
}

let theatre: Theatre
let stage: Stage
beforeAll(async () => {
  theatre = await openTheatre()
  stage = await theatre.stage()
})
afterAll(async () => {
  await stage.close()
  await theatre.close()
})

type Begin = (response: ServerResponse) => unknown

interface Crowd {
  readonly place: Place
  /** Answers from here on. */
  readonly mend: () => void
  /** Resolves once the browser has let go of all that was left open. */
  readonly freed: () => Promise<unknown>
}

/** A place where everything begins so and does not end, until it is mended. */
async function crowd(begin: Begin): Promise<Crowd> {
  let isMended = false
  const closed: Promise<void>[] = []
  const place = await openPlace((response) => {
    if (isMended) sayHi(response)
    else {
      closed.push(new Promise((resolve) => response.on('close', resolve)))
      begin(response)
    }
  })
  return { place, mend: () => (isMended = true), freed: () => Promise.all(closed) }
}

/**
 * Without this Chromium may read on for up to 5 s, to use the connection of a body that nobody wants again
 * (`HttpResponseBodyDrainer`). What is measured here is ours.
 */
const once = { connection: 'close' }
const events: Begin = (response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream', ...once }).flushHeaders()
}
const redirect: Begin = (response) =>
  response.writeHead(307, { location: '/else', ...once }).write(' ')
const failing: Begin = (response) => response.writeHead(500, once).write('{')
const begun =
  (text: string): Begin =>
  (response) => {
    events(response)
    response.write(text)
  }
const [half = '', rest = ''] = answersOf('half')['openai'] ?? []
const halfway = begun(half)

/** Start seven runs; they are kept on the page. Resolves at once. */
function start(origin: string): Promise<void> {
  return stage.page.evaluate(
    ({ at, count }) => {
      const { createLLM, openai } = window.rungs
      const runs = Array.from({ length: count }, () => {
        const only = openai({ model: 'm', apiKey: 'sk-canary', baseUrl: at })
        const llm = createLLM({ routes: { only }, workloads: { chat: { ladder: ['only'] } } })
        return llm.run({ workload: 'chat', prompt: 'Hello?' })
      })
      Object.assign(window, { runs })
    },
    { at: origin, count: RUNS },
  )
}

/** Stop them; how each ended. */
function stop(): Promise<string[]> {
  return stage.page.evaluate(async () => {
    const { runs } = window
    await Promise.all(runs.map((run) => run.stop()))
    return Promise.all(runs.map(async (run) => (await run.outcome).status))
  })
}

/** One run more, which has to have a connection. */
async function askOnceMore({ place, mend }: Crowd): Promise<string> {
  mend()
  return stage.page.evaluate(async (at) => {
    const { createLLM, openai } = window.rungs
    const only = openai({ model: 'm', apiKey: 'sk-canary', baseUrl: at })
    const llm = createLLM({ routes: { only }, workloads: { chat: { ladder: ['only'] } } })
    const { status, text } = await llm.run({ workload: 'chat', prompt: 'Hello?' }).outcome
    return `${status}: ${text}`
  }, place.origin)
}

describe('seven runs that are stopped', () => {
  test.each<[when: string, begin: Begin]>([
    ['before there are headers', () => undefined],
    ['before there is content', events],
    ['in the middle of the answer', halfway],
    ['in the middle of an error', failing],
    ['in a redirect', redirect],
  ])('%s leave their connections to the eighth', async (_, begin) => {
    const full = await crowd(begin)
    await start(full.place.origin)
    await full.place.until(CONNECTIONS)
    const statuses = await stop()
    expect(await askOnceMore(full)).toBe('completed: hi')
    await full.freed()
    for (const status of statuses) expect(status).toMatch(/stopped|failed/)
    await full.place.close()
  })

  test('have had all connections that there are', async () => {
    const full = await crowd(() => undefined)
    await start(full.place.origin)
    await full.place.until(CONNECTIONS)
    const isIn = await stage.page.evaluate(
      (at) =>
        Promise.race([
          fetch(at, { method: 'POST' }).then(() => true),
          // By way of another origin, and there and back again: an answer would have been here.
          fetch('/', { cache: 'no-store' })
            .then(() => fetch('/', { cache: 'no-store' }))
            .then(() => false),
        ]),
      full.place.origin,
    )
    expect(isIn).toBe(false)
    expect(full.place.got).toHaveLength(CONNECTIONS)
    await stop()
    await full.place.close()
  })
})

interface Ending {
  readonly status: string
  readonly kind: string | null
}

/** Seven runs to their ends, which are all the same. */
function play(origin: string, given: object): Promise<Ending[]> {
  return stage.page.evaluate(
    async ({ at, count, bounds }) => {
      const { createLLM, openai } = window.rungs
      const runs = Array.from({ length: count }, async () => {
        const only = openai({ model: 'm', apiKey: 'sk-canary', baseUrl: at })
        const limits = { maxAttempts: 1, ...bounds }
        const workloads = { chat: { ladder: ['only' as const], limits, recovery: 'keep' as const } }
        const llm = createLLM({ routes: { only }, workloads })
        const { status, failure } = await llm.run({ workload: 'chat', prompt: 'Hello?' }).outcome
        return { status, kind: failure?.kind ?? null }
      })
      return Promise.all(runs)
    },
    { at: origin, count: RUNS, bounds: given },
  )
}

describe('seven runs whose attempts', () => {
  test.each<[what: string, begin: Begin, kind: string | null]>([
    ['get a page', begun('<!doctype html>'), 'invalid-response'],
    ['get an error in the stream', begun(sse({ error: { type: 'overloaded_error' } })), 'outage'],
    ['are sent elsewhere', redirect, 'blocked-request'],
    ['are answered', begun(half + rest), null],
  ])('%s let go of bodies that do not end', async (_, begin, kind) => {
    const full = await crowd(begin)
    const endings = await play(full.place.origin, {})
    expect(new Set(endings.map((ending) => ending.kind))).toEqual(new Set([kind]))
    await full.freed()
    expect(await askOnceMore(full)).toBe('completed: hi')
    await full.place.close()
  })

  // A time that a busy machine keeps; what waits for its turn meanwhile is late as well.
  test.each<[what: string, begin: Begin, limits: object, kinds: RegExp]>([
    ['get no headers', () => undefined, { firstChunkMs: 300 }, /^latency-ceiling$/],
    ['get no content', events, { firstChunkMs: 300 }, /^latency-ceiling$/],
    ['fall silent in the middle', halfway, { chunkMs: 300 }, /^stream-stall$/],
    ['get an error that does not end', failing, { firstChunkMs: 300 }, /./],
  ])('%s let go of them in time', async (_, begin, limits, kinds) => {
    const full = await crowd(begin)
    const endings = await play(full.place.origin, limits)
    expect(endings).toHaveLength(RUNS)
    for (const { kind } of endings) expect(kind).toMatch(kinds)
    await full.freed()
    expect(await askOnceMore(full)).toBe('completed: hi')
    await full.place.close()
  })
})
