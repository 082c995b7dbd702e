import { beforeAll, describe, expect, test } from 'vitest'
import { playAll, type Played } from './drive.ts'
import { cyclesOf } from './plan.ts'
import { faultsOf } from './verdict.ts'

// Pages of a real Chromium that are hidden, frozen, held up, asleep and offline while an answer is under way.

const cycles = cyclesOf(9, 20)
const cases = cycles.map(({ index, what, during, server }) => ({
  index,
  title: `${index}: ${what}, ${during}, while the server ${server}`,
}))
let played: ReadonlyMap<number, Played>
beforeAll(async () => {
  const all = await playAll(cycles, 10)
  played = new Map(all.map((one) => [one.cycle.index, one]))
})

test('the cycles have something of everything', () => {
  expect(new Set(cycles.map(({ what }) => what)).size).toBe(5)
  expect(new Set(cycles.map(({ during }) => during)).size).toBe(3)
  expect(new Set(cycles.map(({ server }) => server)).size).toBe(3)
})

describe('no run is lost or called silent by mistake in cycle', () => {
  test.for(cases)('$title', ({ index }) => {
    const one = played.get(index)
    expect({ faults: one ? faultsOf(one) : ['it was not played'], one }).toEqual({
      faults: [],
      one,
    })
  })
})
