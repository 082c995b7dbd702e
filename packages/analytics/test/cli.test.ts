import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SCHEMA } from '@rungs/core/telemetry'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { clickhouseSchema } from '../src/index.ts'
import { play } from './world.ts'

let folder: string
let serving: ChildProcess | null = null
const NODE = ['--conditions=@rungs/source', join(import.meta.dirname, '../src/cli.ts')]
const env = { ...process.env, RUNGS_ANALYTICS_TOKEN: 'open sesame' }

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rungs-cli-'))
})
afterEach(async () => {
  if (serving) await stop('SIGKILL')
  await rm(folder, { recursive: true })
})

async function serve(): Promise<string> {
  serving = spawn(
    process.execPath,
    [...NODE, 'serve', '--port', '0', '--db', join(folder, 'a.duckdb')],
    {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  if (!serving.stdout) throw new Error('no output')
  const [line] = await once(serving.stdout, 'data')
  return /http:\S+(?=\/reports)/.exec(String(line))?.[0] ?? ''
}
async function stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<unknown> {
  const ended = serving ? once(serving, 'exit') : Promise.resolve([null])
  serving?.kill(signal)
  serving = null
  const [code] = await ended
  return code
}
function run(...words: readonly string[]): { readonly code: number | null; readonly out: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...NODE, ...words], {
    env,
    encoding: 'utf8',
  })
  return { code: status, out: stdout + stderr }
}

const rows = [...play(4, 60)].flat()
async function send(base: string): Promise<void> {
  for (const half of [rows.slice(0, 60), rows.slice(60)]) {
    const body = JSON.stringify({ schema: SCHEMA, rows: half })
    const headers = { 'content-type': 'text/plain' }
    expect((await fetch(`${base}/reports`, { method: 'POST', body, headers })).status).toBe(200)
  }
}
async function stored(base: string): Promise<unknown> {
  const { stored: counts } = Object(await (await fetch(`${base}/health`)).json())
  return counts
}

test('what was answered is there after a kill, and what is sent again is there once', async () => {
  const first = await serve()
  await send(first)
  await stop('SIGKILL')
  const base = await serve()
  const counts = { run: 60, attempt: rows.length - 60 }
  expect(await stored(base)).toEqual(counts)
  await send(base)
  expect(await stored(base)).toEqual(counts)

  const asked = run('query', 'fallbacks-by-surface', '--json', '--url', base)
  expect(JSON.parse(asked.out)).toEqual(
    expect.arrayContaining([expect.objectContaining({ cause: 'any' })]),
  )
  expect(await stop('SIGTERM')).toBe(0)

  const db = ['--db', join(folder, 'a.duckdb')]
  expect(JSON.parse(run('query', 'fallbacks-by-surface', '--json', ...db).out)).toEqual(
    JSON.parse(asked.out),
  )
  expect(run('query', 'checks', '--days', '100000', ...db).out).toContain('ratio of arms')
  expect(run('export', folder, ...db).code).toBe(0)
  expect(existsSync(join(folder, 'attempts.parquet'))).toBe(true)
}, 60_000)

test('it says what it can be asked, and what is wrong', () => {
  expect(run('queries').out).toContain('does-falling-back-help\n  Does falling back help or harm?')
  expect(run('schema', 'clickhouse').out).toContain(clickhouseSchema())
  expect(run('query', 'nonsense')).toMatchObject({
    code: 2,
    out: expect.stringContaining('there are: '),
  })
  expect(run('query', 'naive', '--days', 'many')).toMatchObject({ code: 2 })
  expect(run()).toMatchObject({ code: 2, out: expect.stringContaining('rungs-analytics serve') })
}, 60_000)
