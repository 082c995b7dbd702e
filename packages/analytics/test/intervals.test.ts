import { expect, test } from 'vitest'
import { cover, EFFECTS } from './cover.ts'
import { learn } from './truth.ts'

// The whole proof, 1,000 seeds, is `pnpm proof:intervals`. Of 30, at 95 %, fewer than 24 come once in 3,000 times.
test('the intervals hold the truth about as often as they say', async () => {
  const covered = await cover(30, 6000, learn(100_000))
  for (const effect of EFFECTS) expect(covered[effect]).toBeGreaterThanOrEqual(24 / 30)
}, 120_000)
