import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright'
import { build, preview, type PreviewServer } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { chromiumLaunch } from '../../scripts/chromium.ts'

let server: PreviewServer
let browser: Browser
let context: BrowserContext
let page: Page
let errors: string[]
let folder: string

beforeAll(async () => {
  // As a user builds it; the test runner's own NODE_ENV would take the development build of React.
  vi.stubEnv('NODE_ENV', 'production')
  await build({ root: 'demo', logLevel: 'warn' })
  folder = await mkdtemp(join(tmpdir(), 'larder-'))
  server = await serve(join(folder, 'reports.duckdb'))
  browser = await chromium.launch(chromiumLaunch())
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await browser?.close()
  await server?.close()
  await rm(folder, { recursive: true })
})
beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  page = await context.newPage()
  errors = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) errors.push(message.text())
  })
  await page.goto(server.resolvedUrls?.local[0] ?? '')
})
afterEach(async () => {
  await context.close()
  if (errors.length > 0) throw new Error(`the page threw: ${errors.join('; ')}`)
})

function serve(reports: string): Promise<PreviewServer> {
  vi.stubEnv('LARDER_REPORTS', reports)
  return preview({ root: 'demo', preview: { port: 0, host: '127.0.0.1' } })
}

const SOUP = 'My soup is too salty. Can I save it?'

async function breakRoute(name: string, fault: string): Promise<void> {
  await page.getByLabel(name, { exact: true }).selectOption(fault)
}
async function ask(question: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Your question' }).fill(question)
  await page.keyboard.press('Enter')
}
const answer = () => page.locator('.turn:last-child .answer')
const settled = () => page.locator('.turn:last-child [data-outcome]')
const notice = () => page.locator('[data-rungs-notice="fallback"]')

async function findings(): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

test('a question is answered on the first route', async () => {
  await page.getByRole('button', { name: SOUP }).click()
  await settled().waitFor()
  expect(await settled().getAttribute('data-outcome')).toBe('completed')
  expect(await page.locator('.turn:last-child .byline').innerText()).toContain('Swift 4')
  expect(await page.locator('.turn:last-child').innerText()).toContain('1 attempt')
  expect(await notice().innerText()).toBe('')
  expect(await findings()).toEqual([])
})

test('with that route broken the second answers, and a notice says so without taking the focus', async () => {
  await breakRoute('Swift 4', 'rate-limit')
  await ask(SOUP)
  await settled().waitFor()
  expect(await settled().getAttribute('data-outcome')).toBe('completed')
  expect(await notice().getAttribute('role')).toBe('status')
  expect(await notice().innerText()).toMatch(/^House backend answers instead of Swift 4, /)
  expect(await notice().getAttribute('data-cause')).toBe('rate-limit')
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('TEXTAREA')
  await page.locator('summary', { hasText: '2 attempts' }).click()
  const failed = page.locator('[data-rungs-attempts] [data-state="failed"]')
  expect(await failed.getAttribute('data-kind')).toBe('rate-limit')
  expect(await findings()).toEqual([])
})

test('a restart replaces the text without a flash of emptiness, and never joins two answers', async () => {
  await breakRoute('Swift 4', 'cut')
  await page.evaluate(() => {
    const seen: string[] = []
    Object.assign(globalThis, { seen })
    const look = (): void => {
      const text = document.querySelector('.turn:last-child .answer')?.textContent ?? ''
      if (seen.at(-1) !== text) seen.push(text)
      requestAnimationFrame(look)
    }
    look()
  })
  await ask(SOUP)
  await settled().waitFor()
  const seen: string[] = await page.evaluate(() => Reflect.get(globalThis, 'seen'))
  const first = seen.findIndex((text) => text.length > 20)
  expect(first).toBeGreaterThan(-1)
  expect(seen.slice(first).filter((text) => text.trim() === '')).toEqual([])
  const last = seen.at(-1) ?? ''
  const halfway = seen.findLast(
    (text, index) => index >= first && !last.startsWith(text.slice(0, 20)),
  )
  // What the first route had said is gone, whole.
  expect(halfway).toBeDefined()
  expect(last).not.toContain(halfway?.slice(0, 20))
  expect(await notice().getAttribute('data-to')).toBe('backend')
})

test('stop keeps what there is, and is no failure', async () => {
  await ask('Plan three dinners from a bag of lentils')
  await page.waitForFunction(
    () => (document.querySelector('.turn:last-child .answer')?.textContent?.length ?? 0) > 40,
  )
  await page.getByRole('button', { name: 'Stop' }).click()
  await settled().waitFor()
  expect(await settled().getAttribute('data-outcome')).toBe('stopped')
  const kept = await answer().innerText()
  expect(kept.length).toBeGreaterThan(40)
  expect(kept).toContain('You stopped this answer.')
  expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0)
  expect(await findings()).toEqual([])
})

