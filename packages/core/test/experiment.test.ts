import { afterEach, describe, expect, test, vi } from 'vitest'
import { createLLM, type Plan, type Tier, type Workload } from '../src/index.ts'
import { armOf, murmur3 } from '../src/policy/experiment.ts'
import { createIdentity } from '../src/store/identity.ts'
import { local } from '../src/store/local.ts'
import { createVirtualWorld, scripted } from '../src/testing.ts'
import type { Local } from '../src/words/world.ts'
import { eventsOf, stage, type Stage } from './play.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

const down = [{ status: 503 }] as const
/** `a` is down, `b` is slow, `c` is quick. */
const routes = {
  a: scripted({ provider: 'a', quality: 0.9, expect: { firstChunkMs: 200 } }, down),
  b: scripted({ provider: 'b', expect: { firstChunkMs: 3000 } }, ['b']),
  c: scripted({ provider: 'c', expect: { firstChunkMs: 100 } }, ['c']),
}
const experiment = {
  name: 'order',
  arms: { now: { ladder: ['a', 'b', 'c'], share: 0.7 }, new: { ladder: ['c', 'a'], share: 0.3 } },
} as const
const NOW = { experiment: 'order', arm: 'now', propensity: 0.7 }
const NEW = { experiment: 'order', arm: 'new', propensity: 0.3 }
/** Two users, one in each arm. */
const [ada, bob] = ['ada', 'bob']

interface Given extends Partial<Workload<string>> {
  readonly tiers?: Readonly<Record<string, Tier<string, string>>>
}
function stageFor(user: string, { tiers, ...workload }: Given = {}): Stage {
  return stage(
    routes,
    { experiment, ...workload },
    { user: () => user, ...(tiers ? { tiers } : {}) },
  )
}

const halves = (name: string): Parameters<typeof armOf>[0] => ({
  name,
  arms: { a: { ladder: ['a'], share: 0.5 }, b: { ladder: ['b'], share: 0.5 } },
})

/** Sum of (found - due)^2 / due. */
const chiSquare = (found: readonly number[], due: readonly number[]): number =>
  found.reduce((sum, n, index) => sum + (n - (due[index] ?? 0)) ** 2 / (due[index] ?? 0), 0)
const tally = (keys: readonly string[]): number[] =>
  [...Map.groupBy(keys, String).values()].map(({ length }) => length)

const remembering = (texts: Record<string, string> = {}): Local => ({
  read: (key) => texts[key] ?? null,
  write: (key, text) => {
    texts[key] = text
  },
})

const refuse = (): never => {
  throw new DOMException('The operation is insecure.', 'SecurityError')
}

const make =
  (tiers?: Readonly<Record<string, Tier<string, string>>>): (() => unknown) =>
  () =>
    createLLM<string, string, string>({
      routes: { eu: scripted({ region: 'eu' }), us: scripted({ region: 'us' }) },
      workloads: {
        chat: {
          ladder: ['eu'],
          experiment: {
            name: 'far',
            arms: { near: { ladder: ['eu'], share: 0.5 }, far: { ladder: ['us'], share: 0.5 } },
          },
        },
      },
      ...(tiers ? { tiers } : {}),
    })

