// What the hooks of peers (AI SDK: useChat, useCompletion, useObject; TanStack AI: useChat) promise in their documentation
// or by their own tests, and what their users have reported where they do not keep it, asked of each hook of ours.
import type { Script } from '@rungs/core/testing'
import { describe, expect, test } from 'vitest'
import { kinds, open } from './hooks.tsx'
import { doing, stage, type Stage } from './kit.tsx'

const broken: Script = [{ fail: 'invalid-response' }]

/** How each run of a page ends, in order. */
function endings({ llm }: Stage): string[] {
  const ends: string[] = []
  llm.subscribe((event) => event.type === 'settled' && ends.push(event.outcome.status))
  return ends
}

describe.each(Object.entries(kinds))('%s', (_name, kind) => {
  const { whole, half } = kind
  const one = whole(['one'])
  const two = whole(['two'])

  test('goes from ready by submitted and streaming to ready, and back to submitted at once', async () => {
    const page = stage({ ours: [[20, ...whole(['a', 'b'], 20)], two] })
    const { result, send } = open(page, kind)
    const statuses = [result.current.status]
    send('Hi')
    for (let step = 0; step < 30; step += 1) {
      statuses.push(result.current.status)
      await page.pass(5)
    }
    expect([...new Set(statuses)]).toEqual(['ready', 'submitted', 'streaming'])
    expect(result.current).toMatchObject({ status: 'ready', words: 'ab' })
    send('Hi')
    expect(result.current).toMatchObject({ status: 'submitted', words: '', outcome: null })
  })

  test('a stop keeps what there is, nothing more of it comes, and it resolves once that is so', async () => {
    const page = stage({ ours: [[...half('half'), 100, ' and whole']] })
    const { result, send, seen } = open(page, kind)
    send('Hi')
    await page.pass(50)
    const stopped = doing(() => result.current.stop())
    await page.pass(0)
    await stopped
    expect(result.current.outcome?.status).toBe('stopped')
    await page.pass(1000)
    expect(result.current).toMatchObject({ status: 'ready', words: 'half', failure: null })
    expect([...seen.words]).toEqual(['', 'half'])
  })

  test('a stop before the first text, a second one, and one with nothing to stop do no harm', async () => {
    const page = stage({ ours: [[100, 'late'], two] })
    const ends = endings(page)
    const { result, send } = open(page, kind)
    const stop = (): void => doing(() => void result.current.stop())
    stop()
    send('Hi')
    await page.pass(10)
    stop()
    stop()
    await page.pass(1000)
    stop()
    expect(result.current).toMatchObject({ status: 'ready', words: '', failure: null })
    expect(ends).toEqual(['stopped'])
    send('Again')
    await page.pass(100)
    expect(result.current).toMatchObject({ status: 'ready', words: 'two' })
  })

  test('an answer is asked for again, and replaces the first', async () => {
    const page = stage({ ours: [one, [50, ...two]] })
    const { result, send, seen } = open(page, kind)
    send('Hi')
    await page.pass(100)
    doing(() => result.current.again())
    expect(result.current).toMatchObject({ status: 'submitted', words: '' })
    await page.pass(100)
    expect(result.current).toMatchObject({ status: 'ready', words: 'two' })
    expect(page.asked).toEqual(['ours: Hi', 'ours: Hi'])
    expect([...seen.words]).toEqual(['', 'one', 'two'])
  })

  test('asked for again in the middle, the new answer is the only one', async () => {
    const page = stage({ ours: [[...half('half'), 100, ' and whole'], whole(['t', 'wo'], 60)] })
    const ends = endings(page)
    const { result, send, seen } = open(page, kind)
    send('Hi')
    await page.pass(50)
    doing(() => result.current.again())
    // In two: what comes within one act, React 18 draws at its end.
    await page.pass(90)
    await page.pass(1000)
    expect(result.current).toMatchObject({ status: 'ready', words: 'two' })
    expect([...seen.words]).toEqual(['', 'half', 't', 'two'])
    expect(ends).toHaveLength(2)
  })

  test('asked for again where no answer ever came, it comes', async () => {
    const page = stage({ ours: [broken, one], mini: [broken] })
    const { result, send } = open(page, kind)
    send('Hi')
    await page.pass(1000)
    expect(result.current).toMatchObject({ status: 'error', words: '' })
    doing(() => result.current.again())
    await page.pass(100)
    expect(result.current).toMatchObject({ status: 'ready', words: 'one', failure: null })
    expect(page.asked.at(-1)).toBe('ours: Hi')
  })

  test('an error is gone with the next question, and stays gone after its answer', async () => {
    const page = stage({ ours: [broken, [50, ...one]], mini: [broken] })
    const { result, send } = open(page, kind)
    send('Hi')
    await page.pass(1000)
    expect(result.current).toMatchObject({ status: 'error', failure: { kind: 'invalid-response' } })
    send('Again')
    expect(result.current).toMatchObject({ status: 'submitted', failure: null, outcome: null })
    await page.pass(100)
    expect(result.current).toMatchObject({ status: 'ready', failure: null, words: 'one' })
  })

  test('an error is gone after a reset', async () => {
    const page = stage({ ours: [broken], mini: [broken] })
    const { result, send } = open(page, kind)
    send('Hi')
    await page.pass(1000)
    doing(() => {
      result.current.reset()
    })
    expect(result.current).toMatchObject({ status: 'ready', failure: null, outcome: null })
  })

  test('what is reset in the middle does not fill again', async () => {
    const page = stage({ ours: [[...half('half'), 100, ' and whole'], two] })
    const { result, send } = open(page, kind)
    send('Hi')
    await page.pass(50)
    doing(() => {
      result.current.reset()
    })
    expect(result.current).toMatchObject({ status: 'ready', words: '' })
    await page.pass(1000)
    expect(result.current).toMatchObject({ status: 'ready', words: '', outcome: null })
    send('Again')
    await page.pass(100)
    expect(result.current.words).toBe('two')
  })

  test('an empty answer is an error, not silence', async () => {
    const page = stage({ ours: [[]], mini: [[]] })
    const { result, send } = open(page, kind)
    send('Hi')
    await page.pass(1000)
    expect(result.current).toMatchObject({ status: 'error', failure: { kind: 'invalid-response' } })
  })

  test('of ten questions in one tick the last is answered, and the others have ended', async () => {
    const page = stage({ ours: Array.from({ length: 10 }, (_, i) => whole([`answer ${i}`], 10)) })
    const ends = endings(page)
    const { result, send, seen } = open(page, kind)
    const runs = Array.from({ length: 10 }, (_, index) => send(`question ${index}`))
    await page.pass(1000)
    const outcomes = await Promise.all(runs.map(({ outcome }) => outcome))
    expect(outcomes.at(-1)?.status).toBe('completed')
    expect(new Set(outcomes.slice(0, -1).map(({ status }) => status)).size).toBe(1)
    expect(outcomes[0]?.status).toMatch(/^stopped|superseded$/)
    expect(ends).toHaveLength(10)
    expect(outcomes.at(-1)?.text).toContain(result.current.words)
    expect(result.current.words).toMatch(/^answer \d$/)
    expect([...seen.words]).toEqual(['', result.current.words])
  })

  test('an older question that ends does not take the stop away from the newer', async () => {
    const page = stage({
      ours: [
        [...half('old'), 30, 'er'],
        [...half('new'), 200, 'er'],
      ],
    })
    const { result, send, seen } = open(page, kind)
    send('one')
    await page.pass(10)
    const newer = send('two')
    await page.pass(100)
    expect(result.current).toMatchObject({ status: 'streaming', words: 'new' })
    doing(() => void result.current.stop())
    await page.pass(1000)
    expect((await newer.outcome).status).toBe('stopped')
    expect(result.current).toMatchObject({ status: 'ready', words: 'new' })
    expect([...seen.words]).toEqual(['', 'old', 'new'])
  })
})
