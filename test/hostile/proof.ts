// `node test/hostile/proof.ts [words of a title] [heap] [short]`: every input on every wire, and a table of
// what came of it. Without `heap`, each is played alone and its longest task timed; a task is too long when
// it is so three times in a row, for other work on the machine makes it late at times.
import { playAll, type Played } from './drive.ts'
import { casesOf, inputs } from './inputs.ts'
import { faultsOf, TASK_MS } from './verdict.ts'

const [pattern = '', ...flags] = process.argv.slice(2)
const measure = flags.includes('heap') ? 'heap' : 'tasks'
const words = new RegExp(pattern)
const MIB = 2 ** 20

/** Paced cases are many at once, and share their tasks. */
function isLong({ of, report }: Played): boolean {
  return measure === 'tasks' && !of.input.isPaced && (report?.taskMs ?? 0) > TASK_MS
}

function say(played: Played): void {
  const { of, report, sentBytes } = played
  const faults = faultsOf(played)
  const verdict = faults.length > 0 ? 'FAIL' : isLong(played) ? 'LONG' : 'ok'
  const figures = report
    ? [
        report.taskMs.toFixed(0),
        report.heapMiB.toFixed(1),
        report.keptMiB.toFixed(1),
        report.leftMiB.toFixed(1),
        (sentBytes / MIB).toFixed(1),
        report.tookMs.toFixed(0),
      ]
    : ['', '', '', '', '', '']
  const cells = figures.map((one) => one.padStart(7)).join('')
  const because = faults.length > 0 ? ` (${faults.join('; ')})` : ''
  console.log(`${verdict.padEnd(5)}${cells}  ${of.wire.padEnd(16)} ${of.input.title}${because}`)
}

const startedAt = performance.now()
const cases = casesOf(flags.includes('short')).filter(({ input, wire }) =>
  words.test(`${input.title} ${wire}`),
)
console.log('        task   heap   kept   left   sent   took')
console.log('          ms    MiB    MiB    MiB    MiB     ms')
let played = await playAll(cases, { measure, onPlayed: say })
const failed = played.filter((one) => faultsOf(one).length > 0).length
const worst = Math.max(
  0,
  ...played.filter(({ report }) => report).map((one) => one.report?.heapMiB ?? 0),
)
let long = played.filter(isLong)
for (let again = 0; again < 2 && long.length > 0; again += 1) {
  console.log(`\nonce more, for tasks over ${TASK_MS} ms:`)
  played = await playAll(
    long.map(({ of }) => of),
    { measure, onPlayed: say },
  )
  long = played.filter(isLong)
}
console.log(
  `\n${inputs.length} classes, ${cases.length} cases, ${failed} with another end than theirs,`,
  `${long.length} with tasks over ${TASK_MS} ms; most memory ${worst.toFixed(1)} MiB;`,
  `${((performance.now() - startedAt) / 1000).toFixed(0)} s`,
)
process.exitCode = failed + long.length > 0 ? 1 : 0
