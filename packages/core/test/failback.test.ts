import { describe, expect, test } from 'vitest'
import { Fault, type Evidence } from '../src/policy/fault.ts'
import { createVirtualWorld } from '../src/testing.ts'
import type { Outcome } from '../src/index.ts'
import type { Route } from '../src/words/route.ts'
import { silence, stage, wired } from './play.ts'

// The preferred route is out for a minute, and somebody asks every four seconds.

const ASK_MS = 4_000
const OUT_AT = 30_000
const BACK_AT = 90_000
const UNTIL = 180_000
const SEEDS = Array.from({ length: 8 }, (_, index) => index + 1)

const refused: Evidence = { from: 'status', status: 503, headers: {}, body: '' }
const broken: Evidence = { from: 'transport', isOnline: true, isBlocked: false }

/** A route that answers in 300 ms, and within the outage breaks so; null is silence. */
function preferred(evidence: Evidence | null): Route {
  return wired({ provider: 'a' }, async ({ signal, world }, tell) => {
    const isOut = world.now() >= OUT_AT && world.now() < BACK_AT
    if (isOut && !evidence) await silence(signal)
    await new Promise<void>((resolve) => world.after(300, resolve))
    if (isOut && evidence) throw new Fault(evidence)
    tell({ type: 'text', text: 'A' })
    tell({ type: 'finish', finish: 'stop' })
    tell({ type: 'terminal' })
  })
}
const other = (quality: number): Route =>
  wired({ provider: 'b', quality }, async ({ world }, tell) => {
    await new Promise<void>((resolve) => world.after(600, resolve))
    tell({ type: 'text', text: 'B' })
    tell({ type: 'finish', finish: 'stop' })
    tell({ type: 'terminal' })
  })

interface Asked {
  readonly at: number
  readonly outcome: Outcome
}

/** Every run of three minutes, by when it was asked for. */
async function ask(seed: number, evidence: Evidence | null, quality: number): Promise<Asked[]> {
  const virtual = createVirtualWorld({ seed })
  const { start } = stage({ a: preferred(evidence), b: other(quality) }, {}, { virtual })
  const asked: Promise<Asked>[] = []
  for (let at = 0; at < UNTIL; at += ASK_MS) {
    asked.push(start().outcome.then((outcome) => ({ at, outcome })))
    await virtual.advance(ASK_MS)
  }
  return virtual.until(Promise.all(asked))
}

describe.each<[how: string, evidence: Evidence | null]>([
  ['refuses', refused],
  ['breaks', broken],
  ['is silent', null],
])('a route that %s for a minute', (_, evidence) => {
  describe.each([
    ['as good a one', 0.5],
    ['a lesser one', 0.4],
  ])('beside %s', (__, quality) => {
    test.each(SEEDS)('is back within 30 s, and little asked before (seed %i)', async (seed) => {
      const asked = await ask(seed, evidence, quality)
      expect(asked.every(({ outcome: { status } }) => status === 'completed')).toBe(true)
      const elsewhere = asked.filter(({ outcome }) => outcome.route !== 'a')
      // It was out in earnest, and from then on it is not left again.
      expect(elsewhere.length).toBeGreaterThan(10)
      expect(elsewhere[0]?.at).toBeGreaterThanOrEqual(OUT_AT)
      expect(elsewhere.at(-1)?.at).toBeLessThan(BACK_AT + 30_000)
      const tried = elsewhere.filter(({ outcome }) => outcome.attempts[0]?.route === 'a')
      expect(tried.length).toBeGreaterThan(0)
      expect(tried.length).toBeLessThanOrEqual(8)
    })
  })
})
