import { describe, expect, test } from 'vitest'
import type { RunRequest, StandardSchema } from '../src/index.ts'
import { APPEND_ONLY } from '../src/run/appendOnly.ts'
import { CUT, HANG, scripted } from '../src/testing.ts'
import { stage } from './play.ts'

/** A request of a wire that can only append. */
const appended: Partial<RunRequest> = Object.assign<Partial<RunRequest>, object>(
  {},
  { [APPEND_ONLY]: true },
)
const whole = scripted({ provider: 'other' }, ['whole'])
const refuses: StandardSchema<never> = {
  '~standard': { version: 1, vendor: 'test', validate: () => ({ issues: ['never'] }) },
}

describe('where nothing can be taken back', () => {
  test.each([
    ['restart', 'short '],
    ['ask', 'x'.repeat(400)],
    [undefined, 'short '],
  ] as const)('recovery %s keeps what a cut stream has shown', async (recovery, text) => {
    const played = await stage(
      { ours: scripted({ provider: 'us' }, [text, CUT]), whole },
      { recovery },
    ).play({ ...appended, canConfirm: true })
    expect(played.lines).toEqual(['try ours', JSON.stringify(text), 'truncated -> keep', 'partial'])
    expect(played.outcome).toMatchObject({ text, failure: { kind: 'truncated' } })
  })

  test('a stall after content keeps it', async () => {
    const { lines } = await stage({ ours: scripted({}, ['half', HANG]), whole }).play(appended)
    expect(lines).toEqual(['try ours', '"half"', 'stream-stall -> keep', 'partial'])
  })

  test('a whole answer that its schema refuses is kept, and no other one follows', async () => {
    const { lines, outcome } = await stage({ ours: scripted({}, ['{}']), whole }).play({
      ...appended,
      output: refuses,
    })
    expect(lines).toEqual(['try ours', '"{}"', 'invalid-response -> keep', 'partial'])
    expect(outcome.object).toBeNull()
  })

  test('an answer that misses a check is kept as the draft that it is', async () => {
    const checks = [() => ({ ok: false, reason: 'thin' }) as const]
    const { lines, outcome } = await stage(
      { ours: scripted({ quality: 0.5 }, ['thin']), whole: scripted({ quality: 0.9 }, ['thick']) },
      { checks },
    ).play(appended)
    expect(lines).toEqual(['try ours', '"thin"', 'quality-floor -> keep', 'partial'])
    expect(outcome).toMatchObject({ text: 'thin', failure: { kind: 'quality-floor' } })
  })

  test('the safe answer does not follow a text either', async () => {
    const { outcome } = await stage(
      { ours: scripted({}, ['half', { fail: 'outage' }]) },
      { on: { outage: 'safe' } },
    ).play(appended)
    expect(outcome).toMatchObject({ status: 'partial', text: 'half' })
  })

  test('what was blocked after its content fails, for the text cannot be replaced', async () => {
    const { lines, outcome } = await stage({
      ours: scripted({}, ['half', { fail: 'blocked-content' }]),
      whole,
    }).play(appended)
    expect(lines).toEqual(['try ours', '"half"', 'blocked-content -> stop', 'failed'])
    expect(outcome.failure?.kind).toBe('blocked-content')
  })

  test('before any text, and after a call that nobody saw, the ladder goes on', async () => {
    const { lines } = await stage({
      down: scripted({}, [{ status: 503 }]),
      calls: scripted({ provider: 'third' }, [{ call: { name: 'look', input: {} } }, CUT]),
      whole,
    }).play(appended)
    expect(lines).toEqual([
      'try down',
      'outage -> calls',
      'try calls',
      'calls look',
      'truncated -> whole',
      'try whole',
      '"whole"',
      'completed',
    ])
  })

  test('another request of the same LLM is not bound by it', async () => {
    const { play } = stage({ ours: scripted({}, ['half', CUT]), whole }, { recovery: 'restart' })
    expect((await play(appended)).outcome.status).toBe('partial')
    expect((await play()).outcome.text).toBe('whole')
  })
})
