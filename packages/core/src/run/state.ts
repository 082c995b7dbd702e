import type { Attempt, Latency, RunEvent, RunState } from '../words/event.ts'
import type { Part } from '../words/message.ts'

/** A question that is not answered in this time is answered no, ms. */
export const QUESTION_MS = 60_000

/** What a run's events come to: what a screen draws, and what the fold needs beside it. */
export interface Folded<Name extends string = string> {
  readonly view: RunState<Name>
  /** The attempt whose answer is on the screen; 0 before there is one. */
  readonly shown: number
  /** The attempt that the run goes by: the newest, but for one that was only asked beside it. */
  readonly lead: number
  /** What the answer on the screen is against the promised one. */
  readonly shownDegraded: RunState<Name>['degraded']
  /** Reasoning, by attempt, of those that have not yet taken over the screen. */
  readonly waiting: ReadonlyMap<number, readonly Part[]>
  /** `at` of the newest content. */
  readonly contentAt: number
  /** `at` since which the page is hidden. */
  readonly hiddenSince: number | null
}

const latency: Latency = {
  firstContentMs: null,
  firstPaintMs: null,
  paintedBy: 'none',
  longestGapMs: 0,
  totalMs: null,
  hiddenMs: 0,
}

/** What a screen draws before anything was sent. */
export const idle: RunState<never, never> = {
  status: 'ready',
  phase: 'idle',
  text: '',
  parts: [],
  object: null,
  route: null,
  attempts: [],
  degraded: null,
  confirmation: null,
  isSlow: false,
  download: null,
  failure: null,
  outcome: null,
  latency,
  usage: null,
  costUsd: null,
}

export function createFolded<Name extends string>(): Folded<Name> {
  return {
    view: idle,
    shown: 0,
    lead: 0,
    shownDegraded: null,
    waiting: new Map(),
    contentAt: 0,
    hiddenSince: null,
  }
}

/**
 * Take in one event. `gestureMs` is how long before the run's start the user asked, and `epoch` the
 * instant of that start.
 */
