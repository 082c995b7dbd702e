import type { LatencyModel } from '../health/latency.ts'
import type { World } from '../words/world.ts'

/** What is worth knowing at the next visit. No content, no address: names of the config, and numbers. */
export interface Memory {
  /** How long routes take, by pace and route. */
  readonly waits: Map<string, LatencyModel>
  /** What each workload has saved up of hedges: a page that is opened anew is given no new ones. */
  readonly hedges: Map<string, number>
}

/** Without a visit for so long, all is forgotten, ms. */
const LIFE_MS = 7 * 86_400_000
/** What was learnt at earlier visits weighs no more than so many samples: those of today are soon heard. */
const MOST_WEIGHT = 10

/**
 * Keep what was learnt: without it a page that is opened for five questions judges each first one by a guess, and
 * waits twelve seconds for a route that is dead. Whoever asks for privacy leaves nothing behind.
 */
export function remember(
  key: string,
  { waits, hedges }: Memory,
  { local, now, page }: Pick<World, 'local' | 'now' | 'page'>,
): void {
  if (page.wantsPrivacy()) return
  const rows = [...waits].map(([name, { mean, variance, weight, samples }]) => [
    name,
    mean,
    variance,
    weight,
    samples,
  ])
  local.write(key, JSON.stringify([now(), ...rows, ...hedges]))
}

/** Take in what was kept. Anything may stand there by now: what is no memory is passed over. */
export function recall(
  key: string,
  { waits, hedges }: Memory,
  { local, now }: Pick<World, 'local' | 'now'>,
): void {
  const [at, ...rows] = read(local.read(key))
  if (typeof at !== 'number' || now() - at > LIFE_MS) return
  for (const row of rows) {
    if (!Array.isArray(row)) continue
    const [name, ...numbers]: unknown[] = row
    if (typeof name !== 'string' || !numbers.every((one) => typeof one === 'number')) continue
    const [first = NaN, variance, weight = 1, samples = 1] = numbers
    if (variance === undefined) {
      if (first >= 0 && first <= 40) hedges.set(name, first)
    } else if (first > 0 && first < 20 && variance > 0 && variance < 9 && weight >= 1) {
      waits.set(name, { mean: first, variance, weight: Math.min(MOST_WEIGHT, weight), samples })
    }
  }
}

function read(kept: string | null): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(kept ?? '[]')
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}
