import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { SCHEMA, type Report } from '@rungs/core/telemetry'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  createCollector,
  openStore,
  questions,
  type Collector,
  type CollectorOptions,
} from '../src/index.ts'
import type { Store } from '../src/store.ts'
import { play } from './world.ts'

// A database opens for each test.
vi.setConfig({ testTimeout: 30_000 })

let folder: string
let file: string
let collector: Collector | null = null

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rungs-analytics-'))
  file = join(folder, 'reports.duckdb')
})
afterEach(async () => {
  await collector?.close()
  collector = null
  await rm(folder, { recursive: true })
})

async function serve(
  options: CollectorOptions = {},
  store?: Store | Promise<Store>,
): Promise<string> {
  collector = await createCollector(await (store ?? openStore(':memory:')), options)
  collector.server.listen(0, '127.0.0.1')
  await once(collector.server, 'listening')
  const address = collector.server.address()
  if (typeof address !== 'object' || !address) throw new Error('no port')
  return `http://127.0.0.1:${address.port}`
}
async function stop(): Promise<void> {
  await collector?.close()
  collector = null
}

const some: readonly Report[] = [...play(3, 12)].flat()
const batch = (rows: readonly unknown[], schema: unknown = SCHEMA): string =>
  JSON.stringify({ schema, rows })

async function post(
  base: string,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
  path = '/reports',
): Promise<{ readonly status: number; readonly body: unknown; readonly headers: Headers }> {
  const response = await fetch(`${base}${path}`, {
    method: 'POST',
    body: new Uint8Array(Buffer.from(body)),
    headers: { 'content-type': 'text/plain', ...headers },
  })
  return { status: response.status, body: await response.json(), headers: response.headers }
}
async function stored(base: string): Promise<unknown> {
  const response = await fetch(`${base}/health`)
  const { stored: counts } = Object(await response.json())
  return counts
}
const counts = { run: 12, attempt: some.length - 12 }

describe('a batch', () => {
  test.each([
    ['text/plain', batch(some), {}, ''],
    ['application/json', batch(some), { 'content-type': 'application/json; charset=utf-8' }, ''],
    ['gzip', gzipSync(batch(some)), { 'content-encoding': 'gzip' }, ''],
    ['gzip that only the address tells of', gzipSync(batch(some)), {}, '?enc=gzip'],
  ])('is taken as %s', async (_, body, headers, search) => {
    const base = await serve()
    expect(await post(base, body, headers, `/reports${search}`)).toMatchObject({
      status: 200,
      body: { taken: some.length, refused: [] },
    })
    expect(await stored(base)).toEqual(counts)
  })

  test('of every older version is taken, alone and among newer rows', async () => {
    const base = await serve()
    const NEW = new Set(['slow_ms', 'stalls', 'stalled_ms', 'long_frames', 'blocking_ms'])
    const older = some.map((row) => ({
      ...Object.fromEntries(Object.entries(row).filter(([field]) => !NEW.has(field))),
      schema: 1,
    }))
    const taken = { status: 200, body: { refused: [] } }
    expect(await post(base, batch(older.slice(0, 9), 1))).toMatchObject(taken)
    // A page that was updated still has rows of the version before.
    expect(await post(base, batch([...older.slice(9), some[0]]))).toMatchObject(taken)
    expect(await stored(base)).toEqual(counts)
  })

  test('sent twice, in pieces and at once, is stored once', async () => {
    const base = await serve()
    const pieces = [some.slice(0, 9), some.slice(5), some, [...some, ...some]]
    const replies = await Promise.all(pieces.map((rows) => post(base, batch(rows))))
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(await stored(base)).toEqual(counts)
  })

  test('survives the collector, and is known by the next', async () => {
    await post(await serve({}, openStore(file)), batch(some))
    await stop()
    const base = await serve({}, openStore(file))
    expect(await stored(base)).toEqual(counts)
    await post(base, batch(some))
    expect(await stored(base)).toEqual(counts)
  })

  test('with a bad row is taken without it, and says which and why', async () => {
    const base = await serve()
    const [first = {}, ...rest] = some
    const rows = [{ ...first, prompt: 'why is the sky blue?' }, ...rest, 7]
    expect((await post(base, batch(rows))).body).toEqual({
      taken: rest.length,
      refused: [
        { index: 0, problem: 'prompt: no field of a run' },
        { index: rows.length - 1, problem: 'not an object' },
      ],
    })
  })

  test.each([
    ['an unknown word', { status: 'fine' }, 'status: a value that it cannot hold'],
    ['a number as text', { wait_ms: '12' }, 'wait_ms: a value that it cannot hold'],
    ['a broken number', { wait_ms: 1.5 }, 'wait_ms: a value that it cannot hold'],
    ['a negative wait', { wait_ms: -1 }, 'wait_ms: a value that it cannot hold'],
    ['a sentence for a name', { surface: 'the side bar' }, 'surface: a value that it cannot hold'],
    [
      'a key for a name',
      { surface: 'sk-live-abcdefghijklmnop' },
      'surface: a value that it cannot hold',
    ],
    [
      'a certainty above 1',
      { held_out_propensity: 1.1 },
      'held_out_propensity: a value that it cannot hold',
    ],
    ['a field of attempts', { retry_after_ms: 1 }, 'retry_after_ms: no field of a run'],
    ['no id', { id: null }, 'id: missing'],
    ['a list', { wait_ms: [1] }, 'wait_ms: a value that it cannot hold'],
    ['text as a signal', { 'signal.stars': 'many' }, 'signal.stars: a value that it cannot hold'],
    ['a prototype', { __proto__x: 1 }, '__proto__x: no field of a run'],
    [
      'too many attributes',
      Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`attribute.a${index}`, index])),
      'more than 16 attributes or signals',
    ],
  ])('refuses a row with %s', async (_, change, problem) => {
    const base = await serve()
    const run = { ...some.find(({ row }) => row === 'run'), ...change }
    expect((await post(base, batch([run]))).body).toEqual({
      taken: 0,
      refused: [{ index: 0, problem }],
    })
  })

  test.each([
    ['of a newer schema', batch(some, SCHEMA + 1), {}, 409],
    ['of no schema', batch(some, null), {}, 400],
    ['that is not JSON', '{', {}, 400],
    ['that is no batch', '[]', {}, 400],
    ['of too many rows', batch(Array.from({ length: 1001 }, () => 1)), {}, 400],
    ['of another type', batch(some), { 'content-type': 'text/html' }, 415],
    ['that is too large', 'x'.repeat(65 * 1024), {}, 413],
    ['that gzip makes huge', gzipSync('x'.repeat(3_000_000)), { 'content-encoding': 'gzip' }, 400],
    ['that is not gzip', 'x', { 'content-encoding': 'gzip' }, 400],
  ])('%s is refused whole, and the schema told', async (_, body, headers, status) => {
    const base = await serve()
    expect(await post(base, body, headers)).toMatchObject({ status, body: { schema: SCHEMA } })
    expect(await stored(base)).toEqual({ run: 0, attempt: 0 })
  })

  test('that has no end is cut off at its limit', async () => {
    const base = await serve()
    const socket = connect(Number(new URL(base).port), '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write(
      'POST /reports HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n',
    )
    for (let at = 0; at < 80; at += 1) socket.write(`400\r\n${'x'.repeat(1024)}\r\n`)
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toContain('413')
    await once(socket, 'close')
  })
})

