import { createNames, type Report } from '@rungs/core/telemetry'
import { checkRow, type Checked } from '../src/check.ts'
import type { Store } from '../src/store.ts'

const CHUNK = 20_000

/** Puts rows into a store the way they would come, but for the network. */
export async function fill(store: Store, runs: Iterable<readonly Report[]>): Promise<number> {
  const names = createNames()
  let chunk: Checked[] = []
  let count = 0
  for (const rows of runs) {
    for (const row of rows) {
      const verdict = checkRow(row, names)
      if ('problem' in verdict) throw new Error(`${verdict.problem}: ${JSON.stringify(row)}`)
      chunk.push(verdict)
    }
    count += rows.length
    if (chunk.length < CHUNK) continue
    await store.write(chunk)
    chunk = []
  }
  await store.write(chunk)
  return count
}
