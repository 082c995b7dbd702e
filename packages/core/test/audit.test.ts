import { expect, test } from 'vitest'
import { audit, type AuditRow } from '../src/audit.ts'
import { aiSdk, canned, createLLM, onDevice, openai } from '../src/index.ts'
import type { Config, FailureKind, Route, RouteFacts, Tier, Workload } from '../src/index.ts'
import { FAILURE_KINDS } from './play.ts'

type Given = Config<string, string, string>

function keyed(facts: RouteFacts): Route {
  return openai({ model: 'm', apiKey: () => 'key', ...facts })
}
const cheap = { inputPerMTok: 0.5, outputPerMTok: 2 }

const sorry = canned('Sorry.')
/** Two providers, and all of their facts. */
const routes = {
  ours: aiSdk({
    url: '/api/chat',
    provider: 'us',
    quality: 0.9,
    price: 'included',
    contextTokens: 100_000,
    expect: { firstChunkMs: 800 },
  }),
  mini: keyed({
    quality: 0.7,
    price: cheap,
    contextTokens: 400_000,
    expect: { firstChunkMs: 600 },
  }),
  sorry,
}
const chat: Workload<string> = { ladder: ['ours', 'mini'], safe: 'sorry' }

function configOf(
  workload: Partial<Workload<string>> = {},
  more: { routes?: Record<string, Route>; tiers?: Record<string, Tier<string, string>> } = {},
): Given {
  return {
    routes: { ...routes, ...more.routes },
    workloads: { chat: { ...chat, ...workload } },
    ...(more.tiers ? { tiers: more.tiers } : {}),
  }
}

/** What follows on each kind, as `kind on -> move route`, a gap with a mark. */
function tell(rows: readonly AuditRow[]): string[] {
  return rows.map(({ kind, on, move, route, isGap }) =>
    [kind, on, '->', move, route ?? [], isGap ? 'GAP' : []].flat().join(' '),
  )
}
function rowsOf(
  config: Given,
  on: string,
  kinds: readonly FailureKind[] = FAILURE_KINDS,
): string[] {
  return tell(audit(config).rows.filter((row) => row.on === on && kinds.includes(row.kind)))
}
function findingsOf(config: Given): string[] {
  return audit(config).findings.map(({ level, path, message }) => `${level} ${path}: ${message}`)
}
function gapsOf(config: Given): string[] {
  return tell(audit(config).rows.filter(({ isGap }) => isGap))
}

test('a config with two providers, a safe answer and all that they declare has nothing to find', () => {
  const twin = keyed({
    provider: 'other',
    quality: 0.9,
    price: cheap,
    expect: { firstChunkMs: 900 },
  })
  const own = keyed({ provider: 'openai', payer: 'user', price: cheap })
  const config: Given = {
    routes: { ...routes, twin, own, local: onDevice({ quality: 0.3 }) },
    workloads: {
      chat: {
        ladder: ['ours', 'twin', 'mini', 'local'],
        safe: 'sorry',
        limits: { firstChunkMs: 5000, totalMs: 60_000, costUsd: 0.01, maxAttempts: 4 },
        on: { 'quota-exhausted': ['own'], 'blocked-content': 'stop' },
        ask: { slowerByMs: 5000, first: { waitMs: 10_000 } },
        hedge: true,
        experiment: {
          name: 'order',
          arms: {
            ours: { ladder: ['ours', 'twin', 'mini', 'local'], share: 0.5 },
            twin: { ladder: ['twin', 'ours', 'mini', 'local'], share: 0.5 },
          },
        },
        holdOut: { share: 0.05, tiers: ['free'] },
      },
      brief: { ladder: ['mini', 'ours'], safe: 'sorry', limits: { minQuality: 0.5 } },
    },
    tiers: {
      free: { deny: ['own'], limits: { costUsd: 0.005 }, budget: { usdPerDay: 0.5 } },
      pro: { reviewBelow: 0.8, ladders: { brief: ['twin', 'mini'] } },
    },
    defaultTier: 'free',
  }
  const { rows, findings } = audit(config)
  expect(findings).toEqual([])
  expect(tell(rows.filter((row) => row.isGap))).toEqual([])
})

