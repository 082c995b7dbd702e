// `pnpm proof:abandonment [rounds] [at once] [words of a row]`: every way to leave an answer, many times, in a real
// Chromium, and how often DuckDB then holds what the table says.
import { isRight, playAll } from './play.ts'
import { TABLE } from './rows.ts'

const [rounds = 10, atOnce = 6] = process.argv.slice(2, 4).map(Number)
const words = new RegExp(process.argv[4] ?? '')
const since = performance.now()
const all = await playAll(
  TABLE.filter(({ name }) => words.test(name)),
  rounds,
  atOnce,
)
for (const [name, some] of Map.groupBy(all, ({ row, when }) => `${row.name}, ${when}`)) {
  const wrong = some.filter((one) => !isRight(one))
  console.log(
    `${wrong.length === 0 ? 'ok  ' : 'NOT '} ${name}: ${some.length - wrong.length} of ${some.length}`,
  )
  for (const { due, told, fault } of wrong) console.log(JSON.stringify({ due, told, fault }))
}
const wrong = all.filter((one) => !isRight(one)).length
console.log(
  `${all.length} runs left in ${TABLE.length} ways: ${wrong} misclassified; ${((performance.now() - since) / 1000).toFixed(0)} s`,
)
process.exitCode = wrong > 0 ? 1 : 0
