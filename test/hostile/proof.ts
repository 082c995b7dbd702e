// `node test/hostile/proof.ts [words of a title] [heap] [short]`: every input on every wire, and a table of what
// came of it: memory, the longest task, time. A task is too long when it is so three times in a row.
import { casesOf } from './inputs.ts'
import { playAll } from './drive.ts'
import { faultsOf } from './verdict.ts'

const words = new RegExp(process.argv[2] ?? '')
const measure = process.argv.includes('heap') ? 'heap' : 'tasks'
const cases = casesOf(process.argv.includes('short')).filter(({ input, wire }) =>
  words.test(`${input.title} ${wire}`),
)
const startedAt = performance.now()
await playAll(cases, {
  measure,
  onPlayed(played) {
    const { of, report, sentBytes } = played
    const faults = faultsOf(played)
    const figures = report
      ? [
          `${report.taskMs.toFixed(0)} ms`,
          `${report.heapMiB.toFixed(1)} MiB`,
          `kept ${report.keptMiB.toFixed(1)}`,
          `left ${report.leftMiB.toFixed(1)}`,
          `sent ${(sentBytes / 2 ** 20).toFixed(1)}`,
          `${report.tookMs.toFixed(0)} ms`,
        ].join(', ')
      : ''
    console.log(
      `${faults.length === 0 ? 'ok  ' : 'FAIL'} ${of.wire}: ${of.input.title.slice(0, 70)} [${figures}] ${faults.join('; ')}`,
    )
  },
})
console.log(`${cases.length} cases in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
