import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright'
import type { Report } from '@rungs/core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { chromiumLaunch } from '../../scripts/chromium.ts'
import { bundle, openPlace, type Place } from '../trust/stage.ts'

let place: Place
/** What came since the page was opened, and what the collector says to it. */
let rows: Report[] = []
let status = 503
let browser: Browser | null = null

beforeAll(async () => {
  const files = await bundle(fileURLToPath(new URL('page.ts', import.meta.url)))
  place = await openPlace((response, { path, body }) => {
    const code = files.get(path.slice(1))
    if (code !== undefined) {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(code)
    } else if (path === '/reports') {
      rows.push(...JSON.parse(body).rows)
      response.writeHead(status).end()
    } else {
      const html =
        '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>'
      response.writeHead(200, { 'content-type': 'text/html' }).end(html)
    }
  })
})
afterAll(() => place.close())
afterEach(async () => {
  await browser?.close()
  browser = null
})

async function open(): Promise<Page> {
  browser = await chromium.launch(chromiumLaunch())
  const page = await browser.newPage()
  await page.goto(`${place.origin}/`)
  rows = []
  status = 503
  return page
}
async function crash(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  // It never answers: whoever would is gone.
  session.send('Page.crash').catch(() => undefined)
  await page.waitForEvent('crash')
}
const idsOf = (): readonly unknown[] => rows.map(({ id }) => id)

test('a page that crashes has what goes on and what is owed sent by the browser, with nobody returning', async () => {
  const page = await open()
  const [whole, going] = await page.evaluate(() => window.begin())
  rows = []
  await crash(page)
  await expect.poll(idsOf, { timeout: 20_000 }).toContain(going)
  expect(idsOf()).toEqual([going, whole, `${going}.1`, `${whole}.1`])
  expect(rows[0]).toMatchObject({ status: 'open', wait_end: 'content', chars: 1 })
  expect(rows[1]).toMatchObject({ status: 'completed' })
})

test('what was heard to arrive is not sent again, and nothing is after consent was denied', async () => {
  const page = await open()
  status = 200
  const [whole, going] = await page.evaluate(() => window.begin())
  await expect.poll(idsOf, { timeout: 20_000 }).toContain(whole)
  await page.evaluate((id) => window.isHeard(id), whole ?? '')
  rows = []
  await crash(page)
  await expect.poll(idsOf, { timeout: 20_000 }).toContain(going)
  expect(idsOf()).toEqual([going, `${going}.1`])
  await browser?.close()

  const other = await open()
  await other.evaluate(() => window.begin())
  await other.evaluate(() => {
    window.deny()
  })
  rows = []
  await crash(other)
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  expect(idsOf()).toEqual([])
})
