// pnpm simulate [--requests 60000] [--seed 11] [--pages visit] [--write]: 392 days of two providers' incidents, replayed under
// one policy after the other. `--write` puts what comes of it into docs/.
import { parseArgs } from 'node:util'
import { writePlot, writeSection } from './docs.ts'
import { plotDots } from './plot.ts'
import { baselines } from './policies/baselines.ts'
import { oracle } from './policies/oracle.ts'
import { rungs } from './policies/rungs.ts'
import { createWorld, replay, type Row } from './replay.ts'
import {
  atLeast,
  atMost,
  barLine,
  barsOf,
  PARTS,
  summarise,
  table,
  type Bar,
  type Summary,
} from './report.ts'

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '60000' },
    seed: { type: 'string', default: '11' },
    pages: { type: 'string', default: 'kept' },
    write: { type: 'boolean', default: false },
  },
})
const requests = Number(values.requests)
const seed = Number(values.seed)
const memory = values.pages
if (!(requests > 0) || !Number.isInteger(seed) || (memory !== 'visit' && memory !== 'kept')) {
  throw new TypeError('--requests a number, --seed a whole number, --pages visit or kept')
}

const REFERENCE = 'oracle, hedging'
const HINTED = 'Rungs, hedging, hints'
const policies = [
  ...baselines,
  rungs('Rungs'),
  rungs('Rungs, hedging', { hedge: true }),
  rungs(HINTED, { hedge: true, hintsAfterMs: 60_000 }),
  oracle('oracle', false),
  oracle(REFERENCE, true),
]
/** The most that p99 may be, in p99s of the oracle that hedges. */
const MOST_TIMES_ORACLE: ReadonlyMap<string, number> = new Map([
  ['Rungs', 1.8],
  ['Rungs, hedging', 1.25],
  [HINTED, 1.1],
])

const world = createWorld(seed, requests)
const results = new Map<string, readonly Row[]>()
const since = performance.now()
for (const policy of policies) results.set(policy.name, await replay(policy, world, memory))

const lives = memory === 'visit' ? 'opened anew for each visit' : 'kept open all the time'
const lines = [
  `${world.clients.flat(2).length.toLocaleString('en-US')} questions of ${world.clients.length} clients in 392 days, seed ${seed}, pages ${lives}.`,
]
for (const { title, is } of Object.values(PARTS)) {
  const some = new Map([...results].map(([name, rows]) => [name, rows.filter(is)]))
  const summaries = new Map([...some].map(([name, rows]) => [name, summarise(rows)]))
  lines.push(`\n${title}, ${some.get('Rungs')?.length} questions:\n\n${table(summaries)}`)
}

function of(name: string, part: keyof typeof PARTS): Summary {
  return summarise((results.get(name) ?? []).filter(PARTS[part].is))
}
const bars: Bar[] = []
for (const [name, times] of MOST_TIMES_ORACLE) {
  bars.push(
    ...barsOf(name, of(name, 'always'), of(REFERENCE, 'always'), times),
    atLeast(`${name}: answered inside A's incidents`, of(name, 'incidents').answered, 0.996),
  )
}
bars.push(
  atMost(`${HINTED}: p95 inside heavy incidents, s`, of(HINTED, 'heavy').p95Ms / 1000, 2.5),
  atMost(`${HINTED}: first to A inside heavy incidents`, of(HINTED, 'heavy').firstToBad, 0.15),
)
lines.push(`\n${bars.map((bar) => `    ${barLine(bar)}`).join('\n')}`)
const report = lines.join('\n')
console.log(report)
console.log(`\n${((performance.now() - since) / 1000).toFixed(0)} s`)
if (values.write) {
  writeSection(`replay ${memory}`, report)
  if (memory === 'kept') writePlot('simulation-replay.svg', plot())
}
process.exitCode = bars.every(({ isKept }) => isKept) ? 0 : 1

function plot(): string {
  return plotDots({
    description: 'First content at the 50th, 95th, 99th and 99.9th percentile under each policy',
    title: 'First content of all questions',
    legend:
      'dots: 50th, 95th, 99th, 99.9th percentile; not answered counts as 60 s; at the end: answered',
    unit: 's',
    ticks: [0.5, 1, 2, 5, 10, 20, 60],
    rows: policies.map(({ name }) => {
      const one = of(name, 'always')
      return {
        name,
        tone: name.startsWith('Rungs') ? 'one' : name.startsWith('oracle') ? 'three' : 'quiet',
        dots: [one.p50Ms, one.p95Ms, one.p99Ms, one.p999Ms].map((ms) => ms / 1000),
        note: `${(100 * one.answered).toFixed(2)} %`,
      }
    }),
  })
}
