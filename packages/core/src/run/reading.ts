import { judged, SKIPPED_EVENTS } from '../policy/fault.ts'
import type { Finish, RunStep, Usage } from '../words/event.ts'
import type { Part } from '../words/message.ts'
import type { Rung } from '../words/rung.ts'
import type { Wire, WireEvent, WireRequest } from '../words/wire.ts'
import { otherModel } from './served.ts'
import type { Watchdog } from './watchdog.ts'

export type HeldOut = Extract<RunStep, { type: 'held-out' }>

/** What an attempt hears: the wire's events, and what its own watchdog has to tell. */
export type Letter = WireEvent | HeldOut | { readonly type: 'slow' }

/** What one attempt has said so far. */
export interface Reading<Name extends string> {
  /** Take in one letter; null where it is nothing to tell. Throws a Fault where no answer goes on like this. */
  read(letter: Letter): RunStep<Name> | null
  /** Why the answer ended, once the stream has. What it lacks to be an answer is thrown, as a Fault. */
  whole(): Finish
  readonly said: readonly Part[]
  readonly usage: Usage | null
  /** The protocol said that this was all. */
  readonly isOver: boolean
  /** Content has come, which took over the screen. */
  readonly hasContent: boolean
  /** What anybody saw of it: blanks alone are nothing. */
  readonly visibleChars: number
  readonly isStructured: boolean
  readonly skippedEvents: number
  readonly requestId: string | undefined
  /** The model that answered, where it is not the one that was asked for. */
  readonly servedModel: string | undefined
}

interface ReadingInput<Name extends string> {
  readonly attempt: number
  readonly rung: Rung<Name>
  readonly wire: Wire
  readonly request: WireRequest
  readonly watchdog: Watchdog
  readonly slowMs: number
  /** The credential in use: what a host repeats of it is not repeated. */
  readonly key: () => string | undefined
  /** Called once; with a download before it, its wait says nothing of the route. */
  readonly onFirstContent: (hasDownloaded: boolean) => void
}

/** So many blanks in a row are no answer, characters. */
const MOST_BLANKS = 4_000
/** What becomes a part of the answer when it follows something else; more parts than this are no answer. */
const PARTS = new Set<Letter['type']>(['text', 'reasoning', 'tool-call'])
const MOST_PARTS = 1_000
const BEGINNINGS = new Set<Letter['type']>([...PARTS, 'refusal', 'tool-delta'])

/** Adjacent text of one network read is one letter. */
export function mergeLetters(before: Letter, next: Letter): Letter | undefined {
  if (before.type === 'text' && next.type === 'text') {
    return { type: 'text', text: before.text + next.text }
  }
  if (before.type === 'reasoning' && next.type === 'reasoning' && before.opaque === undefined) {
    return { ...next, text: before.text + next.text }
  }
  return before.type === 'tool-delta' && next.type === 'tool-delta' ? next : undefined
}

/** Reads the letters of one attempt, in order. */
export function createReading<Name extends string>(input: ReadingInput<Name>): Reading<Name> {
  const { attempt, rung, wire, request, watchdog } = input
  const said: Part[] = []
  let chars = 0
  let isStructured = request.output !== undefined
  let usage: Usage | null = null
  let finish: Finish | null = null
  /** Anything of an answer has come, if only a thought. */
  let hasBegun = false
  let hasDownloaded = false
  let hasRefused = false
  let hasCalls = false
  let hasContent = false
  /** Something other than blanks has come. */
  let hasInk = false
  let blankChars = 0
  let parts = 0
  let lastType: Letter['type'] | null = null
  let isOver = false
  let skippedEvents = 0
  let requestId: string | undefined
  let servedModel: string | undefined

  function read(letter: Letter): RunStep<Name> | null {
    hasBegun ||= BEGINNINGS.has(letter.type)
    countParts(letter.type)
    switch (letter.type) {
      case 'text':
      case 'refusal':
        hasRefused ||= letter.type === 'refusal'
        noteContent()
        chars += letter.text.length
        watchBlanks(letter.text)
        said.push({ type: 'text', text: letter.text })
        return { type: 'content', attempt, text: letter.text }
      case 'tool-call':
        noteContent()
        hasCalls = true
        said.push(letter.call)
        return { type: 'tool-call', attempt, call: letter.call }
      case 'reasoning': {
        watchdog.progress()
        const { opaque } = letter
        const madeBy =
          opaque === undefined || rung.model === null
            ? {}
            : { opaque, madeBy: { provider: rung.provider, model: rung.model } }
        const part = { type: 'reasoning', text: letter.text, ...madeBy } as const
        said.push(part)
        return { attempt, ...part }
      }
      case 'tool-delta':
        watchdog.progress()
        isStructured = true
        return null
      case 'headers':
        watchdog.headers()
        requestId = letter.requestId
        return { type: 'headers', attempt, status: letter.status }
      case 'downloading':
        hasDownloaded = true
        watchdog.download()
        return { type: 'downloading', attempt, loaded: letter.loaded }
      case 'usage':
        if (!Object.values(letter.usage).every(isCount)) return null
        usage = letter.usage
        return { type: 'usage', attempt, usage }
      case 'model': {
        const key = input.key()
        // A key shorter than this is a word, and no secret.
        if (!(key && key.length > 7 && letter.model.includes(key)))
          servedModel = otherModel(rung, wire, letter.model)
        return null
      }
      case 'slow':
        return hasContent ? null : { type: 'slowed', attempt, expectedMs: input.slowMs }
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
  function countParts(type: Letter['type']): void {
    if (!PARTS.has(type)) return
    if (type !== lastType || type === 'tool-call') parts += 1
    lastType = type
    if (parts > MOST_PARTS) throw judged('invalid-response')
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
    if (hasContent) return
    hasContent = true
    input.onFirstContent(hasDownloaded)
  }
  function whole(): Finish {
    const isSaid = hasInk || hasCalls
    if (finish === null && !isOver) throw judged(hasBegun ? 'truncated' : 'invalid-response')
    if (!isSaid && (finish === 'filtered' || finish === 'refused')) {
      throw judged('blocked-content')
    }
    // After a tool's result there may be nothing left to say.
    const mayBeEmpty = rung.isCanned || request.messages.at(-1)?.role === 'tool'
    if (!isSaid && !mayBeEmpty) throw judged('invalid-response')
    // Some hosts say `stop` whatever happened, some nothing at all.
    const reason = finish ?? 'stop'
    if (reason !== 'stop') return reason
    return hasRefused ? 'refused' : hasCalls ? 'tool-calls' : 'stop'
  }
  return {
    read,
    whole,
    said,
    get usage() {
      return usage
    },
    get isOver() {
      return isOver
    },
    get hasContent() {
      return hasContent
    },
    get visibleChars() {
      return hasInk ? chars : 0
    },
    get isStructured() {
      return isStructured
    },
    get skippedEvents() {
      return skippedEvents
    },
    get requestId() {
      return requestId
    },
    get servedModel() {
      return servedModel
    },
  }
}

/** A count of tokens; providers send anything. */
function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
