import { classify } from '../policy/classify.ts'
import { costUsd } from '../policy/cost.ts'
import { Fault, judged } from '../policy/fault.ts'
import type { Attempt, Billing, Finish, RunStep, Usage } from '../words/event.ts'
import type { Failure, FailureKind, FailurePhase } from '../words/failure.ts'
import type { Rung } from '../words/rung.ts'
import type { Wire, WireRequest } from '../words/wire.ts'
import type { World } from '../words/world.ts'
import { billingOf, type Bill } from './billing.ts'
import type { Passing } from './checks.ts'
import { createMailbox } from './mailbox.ts'
import { createReading, mergeLetters, type HeldOut, type Letter } from './reading.ts'
import { within } from './within.ts'
import { createWatchdog, type Deadlines } from './watchdog.ts'

/** The user, or the product for the user, ended the run. */
export class Ended {
  readonly how: 'stopped' | 'superseded' | 'abandoned'
  constructor(how: Ended['how']) {
    this.how = how
  }
}

/** What was drawn, to be told before anything is done. */
export interface Drawn {
  readonly step: HeldOut
  /** How long the fallback is put off, ms; 0 to fall back as ever. */
  readonly holdMs: number
}

/** Why an attempt ends for which another one answered first. */
export const LOST: unique symbol = Symbol('lost')

export interface AttemptInput<Name extends string> {
  readonly attempt: number
  readonly why: Attempt['why']
  readonly rung: Rung<Name>
  readonly wire: Wire
  readonly request: WireRequest
  readonly deadlines: Deadlines
  /** What it is reckoned to cost, USD; null where that is unknown. */
  readonly expectedUsd: number | null
  /** Aborted with `Ended` or `LOST`. */
  readonly signal: AbortSignal
  readonly world: World
  /** The first content is so late that another route may be asked as well; where given, told once. */
  readonly onLate: (() => void) | undefined
  /** What it came to, once, when it is over. */
  readonly onBill: (bill: Bill) => void
  /** The first content is here; the wait is null where it says nothing of the route, ms. */
  readonly onFirstContent: (waitMs: number | null) => void
  /** The page slept for so long, ms. */
  readonly onSuspended: (ms: number) => void
  /** The first content is past its deadline: what was drawn about that, if anything. */
  readonly onOverdue: (kind: FailureKind, mostMs: number) => Drawn | null
  /** A look at the whole answer; throws a Fault where it will not do. */
  readonly check: Passing['check']
}

export type AttemptResult<Name extends string> =
  | {
      readonly type: 'answered'
      readonly finish: Finish
      readonly usage: Usage | null
      /** From the first content to the last word; null where that says nothing of the route. */
      readonly writingMs: number | null
    }
  | {
      readonly type: 'failed'
      readonly failure: Failure<Name>
      readonly visibleChars: number
      /** Content has come, which took over the screen. */
      readonly hasContent: boolean
      /** Why the answer ended, where it had come whole. */
      readonly finish: Finish | null
      readonly isStructured: boolean
      readonly lastedMs: number
      /** It was cut off at a deadline. */
      readonly isExpired: boolean
      /** The page slept meanwhile: what broke then is nobody's fault. */
      readonly wasSuspended: boolean
      /** The credential that was used, for comparison only. */
      readonly key: string | undefined
    }
  | { readonly type: 'ended' }

/** After its last word a stream has this long to end by itself, which keeps its connection usable. */
const GOODBYE_MS = 50

/**
 * One try of one route: what it tells, then how it ended. Failing before, during and after the stream is
 * one path. Whatever the ending, its abort controller, timer and reader are released.
 */
