/**
 * Random numbers that depend on what they are for and on nothing else: the same key gives the same stream, so
 * every policy meets the same world, whatever it asked of it before.
 */
export type Random = () => number

/** A stream for a key. The key is hashed as in MurmurHash3, the stream is Mulberry32 (both public domain). */
export function keyed(...key: readonly number[]): Random {
  let state = 0x9e3779b9
  for (const part of key) {
    let mixed = Math.imul(part | 0, 0xcc9e2d51)
    mixed = Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
    state ^= mixed
    state = Math.imul((state << 13) | (state >>> 19), 5) + 0xe6546b64
  }
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35)
  state ^= state >>> 16
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Standard normal, by Box and Muller. Takes two numbers. */
function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()))
  return radius * Math.cos(2 * Math.PI * random())
}

/** Log-normal around a median. */
export function logNormal(random: Random, median: number, sigma: number): number {
  return median * Math.exp(sigma * normal(random))
}

export function exponential(random: Random, mean: number): number {
  return -mean * Math.log(1 - random())
}

export function between(random: Random, least: number, most: number): number {
  return least + (most - least) * random()
}