export function reduceRun<Name extends string>(
  folded: Folded<Name>,
  event: RunEvent<Name>,
  gestureMs: number,
  epoch: number,
): Folded<Name> {
  const { view } = folded
  const show = (change: Partial<RunState<Name>>): Folded<Name> => ({
    ...folded,
    view: { ...view, ...change },
  })
  switch (event.type) {
    case 'started':
      return show({ status: 'submitted', phase: 'connecting' })
    case 'attempt-started': {
      const { attempt, route, why } = event
      const opened: Attempt<Name> = {
        attempt,
        route,
        why,
        startedAt: epoch + event.at,
        headersMs: null,
        firstContentMs: null,
        totalMs: null,
        failure: null,
        move: null,
        usage: null,
        costUsd: null,
        billing: 'none',
        skippedEvents: 0,
      }
      // One that is asked beside another changes nothing on the screen until it takes the lead.
      if (why === 'hedge') return show({ attempts: [...view.attempts, opened] })
      const attempts = [...closeOthers(view.attempts, attempt, opened.startedAt), opened]
      const phase = attempt === 1 ? 'connecting' : 'switching'
      return {
        ...folded,
        lead: attempt,
        waiting: new Map(),
        view: {
          ...view,
          attempts,
          route,
          isSlow: false,
          usage: null,
          // Thoughts of an attempt that never came to an answer are not the next one's.
          parts: folded.shown === 0 ? [] : view.parts,
          ...standing(view, phase),
        },
      }
    }
    case 'headers':
      return show({
        attempts: patch(view.attempts, event.attempt, ({ startedAt }) => ({
          headersMs: epoch + event.at - startedAt,
        })),
        ...(view.phase === 'connecting' ? { phase: 'waiting' as const } : {}),
      })
    case 'downloading':
      return show({ download: event.loaded })
    case 'content':
      return reduceContent(folded, event, gestureMs, epoch, { type: 'text', text: event.text })
    case 'tool-call':
      return reduceContent(folded, event, gestureMs, epoch, event.call)
    case 'reasoning': {
      const { text, opaque, madeBy } = event
      const part: Part = {
        type: 'reasoning',
        text,
        ...(opaque === undefined ? {} : { opaque }),
        ...(madeBy === undefined ? {} : { madeBy }),
      }
      if (event.attempt === (folded.shown || folded.lead)) {
        return show({ parts: appendPart(view.parts, part) })
      }
      const parts = appendPart(folded.waiting.get(event.attempt) ?? [], part)
      return { ...folded, waiting: new Map(folded.waiting).set(event.attempt, parts) }
    }
    case 'usage':
      return show({
        ...(event.attempt === folded.lead ? { usage: event.usage } : {}),
        attempts: patch(view.attempts, event.attempt, () => ({ usage: event.usage })),
      })
    case 'slowed':
      return show({ isSlow: true })
    case 'attempt-failed': {
      const { failure, skippedEvents, costUsd, billing } = event
      const isLead = event.attempt === folded.lead
      return show({
        failure,
        ...(isLead ? { isSlow: false, download: null, ...standing(view, 'switching') } : {}),
        ...close(view, event, epoch, { failure, skippedEvents, costUsd, billing }),
      })
    }
    case 'attempt-finished': {
      const { skippedEvents, costUsd, billing, servedModel } = event
      const attempts = closeOthers(view.attempts, event.attempt, epoch + event.at)
      const served = servedModel === undefined ? {} : { servedModel }
      return show(
        close({ ...view, attempts }, event, epoch, { skippedEvents, costUsd, billing, ...served }),
      )
    }
    case 'moved': {
      const { move, degraded } = event
      const attempts = patch(view.attempts, folded.lead, ({ failure }) => (failure ? { move } : {}))
      const moved = { ...view, attempts, degraded }
      const route = move.to === 'route' ? move.route : null
      const next = attempts.find((one) => one.route === route && one.totalMs === null)
      if (!next) return { ...folded, view: moved }
      // Who was asked beside it takes the lead, its thoughts with it.
      const parts = folded.shown === 0 ? (folded.waiting.get(next.attempt) ?? []) : view.parts
      const { attempt: lead, usage } = next
      return { ...folded, lead, view: { ...moved, route, usage, parts } }
    }
    case 'asked':
      return show({ confirmation: event.confirmation, ...standing(view, 'asking') })
    case 'answered':
      return show({ confirmation: null, ...standing(view, 'switching') })
    case 'paused':
      return show(standing(view, 'paused'))
    case 'resumed':
      return show(standing(view, 'switching'))
    case 'painted': {
      const isFirst = view.latency.paintedBy === 'none' && event.by !== 'none'
      const isSeen = event.by !== 'hidden' && event.by !== 'miss'
      const firstPaintMs = isSeen ? gestureMs + event.at : null
      return isFirst
        ? show({ latency: { ...view.latency, firstPaintMs, paintedBy: event.by } })
        : folded
    }
    case 'hidden':
      return { ...folded, hiddenSince: folded.hiddenSince ?? event.at }
    case 'shown': {
      const { confirmation } = view
      const now = epoch + event.at
      // A question whose time ran out while nobody could read it has its time anew.
      const isOver = confirmation !== null && confirmation.expiresAt <= now
      return {
        ...show({
          latency: { ...view.latency, hiddenMs: hiddenMs(folded, event.at) },
          ...(isOver && { confirmation: { ...confirmation, expiresAt: now + QUESTION_MS } }),
        }),
        hiddenSince: null,
      }
    }
    case 'settled': {
      const { outcome } = event
      return show({
        status: outcome.status === 'failed' ? 'error' : 'ready',
        phase: 'settled',
        text: outcome.text,
        parts: outcome.message.content,
        object: outcome.object,
        route: outcome.route ?? view.route,
        attempts: outcome.attempts,
        degraded: outcome.degraded,
        confirmation: null,
        isSlow: false,
        download: null,
        failure: outcome.failure,
        outcome,
        latency: outcome.latency,
        usage: outcome.usage,
        costUsd: outcome.costUsd,
      })
    }
    case 'planned':
    case 'held-out':
    case 'left':
    case 'feedback':
      return folded
    default:
      return event satisfies never
  }
}

/** Hidden time up to `at`. */
export function hiddenMs({ view, hiddenSince }: Folded, at: number): number {
  return view.latency.hiddenMs + (hiddenSince === null ? 0 : at - hiddenSince)
}

