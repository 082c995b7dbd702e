import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright'
import type { Report } from '@rungs/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chromiumLaunch } from '../../scripts/chromium.ts'
import { bundle, openPlace, type Place } from '../trust/stage.ts'

let place: Place
let browser: Browser
let page: Page
const asked: string[] = []
/** An answer is whole when this is; and whether one waits for it. */
let held: Promise<void> = Promise.resolve()
let answering = false
/** What was asked for before the first answer came. */
let askedFirst: readonly string[] = []

beforeAll(async () => {
  const files = await bundle(fileURLToPath(new URL('page.ts', import.meta.url)))
  place = await openPlace(async (response, { path }) => {
    const code = files.get(path.slice(1))
    if (code !== undefined) {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(code)
    } else if (path === '/answer') {
      askedFirst = askedFirst.length > 0 ? askedFirst : [...asked]
      response.writeHead(200, { 'content-type': 'text/plain' })
      for (const piece of ['Once ', 'upon ', 'a time.']) {
        response.write(piece)
        await pause(100)
      }
      answering = true
      await held
      answering = false
      response.end()
    } else {
      const html =
        '<!doctype html><link rel="icon" href="data:,"><button>Work</button><script type="module" src="/page.js"></script>'
      response.writeHead(200, { 'content-type': 'text/html' }).end(html)
    }
  })
  browser = await chromium.launch(chromiumLaunch())
  page = await browser.newPage()
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  await page.goto(`${place.origin}/`)
})
afterAll(async () => {
  await browser.close()
  await place.close()
})

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
const answer = (ms: number): Promise<string> => page.evaluate((busyMs) => window.answer(busyMs), ms)
async function rowOf(id: string): Promise<Report | undefined> {
  await page.waitForFunction((one) => window.rowOf(one)?.['total_ms'], id)
  return page.evaluate((one) => window.rowOf(one), id)
}

test('what the page does while answers stream is in the row of the run that it was in', async () => {
  // The first answer has it brought.
  await answer(0)
  expect(askedFirst.filter((path) => path.includes('vitals'))).toEqual([])
  await expect.poll(() => asked.filter((path) => path.includes('vitals'))).toHaveLength(1)
  let quiet = ''
  await expect
    .poll(
      async () => {
        quiet = await answer(0)
        return (await rowOf(quiet))?.['long_frames']
      },
      { timeout: 30_000 },
    )
    .toEqual(expect.any(Number))
  const hold = Promise.withResolvers<void>()
  held = hold.promise
  const clicked = answer(0)
  await expect.poll(() => answering, { timeout: 20_000 }).toBe(true)
  await page.click('button')
  await pause(100)
  hold.resolve()
  const slow = await clicked
  await pause(300)
  const reading = await answer(120)
  await pause(300)
  // A page in the background, as the browser's own events tell of it.
  await page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' })
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
  })
  await page.waitForFunction((id) => window.rowOf(id)?.['page_inp_ms'], slow)

  const own = await rowOf(slow)
  expect(own).toMatchObject({
    status: 'completed',
    page_inp_part: 'processing',
  })
  expect(own?.['inp_ms']).toBeGreaterThanOrEqual(240)
  expect(own?.['page_inp_ms']).toBe(own?.['inp_ms'])
  expect(own?.['long_frames']).toBeGreaterThanOrEqual(1)
  expect(own?.['blocking_ms']).toBeGreaterThanOrEqual(150)

  const streamed = await rowOf(reading)
  expect(streamed?.['long_frames']).toBeGreaterThanOrEqual(2)
  expect(streamed?.['stream_script_ms']).toBeGreaterThanOrEqual(200)
  expect(streamed).not.toHaveProperty('inp_ms')

  const still = await rowOf(quiet)
  expect(still).toMatchObject({ status: 'completed', long_frames: expect.any(Number) })
  expect(still).not.toHaveProperty('inp_ms')
  expect(still).not.toHaveProperty('page_inp_ms')
})
