import { ConfirmRun, FallbackNotice, PausedNotice, SlowNotice } from '@rungs/react'
import type { ReactElement } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { cdp, page, userEvent } from 'vitest/browser'
import { render } from 'vitest-browser-react'
import { confirmation, degraded, keys, states, type Name } from './states.tsx'
// oxlint-disable-next-line import/no-unassigned-import -- a stylesheet has no names
import '@rungs/react/styles.css'

const root = document.documentElement
afterEach(async () => {
  root.removeAttribute('style')
  root.removeAttribute('dir')
  await page.viewport(414, 896)
  await cdp().send('Emulation.setEmulatedMedia', { features: [] })
})
const nothing = (): void => undefined
const stop = (): Promise<void> => Promise.resolve()

/** A page with a field to write in, and every notice, silent or not. */
function Writing({ isOpen }: { readonly isOpen: boolean }): ReactElement {
  const open = isOpen ? confirmation : null
  const of = { confirmation: open, confirm: nothing, decline: nothing, attend: () => nothing }
  return (
    <main>
      <FallbackNotice<Name> degraded={isOpen ? degraded : null} />
      <SlowNotice of={{ isSlow: isOpen, stop }} />
      <PausedNotice of={{ phase: isOpen ? 'paused' : 'streaming', stop }} />
      <ConfirmRun<Name> of={of} />
      <textarea aria-label="Question" />
    </main>
  )
}

test('who is writing goes on writing while every notice comes and goes', async () => {
  const screen = await render(<Writing isOpen={false} />)
  const field = screen.getByLabelText('Question').element()
  if (!(field instanceof HTMLTextAreaElement)) throw new Error('there is nothing to write in')
  field.focus()
  const lost = vi.fn<() => void>()
  field.addEventListener('blur', lost)
  for (const [index, letter] of Array.from('why so slow').entries()) {
    await userEvent.keyboard(letter)
    await screen.rerender(<Writing isOpen={index % 2 === 0} />)
    expect(document.activeElement).toBe(field)
    expect(field.selectionStart).toBe(index + 1)
  }
  expect(field.value).toBe('why so slow')
  expect(lost).not.toHaveBeenCalled()
})

/** What the browser tells screen readers: each role with its name, and how pressing it is; the outer ones first. */
async function read(): Promise<readonly string[]> {
  const session = cdp()
  const { frameTree } = await session.send('Page.getFrameTree')
  const frameId = frameTree.childFrames?.at(-1)?.frame.id
  const { nodes } = await session.send('Accessibility.getFullAXTree', frameId ? { frameId } : {})
  return nodes.flatMap(({ role, name, properties, ignored }) => {
    const kind = String(role?.value)
    if (ignored || !READ.has(kind)) return []
    const live: unknown = properties?.find((property) => property.name === 'live')?.value.value
    return [[kind, name?.value, live].filter(Boolean).join(' ')]
  })
}
const READ = new Set(['status', 'alert', 'group', 'button', 'textbox', 'list'])

const expected: Readonly<Record<string, readonly string[]>> = {
  'FallbackNotice, silent': ['status polite'],
  'FallbackNotice, degraded': ['status polite'],
  'SlowNotice, silent': ['status polite'],
  'SlowNotice, slow': ['status polite', 'button Stop'],
  'PausedNotice, silent': ['status polite'],
  'PausedNotice, paused': ['status polite', 'button Stop'],
  'ConfirmRun, silent': ['status polite'],
  'ConfirmRun, first': [
    'status polite',
    'group Go on with mini?',
    'list',
    'button Yes',
    'button Yes, and do not ask again',
    'button No, use ours',
  ],
  'ConfirmRun, tradeoff': [
    'status polite',
    'group Go on with mini?',
    'list',
    'button Yes',
    'button Yes, and do not ask again',
    'button No, use ours',
  ],
  'ConfirmRun, recovery': [
    'status polite',
    'group The answer broke off. Start it again with mini?',
    'button Yes',
    'button Yes, and do not ask again',
    'button No, keep what is there',
  ],
  'Attempts, none': [],
  'Attempts, some': ['list What was tried'],
  'KeyForm, empty': ['textbox Your key for openai', 'button Save', 'status polite'],
  'KeyForm, set': [
    'textbox Your key for openai',
    'button Save',
    'button Remove the key',
    'status polite',
  ],
  'KeyForm, rejected': [
    'textbox Your key for openai',
    'button Save',
    'button Remove the key',
    'status polite',
  ],
  'KeyForm, locked': [
    'textbox Your key for openai',
    'button Save',
    'button Unlock the key',
    'button Remove the key',
    'status polite',
  ],
}

test.for(Object.keys(states))('%s is read by role and name, and waits its turn', async (name) => {
  await render(<main>{states[name]}</main>)
  expect(await read()).toEqual(expected[name])
  // What can be done is not read out as news.
  expect(document.querySelectorAll('[role="status"] button, output button')).toHaveLength(0)
})

