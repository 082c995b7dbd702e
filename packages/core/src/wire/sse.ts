import { createParser } from 'eventsource-parser'

/** Bounds on a stream of events; more is a fault of the server. */
const EVENT_CHARS = 2 ** 20
const EVENTS = 200_000

export interface SseReader {
  feed(text: string): void
  /** The body has ended: an event that lacks its blank line counts all the same. */
  end(): void
}

/**
 * Server-sent events out of text, cut anywhere. `onEvent` gets each event's data and name, `onStray` each
 * line that is of no event. `onBroken` is called once the stream is out of bounds; nothing is read after that.
 */
export function createSse(
  onEvent: (data: string, name: string | undefined) => void,
  onStray: (line: string) => void,
  onBroken: () => void,
): SseReader {
  let events = 0
  let isBroken = false
  const giveUp = (): void => {
    isBroken = true
    onBroken()
  }
  const parser = createParser({
    maxBufferSize: EVENT_CHARS,
    onEvent(event) {
      events += 1
      if (events > EVENTS || event.data.length > EVENT_CHARS) giveUp()
      else onEvent(event.data, event.event)
    },
    onError(error) {
      if (error.type === 'max-buffer-size-exceeded') giveUp()
      // llama.cpp's server reports a failure in a field named `error`, which the standard passes over.
      else if (error.field === 'error') onEvent(error.value ?? '', 'error')
      else if (error.type === 'unknown-field') onStray(error.line ?? '')
    },
  })
  const feed = (text: string): void => {
    if (!isBroken) parser.feed(text)
  }
  return {
    feed,
    end() {
      feed('\n\n')
    },
  }
}
