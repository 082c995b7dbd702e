import type { Message, Part } from '../words/message.ts'

export { imageOf } from '../run/request.ts'

/** Collects parts into messages: those of one role in a row are one message. */
export interface Turns {
  add(role: Message['role'], ...parts: readonly Part[]): void
  /** A call's result, which comes once the message that it stands in is over. */
  result(result: Extract<Part, { type: 'tool-result' }>): void
  /** What follows begins a message of its own. */
  next(): void
  messages(): readonly Message[]
}

export function createTurns(): Turns {
  const messages: { readonly role: Message['role']; readonly content: Part[] }[] = []
  let isOpen = false
  let results: Part[] = []
  function next(): void {
    if (results.length > 0) messages.push({ role: 'tool', content: results })
    results = []
    isOpen = false
  }
  return {
    add(role, ...parts) {
      // Providers refuse empty texts.
      const said = parts.filter((part) => part.type !== 'text' || part.text !== '')
      if (said.length === 0) return
      // Calls of one step stand together; anything else behind a call is a step of its own.
      if (results.length > 0 && said[0]?.type !== 'tool-call') next()
      const last = messages.at(-1)
      if (isOpen && last?.role === role) last.content.push(...said)
      else {
        next()
        messages.push({ role, content: said })
        isOpen = true
      }
    },
    result(result) {
      results.push(result)
    },
    next,
    messages() {
      next()
      return messages
    },
  }
}
