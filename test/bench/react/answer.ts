/** The pieces of every answer: five characters that say which they are, so that one that is lost or doubled is seen. */
export function pieceOf(index: number): string {
  return `${String(index % 10_000).padStart(4, '0')} `
}

export function answerOf(pieces: number): string {
  return Array.from({ length: pieces }, (_, index) => pieceOf(index)).join('')
}
