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

async function gzipped(names: readonly string[]): Promise<number> {
  const entry = resolve(folder, `${names.join('-')}.js`)
  await writeFile(
    entry,
    `import { ${names.join(', ')} } from '@rungs/core'\nglobalThis.kept = [${names.join(', ')}]\n`,
  )
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    mode: 'production',
    build: { write: false, rolldownOptions: { input: entry } },
  })
  const results = Array.isArray(built) ? built : [built]
  return results
    .flatMap((result) => ('output' in result ? result.output : []))
    .flatMap((file) => (file.type === 'chunk' ? [gzipSync(file.code, { level: 9 }).length] : []))
    .reduce((sum, bytes) => sum + bytes, 0)
}

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
