import type { Check } from '../words/policy.ts'

/**
 * An answer has at least so many characters, blanks around it not counted; else it is `quality-floor`.
 *
 * @throws a TypeError for what is no count
 */
export function minLength(characters: number): Check {
  if (!(characters >= 0)) throw new TypeError('minLength takes a number of characters')
  return ({ text }) => {
    let left = characters
    for (const _ of text.trim()) {
      left -= 1
      if (left <= 0) break
    }
    return left <= 0
      ? { ok: true }
      : { ok: false, reason: `It is ${left} characters short of ${characters}.` }
  }
}
