import type { Tier } from '../words/policy.ts'

export type Budget = NonNullable<Tier<string, string>['budget']>

/** What a user's attempts cost the product, as it is kept. Money is USD, instants are epoch ms. */
export interface Ledger {
  /** When anything was last written here: the latest of all tabs' clocks. */
  readonly seenAt: number
  /** What was settled on the UTC day of `seenAt`. */
  readonly dayUsd: number
  /** When the session began. */
  readonly startedAt: number
  readonly sessionUsd: number
  /** Attempts under way, each at its reserve. They are in neither sum yet. */
  readonly open: readonly Reserve[]
}
interface Reserve {
  readonly id: string
  readonly usd: number
  readonly at: number
}

/** What is written into a ledger. Each counts once, however often it is written while its attempt is open. */
export type Entry =
  /** An attempt begins. With a budget it is refused where it does not fit, else it counts whatever there is left. */
  | (Reserve & { readonly type: 'reserve'; readonly budget: Budget | null })
  /** It has ended, and cost this much. */
  | (Reserve & { readonly type: 'settle' })

/** What is left of a budget, and of which of its two sides; Infinity without a budget. */
export interface Left {
  readonly usd: number
  readonly per: 'day' | 'session'
  /** When there is more, where that is known. */
  readonly until: number | null
}

export const noLedger: Ledger = {
  seenAt: 0,
  dayUsd: 0,
  startedAt: 0,
  sessionUsd: 0,
  open: [],
}
export const noBudget: Left = { usd: Infinity, per: 'day', until: null }

const DAY_MS = 86_400_000
/** A session is over when nothing has begun or ended for so long. */
const SESSION_MS = 1_800_000
/** Whoever has not settled in this time is gone, and may have been billed. */
const OPEN_MS = 3_600_000

const dayOf = (at: number): number => Math.floor(at / DAY_MS)

/** A ledger as it was found in storage. What is none, or of a clock that was days ahead, is not believed. */
export function readLedger(found: unknown, now: number): Ledger {
  return isLedger(found) && found.seenAt < now + DAY_MS ? found : noLedger
}

function isLedger(found: unknown): found is Ledger {
  const { seenAt, startedAt, dayUsd, sessionUsd, open } = fieldsOf(found)
  return (
    [dayUsd, sessionUsd, seenAt].every((amount) => isUpTo(amount, Number.MAX_VALUE)) &&
    isUpTo(startedAt, seenAt) &&
    Array.isArray(open) &&
    open.map(fieldsOf).every(
      // Of a later time than the ledger's it would never end.
      ({ id, usd, at }) =>
        typeof id === 'string' && isUpTo(usd, Number.MAX_VALUE) && isUpTo(at, seenAt),
    )
  )
}

function fieldsOf(found: unknown): Readonly<Record<string, unknown>> {
  return { ...Object(found) }
}

function isUpTo(amount: unknown, most: unknown): boolean {
  return typeof amount === 'number' && amount >= 0 && amount <= Number(most)
}

export function reduceLedger(ledger: Ledger, entry: Entry): Ledger {
  const { type, id, usd, at } = entry
  const ahead = advance(ledger, at)
  const known = ahead.open.find((row) => row.id === id)
  if (type === 'settle') return known ? close(ahead, known, usd) : ledger
  if (known || (entry.budget && usd > leftOf(ahead, entry.budget, at).usd)) return ledger
  // By the latest clock: a tab whose clock is behind must not write into a day or session that is over.
  return { ...ahead, open: [...ahead.open, { id, usd, at: ahead.seenAt }] }
}

/** What is left at an instant, never less than 0. */
export function leftOf(
  ledger: Ledger,
  { usdPerDay = Infinity, usdPerSession = Infinity }: Budget,
  now: number,
): Left {
  const { seenAt, startedAt, dayUsd, sessionUsd, open } = advance(ledger, now)
  const today = dayOf(seenAt)
  const rest = (budgetUsd: number, spentUsd: number, isIn: (at: number) => boolean): number => {
    const usd = open.reduce((sum, row) => sum + (isIn(row.at) ? row.usd : 0), spentUsd)
    // Sums of fractions are off by a hair, which must not refuse the last that fits.
    return Math.max(0, Math.round((budgetUsd - usd) * 1e9) / 1e9)
  }
  const day = rest(usdPerDay, dayUsd, (at) => dayOf(at) === today)
  const session = rest(usdPerSession, sessionUsd, (at) => at >= startedAt)
  return session < day
    ? { usd: session, per: 'session', until: null }
    : { usd: day, per: 'day', until: (today + 1) * DAY_MS }
}

/** The ledger at a later instant: the day and the session may be over, and attempts have been left open. */
function advance(ledger: Ledger, now: number): Ledger {
  const at = Math.max(now, ledger.seenAt)
  const closed = ledger.open
    .filter((row) => at - row.at > OPEN_MS)
    .reduce((rest, row) => close(rest, row, row.usd), ledger)
  return {
    ...closed,
    seenAt: at,
    ...(dayOf(at) > dayOf(ledger.seenAt) ? { dayUsd: 0 } : {}),
    ...(at - ledger.seenAt > SESSION_MS ? { startedAt: at, sessionUsd: 0 } : {}),
  }
}

/** An attempt is over: what it cost counts for the day and the session in which it began. */
function close(ledger: Ledger, { id, at }: Reserve, usd: number): Ledger {
  const { seenAt, dayUsd, startedAt, sessionUsd, open } = ledger
  return {
    ...ledger,
    dayUsd: dayUsd + (dayOf(at) === dayOf(seenAt) ? usd : 0),
    sessionUsd: sessionUsd + (at >= startedAt ? usd : 0),
    open: open.filter((row) => row.id !== id),
  }
}
