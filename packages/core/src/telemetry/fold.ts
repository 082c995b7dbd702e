import type { Feedback, Outcome, RunEvent, Usage } from '../words/event.ts'
import type { Failure, FailureKind } from '../words/failure.ts'
import type { Expected } from '../words/policy.ts'
import { opaque } from './opaque.ts'
import { reducePace, unwatched, type Pace } from './pace.ts'
import type { AttemptRow, RunRow } from './rows.ts'
import type { Answering } from './vitals.ts'

/** What the events of a run do not say of it, as far as the fold needs it. */
export interface RunFacts {
  /** The instant of the run's start, epoch ms, and how long before it the user asked. */
  readonly epoch: number
  readonly gestureMs: number
  readonly facts: (
    route: string,
  ) => { readonly provider: string; readonly model: string | null } | null
  /** What threads are hashed with; never leaves the browser. */
  readonly salt: string
}

type Draft<Row> = { readonly [Field in keyof Row]?: Row[Field] | null | undefined }
type Used = Draft<
  Pick<
    AttemptRow,
    | 'gen_ai.usage.input_tokens'
    | 'gen_ai.usage.output_tokens'
    | 'gen_ai.usage.reasoning.output_tokens'
    | 'gen_ai.usage.cache_read.input_tokens'
  >
>
type Left = Draft<
  Pick<
    RunRow,
    | 'left_how'
    | 'left_is_final'
    | 'left_phase'
    | 'left_route'
    | 'left_failure'
    | 'left_ms'
    | 'wait_ms'
    | 'wait_end'
  > & { readonly left_chars: number }
>
type Attempted = Draft<Omit<AttemptRow, 'chars'> & { readonly chars: number }> & {
  readonly attempt: number
  readonly start_ms: number
}

/** What a run's events come to, as far as rows are made of it. */
export interface Reported {
  readonly run: Draft<Omit<RunRow, 'chars'> & { readonly chars: number }>
  readonly signals: Readonly<Record<string, true | number>>
  readonly attempts: readonly Attempted[]
  readonly revision: number
  /** Of each route in the plan. */
  readonly expected: ReadonlyMap<string, Expected>
  readonly phase: RunRow['left_phase']
  /** Characters on the screen, and the attempt that they are of; 0 before there is one. */
  readonly chars: number
  readonly shown: number
  /** The failure that the screen is under: until another attempt's content comes. */
  readonly failure: FailureKind | null
  /** The attempt that failed last, while nothing has come of that, and `at`. */
  readonly broken: { readonly attempt: number; readonly route: string; readonly at: number } | null
  /** What the next attempt comes from. */
  readonly origin: Pick<Attempted, 'from_route' | 'cause' | 'move' | 'before_ms'> | null
  readonly left: Left | null
  readonly pace: Pace
  /** How the page answered meanwhile, as far as that is known. */
  readonly vitals: Answering
  readonly hiddenMs: number
  /** `at` since which the page is hidden. */
  readonly hiddenSince: number | null
}

/** Before the first event. */
export const unreported: Reported = {
  run: { status: 'open', wait_end: 'open', fallbacks: 0, paused_ms: 0, returns: 0 },
  signals: {},
  attempts: [],
  revision: 0,
  expected: new Map(),
  phase: 'connecting',
  chars: 0,
  shown: 0,
  failure: null,
  broken: null,
  origin: null,
  left: null,
  pace: unwatched,
  vitals: {},
  hiddenMs: 0,
  hiddenSince: null,
}

/** Deadlines of ours: what was waited for might have come later. */
const CUT = new Set<FailureKind>(['timeout', 'queue-stall', 'latency-ceiling'])

