import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { bundle } from '../trust/stage.ts'
import { hide, openWindows, setOnline, type Tab, type Windows } from './chromium.ts'
import type { Again, Ended, NaiveEnded } from './page.ts'
import { LIMITS, type Cycle } from './plan.ts'
import { openServer, type Server } from './server.ts'

/** What came of a cycle; a run that is not there was lost. */
export interface Played {
  readonly cycle: Cycle
  readonly rungs: Ended | null
  readonly naive: NaiveEnded | null
  readonly again: Again | null
  readonly isDeaf: boolean
}

/** A page is not awake at once; what comes before that, comes while it is frozen. */
const THAW_MS = 200
/** From the end of the trouble; all answers are shorter. */
const PATIENCE_MS = 45_000

/** Play cycles, so many at once, each in a window of its own. */
export async function playAll(
  cycles: readonly Cycle[],
  atOnce: number,
  onPlayed: (played: Played) => void = () => undefined,
): Promise<readonly Played[]> {
  const [files, windows] = await Promise.all([
    bundle(fileURLToPath(new URL('page.ts', import.meta.url))),
    openWindows(),
  ])
  const script = files.get('page.js') ?? ''
  const waiting = [...cycles]
  const all: Played[] = []
  async function work(): Promise<void> {
    for (let cycle = waiting.shift(); cycle; cycle = waiting.shift()) {
      const isAlone = cycle.what === 'asleep'
      const own = isAlone ? await openWindows() : windows
      const played = await play(own, cycle, script)
      if (isAlone) await own.close()
      all.push(played)
      onPlayed(played)
    }
  }
  try {
    await Promise.all(Array.from({ length: atOnce }, work))
  } finally {
    await windows.close()
  }
  return all
}

async function play(windows: Windows, cycle: Cycle, script: string): Promise<Played> {
  const server = await openServer(cycle, script)
  // By its other name this is another origin than the routes'.
  const tab = await windows.open(`http://localhost:${server.port}/`)
  const { page, cdp } = tab
  await cdp.send('Network.enable')
  try {
    if (cycle.during === 'before') await setOnline(tab, false)
    await page.evaluate(
      (options) => {
        window.play.begin(options)
      },
      { port: server.port, ...LIMITS },
    )
    if (cycle.during !== 'before') {
      await (cycle.during === 'waiting' ? server.asked : server.begun)
      await wait(cycle.afterMs)
    }
    if (cycle.server !== 'goes-on') server.hold()
    await befall(windows, tab, cycle, server)
    server.release()
    const ended = await patiently(page.evaluate(() => window.play.ended()))
    const again = ended && (await patiently(page.evaluate(() => window.play.again())))
    return {
      cycle,
      rungs: ended?.rungs ?? null,
      naive: ended?.naive ?? null,
      isDeaf: ended?.isDeaf ?? false,
      again,
    }
  } finally {
    await page.close()
    await server.close()
  }
}

async function befall(windows: Windows, tab: Tab, cycle: Cycle, server: Server): Promise<void> {
  const { what, by, forMs, unseenMs } = cycle
  const { page, cdp } = tab
  const breaks = cycle.server === 'breaks'
  switch (what) {
    case 'hidden': {
      const show = await hide(tab, by)
      await wait(forMs)
      return show()
    }
    case 'frozen': {
      const show = await hide(tab, by)
      await cdp.send('Page.setWebLifecycleState', { state: 'frozen' })
      await wait(forMs)
      await cdp.send('Page.setWebLifecycleState', { state: 'active' })
      await wait(THAW_MS)
      server.release()
      await wait(unseenMs)
      return show()
    }
    case 'held': {
      const opened = page.waitForEvent('dialog')
      const closed = page.evaluate(() => {
        alert('Wait.')
      })
      // Should the cycle break before, this is never waited for.
      closed.catch(() => undefined)
      const dialog = await opened
      await wait(forMs)
      await dialog.dismiss()
      return closed
    }
    case 'asleep': {
      const woken = windows.sleep(forMs)
      if (breaks) {
        await wait(cycle.breaksLate ? forMs : 0)
        server.break()
      }
      return woken
    }
    case 'offline':
      await setOnline(tab, false)
      if (breaks && !cycle.breaksLate) server.break()
      await wait(forMs)
      if (!breaks) server.release()
      await setOnline(tab, true)
      if (breaks && cycle.breaksLate) server.break()
      return undefined
    default:
      return what satisfies never
  }
}

async function patiently<Value>(value: Promise<Value>): Promise<Value | null> {
  // A page that answers no more is closed below, and this is then refused.
  value.catch(() => undefined)
  return Promise.race([value, wait(PATIENCE_MS, null, { ref: false })])
}