describe('a user of an experiment', () => {
  test.each([
    [ada, NOW, ['a', 'b', 'c']],
    [bob, NEW, ['c', 'a']],
  ])('has the ladder of one arm (%s)', (user, arm, ladder) => {
    const plan = stageFor(user).llm.explain({ workload: 'chat', prompt: 'Hello?' })
    expect(plan.arm).toEqual(arm)
    expect(plan.routes.map(({ route }) => route)).toEqual(ladder)
  })

  test('is told of the arm before anything is tried, and climbs its ladder alone', async () => {
    const { events, lines, outcome } = await stageFor(bob, { on: { outage: 'stronger' } }).play()
    const [planned] = eventsOf(events, 'planned')
    expect(planned?.plan.arm).toEqual(NEW)
    expect(lines).toEqual(['try c', '"c"', 'completed'])
    expect(outcome.degraded).toBeNull()
  })

  test('is promised the first rung of the arm, and directed among its rungs', async () => {
    const faster = { on: { outage: 'faster' } } as const
    const { lines, outcome } = await stageFor(ada, faster).play()
    expect(lines).toEqual(['try a', 'outage -> c', 'try c', '"c"', 'completed'])
    expect(outcome.degraded).toMatchObject({ from: 'a', to: 'c' })
    // Of the other arm's rungs, none is looked at.
    const only = {
      ...faster,
      experiment: { name: 'only', arms: { one: { ladder: ['a', 'b'], share: 1 } } },
    }
    expect((await stageFor(ada, only).play()).lines).toEqual([
      'try a',
      'outage -> safe sorry',
      'try sorry',
      '"Sorry."',
      'safe',
    ])
  })

  test('is outside it with a tier that has a ladder of its own', async () => {
    const tiers = { own: { ladders: { chat: ['b'] } }, other: {} }
    const { llm, play } = stageFor(bob, { tiers })
    const explain = (tier: string): Plan => llm.explain({ workload: 'chat', tier, prompt: 'Hi' })
    expect(explain('own')).toMatchObject({ arm: null, routes: [{ route: 'b' }] })
    expect(explain('other').arm).toEqual(NEW)
    const { events } = await play({ tier: 'own' })
    expect(eventsOf(events, 'planned')[0]?.plan.arm).toBeNull()
  })

  test('is another one when the product says so, at the next run', async () => {
    let user = ada
    const { llm } = stage(routes, { experiment }, { user: () => user })
    const arm = (): Plan['arm'] => llm.explain({ workload: 'chat', prompt: 'Hi' }).arm
    expect(arm()).toEqual(NOW)
    user = bob
    expect(arm()).toEqual(NEW)
  })

  test('whose name cannot be said is the one that is kept', () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const { llm, virtual } = stage(
      routes,
      { experiment },
      {
        user: () => {
          throw new Error('not signed in')
        },
      },
    )
    const id = 'kept000000000000'
    virtual.world.local.write('rungs.id', id)
    const { arm } = llm.explain({ workload: 'chat', prompt: 'Hi' })
    expect(arm?.arm).toBe(armOf(experiment, id))
    expect(told).toHaveBeenCalledExactlyOnceWith(
      '[rungs] user threw',
      expect.not.stringContaining('not signed in'),
    )
    told.mockRestore()
  })
})

describe('the arms of many users', () => {
  const users = Array.from({ length: 2000 }, (_, index) => `user-${index}`)

  test('are as many as their shares say', () => {
    const three = {
      name: 'three',
      arms: {
        wide: { ladder: ['a'], share: 0.6 },
        none: { ladder: ['a'], share: 0 },
        thin: { ladder: ['b'], share: 0.1 },
        rest: { ladder: ['c'], share: 0.3 },
      },
    }
    const arms = users.map((user) => armOf(three, user))
    const count = (arm: string): number => arms.filter((one) => one === arm).length
    expect(count('none')).toBe(0)
    // 2 degrees of freedom: above 9.2 once in a hundred.
    expect(chiSquare([count('wide'), count('thin'), count('rest')], [1200, 200, 600])).toBeLessThan(
      9.2,
    )
  })

  test('lie evenly, whatever users are called', () => {
    for (const name of [
      (n: number) => `${n}`,
      (n: number) => `u${n}@example.com`,
      (n: number) => `${'x'.repeat(n % 90)}${n}`,
    ]) {
      const bins = Array.from({ length: 16 }, () => 0)
      for (let n = 0; n < 16_000; n += 1) {
        const bin = Math.floor((murmur3(`order ${name(n)}`) / 2 ** 32) * 16)
        bins[bin] = (bins[bin] ?? 0) + 1
      }
      // 15 degrees of freedom: above 30.6 once in a hundred.
      expect(
        chiSquare(
          bins,
          bins.map(() => 1000),
        ),
      ).toBeLessThan(30.6)
    }
  })

  test('of one experiment say nothing of those of another', () => {
    for (const [one, other] of [
      ['order', 'price'],
      ['exp-1', 'exp-2'],
      ['a', 'b'],
    ] as const) {
      const pairs = users.map((user) => `${armOf(halves(one), user)}${armOf(halves(other), user)}`)
      // 3 degrees of freedom: above 11.3 once in a hundred.
      expect(chiSquare(tally(pairs), [500, 500, 500, 500])).toBeLessThan(11.3)
    }
  })

  test('do not depend on the order in which they are written', () => {
    const turned = { name: 'order', arms: { new: experiment.arms.new, now: experiment.arms.now } }
    expect(users.map((user) => armOf(turned, user))).toEqual(
      users.map((user) => armOf(experiment, user)),
    )
  })

  test('leave nobody out where shares add up to a little less than 1', () => {
    const [u] = users.toSorted((one, other) => murmur3(`n ${other}`) - murmur3(`n ${one}`))
    const short = {
      name: 'n',
      arms: {
        a: { ladder: ['a'], share: 0.5 },
        b: { ladder: ['a'], share: 0.49 },
        c: { ladder: ['a'], share: 0 },
      },
    }
    expect(armOf(short, u ?? '')).toBe('b')
  })
})