/** Take in one event. It keeps nothing that a user or a model said, but for its length. */
export function reduceReport(
  folded: Reported,
  event: RunEvent,
  context: Pick<RunFacts, 'epoch' | 'gestureMs' | 'facts' | 'salt'>,
): Reported {
  const { run, attempts } = folded
  const at = context.gestureMs + event.at
  const seenMs = at - hiddenMs(folded, at)
  const revision = folded.revision + 1
  const pace = reducePace(folded.pace, event, at)
  const next = (change: Partial<Reported>): Reported => ({ ...folded, ...change, pace, revision })
  const tell = (change: Reported['run']): Reported => next({ run: { ...run, ...change } })
  const patch = (
    number: number,
    change: (one: Attempted) => Partial<Attempted>,
  ): readonly Attempted[] =>
    attempts.map((one) => (one.attempt === number ? { ...one, ...change(one), revision } : one))

  switch (event.type) {
    case 'started': {
      const { workload, tier, surface, thread } = event
      return tell({
        workload,
        tier,
        surface,
        'gen_ai.conversation.id': thread === null ? null : opaque(thread, context.salt),
        id: event.runId,
        started_at: context.epoch - context.gestureMs,
      })
    }
    case 'planned': {
      const { routes, arm } = event.plan
      return next({
        expected: new Map(routes.map(({ route, expected }) => [route, expected])),
        run: { ...run, experiment: arm?.experiment, arm: arm?.arm, propensity: arm?.propensity },
      })
    }
    case 'attempt-started': {
      const { attempt, route, why } = event
      const { expected, origin } = folded
      const known = expected.get(route)
      const isFallback = origin !== null && origin.from_route !== route
      const opened: Attempted = {
        ...origin,
        ...named(route, context),
        id: `${event.runId}.${attempt}`,
        run: event.runId,
        revision,
        attempt,
        why,
        started_at: context.epoch + event.at,
        start_ms: at,
        expected_p50_ms: known?.waitMs[0],
        expected_p90_ms: known?.waitMs[1],
        expected_from: known?.waitFrom,
        result: 'open',
        wait_end: 'open',
      }
      return next({
        attempts: [...attempts, opened],
        run: {
          ...run,
          ...named(route, context),
          fallbacks: (run.fallbacks ?? 0) + (isFallback ? 1 : 0),
        },
        phase: attempt === 1 ? 'connecting' : 'switching',
        ...(why === 'hedge' ? {} : { origin: null, broken: null }),
      })
    }
    case 'headers':
      return next({
        attempts: patch(event.attempt, ({ start_ms }) => ({ headers_ms: at - start_ms })),
        phase: folded.phase === 'connecting' ? 'waiting' : folded.phase,
      })
    case 'content':
    case 'tool-call': {
      const chars = event.type === 'content' ? event.text.length : 0
      if (event.attempt === folded.shown)
        return next({ chars: folded.chars + chars, phase: 'streaming' })
      const isHidden = folded.hiddenSince !== null
      return next({
        chars,
        shown: event.attempt,
        phase: 'streaming',
        failure: null,
        attempts: patch(event.attempt, ({ start_ms, before_ms }) => ({
          'gen_ai.response.time_to_first_chunk': Math.round(at - start_ms) / 1000,
          wait_ms: at - start_ms,
          wait_end: 'content',
          after_ms: typeof before_ms === 'number' ? at - before_ms : null,
        })),
        run:
          run.wait_end === 'open'
            ? {
                ...run,
                first_content_ms: at,
                wait_ms: seenMs,
                wait_end: isHidden ? 'hidden' : 'content',
              }
            : run,
      })
    }
    case 'usage':
      return next({ attempts: patch(event.attempt, () => used(event.usage)) })
    case 'slowed':
      return next({ attempts: patch(event.attempt, () => ({ slowed: true })) })
    case 'attempt-failed': {
      const { attempt, route, failure, visibleChars, skippedEvents, costUsd, billing } = event
      const isCut = CUT.has(failure.kind) && failure.status === undefined
      return next({
        phase: 'switching',
        failure: failure.kind,
        broken: { attempt, route, at },
        attempts: patch(attempt, ({ start_ms, wait_end }) => ({
          ...failed(failure),
          'http.response.status_code': failure.status,
          error_code: failure.code,
          retry_after_ms: failure.retryAfterMs,
          result: 'failed',
          chars: visibleChars,
          skipped_events: skippedEvents,
          cost_usd: costUsd,
          billing,
          total_ms: at - start_ms,
          ...stalledOf(pace, attempt),
          ...(wait_end === 'open'
            ? { wait_ms: at - start_ms, wait_end: isCut ? ('cut' as const) : ('failed' as const) }
            : {}),
        })),
      })
    }
    case 'attempt-finished': {
      const { attempt, finish, skippedEvents, costUsd, billing } = event
      return next({
        attempts: patch(attempt, ({ start_ms }) => ({
          result: 'answered',
          finish,
          chars: attempt === folded.shown ? folded.chars : 0,
          skipped_events: skippedEvents,
          cost_usd: costUsd,
          billing,
          total_ms: at - start_ms,
          ...stalledOf(pace, attempt),
        })),
      })
    }
    case 'moved': {
      const { move, degraded } = event
      const { broken } = folded
      const moved = broken ? patch(broken.attempt, () => ({ move_to: move.to })) : attempts
      if (!('route' in move)) return next({ attempts: moved })
      const origin = {
        from_route: broken?.route ?? degraded?.from,
        cause: (broken && folded.failure) ?? degraded?.cause,
        move: move.to === 'route' ? move.direction : move.to,
        before_ms: broken?.at ?? at,
      }
      // Where that route was asked beside the one that broke, no attempt of it begins.
      const beside = moved.find(({ route, result }) => route === move.route && result === 'open')
      if (beside) {
        return next({
          attempts: moved.map((one) => (one === beside ? { ...one, ...origin, revision } : one)),
          run: { ...run, fallbacks: (run.fallbacks ?? 0) + 1 },
          broken: null,
        })
      }
      return next({ attempts: moved, origin: origin.from_route === undefined ? null : origin })
    }
    case 'held-out':
      return tell({
        held_out_kind: event.kind,
        held_out_arm: event.arm,
        held_out_propensity: event.propensity,
        held_out_route: attempts.find(({ attempt }) => attempt === event.attempt)?.route,
        held_out_ms: at,
      })
    case 'asked':
      return next({ phase: 'asking', run: { ...run, asked: event.confirmation.about } })
    case 'answered':
      return next({ phase: 'switching', run: { ...run, answer: event.answer } })
    case 'paused':
      return next({ phase: 'paused' })
    case 'resumed':
      return next({
        phase: 'switching',
        run: { ...run, paused_ms: (run.paused_ms ?? 0) + event.awayMs },
      })
    case 'painted': {
      const { by } = event
      if (run.painted_by || by === 'none') return folded
      const isSeen = by === 'element' || by === 'resize'
      return tell({
        painted_by: by,
        first_paint_ms: by === 'hidden' ? null : at,
        ...(isSeen && run.wait_end === 'content' ? { wait_ms: seenMs, wait_end: 'painted' } : {}),
      })
    }
    case 'hidden':
      return next({ hiddenSince: folded.hiddenSince ?? at })
    case 'shown': {
      // Whoever looks again has not left for good, whatever the page told when it was hidden.
      const isBack = folded.left?.left_is_final === false
      return next({
        hiddenMs: hiddenMs(folded, at),
        hiddenSince: null,
        left: isBack ? null : folded.left,
        run: {
          ...run,
          returns: (run.returns ?? 0) + (isBack ? 1 : 0),
          first_seen_ms: run.first_seen_ms ?? (run.wait_end === 'hidden' ? at : null),
        },
      })
    }
    case 'left':
      return next({ left: leaving(folded, event.how, event.isFinal, at) })
    case 'settled':
      return settle({ ...folded, pace }, event.outcome, at, context)
    case 'feedback':
      return next({ signals: { ...folded.signals, ...signalOf(event.value) } })
    case 'downloading':
    case 'reasoning':
      return next({})
    default:
      return event satisfies never
  }
}

