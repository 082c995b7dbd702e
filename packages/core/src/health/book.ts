import type { Expected, Hint, RouteHealth } from '../words/policy.ts'
import type { Pace } from '../words/route.ts'
import type { Failure, FailureKind } from '../words/failure.ts'
import type { Usage } from '../words/event.ts'
import type { Rung } from '../words/rung.ts'
import {
  isHinted,
  isSuspected,
  pBadAt,
  reduceBad,
  reduceBlame,
  reduceGood,
  reduceProbing,
  reduceUntold,
  unknownBelief,
  weightOf,
  withHint,
  type Belief,
} from './belief.ts'
import { canRetry, createBucket, reduceRetried, reduceSucceeded, type Bucket } from './bucket.ts'
import {
  holdAt,
  reduceAnswered,
  reduceFailed,
  unknownStanding,
  type Hold,
  type Standing,
} from './holds.ts'
import {
  outputTokens,
  reduceOutput,
  reduceTokenMs,
  unknownOutput,
  usualTokens,
  type OutputModel,
} from './output.ts'
import { createLatency, P50, P90, quantile, reduceLatency, type LatencyModel } from './latency.ts'

/** What one client learns of a route and another may believe: no content, no address, no credential. */
export type Evidence =
  | { readonly type: 'bad'; readonly route: string; readonly weight: number }
  | { readonly type: 'good' | 'probing' | 'untold'; readonly route: string }

/** How a route's health counts in a plan. */
export interface Standpoint {
  readonly pBad: number
  readonly suspectedBy: 'belief' | 'hint'
  readonly isReturning: boolean
  readonly isProbeDue: boolean
  readonly backAt: number | null
}

/** What is remembered of every route, for as long as the page lives. */
export interface HealthBook {
  latency(rung: Rung, pace: Pace): LatencyModel
  wait(rung: Rung, pace: Pace): Pick<Expected, 'waitMs' | 'waitFrom'>
  hold(rung: Rung): Hold | null
  standpoint(rung: Rung): Standpoint
  health(rung: Rung): RouteHealth
  /** What its answers seldom exceed, tokens: the 95th percentile. */
  outputTokens(rung: Rung): number
  /** When half of its whole answers of at most so many tokens are there, ms; null where its speed is unknown. */
  wholeMs(rung: Rung, pace: Pace, mostTokens: number | undefined): number | null
  /** A whole answer came; `writingMs` is what it took from its first content on, null where that says nothing of the route. */
  wrote(rung: Rung, usage: Usage, writingMs: number | null): void
  /** Let go of a hold that was of a credential since replaced. */
  release(accountKey: string): void
  /** The first content came; `waitMs` is null when the wait says nothing of the route. */
  answered(rung: Rung, pace: Pace, waitMs: number | null): void
  /** `isVeryLate`: it was also past the route's predicted p99. */
  failed(rung: Rung, failure: Failure, isVeryLate: boolean): void
  /** A whole answer came. */
  succeeded(rung: Rung): void
  /** A real request tries a route that is believed bad. */
  probing(rung: Rung): void
  /** An attempt ended and says nothing of its route. */
  untold(rung: Rung): void
  /** What another tab has seen; of a route that is not here it says nothing. */
  note(evidence: Evidence): void
  hint(hints: readonly Hint[]): void
  /** What is believed now, for a tab that has seen nothing yet. */
  beliefs(): readonly (readonly [route: string, belief: Belief])[]
  believe(route: string, belief: Belief): void
  canRetry(rung: Rung): boolean
  spendRetry(rung: Rung): void
}

const PACES: readonly Pace[] = ['chat', 'reasoning', 'background']
/** How long a refused session that cannot be read is left alone, ms. */
const UNREADABLE_MS = 60_000

