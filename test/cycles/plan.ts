import { createVirtualWorld } from '@rungs/core/testing'

/** How long a page waits, ms: short, so that less than half a minute of trouble is a long one. */
export const LIMITS = { firstChunkMs: 2_500, chunkMs: 2_000 } as const

/** What is asked afterwards; its answer is short. */
export const AGAIN = 'And now?'

/** One answer, and what befalls the page that waits for it or reads it. */
export interface Cycle {
  readonly index: number
  /** `held`: by a dialog, there to be seen, and nothing runs. `asleep`: the whole browser, as in a laptop that is shut. */
  readonly what: 'hidden' | 'frozen' | 'held' | 'asleep' | 'offline'
  /** `before` the run begins; while it is `waiting` for the first content; `streaming`, after that. */
  readonly during: 'before' | 'waiting' | 'streaming'
  /** From the request, or from the first content, to the trouble, ms. */
  readonly afterMs: number
  readonly forMs: number
  /** What hides the page: another tab, or its window's being put away. */
  readonly by: 'tab' | 'window'
  /** From the end of a freeze to the page's being shown, ms. */
  readonly unseenMs: number
  /** What the server does meanwhile. */
  readonly server: 'goes-on' | 'is-silent' | 'breaks'
  /** Connections break as the trouble ends, not as it begins. */
  readonly breaksLate: boolean
  readonly firstMs: number
  readonly gapMs: number
  readonly pieces: number
}

const WHATS = ['hidden', 'frozen', 'frozen', 'held', 'asleep', 'offline', 'offline'] as const
const SERVERS = {
  hidden: ['goes-on'],
  held: ['goes-on', 'is-silent'],
  asleep: ['goes-on', 'is-silent', 'breaks'],
  frozen: ['goes-on', 'goes-on', 'is-silent'],
  offline: ['goes-on', 'is-silent', 'breaks'],
} as const

/** The cycles of a seed; more of them begin with the same ones. */
export function cyclesOf(seed: number, count: number): readonly Cycle[] {
  const { random } = createVirtualWorld({ seed }).world
  const between = (least: number, most: number): number =>
    Math.round(least + random() * (most - least))
  function pick<Value>(values: readonly [Value, ...Value[]]): Value {
    return values[Math.floor(random() * values.length)] ?? values[0]
  }
  return Array.from({ length: count }, (_, index) => {
    const what = pick(WHATS)
    const during = pick<Cycle['during']>(
      what === 'offline' ? ['before', 'waiting', 'streaming'] : ['waiting', 'streaming'],
    )
    const firstMs = between(300, 1_000)
    return {
      index,
      what,
      during,
      afterMs: during === 'streaming' ? between(0, 1_500) : between(0, firstMs - 100),
      forMs: what === 'offline' ? between(500, 5_000) : between(3_000, 8_000),
      by: pick(['tab', 'window']),
      unseenMs: pick([0, between(0, 3_000)]),
      server: during === 'before' ? 'goes-on' : pick<Cycle['server']>(SERVERS[what]),
      breaksLate: random() < 0.5,
      firstMs,
      gapMs: between(100, 400),
      pieces: between(8, 28),
    }
  })
}

/** What a route says: no other says the same. */
export function piecesOf(route: string, { pieces }: Cycle): readonly string[] {
  return Array.from({ length: pieces }, (_, index) => `${route}${index} `)
}