test('neither has a config that declares nothing, where nothing is asked of it', () => {
  const plain = { ours: aiSdk({ url: '/api/chat' }), mini: keyed({}), sorry }
  expect(findingsOf(configOf({ limits: { totalMs: 60_000 } }, { routes: plain }))).toEqual([])
  const prepared: Given = {
    routes: { sorry },
    workloads: { chat: { ladder: ['sorry'], safe: 'sorry', limits: { thread: { costUsd: 1 } } } },
    tiers: { free: { budget: { usdPerDay: 1 } } },
  }
  expect(audit(prepared)).toEqual({ rows: [], findings: [] })
})

test('each workload, tier, arm and route that may serve has a row for each kind', () => {
  const config: Given = {
    routes,
    workloads: {
      chat: {
        ...chat,
        experiment: {
          name: 'order',
          arms: {
            old: { ladder: ['ours', 'mini'], share: 0.5 },
            new: { ladder: ['mini', 'ours'], share: 0.5 },
          },
        },
      },
      brief: { ladder: ['mini'], safe: 'sorry' },
    },
    tiers: { free: { deny: ['ours'] }, pro: { ladders: { chat: ['mini', 'ours'] } } },
  }
  const { rows } = audit(config)
  const places = rows.map(({ workload, tier, arm, on }) =>
    [workload, tier, arm ?? [], on].flat().join(' '),
  )
  const counts = Object.groupBy(places, (place) => place)
  expect(Object.entries(counts).map(([place, all = []]) => `${place} ${all.length}`)).toEqual([
    'chat free mini 22',
    'chat free new mini 22',
    'chat pro mini 22',
    'chat pro ours 22',
    'brief free mini 22',
    'brief pro mini 22',
  ])
  expect(new Set(rows.map(({ kind }) => kind))).toEqual(new Set(FAILURE_KINDS))
})

test('each kind leads where the policy has it, with a reason', () => {
  expect(rowsOf(configOf(), 'ours')).toEqual([
    'rate-limit ours -> route mini',
    'quota-exhausted ours -> route mini',
    'timeout ours -> route mini',
    'queue-stall ours -> route mini',
    'stream-stall ours -> route mini',
    'outage ours -> route mini',
    'network ours -> route mini',
    'offline ours -> pause',
    'blocked-request ours -> route mini',
    'invalid-response ours -> route mini',
    'truncated ours -> route mini',
    'auth ours -> route mini',
    'not-found ours -> route mini',
    'invalid-request ours -> route mini',
    'context-length ours -> route mini',
    'unsupported-capability ours -> route mini',
    'budget-breach ours -> safe sorry',
    'latency-ceiling ours -> route mini',
    'quality-floor ours -> keep',
    'blocked-content ours -> safe sorry',
    'region-restriction ours -> route mini',
    'compliance-mismatch ours -> route mini',
  ])
  const last: FailureKind[] = ['timeout', 'outage', 'network', 'invalid-request', 'offline']
  expect(rowsOf(configOf(), 'mini', last)).toEqual([
    'timeout mini -> safe sorry',
    'outage mini -> retry mini',
    'network mini -> retry mini',
    'offline mini -> pause',
    'invalid-request mini -> stop',
  ])
  const { rows } = audit(configOf())
  const because = (on: string, kind: FailureKind): string | undefined =>
    rows.find((row) => row.on === on && row.kind === kind)?.because
  expect(because('ours', 'timeout')).toBe(
    'timeout: mini is the next acceptable route of another provider',
  )
  expect(because('mini', 'outage')).toBe(
    'it is the last route, and it failed fast; should that fail too: sorry (no acceptable route is left)',
  )
  expect(because('mini', 'offline')).toBe(
    'offline: waiting for the network, and after a while sorry',
  )
})

test('a rule of the workload or the tier decides before the defaults do', () => {
  const config = configOf(
    { on: { timeout: 'safe', outage: ['sorry'] } },
    { tiers: { free: {}, pro: { on: { timeout: 'stop' } } } },
  )
  expect(rowsOf(config, 'ours', ['timeout', 'outage'])).toEqual([
    'timeout ours -> safe sorry',
    'outage ours -> route sorry',
    'timeout ours -> stop',
    'outage ours -> route sorry',
  ])
})

test('what another route of the same account would meet too is not gone to', () => {
  const config = configOf(
    { ladder: ['one', 'two', 'mini'] },
    { routes: { one: keyed({ provider: 'p' }), two: keyed({ provider: 'p' }) } },
  )
  expect(rowsOf(config, 'one', ['auth', 'quota-exhausted', 'not-found', 'timeout'])).toEqual([
    'quota-exhausted one -> route mini',
    'timeout one -> route mini',
    'auth one -> route mini',
    'not-found one -> route two',
  ])
})

