import { classify } from '../policy/classify.ts'
import { costUsd } from '../policy/cost.ts'
import { Fault, judged, SKIPPED_EVENTS } from '../policy/fault.ts'
import type { Attempt, Billing, Finish, RunStep, Usage } from '../words/event.ts'
import type { Failure, FailureKind, FailurePhase } from '../words/failure.ts'
import type { Part } from '../words/message.ts'
import type { Rung } from '../words/rung.ts'
import type { Wire, WireEvent, WireRequest } from '../words/wire.ts'
import type { World } from '../words/world.ts'
import type { Passing } from './checks.ts'
import { createMailbox } from './mailbox.ts'
import { otherModel } from './served.ts'
import { within } from './within.ts'
import { createWatchdog, type Deadlines } from './watchdog.ts'

/** The user, or the product for the user, ended the run. */
export class Ended {
  readonly how: 'stopped' | 'superseded' | 'abandoned'
  constructor(how: Ended['how']) {
    this.how = how
  }
}

export type HeldOut = Extract<RunStep, { type: 'held-out' }>

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
  | { readonly type: 'answered'; readonly finish: Finish; readonly usage: Usage | null }
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

/** What an attempt cost, USD, and whether the provider may charge for it. */
export interface Bill {
  readonly costUsd: number | null
  readonly billing: Billing
}

/** A connection that broke before headers this fast did no work that could be charged. */
const UNBILLED_MS = 2_000
/** So many blanks in a row are no answer, characters. */
const MOST_BLANKS = 4_000
/** After its last word a stream has this long to end by itself, which keeps its connection usable. */
const GOODBYE_MS = 50

const BEGINNINGS = new Set<Letter['type']>([
  'text',
  'refusal',
  'reasoning',
  'tool-delta',
  'tool-call',
])

/** What becomes a part of the answer when it follows something else; more parts than this are no answer. */
const PARTS = new Set<Letter['type']>(['text', 'reasoning', 'tool-call'])
const MOST_PARTS = 1_000

type Letter = WireEvent | HeldOut | { readonly type: 'slow' }

/** Adjacent text of one network read is one letter. */
function merge(before: Letter, next: Letter): Letter | undefined {
  if (before.type === 'text' && next.type === 'text') {
    return { type: 'text', text: before.text + next.text }
  }
  if (before.type === 'reasoning' && next.type === 'reasoning' && before.opaque === undefined) {
    return { ...next, text: before.text + next.text }
  }
  return before.type === 'tool-delta' && next.type === 'tool-delta' ? next : undefined
}

/**
 * One try of one route: what it tells, then how it ended. Failing before, during and after the stream is
 * one path. Whatever the ending, its abort controller, timer and reader are released.
 */
