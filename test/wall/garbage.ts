import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Collect garbage every so often: what a client holds only weakly, such as the way from its abort signal
 * to an open body, must not depend on when that happens. Returns how to stop.
 */
export function collectOften(everyMs: number): () => void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') throw new Error('no garbage collector to call')
  const timer = setInterval(() => {
    collect()
  }, everyMs)
  return () => clearInterval(timer)
}
