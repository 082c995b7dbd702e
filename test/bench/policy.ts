// What the policy itself takes: choosing among many routes, and remembering how each of them is.
import { createHealthBook } from '../../packages/core/src/health/book.ts'
import { scripted } from '../../packages/core/src/testing.ts'
import type { Candidate, PlanInput } from '../../packages/core/src/policy/candidate.ts'
import { noBudget } from '../../packages/core/src/policy/budget.ts'
import { decide } from '../../packages/core/src/policy/decide.ts'
import { failureOf } from '../../packages/core/src/policy/failure.ts'
import { mergeTerms } from '../../packages/core/src/policy/limits.ts'
import { plan } from '../../packages/core/src/policy/plan.ts'
import { equip } from '../../packages/core/src/wire/route.ts'
import type { Config } from '../../packages/core/src/words/policy.ts'
import type { Rung } from '../../packages/core/src/words/rung.ts'

const LADDER = 50

function rungOf(index: number): Rung {
  const route = scripted({
    provider: `provider-${index % 8}`,
    account: `account-${index}`,
    region: index % 3 === 0 ? 'us' : 'eu',
    compliance: ['gdpr', 'soc2'],
    quality: 1 - index / 100,
    price: { inputPerMTok: 1, outputPerMTok: index },
    contextTokens: 128_000,
  })
  return equip(`route-${index}`, route).rung
}

/** Planning a run on a ladder of 50 rungs and deciding on one failure, µs of CPU, once it is warm. */
export function decisionUs(): number {
  const candidates = new Map(
    Array.from({ length: LADDER }, (_, index): [string, Candidate] => {
      const rung = rungOf(index)
      return [
        rung.name,
        {
          ...rung,
          expected: { waitMs: [1000, 2000], waitFrom: 'measured', costUsd: 0.01, quality: 1 },
          wholeMs: 12_000,
          hold: index % 7 === 3 ? { until: 60_000, kind: 'rate-limit' } : null,
          isTried: index === 0,
          pBad: index % 5 === 1 ? 0.6 : 0.01,
          suspectedBy: 'belief',
          isReturning: false,
          isProbeDue: index % 10 === 1,
          backAt: null,
          availability: 'available',
          downloadBytes: 0,
        },
      ]
    }),
  )
  const names = [...candidates.keys()]
  const config: Config<string, 'chat', string> = {
    routes: {},
    workloads: {
      chat: { ladder: names, limits: { costUsd: 1, regions: ['eu', 'us'], require: ['gdpr'] } },
    },
  }
  const terms = mergeTerms(config, 'chat', null)
  const input: PlanInput = {
    terms,
    candidates,
    needs: { abilities: ['tools'], contextTokens: 2_000 },
    isOnline: true,
    now: 0,
    kept: null,
    leftUsd: 1,
    leftMs: 60_000,
    thread: { usd: Infinity, ms: Infinity },
    budget: noBudget,
  }
  const failed = candidates.get('route-0') ?? null
  const failure = failureOf('outage', {
    phase: 'before-content',
    route: 'route-0',
    provider: 'provider-0',
  })
  let moves = 0
  const once = (): void => {
    const open = plan(input).routes.flatMap(({ route }) => candidates.get(route) ?? [])
    const { move } = decide({
      failure,
      failed,
      open,
      terms,
      visibleChars: 0,
      hasText: false,
      hasDraft: false,
      isStructured: false,
      canAsk: false,
      leftMs: 60_000,
      attemptsLeft: 5,
      isRepeat: false,
      retry: {
        isAcceptable: true,
        isAffordable: true,
        hasChangedCredential: false,
        lastedMs: 100,
        tries: 1,
      },
      jitter: 0.5,
    })
    moves += move.to === 'route' ? 1 : 0
  }
  const TURNS = 5_000
  for (let turn = 0; turn < TURNS; turn += 1) once()
  const before = process.cpuUsage()
  for (let turn = 0; turn < TURNS; turn += 1) once()
  const { user, system } = process.cpuUsage(before)
  if (moves !== 2 * TURNS) throw new Error('a decision went another way')
  return (user + system) / TURNS
}

/** Heap that belief, latency, holds and retries take for a route that has answered and failed, bytes; needs `--expose-gc`. */
export function healthBytes(routes: number): number {
  const { gc } = globalThis
  if (!gc) throw new Error('run node with --expose-gc')
  const rungs = Array.from({ length: routes }, (_, index) => rungOf(index))
  let now = 0
  gc()
  const before = process.memoryUsage().heapUsed
  const book = createHealthBook(
    rungs,
    () => now,
    () => 0.5,
    () => undefined,
  )
  for (const rung of rungs) {
    now += 1000
    for (const waitMs of [700, 800, 900]) book.answered(rung, 'chat', waitMs)
    const { provider, name } = rung
    book.failed(
      rung,
      failureOf('outage', { phase: 'before-content', route: name, provider }),
      false,
    )
    book.spendRetry(rung)
    book.probing(rung)
    book.succeeded(rung)
  }
  book.hint(rungs.map(({ name }) => ({ route: name, pBad: 0.9, asOf: now })))
  gc()
  const bytes = (process.memoryUsage().heapUsed - before) / routes
  // What is looked at afterwards cannot have been let go of before.
  if (rungs.some((rung) => book.latency(rung, 'chat').samples !== 3)) throw new Error('it forgot')
  return bytes
}
