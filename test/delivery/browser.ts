import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { chromium, type Browser, type Page } from 'playwright'
import { chromiumLaunch } from '../../scripts/chromium.ts'

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

/** @param refusesStorage whether its user forbids all sites to keep anything; default no */
export async function createProfile(refusesStorage = false): Promise<Profile> {
  const folder = await mkdtemp(join(tmpdir(), 'rungs-delivery-'))
  if (refusesStorage) await forbid(folder)
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
      const browser = await chromium.connectOverCDP(address, {
        timeout: 15_000,
        // As its users have it: else every page is held for shown and focused.
        noDefaults: true,
      })
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

/** The setting that a user has for it: no site may keep anything. */
async function forbid(folder: string): Promise<void> {
  await mkdir(join(folder, 'Default'))
  const preferences = { profile: { default_content_setting_values: { cookies: 2 } } }
  await writeFile(join(folder, 'Default', 'Preferences'), JSON.stringify(preferences))
}

/**
 * From now on nothing can be stored by an origin that this browser has not stored anything for yet: Chromium looks
 * anew at how much room there is twice a minute at most.
 */
export async function leaveNoRoom(page: Page, origin: string): Promise<void> {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 })
}

async function end(child: ChildProcess, children: Set<ChildProcess>): Promise<void> {
  children.delete(child)
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const exited = new Promise((resolve) => child.once('exit', resolve))
  process.kill(-child.pid, 'SIGKILL')
  await exited
  // Its helpers hold what it has stored until they are gone too.
  for (let tries = 0; tries < 100 && isThere(-child.pid); tries += 1) await pause(10)
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    // No such process: the only answer to a signal of one's own.
    return false
  }
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
