import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { chromium } from 'playwright'
import { build, preview } from 'vite'
import { chromiumLaunch } from './chromium.ts'

/** A picture in the README is not to weigh more, bytes. */
const MOST = 150_000

// The pictures in docs/, of the demo as it is: a route is broken, and another one answers.
const root = resolve(import.meta.dirname, '../demo')
const folder = await mkdtemp(join(tmpdir(), 'larder-'))
process.env['LARDER_REPORTS'] = join(folder, 'reports.duckdb')
await build({ root, logLevel: 'warn' })
const server = await preview({ root, preview: { port: 0, host: '127.0.0.1' } })
const browser = await chromium.launch(chromiumLaunch())
for (const colorScheme of ['light', 'dark'] as const) {
  const page = await browser.newPage({
    colorScheme,
    viewport: { width: 1280, height: 720 },
    locale: 'en-GB',
  })
  await page.goto(server.resolvedUrls?.local[0] ?? '')
  await page.getByLabel('Swift 4', { exact: true }).selectOption('error-503')
  await page.getByRole('button', { name: 'My soup is too salty' }).click()
  await page.locator('[data-outcome="completed"]').waitFor()
  await page.getByText('2 attempts').click()
  const path = resolve(import.meta.dirname, `../docs/demo-${colorScheme}.png`)
  await page.screenshot({ path })
  const { size } = await stat(path)
  console.log(`${path}: ${size} bytes`)
  if (size > MOST) throw new Error(`${path} weighs more than ${MOST} bytes`)
}
await browser.close()
await server.close()
await rm(folder, { recursive: true })
process.exit(0)