function named(
  route: string,
  { facts }: Pick<RunFacts, 'facts'>,
): Pick<Attempted, 'route' | 'gen_ai.provider.name' | 'gen_ai.request.model'> {
  const known = facts(route)
  return { route, 'gen_ai.provider.name': known?.provider, 'gen_ai.request.model': known?.model }
}

function failed(
  failure: Failure | null,
): Draft<Pick<RunRow, 'error.type' | 'failure_class' | 'failure_phase'>> {
  return {
    'error.type': failure?.kind,
    failure_class: failure?.class,
    failure_phase: failure?.phase,
  }
}

function used(usage: Usage | null): Used {
  return {
    'gen_ai.usage.input_tokens': usage?.inputTokens,
    'gen_ai.usage.output_tokens': usage?.outputTokens,
    'gen_ai.usage.reasoning.output_tokens': usage?.reasoningTokens,
    'gen_ai.usage.cache_read.input_tokens': usage?.cachedTokens,
  }
}

/** How often and how long the attempt on the screen stalled; nothing of one that never came to content. */
function stalledOf(
  { shown, own }: Pace,
  attempt: number,
): Draft<Pick<AttemptRow, 'stalls' | 'stalled_ms'>> {
  return attempt === shown ? { stalls: own.stalls, stalled_ms: own.stalledMs } : {}
}

