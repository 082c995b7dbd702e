// pnpm simulate [--requests 60000] [--seed 11] [--pages kept]: 392 days of two providers' incidents, replayed under one
// policy after the other.
import { parseArgs } from 'node:util'
import { baselines } from './policies/baselines.ts'
import { oracle } from './policies/oracle.ts'
import { rungs } from './policies/rungs.ts'
import { createWorld, replay, type Row } from './replay.ts'
import { barLine, barsOf, PARTS, summarise, table, type Summary } from './report.ts'

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '60000' },
    seed: { type: 'string', default: '11' },
    pages: { type: 'string', default: 'visit' },
  },
})
const requests = Number(values.requests)
const seed = Number(values.seed)
const memory = values.pages
if (!(requests > 0) || !Number.isInteger(seed) || (memory !== 'visit' && memory !== 'kept')) {
  throw new TypeError('--requests a number, --seed a whole number, --pages visit or kept')
}

const REFERENCE = 'oracle, hedging'
const policies = [
  ...baselines,
  rungs('Rungs'),
  rungs('Rungs, hedging', { hedge: true }),
  rungs('Rungs, hedging, hints', { hedge: true, hintsAfterMs: 60_000 }),
  oracle('oracle', false),
  oracle(REFERENCE, true),
]
/** The most that p99 may be, in p99s of the oracle that hedges. */
const MOST_TIMES_ORACLE: ReadonlyMap<string, number> = new Map([
  ['Rungs', 1.8],
  ['Rungs, hedging', 1.25],
  ['Rungs, hedging, hints', 1.1],
])

const world = createWorld(seed, requests)
const results = new Map<string, readonly Row[]>()
const since = performance.now()
for (const policy of policies) results.set(policy.name, await replay(policy, world, memory))

const lives = memory === 'visit' ? 'forgotten after each visit' : 'kept open for good'
console.log(
  `${results.get('Rungs')?.length} questions of ${world.clients.length} clients in 392 days, seed ${seed}, pages ${lives}`,
)
for (const [part, is] of PARTS) {
  const rows = new Map([...results].map(([name, all]) => [name, all.filter(is)]))
  const summaries = new Map([...rows].map(([name, some]) => [name, summarise(some)]))
  console.log(`\n${part}: ${rows.get('Rungs')?.length} questions\n\n${table(summaries)}`)
}

const whole = (name: string): Summary => summarise(results.get(name) ?? [])
const bars = [...MOST_TIMES_ORACLE].flatMap(([name, times]) =>
  barsOf(name, whole(name), whole(REFERENCE), times),
)
console.log(`\n${bars.map(barLine).join('\n')}`)
console.log(`\n${((performance.now() - since) / 1000).toFixed(0)} s`)
process.exitCode = bars.every(({ isKept }) => isKept) ? 0 : 1
