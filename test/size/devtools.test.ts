import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'

// What of the devtools is in an app, as Vite builds it.

/** Every rule of the panel's style begins with it. */
const MARK = 'rungs-dt'
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(resolve(import.meta.dirname, '.size-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})

async function built(nodeEnv: string, ...sources: readonly string[]): Promise<string> {
  const entry = resolve(folder, 'app.js')
  await writeFile(entry, sources.join('\n'))
  const results = await build({
    configFile: false,
    logLevel: 'silent',
    mode: nodeEnv,
    define: { 'process.env.NODE_ENV': JSON.stringify(nodeEnv) },
    build: { write: false, rolldownOptions: { input: entry } },
  })
  return (Array.isArray(results) ? results : [results])
    .flatMap((result) => ('output' in result ? result.output : []))
    .map((file) => (file.type === 'chunk' ? file.code : ''))
    .join('\n')
}

const APP = `import { FallbackNotice, LLMProvider, useLLM } from '@rungs/react'
globalThis.kept = [FallbackNotice, LLMProvider, useLLM]`
const DEVTOOLS = `import { RungsDevtools } from '@rungs/react/devtools'
globalThis.devtools = RungsDevtools`

test('an app that does not import the devtools has nothing of them, in development either', async () => {
  const code = await built('development', APP)
  expect(code).toContain('data-rungs-notice')
  expect(code).not.toContain(MARK)
})

test('an app that imports the devtools has them in development', async () => {
  expect(await built('development', APP, DEVTOOLS)).toContain(MARK)
})

test('an app that imports the devtools has nothing of them in production, not a byte', async () => {
  const stub = 'globalThis.devtools = () => null'
  const [without, with_] = [
    await built('production', APP, stub),
    await built('production', APP, DEVTOOLS),
  ]
  expect(with_).not.toContain(MARK)
  expect(with_.length - without.length).toBe(0)
})

test('an app that asks for them in production has them there', async () => {
  const entry = DEVTOOLS.replace('devtools', 'devtools/production')
  expect(await built('production', APP, entry)).toContain(MARK)
})
