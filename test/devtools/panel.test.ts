import { AxeBuilder } from '@axe-core/playwright'
import { resolve } from 'node:path'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright'
import { build } from 'vite'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { chromiumLaunch } from '../../scripts/chromium.ts'

let browser: Browser
let code = ''

beforeAll(async () => {
  browser = await chromium.launch(chromiumLaunch())
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    define: { 'process.env.NODE_ENV': '"development"' },
    build: {
      write: false,
      rolldownOptions: {
        input: resolve(import.meta.dirname, 'page.ts'),
        output: { format: 'iife' },
      },
    },
  })
  code = (Array.isArray(built) ? built : [built])
    .flatMap((result) => ('output' in result ? result.output : []))
    .map((file) => (file.type === 'chunk' ? file.code : ''))
    .join('\n')
})
afterAll(() => browser.close())

/** The app after a run that fell back, the panel open. */
async function opened(options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext(options)
  onTestFinished(() => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(8_000)
  await page.setContent(
    '<!doctype html><html lang="en"><title>App</title><div id="root"></div></html>',
  )
  await page.addScriptTag({ content: code })
  await page.getByRole('button', { name: 'Ask' }).click()
  await page.getByRole('button', { name: 'Rungs' }).click()
  await page.getByText('completed, mini').waitFor()
  // The charts begin with the first samples.
  await page.getByText('Over time').waitFor()
  return page
}

async function findings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).include('.rungs-dt').analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`)
}

test.each([
  { colorScheme: 'light', viewport: { width: 1_200, height: 800 } },
  { colorScheme: 'dark', viewport: { width: 360, height: 640 } },
] as const)('everybody can read the panel: $colorScheme, $viewport.width px', async (options) => {
  const page = await opened(options)
  expect(await findings(page)).toEqual([])
  // Its English is read from left to right in any page.
  await page.evaluate(() => {
    document.dir = 'rtl'
  })
  expect(await page.locator('.rungs-dt').evaluate((one) => getComputedStyle(one).direction)).toBe(
    'ltr',
  )
  const widths = await page
    .locator('.rungs-dt section, .rungs-dt .body, .rungs-dt .detail')
    .evaluateAll((elements) => elements.map((one) => [one.scrollWidth, one.clientWidth]))
  expect(widths).toHaveLength(3)
  for (const [needed, given = 0] of widths) expect(needed).toBeLessThanOrEqual(given)
  await page.locator('.rungs-dt summary').first().click()
  await page.getByRole('searchbox', { name: 'Search runs' }).fill('nothing like it')
  await page.getByText('No run matches.').waitFor()
  expect(await findings(page)).toEqual([])
})

test('the keyboard alone opens it, goes through it in order, and closes it', async () => {
  const page = await opened({ viewport: { width: 1_200, height: 800 } })
  const focused = (): Promise<string> =>
    page.evaluate(() => document.activeElement?.textContent ?? '')
  const name = (): Promise<string> =>
    page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '')
  await page.keyboard.press('Escape')
  expect(await page.getByRole('region', { name: 'Rungs devtools' }).count()).toBe(0)
  expect(await focused()).toBe('Rungs')
  await page.keyboard.press('Enter')
  const stops: string[] = []
  for (let stop = 0; stop < 9; stop += 1) {
    stops.push((await name()) || (await focused()))
    await page.keyboard.press('Tab')
  }
  expect(stops).toEqual([
    'Close',
    'Clear',
    'Height of the panel',
    'Search runs',
    '0 running',
    '0 clean',
    '1 changed',
    '0 failed',
    expect.stringContaining('chat page'),
  ])
  const outline = await page.evaluate(
    () => document.activeElement && getComputedStyle(document.activeElement).outlineStyle,
  )
  expect(outline).toBe('solid')
  await page.keyboard.press('Escape')
  expect(await focused()).toBe('Rungs')
})

test('the edge of the panel is moved by the keyboard and by hand, within the window', async () => {
  const page = await opened({ viewport: { width: 1_200, height: 800 } })
  const height = () =>
    page
      .getByRole('region', { name: 'Rungs devtools' })
      .evaluate((panel) => panel.getBoundingClientRect().height)
  const edge = page.getByRole('separator', { name: 'Height of the panel' })
  const before = await height()
  await edge.focus()
  await page.keyboard.press('ArrowUp')
  expect(await height()).toBe(before + 40)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  expect(await height()).toBe(before - 40)
  const box = await edge.boundingBox()
  await page.mouse.move(600, (box?.y ?? 0) + 3)
  await page.mouse.down()
  await page.mouse.move(600, 300, { steps: 3 })
  await page.mouse.up()
  await page.mouse.move(600, 100)
  expect(await height()).toBe(500)
  expect(await edge.getAttribute('aria-valuenow')).toBe('500')
  for (let press = 0; press < 20; press += 1) await page.keyboard.press('ArrowUp')
  expect(await height()).toBe(760)
  // The button goes with it.
  const button = await page.getByRole('button', { name: 'Close' }).boundingBox()
  expect(button?.y).toBeGreaterThanOrEqual(40)
  expect(button?.y).toBeLessThan(60)
})