async function statusAfter(...revisions: readonly Report[]): Promise<unknown> {
  const base = await serve({}, openStore(file))
  for (const one of revisions) await post(base, batch([one]))
  await stop()
  const store = await openStore(file)
  const rows = await store.query('SELECT revision, status, attributes FROM runs')
  await store.close()
  return rows
}

describe('a revision', () => {
  const [first] = some
  const run: Report = { ...first, revision: 3, status: 'open', thumb_up: false }
  test('that is higher holds, in whatever order they come', async () => {
    const later: Report = { ...run, revision: 4, status: 'completed', 'attribute.plan': 'team' }
    const expected = [
      { revision: 4, status: 'completed', attributes: expect.stringContaining('team') },
    ]
    expect(await statusAfter(run, later, run)).toEqual(expected)
  })
  test('that is the same changes nothing', async () => {
    expect(await statusAfter(run, { ...run, status: 'failed' })).toMatchObject([{ status: 'open' }])
  })
})

describe('names', () => {
  test('over a hundred of one field become `other`, and the first hundred are known after a restart', async () => {
    const surfaces = Array.from({ length: 130 }, (_, index) => `s${index}`)
    const rows = surfaces.map((surface, index) =>
      Object.assign({}, some[0], { id: `r${index}`, surface }),
    )
    const before = await serve({}, openStore(file))
    await post(before, batch(rows.slice(0, 65)))
    await post(before, batch(rows.slice(65)))
    await stop()
    const base = await serve({}, openStore(file))
    await post(
      base,
      batch([
        { ...some[0], id: 'old', surface: 's5' },
        { ...some[0], id: 'new', surface: 's200' },
      ]),
    )
    await stop()
    const store = await openStore(file)
    const [found] = await store.query(
      "SELECT count(DISTINCT surface) AS n, max(surface) FILTER (WHERE id = 'old') AS old, max(surface) FILTER (WHERE id = 'new') AS young FROM runs",
    )
    await store.close()
    expect(found).toEqual({ n: 101, old: 's5', young: 'other' })
  })
})

