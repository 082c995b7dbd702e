import { spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

// The built command against files of a project of its own, which has this package and a Vite.

const CORE = resolve(dirname(fileURLToPath(import.meta.resolve('@rungs/core'))), '..')
let project: string

beforeAll(async () => {
  project = await realpath(await mkdtemp(join(tmpdir(), 'rungs-')))
  await mkdir(join(project, 'node_modules/@rungs'), { recursive: true })
  await symlink(CORE, join(project, 'node_modules/@rungs/core'))
  await write('package.json', '{ "type": "module" }')
  await write('vite.config.ts', `export default { resolve: { alias: { '@': '/src' } } }`)
})
afterAll(async () => {
  await rm(project, { recursive: true })
})

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(join(project, file)), { recursive: true })
  await writeFile(join(project, file), text)
}

interface Said {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function rungs(words: readonly string[], bin = join(CORE, 'dist/cli.js')): Promise<Said> {
  return new Promise((done) => {
    const { FORCE_COLOR: _, ...env } = process.env
    const child = spawn(process.execPath, [bin, ...words], { cwd: project, env })
    let out = ''
    let err = ''
    child.stdout.on('data', (more) => (out += more))
    child.stderr.on('data', (more) => (err += more))
    child.on('close', (code) => {
      done({ code, out, err })
    })
  })
}

const ROUTES = `
  ours: aiSdk({ url: '/api/chat', provider: 'us', quality: 0.9, price: 'included', contextTokens: 200_000 }),
  mini: openai({ model: 'gpt-5-mini', apiKey: token, quality: 0.7, contextTokens: 400_000 }),
  sorry: canned('We cannot answer right now.'),
`
const SOUND = `
import { aiSdk, canned, defineConfig, openai } from '@rungs/core'
import { token } from '@/token.ts'
export default defineConfig({
  routes: {${ROUTES}},
  workloads: { chat: { ladder: ['ours', 'mini'], safe: 'sorry' } },
})
`

test('a config without a gap is told as a table, and all is well', async () => {
  await write(
    'src/token.ts',
    `export const token = (): string => sessionStorage.getItem('token') ?? ''`,
  )
  await write('rungs.config.ts', SOUND)
  const { code, out, err } = await rungs(['audit'])
  expect(out).toBe(`chat
  ours  offline                         -> pause       waiting for the network, and after a while sorry
        quality-floor                   -> keep        no route is stronger than this one
        budget-breach, blocked-content  -> safe sorry  no route is cheaper than this one; blocked-content is not put to another provider
        anything else                   -> mini        mini is the next acceptable route of another provider
  mini  offline                         -> pause       waiting for the network, and after a while sorry
        invalid-request                 -> stop        the request itself has to change
        quality-floor                   -> keep        no acceptable route is left
        outage, network                 -> retry mini  it is the last route, and it failed fast; should that fail too: sorry (no acceptable route is left)
        anything else                   -> safe sorry  no acceptable route is left

no gaps, no errors, no warnings
`)
  expect({ code, err }).toEqual({ code: 0, err: '' })
})

const BARE = `
import { aiSdk, canned, defineConfig, openai } from '@rungs/core'
const token = (): string => 'token'
// What a config leaves running is no reason to wait.
setInterval(() => undefined, 1000)
export const config = defineConfig({
  routes: {${ROUTES}},
  workloads: {
    chat: { ladder: ['ours', 'mini'] },
    brief: { ladder: ['ours'], safe: 'sorry', limits: { totalMs: 700 } },
  },
  tiers: { free: {}, pro: { reviewBelow: 1, deny: ['mini'] } },
})
`

test('gaps and errors are told, and leave with 1', async () => {
  await write('bare.ts', BARE)
  const { code, out } = await rungs(['audit', 'bare.ts'])
  expect(code).toBe(1)
  expect(out).toContain('\nchat, tier pro\n')
  expect(out).toMatch(
    /\n +anything else +GAP -> stop +no acceptable route is left, and the workload has no safe answer\n/,
  )
  expect(out).toContain('\nwarning tiers.pro.reviewBelow\n  every answer is marked for review')
  expect(out).toMatch(/\n\d+ gaps, 1 error, 4 warnings\n$/)
})

test('one tier and one workload can be looked at alone', async () => {
  await write('bare.ts', BARE)
  const { code, out } = await rungs(['audit', 'bare.ts', '--workload', 'brief', '--tier=free'])
  expect(out).not.toMatch(/chat|pro/)
  expect(out).toContain('no gaps, no errors, 2 warnings')
  expect(code).toBe(0)
  const said = await rungs(['audit', 'bare.ts', '--tier', 'fre'])
  expect(said).toEqual({
    code: 2,
    out: '',
    err: 'rungs: --tier: "fre" is no tier; did you mean "free"?\n',
  })
})

test('rows and findings come as JSON', async () => {
  await write('bare.ts', BARE)
  const { code, out } = await rungs(['audit', 'bare.ts', '--json', '--tier=free'])
  expect(code).toBe(1)
  const { rows, findings } = JSON.parse(out)
  expect(rows).toHaveLength(66)
  expect(rows).toContainEqual({
    workload: 'chat',
    tier: 'free',
    kind: 'timeout',
    on: 'mini',
    move: 'stop',
    route: null,
    because: 'no acceptable route is left, and the workload has no safe answer',
    isGap: true,
  })
  // What is wrong for others is not told, and nobody else's error counts.
  expect(findings).not.toContainEqual(expect.objectContaining({ level: 'error' }))
  expect(findings).toContainEqual({
    level: 'warning',
    path: 'workloads.chat.safe',
    message: 'is not set: where no route can answer, the run fails and shows an error',
  })
})

test('a config that would be refused is told with all that is wrong, and leaves with 1', async () => {
  await write('wrong.ts', SOUND.replace("safe: 'sorry'", "safe: 'mini', limit: 3"))
  const { code, out, err } = await rungs(['audit', 'wrong.ts'])
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toContain('- workloads.chat.safe: "mini" can fail: safe must be a canned route')
  expect(err).toContain('- workloads.chat.limit: is no field of a workload')
})

test.each<[what: string, words: string[], text: string | null, err: RegExp]>([
  ['no file', ['audit', 'none.ts'], null, /^rungs: there is no none\.ts in \S+\n$/],
  [
    'a file that needs a page',
    ['audit', 'it.ts'],
    'export default { routes: document.title }',
    /^rungs: it\.ts does not load \(ReferenceError: document is not defined\): a config file has to load without a page\n$/,
  ],
  [
    'a file that does not parse',
    ['audit', 'it.ts'],
    'export default {',
    /^rungs: it\.ts does not load \(.+\)\n$/,
  ],
  [
    'a file that throws',
    ['audit', 'it.ts'],
    'throw new Error("a\\nb")',
    /^rungs: it\.ts does not load \(Error: a\)\n$/,
  ],
  [
    'a file that throws no error',
    ['audit', 'it.ts'],
    'throw "no"',
    /^rungs: it\.ts does not load \(no\)\n$/,
  ],
  [
    'an import that is not there',
    ['audit', 'it.ts'],
    'import "./gone.ts"',
    /^rungs: it\.ts does not load \(.*gone\.ts.*\)\n$/,
  ],
  [
    'a file without a config',
    ['audit', 'it.ts'],
    'export const chat = 1',
    /^rungs: it\.ts exports no config: .+\n$/,
  ],
  ['a word that is none', ['look'], null, /^rungs audit \[file\]/],
  ['one word too many', ['audit', 'a.ts', 'b.ts'], null, /^rungs audit \[file\]/],
  ['an option that is none', ['audit', '--loud'], null, /^rungs: Unknown option '--loud'.*\n$/],
  ['an option without its value', ['audit', '--tier'], null, /^rungs: .+\n$/],
])('with %s it says so and leaves with 2', async (_, words, text, err) => {
  if (text !== null) await write('it.ts', text)
  const said = await rungs(words)
  expect(said.err).toMatch(err)
  expect({ code: said.code, out: said.out }).toEqual({ code: 2, out: '' })
})

test('help is given where it is asked for', async () => {
  const { code, out, err } = await rungs(['--help'])
  expect(out).toContain('rungs audit [file] [--tier name] [--workload name] [--json]')
  expect({ code, err }).toEqual({ code: 0, err: '' })
})

test('without Vite it says what to install', async () => {
  const home = join(project, 'alone/core')
  await cp(join(CORE, 'dist'), join(home, 'dist'), { recursive: true })
  await cp(join(CORE, 'package.json'), join(home, 'package.json'))
  await mkdir(join(home, 'node_modules'))
  const { dependencies } = JSON.parse(await readFile(join(CORE, 'package.json'), 'utf8'))
  for (const name of Object.keys(dependencies)) {
    await symlink(join(CORE, 'node_modules', name), join(home, 'node_modules', name))
  }
  await write('rungs.config.ts', SOUND)
  expect(await rungs(['audit'], join(home, 'dist/cli.js'))).toEqual({
    code: 2,
    out: '',
    err: 'rungs: it loads a config through Vite, which is not here: npm install --save-dev vite\n',
  })
})
