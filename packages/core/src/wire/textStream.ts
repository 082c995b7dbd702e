import { Fault, judged } from '../policy/fault.ts'
import type { EndpointRouteOptions, Route } from '../words/route.ts'
import { createEndpointRoute } from './endpoint.ts'
import { encodeUiMessages } from './uiMessages.ts'
import { parseJson } from './json.ts'

const PAGE = /^\s*<(?:!doctype|html)[\s>]/i

/** Whether a text is so short that a page may begin like this. */
function mayBePage(head: string): boolean {
  const start = head.trimStart().toLowerCase()
  return head.length < 64 && ['<!doctype', '<html'].some((page) => page.startsWith(start))
}

/**
 * A route to the product's own backend that answers with plain text as it comes. The protocol has no word
 * for its end: the body's clean end is one, so a backend that closes early cannot be told from one that is
 * done. Prefer a framed protocol where there is a choice.
 *
 * @example
 * textStream({ url: '/api/complete' })
 */
export function textStream(options: EndpointRouteOptions): Route {
  return createEndpointRoute(options, {
    protocol: 'text-stream',
    abilities: ['text', 'json'],
    accept: 'text/plain',
    encode: encodeUiMessages,
    async receive(answer, tell) {
      const { status, contentType, requestId } = answer
      tell({ type: 'headers', status, ...(requestId === undefined ? {} : { requestId }) })
      if (contentType.includes('text/html')) throw judged('invalid-response', status)
      const isDocument = contentType.includes('json')
      let document = ''
      let head = ''
      let isBegun = false
      const begin = (): void => {
        isBegun = true
        if (head !== '') tell({ type: 'text', text: head })
      }
      await answer.read((text) => {
        if (isDocument) document += text
        else if (isBegun) {
          if (text !== '') tell({ type: 'text', text })
        } else {
          head += text
          // A page where text was due, whatever its type says.
          if (PAGE.test(head)) throw judged('invalid-response', status)
          if (!mayBePage(head)) begin()
        }
      })
      if (!isBegun) begin()
      if (isDocument) {
        const error = parseJson(document)
        const hasError = typeof error === 'object' && error !== null && 'error' in error
        if (hasError) throw new Fault({ from: 'event', error })
        // Asked for text, a backend that answers in JSON means that JSON as its text.
        if (document !== '') tell({ type: 'text', text: document })
      }
      tell({ type: 'finish', finish: 'stop' })
      tell({ type: 'terminal' })
    },
  })
}
