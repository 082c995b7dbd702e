import { classify } from '../policy/classify.ts'
import { Fault } from '../policy/fault.ts'
import { clock } from '../page/clock.ts'
import { digest } from '../page/digest.ts'
import { createPage } from '../page/presence.ts'
import { local } from '../store/local.ts'
import type { FailureKind } from '../words/failure.ts'
import type { Wire, WireEvent } from '../words/wire.ts'
import type { World } from '../words/world.ts'

/** Longest wait for a provider to say whether it takes a key, ms. */
const CHECK_MS = 15_000
/** Kinds of failure that say nothing of a key, because it was not looked at. */
const UNREACHABLE = new Set<FailureKind>([
  'network',
  'offline',
  'timeout',
  'queue-stall',
  'outage',
  'blocked-request',
  'invalid-response',
  'truncated',
])
/** What is told before anything of an answer. */
const PREAMBLE = new Set<WireEvent['type']>(['headers', 'skipped', 'usage'])

/** Asks a provider for a few words with a key, to see whether it takes it. */
export async function tryKey(
  wire: Wire,
  key: string,
): Promise<'accepted' | 'rejected' | 'unreachable'> {
  const page = createPage(clock.now)
  const world: World = {
    ...clock,
    fetch: (...request) => globalThis.fetch(...request),
    random: Math.random,
    page,
    channel: () => null,
    archive: () => null,
    locks: null,
    local,
    storage: null,
    digest,
  }
  const aborter = new AbortController()
  const cancel = world.after(CHECK_MS, () => {
    aborter.abort()
  })
  try {
    await new Promise<void>((resolve, reject) => {
      aborter.signal.addEventListener('abort', () => {
        reject(new DOMException('no answer in time', 'TimeoutError'))
      })
      // The first piece of an answer is enough: a key that is refused is refused before.
      wire
        .stream(
          {
            request: {
              id: 'key-check',
              system: null,
              messages: [{ role: 'user', content: 'Hi' }],
              maxOutputTokens: 16,
              failure: null,
            },
            key,
            signal: aborter.signal,
            world,
          },
          ({ type }) => {
            if (!PREAMBLE.has(type)) resolve()
          },
        )
        .then(resolve, reject)
    })
    return 'accepted'
  } catch (thrown) {
    const isUnsent = thrown instanceof Fault && thrown.evidence.from === 'unsent'
    if (aborter.signal.aborted || isUnsent) return 'unreachable'
    const where = {
      route: null,
      provider: null,
      phase: 'before-content',
      now: world.now(),
    } as const
    const { kind } = classify(thrown, where)
    if (kind === 'auth') return 'rejected'
    return UNREACHABLE.has(kind) ? 'unreachable' : 'accepted'
  } finally {
    cancel()
    aborter.abort()
    page.close()
  }
}