test('a region is the same element before and after it has something to say', async () => {
  const screen = await render(<Writing isOpen={false} />)
  const before = [...document.querySelectorAll('[role="status"]')]
  expect(before.map(({ textContent }) => textContent)).toEqual(['', '', '', ''])
  await screen.rerender(<Writing isOpen />)
  const after = [...document.querySelectorAll('[role="status"]')]
  expect(after).toEqual(before)
  expect(after.every(({ textContent }) => textContent !== '')).toBe(true)
})

test.for(['Enter', ' '])(
  '%s answers a question, whichever of its buttons has the focus',
  async (key) => {
    const said: string[] = []
    const of = {
      confirmation,
      confirm: (scope = 'once') => said.push(scope),
      decline: () => said.push('no'),
      attend: () => nothing,
    }
    const screen = await render(<ConfirmRun<Name> of={of} names={{ mini: 'The quick model' }} />)
    const question = screen.getByRole('group', { name: 'Go on with The quick model?' })
    for (const name of ['Yes', 'Yes, and do not ask again', 'No, use ours']) {
      question.getByRole('button', { name, exact: true }).element().focus()
      await userEvent.keyboard(`{${key}}`)
    }
    expect(said).toEqual(['once', 'session', 'no'])
  },
)

test('a wait and a pause are stopped by the keyboard', async () => {
  const stopped = vi.fn<() => Promise<void>>(stop)
  await render(
    <>
      <SlowNotice of={{ isSlow: true, stop: stopped }} />
      <PausedNotice of={{ phase: 'paused', stop: stopped }} />
    </>,
  )
  for (let press = 1; press <= 2; press += 1) {
    await userEvent.keyboard('{Tab}{Enter}')
    expect(stopped).toHaveBeenCalledTimes(press)
  }
})

test('a key is saved, unlocked and removed by the keyboard, and the focus is never lost', async () => {
  const done: string[] = []
  const screen = await render(keys('locked', done))
  const field = screen.getByLabelText('Your key for openai').element()
  await userEvent.keyboard('{Tab}sk-123{Enter}')
  await expect.poll(() => done).toEqual(['set sk-123'])
  expect(document.activeElement).toBe(field)
  await userEvent.keyboard('{Tab}{Tab}{Enter}')
  expect(document.activeElement).toBe(field)
  await userEvent.keyboard('{Tab}{Tab}{Tab}{Enter}')
  expect(document.activeElement).toBe(field)
  expect(done.slice(1)).toEqual(['unlock', 'remove'])
})

test.for(['no-preference', 'reduce'])(
  'with motion %s, what moves is still there',
  async (value) => {
    await cdp().send('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-reduced-motion', value }],
    })
    await render(<Writing isOpen />)
    const notices = document.querySelectorAll('[data-rungs-notice]')
    expect(notices).toHaveLength(4)
    const button = document.querySelector('button')
    expect({
      isMoving: document.getAnimations().length > 0,
      transition: button && getComputedStyle(button).transitionDuration,
    }).toEqual(
      value === 'reduce'
        ? { isMoving: false, transition: '0s' }
        : { isMoving: true, transition: '0.12s' },
    )
  },
)

test.for(Object.keys(states))('%s can be read at 200 %% text, on a phone too', async (name) => {
  root.style.fontSize = '200%'
  for (const width of [1280, 360]) {
    await page.viewport(width, 640)
    const screen = await render(<main>{states[name]}</main>)
    expect(root.scrollWidth).toBeLessThanOrEqual(width)
    // Nothing is cut: what a box holds, it shows.
    const boxes = [...document.querySelectorAll('main *:not(input)')]
    const cut = boxes.filter(
      (one) => getComputedStyle(one).overflow !== 'visible' && one.scrollHeight > one.clientHeight,
    )
    expect(cut).toEqual([])
    const sizes = [...document.querySelectorAll('main button')].map(
      (button) => getComputedStyle(button).fontSize,
    )
    expect(sizes.every((size) => size === '32px')).toBe(true)
    await screen.unmount()
  }
})

/** Where one character of a text is drawn. */
function drawn(node: Node, from: number): DOMRect {
  const range = document.createRange()
  range.setStart(node, from)
  range.setEnd(node, from + 1)
  return range.getBoundingClientRect()
}

test('in a page that is read from right to left, sentences end where they end', async () => {
  root.dir = 'rtl'
  await render(<Writing isOpen />)
  const ends: string[] = []
  for (const element of document.querySelectorAll('[role="status"], [role="status"] :is(p, li)')) {
    if (element.querySelector('p')) continue
    const words = element.textContent
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
    const nodes: Node[] = []
    while (walker.nextNode()) nodes.push(walker.currentNode)
    const [first, last] = [nodes[0], nodes.at(-1)]
    if (!first || !last) throw new Error('there is nothing to read')
    const start = drawn(first, 0)
    const end = drawn(last, (last.textContent ?? '').length - 1)
    // English goes to the right, or on to the next line.
    if (end.top <= start.top + 4 && end.left <= start.left) ends.push(words)
  }
  expect(ends).toEqual([])
})
