import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPlace } from '../trust/stage.ts'
import { createProfile, type Opened, type Profile } from './browser.ts'
import { openHome, type Home } from './home.ts'
import { play } from './play.ts'
import { TROUBLES } from './troubles.ts'

// A few of each kind; the rest, and many of them, are for `pnpm proof:delivery`.
const SOME = new Set(['close', 'crash', 'kill', 'the collector answers 500'])

test.each(TROUBLES.filter(({ name }) => SOME.has(name)))(
  'every run is told once, whatever befalls its page: $name',
  { timeout: 180_000 },
  async (trouble) => {
    const { begun, missing, vanished, doubled, spoilt } = await play(trouble, 13)
    expect(begun).toBeGreaterThanOrEqual(13)
    expect({ missing, vanished, doubled }).toEqual({ missing: [], vanished: [], doubled: 0 })
    expect(spoilt > 0).toBe(trouble.weather !== 'well')
  },
)

describe('in a browser', () => {
  let home: Home
  let profile: Profile
  let opened: Opened
  beforeAll(async () => {
    home = await openHome(fileURLToPath(new URL('page.ts', import.meta.url)), (_, response) =>
      response.writeHead(404).end(),
    )
    profile = await createProfile()
    opened = await profile.open()
  })
  afterAll(async () => {
    await profile.remove()
    await home.close()
  })
  const run = (): Promise<string> =>
    opened.page.evaluate(async () => {
      const one = window.llm.run({ workload: 'chat', prompt: 'Hello?' })
      await one.outcome
      return one.id
    })

  const rowOf = async (id: string): Promise<unknown> =>
    (await home.query(`SELECT * FROM runs WHERE id = '${id}'`))[0]

  test('a run is stored before it is sent, and remembered for feedback after a reload', async () => {
    await opened.page.goto(`${home.origin}/`)
    const id = await run()
    const names = (): Promise<readonly (string | undefined)[]> =>
      opened.page.evaluate(async () => {
        const databases = await indexedDB.databases()
        return databases.map(({ name }) => name)
      })
    await expect.poll(names).toContain('rungs-telemetry')
    expect(await rowOf(id)).toBeUndefined()
    await expect.poll(() => rowOf(id), { timeout: 10_000 }).toMatchObject({ status: 'completed' })
    await opened.page.reload()
    await opened.page.evaluate((known) => {
      window.llm.feedback(known, { signal: 'thumb-up' })
    }, id)
    await expect
      .poll(() => rowOf(id), { timeout: 10_000 })
      .toMatchObject({ thumb_up: true, status: 'completed' })
  })

  test('nothing asks another origin first, and no cookie goes there', async () => {
    const other = await openPlace((response) => response.writeHead(204).end())
    await opened.page.goto(`${home.origin}/?collector=${other.origin}/reports`)
    await opened.page.evaluate(() => {
      document.cookie = 'session=wxqj'
    })
    const id = await run()
    const bodies = (): string => other.got.map(({ body }) => body).join('')
    await expect.poll(bodies, { timeout: 10_000 }).toContain(id)
    expect(other.preflights).toEqual([])
    for (const { headers } of other.got) {
      expect(headers.cookie).toBeUndefined()
      expect(headers.referer).toBeUndefined()
      expect(headers['content-type']).toBe('text/plain;charset=UTF-8')
    }
    await other.close()
  })

  test('a run and its attempts are in the performance panel, and leave nothing on the timeline', async () => {
    await opened.page.goto(`${home.origin}/`)
    await run()
    await expect
      .poll(() => opened.page.evaluate(() => window.measured))
      .toEqual(['run chat: completed', 'attempt 1 ours'])
    const left = await opened.page.evaluate(() => performance.getEntriesByType('measure').length)
    expect(left).toBe(0)
  })
})
