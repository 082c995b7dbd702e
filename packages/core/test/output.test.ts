import { describe, expect, test } from 'vitest'
import type { OutputSchema, Route, Usage } from '../src/index.ts'
import { outputTokens, reduceOutput, unknownOutput } from '../src/health/output.ts'
import { scripted, type Script } from '../src/testing.ts'
import { stage } from './play.ts'

const learn = (...lengths: readonly number[]): number =>
  outputTokens(lengths.reduce(reduceOutput, unknownOutput))

describe('the usual length of the answers of a route', () => {
  test('is 800 tokens until one is measured', () => {
    expect(outputTokens(unknownOutput)).toBe(800)
  })

  test('comes to what is measured: 19 of 20 stay below', () => {
    // Normal quantiles, 19 to a round: lengths around 200 tokens, a third to three times as long.
    const z = [-1.64, -1.28, -1.04, -0.84, -0.67, -0.52, -0.39, -0.25, -0.13, 0]
    const round = [...z, ...z.slice(0, -1).map((x) => -x)].map((x) => 200 * Math.exp(0.6 * x))
    const lengths = Array.from({ length: 95 }, (_, index) => round[(index * 7) % 19] ?? 0)
    const p95 = 200 * Math.exp(0.6 * 1.6449)
    expect(learn(...lengths) / p95).toBeGreaterThan(0.85)
    expect(learn(...lengths) / p95).toBeLessThan(1.15)
  })

  test.each([
    [20, 600, 800],
    [150, 500, 800],
    [800, 1000, 1600],
    [4000, 2000, 6000],
  ])('after one of %d tokens is between %d and %d', (length, least, most) => {
    expect(learn(length)).toBeGreaterThan(least)
    expect(learn(length)).toBeLessThan(most)
  })

  test('survives an answer of no tokens', () => {
    expect(learn(0)).toBeGreaterThan(0)
    expect(learn(...Array<number>(100).fill(0))).toBeLessThan(20)
  })
})

const writes = (tokens: number, ...more: Script): Script => [
  'a',
  { usage: { inputTokens: 1, outputTokens: tokens } },
  ...more,
]

describe('what a run is expected to cost', () => {
  /** A tenth of a cent for a token that comes. */
  const price = { inputPerMTok: 0, outputPerMTok: 1000 }
  async function expectedAfter(
    runs: number,
    script: Script,
    maxOutputTokens?: number,
  ): Promise<number | null> {
    const { play, llm } = stage({ a: scripted({ price }, script), b: scripted({ price }, ['b']) })
    for (let index = 0; index < runs; index += 1) await play()
    const { routes } = llm.explain({ workload: 'chat', prompt: 'Hi', maxOutputTokens })
    return routes.find(({ route }) => route === 'a')?.expected.costUsd ?? null
  }

  test('is by what the route usually writes, and by no more than the request asks for', async () => {
    expect(await expectedAfter(0, [])).toBe(0.8)
    expect(await expectedAfter(0, [], 100)).toBe(0.1)
    expect(await expectedAfter(0, [], 5000)).toBe(0.8)
    expect(await expectedAfter(40, writes(2000))).toBeGreaterThan(2)
    expect(await expectedAfter(40, writes(2000), 100)).toBe(0.1)
    expect(await expectedAfter(40, writes(50))).toBeLessThan(0.15)
  })

  test('is not by answers that broke, nor by those whose length nobody told', async () => {
    expect(await expectedAfter(1, writes(2, { fail: 'stream-stall' }))).toBe(0.8)
    expect(await expectedAfter(5, ['a'])).toBe(0.8)
  })

  test('is what an attempt without usage is booked at, though another was measured meanwhile', async () => {
    const { start, virtual } = stage({ a: scripted({ price }, ['a', 1000], writes(9000)) })
    const first = start()
    await virtual.advance(10)
    await virtual.until(start().outcome)
    expect(await virtual.until(first.outcome)).toMatchObject({ costUsd: 0.8 })
  })
})

const any: OutputSchema = {
  jsonSchema: { type: 'object' },
  schema: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } },
}

/** Why the plan leaves route `a` out, for a request with a structured answer or without. */
function against(
  llm: ReturnType<typeof stage>['llm'],
  request: { readonly output?: OutputSchema; readonly maxOutputTokens?: number },
): string | undefined {
  const { excluded } = llm.explain({ workload: 'chat', prompt: 'Hi', ...request })
  return excluded.find(({ route }) => route === 'a')?.because
}

const limits = { totalMs: 5_000 }

const expected = (tokensPerSecond?: number): Route =>
  scripted({ expect: { firstChunkMs: 500, ...(tokensPerSecond ? { tokensPerSecond } : {}) } }, [
    'a',
  ])

const speedAfter = async (declared: number, ms: number, usage: Usage): Promise<unknown> => {
  const { llm, play } = stage(
    {
      a: scripted({ expect: { firstChunkMs: 500, tokensPerSecond: declared } }, [
        'a',
        ms,
        'b',
        { usage },
      ]),
    },
    { limits },
  )
  for (let runs = 0; runs < 20; runs += 1) await play()
  return against(llm, { output: any })
}

describe('when a whole answer is there', () => {
  test('a route that writes too slowly for the time left is not asked for an object', () => {
    // Half of the answers stay below 127 tokens, as long as nothing is measured.
    const { llm } = stage({ a: expected(20), b: scripted({}, ['b']) }, { limits })
    expect(against(llm, { output: any })).toMatch(
      /^its whole answer takes about \d{4} ms, and 5000/,
    )
    expect(against(llm, {})).toBeUndefined()
    expect(against(llm, { output: any, maxOutputTokens: 50 })).toBeUndefined()
  })

  test('one that writes fast enough is, and one of which nobody knows', () => {
    for (const speed of [200, undefined]) {
      const { llm } = stage({ a: expected(speed) }, { limits })
      expect(against(llm, { output: any })).toBeUndefined()
    }
  })

  test('is measured: from the first content on, thoughts apart', async () => {
    const usage = { inputTokens: 1, outputTokens: 300 }
    expect(await speedAfter(1000, 4_900, usage)).toBeUndefined()
    expect(await speedAfter(10, 1_000, usage)).toBeUndefined()
    // 100 of 1,000 tokens are words, 40 ms each: no answer of 1,000 is whole in time.
    const thoughtful = { inputTokens: 1, outputTokens: 1000, reasoningTokens: 900 }
    expect(await speedAfter(1000, 4_000, thoughtful)).toMatch(/^its whole answer/)
    expect(await speedAfter(1000, 4_000, { ...usage, outputTokens: 8 })).toBeUndefined()
  })
})
