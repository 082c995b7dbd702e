/**
 * Reads JSON objects that follow each other, or are in a list, as text cut anywhere, and tells the text of
 * each. Gives back what is left from where something else begins; null while nothing does.
 */
export function createObjects(
  limitChars: number,
  onObject: (text: string) => void,
  onBroken: () => void,
): (text: string) => string | null {
  let held = ''
  let depth = 0
  let isQuoted = false
  let isEscaped = false
  return (text) => {
    let start = 0
    for (let at = 0; at < text.length; at += 1) {
      const char = text.charAt(at)
      if (isEscaped) isEscaped = false
      else if (isQuoted) {
        isEscaped = char === '\\'
        isQuoted = char !== '"'
      } else if (depth > 0) {
        if (char === '"') isQuoted = true
        else if (char === '{' || char === '[') depth += 1
        else if (char === '}' || char === ']') depth -= 1
        if (depth > 0) continue
        const whole = held + text.slice(start, at + 1)
        held = ''
        onObject(whole)
      } else if (char === '{') {
        depth = 1
        start = at
      } else if (!/[\s,[\]]/.test(char)) {
        return text.slice(at)
      }
    }
    if (depth > 0) held += text.slice(start)
    if (held.length > limitChars) onBroken()
    return null
  }
}
