import { expect, test } from 'vitest'
import { createWatchdog } from '../src/run/watchdog.ts'
import { createVirtualWorld } from '../src/testing.ts'
import type { World } from '../src/words/world.ts'

/** A hidden page whose timers run only each `everyMs`, as a browser throttles them; `turn` lets one go by. */
function throttled(everyMs: number): { readonly world: World; readonly turn: () => void } {
  const virtual = createVirtualWorld()
  virtual.setHidden(true)
  let now = 0
  const timers = new Map<object, { readonly at: number; readonly task: () => void }>()
  return {
    world: {
      ...virtual.world,
      now: () => now,
      after(ms, task) {
        const key = {}
        timers.set(key, { at: now + ms, task })
        return () => timers.delete(key)
      },
    },
    turn() {
      now += everyMs
      for (const [key, { at, task }] of timers) {
        if (at > now) continue
        timers.delete(key)
        task()
        // What it sets anew has to wait for the next turn as well.
        break
      }
    },
  }
}

test.each([10_000, 30_000, 60_000])(
  'an attempt on a hidden page whose timers run each %i ms is ended all the same',
  (everyMs) => {
    const { world, turn } = throttled(everyMs)
    const barks: string[] = []
    const never = Infinity
    createWatchdog(
      {
        firstMs: 20_000,
        longestMs: never,
        ceilingMs: never,
        gapMs: never,
        totalMs: never,
        checkMs: never,
        slowMs: never,
        lateMs: never,
      },
      world,
      {
        slow: () => barks.push('slow'),
        end: () => barks.push('end'),
        suspended: () => barks.push('suspended'),
        overdue: () => 0,
        expire: (kind) => barks.push(kind),
      },
    )
    for (let turns = 0; turns < 6; turns += 1) turn()
    expect(barks).toEqual(['timeout'])
  },
)
