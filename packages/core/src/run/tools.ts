import type { Confirmation } from '../words/policy.ts'
import type { Cancel, World } from '../words/world.ts'
import { hasSlept } from './sleep.ts'

/** What a climb asks of the run that it tells. */
export interface RunTools<Name extends string> {
  /** Aborted with `Ended`. */
  readonly signal: AbortSignal
  /** Since the run began, asking and pausing taken out, ms. */
  activeMs(): number
  /** Take time out of the run's: the page slept, ms. */
  passOver(ms: number): void
  ask(confirmation: Confirmation<Name>): Promise<Reply>
  wait(ms: number): Promise<void>
  waitOnline(patienceMs: number): Promise<boolean>
}
/** What came of a question. */
export interface Reply {
  readonly answer: 'yes' | 'no' | 'expired' | 'nobody'
  readonly scope: 'once' | 'session'
}

/** The tools of one run, which begins now, and the way to answer its open question: without one, nothing happens. */
export function createTools<Name extends string>(
  world: World,
  signal: AbortSignal,
): { readonly tools: RunTools<Name>; readonly reply: (reply: Reply) => void } {
  const { page } = world
  const startedAt = world.now()
  let open: ((reply: Reply) => void) | null = null
  /** Time spent asking, pausing and asleep, ms. */
  let idleMs = 0

  /** Wait for something that the run's end cuts short. */
  function until(arm: (done: () => void) => Cancel): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const done = (): void => {
        cancel()
        signal.removeEventListener('abort', done)
        resolve()
      }
      const cancel = arm(done)
      signal.addEventListener('abort', done)
    })
  }
  async function apart<Value>(task: Promise<Value>): Promise<Value> {
    const since = world.now()
    const value = await task
    idleMs += world.now() - since
    return value
  }
  /** Patience is of a page that runs: one that slept has not waited. */
  function patiently(ms: number, done: () => void): Cancel {
    let cancel: Cancel
    const arm = (): void => {
      const since = world.now()
      cancel = world.after(ms, () => {
        if (hasSlept(world, since, since + ms)) arm()
        else done()
      })
    }
    arm()
    return () => {
      cancel()
    }
  }
  function question(patienceMs: number): Promise<Reply> {
    if (signal.aborted) return Promise.resolve({ answer: 'no', scope: 'once' })
    return new Promise((resolve) => {
      let cancel: Cancel
      const arm = (): void => {
        cancel = patiently(patienceMs, () => {
          if (page.isHidden()) cancel = page.watch(shown)
          else open?.({ answer: 'expired', scope: 'once' })
        })
      }
      // Nobody reads a question on a hidden page: its time begins anew when the page is shown.
      const shown = (): void => {
        if (page.isHidden()) return
        cancel()
        arm()
      }
      open = (given) => {
        open = null
        cancel()
        resolve(given)
      }
      arm()
    })
  }

  const tools: RunTools<Name> = {
    signal,
    activeMs: () => world.now() - startedAt - idleMs,
    passOver: (ms) => {
      idleMs += ms
    },
    ask: ({ expiresAt }) => apart(question(expiresAt - world.now())),
    wait: (ms) => until((done) => world.after(ms, done)),
    async waitOnline(patienceMs) {
      await apart(
        until((done) => {
          const cancels = [
            page.watch(() => {
              if (page.isOnline()) done()
            }),
            ...(patienceMs < Infinity ? [patiently(patienceMs, done)] : []),
          ]
          if (page.isOnline()) queueMicrotask(done)
          return () => {
            for (const cancel of cancels) cancel()
          }
        }),
      )
      return page.isOnline()
    },
  }
  return { tools, reply: (given) => open?.(given) }
}
