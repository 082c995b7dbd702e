import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { collectOften } from './garbage.ts'
import { judge } from './judge.ts'
import { play } from './play.ts'
import { createRungs } from './rungs.ts'
import { answers, more, scenarios } from './scenarios.ts'
import { buildWall, type Wall } from './wall.ts'

/** Real ms per ms of a scenario. */
const scale = 0.1
/** Real ms that a bar on time forgives: the machine may be busy with other tests. */
const graceMs = 1500

let wall: Wall
let leaveGarbage: () => void
beforeAll(async () => {
  leaveGarbage = collectOften(300)
  wall = await buildWall(scale)
})
afterAll(async () => {
  leaveGarbage()
  await wall.close()
})

test('every answer has sixty words', () => {
  for (const answer of Object.values(answers)) expect(answer.split(' ')).toHaveLength(60)
})

describe.concurrent('a run survives', () => {
  test.for([...scenarios, ...more])('$id: $title', async (scenario) => {
    const played = await play(wall, scenario, createRungs)
    const { is, why } = judge(scenario, played, graceMs / scale)
    // the rest is there to be read where the verdict is another
    expect({ because: why, is, log: played.log }).toEqual({
      because: why,
      is: 'pass',
      log: played.log,
    })
  })
})
