import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import { expect, test } from 'vitest'

const SOURCES = join(import.meta.dirname, '../..')

/** DESIGN, section 2, bottom to top; a file stands on the first floor that fits. */
const FLOORS: readonly RegExp[] = [
  /^core\/words\//,
  /^core\/(?:policy\/|health\/(?!(?:board|tabs)\.)|run\/(?:state|metrics)\.|wire\/(?:sse|objects|json|schema)\.|keys\/ref\.|telemetry\/(?:names|opaque|rows|schema|tidy|fold|pace|vitals|report|signals|summary|version|otel)\.)/,
  /^core\/(?:(?:page|store)\/|health\/|wire\/http\.)/,
  /^core\/(?:run\/(?!(?:ascent|ladder|outcome|run)\.)|wire\/|telemetry\/)/,
  /^core\/run\//,
  /^core\/(?:checks\/|config\/|keys\/(?!ref\.))/,
  /^core\/llm\./,
  /^core\/audit\//,
  /^core\/testing\//,
  /^core\/(?:(?:index|catalog|testing|audit|telemetry)\.|bridges\/)/,
  /^core\/cli\//,
  /^react\//,
  /^analytics\/(?:columns|check|questions)\./,
  /^analytics\/(?:store|relay)\./,
  /^analytics\//,
]
const OUTSIDE =
  /setTimeout|Date\.now|performance|\bfetch\(|Math\.random|\b(?:window|document|navigator|async|await)\b/
const PURE =
  /^core\/(?:policy\/|audit\/|health\/(?!(?:board|tabs)\.))|^core\/(?:audit|run\/state|wire\/(?:sse|objects|json|schema)|telemetry\/(?:names|opaque|rows|schema|tidy|fold|pace|vitals|report|signals|summary|version|otel))\./
const DOORS: Readonly<Record<string, RegExp>> = {
  ky: /^core\/wire\/http\.ts$/,
  'eventsource-parser': /^core\/wire\/sse\.ts$/,
  tokenx: /^core\/policy\/tokens\.ts$/,
  'web-vitals/attribution/onINP.js': /^core\/page\/vitals\.ts$/,
  'idb-keyval': /^core\/store\/idb\.ts$/,
  'zustand/vanilla': /^core\/(?:health\/board|run\/run|keys\/keyring)\.ts$/,
  zustand: /^react\//,
  vite: /^core\/cli\/load\.ts$/,
  react: /^react\//,
  '@rungs/core': /^react\//,
  '@rungs/core/telemetry': /^analytics\//,
  // Its types alone: what is brought in to break routes is the app's to bring.
  '@rungs/core/testing': /^react\/devtools\/(?:Breakers|props)\./,
  '@duckdb/node-api': /^analytics\/store\.ts$/,
  'node:http': /^analytics\/collector\.ts$/,
  'node:crypto': /^analytics\/collector\.ts$/,
  'node:zlib': /^analytics\/collector\.ts$/,
  'node:util': /^(?:core\/cli\/rungs|analytics\/(?:collector|cli))\.ts$/,
  'node:fs': /^(?:core\/cli\/load|analytics\/questions)\.ts$/,
  'node:path': /^(?:core\/cli\/load|analytics\/store)\.ts$/,
}

type Imports = Readonly<Record<string, readonly string[]>>

const floorOf = (file: string): number => FLOORS.findIndex((floor) => floor.test(file))
/** A folder is a room; of `run` and `wire`, which span floors, each floor's part; all of React is one. */
const roomOf = (file: string): string =>
  file.startsWith('react/') ? 'react' : `${dirname(file)} ${floorOf(file)}`

/** Every import that the floors and doors forbid, as a line. */
function illegal(imports: Imports): string[] {
  const lines: string[] = []
  for (const [file, targets] of Object.entries(imports)) {
    if (floorOf(file) < 0) lines.push(`${file} stands on no floor`)
    for (const target of targets) {
      const to = join(file, '..', target)
      if (!target.startsWith('.')) {
        if (!DOORS[target]?.test(file)) lines.push(`${file} is no door of ${target}`)
      } else if (!Object.hasOwn(imports, to))
        lines.push(`${file} reaches ${to}, which is not there`)
      else if (floorOf(to) > floorOf(file)) lines.push(`${file} goes up to ${to}`)
      else if (floorOf(to) === floorOf(file) && roomOf(to) !== roomOf(file)) {
        lines.push(`${file} goes sideways to ${to}`)
      }
    }
    if (leadsTo(imports, file, file)) lines.push(`${file} is in a cycle`)
  }
  return lines
}

function leadsTo(imports: Imports, from: string, goal: string, seen = new Set<string>()): boolean {
  return (imports[from] ?? []).some((target) => {
    const to = join(from, '..', target)
    if (to === goal) return true
    if (seen.has(to)) return false
    seen.add(to)
    return leadsTo(imports, to, goal, seen)
  })
}

/** What stands outside comments and texts. */
function codeOf(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*|'[^'\n]*'|`[^`]*`/g, '')
}

