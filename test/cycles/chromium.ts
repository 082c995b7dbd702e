import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { chromium, type Browser, type CDPSession, type Page } from 'playwright'
import { chromiumLaunch } from '../../scripts/chromium.ts'

const CLOSING_MS = 5_000

/** A page in a window of its own, and the line to its browser. */
export interface Tab {
  readonly page: Page
  readonly cdp: CDPSession
}
export interface Windows {
  open(url: string): Promise<Tab>
  /** Every process of the browser stops, and goes on after so long, as if the machine had slept. */
  sleep(ms: number): Promise<void>
  close(): Promise<void>
}

/**
 * A Chromium as its users have it. What Playwright starts is told to keep all its pages awake, and holds each
 * one for shown and focused, so that none is ever hidden: this one is started by hand, and Playwright looks on.
 */
export async function openWindows(): Promise<Windows> {
  const { executablePath, args = [] } = chromiumLaunch()
  const profile = await mkdtemp(join(tmpdir(), 'cycles-'))
  const own = ['--headless', '--remote-debugging-port=0', `--user-data-dir=${profile}`]
  const child = spawn(
    executablePath ?? chromium.executablePath(),
    [...args, ...own, 'about:blank'],
    // Detached is a group of processes of its own, which can be stopped whole.
    { stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  )
  const gone = once(child, 'exit')
  const signal = (what: NodeJS.Signals): void => {
    if (child.pid !== undefined) process.kill(-child.pid, what)
  }
  const kill = (): void => {
    if (child.exitCode === null && child.signalCode === null) signal('SIGKILL')
  }
  // Its group outlives ours.
  process.once('exit', kill)
  const address = await new Promise<string>((resolve, reject) => {
    let said = ''
    child.stderr.on('data', (piece: Buffer) => {
      said += piece.toString()
      const [, url] = /listening on (ws:\S+)/.exec(said) ?? []
      if (url !== undefined) resolve(url)
    })
    child.once('exit', () => {
      reject(new Error(`Chromium did not start: ${said}`))
    })
  })
  const browser = await chromium.connectOverCDP(address, { noDefaults: true })
  const line = await browser.newBrowserCDPSession()
  return {
    open: (url) => openTab(browser, url),
    async sleep(ms) {
      signal('SIGSTOP')
      await wait(ms)
      signal('SIGCONT')
    },
    async close() {
      process.off('exit', kill)
      // It ends by itself, in good order.
      line.send('Browser.close').catch(() => undefined)
      await Promise.race([gone, wait(CLOSING_MS, null, { ref: false })])
      kill()
      await gone
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

let opening = Promise.resolve()

/** A tab in a window of its own. */
export async function openTab(browser: Browser, url: string): Promise<Tab> {
  const context = contextOf(browser)
  // One after another, for which of two new pages is whose is told by nothing but its address.
  const opened = opening.then(() => {
    const line = browser.newBrowserCDPSession()
    return Promise.all([
      context.waitForEvent('page', (one) => one.url() === url),
      line.then((session) => session.send('Target.createTarget', { url, newWindow: true })),
    ])
  })
  opening = opened.then(
    () => undefined,
    () => undefined,
  )
  const [page] = await opened
  await page.waitForLoadState()
  return { page, cdp: await context.newCDPSession(page) }
}

function contextOf(browser: Browser) {
  const [context] = browser.contexts()
  if (!context) throw new Error('Chromium has no context')
  return context
}

/** Hides the page as its user would; gives the way back. */
export async function hide({ page, cdp }: Tab, by: 'tab' | 'window'): Promise<() => Promise<void>> {
  if (by === 'window') {
    const { windowId } = await cdp.send('Browser.getWindowForTarget')
    const put = (windowState: 'minimized' | 'normal'): Promise<unknown> =>
      cdp.send('Browser.setWindowBounds', { windowId, bounds: { windowState } })
    await put('minimized')
    return async () => void (await put('normal'))
  }
  const [other] = await Promise.all([
    page.waitForEvent('popup'),
    page.evaluate(() => void window.open('about:blank')),
  ])
  return () => other.close()
}

export async function setOnline({ cdp }: Tab, isOnline: boolean): Promise<void> {
  await cdp.send('Network.emulateNetworkConditions', {
    offline: !isOnline,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: -1,
  })
}
