/** A copied word or two may stand anywhere. */
const LEAST_CHARS = 20
/** Of the words of both, how many have to be in each. */
const ALIKE = 0.5

/** Letters and digits alone: on the screen, what was Markdown has lost its marks. */
function plain(text: string): string {
  return text
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .toLowerCase()
}

/** Whether what was copied is the answer, or a piece of it that is no chance. */
export function isCopyOf(copied: string, answer: string): boolean {
  const [piece, whole] = [plain(copied), plain(answer)]
  return piece !== '' && (piece === whole || (piece.length >= LEAST_CHARS && whole.includes(piece)))
}

/** Whether one question is the other, more or less in the same words. */
export function alike(one: string, other: string): boolean {
  const [a, b] = [new Set(plain(one).split(' ')), new Set(plain(other).split(' '))]
  const all = new Set([...a, ...b])
  const both = [...a].filter((word) => b.has(word))
  return !all.has('') && both.length / all.size >= ALIKE
}
