import type { RunStep } from '../words/event.ts'
import { createAscent, type Ending } from './ascent.ts'
import type { RunTools } from './tools.ts'
import { askAvailability, releaseReplaced, type Brief, type Shared } from './survey.ts'

/** Offline for longer than this, the safe answer comes, ms. */
const OFFLINE_MS = 60_000
/** So much longer is waited each time that the network was there and was not, ms. */
const AGAIN_MS = 500

/**
 * The story of one run: take a route and, whatever breaks, decide on the next acceptable one, until there
 * is an answer or nothing left to try. Where the run stands is local to it.
 */
export async function* climb<Name extends string>(
  shared: Shared<Name>,
  brief: Brief<Name>,
  tools: RunTools<Name>,
): AsyncGenerator<RunStep<Name>, Ending<Name>, void> {
  await releaseReplaced(shared, brief)
  await askAvailability(shared, brief)
  await brief.purse?.refresh()
  const ascent = createAscent(shared, brief, tools)
  yield { type: 'planned', plan: ascent.plan }
  let decision = ascent.open()
  /** How often the network has been waited for. */
  let pauses = 0
  for (;;) {
    // Whoever has left is asked nothing more, and owes no reason.
    if (tools.signal.aborted) return ascent.end('left')
    const { because } = decision
    const move = ascent.take(decision)
    if (ascent.hasMoved()) yield { type: 'moved', move, because, degraded: ascent.degraded() }
    switch (move.to) {
      case 'keep':
        return ascent.end('kept')
      case 'stop':
        return ascent.end('failed')
      case 'pause': {
        const since = shared.world.now()
        yield { type: 'paused', for: 'online' }
        // A page that says that it is online, while nothing gets through, is not believed at once again.
        if (shared.world.page.isOnline()) await tools.wait(pauses * AGAIN_MS)
        pauses += 1
        const isOnline = await tools.waitOnline(brief.terms.safe === null ? Infinity : OFFLINE_MS)
        if (tools.signal.aborted) return ascent.end('left')
        yield { type: 'resumed', awayMs: shared.world.now() - since }
        decision = isOnline ? ascent.open() : ascent.giveUp('the network did not come back')
        break
      }
      case 'ask': {
        const { confirmation } = move
        const foregone = ascent.foregone(confirmation)
        // Asked before it is told: a listener may answer at once.
        const asked = foregone ? null : tools.ask(confirmation)
        if (asked) yield { type: 'asked', confirmation }
        const reply = foregone ?? (await asked)
        if (!reply || tools.signal.aborted) return ascent.end('left')
        yield { type: 'answered', ...reply }
        decision = ascent.answered(reply, confirmation)
        break
      }
      case 'retry':
      case 'route':
      case 'safe': {
        if (move.to === 'retry') await tools.wait(move.delayMs)
        if (tools.signal.aborted) return ascent.end('left')
        const result = yield* ascent.try(move.route, move.to === 'retry')
        if (result.type === 'unaffordable') {
          decision = ascent.chooseAnew()
          break
        }
        if (result.type === 'ended') return ascent.end('left')
        if (result.type === 'answered') return ascent.end('answered', result.finish)
        decision = yield* ascent.failed(result)
        break
      }
      default:
        move satisfies never
    }
  }
}
