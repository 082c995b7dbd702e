import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createProfile,
  LEAVING,
  openHome,
  type Home,
  type Opened,
  type Profile,
} from './browser.ts'
import { play } from './play.ts'

test.each(Object.keys(LEAVING))('no run vanishes when the page ends by: %s', async (how) => {
  const { begun, ended, open, vanished } = await play(how, 20)
  expect(begun).toBeGreaterThanOrEqual(20)
  expect(vanished).toEqual([])
  expect(ended + open).toBe(begun)
  // At most the run that each page was in.
  expect(ended).toBeGreaterThan(begun / 2)
})

describe('in a browser', () => {
  let home: Home
  let profile: Profile
  let opened: Opened
  beforeAll(async () => {
    home = await openHome()
    profile = await createProfile()
    opened = await profile.open()
  })
  afterAll(async () => {
    await profile.remove()
    await home.place.close()
  })
  const run = (): Promise<string> =>
    opened.page.evaluate(async () => {
      const one = window.llm.run({ workload: 'chat', prompt: 'Hello?' })
      await one.outcome
      return one.id
    })

  test('a run is stored before it is sent, and remembered for feedback after a reload', async () => {
    await opened.page.goto(`${home.place.origin}/`)
    const id = await run()
    const names = (): Promise<readonly (string | undefined)[]> =>
      opened.page.evaluate(async () => {
        const databases = await indexedDB.databases()
        return databases.map(({ name }) => name)
      })
    await expect.poll(names).toContain('rungs-telemetry')
    expect(home.rows.has(id)).toBe(false)
    await expect.poll(() => home.rows.get(id)?.['status'], { timeout: 10_000 }).toBe('completed')
    await opened.page.reload()
    await opened.page.evaluate((known) => {
      window.llm.feedback(known, { signal: 'thumb-up' })
    }, id)
    await expect.poll(() => home.rows.get(id)?.['thumb_up'], { timeout: 10_000 }).toBe(true)
    expect(home.rows.get(id)).toMatchObject({ status: 'completed' })
  })

  test('nothing asks another origin first, and no cookie goes there', async () => {
    const other = await openHome()
    await opened.page.goto(`${home.place.origin}/?collector=${other.place.origin}/reports`)
    await opened.page.evaluate(() => {
      document.cookie = 'session=wxqj'
    })
    const id = await run()
    await expect.poll(() => other.rows.has(id), { timeout: 10_000 }).toBe(true)
    expect(other.place.preflights).toEqual([])
    for (const { headers } of other.place.got) {
      expect(headers.cookie).toBeUndefined()
      expect(headers.referer).toBeUndefined()
      expect(headers['content-type']).toBe('text/plain;charset=UTF-8')
    }
    await other.place.close()
  })

  test('a run and its attempts are in the performance panel, and leave nothing on the timeline', async () => {
    await opened.page.goto(`${home.place.origin}/`)
    await run()
    await expect
      .poll(() => opened.page.evaluate(() => window.measured))
      .toEqual(['run chat: completed', 'attempt 1 ours'])
    const left = await opened.page.evaluate(() => performance.getEntriesByType('measure').length)
    expect(left).toBe(0)
  })
})
