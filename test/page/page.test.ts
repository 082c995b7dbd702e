import { AxeBuilder } from '@axe-core/playwright'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { chromium, type Browser, type Page, type Route } from 'playwright'
import { build, preview, type PreviewServer } from 'vite'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { chromiumLaunch } from '../../scripts/chromium.ts'

// The page without a framework, from the very code in docs/page.md.

const root = resolve(import.meta.dirname, '../..')
/** Each block of code in a page of the docs, by the file that its first line names. */
function blocksOf(markdown: string): ReadonlyMap<string, string> {
  const blocks = markdown.matchAll(
    /^```\w+\n(?:\/\/|<!--) (?<name>[\w.]+)[^\n]*\n(?<code>.*?)^```$/gmsu,
  )
  return new Map([...blocks].map(({ groups }) => [groups?.['name'] ?? '', groups?.['code'] ?? '']))
}
const read = async (file: string) => blocksOf(await readFile(join(root, file), 'utf8'))

let folder: string
let server: PreviewServer
let browser: Browser

beforeAll(async () => {
  folder = await mkdtemp(join(import.meta.dirname, '.page-'))
  const blocks = await read('docs/page.md')
  for (const [name, code] of blocks) await writeFile(join(folder, name), code)
  await build({ configFile: false, root: folder, logLevel: 'silent' })
  server = await preview({
    configFile: false,
    root: folder,
    preview: { port: 0, host: '127.0.0.1' },
  })
  browser = await chromium.launch(chromiumLaunch())
})
afterAll(async () => {
  await browser?.close()
  await server?.close()
  await rm(folder, { recursive: true })
})

type Answer = (route: Route) => Promise<void>
const down: Answer = (route) => route.fulfill({ status: 503, body: 'down' })
const spare: Answer = (route) =>
  route.fulfill({ contentType: 'text/plain', body: 'From the spare.' })
/** A backend with the AI SDK says this. */
function says(...deltas: string[]): Answer {
  const chunks = [
    { type: 'start' },
    { type: 'text-start', id: '1' },
    ...deltas.map((delta) => ({ type: 'text-delta', id: '1', delta })),
    { type: 'text-end', id: '1' },
    { type: 'finish' },
  ]
  const events = [...chunks.map((chunk) => JSON.stringify(chunk)), '[DONE]']
  const body = events.map((data) => `data: ${data}\n\n`).join('')
  return (route) => route.fulfill({ contentType: 'text/event-stream', body })
}

async function open(ours: Answer, other: Answer = spare): Promise<Page> {
  const context = await browser.newContext()
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', ({ message }) => errors.push(message))
  onTestFinished(() => {
    expect(errors).toEqual([])
  })
  await page.route('**/api/chat', ours)
  await page.route('**/api/spare', other)
  await page.goto(server.resolvedUrls?.local[0] ?? '')
  return page
}
async function ask(page: Page, question = 'Why is the sky blue?'): Promise<void> {
  await page.getByLabel('Your question').fill(question)
  await page.keyboard.press('Enter')
}

test('the page asks, and shows the answer', async () => {
  let asked = ''
  const page = await open((route) => {
    asked = route.request().postData() ?? ''
    return says('Because', ' of the air.')(route)
  })
  await ask(page)
  await page.getByText('Because of the air.', { exact: true }).waitFor()
  expect(asked).toContain('Why is the sky blue?')
  expect(await page.getByRole('status').innerText()).toBe('')
  expect(await page.getByRole('button', { name: 'Stop' }).isDisabled()).toBe(true)
  const { violations } = await new AxeBuilder({ page })
    .disableRules(['landmark-one-main', 'page-has-heading-one', 'region'])
    .analyze()
  expect(violations.map(({ id }) => id)).toEqual([])
})

test('the next route answers where the first is down, and the page says so', async () => {
  const page = await open(down)
  await ask(page)
  await page.getByText('From the spare.').waitFor()
  expect(await page.getByRole('status').innerText()).toBe('spare answers instead of ours.')
})

test('the safe answer comes where nobody else does', async () => {
  const page = await open(down, down)
  await ask(page)
  await page.getByText('Your question is kept.').waitFor()
  expect(await page.getByRole('status').innerText()).toBe('sorry answers instead of ours.')
})

test('a stop ends it, and a new question takes the place of the one before', async () => {
  let count = 0
  // The first never answers.
  const page = await open(async (route) => {
    count += 1
    if (count > 1) await says('Second.')(route)
  })
  await ask(page, 'First?')
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.locator('#stop:disabled').waitFor()
  await ask(page, 'Second?')
  await page.getByText('Second.', { exact: true }).waitFor()
  expect(await page.locator('#answer').innerText()).toBe('Second.')
})

test('the README shows the same code', async () => {
  const [inDocs, inReadme] = [await read('docs/page.md'), await read('README.md')]
  expect([...inDocs.keys()]).toEqual(['index.html', 'llm.js', 'main.js'])
  expect(inReadme.get('main.js')).toBe(inDocs.get('main.js'))
})