/** Hidden time up to `at`. */
function hiddenMs({ hiddenMs: before, hiddenSince }: Reported, at: number): number {
  return before + (hiddenSince === null ? 0 : at - hiddenSince)
}

/**
 * What the user left behind. A wait that they may come back to has not ended by it: it is censored. So is that of
 * whoever turned to something else, though they were not back in time: they did not end it.
 */
function leaving(folded: Reported, how: RunRow['left_how'], isFinal: boolean, at: number): Left {
  return {
    left_how: how,
    left_is_final: isFinal,
    left_phase: folded.phase,
    left_chars: folded.chars,
    left_route: folded.run.route,
    left_failure: folded.failure,
    left_ms: at,
    ...(folded.run.wait_end === 'open'
      ? {
          wait_ms: at - hiddenMs(folded, at),
          wait_end: isFinal && how !== 'hidden' ? 'abandoned' : 'hidden',
        }
      : {}),
  }
}

function settle(
  folded: Reported,
  outcome: Outcome,
  at: number,
  context: Pick<RunFacts, 'facts'>,
): Reported {
  const { status, degraded, latency } = outcome
  const revision = folded.revision + 1
  const isLeft = status === 'stopped' || status === 'superseded'
  const tried = new Map(outcome.attempts.map((one) => [one.attempt, one]))
  const isWaiting = folded.run.wait_end === 'open'
  return {
    ...folded,
    revision,
    phase: 'settled',
    left: folded.left ?? (isLeft ? leaving(folded, status, true, at) : null),
    attempts: folded.attempts.map((one) => {
      const last = tried.get(one.attempt)
      const totalMs = last?.totalMs ?? at - one.start_ms
      return {
        ...one,
        ...used(last?.usage ?? null),
        revision,
        total_ms: totalMs,
        cost_usd: last?.costUsd,
        billing: last?.billing,
        ...(one.result === 'open'
          ? { result: 'ended' as const, ...stalledOf(folded.pace, one.attempt) }
          : {}),
        ...(one.wait_end === 'open' ? { wait_ms: totalMs, wait_end: 'cut' as const } : {}),
      }
    }),
    run: {
      ...folded.run,
      ...(outcome.route === null ? {} : named(outcome.route, context)),
      ...failed(outcome.failure),
      ...used(outcome.usage),
      status,
      finish: outcome.finish,
      review: outcome.review,
      chars: outcome.text.length,
      degraded_from: degraded?.from,
      degraded_to: degraded?.to,
      degraded_cause: degraded?.cause,
      total_ms: at,
      cost_usd: outcome.costUsd,
      longest_gap_ms: latency.longestGapMs,
      hidden_ms: latency.hiddenMs,
      // An answer may be empty, after a tool's result.
      ...(isWaiting
        ? {
            wait_ms: at - hiddenMs(folded, at),
            wait_end: status === 'completed' ? 'content' : 'failed',
          }
        : {}),
    },
  }
}

/** What the user made of the answer, as fields of the run's row. */
export function signalOf(value: Feedback): Readonly<Record<string, true | number>> {
  if ('custom' in value) return { [`signal.${value.custom}`]: value.value }
  return { [value.signal.replace('-', '_')]: true }
}
