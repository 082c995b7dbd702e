import type { Answer } from '@rungs/analytics'

/** What a page tells of a run beside its telemetry. */
export interface Fact {
  readonly id: string
  readonly what: 'begun' | 'ended'
  /** Epoch ms. */
  readonly at: number
}

/** What a page tells that could tell nobody meanwhile. */
export interface Told {
  readonly facts: readonly Fact[]
  /** From a run's beginning or end to where nothing can take it back, ms. */
  readonly writes: readonly number[]
}

/** A page that was left, with what it had told. */
export interface LeftPage {
  readonly leftAt: number
  readonly facts: readonly Fact[]
}

/** What became of the runs of pages that were left, once their user had come back. */
export interface Fate {
  readonly begun: number
  /** Of those that ended `SAFE_MS` before their page was left: told so; and not, which must not be. */
  readonly safe: number
  readonly missing: readonly string[]
  /** Of those that ended later: told so, or as cut. */
  readonly late: number
  readonly lateTold: number
  /** Of those that were cut: told as abandoned, or as lost. */
  readonly abandoned: number
  readonly lost: number
  /** Begun `SAFE_MS` before, and nothing came of them; and so, begun later. */
  readonly vanished: readonly string[]
  readonly young: number
  /** There more than once. */
  readonly doubled: number
  /** For each page: how old the oldest news was that was lost with it, ms; 0 where none was. */
  readonly windows: readonly number[]
}

/** What has ended so long before its page goes is there for certain, ms. */
export const SAFE_MS = 250

/** Judge by DuckDB's rows. */
export function fateOf(pages: readonly LeftPage[], rows: readonly Answer[]): Fate {
  const statuses = new Map(rows.map(({ id, status }) => [id, status]))
  const fate = {
    begun: 0,
    safe: 0,
    missing: [] as string[],
    late: 0,
    lateTold: 0,
    abandoned: 0,
    lost: 0,
    vanished: [] as string[],
    young: 0,
    doubled: rows.length - statuses.size,
    windows: [] as number[],
  }
  for (const { leftAt, facts } of pages) {
    let windowMs = 0
    const endedAt = new Map(
      facts.flatMap(({ id, what, at }) => (what === 'ended' ? [[id, at]] : [])),
    )
    for (const { id, what, at } of facts) {
      if (what === 'ended') continue
      const status = statuses.get(id)
      const ended = endedAt.get(id)
      fate.begun += 1
      if (status === undefined && leftAt - at >= SAFE_MS) fate.vanished.push(id)
      else if (status === undefined) fate.young += 1
      if (ended === undefined) {
        if (status === 'open') fate.lost += 1
        else if (status === 'abandoned') fate.abandoned += 1
        if (status === undefined) windowMs = Math.max(windowMs, leftAt - at)
        continue
      }
      const isTold = status === 'completed'
      if (!isTold) windowMs = Math.max(windowMs, leftAt - ended)
      if (leftAt - ended >= SAFE_MS) {
        fate.safe += 1
        if (!isTold) fate.missing.push(id)
      } else {
        fate.late += 1
        if (isTold) fate.lateTold += 1
      }
    }
    fate.windows.push(windowMs)
  }
  return fate
}
