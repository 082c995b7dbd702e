// What `pnpm bench:react` finds with a stopwatch, as far as it can be counted: the same hooks on one virtual clock.
import type { ReactElement } from 'react'
import { createRoot } from 'react-dom/client'
import { expect, onTestFinished, test, vi } from 'vitest'
import { answerOf, pieceOf } from './answer.ts'
import type { Variant } from './variant.ts'
import { aiSdk } from './variants/aiSdk.tsx'
import { rungs, rungsApart } from './variants/rungs.tsx'
import { tanstackAi } from './variants/tanstackAi.tsx'
import { createCounts, createView, type Counts } from './view.tsx'
import { wires } from './wires.ts'

interface Played extends Counts {
  /** What the last row shows, ms after the first piece has come: at 0 no time has passed. */
  readonly shown: readonly string[]
  /** The same once the last byte has come, and no time has passed. */
  readonly last: string
  /** Rows in the document. */
  readonly drawn: number
}

/** One answer, a piece of it each millisecond. */
async function play<Message extends { readonly id: string; readonly role: string }>(
  variant: Variant<Message>,
  pieces: number,
  { history = 0, ...options }: { readonly history?: number; readonly throttleMs?: number } = {},
): Promise<Played> {
  const encoder = new TextEncoder()
  const lent: { body?: ReadableStreamDefaultController<Uint8Array> } = {}
  vi.stubGlobal('fetch', () =>
    Promise.resolve(
      new Response(
        new ReadableStream<Uint8Array>({
          start(controller) {
            lent.body = controller
          },
        }),
        { headers: { 'content-type': 'text/event-stream' } },
      ),
    ),
  )
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
  const place = document.createElement('div')
  document.body.append(place)
  const root = createRoot(place)
  onTestFinished(() => {
    root.unmount()
    place.remove()
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })
  const { wire, Chat, toMessage } = variant
  const { head, piece, tail } = wires[wire]
  const send = (text: string): void => lent.body?.enqueue(encoder.encode(text))
  const last = (): string => place.querySelector('main')?.lastElementChild?.textContent ?? ''
  const counts = createCounts()
  const View = createView(variant, counts, {
    length: answerOf(pieces).length,
    last,
    isMemoised: false,
  })
  const before = Array.from({ length: history }, (_, index) =>
    toMessage({ id: `h${index}`, role: index % 2 === 0 ? 'user' : 'assistant', text: 'before' }),
  )
  const draw = (messages: readonly Message[], ask: () => unknown): ReactElement => (
    <>
      <View messages={messages} />
      <button type="button" aria-label="Ask" onClick={() => void ask()} />
    </>
  )
  root.render(
    <Chat url={`${location.origin}/answer`} history={before} {...options}>
      {draw}
    </Chat>,
  )
  await idle()
  Object.assign(counts, createCounts())
  place.querySelector('button')?.click()
  await idle()
  send(head)
  await idle()
  const shown: string[] = []
  for (let index = 0; index < pieces; index += 1) {
    send(piece(pieceOf(index)))
    await idle()
    shown.push(last())
    vi.advanceTimersByTime(1)
    await idle()
  }
  send(tail)
  lent.body?.close()
  await idle()
  const end = last()
  await vi.advanceTimersByTimeAsync(5_000)
  await idle()
  return { ...counts, shown, last: end, drawn: place.querySelectorAll('[data-role]').length }
}

/** Once everything has been done that waits for no clock: React renders in messages of its own. */
async function idle(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) {
    await new Promise<void>((resolve) => {
      const { port1, port2 } = new MessageChannel()
      port1.addEventListener('message', () => {
        port1.close()
        resolve()
      })
      port1.start()
      port2.postMessage(null)
    })
  }
}

test('an answer is at most as many commits as in useChat with a throttle of 50', async () => {
  const ours = await play(rungs, 300)
  const theirs = await play(aiSdk, 300, { throttleMs: 50 })
  console.info(`commits: ${ours.commits} of ours, ${theirs.commits} of useChat`)
  expect(ours.commits).toBeLessThanOrEqual(theirs.commits)
  expect(ours.commits).toBeGreaterThan(300 / 50)
  expect([ours.last, theirs.last]).toEqual([answerOf(300), answerOf(300)])
  expect([ours.drawn, theirs.drawn]).toEqual([2, 2])
})

test.each([
  ['useLLMChat', rungs],
  ['useLLMChat, the answer apart', rungsApart],
])('%s: the first text is shown before any time passes, and so is the last', async (_, variant) => {
  const { shown, last } = await play(variant, 120)
  const whole = answerOf(120)
  expect(shown[0]).toBe(pieceOf(0))
  expect(shown.every((text) => whole.startsWith(text))).toBe(true)
  expect(last).toBe(whole)
})

test('under 500 messages one row renders a commit, where peers render all', async () => {
  const ours = await play(rungsApart, 120, { history: 500 })
  expect(ours.rowsOfMore).toEqual([1, 1])
  expect(ours.drawn).toBe(502)
  const theirs = await play(aiSdk, 120, { history: 500, throttleMs: 50 })
  expect(new Set(theirs.rowsOfMore)).toEqual(new Set([502]))
  const others = await play(tanstackAi, 10, { history: 500 })
  expect(new Set(others.rowsOfMore)).toEqual(new Set([502]))
})