test('what was spent and tried before counts', () => {
  const dear = { inputPerMTok: 0, outputPerMTok: 10 }
  const config = configOf(
    { ladder: ['a', 'b', 'c'], limits: { costUsd: 0.02 } },
    {
      routes: {
        a: keyed({ price: dear }),
        b: keyed({ price: dear, provider: 'b' }),
        c: keyed({ price: dear, provider: 'c' }),
      },
    },
  )
  const kinds: FailureKind[] = ['timeout', 'outage']
  expect(rowsOf(config, 'a', kinds)).toEqual(['timeout a -> route b', 'outage a -> route b'])
  expect(rowsOf(config, 'b', kinds)).toEqual(['timeout b -> safe sorry', 'outage b -> route c'])
  const short = configOf({ ladder: ['ours', 'mini'], limits: { maxAttempts: 1 } })
  expect(rowsOf(short, 'ours', ['timeout', 'offline'])).toEqual([
    'timeout ours -> safe sorry',
    'offline ours -> pause',
  ])
})

test('a thread and a budget are drawn on too, and a budget by what the product pays alone', () => {
  const price = { inputPerMTok: 0, outputPerMTok: 10 }
  const three = {
    a: keyed({ price, provider: 'a', payer: 'user' }),
    b: keyed({ price, provider: 'b' }),
    c: keyed({ price, provider: 'c' }),
  }
  const ladder = ['a', 'b', 'c']
  const ask = { payer: false }
  const thread = configOf({ ladder, ask, limits: { thread: { costUsd: 0.02 } } }, { routes: three })
  expect(rowsOf(thread, 'b', ['timeout'])).toEqual(['timeout b -> safe sorry'])
  const tiers = { free: { budget: { usdPerDay: 0.02 } }, poor: { budget: { usdPerDay: 0.012 } } }
  const budget = configOf({ ladder, ask }, { routes: three, tiers })
  expect(rowsOf(budget, 'b', ['timeout'])).toEqual([
    'timeout b -> route c',
    'timeout b -> safe sorry',
  ])
})

test('what was blocked goes to the routes that its list names, and to no other', () => {
  const config = configOf(
    { ladder: ['ours', 'mini', 'other'], on: { 'blocked-content': ['mini'] } },
    { routes: { other: keyed({ provider: 'other' }) } },
  )
  expect(rowsOf(config, 'ours', ['blocked-content'])).toEqual([
    'blocked-content ours -> route mini',
  ])
  expect(rowsOf(config, 'mini', ['blocked-content'])).toEqual([
    'blocked-content mini -> safe sorry',
  ])
})

test('offline leads to a route on the device, and to nothing else', () => {
  const config = configOf({ ladder: ['ours', 'mini', 'local'] }, { routes: { local: onDevice() } })
  expect(rowsOf(config, 'ours', ['offline'])).toEqual(['offline ours -> route local'])
})

test('recovery decides about a text that is on the screen', () => {
  const kinds: FailureKind[] = ['stream-stall', 'truncated', 'timeout']
  expect(rowsOf(configOf({ recovery: 'keep' }), 'ours', kinds)).toEqual([
    'timeout ours -> route mini',
    'stream-stall ours -> keep',
    'truncated ours -> keep',
  ])
  expect(rowsOf(configOf({ recovery: 'ask', safe: undefined }), 'ours', ['truncated'])).toEqual([
    'truncated ours -> ask mini',
  ])
})

test('of a route that has begun to answer it is known how fast it is', () => {
  const slow = keyed({ provider: 'slow', expect: { firstChunkMs: 3000 } })
  const config = configOf(
    { ladder: ['mini', 'slow'], on: { 'stream-stall': 'faster', timeout: 'faster' } },
    { routes: { mini: keyed({}), slow } },
  )
  expect(rowsOf(config, 'mini', ['stream-stall', 'timeout'])).toEqual([
    'timeout mini -> route slow',
    'stream-stall mini -> safe sorry',
  ])
})

