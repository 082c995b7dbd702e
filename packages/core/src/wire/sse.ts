import { createParser } from 'eventsource-parser'
import { isDeepJson } from './json.ts'
import { createObjects } from './objects.ts'

/** Bounds on a stream of events; more is a fault of the server. */
const EVENT_CHARS = 2 ** 20
const EVENTS = 200_000
/** Lines of one event: each is a character more, and takes many times its room. */
const LINES = 10_000
/** Lines that are of no field. */
const GARBAGE = 1_000

/** A line that the standard passes over: it begins a JSON object, or a list of them, or is llama.cpp's `error`. */
const BARE = /[\r\n](?:[{[]|error:)/
/** The beginning of such a field, at the end of a read. */
const HALF_FIELD = /[\r\n](e(?:r(?:r(?:or?)?)?)?)$/

export interface SseReader {
  feed(text: string): void
  /** The body has ended: an event that lacks its blank line counts all the same. */
  end(): void
}

/**
 * Server-sent events out of text, cut anywhere. `onEvent` gets each event's data and name; `onObject` each
 * JSON object that is in no event: Gemini breaks off with one, and sends nothing else where a proxy drops
 * its `alt=sse`. `onBroken` is called once the stream is out of bounds; nothing is read after that.
 */
export function createSse(
  onEvent: (data: string, name: string | undefined) => void,
  onObject: (text: string) => void,
  onBroken: () => void,
): SseReader {
  let events = 0
  let garbage = 0
  /** Lines since the last blank one. */
  let lines = 0
  let isBroken = false
  let isBare = false
  /** The last character that was parsed. */
  let before = '\n'
  let held = ''
  const giveUp = (): void => {
    isBroken = true
    onBroken()
  }
  const count = (text: string): boolean => {
    events += 1
    const isWithin = events <= EVENTS && text.length <= EVENT_CHARS && !isDeepJson(text)
    if (!isWithin) giveUp()
    return isWithin
  }
  const parser = createParser({
    maxBufferSize: EVENT_CHARS,
    onEvent({ data, event }) {
      lines = 0
      if (count(data)) onEvent(data, event)
    },
    onError({ type }) {
      garbage += 1
      if (type === 'max-buffer-size-exceeded' || garbage > GARBAGE) giveUp()
    },
  })
  const readObjects = createObjects(
    EVENT_CHARS,
    (text) => {
      if (count(text)) onObject(text)
    },
    giveUp,
  )
  function parse(text: string): void {
    if (text === '' || isBroken) return
    if (lines > LINES) {
      giveUp()
      return
    }
    // Of many events in one read only what follows the last of them can be too long.
    const blank = Math.max(text.lastIndexOf('\n\n'), text.lastIndexOf('\n\r\n'))
    if (blank >= 0) lines = 0
    for (let at = text.indexOf('\n', blank + 1); at >= 0; at = text.indexOf('\n', at + 1))
      lines += 1
    parser.feed(text)
    before = text.slice(-1)
  }
  function feed(text: string): void {
    let rest: string | null = held + text
    held = ''
    // The parser lets a line go that it does not know, cut or whole: what counts is taken out before.
    while (rest) {
      if (isBare) {
        rest = readObjects(rest)
        isBare = rest === null
        before = '\n'
        continue
      }
      const at = (before + rest).search(BARE)
      if (at < 0) {
        const half = HALF_FIELD.exec((before + rest).slice(-6))?.[1] ?? ''
        held = half
        parse(rest.slice(0, rest.length - half.length))
        return
      }
      // What stands before is an event, with or without its blank line.
      parse(rest.slice(0, at))
      parse('\n\n')
      rest = rest.slice(at)
      isBare = !rest.startsWith('e')
      if (!isBare) {
        parse('event: error\ndata:')
        rest = rest.slice('error:'.length)
      }
    }
  }
  return {
    feed,
    end() {
      parse(held)
      parse('\n\n')
    },
  }
}