const FAULTS = {
  'rate-limit': 'rate-limit',
  'rate-limit-bare': 'rate-limit',
  'error-500': 'outage',
  'error-503': 'outage',
  refused: 'network',
  cut: 'network',
  'error-event': 'outage',
  html: 'invalid-response',
  empty: 'invalid-response',
  'wrong-type': 'invalid-response',
  stall: 'stream-stall',
  'hang-before-headers': 'timeout',
  'hang-after-headers': 'queue-stall',
}

test('whatever breaks the first route, the second answers and the notice knows why', async () => {
  const causes = await Promise.all(
    Object.keys(FAULTS).map(async (fault) => {
      // Tabs of one browser would tell each other what broke.
      const alone = await browser.newContext()
      const own = await alone.newPage()
      await own.goto(page.url())
      await own.getByLabel('Swift 4', { exact: true }).selectOption(fault)
      await own.getByRole('button', { name: SOUP }).click()
      await own.locator('.turn:last-child [data-outcome="completed"]').waitFor()
      const cause = await own.locator('[data-rungs-notice="fallback"]').getAttribute('data-cause')
      await alone.close()
      return [fault, cause]
    }),
  )
  expect(Object.fromEntries(causes)).toEqual(FAULTS)
})

test('with every route broken the prepared answer comes, and without one a way to try again', async () => {
  for (const name of ['Swift 4', 'House backend', 'Reserve']) await breakRoute(name, 'error-503')
  await ask(SOUP)
  await settled().waitFor()
  expect(await settled().getAttribute('data-outcome')).toBe('safe')
  expect(await findings()).toEqual([])
  await page.getByRole('checkbox', { name: /Prepared answer/ }).uncheck()
  await ask(SOUP)
  await page.locator('.turn:last-child [data-outcome="failed"]').waitFor()
  expect(await findings()).toEqual([])
  await page.getByRole('button', { name: 'Restore all' }).click()
  await page.getByRole('button', { name: 'Try again' }).last().click()
  await page.locator('.turn:last-child [data-outcome="completed"]').waitFor()
})

test('the page works on a phone of 360 px, in the dark, by keyboard alone', async () => {
  await page.setViewportSize({ width: 360, height: 740 })
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
  await page.getByRole('button', { name: /Break a route/ }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'Break a route' }).waitFor()
  await breakRoute('Swift 4', 'error-500')
  expect(await findings()).toEqual([])
  await page.keyboard.press('Escape')
  expect(await page.evaluate(() => document.activeElement?.textContent)).toMatch(/Break a route/)
  await page.getByRole('textbox', { name: 'Your question' }).focus()
  await page.keyboard.type(SOUP)
  await page.keyboard.press('Enter')
  await settled().waitFor()
  expect(await notice().innerText()).toMatch(/instead of Swift 4/)
  const { scroll, client } = await page.evaluate(() => ({
    scroll: document.documentElement.scrollWidth,
    client: document.documentElement.clientWidth,
  }))
  expect(scroll).toBe(client)
  expect(await findings()).toEqual([])
})

test('a key that is typed goes to its provider and nowhere else, and a broken provider still has rungs below it', async () => {
  const seen: { url: string; authorization: string | undefined }[] = []
  page.on('request', (request) =>
    seen.push({ url: request.url(), authorization: request.headers()['authorization'] }),
  )
  await page.route('https://api.openai.com/**', (route) =>
    route.fulfill({
      status: 503,
      headers: { 'access-control-allow-origin': '*' },
      json: { error: { message: 'overloaded' } },
    }),
  )
  await page.getByLabel('OpenAI API key').fill('sk-typed-by-a-visitor')
  await page.getByRole('button', { name: 'Use key' }).click()
  await page.getByText('The key is saved. It could not be tried').waitFor()
  expect(await page.getByLabel('OpenAI API key').inputValue()).toBe('')
  await ask(SOUP)
  await settled().waitFor()
  expect(await settled().getAttribute('data-outcome')).toBe('completed')
  expect(await notice().getAttribute('data-from')).toBe('yours')
  expect(await notice().getAttribute('data-to')).toBe('swift')
  const keyed = seen.filter(({ authorization }) => authorization !== undefined)
  // One that tries it, and the question.
  expect(keyed.map(({ url }) => new URL(url).origin)).toEqual(
    Array(2).fill('https://api.openai.com'),
  )
  expect(keyed[0]?.authorization).toBe('Bearer sk-typed-by-a-visitor')
  expect(await page.content()).not.toContain('sk-typed-by-a-visitor')
  expect(await findings()).toEqual([])
})

test('a restored route is asked at once, however long it had been passed over', async () => {
  await breakRoute('Swift 4', 'rate-limit')
  await ask(SOUP)
  await settled().waitFor()
  expect(await notice().getAttribute('data-to')).toBe('backend')
  await page.getByRole('button', { name: 'Restore all' }).click()
  await ask('Can I freeze leeks?')
  await page.waitForFunction(() => document.querySelectorAll('[data-outcome]').length === 2)
  expect(await page.locator('.turn:last-child .byline').innerText()).toContain('Swift 4')
})
