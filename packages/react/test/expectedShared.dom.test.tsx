// As expected.dom.test.tsx: what is expected where components come, go and share, and of very many pieces.
import { HANG } from '@rungs/core/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { kinds, open } from './hooks.tsx'
import { doing, stage } from './kit.tsx'

/** Nothing is told on the console, by React least of all. */
function inSilence(): void {
  const told = vi.spyOn(console, 'error')
  onTestFinished(() => {
    expect(told).not.toHaveBeenCalled()
    told.mockRestore()
  })
}
describe.each(Object.entries(kinds))('%s', (_name, kind) => {
  const { whole, half } = kind
  const one = whole(['one'])
  const two = whole(['two'])

  test('an unmount in the middle ends the run, and nothing is rendered or told afterwards', async () => {
    inSilence()
    const page = stage({ ours: [whole(['a', 'b', 'c', 'd'], 60)] })
    const { send, seen, unmount } = open(page, kind)
    const run = send('Hi')
    await page.pass(130)
    unmount()
    const { commits } = seen
    await page.pass(1000)
    expect(await run.outcome).toMatchObject({ status: 'abandoned' })
    expect(seen.commits).toBe(commits)
    expect(page.time.pending()).toBe(0)
  })

  test('an unmount of one of two on an id ends nothing', async () => {
    const page = stage({
      ours: [[...half('half'), 100, ' and more', HANG]],
    })
    const [first, second] = [open(page, kind, { id: 'x' }), open(page, kind, { id: 'x' })]
    const run = first.send('Hi')
    await page.pass(50)
    first.unmount()
    await page.pass(20)
    expect(second.result.current).toMatchObject({ status: 'streaming', words: 'half' })
    doing(() => void second.result.current.stop())
    await page.pass(100)
    expect((await run.outcome).status).toBe('stopped')
  })

  test('two on an id show one answer at every moment, whoever asks and whoever stops', async () => {
    const page = stage({
      ours: [whole(['a', 'b', 'c', 'd', 'e', 'f'], 30), [...half('half'), HANG]],
    })
    const [first, second] = [open(page, kind, { id: 'x' }), open(page, kind, { id: 'x' })]
    first.send('Hi')
    for (let step = 0; step < 25; step += 1) {
      await page.pass(10)
      expect(first.result.current.words).toBe(second.result.current.words)
      expect(first.result.current.status).toBe(second.result.current.status)
    }
    expect(second.result.current.words).toBe('abcdef')
    second.send('Again')
    await page.pass(50)
    expect(first.result.current).toMatchObject({ status: 'streaming', words: 'half' })
    doing(() => void first.result.current.stop())
    await page.pass(50)
    expect(second.result.current).toMatchObject({ status: 'ready', words: 'half' })
    expect(page.asked).toEqual(['ours: Hi', 'ours: Again'])
  })

  test('two without an id have nothing to do with each other', async () => {
    const page = stage({ ours: [one, two] })
    const [first, second] = [open(page, kind), open(page, kind)]
    first.send('Hi')
    await page.pass(100)
    expect(second.result.current).toMatchObject({ status: 'ready', words: '', outcome: null })
    second.send('Hi')
    await page.pass(100)
    expect([first.result.current.words, second.result.current.words]).toEqual(['one', 'two'])
  })

  test('who comes back to a live run has its text in the first render, and the rest as it comes', async () => {
    const page = stage({ ours: [whole(['a', 'b', 'c', 'd'], 60)] })
    const keep = { id: 'x', onUnmount: 'keep' } as const
    const before = open(page, kind, keep)
    before.send('Hi')
    await page.pass(70)
    before.unmount()
    await page.pass(130)
    const after = open(page, kind, keep)
    expect([...after.seen.words]).toEqual(['abc'])
    expect(after.result.current.status).toBe('streaming')
    await page.pass(1000)
    expect(after.result.current).toMatchObject({ status: 'ready', words: 'abcd' })
    expect([...after.seen.words]).toEqual(['abc', 'abcd'])
    after.unmount()
    await page.pass(1000)
    expect(open(page, kind, keep).result.current).toMatchObject({ status: 'ready', words: 'abcd' })
    expect(page.asked).toHaveLength(1)
  })

  test('who comes back to a live run can stop it', async () => {
    const page = stage({ ours: [[...half('half'), HANG]] })
    const keep = { id: 'x', onUnmount: 'keep' } as const
    const before = open(page, kind, keep)
    const run = before.send('Hi')
    await page.pass(70)
    before.unmount()
    await page.pass(100)
    const { result } = open(page, kind, keep)
    doing(() => void result.current.stop())
    await page.pass(100)
    expect((await run.outcome).status).toBe('stopped')
    expect(result.current).toMatchObject({ status: 'ready', words: 'half' })
  })

  test('another id shows nothing of the first in the very render that changes it', async () => {
    const page = stage({ ours: [whole(['a', 'b'], 60)] })
    const { result, rerender, send, seen } = open(page, kind, { id: 'x', onUnmount: 'keep' })
    send('Hi')
    await page.pass(70)
    expect(result.current.words).toBe('a')
    seen.words.clear()
    rerender({ id: 'y', onUnmount: 'keep' })
    expect(result.current).toMatchObject({ status: 'ready', words: '' })
    await page.pass(1000)
    expect([...seen.words]).toEqual([''])
    rerender({ id: 'x', onUnmount: 'keep' })
    expect(result.current).toMatchObject({ status: 'ready', words: 'ab' })
  })

  test('3,000 pieces at 1,000 a second are 20 commits a second, and the text is whole', async () => {
    inSilence()
    const pieces = Array.from({ length: 3000 }, (_, index) => `${String(index).padStart(4, '0')} `)
    const page = stage({ ours: [whole(pieces, 1)] })
    const { result, send, seen } = open(page, kind)
    seen.commits = 0
    send('Hi')
    for (let step = 0; step < 310; step += 1) await page.pass(10)
    expect(result.current).toMatchObject({ status: 'ready', words: pieces.join('') })
    expect(seen.commits).toBeLessThanOrEqual(3000 / 50 + 5)
    expect(seen.commits).toBeGreaterThan(3000 / 70)
    // Nothing is shown that was not sent, or twice.
    for (const words of seen.words) expect(pieces.join('').startsWith(words)).toBe(true)
  })
})
