import type { RunStep } from '../words/event.ts'
import { createAscent, type Ending, type Story } from './ascent.ts'

/** Offline for longer than this, the safe answer comes, ms. */
const OFFLINE_MS = 60_000

/**
 * The story of one run: take a route and, whatever breaks, decide on the next acceptable one, until there
 * is an answer or nothing left to try. Where the run stands is local to it.
 */
export async function* climb<Name extends string>(
  story: Story<Name>,
): AsyncGenerator<RunStep<Name>, Ending<Name>, void> {
  const ascent = createAscent(story)
  yield { type: 'planned', plan: ascent.plan }
  let next = ascent.open()
  for (;;) {
    const { move, because } = next
    const told = ascent.announce(move)
    if (told) yield { type: 'moved', move: told, because, degraded: ascent.degraded() }
    switch (move.to) {
      case 'keep':
        return ascent.end('kept')
      case 'stop':
        return ascent.end('failed')
      case 'pause': {
        const since = story.now()
        yield { type: 'paused', for: 'online' }
        const isOnline = await story.waitOnline(story.terms.safe === null ? Infinity : OFFLINE_MS)
        if (story.isEnded()) return ascent.end('left')
        yield { type: 'resumed', awayMs: story.now() - since }
        next = isOnline ? ascent.open() : ascent.giveUp()
        break
      }
      case 'ask': {
        const confirmation = ascent.confirmation(move)
        yield {
          type: 'moved',
          move: { to: 'ask', confirmation },
          because,
          degraded: ascent.degraded(),
        }
        yield { type: 'asked', confirmation }
        const reply = await story.ask(confirmation)
        if (story.isEnded()) return ascent.end('left')
        yield { type: 'answered', ...reply }
        next = ascent.answered(reply.answer === 'yes', move)
        break
      }
      case 'retry':
      case 'route':
      case 'safe': {
        if (move.to === 'retry') {
          story.spendRetry(move.route)
          await story.wait(move.delayMs)
        }
        if (story.isEnded()) return ascent.end('left')
        const result = yield* story.attempt(ascent.start(move))
        if (result.type === 'ended') return ascent.end('left')
        if (result.type === 'answered') return ascent.end('answered', result.finish)
        next = await ascent.failed(move.route, result)
        break
      }
      default:
        move satisfies never
    }
  }
}
