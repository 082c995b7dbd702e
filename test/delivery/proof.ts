// A thousand runs whose pages are navigated away from, closed, crashed, quit and killed: `pnpm proof:delivery`.
import { LEAVING } from './browser.ts'
import { play } from './play.ts'

const runs = Number(process.env['RUNGS_RUNS'] ?? 1_000)
const ways = Object.keys(LEAVING)
const all = []
for (const how of ways) {
  const played = await play(how, Math.ceil(runs / ways.length))
  const { pages, begun, ended, open, vanished, twice } = played
  console.log(
    `${how.padEnd(8)} ${pages} pages, ${begun} runs begun: ${ended} told to their end, ${open} as open, ${vanished.length} vanished; ${twice} rows came twice`,
  )
  all.push(played)
}
const begun = all.reduce((sum, one) => sum + one.begun, 0)
const gone = all.reduce((sum, one) => sum + one.vanished.length, 0)
console.log(
  `${gone} of ${begun} runs vanished; 95 % upper bound ${((100 * (gone === 0 ? 3 : gone + 1.96 * Math.sqrt(gone) + 2)) / begun).toFixed(2)} %`,
)
process.exitCode = gone > begun / 100 ? 1 : 0
