import { createStore } from 'zustand/vanilla'
import { isolated } from '../policy/thrown.ts'
import type { ReadonlyStore } from '../words/event.ts'
import type { RouteHealth } from '../words/policy.ts'
import type { Cancel, World } from '../words/world.ts'

/** While somebody looks, what fades by itself is looked at this often, ms. */
const LOOK_MS = 1_000

/** Every route's health, for whoever draws it. */
export interface Board<Name extends string> {
  readonly store: ReadonlyStore<{ readonly [N in Name]: RouteHealth }>
  /** Something has been learnt. */
  refresh(): void
  close(): void
}

/** A board that changes when something is learnt and, while somebody looks at it, as time passes. */
export function createBoard<Name extends string>(
  look: () => { readonly [N in Name]: RouteHealth },
  world: World,
): Board<Name> {
  const store = createStore(() => look())
  let lookers = 0
  let cancel: Cancel | null = null
  function refresh(): void {
    const next = look()
    // The same health is the same object, so that whoever compares sees no change.
    if (JSON.stringify(next) !== JSON.stringify(store.getState())) store.setState(next, true)
  }
  function arm(): void {
    cancel ??= world.after(LOOK_MS, () => {
      cancel = null
      refresh()
      if (lookers > 0) arm()
    })
  }
  function close(): void {
    lookers = 0
    cancel?.()
    cancel = null
  }
  const { getInitialState } = store
  return {
    refresh,
    close,
    store: {
      getInitialState,
      getState() {
        if (lookers === 0) refresh()
        return store.getState()
      },
      subscribe(listener) {
        const unsubscribe = store.subscribe((state, previous) => {
          isolated(() => {
            listener(state, previous)
          })
        })
        lookers += 1
        arm()
        let isIn = true
        return () => {
          unsubscribe()
          if (!isIn) return
          isIn = false
          lookers -= 1
          if (lookers <= 0) close()
        }
      },
    },
  }
}
