/** Where a wire leaves what it tells until the attempt takes it. */
export interface Mailbox<Letter> {
  readonly put: (letter: Letter) => void
  /** Nothing more will come. */
  readonly close: () => void
  /** It broke; what came before is still given out first. */
  readonly fail: (reason: unknown) => void
  /** All that has come since the last call, at least one; null at the end. Throws the reason of `fail`. */
  readonly take: () => Promise<readonly Letter[] | null>
}

/**
 * A queue with one reader. The wire is read on its own, so a wire that ignores its signal cannot hang the
 * attempt, and what had arrived before a deadline is read before the deadline is judged.
 *
 * @param merge joins a letter to the one before it, or returns undefined
 */
export function createMailbox<Letter>(
  merge: (before: Letter, next: Letter) => Letter | undefined,
): Mailbox<Letter> {
  let letters: Letter[] = []
  let end: 'open' | 'closed' | 'failed' = 'open'
  let failure: unknown
  let wake: (() => void) | null = null

  const rouse = (): void => {
    wake?.()
    wake = null
  }
  const finish = (how: 'closed' | 'failed', reason?: unknown): void => {
    if (end !== 'open') return
    end = how
    failure = reason
    rouse()
  }
  return {
    put(letter) {
      if (end !== 'open') return
      const before = letters.at(-1)
      const merged = before === undefined ? undefined : merge(before, letter)
      if (merged === undefined) letters.push(letter)
      else letters[letters.length - 1] = merged
      rouse()
    },
    close: () => {
      finish('closed')
    },
    fail: (reason) => {
      finish('failed', reason)
    },
    async take() {
      if (letters.length === 0 && end === 'open') {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      if (letters.length > 0) {
        const taken = letters
        letters = []
        return taken
      }
      if (end === 'failed') throw failure
      return null
    },
  }
}
