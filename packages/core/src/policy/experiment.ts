import type { Config, Workload } from '../words/policy.ts'

type Experiment<Name extends string> = NonNullable<Workload<Name>['experiment']>

/** The experiment that the runs of a workload and tier are in. A tier with a ladder of its own is outside. */
export function experimentOf<Name extends string, Job extends string>(
  config: Config<Name, Job, string>,
  job: Job,
  level: string | null,
): Experiment<Name> | null {
  const own = level === null ? undefined : config.tiers?.[level]?.ladders?.[job]
  return own ? null : (config.workloads[job].experiment ?? null)
}

/**
 * The arm that a user is in, the same on every machine. The arms lie along 0 to 1 in the order of their names
 * (by code unit), each as wide as its share; the user stands at `murmur3(name + ' ' + user) / 2 ** 32`. No
 * experiment's name has a blank, so no two pairs of name and user read alike.
 */
export function armOf({ name, arms }: Experiment<string>, user: string): string | null {
  const at = murmur3(`${name} ${user}`) / 2 ** 32
  const inOrder = Object.entries(arms)
    .filter(([, { share }]) => share > 0)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
  let end = 0
  // Shares may add up to a little less than 1: the last arm has what is left.
  const found = inOrder.find(([, { share }]) => at < (end += share)) ?? inOrder.at(-1)
  return found?.[0] ?? null
}

/**
 * MurmurHash3, x86, 32 bits, seed 0, of a text's UTF-8 (Austin Appleby, public domain). There is a library of
 * it for every language, so that a server can tell a user's arm too.
 */
export function murmur3(text: string): number {
  const bytes = new TextEncoder().encode(text)
  let hash = 0
  let block = 0
  for (const [index, byte] of bytes.entries()) {
    block |= byte << (8 * (index % 4))
    if (index % 4 < 3) continue
    hash = (Math.imul(rotate(hash ^ scramble(block), 13), 5) + 0xe6546b64) | 0
    block = 0
  }
  hash ^= scramble(block) ^ bytes.length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function scramble(block: number): number {
  return Math.imul(rotate(Math.imul(block, 0xcc9e2d51), 15), 0x1b873593)
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits))
}