type Content = Extract<Part, { type: 'text' | 'tool-call' }>

/** New content. The first of an attempt takes over the screen: what another attempt left there goes, in the same step. */
function reduceContent<Name extends string>(
  folded: Folded<Name>,
  { attempt, at }: { readonly attempt: number; readonly at: number },
  gestureMs: number,
  epoch: number,
  part: Content,
): Folded<Name> {
  const { view, shown, contentAt } = folded
  const isFirst = shown !== attempt
  const isTakeover = isFirst && shown !== 0
  const text = part.type === 'text' ? part.text : ''
  const before = isTakeover ? (folded.waiting.get(attempt) ?? []) : view.parts
  const { firstContentMs, longestGapMs } = view.latency
  const gap = firstContentMs === null ? 0 : at - contentAt
  return {
    ...folded,
    shown: attempt,
    shownDegraded: isFirst ? view.degraded : folded.shownDegraded,
    waiting: isFirst ? new Map() : folded.waiting,
    contentAt: at,
    view: {
      ...view,
      status: 'streaming',
      phase: 'streaming',
      isSlow: false,
      download: null,
      text: isTakeover ? text : view.text + text,
      parts: appendPart(before, part),
      latency:
        firstContentMs === null
          ? { ...view.latency, firstContentMs: gestureMs + at }
          : gap > longestGapMs
            ? { ...view.latency, longestGapMs: gap }
            : view.latency,
      attempts: isFirst
        ? patch(
            closeOthers(view.attempts, attempt, epoch + at),
            attempt,
            ({ startedAt, firstContentMs: known }) => ({
              firstContentMs: known ?? epoch + at - startedAt,
            }),
          )
        : view.attempts,
    },
  }
}

/** Adjacent text is one part, and so is adjacent reasoning that carries nothing opaque. */
export function appendPart(parts: readonly Part[], part: Part): readonly Part[] {
  const last = parts.at(-1)
  if (last?.type === 'text' && part.type === 'text') {
    return parts.with(-1, { type: 'text', text: last.text + part.text })
  }
  if (last?.type === 'reasoning' && part.type === 'reasoning' && last.opaque === undefined) {
    return parts.with(-1, { ...last, ...part, text: (last.text ?? '') + (part.text ?? '') })
  }
  return [...parts, part]
}

/** A phase between contents: `submitted` before text, `streaming` after. */
function standing(
  view: RunState,
  phase: RunState['phase'],
): { readonly phase: RunState['phase']; readonly status: RunState['status'] } {
  return { phase, status: view.text === '' ? 'submitted' : 'streaming' }
}

function patch<Name extends string>(
  attempts: readonly Attempt<Name>[],
  number: number,
  change: (attempt: Attempt<Name>) => Partial<Attempt<Name>>,
): readonly Attempt<Name>[] {
  return attempts.map((one) => (one.attempt === number ? { ...one, ...change(one) } : one))
}

/** Once one answers, or a new one begins, those that were under way were cut. What they cost comes with the outcome. */
function closeOthers<Name extends string>(
  attempts: readonly Attempt<Name>[],
  number: number,
  now: number,
): readonly Attempt<Name>[] {
  return attempts.map((one) =>
    one.attempt === number || one.totalMs !== null
      ? one
      : { ...one, totalMs: now - one.startedAt, billing: 'possible' },
  )
}

/** An attempt has ended; the run's money is the sum of what its attempts cost. */
function close<Name extends string>(
  view: RunState<Name>,
  { attempt, at }: { readonly attempt: number; readonly at: number },
  epoch: number,
  change: Partial<Attempt<Name>>,
): Pick<RunState<Name>, 'attempts' | 'costUsd'> {
  const attempts = patch(view.attempts, attempt, ({ startedAt }) => ({
    ...change,
    totalMs: epoch + at - startedAt,
  }))
  return { attempts, costUsd: sumUsd(attempts) }
}

export function sumUsd(attempts: readonly Attempt[]): number | null {
  return attempts.reduce<number | null>(
    (sum, { costUsd }) => (sum === null || costUsd === null ? null : sum + costUsd),
    0,
  )
}