test('without a safe answer the end of the ladder is a gap, whatever ends it, but for a refused request', () => {
  const gaps = gapsOf(configOf({ safe: undefined }))
  expect(gaps.filter((line) => line.includes(' ours ->'))).toEqual([
    'offline ours -> pause GAP',
    'budget-breach ours -> stop GAP',
    'blocked-content ours -> stop GAP',
  ])
  expect(gaps.filter((line) => line.includes(' mini ->'))).toHaveLength(20)
  expect(gaps).toContain('outage mini -> retry mini GAP')
  expect(rowsOf(configOf({ safe: undefined }), 'mini', ['invalid-request'])).toEqual([
    'invalid-request mini -> stop',
  ])
})

test('an end that a rule asks for is no gap', () => {
  const on = { 'blocked-content': 'stop', offline: 'stop', 'invalid-request': 'next' } as const
  const gaps = gapsOf(configOf({ safe: undefined, on }))
  expect(gaps.filter((line) => /blocked-content|offline/.test(line))).toEqual([])
  // Whoever wants a refused request to go on wants it to arrive.
  expect(gaps).toContain('invalid-request mini -> stop GAP')
})

test('a question that nobody may be there to answer is a gap where a no leads nowhere', () => {
  const own = keyed({ payer: 'user' })
  const ask = configOf({ ladder: ['ours', 'own'] }, { routes: { own } })
  expect(rowsOf(ask, 'ours', ['timeout'])).toEqual(['timeout ours -> ask own'])
  expect(gapsOf(ask)).toEqual([])
  const bare = configOf({ ladder: ['ours', 'own'], safe: undefined }, { routes: { own } })
  expect(rowsOf(bare, 'ours', ['timeout'])).toEqual(['timeout ours -> ask own GAP'])
  const agreed = configOf(
    { ladder: ['ours', 'own'], safe: undefined, ask: { payer: false } },
    { routes: { own } },
  )
  expect(rowsOf(agreed, 'ours', ['timeout'])).toEqual(['timeout ours -> route own'])
  const { rows } = audit(ask)
  expect(rows.find(({ kind }) => kind === 'timeout')?.because).toBe(
    'own changes what was promised: the user decides; where nobody can answer: sorry (no acceptable route is left)',
  )
})

test('a canned answer in the ladder ends it, and does not fail', () => {
  const config = configOf({ ladder: ['ours', 'mini', 'sorry'], safe: undefined })
  expect(rowsOf(config, 'sorry')).toEqual([])
  expect(rowsOf(config, 'mini', ['timeout'])).toEqual(['timeout mini -> route sorry'])
  expect(
    gapsOf(config).filter((line) => !/offline|breach|floor|blocked-content|length/.test(line)),
  ).toEqual([])
})

const dear = keyed({ provider: 'dear', price: { inputPerMTok: 10, outputPerMTok: 100 } })
const unpriced = keyed({ provider: 'new' })
const arms = (one: string[], other: string[]): Partial<Workload<string>> => ({
  experiment: {
    name: 'x',
    arms: { a: { ladder: one, share: 0.5 }, b: { ladder: other, share: 0.5 } },
  },
})

