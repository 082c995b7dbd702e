import type { Run, RunEvent } from '../words/event.ts'
import type { FailureKind } from '../words/failure.ts'
import type { Move } from '../words/policy.ts'

/**
 * A run as lines to compare: what was tried, what was said, what broke and what was done about it.
 *
 * @example
 * expect(await transcript(run)).toEqual(['try ours', '"half"', 'stream-stall -> restart on mini', 'try mini', '"whole"', 'completed'])
 */
export async function transcript(run: Run): Promise<string[]> {
  const events: RunEvent[] = []
  for await (const event of run) events.push(event)
  return tellEvents(events)
}

/** The lines of events that have been collected already. Text that came in pieces is one line. */
export function tellEvents(events: readonly RunEvent[]): string[] {
  const lines: string[] = []
  let text = ''
  let failed: { readonly kind: FailureKind; readonly visibleChars: number } | null = null
  for (const event of events) {
    if (event.type === 'content') {
      text += event.text
      continue
    }
    if (text !== '') lines.push(JSON.stringify(text))
    text = ''
    switch (event.type) {
      case 'attempt-started':
        lines.push(`try ${event.route}`)
        break
      case 'reasoning':
        lines.push(`thinks ${JSON.stringify(event.text)}`)
        break
      case 'tool-call':
        lines.push(`calls ${event.call.name}`)
        break
      case 'slowed':
        lines.push('slow')
        break
      case 'attempt-failed':
        failed = { kind: event.failure.kind, visibleChars: event.visibleChars }
        break
      case 'moved':
        lines.push(
          `${failed?.kind ?? event.degraded?.cause ?? 'none'} -> ${tellMove(event.move, failed?.visibleChars ?? 0)}`,
        )
        break
      case 'answered':
        lines.push(`answered ${event.answer}`)
        break
      case 'paused':
        lines.push(`paused for ${event.for}`)
        break
      case 'resumed':
        lines.push('resumed')
        break
      case 'settled':
        lines.push(event.outcome.status)
        break
      default:
    }
  }
  return lines
}

function tellMove(move: Move, visibleChars: number): string {
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
