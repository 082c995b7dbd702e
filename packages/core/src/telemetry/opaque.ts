/**
 * A text that cannot be read back, as 13 characters: cyrb53 (bryc, public domain), twice 32 bits of
 * multiplication and xor, of which 53 count. Not cryptography: what keeps it from being guessed is a salt
 * that never leaves the browser.
 */
export function opaque(text: string, salt: string): string {
  let [one, other] = [0xdeadbeef, 0x41c6ce57]
  for (const character of `${salt} ${text}`) {
    const code = character.codePointAt(0) ?? 0
    one = Math.imul(one ^ code, 2654435761)
    other = Math.imul(other ^ code, 1597334677)
  }
  one = Math.imul(one ^ (one >>> 16), 2246822507) ^ Math.imul(other ^ (other >>> 13), 3266489909)
  other = Math.imul(other ^ (other >>> 16), 2246822507) ^ Math.imul(one ^ (one >>> 13), 3266489909)
  return (2 ** 32 * (other & 0x1fffff) + (one >>> 0)).toString(36).padStart(11, '0')
}