describe('who may', () => {
  const app = 'https://app.example.org'
  test.each([
    ['another origin may not', {}, { origin: app }, 403, null],
    ['a declared origin may', { origins: [app] }, { origin: app }, 200, app],
    ['any origin may where all do', { origins: ['*'] }, { origin: app }, 200, app],
    ['the same origin may', {}, { origin: 'same' }, 200, null],
    ['what names no origin may', {}, {}, 200, null],
  ])('%s', async (_, options, headers, status, allowed) => {
    const base = await serve(options)
    const origin = 'origin' in headers && headers.origin === 'same' ? { origin: base } : headers
    const reply = await post(base, batch(some), origin)
    expect([reply.status, reply.headers.get('access-control-allow-origin')]).toEqual([
      status,
      allowed,
    ])
  })

  test('a page that asks first is answered', async () => {
    const base = await serve({ origins: [app] })
    const response = await fetch(`${base}/reports`, { method: 'OPTIONS', headers: { origin: app } })
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-headers')).toContain('content-type')
  })

  test('questions are answered only to whoever has the token', async () => {
    const base = await serve({ token: 'open sesame' })
    await post(base, batch(some))
    const ask = (path: string, token: string): Promise<Response> =>
      fetch(`${base}${path}`, { headers: { authorization: `Bearer ${token}` } })
    expect((await ask('/questions/naive', 'open')).status).toBe(404)
    expect((await ask('/questions/../../package.json', 'open sesame')).status).toBe(404)
    expect((await ask('/questions/nonsense', 'open sesame')).status).toBe(404)
    expect(await (await ask('/questions/', 'open sesame')).json()).toEqual(
      questions().map(({ name }) => name),
    )
    const answer: unknown = await (
      await ask('/questions/fallbacks-by-surface?days=100000', 'open sesame')
    ).json()
    expect(answer).toEqual(expect.arrayContaining([expect.objectContaining({ cause: 'any' })]))
    const none: unknown = await (
      await ask('/questions/fallbacks-by-surface?days=0.001', 'open sesame')
    ).json()
    expect(none).toEqual([])
  })

  test('in a server that is there already, under a path of its own', async () => {
    collector = await createCollector(await openStore(':memory:'))
    const { listener } = collector
    const own = createServer((request, response) => {
      const path = request.url?.split('/rungs')[1]
      if (path === undefined) response.end('ours')
      else listener(Object.assign(request, { url: path }), response)
    }).listen(0, '127.0.0.1')
    await once(own, 'listening')
    const base = `http://127.0.0.1:${Object(own.address()).port}`
    expect((await post(base, batch(some), {}, '/rungs/reports')).status).toBe(200)
    expect(await stored(`${base}/rungs`)).toEqual(counts)
    expect(await (await fetch(base)).text()).toBe('ours')
    own.close()
  })
  test('without a token there are no questions', async () => {
    const base = await serve()
    const response = await fetch(`${base}/questions/naive`, {
      headers: { authorization: 'Bearer ' },
    })
    expect(response.status).toBe(404)
  })
})

describe('when it cannot write', () => {
  test('it says so, and the batch can be sent again', async () => {
    const store = await openStore(file)
    const error = vi.spyOn(console, 'error').mockReturnValue()
    const write = vi.spyOn(store, 'write').mockRejectedValueOnce(new Error('the disk is full'))
    const base = await serve({}, store)
    const reply = await post(base, batch(some))
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([503, '5'])
    expect((await post(base, batch(some))).status).toBe(200)
    expect(await stored(base)).toEqual(counts)
    expect(write).toHaveBeenCalledTimes(2)
    error.mockRestore()
  })
})

test('a file of an older version gets the columns that it lacks', async () => {
  const older = await openStore(file)
  await older.query('ALTER TABLE runs DROP COLUMN returns')
  await older.close()
  const base = await serve({}, openStore(file))
  expect((await post(base, batch(some))).status).toBe(200)
  expect(await stored(base)).toEqual(counts)
})

describe('closing', () => {
  test('answers and keeps what was being sent', async () => {
    const base = await serve({}, openStore(file))
    const sent = Array.from({ length: 10 }, (_, index) =>
      post(
        base,
        batch(some.map((row) => Object.assign({}, row, { id: `${index}-${String(row['id'])}` }))),
      ),
    )
    await sent[0]
    await stop()
    const kept = (await Promise.allSettled(sent)).filter(
      ({ status }) => status === 'fulfilled',
    ).length
    const store = await openStore(file)
    expect((await store.count()).run).toBe(12 * kept)
    await store.close()
    expect(kept).toBeGreaterThan(0)
    expect(existsSync(`${file}.wal`)).toBe(false)
  })
})
