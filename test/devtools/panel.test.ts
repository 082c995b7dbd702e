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

test.each([
  { colorScheme: 'light', viewport: { width: 1_200, height: 800 } },
  { colorScheme: 'dark', viewport: { width: 360, height: 640 } },
] as const)('everybody can read the panel: $colorScheme, $viewport.width px', async (options) => {
  const page = await opened(options)
  const { violations } = await new AxeBuilder({ page }).include('.rungs-dt').analyze()
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`),
  ).toEqual([])
  const widths = await page
    .locator('.rungs-dt section, .rungs-dt .body, .rungs-dt .detail')
    .evaluateAll((elements) => elements.map((one) => [one.scrollWidth, one.clientWidth]))
  expect(widths).toHaveLength(3)
  for (const [needed, given = 0] of widths) expect(needed).toBeLessThanOrEqual(given)
})

test('the keyboard alone opens it, goes through it in order, and closes it', async () => {
  const page = await opened({ viewport: { width: 1_200, height: 800 } })
  const focused = (): Promise<string> =>
    page.evaluate(() => document.activeElement?.textContent ?? '')
  await page.keyboard.press('Escape')
  expect(await page.getByRole('region', { name: 'Rungs devtools' }).count()).toBe(0)
  expect(await focused()).toBe('Rungs')
  await page.keyboard.press('Enter')
  const stops: string[] = []
  for (let stop = 0; stop < 3; stop += 1) {
    stops.push(await focused())
    await page.keyboard.press('Tab')
  }
  expect(stops).toEqual(['Close', 'Clear', expect.stringContaining('chat page')])
  const outline = await page.evaluate(
    () => document.activeElement && getComputedStyle(document.activeElement).outlineStyle,
  )
  expect(outline).toBe('solid')
  await page.keyboard.press('Escape')
  expect(await focused()).toBe('Rungs')
})
