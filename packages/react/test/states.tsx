import type { Attempt, Confirmation, Degraded, Keyring, KeyStatus } from '@rungs/core'
import {
  Attempts,
  ConfirmRun,
  FallbackNotice,
  KeyForm,
  PausedNotice,
  SlowNotice,
} from '@rungs/react'
import type { ReactElement } from 'react'

export type Name = 'ours' | 'mini'
const nothing = (): void => undefined
const stop = (): Promise<void> => Promise.resolve()
export const degraded: Degraded<Name> = {
  from: 'ours',
  to: 'mini',
  cause: 'timeout',
  since: 1_800_000_000_000,
  backAt: 1_800_000_060_000,
  tradeoff: {},
}
export const confirmation: Confirmation<Name> = {
  about: 'tradeoff',
  route: 'mini',
  cause: 'outage',
  tradeoff: {
    waitMs: { promised: 800, delivered: 12_000 },
    costUsd: { promised: 0, delivered: 0.02 },
    quality: { promised: 0.9, delivered: 0.4 },
    payer: { promised: 'product', delivered: 'user' },
    privacy: { promised: 'device', delivered: 'third-party' },
    downloadBytes: { promised: 0, delivered: 2e9 },
  },
  expiresAt: 1_800_000_060_000,
  declineTo: 'ours',
}
const attempt: Attempt<Name> = {
  attempt: 1,
  route: 'ours',
  why: 'first',
  startedAt: 0,
  headersMs: null,
  firstContentMs: null,
  totalMs: 900,
  failure: {
    class: 'technical',
    kind: 'outage',
    phase: 'before-content',
    route: 'ours',
    provider: null,
    message: '',
  },
  move: null,
  usage: null,
  costUsd: null,
  billing: 'none',
  skippedEvents: 0,
}
const confirm = (open: Confirmation<Name> | null): ReactElement => (
  <ConfirmRun<Name>
    of={{ confirmation: open, confirm: nothing, decline: nothing, attend: () => nothing }}
  />
)
/** A form over a keyring that holds one key in a state, and notes what is done to it. */
export function keys(status: KeyStatus['status'], done: string[] = []): ReactElement {
  const state = { openai: { status, last4: 'wxyz' } }
  const note = async (what: string): Promise<void> => {
    done.push(what)
  }
  const keyring: Keyring = {
    ref: () => () => Promise.resolve(undefined),
    set: (_, key) =>
      key.startsWith('sk-') ? note(`set ${key}`) : Promise.reject(new TypeError('no key')),
    remove: () => note('remove'),
    check: () => Promise.resolve('accepted'),
    unlock: async () => {
      await note('unlock')
      return false
    },
    store: { getState: () => state, getInitialState: () => state, subscribe: () => nothing },
  }
  return <KeyForm keyring={keyring} provider="openai" />
}

/** Every component in every state that it has. */
export const states: Readonly<Record<string, ReactElement>> = {
  'FallbackNotice, silent': <FallbackNotice<Name> degraded={null} />,
  'FallbackNotice, degraded': <FallbackNotice<Name> degraded={degraded} />,
  'SlowNotice, silent': <SlowNotice of={{ isSlow: false, stop }} />,
  'SlowNotice, slow': <SlowNotice of={{ isSlow: true, stop }} />,
  'PausedNotice, silent': <PausedNotice of={{ phase: 'streaming', stop }} />,
  'PausedNotice, paused': <PausedNotice of={{ phase: 'paused', stop }} />,
  'ConfirmRun, silent': confirm(null),
  'ConfirmRun, first': confirm({ ...confirmation, about: 'first' }),
  'ConfirmRun, tradeoff': confirm(confirmation),
  'ConfirmRun, recovery': confirm({
    ...confirmation,
    about: 'recovery',
    declineTo: 'keep',
    tradeoff: {},
  }),
  'Attempts, none': <Attempts<Name> attempts={[]} />,
  'Attempts, some': (
    <Attempts<Name>
      attempts={[
        attempt,
        { ...attempt, attempt: 2, route: 'mini', failure: null, totalMs: null },
        { ...attempt, attempt: 3, route: 'mini', failure: null, firstContentMs: 5 },
      ]}
    />
  ),
  'KeyForm, empty': keys('empty'),
  'KeyForm, set': keys('set'),
  'KeyForm, rejected': keys('rejected'),
  'KeyForm, locked': keys('locked'),
}
