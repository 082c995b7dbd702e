import rsc from '@vitejs/plugin-rsc'
import { mkdtemp, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright'
import { createBuilder, preview, type InlineConfig, type PreviewServer } from 'vite'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { chromiumLaunch } from '../../scripts/chromium.ts'

// Server components that stream around client components with the hook, as Vite builds them.

const here = import.meta.dirname
let folder: string
let server: PreviewServer
let browser: Browser

beforeAll(async () => {
  // As a user builds it; the test runner's own NODE_ENV would take the development build of React.
  vi.stubEnv('NODE_ENV', 'production')
  folder = await mkdtemp(join(here, '.rsc-'))
  const environment = (name: string, file: string) => ({
    build: {
      outDir: join(folder, name),
      rolldownOptions: { input: { index: resolve(here, file) } },
    },
  })
  const config: InlineConfig = {
    configFile: false,
    root: here,
    logLevel: 'error',
    plugins: [rsc()],
    environments: {
      rsc: environment('rsc', 'entry.rsc.tsx'),
      ssr: environment('ssr', 'entry.ssr.tsx'),
      client: environment('client', 'entry.browser.tsx'),
    },
  }
  await (await createBuilder(config)).buildApp()
  server = await preview({ ...config, preview: { port: 0, host: '127.0.0.1' } })
  browser = await chromium.launch(chromiumLaunch())
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await browser?.close()
  await server?.close()
  await rm(folder, { recursive: true })
})

const address = (path: string): string => new URL(path, server.resolvedUrls?.local[0]).href

async function open(id: string): Promise<{ readonly page: Page; readonly told: string[] }> {
  const context = await browser.newContext()
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const told: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) told.push(message.text())
  })
  page.on('pageerror', ({ message }) => told.push(message))
  await page.goto(address(id), { waitUntil: 'commit' })
  return { page, told }
}

test('a run streams while a part of the page is still on its way from the server, and when it has come', async () => {
  const { page, told } = await open('one')
  await page.getByText('loading').waitFor()
  // The client's part is alive before the page is whole.
  const answer = page.getByRole('region', { name: 'answer' })
  await expect
    .poll(async () => {
      await answer.getByRole('button', { name: 'Ask' }).click()
      return answer.locator('p').getAttribute('data-phase')
    })
    .not.toBe('idle')
  await answer.getByText('The first half', { exact: true }).waitFor()
  expect(await page.getByText('loading').isVisible()).toBe(true)
  await fetch(address('one.release'))
  await page.getByText('From the server, late').waitFor()
  expect(await answer.locator('p').getAttribute('data-phase')).toBe('streaming')
  await answer.getByText('The first half and the second').waitFor()
  expect(await answer.getByRole('status').innerText()).toContain('mini answers instead of ours')
  expect(told).toEqual([])
})

test('the page of the server has the idle state, and a notice that a server component gave', async () => {
  await fetch(address('two.release'))
  const html = await (await fetch(address('two'))).text()
  expect(html).toContain('<p data-phase="idle"></p>')
  expect(html).toMatch(/<div id="quiet" role="status" data-rungs-notice="fallback"><\/div>/u)
  const { page, told } = await open('two')
  await page.getByText('From the server, late').waitFor()
  await page.getByRole('button', { name: 'Ask' }).click()
  await page.getByText('The first half').waitFor()
  expect(told).toEqual([])
})
