// A thousand runs whose pages are navigated away from, closed, crashed, quit and killed, with a collector that fails
// in every way, without a network, without storage: `pnpm proof:delivery`. RUNGS_RUNS changes how many.
import type { Fate } from './facts.ts'
import { SAFE_MS } from './facts.ts'
import { play, type Played } from './play.ts'
import { TROUBLES } from './troubles.ts'

const runs = Number(process.env['RUNGS_RUNS'] ?? 1_000)
const [MOST_P50_MS, MOST_MS] = [10, 250]

function sum(all: readonly Played[], of: (one: Fate) => number): number {
  return all.reduce((total, one) => total + of(one), 0)
}
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}
function tell(name: string, all: readonly Played[]): void {
  const [begun, safe, late, told] = [
    sum(all, (one) => one.begun),
    sum(all, (one) => one.safe),
    sum(all, (one) => one.late),
    sum(all, (one) => one.lateTold),
  ]
  console.log(
    `${name}: ${begun} runs; ${safe} ended ${SAFE_MS} ms before: ${sum(all, (one) => one.missing.length)} missing;`,
    `${late} ended later: ${late - told} not told so; cut: ${sum(all, (one) => one.abandoned)} as abandoned,`,
    `${sum(all, (one) => one.lost)} as lost; ${sum(all, (one) => one.vanished.length)} vanished, ${sum(all, (one) => one.young)} that had just begun;`,
    `${sum(all, (one) => one.doubled)} there twice, of ${all.reduce((total, one) => total + one.twice, 0)} rows sent again`,
  )
}

let isProven = true
function say(isGood: boolean, line: string): void {
  isProven &&= isGood
  console.log(`${isGood ? 'ok  ' : 'NOT '} ${line}`)
}

const all: Played[] = []
for (const trouble of TROUBLES) {
  const played = await play(trouble, Math.ceil(runs / TROUBLES.length))
  tell(`${trouble.name}, ${played.pages} pages`, [played])
  if (trouble.weather !== 'well' && played.spoilt === 0) say(false, 'the collector was well')
  all.push(played)
}
tell('\nall', all)
const windows = all.flatMap((one) => one.windows)
const begun = sum(all, (one) => one.begun)
const missing = sum(all, (one) => one.missing.length)
const vanished = sum(all, (one) => one.vanished.length)
const doubled = sum(all, (one) => one.doubled)
say(begun >= runs, `${begun} runs were begun`)
say(missing === 0, `${missing} runs that had ended ${SAFE_MS} ms before are missing`)
say(vanished === 0, `${vanished} runs vanished; 95 % upper bound ${(300 / begun).toFixed(2)} %`)
say(doubled === 0, `${doubled} runs are there twice`)
const [p50, most] = [quantile(windows, 0.5), quantile(windows, 1)]
say(
  p50 <= MOST_P50_MS && most <= MOST_MS,
  `what was lost with ${windows.length} pages was at most so old: p50 ${p50} ms, max ${most} ms`,
)
const writes = all.flatMap((one) => one.writes)
const written = quantile(writes, 0.5)
say(
  written <= MOST_P50_MS && quantile(writes, 1) <= MOST_MS,
  `until ${writes.length} beginnings and ends were stored: p50 ${written.toFixed(1)} ms, max ${quantile(writes, 1).toFixed(1)} ms`,
)
process.exitCode = isProven ? 0 : 1
