import { expect, test } from 'vitest'
import { fuzz } from './fuzz.ts'

test('no eight characters of a secret are in what any sink sends, in storage or in the console', async () => {
  const { bytes, leaks } = await fuzz(100, 7)
  expect(leaks).toEqual([])
  for (const [where, count] of Object.entries(bytes)) {
    expect([where, count > 10_000]).toEqual([where, true])
  }
}, 120_000)