// What other implementations say: Python's mmh3 5, `mmh3.hash(text, 0, signed=False)`.
test.each([
  ['', 0],
  ['test', 3127628307],
  ['Hello, world!', 3224780355],
  ['The quick brown fox jumps over the lazy dog', 776992547],
  ['cheap-first ada@example.com', 2569716125],
  ['cheap-first Jürgen 🚀', 2135651456],
  ['x 1', 3843719133],
  ['x 12', 2416644063],
  ['x 123', 1747787158],
])('the hash of "%s" is everywhere the same', (text, hash) => {
  expect(murmur3(text)).toBe(hash)
})

// What the Python of docs/experiments.md says.
test.each([
  ['ada', 'now'],
  ['bob', 'Zeta'],
  ['user-1', 'now'],
  ['user-2', 'Zeta'],
  ['user-3', 'mini'],
  ['Jürgen', 'Zeta'],
  ['日本', 'Zeta'],
])('%s is everywhere in the same arm', (user, arm) => {
  const arms = { now: 0.5, mini: 0.2, old: 0, Zeta: 0.3 }
  const given = Object.entries(arms).map(([name, share]) => [name, { ladder: ['a'], share }])
  expect(armOf({ name: 'mini-first', arms: Object.fromEntries(given) }, user)).toBe(arm)
})

describe('a user whom the product does not name', () => {
  const forgetting: Local = { read: () => null, write: () => undefined }
  const { random } = createVirtualWorld({ seed: 7 }).world

  test('is the same after a reload, and on no two browsers', () => {
    const [one, other] = [remembering(), remembering()]
    const id = createIdentity(undefined, { random, local: one })()
    expect(id).toMatch(/^[\da-v]{16}$/)
    expect(createIdentity(() => '', { random, local: one })()).toBe(id)
    expect(createIdentity(undefined, { random, local: other })()).not.toBe(id)
  })

  test('is one for the page where nothing can be kept', () => {
    const who = createIdentity(undefined, { random, local: forgetting })
    expect(who()).toBe(who())
    expect(createIdentity(undefined, { random, local: forgetting })()).not.toBe(who())
  })

  test('is somebody new where what is kept is no id', () => {
    expect(
      createIdentity(undefined, { random, local: remembering({ 'rungs.id': 'x' }) })(),
    ).not.toBe('x')
  })

  test('is nobody until a run needs to know', async () => {
    const { virtual, play } = stage(routes, {}, {})
    await play()
    expect(virtual.world.local.read('rungs.id')).toBeNull()
    const named = stageFor(ada)
    await named.play()
    expect(named.virtual.world.local.read('rungs.id')).toBeNull()
    const other = stage(routes, { experiment })
    await other.play()
    expect(other.virtual.world.local.read('rungs.id')).toMatch(/^[\da-v]{16}$/)
  })
})

describe('what is kept of a user', () => {
  test('is in localStorage, where there is a page', () => {
    const texts = new Map<string, string>()
    vi.stubGlobal('localStorage', {
      getItem: (key: string) => texts.get(key) ?? null,
      setItem: (key: string, text: string) => texts.set(key, text),
    })
    local.write('k', 'server')
    expect([local.read('k'), texts.size]).toEqual([null, 0])
    vi.stubGlobal('document', {})
    local.write('k', 'page')
    expect([local.read('k'), texts.get('k')]).toEqual(['page', 'page'])
  })

  test('is nothing where the browser refuses', () => {
    vi.stubGlobal('document', {})
    vi.stubGlobal('localStorage', { getItem: refuse, setItem: refuse })
    local.write('k', 'x')
    expect(local.read('k')).toBeNull()
    vi.stubGlobal('localStorage', undefined)
    local.write('k', 'x')
    expect(local.read('k')).toBeNull()
  })
})

describe('an arm none of whose routes can serve', () => {
  test('is a problem of the config for each tier that is in the experiment', () => {
    const own = { regions: ['eu'], ladders: { chat: ['eu'] } }
    expect(make({ strict: { regions: ['eu'] }, own, free: {} })).toThrow(
      'createLLM: a problem in the config:\n- tiers.strict with workloads.chat.experiment.arms.far: no route of the ladder is acceptable (us: its region is us, only eu will do)',
    )
    expect(make({ own, free: {} })).not.toThrow()
    expect(make()).not.toThrow()
  })
})
