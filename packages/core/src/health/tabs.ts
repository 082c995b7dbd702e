import type { Channel, World } from '../words/world.ts'
import type { Belief } from './belief.ts'
import type { Evidence, HealthBook } from './book.ts'

/** What tabs tell each other: evidence as it comes, and all that is believed to one that has just been opened. */
type Message =
  | { readonly rungs: 1; readonly evidence: Evidence }
  | { readonly rungs: 1; readonly hello: true }
  | { readonly rungs: 1; readonly beliefs: readonly (readonly [route: string, belief: Belief])[] }

/** Evidence and nothing else is shared: it reorders routes, it never removes one. */
export interface Tabs {
  tell(evidence: Evidence): void
  close(): void
}

/** Share what is learnt of the routes with the product's other tabs. What comes from them is checked first. */
export function joinTabs(
  name: string,
  book: Pick<HealthBook, 'note' | 'beliefs' | 'believe'>,
  world: World,
  onChange: () => void,
): Tabs {
  const line: Channel | null = world.channel(name)
  const post = (message: Message): void => line?.post(message)
  line?.listen((message) => {
    if (!isRecord(message) || message['rungs'] !== 1) return
    const { evidence, hello, beliefs } = message
    if (hello === true) {
      const known = book.beliefs()
      if (known.length > 0) post({ rungs: 1, beliefs: known })
    }
    if (isEvidence(evidence)) book.note(evidence)
    if (Array.isArray(beliefs)) {
      for (const entry of beliefs) {
        const [route, belief]: readonly unknown[] = Array.isArray(entry) ? entry : []
        if (typeof route === 'string' && isBelief(belief, world.now())) book.believe(route, belief)
      }
    }
    onChange()
  })
  post({ rungs: 1, hello: true })
  return {
    tell: (evidence) => {
      post({ rungs: 1, evidence })
    },
    close: () => line?.close(),
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isEvidence(value: unknown): value is Evidence {
  if (!isRecord(value) || typeof value['route'] !== 'string') return false
  const { type, weight } = value
  return type === 'bad'
    ? typeof weight === 'number' && weight > 0 && weight <= 1
    : type === 'good' || type === 'probing' || type === 'untold'
}

/** No time in it may lie further ahead than the policy itself would put it. */
const FURTHEST_MS = 600_000

function isBelief(value: unknown, now: number): value is Belief {
  if (!isRecord(value)) return false
  const isInstant = (at: unknown): boolean =>
    typeof at === 'number' && at >= 0 && at < now + FURTHEST_MS
  const { pBad, at, badSince, failedProbes, probeAt, probingUntil, returnAt } = value
  return (
    typeof pBad === 'number' &&
    pBad >= 0 &&
    pBad <= 1 &&
    (badSince === null || isInstant(badSince)) &&
    typeof failedProbes === 'number' &&
    failedProbes >= 0 &&
    [at, probeAt, probingUntil, returnAt].every(isInstant)
  )
}
