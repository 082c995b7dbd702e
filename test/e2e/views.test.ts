import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { chromium, type Browser, type Page } from 'playwright'
import { build, preview, type PreviewServer } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { chromiumLaunch } from '../../scripts/chromium.ts'

// The demo's views beside its chat, in a build of its own so that the files can run side by side.
let server: PreviewServer
let browser: Browser
let page: Page
let folder: string
let errors: string[]

beforeAll(async () => {
  vi.stubEnv('NODE_ENV', 'production')
  folder = await mkdtemp(join(tmpdir(), 'larder-'))
  await build({
    root: 'demo',
    logLevel: 'warn',
    build: { outDir: join(folder, 'dist'), emptyOutDir: true },
  })
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
  errors = []
  page = await open(server)
})
afterEach(async () => {
  await page.context().close()
  if (errors.length > 0) throw new Error(`the page threw: ${errors.join('; ')}`)
})

function serve(reports: string): Promise<PreviewServer> {
  vi.stubEnv('LARDER_REPORTS', reports)
  return preview({
    root: 'demo',
    build: { outDir: join(folder, 'dist') },
    preview: { port: 0, host: '127.0.0.1' },
  })
}

async function open(of: PreviewServer): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } })
  const opened = await context.newPage()
  opened.setDefaultTimeout(20_000)
  opened.on('pageerror', (error) => errors.push(error.message))
  opened.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) errors.push(message.text())
  })
  await opened.goto(of.resolvedUrls?.local[0] ?? '')
  return opened
}

const SOUP = 'My soup is too salty. Can I save it?'

async function ask(question: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Your question' }).fill(question)
  await page.keyboard.press('Enter')
}
async function answered(): Promise<void> {
  await page.locator('.turn:last-child [data-outcome]').waitFor()
}
async function look(view: string): Promise<void> {
  await page.getByRole('link', { name: view }).click()
  await page.getByRole('main', { name: view }).waitFor()
}
const region = (name: string) => page.getByRole('region', { name })

async function findings(): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

test('a plan by the better route is asked for first, and filled in as it comes', async () => {
  await look('Plan a week')
  await page.getByRole('radio', { name: '4', exact: true }).check()
  await page.getByRole('button', { name: 'Plan the week' }).click()
  await page.getByText('Go on with Chef 9?').waitFor()
  expect(await page.locator('[data-change="wait"]').innerText()).toMatch(/about \d s/)
  expect(await page.locator('[data-change="cost"]').innerText()).toMatch(/about \$0\.0/)
  expect(await findings()).toEqual([])
  await page.getByRole('button', { name: 'Yes, and do not ask again' }).click()
  await page.locator('.day').first().waitFor()
  expect(await page.locator('.answer[data-outcome]').count()).toBe(0)
  await page.locator('.answer[data-outcome="completed"]').waitFor()
  expect(await page.locator('.plan h3').innerText()).toContain('Five dinners for 4')
  expect(await page.locator('.day').count()).toBe(5)
  expect(await page.locator('.byline').innerText()).toContain('Chef 9')
  expect(await findings()).toEqual([])
  // That yes is for as long as the page is there.
  await page.getByRole('button', { name: 'Plan the week' }).click()
  await page.getByText('Waiting for Chef 9…').first().waitFor()
})

test('a no takes the quicker route, and the notice says whose choice it was', async () => {
  await look('Plan a week')
  await page.getByRole('button', { name: 'Plan the week' }).click()
  await page.getByRole('button', { name: 'No, use Swift 4' }).click()
  await page.locator('.answer[data-outcome="completed"]').waitFor()
  const notice = page.locator('[data-rungs-notice="fallback"]')
  expect(await notice.getAttribute('data-cause')).toBe('declined')
  expect(await notice.innerText()).toMatch(/^Swift 4 answers instead of Chef 9, /)
})

test('what is asked in one view goes on in another, which says so', async () => {
  await ask(SOUP)
  await look('What happened')
  await page.getByRole('link', { name: 'Ask is being answered' }).waitFor()
  await page.getByRole('link', { name: 'Ask', exact: true }).waitFor()
  await look('Ask')
  expect(await page.locator('[data-outcome="completed"] .prose').innerText()).toContain('potato')
})

test('a slow route is said to be slow, and can be stopped there', async () => {
  await page.getByLabel('Swift 4', { exact: true }).selectOption('slow')
  await ask(SOUP)
  const slow = page.locator('[data-rungs-notice="slow"]')
  await slow.getByText('longer than usual').waitFor()
  await slow.getByRole('button', { name: 'Stop' }).click()
  await answered()
  expect(await page.locator('.answer').getAttribute('data-outcome')).toBe('stopped')
})

