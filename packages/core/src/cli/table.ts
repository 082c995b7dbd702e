import type { Audit, AuditRow, Finding } from '../audit.ts'
import { KINDS } from '../audit/failures.ts'

/** How a piece of text is set off on a terminal. */
export type Paint = (style: 'bold' | 'dim' | 'red' | 'yellow', text: string) => string

/** Kinds are listed up to this width, then go on below. */
const KINDS_WIDTH = 46
/** So many kinds are called what they are: everything else. */
const REST = 8

function groupBy<Item>(items: readonly Item[], key: (item: Item) => string): Item[][] {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const group = groups.get(key(item)) ?? []
    group.push(item)
    groups.set(key(item), group)
  }
  return [...groups.values()]
}

/** An audit for people: what follows on each route's failures, one line for each thing that can, then what was found. */
export function tellAudit({ rows, findings }: Audit, paint: Paint): string {
  const ladders = groupBy(rows, ({ workload, tier, arm }) => JSON.stringify([workload, tier, arm]))
  return [
    ...ladders.map((ladder) => tellLadder(ladder, paint)),
    ...findings.map((finding) => tellFinding(finding, paint)),
    `${tellSum(rows, findings)}\n`,
  ].join('\n\n')
}

function tellLadder(rows: readonly AuditRow[], paint: Paint): string {
  const [first] = rows
  const { tier = null, arm } = first ?? {}
  const name = [first?.workload, tier === null ? [] : `tier ${tier}`, arm ? `arm ${arm}` : []]
  const nameWidth = Math.max(...rows.map(({ on }) => on.length))
  const reactions = groupBy(rows, ({ on }) => on).flatMap(reactionsOf)
  const kindsWidth = Math.max(...reactions.flatMap(({ kinds }) => kinds.map((line) => line.length)))
  const moveWidth = Math.max(...reactions.map(({ move }) => move.length))
  const lines = reactions.flatMap(({ on, kinds, move, because, isGap }) =>
    kinds.map((kind, index) => {
      const start = `  ${(index === 0 ? on : '').padEnd(nameWidth)}  ${kind.padEnd(kindsWidth)}`
      if (index > 0) return start.trimEnd()
      const told = `${start}  ${move.padEnd(moveWidth)}`
      return isGap ? paint('red', `${told}  ${because}`) : `${told}  ${paint('dim', because)}`
    }),
  )
  return [paint('bold', name.flat().join(', ')), ...lines].join('\n')
}

interface ReactionLine {
  /** The route that fails, on its first line. */
  readonly on: string
  readonly kinds: readonly string[]
  readonly move: string
  readonly because: string
  readonly isGap: boolean
}

/** What can follow on one route's failures; what most lead to comes last. */
function reactionsOf(rows: readonly AuditRow[]): readonly ReactionLine[] {
  const groups = groupBy(rows, ({ move, route, isGap }) => JSON.stringify([move, route, isGap]))
  return groups
    .toSorted((one, other) => one.length - other.length)
    .flatMap((group, index) => {
      const [row] = group
      if (!row) return []
      const isLast = index === groups.length - 1
      const isRest = isLast && group.length >= REST
      const reasons = groupBy(group, reasonOf)
        .toSorted((one, other) => other.length - one.length)
        .flatMap(([one]) => (one ? [reasonOf(one)] : []))
      return {
        on: index === 0 ? row.on : '',
        kinds:
          group.length === KINDS.length
            ? ['any failure']
            : isRest
              ? ['anything else']
              : wrapped(group.map(({ kind }) => kind)),
        move: moveOf(row),
        because: reasons.slice(0, isRest ? 1 : 2).join('; '),
        isGap: row.isGap,
      }
    })
}

/** The reason without the kind that it may begin with, which stands beside it. */
function reasonOf({ kind, because }: AuditRow): string {
  return because.replace(`${kind}: `, '')
}

function moveOf({ move, route, isGap }: AuditRow): string {
  const to = move === 'ask' ? 'ask about' : move === 'route' ? '' : move
  return `${isGap ? 'GAP ' : ''}-> ${[to, route ?? ''].join(' ').trim()}`
}

function wrapped(words: readonly string[]): readonly string[] {
  const lines: string[] = []
  for (const [index, word] of words.entries()) {
    const piece = index < words.length - 1 ? `${word},` : word
    const line = lines.at(-1)
    if (line === undefined || line.length + piece.length >= KINDS_WIDTH) lines.push(piece)
    else lines[lines.length - 1] = `${line} ${piece}`
  }
  return lines
}

function tellFinding({ level, path, message }: Finding, paint: Paint): string {
  return `${paint(level === 'error' ? 'red' : 'yellow', level)} ${paint('bold', path)}\n  ${message}`
}

function tellSum(rows: readonly AuditRow[], findings: readonly Finding[]): string {
  const count = (level: Finding['level']): number =>
    findings.filter((finding) => finding.level === level).length
  const counts = {
    gap: rows.filter(({ isGap }) => isGap).length,
    error: count('error'),
    warning: count('warning'),
  }
  return Object.entries(counts)
    .map(([name, number]) => `${number || 'no'} ${name}${number === 1 ? '' : 's'}`)
    .join(', ')
}
