/** A stream of numbers from 0 up to 1 that its seeds decide (sfc32). */
export type Random = () => number

export function createRandom(...seeds: readonly number[]): Random {
  let [a, b, c, d] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 1]
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + t
    return (t >>> 0) / 2 ** 32
  }
  for (const seed of seeds) {
    a ^= seed
    c ^= Math.imul(seed, 0x85ebca6b)
    for (let round = 0; round < 8; round += 1) next()
  }
  return next
}

export function exponential(random: Random, mean: number): number {
  return -mean * Math.log(1 - random())
}

export function logNormal(random: Random, median: number, sigma: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()))
  return median * Math.exp(sigma * radius * Math.cos(2 * Math.PI * random()))
}

export function choose<Item>(random: Random, shares: readonly (readonly [Item, number])[]): Item {
  let roll = random()
  for (const [item, share] of shares) {
    roll -= share
    if (roll < 0) return item
  }
  const last = shares.at(-1)
  if (!last) throw new Error('nothing to choose from')
  return last[0]
}

/** The share of a standard normal below `z` (Abramowitz and Stegun 26.2.17, 7.5e-8). */
export function normalCdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z))
  const tail =
    ((((1.330274429 * t - 1.821255978) * t + 1.781477937) * t - 0.356563782) * t + 0.31938153) *
    t *
    Math.exp((-z * z) / 2) *
    0.3989422804
  return z > 0 ? 1 - tail : tail
}