test('offline a question waits, and is answered when the network is back', async () => {
  await page.context().setOffline(true)
  await ask(SOUP)
  await page.getByText('You are offline.').waitFor()
  expect(await page.locator('.answer[data-outcome]').count()).toBe(0)
  await page.context().setOffline(false)
  await page.locator('.answer[data-outcome="completed"]').waitFor()
})

test('a view that the network does not bring leaves the rest as it is', async () => {
  await page.route('**/assets/Week-*.js', (route) => route.abort())
  await page.getByRole('link', { name: 'Plan a week' }).click()
  await page.getByText('This view could not be loaded.').waitFor()
  await look('Ask')
  await ask(SOUP)
  await answered()
  expect(await page.locator('.answer').getAttribute('data-outcome')).toBe('completed')
})

test('the panel pulls the network out under an answer, and puts it back', async () => {
  await ask('Plan three dinners from a bag of lentils')
  await page.waitForFunction(() => (document.querySelector('.prose')?.textContent ?? '') !== '')
  await page.getByRole('checkbox', { name: 'Network' }).uncheck()
  await page.getByText('You are offline.').waitFor()
  expect(await page.locator('.prose').innerText()).not.toBe('')
  await page.getByRole('checkbox', { name: 'Network' }).check()
  await page.locator('.answer[data-outcome="completed"]').waitFor()
})

test('a conversation stays when the routes are restored, and goes when a new one is begun', async () => {
  await page.getByLabel('Swift 4', { exact: true }).selectOption('error-503')
  await ask(SOUP)
  await answered()
  await page.getByRole('button', { name: 'Restore all' }).click()
  expect(await page.locator('.turn').count()).toBe(1)
  await page.getByRole('button', { name: 'New conversation' }).click()
  await page.getByText('What is on the stove?').waitFor()
})

test('what happened is told for this browser and, once it is reported, for the team', async () => {
  await page.getByLabel('Swift 4', { exact: true }).selectOption('rate-limit')
  await ask(SOUP)
  await answered()
  await page.getByRole('button', { name: 'Helped' }).click()
  await look('What happened')
  const here = region('In this browser')
  await here.getByText('1 run, 1 fell back').waitFor()
  expect(await here.innerText()).toMatch(/Swift 4\s+1 of 1 attempt, 100\s%/)
  expect(await here.innerText()).toMatch(/rate-limit\s+1/)
  const team = region('For the team')
  const stoodIn = team.getByRole('listitem').filter({ hasText: 'Swift 4 → House backend' })
  await stoodIn.filter({ hasText: /rate-limit\s+1 time/ }).waitFor()
  expect(await team.innerText()).toMatch(/Ask\s+Answered/)
  await team.getByText('How to read it').first().click()
  await team.getByText('failures-by-provider.sql').waitFor()
  expect(await findings()).toEqual([])
  const told = await (await page.request.get(`${page.url().split('#')[0]}team`)).text()
  expect(told).toContain('rate-limit')
  expect(told).not.toContain('salty')
})

test('the developer panel has what ran before it was opened, and closes to its switch', async () => {
  await page.waitForLoadState('networkidle')
  await ask(SOUP)
  await answered()
  const box = page.getByRole('checkbox', { name: 'Developer panel' })
  await box.check()
  const panel = region('Rungs devtools')
  await panel.getByText('completed, swift').waitFor()
  // The policy of the page lets its style through.
  expect(await panel.evaluate((element) => getComputedStyle(element).position)).toBe('fixed')
  expect(await findings()).toEqual([])
  await page.getByRole('button', { name: 'Close' }).press('Escape')
  expect(await panel.count()).toBe(0)
  expect(await box.isChecked()).toBe(false)
  expect(await box.evaluate((element) => element === document.activeElement)).toBe(true)
})

test('where there is no database the demo says so and works', async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  const other = await serve('/dev/null/reports.duckdb')
  await page.context().close()
  page = await open(other)
  await ask(SOUP)
  await answered()
  await look('What happened')
  await region('In this browser').getByText('1 run, 0 fell back').waitFor()
  await region('For the team').getByText('DuckDB is not to be had on this machine').waitFor()
  expect(await findings()).toEqual([])
  await other.close()
})

test.each([
  ['light', 360],
  ['dark', 360],
  ['dark', 1280],
] as const)('each view fits, %s at %i px', async (colorScheme, width) => {
  await page.setViewportSize({ width, height: 740 })
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
  await ask(SOUP)
  await answered()
  for (const view of ['Ask', 'Plan a week', 'What happened']) {
    await look(view)
    if (view === 'What happened') await page.getByText('Which routes fail most').waitFor()
    expect(await findings()).toEqual([])
    const widths = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ])
    expect([view, ...widths]).toEqual([view, width, width])
  }
})
