// pnpm proof:analytics and pnpm proof:intervals. The first: a million made-up runs, every planted fact found and no
// other, each question timed. The second: over 1,000 small worlds, how often the 95 % intervals hold the truth.
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore, questions, readQuestion } from '../src/index.ts'
import { difference, moveTo, openClickHouse } from './clickhouse.ts'
import { cover, EFFECTS } from './cover.ts'
import { fill } from './fill.ts'
import { findings, PLANTED, untrue } from './judge.ts'
import { learn } from './truth.ts'
import { play } from './world.ts'

const [what, size] = process.argv.slice(2)
const MOST_MS = 1000
const ROUNDS = 5
/** Runs of a small world: 30 moments or more held out in each effect that is looked at, for less is `too few`. */
const WORLD = 8000

let isProven = true
function say(isGood: boolean, line: string): void {
  isProven &&= isGood
  console.log(`${isGood ? 'ok  ' : 'NOT '} ${line}`)
}
async function timed(task: () => Promise<unknown>): Promise<number> {
  const since = performance.now()
  await task()
  return performance.now() - since
}

async function analytics(runs: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rungs-proof-'))
  const store = await openStore(join(folder, 'reports.duckdb'))
  const clickhouse = await openClickHouse()
  const ask = (name: string): ReturnType<typeof store.query> =>
    store.query(readQuestion(name, 'duckdb') ?? '')
  try {
    const fillMs = await timed(async () => {
      console.log(`${await fill(store, play(1, runs))} rows of ${runs} runs`)
    })
    console.log(`written in ${Math.round(fillMs / 1000)} s`)
    if (clickhouse) await moveTo(clickhouse, store)
    for (const { name } of questions()) {
      const times: number[] = []
      const before = process.cpuUsage()
      for (let round = 0; round < ROUNDS; round += 1) times.push(await timed(() => ask(name)))
      const { user, system } = process.cpuUsage(before)
      const busy = Math.round((user + system) / 1000 / ROUNDS)
      const best = Math.round(Math.min(...times))
      const worst = Math.round(Math.max(...times))
      say(
        best < MOST_MS,
        `${name}: DuckDB ${best} ms, at worst ${worst} ms of ${ROUNDS}; ${busy} ms of processor`,
      )
      if (!clickhouse) continue
      let rows: ReturnType<typeof clickhouse.ask> = []
      const otherMs = await timed(async () => {
        rows = clickhouse.ask(name)
      })
      const differs = name === 'waits' ? null : difference(await ask(name), rows, 1e-6)
      say(
        differs === null,
        `${name}: ClickHouse ${Math.round(otherMs)} ms, ${differs ?? 'the same figures'}`,
      )
    }
    const found = await findings(ask)
    for (const one of PLANTED) say(found.includes(one), `found ${one}`)
    for (const one of found)
      if (!PLANTED.includes(one)) say(false, `found ${one}, which is not there`)
    const wrong = await untrue(ask, learn(1_000_000), 0.015)
    for (const line of wrong) say(false, line)
    say(wrong.length === 0, 'the figures are near the truth')
  } finally {
    await store.close()
    clickhouse?.close()
    rmSync(folder, { recursive: true })
  }
}

async function intervals(seeds: number): Promise<void> {
  const covered = await cover(seeds, WORLD, learn(2_000_000), (done) => {
    if (done % 100 === 0) console.log(`${done} worlds`)
  })
  for (const effect of EFFECTS) {
    const share = covered[effect]
    say(
      share >= 0.93 && share <= 0.97,
      `${effect}: the 95 % interval held the truth in ${(share * 100).toFixed(1)} %`,
    )
  }
}

if (what === 'analytics') await analytics(Number(size ?? 1_000_000))
else if (what === 'intervals') await intervals(Number(size ?? 1000))
else throw new Error('analytics or intervals')
process.exitCode = isProven ? 0 : 1
