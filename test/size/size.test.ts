import { mkdtemp, rm, writeFile } from 'node:fs/promises'
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

test('what reports, stores and asks for hints is not loaded before it is needed', async () => {
  const [all, first] = [await gzipped(BASE), await gzipped(BASE, [], 'first')]
  console.info(`createLLM, openai, canned: ${first} B first, ${all} B in all`)
  expect(first).toBeLessThanOrEqual(53_000)
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
  expect(with_ - without).toBeLessThanOrEqual(2500)
})

test('a hook with its provider adds at most 2.5 kB, React apart', async () => {
  const [without, with_] = [await gzipped(BASE), await gzipped(BASE, ['LLMProvider', 'useLLM'])]
  expect(with_ - without).toBeLessThanOrEqual(2500)
  // What is not named is not paid for.
  const more = ['useLLMChat', 'useLLMSelector', 'ConfirmRun', 'KeyForm', 'Attempts']
  const all = await gzipped(BASE, ['LLMProvider', 'useLLM', ...more])
  console.info(`useLLM ${with_ - without} B, with ${more.join(', ')} ${all - without} B`)
  expect(all - with_).toBeGreaterThan(1000)
})
