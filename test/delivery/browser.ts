import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright'
import type { Report } from '@rungs/core'
import { chromiumLaunch } from '../../scripts/chromium.ts'
import { bundle, openPlace, type Place } from '../trust/stage.ts'

/** A collector that takes what it is sent, and the server of the page. */
export interface Home {
  readonly place: Place
  /** Ids of runs that the page has begun. */
  readonly begun: Set<string>
  /** The newest row of each id. */
  readonly rows: Map<string, Report>
  /** Rows that came more than once. */
  readonly twice: () => number
  /** What the collector answers; 204 unless said otherwise. */
  status: number
}

const PAGE =
  '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>'

export async function openHome(): Promise<Home> {
  const files = await bundle(fileURLToPath(new URL('page.ts', import.meta.url)))
  const begun = new Set<string>()
  const rows = new Map<string, Report>()
  const seen = new Set<string>()
  let twice = 0
  const take = (body: string): void => {
    const batch: { readonly rows: readonly Report[] } = JSON.parse(body)
    for (const row of batch.rows) {
      const key = `${row['id']} ${row['revision']}`
      if (seen.has(key)) twice += 1
      seen.add(key)
      const old = rows.get(String(row['id']))
      if (Number(old?.['revision'] ?? -1) <= Number(row['revision']))
        rows.set(String(row['id']), row)
    }
  }
  const home = { begun, rows, twice: () => twice, status: 204 }
  const place = await openPlace((response, { path, body }) => {
    const [name = ''] = path.slice(1).split('?')
    if (name === 'begun') begun.add(body)
    if (name === 'reports' && home.status < 300) take(body)
    const code = files.get(name)
    if (code !== undefined) {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(code)
    } else if (name === '' || name === 'else') {
      response.writeHead(200, { 'content-type': 'text/html' }).end(name === '' ? PAGE : 'else')
    } else response.writeHead(home.status).end()
  })
  return Object.assign(home, { place })
}

/** A browser of its own process and profile, which can be killed, and opened again with what it kept. */
export interface Profile {
  readonly open: () => Promise<Opened>
  readonly remove: () => Promise<void>
}
export interface Opened {
  readonly browser: Browser
  readonly page: Page
  readonly kill: () => Promise<void>
}

export async function createProfile(): Promise<Profile> {
  const folder = await mkdtemp(join(tmpdir(), 'rungs-delivery-'))
  const { executablePath = 'chromium', args = [] } = chromiumLaunch()
  const children = new Set<ChildProcess>()
  async function open(tries: number): Promise<Opened> {
    // Its own process group: what it has started goes with it.
    const child = spawn(
      executablePath,
      [...args, '--headless=new', '--remote-debugging-port=0', `--user-data-dir=${folder}`],
      { stdio: ['ignore', 'ignore', 'pipe'], detached: true },
    )
    children.add(child)
    const kill = (): Promise<void> => end(child, children)
    try {
      const address = await addressOf(child)
      const browser = await chromium.connectOverCDP(address, { timeout: 15_000 })
      const [context = await browser.newContext()] = browser.contexts()
      return { browser, page: await context.newPage(), kill }
    } catch (error) {
      // A browser that was killed a moment ago does not always come up, on a machine that is busy.
      await kill()
      if (tries < 2) throw error
      return open(tries - 1)
    }
  }
  return {
    open: () => open(3),
    async remove() {
      for (const child of children) await end(child, children)
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

async function end(child: ChildProcess, children: Set<ChildProcess>): Promise<void> {
  children.delete(child)
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const exited = new Promise((resolve) => child.once('exit', resolve))
  process.kill(-child.pid, 'SIGKILL')
  await exited
}

function addressOf(child: ChildProcess): Promise<string> {
  let text = ''
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error(`the browser did not start: ${text.slice(-500)}`)))
    child.stderr?.on('data', (piece: Buffer) => {
      text += piece.toString()
      const [, address] = /DevTools listening on (ws:\S+)/.exec(text) ?? []
      if (address !== undefined) resolve(address)
    })
  })
}

/** The ways that pages are left. */
export const LEAVING: Readonly<Record<string, (opened: Opened) => Promise<unknown>>> = {
  navigate: ({ page }) => page.goto(new URL('/else', page.url()).href),
  close: ({ page }) => page.close(),
  async crash({ page }) {
    const crashed = page.waitForEvent('crash')
    // It cannot answer any more.
    void page.goto('chrome://crash').catch(() => undefined)
    await crashed
  },
  async quit({ browser }) {
    const gone = new Promise((resolve) => browser.once('disconnected', resolve))
    const session = await browser.newBrowserCDPSession()
    await session.send('Browser.close').catch(() => undefined)
    await gone
  },
  kill: (opened) => opened.kill(),
}