export function createHealthBook(
  rungs: readonly Rung[],
  now: () => number,
  random: () => number,
  onEvidence: (evidence: Evidence) => void,
  latencies: Map<string, LatencyModel> = new Map(),
): HealthBook {
  const standings = new Map<string, Standing>()
  const buckets = new Map<string, Bucket>()
  const outputs = new Map<string, OutputModel>()
  /** How long each of its tokens takes, ms. */
  const tokenTimes = new Map<string, number>()
  /** Holds of a credential are of every route that has it, by account. */
  const credentials = new Map<string, Hold & { readonly by: string }>()
  const beliefs = new Map<string, Belief>()
  const hints = new Map<string, Hint>()
  const lastFailures = new Map<string, FailureKind>()
  const named = new Map(rungs.map((rung) => [rung.name, rung]))

  const standing = ({ name }: Rung): Standing => standings.get(name) ?? unknownStanding
  const belief = ({ beliefKey }: Rung): Belief => beliefs.get(beliefKey) ?? unknownBelief
  const bucket = ({ origin, name }: Rung): Bucket =>
    buckets.get(origin ?? name) ?? createBucket(now())
  const latency = ({ name, facts }: Rung, pace: Pace): LatencyModel =>
    latencies.get(`${pace} ${name}`) ?? createLatency(facts.expect?.firstChunkMs)
  const hold = (rung: Rung): Hold | null =>
    credentials.get(rung.accountKey) ?? holdAt(standing(rung), now())
  const output = ({ name }: Rung): OutputModel => outputs.get(name) ?? unknownOutput

  function tokenMs({ name, facts }: Rung): number | null {
    const { tokensPerSecond } = facts.expect ?? {}
    return tokenTimes.get(name) ?? (tokensPerSecond ? 1000 / tokensPerSecond : null)
  }

  function standpoint(rung: Rung): Standpoint {
    const at = now()
    const own = belief(rung)
    const ownBad = pBadAt(own, at)
    const hint = hints.get(rung.name)
    const pBad = hint ? withHint(ownBad, hint, at) : ownBad
    // A backend that knows of an outage knows of its end: the page need not probe.
    const isKnown = hint !== undefined && isHinted(hint, at)
    const isReturning = own.returnAt > at
    const isOwn = isSuspected(own, at)
    return {
      pBad,
      suspectedBy: isOwn || isReturning ? 'belief' : 'hint',
      isReturning,
      isProbeDue: isOwn && !isKnown && own.probeAt <= at && own.probingUntil <= at,
      backAt: isReturning ? own.returnAt : isOwn ? Math.max(own.probeAt, at) : null,
    }
  }

  function note(evidence: Evidence): void {
    const rung = named.get(evidence.route)
    if (!rung || rung.isCanned) return
    const at = now()
    const before = belief(rung)
    switch (evidence.type) {
      case 'bad': {
        const next = reduceBad(before, evidence.weight, at, random())
        beliefs.set(rung.beliefKey, next)
        for (const other of rungs) {
          if (other.provider === rung.provider && other.beliefKey !== rung.beliefKey) {
            beliefs.set(other.beliefKey, reduceBlame(belief(other), next.pBad, at, random()))
          }
        }
        break
      }
      case 'good':
        beliefs.set(rung.beliefKey, reduceGood(before, at, random()))
        break
      case 'probing':
        beliefs.set(rung.beliefKey, reduceProbing(before, at))
        break
      case 'untold':
        beliefs.set(rung.beliefKey, reduceUntold(before))
        break
      default:
        evidence satisfies never
    }
  }
  function tell(evidence: Evidence): void {
    note(evidence)
    onEvidence(evidence)
  }
  /** What says nothing ends a probe all the same. */
  function untold(rung: Rung): void {
    if (belief(rung).probingUntil > 0) tell({ type: 'untold', route: rung.name })
  }

  return {
    latency,
    hold,
    standpoint,
    outputTokens: (rung) => outputTokens(output(rung)),
    wholeMs(rung, pace, mostTokens = Infinity) {
      const each = tokenMs(rung)
      const tokens = Math.min(mostTokens, usualTokens(output(rung)))
      return each && quantile(latency(rung, pace), P50) + tokens * each
    },
    wrote(rung, { outputTokens: tokens, reasoningTokens = 0 }, writingMs) {
      outputs.set(rung.name, reduceOutput(output(rung), tokens))
      if (writingMs === null) return
      // Thoughts come before the answer.
      const each = reduceTokenMs(tokenMs(rung), tokens - reasoningTokens, writingMs)
      if (each !== null) tokenTimes.set(rung.name, each)
    },
    wait(rung, pace) {
      const model = latency(rung, pace)
      const isDeclared = rung.facts.expect?.firstChunkMs !== undefined
      return {
        waitMs: rung.isCanned ? [0, 0] : [quantile(model, P50), quantile(model, P90)],
        waitFrom:
          model.samples > 0 ? 'measured' : isDeclared || rung.isCanned ? 'declared' : 'prior',
      }
    },
    health(rung) {
      const held = hold(rung)
      const { pBad } = standpoint(rung)
      const own = belief(rung)
      const measured = PACES.flatMap((pace) => latencies.get(`${pace} ${rung.name}`) ?? [])
      const [most] = measured.toSorted((a, b) => b.samples - a.samples)
      return {
        pBad,
        state: held
          ? held.until === Infinity
            ? 'disabled'
            : 'held'
          : own.probingUntil > now()
            ? 'probing'
            : isSuspected({ ...own, pBad, at: now() }, now())
              ? 'suspect'
              : 'good',
        heldUntil: held && held.until < Infinity ? held.until : null,
        firstChunkMs: most ? [quantile(most, P50), quantile(most, P90)] : null,
        lastFailure: lastFailures.get(rung.name) ?? null,
      }
    },
    release(accountKey) {
      credentials.delete(accountKey)
    },
    answered(rung, pace, waitMs) {
      // An answer that was begun before the refusal says nothing against it, unless it is the route's own.
      if (credentials.get(rung.accountKey)?.by === rung.name) credentials.delete(rung.accountKey)
      standings.set(rung.name, reduceAnswered(standing(rung)))
      if (waitMs !== null) {
        latencies.set(`${pace} ${rung.name}`, reduceLatency(latency(rung, pace), waitMs))
      }
      buckets.set(rung.origin ?? rung.name, reduceSucceeded(bucket(rung), now()))
    },
    failed(rung, failure, isVeryLate) {
      lastFailures.set(rung.name, failure.kind)
      const next = reduceFailed(standing(rung), failure, now(), random())
      const { hold: held } = next
      if (!held?.isOfCredential) standings.set(rung.name, next)
      else if (rung.credential === 'none') {
        // A session that is not ours to read (cookies) can be renewed unseen: it is asked again soon.
        standings.set(rung.name, { ...next, hold: { ...held, until: now() + UNREADABLE_MS } })
      } else {
        credentials.set(rung.accountKey, { ...held, by: rung.name })
        standings.set(rung.name, { ...next, hold: null })
      }
      const weight = weightOf(failure, isVeryLate)
      if (weight > 0) tell({ type: 'bad', route: rung.name, weight })
      else untold(rung)
    },
    succeeded(rung) {
      tell({ type: 'good', route: rung.name })
    },
    probing(rung) {
      tell({ type: 'probing', route: rung.name })
    },
    untold,
    note,
    hint(given) {
      for (const one of given) if (named.has(one.route)) hints.set(one.route, one)
    },
    beliefs: () =>
      rungs.flatMap((rung) =>
        beliefs.has(rung.beliefKey) ? [[rung.name, belief(rung)] as const] : [],
      ),
    believe(route, given) {
      const rung = named.get(route)
      if (rung && !beliefs.has(rung.beliefKey)) beliefs.set(rung.beliefKey, given)
    },
    canRetry: (rung) => canRetry(bucket(rung), now()),
    spendRetry(rung) {
      buckets.set(rung.origin ?? rung.name, reduceRetried(bucket(rung), now()))
    },
  }
}
