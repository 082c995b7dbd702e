/**
 * Set on a request whose answer goes where nothing can be taken back: what has been shown once stays, so no
 * other answer may follow it. Only the bridges set it; it is not a choice of the product's.
 */
export const APPEND_ONLY: unique symbol = Symbol.for('rungs append-only')