export async function* attempt<Name extends string>(
  input: AttemptInput<Name>,
): AsyncGenerator<RunStep<Name>, AttemptResult<Name>, void> {
  const { attempt: number, rung, wire, world, signal } = input
  const route = rung.name
  const mailbox = createMailbox<Letter>(mergeLetters)
  const aborter = new AbortController()
  const startedAt = world.now()
  const end = (reason: unknown): void => {
    mailbox.fail(reason)
    aborter.abort(reason)
  }
  const onEnded = (): void => {
    end(signal.reason)
  }
  signal.addEventListener('abort', onEnded)
  /** Rejects when the attempt is cut off, for what has no other way to hear of it. */
  const isLost = new Promise<never>((_, reject) => {
    aborter.signal.addEventListener('abort', () => {
      reject(aborter.signal.reason)
    })
  })
  // It is raced against each wait; where nothing waits, nobody has to hear of it.
  isLost.catch(() => undefined)
  let letStand: (() => void) | undefined
  /** Checks have had their time. */
  const isLate = new Promise<void>((resolve) => {
    letStand = () => {
      if (phase === 'after-answer') console.error('[rungs] checks took too long: the answer stands')
      resolve()
    }
  })
  const watchdog = createWatchdog(input.deadlines, world, {
    slow: () => {
      mailbox.put({ type: 'slow' })
    },
    late: input.onLate,
    end: () => {
      mailbox.close()
      letStand?.()
    },
    suspended: input.onSuspended,
    overdue: (kind, mostMs) => {
      // A connection that the page slept on, or was offline on, is likely dead.
      const isDead = watchdog.suspendedMs > 0 || watchdog.wasOffline
      const drawn = isDead ? null : input.onOverdue(kind, mostMs)
      if (drawn) mailbox.put(drawn.step)
      return drawn?.holdMs ?? 0
    },
    expire: (kind, wasOffline) => {
      isExpired = true
      end(judged(wasOffline && !rung.isLocal ? 'offline' : kind))
    },
  })

  let phase: FailurePhase = 'before-request'
  let key: string | undefined
  /** Why the answer ended, once it is whole. */
  let whole: Finish | null = null
  let isExpired = false
  let begunAt: number | null = null
  let writingMs: number | null = null
  const reading = createReading({
    attempt: number,
    rung,
    wire,
    request: input.request,
    watchdog,
    slowMs: input.deadlines.slowMs,
    key: () => key,
    onFirstContent(hasDownloaded) {
      phase = 'streaming'
      begunAt = world.now()
      // A wait with a sleep or a download in it says nothing of the route.
      const isTelling = watchdog.suspendedMs === 0 && !hasDownloaded
      input.onFirstContent(isTelling ? world.now() - startedAt : null)
    },
  })

  const source = (async () => {
    if (wire.readKey) {
      key = await wire.readKey()
      if (key === undefined) throw new Fault({ from: 'unsent', kind: 'auth' })
    }
    if (aborter.signal.aborted) return
    phase = 'before-content'
    await wire.stream({ request: input.request, key, signal: aborter.signal, world }, mailbox.put)
  })().then(mailbox.close, mailbox.fail)

  /** How the stream ended, once it has, if the answer passes what is asked of it. */
  async function judge(): Promise<Finish> {
    const finish = reading.whole()
    if (begunAt !== null && watchdog.suspendedMs === 0) writingMs = world.now() - begunAt
    whole = finish
    phase = 'after-answer'
    watchdog.whole()
    const passed = input.check({ said: reading.said, finish }, aborter.signal, () => {
      watchdog.shaped()
    })
    await Promise.race([passed, isLost, isLate])
    return finish
  }

  yield { type: 'attempt-started', attempt: number, route, why: input.why }
  try {
    while (!reading.isOver) {
      const letters = await mailbox.take()
      if (letters === null) break
      for (const letter of letters) {
        // Another one answers by now: what this one still says is not even read.
        if (signal.reason === LOST) throw LOST
        // What stands behind the last word is no part of the answer, even in the same network read.
        if (reading.isOver) break
        const step = reading.read(letter)
        if (step) yield step
      }
    }
    const finish = await judge()
    const { usage, skippedEvents, servedModel } = reading
    yield {
      type: 'attempt-finished',
      attempt: number,
      route,
      finish,
      skippedEvents,
      ...(servedModel === undefined ? {} : { servedModel }),
      ...bill(rung.isCanned && !usage ? 'none' : 'billed'),
    }
    return { type: 'answered', finish, usage, writingMs }
  } catch (thrown) {
    if (signal.aborted) {
      const how = phase === 'before-request' ? 'none' : 'possible'
      bill(reading.usage ? 'billed' : how)
      return { type: 'ended' }
    }
    if (thrown instanceof Fault && thrown.evidence.from === 'unsent') phase = 'before-request'
    const { usage, visibleChars, hasContent, isStructured, skippedEvents } = reading
    const told = (broken: unknown): Failure<Name> => {
      const { requestId = reading.requestId, ...failure } = classify<Name>(broken, {
        route,
        provider: rung.provider,
        phase,
        now: world.now(),
      })
      // Whatever a host repeats of the key is not repeated.
      const isKnown = requestId !== undefined && !(key && requestId.includes(key))
      return isKnown ? { ...failure, requestId } : failure
    }
    const { suspendedMs, wasOffline } = watchdog
    let failure = told(thrown)
    // What breaks as the network comes back was lost with it.
    if (failure.kind === 'network' && wasOffline && !rung.isLocal) failure = told(judged('offline'))
    const lastedMs = world.now() - startedAt - suspendedMs
    yield {
      type: 'attempt-failed',
      attempt: number,
      route,
      failure,
      visibleChars,
      skippedEvents,
      ...bill(usage ? 'billed' : billingOf(thrown, failure, lastedMs)),
    }
    const wasSuspended = suspendedMs > 0
    return {
      type: 'failed',
      failure,
      visibleChars,
      hasContent,
      finish: whole,
      isStructured,
      lastedMs,
      isExpired,
      wasSuspended,
      key,
    }
  } finally {
    watchdog.stop()
    signal.removeEventListener('abort', onEnded)
    if (reading.isOver) await within(GOODBYE_MS, source, world)
    mailbox.close()
    aborter.abort()
  }

  /** What the attempt cost: by its usage, without one by what was reckoned, nothing where nothing was done. */
  function bill(billing: Billing): Bill {
    const { usage } = reading
    const usd = usage ? costUsd(rung, usage) : input.expectedUsd
    const billed = { costUsd: billing === 'none' ? 0 : usd, billing }
    input.onBill(billed)
    return billed
  }
}
