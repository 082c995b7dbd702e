import type { Attempt, Confirmation, Degraded, Keyring, KeyStatus } from '@rungs/core'
import {
  Attempts,
  ConfirmRun,
  FallbackNotice,
  KeyForm,
  PausedNotice,
  SlowNotice,
} from '@rungs/react'
import axe from 'axe-core'
import { type ReactElement } from 'react'
import { afterEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { render } from 'vitest-browser-react'
// oxlint-disable-next-line import/no-unassigned-import -- a stylesheet has no names
import '@rungs/react/styles.css'

type Name = 'ours' | 'mini'
const nothing = (): void => undefined
const stop = (): Promise<void> => Promise.resolve()
const degraded: Degraded<Name> = {
  from: 'ours',
  to: 'mini',
  cause: 'timeout',
  since: 1_800_000_000_000,
  backAt: 1_800_000_060_000,
  tradeoff: {},
}
const confirmation: Confirmation<Name> = {
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
/** A keyring that holds one key in a state. */
function keys(status: KeyStatus['status']): ReactElement {
  const state = { openai: { status, last4: 'wxyz' } }
  const keyring: Keyring = {
    ref: () => () => Promise.resolve(undefined),
    set: () => Promise.reject(new TypeError('no key')),
    remove: stop,
    check: () => Promise.resolve('accepted'),
    unlock: () => Promise.resolve(false),
    store: { getState: () => state, getInitialState: () => state, subscribe: () => nothing },
  }
  return <KeyForm keyring={keyring} provider="openai" />
}

const states: Readonly<Record<string, ReactElement>> = {
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

afterEach(async () => {
  document.documentElement.removeAttribute('style')
  document.documentElement.removeAttribute('dir')
  await page.viewport(414, 896)
})

/** What is wrong with the page as it stands. */
async function findings(): Promise<string[]> {
  // An animation that has begun is not what is looked at.
  for (const animation of document.getAnimations()) animation.finish()
  const { violations } = await axe.run(document.body, {
    rules: { region: { enabled: false }, 'page-has-heading-one': { enabled: false } },
  })
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

test.for(Object.keys(states))(
  '%s has no barrier, light, dark, on a phone, right to left',
  async (name) => {
    await page.viewport(320, 640)
    const { container } = await render(<main>{states[name]}</main>)
    for (const scheme of ['light', 'dark']) {
      for (const dir of ['ltr', 'rtl']) {
        const root = document.documentElement
        root.style.colorScheme = scheme
        root.style.background = 'Canvas'
        root.dir = dir
        expect(await findings()).toEqual([])
        expect(root.scrollWidth).toBeLessThanOrEqual(320)
      }
    }
    for (const button of container.querySelectorAll('button')) {
      expect(button.getBoundingClientRect().height).toBeGreaterThanOrEqual(44)
    }
  },
)

test('the stylesheet is there: axe sees a button that cannot be read', async () => {
  await render(<main>{states['SlowNotice, slow']}</main>)
  const button = document.querySelector('button')
  expect(button && getComputedStyle(button).borderRadius).toBe('8px')
  button?.style.setProperty('color', '#eee')
  button?.style.setProperty('background', '#fff')
  expect(await findings()).toEqual([expect.stringContaining('color-contrast')])
})

test('a region that is silent takes no room, and a border is on the side where reading begins', async () => {
  const { container } = await render(<main dir="rtl">{states['ConfirmRun, silent']}</main>)
  const notice = container.querySelector('[data-rungs-notice]')
  expect(notice?.getBoundingClientRect().height).toBe(0)
  await render(<main dir="rtl">{states['PausedNotice, paused']}</main>)
  const open = document.querySelector('[data-open]')
  expect(open && getComputedStyle(open).borderRightWidth).toBe('4px')
})

test('the keyboard goes through the buttons of a question and out again', async () => {
  await render(
    <main>
      <input aria-label="before" />
      {states['ConfirmRun, tradeoff']}
      <input aria-label="after" />
    </main>,
  )
  const order: (string | null)[] = []
  for (let step = 0; step < 5; step += 1) {
    await userEvent.keyboard('{Tab}')
    const { activeElement } = document
    order.push(activeElement?.getAttribute('aria-label') ?? activeElement?.textContent ?? null)
  }
  expect(order).toEqual(['before', 'Yes', 'Yes, and do not ask again', 'No, use ours', 'after'])
})

test('a key that is none is said to be, without a barrier', async () => {
  const screen = await render(<main>{states['KeyForm, empty']}</main>)
  await userEvent.type(screen.getByLabelText('Your key for openai'), 'secret{Enter}')
  await expect.poll(() => document.querySelector('output')?.textContent).toContain('This is no key')
  expect(await findings()).toEqual([])
  expect(document.body.outerHTML).not.toContain('secret')
})
