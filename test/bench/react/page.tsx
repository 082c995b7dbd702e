// The page of each variant, which is in the address: it asks when it is told to, and watches the document.
import { createRoot } from 'react-dom/client'
import { answerOf, pieceOf } from './answer.ts'
import type { Variant } from './variant.ts'
import { createCounts, createView, type Counts } from './view.tsx'

/** What a page saw of one answer. Times are ms. */
export interface Seen extends Counts {
  /** From the gesture to the first text in the document. */
  readonly firstMs: number
  /** Epoch, of the frame that had the whole text. */
  readonly wholeAt: number
  readonly longTasks: number
  readonly worstGapMs: number
  /** The document has the whole answer in its last row, once, and everything before it. */
  readonly isCorrect: boolean
}
declare global {
  interface Window {
    bench: { readonly ask: () => Promise<Seen> }
  }
}

/** After the whole text: a commit for the end, a long task or a text that is doubled is seen too, ms. */
const AFTER_MS = 300
/** The slowest takes 14 s where nothing else runs. */
const PATIENCE_MS = 180_000

const query = new URLSearchParams(location.search)
const number = (key: string): number => Number(query.get(key) ?? 0)
const [pieces, history] = [number('pieces'), number('history')]
const whole = answerOf(pieces)
const last = (): string => document.querySelector('main')?.lastElementChild?.textContent ?? ''

async function watch(counts: Counts): Promise<Seen> {
  const since = performance.now()
  let longTasks = 0
  let worstGapMs = 0
  const tasks = new PerformanceObserver((list) => {
    longTasks += list.getEntries().filter(({ startTime }) => startTime >= since).length
  })
  tasks.observe({ type: 'longtask' })
  const firstAt = new Promise<number>((resolve) => {
    const observer = new MutationObserver(() => {
      if (!last().startsWith(pieceOf(0))) return
      observer.disconnect()
      resolve(performance.now())
    })
    observer.observe(document.body, { characterData: true, childList: true, subtree: true })
  })
  const wholeAt = await new Promise<number>((resolve, reject) => {
    let before = since
    requestAnimationFrame(function look() {
      const now = performance.now()
      if (now - since > PATIENCE_MS) reject(new Error(`${last().length} characters have come`))
      worstGapMs = Math.max(worstGapMs, now - before)
      before = now
      if (last().length >= whole.length) resolve(now)
      else requestAnimationFrame(look)
    })
  })
  const firstMs = (await firstAt) - since
  await new Promise((resolve) => {
    setTimeout(resolve, AFTER_MS)
  })
  tasks.disconnect()
  const rows = document.querySelectorAll('[data-role]').length
  return {
    ...counts,
    firstMs,
    wholeAt: performance.timeOrigin + wholeAt,
    longTasks,
    worstGapMs,
    isCorrect: last() === whole && rows === history + 2,
  }
}

function mount<Message extends { readonly id: string; readonly role: string }>(
  variant: Variant<Message>,
): void {
  const { Chat, toMessage, wire } = variant
  const counts = createCounts()
  const View = createView(variant, counts, {
    length: whole.length,
    last,
    isMemoised: query.get('memo') === '1',
  })
  const before = Array.from({ length: history }, (_, index) =>
    toMessage({
      id: `h${index}`,
      role: index % 2 === 0 ? 'user' : 'assistant',
      text: answerOf(60),
    }),
  )
  const url = `${location.origin}/answer/${query.get('id')}/${pieces}/${number('rate')}/${wire}`
  const root = document.querySelector('#root')
  if (!root) throw new Error('the page has no root')
  createRoot(root).render(
    <Chat url={url} history={before} throttleMs={number('throttle') || undefined}>
      {(messages, send) => (
        <>
          <View messages={messages} />
          <button type="button" onClick={() => void send()}>
            Ask
          </button>
        </>
      )}
    </Chat>,
  )
  window.bench = {
    ask() {
      Object.assign(counts, createCounts())
      const seeing = watch(counts)
      document.querySelector('button')?.click()
      return seeing
    },
  }
}

const variants: Readonly<Record<string, () => Promise<void>>> = {
  useLLMChat: async () => mount((await import('./variants/rungs.tsx')).rungs),
  'useLLMChat-apart': async () => mount((await import('./variants/rungs.tsx')).rungsApart),
  'ai-sdk': async () => mount((await import('./variants/aiSdk.tsx')).aiSdk),
  'tanstack-ai': async () => mount((await import('./variants/tanstackAi.tsx')).tanstackAi),
  'frame-store': async () => mount((await import('./variants/frameStore.tsx')).frameStore),
}
await variants[location.pathname.slice(1)]?.()
