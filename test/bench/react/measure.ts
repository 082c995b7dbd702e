import { fileURLToPath } from 'node:url'
import { chromium, type CDPSession } from 'playwright'
import { build } from 'vite'
import { chromiumLaunch } from '../../../scripts/chromium.ts'
import { openServer } from './server.ts'
import type { Seen } from './page.tsx'

/** What is asked, and of whom. */
export interface Trial {
  /** One of the page's. */
  readonly variant: string
  /** Of the hook, ms; without it, the hook's own. */
  readonly throttle?: number
  readonly pieces: number
  /** Pieces a second. */
  readonly rate: number
  /** Messages that are there before. */
  readonly history?: number
  /** Rows are in `memo`. */
  readonly memo?: boolean
  /** The CPU is so many times slower. */
  readonly cpu?: number
}
export interface Measured extends Omit<Seen, 'wholeAt'> {
  /** Of the page's main thread. */
  readonly cpuMs: number
  /** From the last byte sent to the frame that has the whole text. */
  readonly lagMs: number
}
export interface Bench {
  measure(trial: Trial): Promise<Measured>
  close(): Promise<void>
}

/** What a page does when it has just been loaded, it has done by then. */
const LOADED_MS = 400

/** A real Chromium, and the pages as a product's bundler makes them of the published packages. */
export async function openBench(): Promise<Bench> {
  const server = await openServer(await bundle())
  const browser = await chromium.launch(chromiumLaunch())
  let count = 0
  return {
    async measure({ variant, cpu = 1, memo = false, throttle = 0, history = 0, pieces, rate }) {
      const context = await browser.newContext({ viewport: { width: 1000, height: 800 } })
      const page = await context.newPage()
      const errors: Error[] = []
      page.on('pageerror', (error) => errors.push(error))
      const id = `a${(count += 1)}`
      const query = { id, pieces, rate, throttle, history, memo: memo ? 1 : 0 }
      const search = Object.entries(query).map(([key, value]) => `${key}=${value}`)
      await page.goto(`${server.origin}/${variant}?${search.join('&')}`)
      await page.waitForFunction(() => 'bench' in window)
      const cdp = await context.newCDPSession(page)
      await cdp.send('Performance.enable', { timeDomain: 'timeTicks' })
      if (cpu !== 1) await cdp.send('Emulation.setCPUThrottlingRate', { rate: cpu })
      await page.waitForTimeout(LOADED_MS)
      const before = await threadMs(cdp)
      const { wholeAt, ...seen } = await page.evaluate(() => window.bench.ask())
      const cpuMs = (await threadMs(cdp)) - before
      await context.close()
      const [error] = errors
      if (error) throw error
      const sent = server.sent(id)
      if (!sent) throw new Error(`${variant}: the answer was not sent whole`)
      return { ...seen, cpuMs, lagMs: wholeAt - sent.lastAt }
    },
    async close() {
      await browser.close()
      server.close()
    },
  }
}

async function threadMs(cdp: CDPSession): Promise<number> {
  const { metrics } = await cdp.send('Performance.getMetrics')
  const found = metrics.find(({ name }) => name === 'ThreadTime')
  if (!found) throw new Error('Chromium does not tell its CPU time')
  return found.value * 1000
}

async function bundle(): Promise<ReadonlyMap<string, string>> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    root: fileURLToPath(new URL('.', import.meta.url)),
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      target: 'es2023',
      modulePreload: false,
      rolldownOptions: {
        input: { page: fileURLToPath(new URL('page.tsx', import.meta.url)) },
        output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name].js' },
      },
    },
  })
  const outputs = [result].flat().flatMap((one) => ('output' in one ? one.output : []))
  return new Map(outputs.flatMap((one) => (one.type === 'chunk' ? [[one.fileName, one.code]] : [])))
}
