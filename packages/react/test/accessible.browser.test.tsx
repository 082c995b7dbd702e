import axe from 'axe-core'
import { afterEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { render } from 'vitest-browser-react'
import { states } from './states.tsx'
// oxlint-disable-next-line import/no-unassigned-import -- a stylesheet has no names
import '@rungs/react/styles.css'

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
