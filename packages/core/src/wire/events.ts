import { Fault, judged, SKIPPED_EVENTS } from '../policy/fault.ts'
import type { WireEvent } from '../words/wire.ts'
import type { Answer } from './http.ts'
import { parseJson } from './json.ts'
import { createSse } from './sse.ts'

/** Reads one protocol's events. Throws a Fault for an error that came inside the stream. */
export type Decode = (data: string, name: string | undefined) => void

/** A body of one JSON document or page is read no further than this, characters. */
const DOCUMENT_CHARS = 64 * 2 ** 10

/**
 * Reads a body of server-sent events, or of a JSON list that is sent piece by piece in their place. A page or
 * a JSON document where a stream was due is told from its first character, since servers and proxies get the
 * content type wrong: a page is `invalid-response`, a document with an error in it is classified by that
 * error, like a status; so is one that breaks off a stream.
 */
export async function readEvents(
  answer: Answer,
  createDecode: (tell: (event: WireEvent) => void) => Decode,
  tell: (event: WireEvent) => void,
): Promise<void> {
  tell({
    type: 'headers',
    status: answer.status,
    ...(answer.requestId === undefined ? {} : { requestId: answer.requestId }),
  })
  /** What came before the body's shape is known; all of a document. */
  let head = ''
  const body: { shape: 'unknown' | 'stream' | 'document' } = { shape: 'unknown' }
  let skipped = 0
  const counted = (event: WireEvent): void => {
    tell(event)
    if (event.type === 'skipped') skipped += 1
    // The attempt gives up as well, but hears of it only after all that came in one read has been decoded.
    if (skipped > SKIPPED_EVENTS) throw judged('invalid-response', answer.status)
  }
  const decode = createDecode(counted)
  const read: Decode = (data, name) => {
    try {
      decode(data, name)
    } catch (thrown) {
      if (thrown instanceof Fault) throw thrown
      // The event has a shape that its protocol does not allow.
      counted({ type: 'skipped' })
    }
  }
  const sse = createSse(
    read,
    (text) => {
      const error = errorIn(text)
      if (error) throw error
      read(text, undefined)
    },
    () => {
      throw judged('invalid-response', answer.status)
    },
  )
  await answer.read((text) => {
    if (body.shape === 'stream') {
      sse.feed(text)
      return
    }
    // Blanks before the first event mean nothing, and are not kept.
    head = body.shape === 'document' ? head + text : (head + text).trimStart()
    const first = head.charAt(0)
    if (first === '<') throw judged('invalid-response', answer.status)
    if (first === '{') {
      body.shape = 'document'
      if (head.length > DOCUMENT_CHARS) throw judged('invalid-response', answer.status)
    } else if (first !== '') {
      body.shape = 'stream'
      sse.feed(head)
    }
  })
  if (body.shape === 'document') throw errorIn(head) ?? judgeDocument(head, createDecode)
  sse.end()
}

/** What a JSON document has to say of a failure. */
function errorIn(text: string): Fault | null {
  const document = parseJson(text)
  const isError =
    typeof document === 'object' && document !== null && 'error' in document && document.error
  return isError ? new Fault({ from: 'event', error: document }) : null
}

/** A whole document where a stream was due is no answer, but it can say that the content was blocked. */
function judgeDocument(
  text: string,
  createDecode: (tell: (event: WireEvent) => void) => Decode,
): Fault {
  const told: WireEvent[] = []
  try {
    createDecode((event) => told.push(event))(text, undefined)
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown
  }
  const isBlocked = told.some((event) => event.type === 'finish' && event.finish === 'filtered')
  return judged(
    isBlocked && !told.some(({ type }) => type === 'text') ? 'blocked-content' : 'invalid-response',
  )
}
