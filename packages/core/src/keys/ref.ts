/** What a keyring's reference can say beside the key itself. */
export interface KeyRef {
  /** There is no key behind it now. */
  readonly isEmpty: () => boolean
  /** Tie it to the one origin that its key may go to; false when it is tied to another. */
  readonly bind: (origin: string) => boolean
  /** The provider refused the key that was read last. */
  readonly refuse: () => void
}

/** Shared by copies of this package. */
const refKey: unique symbol = Symbol.for('rungs.key')

type Referenced = (() => Promise<string | undefined>) & { readonly [refKey]: KeyRef }

/** Make a function that reads a key, with what is known of it. */
export function createKeyRef(
  read: () => Promise<string | undefined>,
  ref: KeyRef,
): () => Promise<string | undefined> {
  return Object.assign(read, { [refKey]: ref })
}

function isReferenced(credential: unknown): credential is Referenced {
  return typeof credential === 'function' && refKey in credential
}

/** What is known of a credential that a keyring gave; undefined for any other. */
export function keyRefOf(credential: unknown): KeyRef | undefined {
  return isReferenced(credential) ? credential[refKey] : undefined
}
