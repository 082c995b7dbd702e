import { createProfile, LEAVING, openHome } from './browser.ts'

/** What became of runs whose pages were left, once their user came back. */
export interface Played {
  readonly how: string
  readonly pages: number
  readonly begun: number
  /** Told as they ended, or were left. */
  readonly ended: number
  /** Told as begun and never ended. */
  readonly open: number
  /** Of which nothing came. */
  readonly vanished: readonly string[]
  readonly twice: number
}

/**
 * A page that runs without end is left in one way, so many times, some ms after it began; each time the same
 * profile comes back to it, until as many runs have begun as are asked for.
 */
export async function play(how: string, runs: number): Promise<Played> {
  const home = await openHome()
  const profile = await createProfile()
  const leave = LEAVING[how]
  if (!leave) throw new Error(`no such leaving: ${how}`)
  const url = `${home.place.origin}/`
  let pages = 0
  try {
    for (; home.begun.size < runs; pages += 1) {
      const opened = await profile.open()
      await opened.page.goto(url)
      void opened.page.evaluate(() => window.keepRunning()).catch(() => undefined)
      // Somewhere in a run, and before what is done after five seconds.
      await pause(400 + ((pages * 137) % 1000))
      await leave(opened)
      await opened.kill()
    }
    const back = await profile.open()
    await back.page.goto(url)
    const deadline = Date.now() + 20_000
    while (Date.now() < deadline && vanished(home).length > 0) await pause(250)
    await back.kill()
    const told = [...home.begun].map((id) => home.rows.get(id)?.['status'])
    return {
      how,
      pages,
      begun: told.length,
      ended: told.filter((status) => status !== undefined && status !== 'open').length,
      open: told.filter((status) => status === 'open').length,
      vanished: vanished(home),
      twice: home.twice(),
    }
  } finally {
    await profile.remove()
    await home.place.close()
  }
}

function vanished({ begun, rows }: Awaited<ReturnType<typeof openHome>>): readonly string[] {
  return [...begun].filter((id) => !rows.has(id))
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
