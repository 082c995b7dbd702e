import { beforeAll, describe, expect, test } from 'vitest'
import { dialects, every } from './dialects.ts'
import { playAll, type Played } from './drive.ts'
import { casesOf, inputs } from './inputs.ts'
import { faultsOf } from './verdict.ts'

const cases = casesOf(true)
let played: ReadonlyMap<string, Played>
beforeAll(async () => {
  const all = await playAll(cases, { measure: 'heap' })
  played = new Map(all.map((one) => [one.of.key, one]))
})

test('there are seventy classes of bad input and more, for every wire', () => {
  expect(inputs.length).toBeGreaterThan(70)
  const names = casesOf(false).map(({ wire, input }) => `${wire}: ${input.title}`)
  expect(new Set(names).size).toBe(names.length)
  expect([...every].toSorted()).toEqual(Object.keys(dialects).toSorted())
  for (const name of every) expect(cases.filter(({ wire }) => wire === name)).not.toHaveLength(0)
})

describe('a client', () => {
  test.for(cases)('of $wire bears $input.title', ({ key, ends }) => {
    const one = played.get(key)
    expect(one).toBeDefined()
    const { report } = one ?? {}
    const faults = one ? faultsOf(one) : ['it was not played']
    // the rest is there to be read where there are faults
    expect({ faults, ends, report }).toEqual({ faults: [], ends, report })
  })
})
