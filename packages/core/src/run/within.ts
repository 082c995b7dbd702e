import type { Cancel, World } from '../words/world.ts'

/** Resolves when `task` does, after `ms` at the latest. */
export async function within(ms: number, task: Promise<unknown>, world: World): Promise<void> {
  let cancel: Cancel | undefined
  await Promise.race([
    task,
    new Promise<void>((resolve) => {
      cancel = world.after(ms, resolve)
    }),
  ])
  cancel?.()
}
