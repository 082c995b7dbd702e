import { createHealthBook } from '../health/book.ts'
import { leftOf, noLedger, reduceLedger, type Budget } from '../policy/budget.ts'
import type { Purse } from '../run/budget.ts'
import { needsOf, type Brief, type Shared } from '../run/survey.ts'
import { createThreads } from '../run/thread.ts'
import type { World } from '../words/world.ts'

/** Nothing moves here: no time passes, and whatever is drawn by lot comes out in the middle. */
function still(isOnline: boolean): World {
  return {
    fetch: () => Promise.reject(new TypeError('An audit sends nothing.')),
    now: () => 0,
    timeOrigin: 0,
    after: () => () => undefined,
    random: () => 0.5,
    page: {
      isOnline: () => isOnline,
      isHidden: () => false,
      watch: () => () => undefined,
      watchLeaving: () => () => undefined,
      watchCopy: () => () => undefined,
      wantsPrivacy: () => true,
      measure: () => undefined,
      beacon: () => false,
      hasBlocked: () => Promise.resolve(false),
    },
    channel: () => null,
    local: { read: () => null, write: () => undefined },
    storage: null,
    archive: () => null,
    locks: null,
    digest: (text) => Promise.resolve(text),
  }
}

/** What the runs of a page share that was opened this moment. */
export function freshPage<Name extends string>(
  routes: Shared<Name>['routes'],
  isOnline: boolean,
): Shared<Name> {
  const world = still(isOnline)
  const rungs = [...routes.values()].map(({ rung }) => rung)
  return {
    routes,
    world,
    book: createHealthBook(rungs, world.now, world.random, () => undefined),
    refusedKeys: new Map(),
    availabilities: new Map(),
    consents: [],
    holdOuts: new Map(),
    hedges: new Map(),
  }
}

/** What the attempts so far cost, each at what it was reckoned, USD: all of them, and those that the product pays. */
export interface Spent {
  readonly usd: number
  readonly ownUsd: number
}

export function briefOf<Name extends string>(
  { workload, terms }: Pick<Brief<Name>, 'workload' | 'terms'>,
  request: Brief<Name>['request'],
  canConfirm: boolean,
  { usd, ownUsd }: Spent,
): Brief<Name> {
  const thread = createThreads()(null)
  thread.spend(usd)
  return {
    workload,
    terms,
    request,
    needs: needsOf(request),
    kept: null,
    canConfirm,
    purse: terms.budget && purseOf(terms.budget, ownUsd),
    thread,
    availabilities: new Map(),
    check: () => Promise.resolve(),
  }
}

function purseOf(budget: Budget, usd: number): Purse {
  const entry = { type: 'reserve', id: '', usd, at: 0, budget: null } as const
  return {
    left: () => leftOf(reduceLedger(noLedger, entry), budget, 0),
    refresh: () => Promise.resolve(),
    reserve: () => Promise.resolve(null),
  }
}
