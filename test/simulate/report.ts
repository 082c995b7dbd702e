import { isWell } from './providers.ts'
import type { Row } from './replay.ts'

/** What a policy comes to over some questions. Shares are 0 to 1. */
export interface Summary {
  readonly questions: number
  readonly answered: number
  /** First content, ms; not answered counts as 60 s. */
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly requestsPerRun: number
  readonly probesPerRun: number
  readonly hedgesPerRun: number
  /** Against each answer coming from A at once. */
  readonly cost: number
  /** A was well and not tried first. */
  readonly needless: number
  /** A was not well and tried first all the same, of the times when it was not. */
  readonly firstToBad: number
}

function isBad({ condition }: Row): boolean {
  return !isWell(condition)
}

export function summarise(rows: readonly Row[]): Summary {
  const firsts = Float64Array.from(rows, ({ firstMs }) => firstMs).toSorted()
  const quantile = (share: number): number =>
    firsts[Math.min(firsts.length - 1, Math.floor(firsts.length * share))] ?? Number.NaN
  const sum = (of: (row: Row) => number): number => rows.reduce((total, row) => total + of(row), 0)
  const share = (is: (row: Row) => boolean): number => sum((row) => Number(is(row))) / rows.length
  return {
    questions: rows.length,
    answered: share(({ isAnswered }) => isAnswered),
    p50Ms: quantile(0.5),
    p95Ms: quantile(0.95),
    p99Ms: quantile(0.99),
    p999Ms: quantile(0.999),
    requestsPerRun: sum(({ requests }) => requests) / rows.length,
    probesPerRun: sum(({ probes }) => probes) / rows.length,
    hedgesPerRun: sum(({ hedges }) => hedges) / rows.length,
    cost: sum((row) => row.costUsd) / sum(({ plainUsd }) => plainUsd),
    needless: share((row) => !isBad(row) && row.first !== 'A'),
    firstToBad: share((row) => isBad(row) && row.first === 'A') / share(isBad),
  }
}

/** The parts of the year that are looked at apart. */
export const PARTS = {
  always: { title: 'All the time', is: (): boolean => true },
  incidents: {
    title: "Inside A's declared incidents",
    is: ({ condition }: Row): boolean => condition.impact !== null,
  },
  heavy: {
    title: "Inside A's heavy incidents (impact 2 and 3)",
    is: ({ condition }: Row): boolean => (condition.impact ?? 0) >= 2,
  },
} as const

const COLUMNS: readonly (readonly [head: string, cell: (summary: Summary) => string])[] = [
  ['answered %', ({ answered }) => (100 * answered).toFixed(3)],
  ['p50 s', ({ p50Ms }) => (p50Ms / 1000).toFixed(2)],
  ['p95 s', ({ p95Ms }) => (p95Ms / 1000).toFixed(2)],
  ['p99 s', ({ p99Ms }) => (p99Ms / 1000).toFixed(2)],
  ['p99.9 s', ({ p999Ms }) => (p999Ms / 1000).toFixed(2)],
  ['requests', ({ requestsPerRun }) => requestsPerRun.toFixed(3)],
  ['cost', ({ cost }) => cost.toFixed(3)],
  ['needless %', ({ needless }) => (100 * needless).toFixed(2)],
  ['first to bad A %', ({ firstToBad }) => (100 * firstToBad).toFixed(1)],
  ['probes', ({ probesPerRun }) => probesPerRun.toFixed(3)],
  ['hedges', ({ hedgesPerRun }) => hedgesPerRun.toFixed(3)],
]

/** A Markdown table, which is as readable in a terminal. */
export function table(summaries: ReadonlyMap<string, Summary>): string {
  const rows = [
    ['policy', ...COLUMNS.map(([head]) => head)],
    ...[...summaries].map(([name, summary]) =>
      [name].concat(COLUMNS.map(([, cell]) => cell(summary))),
    ),
  ]
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((cells) => cells[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell[column === 0 ? 'padEnd' : 'padStart'](widths?.[column] ?? 0)).join(' | ')} |`
  const [head = [], ...body] = rows
  const rule = head.map((_, column) => {
    const dashes = '-'.repeat((widths?.[column] ?? 4) - 1)
    return column === 0 ? `${dashes}-` : `${dashes}:`
  })
  return [line(head), line(rule), ...body.map(line)].join('\n')
}

/** What a policy has to keep, and whether it does. */
export interface Bar {
  readonly what: string
  readonly is: number
  readonly bound: number
  readonly isKept: boolean
}

export function atLeast(what: string, is: number, bound: number): Bar {
  return { what, is, bound, isKept: is >= bound }
}
export function atMost(what: string, is: number, bound: number): Bar {
  return { what, is, bound, isKept: is <= bound }
}

export function barLine({ what, is, bound, isKept }: Bar): string {
  const digits = Math.abs(bound) < 0.1 ? 5 : 4
  return `${isKept ? 'ok ' : 'NOT'} ${what}: ${is.toFixed(digits)} (bar ${bound})`
}

/** The bars of one policy of Rungs against the oracle that hedges. */
export function barsOf(
  name: string,
  own: Summary,
  oracle: Summary,
  mostTimesOracle: number,
): readonly Bar[] {
  return [
    atLeast(`${name}: answered`, own.answered, 0.9997),
    atMost(
      `${name}: p99 of first content over the oracle's`,
      own.p99Ms / oracle.p99Ms,
      mostTimesOracle,
    ),
    atMost(`${name}: cost`, own.cost, 1.05),
    atMost(`${name}: requests a run`, own.requestsPerRun, 1.06),
    atMost(`${name}: needless diversions`, own.needless, 0.003),
  ]
}
