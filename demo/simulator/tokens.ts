/** Cuts text into pieces the size of a model's tokens; joined, they are the text again. */
export function toTokens(text: string): string[] {
  return text.match(/\s?[^\s]{1,7}|\s/g) ?? []
}

/** How long a token takes, ms. Longer after a sentence and between paragraphs, as models are. */
export function tokenMs(token: string, tokensPerSecond: number): number {
  const base = 1000 / tokensPerSecond
  if (token.includes('\n')) return base * 3
  if (/[.:?!]$/.test(token)) return base * 2.5
  return base * (0.55 + 0.07 * token.length)
}
