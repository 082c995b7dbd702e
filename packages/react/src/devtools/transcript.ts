import type { FailureKind, Move } from '@rungs/core'
import type { RunRecord } from './record.ts'

/**
 * A run in the lines of `transcript` from `@rungs/core/testing`, with `42 characters` where a test has the
 * text itself.
 */
export function tellRecord({ facts }: Pick<RunRecord, 'facts'>): string[] {
  const lines: string[] = []
  let chars = 0
  let failed: { readonly kind: FailureKind; readonly visibleChars: number } | null = null
  for (const fact of facts) {
    // What does not interrupt the text for a test does not here: only content itself goes on with it.
    if (fact.type === 'content') {
      chars += fact.chars
      continue
    }
    if (chars > 0) lines.push(count(chars))
    chars = 0
    switch (fact.type) {
      case 'attempt-started':
        lines.push(`try ${fact.route}`)
        break
      case 'reasoning':
        lines.push(`thinks ${count(fact.chars)}`)
        break
      case 'tool-call':
        lines.push(`calls ${fact.name}`)
        break
      case 'slowed':
        lines.push('slow')
        break
      case 'attempt-failed':
        failed = { kind: fact.failure.kind, visibleChars: fact.visibleChars }
        break
      case 'moved': {
        const cause = failed?.kind ?? fact.degraded?.cause ?? 'none'
        lines.push(`${cause} -> ${tellMove(fact.move, failed?.visibleChars)}`)
        break
      }
      case 'answered':
        lines.push(`answered ${fact.answer}`)
        break
      case 'paused':
        lines.push(`paused for ${fact.for}`)
        break
      case 'resumed':
        lines.push('resumed')
        break
      case 'settled':
        lines.push(fact.status)
        break
      default:
    }
  }
  if (chars > 0) lines.push(count(chars))
  return lines
}

/** The lines as they are written in a test. */
export function quoteRecord(record: Pick<RunRecord, 'facts'>): string {
  const lines = tellRecord(record).map(
    (line) => `  '${line.replaceAll(/['\\]/gu, String.raw`\$&`)}',\n`,
  )
  return `expect(await transcript(run)).toEqual([\n${lines.join('')}])\n`
}

export function tellMove(move: Move, visibleChars = 0): string {
  switch (move.to) {
    case 'retry':
      return `retry ${move.route}`
    case 'route':
      return visibleChars > 0 ? `restart on ${move.route}` : move.route
    case 'safe':
      return `safe ${move.route}`
    case 'ask':
      return `ask about ${move.confirmation.route}`
    case 'pause':
    case 'keep':
    case 'stop':
      return move.to
    default:
      return move satisfies never
  }
}

function count(chars: number): string {
  return `${chars} ${chars === 1 ? 'character' : 'characters'}`
}