test.each<[what: string, config: Given, findings: string[]]>([
  [
    'a route alone without a safe answer',
    configOf({ ladder: ['ours'], safe: undefined }, { routes: { mini: sorry } }),
    [
      'warning workloads.chat.safe: is not set: where no route can answer, the run fails and shows an error',
      'error workloads.chat.ladder: ours is the only route that may serve: when it fails, there is no answer',
      'warning routes.mini: no ladder, list or safe answer names it',
      'warning routes.sorry: no ladder, list or safe answer names it',
    ],
  ],
  [
    'a route alone for one tier',
    configOf({}, { tiers: { free: { deny: ['mini'] }, pro: {} } }),
    [
      'warning workloads.chat.ladder: ours is the only route that may serve: when it fails, everybody gets the prepared answer (tier free)',
    ],
  ],
  [
    'a ladder on one provider',
    configOf(
      { ladder: ['mini', 'other'] },
      { routes: { ours: sorry, other: keyed({ account: 'b' }) } },
    ),
    [
      'warning workloads.chat.ladder: mini, other are all of api.openai.com: its outage takes all of them',
      'warning routes.ours: no ladder, list or safe answer names it',
    ],
  ],
  [
    'a ladder on one account',
    configOf(
      { ladder: ['mini', 'big'], on: { timeout: ['ours'] } },
      { routes: { ours: keyed({}), big: keyed({}) } },
    ),
    [
      'warning workloads.chat.ladder: mini, big, ours share one account of api.openai.com: an outage, a refused key or a spent account takes all of them',
    ],
  ],
  [
    'a rung that no tier may use',
    configOf(
      { ladder: ['ours', 'mini', 'us'] },
      {
        routes: { us: keyed({ provider: 'us-only', region: 'us' }) },
        tiers: { free: { deny: ['us'] }, eu: { deny: ['us'] } },
      },
    ),
    ['warning workloads.chat.ladder[2]: us can serve nobody here: the tier may not use it'],
  ],
  [
    'a rung that every tier has another reason against',
    configOf(
      { ladder: ['ours', 'mini', 'weak'] },
      {
        routes: { weak: keyed({ provider: 'weak', quality: 0.2 }) },
        tiers: { free: { deny: ['weak'] }, pro: { limits: { minQuality: 0.5 } } },
      },
    ),
    [
      'warning workloads.chat.ladder[2]: weak can serve nobody here: for free, the tier may not use it; for pro, its quality is 0.2, the least is 0.5',
    ],
  ],
  [
    'a rung behind one that always answers',
    configOf({ ladder: ['ours', 'sorry', 'mini'] }),
    ['warning workloads.chat.ladder[2]: mini stands behind sorry, which always answers'],
  ],
  [
    'a rung that is too dear',
    configOf({ ladder: ['ours', 'mini', 'dear'], limits: { costUsd: 0.01 } }, { routes: { dear } }),
    [
      'warning workloads.chat.ladder[2]: dear can serve nobody here: it would cost about 0.0900 USD, the limit is 0.0100 USD',
    ],
  ],
  [
    'a list whose route may not serve',
    configOf(
      { on: { outage: ['far'] } },
      {
        routes: {
          far: keyed({ provider: 'far', region: 'us' }),
          ours: keyed({ provider: 'us', region: 'eu' }),
          mini: keyed({ region: 'eu' }),
        },
        tiers: { eu: { regions: ['eu'] } },
      },
    ),
    [
      'warning workloads.chat.on.outage[0]: far can serve nobody here: its region is us, only eu will do',
    ],
  ],
  [
    "a tier's own list whose route may not serve",
    configOf(
      {},
      {
        tiers: { free: { deny: ['far'], on: { outage: ['far'] } }, pro: {} },
        routes: { far: unpriced },
      },
    ),
    ['warning tiers.free.on.outage[0]: far can serve nobody here: the tier may not use it'],
  ],
  [
    'a ceiling below every wait',
    configOf({ limits: { firstChunkMs: 500 } }),
    [
      'error workloads.chat.limits.firstChunkMs: 500 ms is less than any route of chat needs: the fastest, mini is expected to take 600 ms',
    ],
  ],
  [
    'a ceiling below waits that nobody knows',
    configOf(
      { limits: { firstChunkMs: 500 } },
      { routes: { ours: keyed({ provider: 'a' }), mini: unpriced } },
    ),
    [
      'warning workloads.chat.limits.firstChunkMs: 500 ms is less than any route of chat needs: the fastest, ours is expected to take 1 s as long as it does not declare a wait',
    ],
  ],
  [
    'a time for the whole run that is over before the first words',
    configOf({}, { tiers: { free: { limits: { totalMs: 700 } }, pro: {} } }),
    [
      'warning workloads.chat.ladder: mini is the only route that may serve: when it fails, everybody gets the prepared answer (tier free)',
      'error tiers.free.limits.totalMs: 700 ms are over before chat has its first words: ours is expected to take 800 ms',
    ],
  ],
  [
    'a time for the whole run that no route can keep',
    configOf({ limits: { totalMs: 10 } }),
    [
      'error workloads.chat.limits.totalMs: 10 ms are over before chat has its first words: ours is expected to take 800 ms',
    ],
  ],
  [
    'a time for the whole run that is over before an answer is whole',
    configOf(
      { limits: { totalMs: 4000 } },
      {
        routes: {
          ours: keyed({ provider: 'a', expect: { firstChunkMs: 800, tokensPerSecond: 20 } }),
          mini: keyed({ provider: 'b', expect: { firstChunkMs: 600, tokensPerSecond: 30 } }),
        },
      },
    ),
    [
      'warning workloads.chat.limits.totalMs: 4 s are over before chat has a whole answer: the fastest, mini, is expected to take 4.8 s',
    ],
  ],
  [
    'a time for the whole run in which one route may be whole, for all that is known',
    configOf(
      { limits: { totalMs: 4000 } },
      {
        routes: {
          ours: keyed({ provider: 'a', expect: { firstChunkMs: 800, tokensPerSecond: 20 } }),
          mini: keyed({ provider: 'b', expect: { firstChunkMs: 600 } }),
        },
      },
    ),
    [],
  ],
  [
    'a rung that is slower than the whole run',
    configOf(
      { ladder: ['ours', 'mini', 'deep'], limits: { totalMs: 5000 } },
      { routes: { deep: keyed({ provider: 'deep', expect: { firstChunkMs: 9000 } }) } },
    ),
    [
      'warning workloads.chat.ladder[2]: deep can serve nobody here: its first word takes about 9000 ms, and 5000 ms are left',
    ],
  ],
  [
    'a time for a thread that is over before the first words',
    configOf({ limits: { thread: { totalMs: 700 } } }),
    [
      'warning workloads.chat.ladder: mini is the only route that may serve: when it fails, everybody gets the prepared answer',
      'error workloads.chat.limits.thread.totalMs: 700 ms are over before chat has its first words: ours is expected to take 800 ms',
    ],
  ],
  [
    'a cost limit below every price',
    configOf(
      { ladder: ['mini', 'dear'], limits: { costUsd: 0.0001 } },
      { routes: { dear, ours: sorry } },
    ),
    [
      'error workloads.chat.limits.costUsd: one answer of chat costs about 0.0021 USD at least',
      'warning routes.ours: no ladder, list or safe answer names it',
    ],
  ],
  [
    'a cost limit for small answers',
    configOf(
      { ladder: ['mini', 'two'], limits: { costUsd: 0.001 } },
      { routes: { ours: sorry, two: keyed({ provider: 'two', price: cheap }) } },
    ),
    [
      'warning workloads.chat.limits.costUsd: it is too little for chat but with short answers: where a request does not say so by maxOutputTokens, no route may serve',
      'warning routes.ours: no ladder, list or safe answer names it',
    ],
  ],
  [
    'a route without a price under a cost limit',
    configOf(
      { ladder: ['ours', 'mini', 'new'], limits: { costUsd: 0.01 } },
      { routes: { new: unpriced } },
    ),
    ['warning routes.new.price: is not declared, so new may not serve chat, whose cost is limited'],
  ],
  [
    'a cost limit for a thread below one answer',
    configOf(
      { ladder: ['mini', 'two'], limits: { thread: { costUsd: 0.0001 } } },
      { routes: { ours: sorry, two: keyed({ provider: 'two', price: cheap }) } },
    ),
    [
      'error workloads.chat.limits.thread.costUsd: one answer of chat costs about 0.0021 USD at least',
      'warning routes.ours: no ladder, list or safe answer names it',
    ],
  ],
  [
    'a budget with a price missing',
    configOf(
      { ladder: ['ours', 'mini', 'new'] },
      { routes: { new: unpriced }, tiers: { free: { budget: { usdPerSession: 1 } }, pro: {} } },
    ),
    [
      'warning routes.new.price: is not declared, so new may not serve chat, whose cost is limited (tier free)',
    ],
  ],
  [
    'a budget below one answer',
    configOf(
      { ladder: ['mini', 'dear'] },
      { routes: { dear, ours: sorry }, tiers: { free: { budget: { usdPerDay: 0.0001 } } } },
    ),
    [
      'error tiers.free.budget.usdPerDay: one answer of chat costs about 0.0021 USD at least',
      'warning routes.ours: no ladder, list or safe answer names it',
    ],
  ],
  [
    'one attempt for a ladder of several',
    configOf({ limits: { maxAttempts: 1 } }),
    [
      'warning workloads.chat.limits.maxAttempts: with one attempt, no failure of chat is followed by another route',
    ],
  ],
  [
    'a first question before every run',
    configOf({ ask: { first: { waitMs: 100 } } }),
    [
      'warning workloads.chat.ask.first: every route of chat is over it, so each run begins with a question, and where nobody can answer there is no answer but the prepared one',
    ],
  ],
  [
    'hedging without a second provider of equal quality',
    configOf({ hedge: true }),
    [
      'warning workloads.chat.hedge: never happens: beside no route is there one of another provider that is as good, needs no question and fits the limits with it',
    ],
  ],
  [
    'a hold-out where nothing follows',
    configOf({ ladder: ['ours'], holdOut: { share: 0.1 } }, { routes: { mini: sorry } }),
    [
      'warning workloads.chat.ladder: ours is the only route that may serve: when it fails, everybody gets the prepared answer',
      'warning routes.mini: no ladder, list or safe answer names it',
      'warning workloads.chat.holdOut: is never used: nobody is held out where a route has to carry certain tags, or where no other route follows',
    ],
  ],
  [
    'a hold-out where tags are required',
    configOf(
      { holdOut: { share: 0.1 } },
      {
        routes: {
          ours: keyed({ provider: 'us', compliance: ['gdpr'] }),
          mini: keyed({ compliance: ['gdpr'] }),
        },
        tiers: { eu: { require: ['gdpr'] } },
      },
    ),
    [
      'warning workloads.chat.holdOut: is never used: nobody is held out where a route has to carry certain tags, or where no other route follows',
    ],
  ],
  [
    'arms that are the same',
    configOf(arms(['mini', 'ours'], ['mini', 'ours'])),
    ['warning workloads.chat.experiment.arms.b: is the same as a: there is nothing to compare'],
  ],
  [
    'an experiment that nobody is in',
    configOf(arms(['mini', 'ours'], ['ours', 'mini']), {
      tiers: { free: { ladders: { chat: ['ours', 'mini'] } } },
    }),
    ['warning workloads.chat.experiment: every tier has a ladder of its own, so nobody is in it'],
  ],
  [
    'an arm on a single route',
    configOf(arms(['mini', 'ours'], ['ours'])),
    [
      'warning workloads.chat.experiment.arms.b.ladder: ours is the only route that may serve: when it fails, everybody gets the prepared answer',
    ],
  ],
  [
    'a ladder that takes no request of any length',
    configOf(
      { ladder: ['tiny'] },
      { routes: { tiny: keyed({ contextTokens: 500 }), ours: sorry, mini: sorry } },
    ),
    [
      'error workloads.chat.ladder: no route of chat may serve (tiny: it takes 500 tokens, this needs about 1000)',
      'warning routes.ours: no ladder, list or safe answer names it',
      'warning routes.mini: no ladder, list or safe answer names it',
    ],
  ],
  [
    'a review of everything',
    configOf({}, { tiers: { free: { reviewBelow: 0.95 }, pro: { reviewBelow: 0.8 } } }),
    [
      'warning tiers.free.reviewBelow: every answer is marked for review: the best route that may serve has a quality of 0.9, 0.95 is asked for',
    ],
  ],
])('it finds %s', (_, config, findings) => {
  expect(findingsOf(config)).toEqual(findings)
})

