import { judged } from '../policy/fault.ts'
import { describeThrown } from '../policy/thrown.ts'
import type { Failure } from '../words/failure.ts'
import type { Route } from '../words/route.ts'
import { createRoute } from './route.ts'

/**
 * A fixed answer, for when nothing qualifies: `safe` names one. It costs nothing, needs nothing and
 * always answers; its outcome says `safe`.
 *
 * @param text the answer, or a function of the failure that led here
 */
export function canned(text: string | ((failure: Failure | null) => string)): Route {
  return createRoute(
    'canned',
    { provider: 'canned', price: 'included', quality: 0 },
    {
      model: null,
      origin: null,
      privacy: 'device',
      abilities: ['text'],
      credential: 'none',
      problems:
        typeof text === 'function' || (typeof text === 'string' && text !== '')
          ? []
          : [{ path: '', message: 'must be given a text, or a function that gives one' }],
      async stream({ request }, tell) {
        tell({ type: 'text', text: say(text, request.failure) })
        tell({ type: 'finish', finish: 'stop' })
        tell({ type: 'terminal' })
      },
    },
  )
}

/** The answer. A function that throws is the product's bug: it is told, and what is on the screen stays. */
function say(text: Parameters<typeof canned>[0], failure: Failure | null): string {
  if (typeof text === 'string') return text
  try {
    return text(failure)
  } catch (error) {
    console.error('[rungs] a canned answer threw', describeThrown(error))
    throw judged('invalid-response')
  }
}
