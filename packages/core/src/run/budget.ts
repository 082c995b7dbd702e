import {
  leftOf,
  noLedger,
  readLedger,
  reduceLedger,
  type Budget,
  type Entry,
  type Left,
} from '../policy/budget.ts'
import { describeThrown } from '../policy/thrown.ts'
import { newId } from '../store/identity.ts'
import type { Rung } from '../words/rung.ts'
import type { Shelf, World } from '../words/world.ts'
import { recent } from './recent.ts'
import { within } from './within.ts'

/** One user's budget, as a run draws on it. */
export interface Purse {
  /** By what this page knows now. */
  left(): Left
  /** Look at what other pages have spent meanwhile. */
  refresh(): Promise<void>
  /** Set aside what an attempt is expected to cost, USD; null where that does not fit any more. */
  reserve(usd: number): Promise<Settle | null>
}
/** Say what the attempt came to, USD. */
export type Settle = (usd: number) => void

/** What is set aside for one attempt. */
export interface Aside {
  /** What it is reckoned to cost, USD; null where that is unknown. */
  readonly usd: number | null
  readonly settle: Settle
}

/** Set aside what an attempt is reckoned to cost the product; null where that is no longer to be had. */
export async function setAside(
  purse: Purse | null,
  { payer }: Rung,
  usd: number | null,
): Promise<Aside | null> {
  if (!purse || !usd || payer === 'user') return { usd, settle: () => undefined }
  const settle = await purse.reserve(usd)
  return settle && { usd, settle }
}

/** Storage that does not answer in this time is not waited for, ms: what this page knows decides then. */
const PATIENCE_MS = 50
/** With another format it is another key, so that an older page that is still open cannot spoil it. */
const KEY = 'budget-1'

/** What one user has spent, in storage and in this page. */
interface Account {
  readonly left: (budget: Budget) => Left
  readonly refresh: () => Promise<void>
  readonly reserve: (usd: number, budget: Budget) => Promise<Settle | null>
}

/** The budgets of one LLM: of each user an account, in storage under the hash of who it is. */
export function createBudgets(world: World, identity: () => string): (budget: Budget) => Purse {
  const accounts = new Map<string, Account>()
  const memory = new Map<string, unknown>()
  const shelf = world.storage ?? {
    async update(key, change) {
      memory.set(key, change(memory.get(key)))
    },
  }
  return (budget) => {
    const id = identity()
    const account = recent(accounts, id, () => createAccount(world, shelf, id))
    return {
      left: () => account.left(budget),
      refresh: account.refresh,
      reserve: (usd) => account.reserve(usd, budget),
    }
  }
}

function createAccount(world: World, shelf: Shelf, user: string): Account {
  /** As storage had it last. */
  let stored = noLedger
  /** What is not in storage yet, in order. It stays until storage has it, in one piece with the rest. */
  let entries: readonly Entry[] = []
  /** Both together. */
  let ledger = stored
  let key: string | null = null
  /** Storage is worth waiting for. */
  let isPrompt = true
  let isFirst = true
  let hasWarned = false
  let writing: Promise<void> | null = null
  let following: Promise<void> | null = null
  let reserved = 0

  function add(entry: Entry): void {
    entries = [...entries, entry]
    ledger = reduceLedger(ledger, entry)
  }
  function drop(gone: readonly Entry[]): void {
    entries = entries.filter((entry) => !gone.includes(entry))
    ledger = entries.reduce(reduceLedger, stored)
  }
  async function write(): Promise<void> {
    const since = world.now()
    try {
      key ??= `${KEY} ${await world.digest(user)}`
      let written: readonly Entry[] = []
      let next = stored
      await shelf.update(key, (kept) => {
        written = entries
        next = written.reduce(reduceLedger, readLedger(kept, world.now()))
        return next
      })
      stored = next
      drop(written)
    } catch (error) {
      // What is not in storage is still in the page.
      if (!hasWarned) console.warn('[rungs] budgets hold for this page only', describeThrown(error))
      hasWarned = true
    }
    // To open it takes time, once.
    isPrompt = isFirst || world.now() - since <= PATIENCE_MS
    isFirst = false
  }
  async function begin(): Promise<void> {
    await write()
    writing = null
  }
  async function follow(before: Promise<void>): Promise<void> {
    await before
    following = null
    await sync()
  }
  /** Write what there is to write; one transaction at a time, and never rejects. */
  function sync(): Promise<void> {
    if (writing) return (following ??= follow(writing))
    writing = begin()
    return writing
  }
  async function refresh(): Promise<void> {
    let isIn = false
    async function note(): Promise<void> {
      await sync()
      isIn = true
    }
    const noted = note()
    if (!isPrompt) return
    await within(PATIENCE_MS, noted, world)
    isPrompt &&= isIn
  }

  return {
    left: (budget) => leftOf(ledger, budget, world.now()),
    refresh,
    async reserve(usd, budget) {
      const reserve = { id: newId(world.random, reserved), usd, at: world.now() }
      reserved += 1
      const asked: Entry = { ...reserve, type: 'reserve', budget }
      const settle: Settle = (cost) => {
        add({ ...reserve, type: 'settle', usd: cost, at: world.now() })
        void sync()
      }
      add(asked)
      await refresh()
      if (entries.includes(asked)) {
        // Storage has not decided, so the page does. Should it still come to that there, an id counts once.
        drop([asked])
        if (usd <= leftOf(ledger, budget, world.now()).usd) add({ ...asked, budget: null })
        else settle(0)
        void sync()
      }
      return ledger.open.some(({ id }) => id === reserve.id) ? settle : null
    },
  }
}