const sources = new Map(
  ['core', 'react', 'analytics'].flatMap((name) =>
    readdirSync(join(SOURCES, name, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.tsx?$/.test(path))
      .map((path) => [
        `${name}/${path.replaceAll('\\', '/')}`,
        readFileSync(join(SOURCES, name, 'src', path), 'utf8'),
      ]),
  ),
)
const found: Imports = Object.fromEntries(
  [...sources].map(([file, source]) => [
    file,
    [...source.matchAll(/(?:^|\s)(?:from|import) ?\(?'([^']+)'/g)].map(([, target = '']) => target),
  ]),
)

test('the sources keep to their floors and doors', () => {
  expect(Object.values(found).flat().length).toBeGreaterThan(50)
  expect(illegal(found)).toEqual([])
})

test('the pure floors have no clock, timer, fetch, DOM, random or async', () => {
  const pure = [...sources].filter(([file]) => PURE.test(file))
  expect(pure.length).toBeGreaterThan(10)
  const impure = pure.flatMap(([file, source]) => {
    const [word] = OUTSIDE.exec(codeOf(source)) ?? []
    return word === undefined ? [] : [`${file} has ${word}`]
  })
  expect(impure).toEqual([])
})

test('an illegal import of each kind is told', () => {
  const made: Imports = {
    'core/words/route.ts': ['../policy/plan.ts'],
    'core/policy/plan.ts': ['../health/book.ts', './limits.ts'],
    'core/policy/limits.ts': ['./plan.ts', './gone.ts'],
    'core/health/book.ts': ['../words/route.ts'],
    'core/run/ladder.ts': ['ky', './attempt.ts', '../wire/http.ts'],
    'core/run/attempt.ts': ['../wire/openai.ts'],
    'core/wire/http.ts': ['ky'],
    'core/wire/openai.ts': ['../run/ladder.ts'],
    'core/helpers.ts': ['left-pad'],
  }
  expect(illegal(made)).toEqual([
    'core/words/route.ts goes up to core/policy/plan.ts',
    'core/words/route.ts is in a cycle',
    'core/policy/plan.ts goes sideways to core/health/book.ts',
    'core/policy/plan.ts is in a cycle',
    'core/policy/limits.ts reaches core/policy/gone.ts, which is not there',
    'core/policy/limits.ts is in a cycle',
    'core/health/book.ts is in a cycle',
    'core/run/ladder.ts is no door of ky',
    'core/run/ladder.ts is in a cycle',
    'core/run/attempt.ts goes sideways to core/wire/openai.ts',
    'core/run/attempt.ts is in a cycle',
    'core/wire/openai.ts goes up to core/run/ladder.ts',
    'core/wire/openai.ts is in a cycle',
    'core/helpers.ts stands on no floor',
    'core/helpers.ts is no door of left-pad',
  ])
})
