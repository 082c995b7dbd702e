import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDirect, type Habits } from './direct.ts'
import { judge, type Verdict } from './judge.ts'
import { play } from './play.ts'
import { more, scenarios } from './scenarios.ts'
import { buildWall, type Wall } from './wall.ts'

const scale = 0.05
const graceMs = 1000

let wall: Wall
beforeAll(async () => {
  wall = await buildWall(scale)
})
afterAll(() => wall.close())

async function score(
  habits: Habits,
  ids: readonly string[],
): Promise<Record<string, Verdict['is']>> {
  const verdicts = await Promise.all(
    [...scenarios, ...more]
      .filter(({ id }) => ids.includes(id))
      .map(async (scenario) => {
        const verdict = judge(
          scenario,
          await play(wall, scenario, createDirect(habits)),
          graceMs / scale,
        )
        return [scenario.id, verdict.is] as const
      }),
  )
  return Object.fromEntries(verdicts)
}

describe('the wall and its judge', () => {
  test('agree with what FailoverBench published of a direct call without retries', async () => {
    const ids = scenarios.map(({ id }) => id)
    const scores = await score({ hops: false, trustsTheEnd: false }, ids)
    // there, a client without a fallback is not asked to move: S07 is a pass and S15 safe
    const others = { S07: 'partial', S10: 'pass', S11: 'pass', S13: 'pass', S15: 'fail' }
    expect(scores).toEqual({ ...Object.fromEntries(ids.map((id) => [id, 'safe'])), ...others })
  })

  test('fail a client that takes the end of a body for the end of an answer', async () => {
    const scores = await score({ hops: true, trustsTheEnd: true }, [
      'S08',
      'S09',
      'S14',
      'hidden-cut',
    ])
    expect(scores).toEqual({ S08: 'fail', S09: 'fail', S14: 'fail', 'hidden-cut': 'fail' })
  })

  test('see a client that routes around a refusal', async () => {
    const scores = await score({ hops: true, trustsTheEnd: false }, ['S13'])
    expect(scores['S13']).not.toBe('pass')
  })

  test('see half an answer followed by another', () => {
    const scenario = scenarios.find(({ id }) => id === 'S08')
    if (scenario === undefined) throw new Error('no S08')
    const text = 'Every route is a promise When the preferred route is silent'
    const told = {
      said: 'error',
      text,
      shown: [text],
      route: null,
      usage: null,
      costUsd: null,
      failure: null,
      kinds: [],
    } as const
    const played = { served: [{ sentMs: 0, tookMs: 1, told }], alive: null, log: [] }
    expect(judge(scenario, played)).toMatchObject({
      is: 'fail',
      why: expect.stringContaining('never spliced'),
    })
  })

  test('see a hang', () => {
    const [scenario] = scenarios
    if (scenario === undefined) throw new Error('no scenario')
    const played = { served: [{ sentMs: 0, tookMs: 1, told: null }], alive: null, log: [] }
    expect(judge(scenario, played)).toMatchObject({ is: 'fail', why: 'a hang' })
  })
})