function refusal(make: () => unknown): unknown {
  try {
    return make()
  } catch (error) {
    return error
  }
}

test('where nothing has a price, no cost limit and no budget can be kept', () => {
  const only = { routes: { new: unpriced, newer: keyed({}), ours: sorry, mini: sorry } }
  const ladder = ['new', 'newer']
  const limited = configOf({ ladder, limits: { costUsd: 0.01 } }, only)
  const budget = configOf({ ladder }, { ...only, tiers: { free: { budget: { usdPerDay: 1 } } } })
  for (const config of [limited, budget]) {
    const told = refusal(() => findingsOf(config))
    expect(String(told)).toMatch(/price\b.* is unknown/)
  }
})

test('it refuses what createLLM refuses, in the same words', () => {
  const wrong = configOf({ ladder: ['ours', 'mimi'], limits: { minQuality: 2 } })
  const told = refusal(() => audit(wrong))
  expect(told).toBeInstanceOf(TypeError)
  expect(told).toEqual(refusal(() => createLLM(wrong)))
})

test('it reads no key, asks no model and sends nothing', () => {
  const read: string[] = []
  const config = configOf(
    { ladder: ['secret', 'mini', 'local', 'empty'] },
    {
      routes: {
        secret: openai({
          model: 'm',
          provider: 'secret',
          apiKey: () => {
            read.push('key')
            return 'key'
          },
        }),
        local: onDevice(),
        // What stands here in the pipeline's environment says nothing of the product's.
        empty: openai({ model: 'm', provider: 'empty', apiKey: '' }),
        ours: sorry,
      },
    },
  )
  const { rows } = audit(config)
  expect(read).toEqual([])
  expect(new Set(rows.map(({ on }) => on))).toEqual(new Set(['secret', 'mini', 'local', 'empty']))
})
