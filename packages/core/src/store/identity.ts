import { describeThrown } from '../policy/thrown.ts'
import type { World } from '../words/world.ts'

/** Where the id of a user whom the product does not name is kept. */
const KEY = 'rungs.id'

/**
 * Who is using the product: as the product says at that moment, else a random id that is kept in this
 * browser, else one for as long as the page lives. Nothing is read or kept before it is asked for.
 */
export function createIdentity(
  user: (() => string | undefined) | undefined,
  { random, local }: Pick<World, 'random' | 'local'>,
): () => string {
  let own: string | null = null
  function keep(): string {
    const kept = local.read(KEY)
    if (kept !== null && /^[\da-v]{16}$/.test(kept)) return kept
    const id = newId(random)
    local.write(KEY, id)
    return id
  }
  return () => {
    try {
      const named = user?.()
      if (named) return named
    } catch (error) {
      console.error('[rungs] user threw', describeThrown(error))
    }
    own ??= keep()
    return own
  }
}

/**
 * 80 random bits, as 16 characters. `nth` counts the ids of one maker: they differ even where `random` gives
 * the same number over and over, as a test's may.
 */
export function newId(random: () => number, nth = 0): string {
  return Array.from({ length: 16 }, (_, place) => {
    const shift = Math.floor(nth / 32 ** place)
    return ((Math.floor(random() * 32) + shift) % 32).toString(32)
  }).join('')
}
