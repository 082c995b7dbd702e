import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { sayHi } from './answers.ts'
import { openTheatre, place, type Stage, type Theatre } from './stage.ts'

let theatre: Theatre
beforeAll(async () => {
  theatre = await openTheatre()
})
afterAll(() => theatre.close())

/** A page whose policy lets it connect to these only. */
async function pageWith(...allowed: readonly string[]): Promise<Stage> {
  const sources = `default-src 'none'; script-src 'self'; img-src data:`
  const connect = allowed.length > 0 ? allowed.join(' ') : `'none'`
  const stage = await theatre.stage({
    headers: { 'content-security-policy': `${sources}; connect-src ${connect}` },
  })
  onTestFinished(() => stage.close())
  return stage
}

/** What a run over routes to these origins, in this order, tells. */
function ask(stage: Stage, first: string, second: string) {
  return stage.page.evaluate(
    async ([one, other]) => {
      const { createLLM, openai, anthropic, transcript } = window.rungs
      const llm = createLLM({
        routes: {
          forbidden: anthropic({ model: 'm', apiKey: 'sk-canary', baseUrl: one ?? '' }),
          allowed: openai({ model: 'm', apiKey: 'sk-canary', baseUrl: other ?? '' }),
        },
        workloads: { chat: { ladder: ['forbidden', 'allowed'] } },
      })
      const run = llm.run({ workload: 'chat', prompt: 'Hello?' })
      const lines = await transcript(run)
      const { attempts, degraded } = await run.outcome
      return { lines, degraded, waits: attempts.map(({ totalMs }) => totalMs) }
    },
    [first, second],
  )
}

describe('a page whose policy forbids a provider', () => {
  test('says so at once, asks it nothing, and is answered by the next route', async () => {
    const [forbidden, allowed] = [await place(sayHi), await place(sayHi)]
    const stage = await pageWith(allowed.origin)
    const { lines, degraded, waits } = await ask(stage, forbidden.origin, allowed.origin)
    expect(lines).toEqual([
      'try forbidden',
      'blocked-request -> allowed',
      'try allowed',
      '"hi"',
      'completed',
    ])
    expect(degraded).toMatchObject({ from: 'forbidden', to: 'allowed', cause: 'blocked-request' })
    // Long before any deadline: the shortest is 4 s.
    expect(waits[0]).toBeLessThan(4_000)
    expect(forbidden.bytes()).toBe('')
    expect(allowed.got).toHaveLength(1)
  })

  test('and every other says so of each', async () => {
    const [forbidden, allowed] = [await place(sayHi), await place(sayHi)]
    const stage = await pageWith()
    const { lines } = await ask(stage, forbidden.origin, allowed.origin)
    expect(lines.filter((line) => line.startsWith('blocked-request'))).toHaveLength(2)
    expect(lines.at(-1)).toContain('failed')
    expect(forbidden.bytes() + allowed.bytes()).toBe('')
  })

  test('and lets one in that sends on to it is not led there', async () => {
    const forbidden = await place(sayHi)
    const between = await place((response) => {
      response.writeHead(307, { location: forbidden.origin }).end()
    })
    const allowed = await place(sayHi)
    const stage = await pageWith(between.origin, allowed.origin)
    const { lines } = await ask(stage, between.origin, allowed.origin)
    expect(lines).toContain('blocked-request -> allowed')
    expect(forbidden.bytes()).toBe('')
  })

  test('takes a provider that is only out of reach for no more than that', async () => {
    const gone = await place(sayHi)
    await gone.close()
    const allowed = await place(sayHi)
    const stage = await pageWith(gone.origin, allowed.origin)
    const { lines } = await ask(stage, gone.origin, allowed.origin)
    expect(lines.join('\n')).not.toContain('blocked-request')
    expect(lines.at(-1)).toBe('completed')
  })
})
