import type { Failure, FailureKind } from '../words/failure.ts'

/** A route is not tried until then. */
export interface Hold {
  /** Epoch ms; Infinity for as long as the page lives. */
  readonly until: number
  readonly kind: FailureKind
  /** Set where a different credential ends the hold. */
  readonly isOfCredential: boolean
}

const SECOND = 1000
const MINUTE = 60 * SECOND
const DAY = 24 * 60 * MINUTE
/** A route that never answered and failed this often in a row by `network` is held. */
const NETWORK_FAILURES = 3

/** What is remembered of a route beside how slow it is. */
export interface Standing {
  readonly hold: Hold | null
  readonly hasAnswered: boolean
  readonly networkFailures: number
}
export const unknownStanding: Standing = { hold: null, hasAnswered: false, networkFailures: 0 }

/** A route gave its first content. */
export function reduceAnswered(standing: Standing): Standing {
  return standing.hasAnswered && standing.networkFailures === 0
    ? standing
    : { hold: standing.hold, hasAnswered: true, networkFailures: 0 }
}

/** A route failed. `jitter` is 0 up to 1. */
export function reduceFailed(
  standing: Standing,
  failure: Failure,
  now: number,
  jitter: number,
): Standing {
  const networkFailures =
    failure.kind === 'network' && !standing.hasAnswered ? standing.networkFailures + 1 : 0
  const ms = holdMs(failure, networkFailures, jitter)
  const isOfCredential = failure.kind === 'auth' || failure.kind === 'quota-exhausted'
  // A credential that is not there yet is looked for again at every attempt.
  if (ms === null || failure.phase === 'before-request') return { ...standing, networkFailures }
  return {
    ...standing,
    networkFailures,
    hold: { until: now + ms, kind: failure.kind, isOfCredential },
  }
}

function holdMs(
  { kind, retryAfterMs }: Failure,
  networkFailures: number,
  jitter: number,
): number | null {
  switch (kind) {
    case 'rate-limit':
      // Without a hint, 15 to 45 s: everybody was told at the same moment.
      return retryAfterMs ?? (0.5 + jitter) * 30 * SECOND
    case 'quota-exhausted':
    case 'auth':
    case 'blocked-request':
      return Infinity
    case 'not-found':
      return DAY
    case 'network':
      return networkFailures >= NETWORK_FAILURES ? 5 * MINUTE : null
    default:
      return null
  }
}

/** The hold that stands at `now`, if any. */
export function holdAt({ hold }: Standing, now: number): Hold | null {
  return hold && hold.until > now ? hold : null
}
