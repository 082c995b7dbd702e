import { Fault, judged } from '../policy/fault.ts'
import type { WireEvent } from '../words/wire.ts'
import type { Answer } from './http.ts'
import { parseJson } from './json.ts'
import { createSse } from './sse.ts'

/** Reads one protocol's events. Throws a Fault for an error that came inside the stream. */
export type Decode = (data: string, name: string | undefined) => void

/** A body of one JSON document or page is read no further than this, characters. */
const DOCUMENT_CHARS = 64 * 2 ** 10

/**
 * Reads a body of server-sent events. A page or a JSON document where a stream was due is told from its
 * first character, since servers and proxies get the content type wrong: a page is `invalid-response`, a
 * document with an error in it is classified by that error, like a status.
 */
export async function readEvents(
  answer: Answer,
  decode: Decode,
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
  /** Lines that are of no event: Gemini breaks off with a bare JSON document. */
  let stray = ''
  const sse = createSse(
    (data, name) => {
      try {
        decode(data, name)
      } catch (thrown) {
        if (thrown instanceof Fault) throw thrown
        // The event has a shape that its protocol does not allow.
        tell({ type: 'skipped' })
      }
    },
    (line) => {
      if (stray.length < DOCUMENT_CHARS) stray += `${line}\n`
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
    head += text
    const first = head.trimStart().charAt(0)
    if (first === '<') throw judged('invalid-response', answer.status)
    if (first === '{' || first === '[') {
      body.shape = 'document'
      if (head.length > DOCUMENT_CHARS) throw judged('invalid-response', answer.status)
    } else if (first !== '') {
      body.shape = 'stream'
      sse.feed(head)
    }
  })
  if (body.shape === 'document') throw documentFault(head, answer.status)
  sse.end()
  if (hasError(errorIn(stray))) throw documentFault(stray, answer.status)
}

function documentFault(text: string, status: number): Fault {
  const document = errorIn(text)
  return hasError(document)
    ? new Fault({ from: 'event', error: document })
    : judged('invalid-response', status)
}

/** The JSON of a text, out of its list where it is one. */
function errorIn(text: string): unknown {
  const document = parseJson(text)
  return Array.isArray(document) ? document[0] : document
}

function hasError(document: unknown): boolean {
  return (
    typeof document === 'object' &&
    document !== null &&
    'error' in document &&
    Boolean(document.error)
  )
}
