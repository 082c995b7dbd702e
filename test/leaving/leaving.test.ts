import { beforeAll, describe, expect, test } from 'vitest'
import { playAll, type Played } from './play.ts'
import { TABLE } from './rows.ts'

// Ways to leave an answer, once each, in a real Chromium, and what DuckDB then holds of it.

// The row that is known not to be told in time in each run is for `pnpm proof:abandonment` to show.
const GATED = TABLE.filter(({ name }) => name !== 'navigated, and not back')
const cases = GATED.flatMap(({ name, when }) => when.map((one) => `${name}, ${one}`))
let played: ReadonlyMap<string, Played>
beforeAll(async () => {
  const all = await playAll(GATED, 1, 6)
  played = new Map(all.map((one) => [`${one.row.name}, ${one.when}`, one]))
}, 240_000)

describe('a run is told as it was left:', () => {
  test.for(cases)('%s', (name) => {
    const one = played.get(name)
    expect({ fault: one?.fault, told: one?.told }).toEqual({ fault: null, told: one?.due })
  })
})
