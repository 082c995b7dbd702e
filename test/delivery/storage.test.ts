import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createProfile, leaveNoRoom, type Opened, type Profile } from './browser.ts'
import { openHome, type Home } from './home.ts'

// What stands in the IndexedDB of a real Chromium when a page comes to it, and what is left when it may keep nothing.

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

const DATABASE = 'rungs-telemetry'
type Things = readonly (readonly [key: string, value: unknown])[]

/** Puts things where reports are kept, from a page of the same origin that has no LLM. */
async function prepare(page: Page, things: Things, { version = 1, store = 'shelf' } = {}) {
  await page.goto(`${home.origin}/else`)
  await page.evaluate(
    async ([name, given, at, into]) => {
      await new Promise((resolve) => {
        indexedDB.deleteDatabase(name).addEventListener('success', resolve)
      })
      await new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open(name, at)
        opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore(into))
        opening.addEventListener('error', () => reject(opening.error))
        opening.addEventListener('success', () => {
          const writing = opening.result.transaction(into, 'readwrite')
          for (const [key, value] of given) writing.objectStore(into).put(value, key)
          writing.addEventListener('complete', () => {
            opening.result.close()
            resolve()
          })
        })
      })
    },
    [DATABASE, things, version, store] as const,
  )
}
/** The keys that are there. */
function kept(page: Page): Promise<readonly string[]> {
  return page.evaluate(async (name) => {
    const known = await indexedDB.databases()
    if (!known.some((one) => one.name === name)) return []
    return new Promise<readonly string[]>((resolve, reject) => {
      const opening = indexedDB.open(name)
      opening.addEventListener('error', () => reject(opening.error))
      opening.addEventListener('success', () => {
        const asking = opening.result.transaction('shelf').objectStore('shelf').getAllKeys()
        asking.addEventListener('success', () => {
          opening.result.close()
          resolve(asking.result.map(String))
        })
      })
    })
  }, DATABASE)
}
function run(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const one = window.llm.run({ workload: 'chat', prompt: 'Hello?' })
    await one.outcome
    return one.id
  })
}
function dropped(page: Page): Promise<unknown> {
  return page.evaluate(async () => (await window.llm.summary()).dropped)
}
const isTold = async (id: string): Promise<boolean> =>
  (await home.query(`SELECT 1 AS one FROM runs WHERE id = '${id}'`)).length === 1
const soon = { timeout: 15_000 }

/** As this version keeps it, of a page that is gone. */
function entry(id: string): Readonly<Record<string, unknown>> {
  const report = {
    row: 'run',
    schema: 1,
    id,
    revision: 3,
    started_at: Date.now(),
    workload: 'chat',
    status: 'completed',
    attempts: 1,
    sample_weight: 1,
  }
  const page = 'gone'
  return { version: 1, report, page, isOpen: false, owes: ['beacon'], told: [], at: Date.now() }
}

test('what is no report, or one of another version, is deleted and counted, and what stands beside it is told', async () => {
  const { page } = opened
  await prepare(page, [
    ['nothing', null],
    ['word', 'a word'],
    ['old', { ...entry('old'), version: 0 }],
    ['half', { version: 1, report: { id: 'half' } }],
    ['other', entry('another')],
    ['whole', entry('whole')],
  ])
  await page.goto(`${home.origin}/`)
  const id = await run(page)
  await expect.poll(() => isTold('whole'), soon).toBe(true)
  await expect.poll(() => isTold(id), soon).toBe(true)
  const left = await kept(page)
  expect(left).toContain('whole')
  expect(left).toContain(id)
  for (const key of ['nothing', 'word', 'old', 'half', 'other']) expect(left).not.toContain(key)
  expect(await dropped(page)).toMatchObject({ corrupt: 5 })
  expect(await isTold('another')).toBe(false)
})

test.each([
  ['a newer version of the database', { version: 7 }],
  ['a database without our place in it', { store: 'elsewhere' }],
])('%s does not keep a run from being told', async (_, shape) => {
  const { page } = opened
  await prepare(page, [], shape)
  await page.goto(`${home.origin}/`)
  const id = await run(page)
  await expect.poll(() => isTold(id), soon).toBe(true)
})

test('without room a run is told from memory, and what could not be stored is counted', async () => {
  const other = await createProfile()
  const { page } = await other.open()
  await leaveNoRoom(page, home.origin)
  await page.goto(`${home.origin}/`)
  const id = await run(page)
  await expect.poll(() => isTold(id), soon).toBe(true)
  expect(await kept(page)).toEqual([])
  expect(await dropped(page)).toMatchObject({ storage: expect.any(Number) })
  await other.remove()
})

test('where storage is forbidden a run is told from memory, and feedback joins it', async () => {
  const strict = await createProfile(true)
  const { page } = await strict.open()
  await page.goto(`${home.origin}/`)
  const id = await run(page)
  await page.evaluate((known) => {
    window.llm.feedback(known, { signal: 'thumb-up' })
  }, id)
  const thumb = async (): Promise<unknown> =>
    (await home.query(`SELECT thumb_up FROM runs WHERE id = '${id}'`))[0]
  await expect.poll(thumb, soon).toEqual({ thumb_up: true })
  await strict.remove()
})

test('consent that is taken back wipes what is stored, and nothing more is stored or told', async () => {
  const { page } = opened
  await prepare(page, [['whole', entry('never')]])
  await page.goto(`${home.origin}/`)
  const first = await run(page)
  await expect.poll(() => kept(page)).toContain(first)
  await page.evaluate(() => {
    window.llm.setConsent('denied')
  })
  await expect.poll(() => kept(page)).toEqual([])
  const second = await run(page)
  const salts = (): unknown =>
    page.evaluate(() => ['rungs.salt', 'rungs.session'].map((key) => localStorage.getItem(key)))
  expect(await salts()).toEqual(['', ''])
  // Longer than reports wait to be sent.
  await page.evaluate(() => {
    window.skip(60_000)
  })
  await page.goto(`${home.origin}/else`)
  expect(await kept(page)).toEqual([])
  for (const id of ['never', first, second]) expect(await isTold(id)).toBe(false)
})

test('a browser that asks for privacy is left with nothing, of earlier pages too', async () => {
  const { page } = opened
  await prepare(page, [['whole', entry('private')]])
  await page.addInitScript(() => {
    Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })
  })
  await page.goto(`${home.origin}/`)
  const id = await run(page)
  await expect.poll(() => kept(page)).toEqual([])
  await page.goto(`${home.origin}/else`)
  for (const one of ['private', id]) expect(await isTold(one)).toBe(false)
})