export async function* attempt<Name extends string>(
  input: AttemptInput<Name>,
): AsyncGenerator<RunStep<Name>, AttemptResult<Name>, void> {
  const { attempt: number, rung, wire, world, signal } = input
  const route = rung.name
  const mailbox = createMailbox<Letter>(merge)
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
  const said: Part[] = []
  let chars = 0
  let isStructured = input.request.output !== undefined
  let usage: Usage | null = null
  let finish: Finish | null = null
  /** Anything of an answer has come, if only a thought. */
  let hasBegun = false
  let hasDownloaded = false
  let hasRefused = false
  let hasCalls = false
  let hasContent = false
  /** Why the answer ended, once it is whole. */
  let whole: Finish | null = null
  let requestId: string | undefined
  let blankChars = 0
  /** Something other than blanks has come. */
  let hasInk = false
  let parts = 0
  let lastType: Letter['type'] | null = null
  let isOver = false
  let skippedEvents = 0
  let isExpired = false
  let servedModel: string | undefined

  const source = (async () => {
    if (wire.readKey) {
      key = await wire.readKey()
      if (key === undefined) throw new Fault({ from: 'unsent', kind: 'auth' })
    }
    if (aborter.signal.aborted) return
    phase = 'before-content'
    await wire.stream({ request: input.request, key, signal: aborter.signal, world }, mailbox.put)
  })().then(mailbox.close, mailbox.fail)

  /** Take in one letter; null where it is nothing to tell. */
  function read(letter: Letter): RunStep<Name> | null {
    hasBegun ||= BEGINNINGS.has(letter.type)
    if (letter.type !== lastType && PARTS.has(letter.type)) parts += 1
    if (letter.type === 'tool-call' && lastType === 'tool-call') parts += 1
    if (PARTS.has(letter.type)) lastType = letter.type
    if (parts > MOST_PARTS) throw judged('invalid-response')
    switch (letter.type) {
      case 'text':
      case 'refusal':
        hasRefused ||= letter.type === 'refusal'
        noteContent()
        chars += letter.text.length
        watchBlanks(letter.text)
        said.push({ type: 'text', text: letter.text })
        return { type: 'content', attempt: number, text: letter.text }
      case 'tool-call':
        noteContent()
        hasCalls = true
        said.push(letter.call)
        return { type: 'tool-call', attempt: number, call: letter.call }
      case 'reasoning': {
        watchdog.progress()
        const { opaque } = letter
        const madeBy =
          opaque === undefined || rung.model === null
            ? {}
            : { opaque, madeBy: { provider: rung.provider, model: rung.model } }
        const part = { type: 'reasoning', text: letter.text, ...madeBy } as const
        said.push(part)
        return { attempt: number, ...part }
      }
      case 'tool-delta':
        watchdog.progress()
        isStructured = true
        return null
      case 'headers':
        watchdog.headers()
        requestId = letter.requestId
        return { type: 'headers', attempt: number, status: letter.status }
      case 'downloading':
        hasDownloaded = true
        watchdog.download()
        return { type: 'downloading', attempt: number, loaded: letter.loaded }
      case 'usage':
        if (!Object.values(letter.usage).every(isCount)) return null
        usage = letter.usage
        return { type: 'usage', attempt: number, usage }
      case 'model':
        // What a host repeats of its key is not repeated; a shorter one is a word, and no secret.
        if (!(key && key.length > 7 && letter.model.includes(key)))
          servedModel = otherModel(rung, wire, letter.model)
        return null
      case 'slow':
        return phase === 'before-content'
          ? { type: 'slowed', attempt: number, expectedMs: input.deadlines.slowMs }
          : null
      case 'held-out':
        return letter
      case 'skipped':
        skippedEvents += 1
        if (skippedEvents > SKIPPED_EVENTS) throw judged('invalid-response')
        return null
      case 'finish':
        // Some hosts say it twice, or `stop` with every piece until they know better.
        if (finish === null || finish === 'stop') finish = letter.finish
        if (!letter.mayGoOn) watchdog.finish()
        return null
      case 'terminal':
        isOver = true
        return null
      default:
        return letter satisfies never
    }
  }
  /** A model that has fallen into a loop of blanks goes on until something stops it. */
  function watchBlanks(more: string): void {
    const isBlank = more.trim() === ''
    hasInk ||= !isBlank
    blankChars = isBlank ? blankChars + more.length : 0
    if (blankChars > MOST_BLANKS) throw judged('invalid-response')
  }
  function noteContent(): void {
    watchdog.content()
    hasContent = true
    if (phase === 'streaming') return
    phase = 'streaming'
    // A wait with a sleep or a download in it says nothing of the route.
    const isTelling = watchdog.suspendedMs === 0 && !hasDownloaded
    input.onFirstContent(isTelling ? world.now() - startedAt : null)
  }
  /** How the stream ended, once it has: what it lacks to be an answer is thrown. */
  async function judge(): Promise<Finish> {
    const isSaid = hasInk || hasCalls
    if (finish === null && !isOver) throw judged(hasBegun ? 'truncated' : 'invalid-response')
    if (!isSaid && (finish === 'filtered' || finish === 'refused')) {
      throw judged('blocked-content')
    }
    // After a tool's result there may be nothing left to say.
    const mayBeEmpty = rung.isCanned || input.request.messages.at(-1)?.role === 'tool'
    if (!isSaid && !mayBeEmpty) throw judged('invalid-response')
    // Some hosts say `stop` whatever happened, some nothing at all.
    const reason = finish ?? 'stop'
    const how =
      reason !== 'stop' ? reason : hasRefused ? 'refused' : hasCalls ? 'tool-calls' : 'stop'
    whole = how
    phase = 'after-answer'
    watchdog.whole()
    const passed = input.check({ said, finish: how }, aborter.signal, () => {
      watchdog.shaped()
    })
    await Promise.race([passed, isLost, isLate])
    return how
  }

  yield { type: 'attempt-started', attempt: number, route, why: input.why }
  try {
    while (!isOver) {
      const letters = await mailbox.take()
      if (letters === null) break
      for (const letter of letters) {
        // Another one answers by now: what this one still says is not even read.
        if (signal.reason === LOST) throw LOST
        // What stands behind the last word is no part of the answer, even in the same network read.
        if (isOver) break
        const step = read(letter)
        if (step) yield step
      }
    }
    const how = await judge()
    yield {
      type: 'attempt-finished',
      attempt: number,
      route,
      finish: how,
      skippedEvents,
      ...(servedModel === undefined ? {} : { servedModel }),
      ...bill(usage ? 'billed' : rung.isCanned ? 'none' : 'billed'),
    }
    return { type: 'answered', finish: how, usage }
  } catch (thrown) {
    if (signal.aborted) {
      const how = phase === 'before-request' ? 'none' : 'possible'
      bill(usage ? 'billed' : how)
      return { type: 'ended' }
    }
    if (thrown instanceof Fault && thrown.evidence.from === 'unsent') phase = 'before-request'
    const known = requestId === undefined ? {} : { requestId }
    const told = (broken: unknown): Failure<Name> => ({
      ...known,
      ...classify<Name>(broken, { route, provider: rung.provider, phase, now: world.now() }),
    })
    const { suspendedMs, wasOffline } = watchdog
    let failure = told(thrown)
    // What breaks as the network comes back was lost with it.
    if (failure.kind === 'network' && wasOffline && !rung.isLocal) failure = told(judged('offline'))
    // Blanks alone are nothing that anybody saw.
    const visibleChars = hasInk ? chars : 0
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
    if (isOver) await within(GOODBYE_MS, source, world)
    mailbox.close()
    aborter.abort()
  }

  /** What the attempt cost: by its usage, without one by what was reckoned, nothing where nothing was done. */
  function bill(billing: Billing): Bill {
    const usd = usage ? costUsd(rung, usage) : input.expectedUsd
    const billed = { costUsd: billing === 'none' ? 0 : usd, billing }
    input.onBill(billed)
    return billed
  }
}

/** A count of tokens; providers send anything. */
function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

export function billingOf(thrown: unknown, failure: Failure, lastedMs: number): Billing {
  if (failure.phase === 'before-request') return 'none'
  // A whole answer is charged, whatever we think of it.
  if (failure.phase === 'after-answer') return 'billed'
  if (failure.phase !== 'before-content') return 'possible'
  const from = thrown instanceof Fault ? thrown.evidence.from : 'event'
  if (from === 'status' || from === 'redirect') return 'none'
  return from === 'transport' && lastedMs < UNBILLED_MS ? 'none' : 'possible'
}
