/** What was asked, oldest first, out of a request body of either wire. */
export function questionsOf(body: string): string[] {
  const messages = field(parse(body), 'messages')
  if (!Array.isArray(messages)) return []
  return messages.filter((message) => field(message, 'role') === 'user').map(textOf)
}

/** Whether JSON is asked for, in either wire's way. */
export function isForJson(body: string): boolean {
  const request = parse(body)
  return Boolean(field(request, 'response_format') ?? field(request, 'outputSchema'))
}

function textOf(message: unknown): string {
  const content = field(message, 'content') ?? field(message, 'parts')
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content
    .map((part) => field(part, 'text'))
    .filter((text) => typeof text === 'string')
    .join(' ')
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
