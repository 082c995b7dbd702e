import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright'
import { createProfile, leaveNoRoom, LEAVING, type Opened } from './browser.ts'
import { fateOf, type Fact, type Fate, type LeftPage, type Told } from './facts.ts'
import { openHome, type Home } from './home.ts'
import type { Trouble } from './troubles.ts'

export interface Played extends Fate {
  readonly pages: number
  /** Rows that came more than once, and batches that the collector's weather spoilt. */
  readonly twice: number
  readonly spoilt: number
  /** From a run's beginning or end to where nothing can take it back, ms, of pages that tell nobody meanwhile. */
  readonly writes: readonly number[]
}

/** So many runs of two reports each are more than wait for company. */
const A_PAGE = 12
const HOUR_MS = 3_600_000
const SENT_AFTER_MS = 5_000
const PATIENCE_MS = 60_000
const PAGE = fileURLToPath(new URL('page.ts', import.meta.url))

/**
 * Pages of one profile that run without end are left somewhere in a run, one after another, until as many runs
 * have begun as are asked for. Then the user comes back, and the trouble is over while that page is there.
 */
export async function play(trouble: Trouble, runs: number, query = ''): Promise<Played> {
  let facts: Fact[] = []
  const writes: number[] = []
  const home = await openHome(PAGE, (request, response) => {
    hear(request, response).catch(() => response.destroy())
  })
  async function hear(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fact: Fact = JSON.parse(await text(request))
    facts.push(fact)
    response.writeHead(204).end()
  }
  const profile = await createProfile(trouble.storage === 'refused')
  const url = `${home.origin}/?storage=${trouble.storage}&${query}`
  const left: LeftPage[] = []
  try {
    home.weather = trouble.weather
    for (let begun = 0; begun < runs; begun += begunOf(facts)) {
      facts = []
      const opened = await profile.open()
      if (trouble.storage === 'full') await leaveNoRoom(opened.page, home.origin)
      await opened.page.goto(url)
      if (trouble.isOffline) {
        const isBack = Math.floor(left.length / trouble.ways.length) % 2 === 0
        const told = await runOffline(opened, isBack)
        facts.push(...told.facts)
        writes.push(...told.writes)
      } else await runOn(opened.page, () => begunOf(facts) >= A_PAGE)
      const way = trouble.ways[left.length % trouble.ways.length] ?? ''
      const leave = LEAVING[way]
      if (!leave) throw new Error(`no such leaving: ${way}`)
      const leftAt = Date.now()
      await leave(opened)
      // What a page hands over as it goes is all there is.
      if (trouble.storage !== 'well' && way !== 'kill') await pause(1_000)
      await opened.kill()
      left.push({ leftAt, facts })
    }
    const rows = await comeBack(home, await profile.open(), url, left)
    return {
      ...fateOf(left, rows),
      pages: left.length,
      twice: home.twice(),
      spoilt: home.spoilt(),
      writes,
    }
  } finally {
    await profile.remove()
    await home.close()
  }
}

function begunOf(facts: readonly Fact[]): number {
  return facts.filter(({ what }) => what === 'begun').length
}

/** Until it is enough, and then to anywhere in a run, of 20 ms or so. */
async function runOn(page: Page, isEnough: () => boolean): Promise<void> {
  page.evaluate(() => window.keepRunning()).catch(() => undefined)
  const deadline = Date.now() + PATIENCE_MS
  while (!isEnough()) {
    if (Date.now() > deadline) throw new Error('the page does not run')
    await pause(5)
  }
  await pause(Math.random() * 40)
}

/** An hour without a network; then it is back, and the page is left, or it is not. */
async function runOffline({ page }: Opened, isBack: boolean): Promise<Told> {
  const context = page.context()
  await context.setOffline(true)
  const told = await page.evaluate((count) => window.runSome(count), A_PAGE)
  await page.evaluate((ms) => {
    window.skip(ms)
  }, HOUR_MS)
  await pause(SAFE_PAUSE_MS)
  if (isBack) {
    await context.setOffline(false)
    await page.evaluate((ms) => {
      window.skip(ms)
    }, SENT_AFTER_MS)
  }
  return told
}
const SAFE_PAUSE_MS = 300

/** The next visit, in the same weather at first. */
async function comeBack(
  home: Home,
  { page }: Opened,
  url: string,
  left: readonly LeftPage[],
): ReturnType<Home['query']> {
  const read = (): ReturnType<Home['query']> => home.query('SELECT id, status FROM runs')
  await page.goto(url)
  if (home.weather !== 'well') await pause(SENT_AFTER_MS + 1_500)
  home.weather = 'well'
  const deadline = Date.now() + PATIENCE_MS
  while (Date.now() < deadline) {
    const { missing, vanished, late, lateTold } = fateOf(left, await read())
    if (missing.length + vanished.length + late - lateTold === 0) break
    // Some of it is lost, which nobody waits for.
    if (missing.length + vanished.length === 0 && Date.now() > deadline - PATIENCE_MS / 2) break
    await pause(250)
  }
  return read()
}
