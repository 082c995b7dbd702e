/** A text is looked at for a loop each time it has grown by this much, characters. */
export const LOOP_STEP = 1_000
/** What has to repeat, and how short the piece that does, characters. */
const WINDOW = 4_000
const LONGEST_PIECE = 200

/**
 * Whether a model has fallen into a loop: the last 4,000 characters are blank, or one piece of at most 200
 * characters over and over. Found by the prefix function of Knuth, Morris and Pratt, in one pass.
 */
export function isLoop(text: string): boolean {
  if (text.length < WINDOW) return false
  const tail = text.slice(-WINDOW)
  if (tail.trim() === '') return true
  const borders = [0]
  let border = 0
  for (let at = 1; at < WINDOW; at += 1) {
    while (border > 0 && tail[at] !== tail[border]) border = borders[border - 1] ?? 0
    if (tail[at] === tail[border]) border += 1
    borders.push(border)
  }
  return WINDOW - border <= LONGEST_PIECE
}
