import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

// What the README and the pages show compiles, as a reader would paste it: each block by itself, with the
// names of `reader/` for what the page takes from elsewhere. What they link to is there.

const ROOT = resolve(import.meta.dirname, '../..')
const READER = resolve(import.meta.dirname, 'reader')
/** A link to a file of this project. */
const LINK = /\]\((?!https?:)([^)#\s]+)/g
const BLOCK = /^```(tsx?)\n([^]*?)^```/gm

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(resolve(import.meta.dirname, '.pages-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})

const pages = [
  'README.md',
  ...(await readdir(resolve(ROOT, 'docs')))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]
const shown = await Promise.all(
  pages.map(async (page) => {
    const text = await readFile(resolve(ROOT, page), 'utf8')
    const blocks = [...text.matchAll(BLOCK)].map(({ index, 1: kind = '', 2: code = '' }) => ({
      name: `line${text.slice(0, index).split('\n').length}.${kind}`,
      code,
    }))
    const links = [...text.matchAll(LINK)].map(([, to = '']) => to)
    return { page, blocks, links }
  }),
)

test.for(shown)('what $page links to is there', ({ page, links }) => {
  const gone = links.filter((to) => !existsSync(resolve(ROOT, page, '..', to)))
  expect(gone).toEqual([])
})

test.for(shown.filter(({ blocks }) => blocks.length > 0))(
  'the code of $page compiles',
  async ({ page, blocks }) => {
    const own = resolve(folder, basename(page, '.md'))
    await mkdir(resolve(own, 'page'), { recursive: true })
    await Promise.all(blocks.map(({ name, code }) => writeFile(resolve(own, 'page', name), code)))
    const tsconfig = {
      extends: resolve(ROOT, 'tsconfig.json'),
      compilerOptions: {
        isolatedDeclarations: false,
        declaration: false,
        moduleDetection: 'force',
        // What a page calls `./llm` is the reader's.
        rootDirs: [own, READER],
      },
      include: [],
      files: [resolve(READER, 'names.d.ts'), ...blocks.map(({ name }) => `page/${name}`)],
    }
    await writeFile(resolve(own, 'tsconfig.json'), JSON.stringify(tsconfig))
    expect(problemsOf(own)).toEqual([])
  },
)

/** What the compiler has to say, without the folder's own name. */
function problemsOf(own: string): string[] {
  try {
    execFileSync(resolve(ROOT, 'node_modules/.bin/tsc'), ['-p', own, '--pretty', 'false'], {
      cwd: own,
      encoding: 'utf8',
    })
    return []
  } catch (error) {
    const said = error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error)
    return said.trim().split('\n')
  }
}
