// `pnpm proof:paint [rounds]`: how far the first paint that is told is from the browser's own presentation time, under
// five kinds of load, and that a page that nobody sees tells of none.
import { fileURLToPath } from 'node:url'
import { hide, openTab } from '../cycles/chromium.ts'
import { createProfile } from '../delivery/browser.ts'
import { openHome } from '../delivery/home.ts'
import { LOADS } from '../../packages/react/test/loads.ts'

const [rounds = 60] = process.argv.slice(2, 3).map(Number)
const [MOST_P50_MS, MOST_P95_MS] = [8, 20]
const WARM_UP = 3

let isProven = true
function say(isGood: boolean, line: string): void {
  isProven &&= isGood
  console.log(`${isGood ? 'ok  ' : 'NOT '} ${line}`)
}

const home = await openHome(fileURLToPath(new URL('page.ts', import.meta.url)), (_, response) =>
  response.writeHead(404).end(),
)
const profile = await createProfile()
try {
  const { browser } = await profile.open()
  const tab = await openTab(browser, `${home.origin}/`)
  for (const load of Object.keys(LOADS)) {
    const off: number[] = []
    let untold = 0
    for (let round = -WARM_UP; round < rounds; round += 1) {
      const { offMs, by } = await tab.page.evaluate((name) => window.measure(name), load)
      if (round < 0) continue
      if (offMs === null || by !== 'resize') untold += 1
      else off.push(offMs)
    }
    const sorted = off.map(Math.abs).toSorted((one, other) => one - other)
    const [p50 = Infinity, p95 = Infinity, most = Infinity] = [0.5, 0.95, 1].map(
      (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))],
    )
    say(
      p50 <= MOST_P50_MS && p95 <= MOST_P95_MS && untold === 0,
      `${load}: p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, max ${most.toFixed(1)} ms off, ${untold} untold, of ${rounds}`,
    )
  }
  await hide(tab, 'tab')
  const unseen: string[] = []
  for (let round = 0; round < rounds; round += 1) {
    const { firstPaintMs, paintedBy } = await tab.page.evaluate(() => window.runUnseen())
    if (firstPaintMs !== null || paintedBy !== 'hidden') unseen.push(`${paintedBy} ${firstPaintMs}`)
  }
  say(
    unseen.length === 0,
    `a hidden tab told of ${unseen.length} paints in ${rounds} runs ${unseen.join()}`,
  )
} finally {
  await profile.remove()
  await home.close()
}
process.exitCode = isProven ? 0 : 1
