import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'

// What an app pays, min+gzip, every dependency counted and every chunk with it, as Vite builds it.

const BASE = ['createLLM', 'openai', 'canned']
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(resolve(import.meta.dirname, '.size-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})

type Chosen = 'all' | 'first'

/** Of every chunk, or of what an app loads before its first request alone. */
async function gzipped(
  names: readonly string[],
  hooks: readonly string[] = [],
  chosen: Chosen = 'all',
): Promise<number> {
  const entry = resolve(folder, `${[...names, ...hooks].join('-')}.js`)
  const ofReact = `import { ${hooks.join(', ')} } from '@rungs/react'\n`
  await writeFile(
    entry,
    `import { ${names.join(', ')} } from '@rungs/core'\n${hooks.length > 0 ? ofReact : ''}globalThis.kept = [${[...names, ...hooks].join(', ')}]\n`,
  )
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    resolve: { alias: { '@rungs/react': resolve('packages/react/dist/index.js') } },
    mode: 'production',
    build: {
      write: false,
      rolldownOptions: { input: entry, external: ['react', 'react/jsx-runtime'] },
    },
  })
  const results = Array.isArray(built) ? built : [built]
  return results
    .flatMap((result) => ('output' in result ? result.output : []))
    .flatMap((file) =>
      file.type === 'chunk' && (chosen === 'all' || file.isEntry)
        ? [gzipSync(file.code, { level: 9 }).length]
        : [],
    )
    .reduce((sum, bytes) => sum + bytes, 0)
}

/** The figures in kB that the README gives in the row that begins like this. */
async function said(row: string): Promise<readonly number[]> {
  const text = await readFile(resolve(import.meta.dirname, '../../README.md'), 'utf8')
  const line = text.split('\n').find((one) => one.startsWith(`| ${row}`)) ?? ''
  const [, figure = ''] = line.split(' | ')
  return [...figure.matchAll(/\d+(?:\.\d+)?/g)].map(([kB]) => Number(kB))
}
/** Off by no more than what a release may add before the README is looked at. */
const NEAR_KB = 0.4

test('what reports, stores and asks for hints is not loaded before it is needed', async () => {
  const [all, first] = [await gzipped(BASE), await gzipped(BASE, [], 'first')]
  console.info(`createLLM, openai, canned: ${first} B first, ${all} B in all`)
  expect(first).toBeLessThanOrEqual(53_600)
  const [firstKb = 0] = await said('`createLLM`, `openai`, `canned`')
  expect(Math.abs(firstKb - first / 1000)).toBeLessThan(NEAR_KB)
  expect(all - first).toBeGreaterThan(8_000)
})

test.each([
  'openaiResponses',
  'anthropic',
  'gemini',
  'aiSdk',
  'agUi',
  'textStream',
  'onDevice',
  'engine',
])('%s adds at most 2.5 kB to an app that names it', async (name) => {
  const [without, with_] = [await gzipped(BASE), await gzipped([...BASE, name])]
  const added = with_ - without
  expect(added).toBeLessThanOrEqual(2500)
  const [least = 0, most = 0] = await said('each further kind of route')
  expect(added / 1000).toBeGreaterThan(least - NEAR_KB)
  expect(added / 1000).toBeLessThan(most + NEAR_KB)
})

test('a hook with its provider adds at most 2.5 kB, React apart', async () => {
  const [without, with_] = [await gzipped(BASE), await gzipped(BASE, ['LLMProvider', 'useLLM'])]
  expect(with_ - without).toBeLessThanOrEqual(2500)
  const [hookKb = 0] = await said('`useLLM` with `LLMProvider`')
  expect(Math.abs(hookKb - (with_ - without) / 1000)).toBeLessThan(NEAR_KB)
  // What is not named is not paid for.
  const more = ['useLLMChat', 'useLLMSelector', 'ConfirmRun', 'KeyForm', 'Attempts']
  const all = await gzipped(BASE, ['LLMProvider', 'useLLM', ...more])
  console.info(`useLLM ${with_ - without} B, with ${more.join(', ')} ${all - without} B`)
  expect(all - with_).toBeGreaterThan(1000)
})
