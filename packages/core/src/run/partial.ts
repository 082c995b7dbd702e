/** Text beyond this is not read again at every step, characters; the object stays as it was. */
const CHARS = 64 * 2 ** 10
const DEPTH = 64

/**
 * As much of a JSON object or list as has come: what is whole, and texts as far as they go. Undefined where
 * there is nothing to show (yet, or any more). One scan finds the last place where the text can be closed;
 * the libraries for it try again at every level and hang on nesting that a server sends on purpose.
 */
export function readPartial(text: string): unknown {
  if (text.length > CHARS) return undefined
  const closers: string[] = []
  let isKey = false
  /** The text up to here, with this many levels closed, is JSON. */
  let end = 0
  let depth = 0
  let quote = ''
  const keep = (at: number, closing = ''): void => {
    end = at
    depth = closers.length
    quote = closing
  }
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]
    if (char === '"') {
      const close = endOfText(text, at + 1)
      if (close === null) {
        if (!isKey) keep(text.length - halfEscape(text.slice(at + 1)), '"')
        break
      }
      at = close
      if (!isKey) keep(at + 1)
    } else if (char === '{' || char === '[') {
      isKey = char === '{'
      closers.push(isKey ? '}' : ']')
      if (closers.length > DEPTH) return undefined
      keep(at + 1)
    } else if (char === '}' || char === ']') {
      closers.pop()
      keep(at + 1)
    } else if (char === ',') {
      keep(at)
      isKey = closers.at(-1) === '}'
    } else if (char === ':') isKey = false
  }
  try {
    return JSON.parse(text.slice(0, end) + quote + closers.slice(0, depth).toReversed().join(''))
  } catch {
    // It is no JSON, and will be judged as such once it is whole.
    return undefined
  }
}

/** Where the text that begins at `from` has its closing quote; null while it has none. */
function endOfText(text: string, from: number): number | null {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === '"') return at
  }
  return null
}

/** How many characters at the end are an escape that is not yet whole. */
function halfEscape(text: string): number {
  const [half = ''] = /(?:^|[^\\])(?:\\\\)*(\\(?:u[\da-fA-F]{0,3})?)$/.exec(text)?.slice(1) ?? []
  return half.length
}
