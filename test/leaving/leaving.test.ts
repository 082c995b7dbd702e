import { beforeAll, describe, expect, test } from 'vitest'
import { playAll, type Played } from './play.ts'
import { TABLE } from './rows.ts'

// Every way to leave an answer, once, in a real Chromium, and what DuckDB then holds of it.

const cases = TABLE.flatMap(({ name, when }) => when.map((one) => `${name}, ${one}`))
let played: ReadonlyMap<string, Played>
beforeAll(async () => {
  const all = await playAll(TABLE, 1, 6)
  played = new Map(all.map((one) => [`${one.row.name}, ${one.when}`, one]))
}, 240_000)

describe('a run is told as it was left:', () => {
  test.for(cases)('%s', (name) => {
    const one = played.get(name)
    expect({ fault: one?.fault, told: one?.told }).toEqual({ fault: null, told: one?.due })
  })
})
