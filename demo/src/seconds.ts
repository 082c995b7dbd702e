/** A wait in words, from ms. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)}\u00A0s`
}

/** From one wait to another; of two that read the same, one. */
export function range(from: number, to: number): string {
  const [first, last] = [seconds(from), seconds(to)]
  return first === last ? first : `${first} to ${last}`
}
