import type { Answer } from '@rungs/analytics'
import { setTimeout as wait } from 'node:timers/promises'
import { openTab } from '../cycles/chromium.ts'
import { createProfile, type Opened } from '../delivery/browser.ts'
import { openScene, openWorld, type World } from './scene.ts'
import type { Row, When } from './rows.ts'

/** One row as it was played once. */
export interface Played {
  readonly row: Row
  readonly when: When
  /** What the table says, and what DuckDB holds of it. */
  readonly due: Answer
  readonly told: Answer
  /** What stood in the way of playing it. */
  readonly fault: string | null
}

/** Longer than reports wait to be sent; after it, nothing more comes. */
const QUIET_MS = 7_000
/** So long a machine that is busy is waited for. */
const MOST_MS = 100_000

/** Play each row so many times, so many at once; then the user comes back, and what was told is read. */
export async function playAll(
  table: readonly Row[],
  rounds: number,
  atOnce: number,
): Promise<readonly Played[]> {
  const waiting = Array.from({ length: rounds }, () =>
    table.flatMap((row) => row.when.map((when) => ({ row, when }))),
  ).flat()
  let serial = 0
  const world = await openWorld()
  const shared = await createProfile()
  const all: Run[] = []
  try {
    const opened = await shared.open()
    async function work(): Promise<void> {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const { row, when } = next
        serial += 1
        const question = `Question ${serial} of ${serial}`
        all.push(await play(world, row.isAlone ? null : opened, row, when, question))
      }
    }
    await Promise.all(Array.from({ length: atOnce }, work))
    await visit(world, opened, all)
    return await read(world, all)
  } finally {
    await shared.remove()
    await world.home.close()
  }
}

interface Run {
  readonly row: Row
  readonly when: When
  readonly id: string
  readonly fault: string | null
}

async function play(
  world: World,
  shared: Opened | null,
  row: Row,
  when: When,
  question: string,
): Promise<Run> {
  const own = shared ? null : await createProfile()
  let id = ''
  try {
    const opened = shared ?? (await own?.open())
    if (!opened) throw new Error('no browser')
    const scene = await openScene(opened, world, row.query)
    id = await scene.ask(question)
    if (when !== 'waiting') await scene.begin(question)
    if (when === 'settled') await scene.end(question)
    await row.act(scene, question)
    const run = { row, when, id, fault: null }
    if (own) await visit(world, await own.open(), [run])
    return run
  } catch (error) {
    return { row, when, id, fault: String(error) }
  } finally {
    await own?.remove()
  }
}

/** The user comes back to the product, in a new tab, and stays until everything has been told. */
async function visit(world: World, { browser }: Opened, all: readonly Run[]): Promise<void> {
  await openTab(browser, `${world.home.origin}/?visit`)
  await wait(QUIET_MS)
  const deadline = Date.now() + MOST_MS - QUIET_MS
  while (Date.now() < deadline && !(await read(world, all)).every(isRight)) await wait(500)
}

async function read({ home }: World, all: readonly Run[]): Promise<readonly Played[]> {
  const rows = await home.query(`SELECT *, first_seen_ms IS NOT NULL AS is_seen,
    status IN ('open', 'abandoned') AS is_cut FROM runs`)
  const byId = new Map(rows.map((one) => [one['id'], one]))
  return all.map(({ row, when, id, fault }) => {
    const due = row.expect(when)
    const found = byId.get(id)
    const told = Object.fromEntries(Object.keys(due).map((key) => [key, found?.[key] ?? null]))
    return { row, when, due, told, fault }
  })
}

/** Whether a row was told as the table says. */
export function isRight({ due, told, fault }: Played): boolean {
  return fault === null && Object.entries(due).every(([key, value]) => told[key] === value)
}
