import type { World } from '../words/world.ts'

/** Resolves when `task` does, or has failed, after `ms` at the latest: nobody is held up by what may never answer. */
export async function inTime(
  ms: number,
  task: Promise<unknown>,
  after: World['after'],
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const cancel = after(ms, resolve)
  // Whoever waits goes on without it; what failed is counted where it failed.
  await Promise.race([task, promise]).catch(() => undefined)
  cancel()
}
