import { createNames } from '@rungs/core/telemetry'
import { checkRow, type Checked } from '../src/check.ts'
import { readQuestion } from '../src/questions.ts'
import { openStore, type Answer } from '../src/store.ts'
import type { Truth } from './truth.ts'
import { play } from './world.ts'

/** What is covered: an effect of falling back, or of an arm, on success. */
export const EFFECTS = [
  'all all all',
  'support desk outage',
  'briefing deep queue-stall',
  'cheap',
] as const
export type Covered = Readonly<Record<(typeof EFFECTS)[number], number>>

/** How often, over the worlds of so many seeds, the 95 % interval holds the true effect. */
export async function cover(
  seeds: number,
  runs: number,
  truth: Truth,
  onWorld: (done: number) => void = () => undefined,
): Promise<Covered> {
  const store = await openStore(':memory:')
  const hits = {
    'all all all': 0,
    'support desk outage': 0,
    'briefing deep queue-stall': 0,
    cheap: 0,
  }
  const ask = async (name: string): Promise<readonly Answer[]> =>
    (await store.query(readQuestion(name, 'duckdb') ?? '')).filter(
      (row) => row['outcome'] === 'success',
    )
  for (let seed = 1; seed <= seeds; seed += 1) {
    await store.write(rowsOf(seed, runs))
    const answers = [...(await ask('does-falling-back-help')), ...(await ask('arms'))]
    for (const effect of EFFECTS) {
      const row = answers.find((one) => isOf(one, effect))
      const is = (truth.fallback.get(effect) ?? truth.arms.get(effect))?.success ?? Number.NaN
      if (Number(row?.['low']) <= is && is <= Number(row?.['high'])) hits[effect] += 1
    }
    await store.query('DELETE FROM runs')
    onWorld(seed)
  }
  await store.close()
  for (const effect of EFFECTS) hits[effect] /= seeds
  return hits
}

function isOf(row: Answer, effect: string): boolean {
  return row['arm'] === effect || `${row['workload']} ${row['route']} ${row['kind']}` === effect
}

/** The rows that the two questions read, and no others. */
function rowsOf(seed: number, runs: number): readonly Checked[] {
  const names = createNames()
  return [...play(seed, runs)].flatMap(([run]) => {
    if (run?.['held_out_arm'] === undefined && run?.['arm'] === undefined) return []
    const verdict = checkRow(run, names)
    return 'problem' in verdict ? [] : [verdict]
  })
}
