// `node test/cycles/proof.ts [count] [seed] [at once] [words of a kind]`: pages that are hidden, frozen, held up,
// asleep and offline while an answer is under way, and a table of what came of it. `moved`: to another attempt,
// because the connection was lost. `deaf`: Chromium (156) told a page nothing more of a stream that had come
// while it was frozen. `naive stalls`: a client with `setTimeout` and `AbortSignal.timeout` gave up on a stream
// that was there to be read.
import { playAll } from './drive.ts'
import { cyclesOf } from './plan.ts'
import { faultsOf, isNaivelyStalled } from './verdict.ts'

const [count = 500, seed = Math.floor(Math.random() * 1e6), atOnce = 8] = process.argv
  .slice(2, 5)
  .map(Number)
const kind = new RegExp(process.argv[5] ?? '')
const cycles = cyclesOf(seed, count).filter(({ what, during, server }) =>
  kind.test(`${what} ${during} ${server}`),
)
const startedAt = performance.now()
console.log(`${cycles.length} cycles, seed ${seed}, ${atOnce} at once`)
const all = await playAll(cycles, atOnce, (played) => {
  const faults = faultsOf(played)
  const { index, what, during, server } = played.cycle
  if (faults.length === 0) return
  console.log(`${index} ${what} ${during} ${server}: ${faults.join('; ')}`)
  console.log(JSON.stringify(played))
})
console.log('\n                     cycles faults  moved   deaf naive stalls')
const kinds = Map.groupBy(all, ({ cycle: { what, server } }) => `${what}, server ${server}`)
for (const [name, some] of [...kinds].toSorted(([one], [other]) => one.localeCompare(other))) {
  const counts = [
    some.length,
    some.filter((one) => faultsOf(one).length > 0).length,
    some.filter(({ rungs }) => (rungs?.failures.length ?? 0) > 1).length,
    some.filter(({ isDeaf }) => isDeaf).length,
    some.filter(isNaivelyStalled).length,
  ]
  console.log(`${name.padEnd(26)}${counts.map((one) => String(one).padStart(7)).join('')}`)
}
const faulty = all.filter((one) => faultsOf(one).length > 0).length
const due = all.filter(({ cycle, isDeaf }) => cycle.server === 'goes-on' && !isDeaf)
console.log(
  `\n${all.length} cycles: ${faulty} with faults;`,
  `the naive client gave up on ${due.filter(isNaivelyStalled).length} of ${due.length} servers that were sending;`,
  `${((performance.now() - startedAt) / 1000).toFixed(0)} s`,
)
process.exitCode = faulty > 0 ? 1 : 0
