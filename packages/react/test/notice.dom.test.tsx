import type { Degraded } from '@rungs/core'
import { FallbackNotice } from '@rungs/react'
import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'

afterEach(cleanup)

type Name = 'ours' | 'mini'
const degraded: Degraded<Name> = {
  from: 'ours',
  to: 'mini',
  cause: 'timeout',
  since: new Date(2026, 10, 23, 14, 0).getTime(),
  backAt: null,
  tradeoff: {},
}

test('the region is there, empty, before it has anything to say', () => {
  const { rerender } = render(<FallbackNotice<Name> degraded={null} />)
  const region = screen.getByRole('status')
  expect(region.textContent).toBe('')
  expect(region.dataset).toMatchObject({ rungsNotice: 'fallback' })
  expect(region.dataset).not.toHaveProperty('cause')
  rerender(<FallbackNotice<Name> degraded={degraded} />)
  expect(screen.getByRole('status')).toBe(region)
  expect(region.textContent).toMatch(
    /^mini answers instead of ours, which did not answer in time \(since .*00.*\)\.$/,
  )
  expect(region.dataset).toMatchObject({ cause: 'timeout', from: 'ours', to: 'mini' })
  rerender(<FallbackNotice<Name> degraded={null} />)
  expect(region.textContent).toBe('')
})

test('routes go by the names that the product gives them', () => {
  render(<FallbackNotice<Name> degraded={degraded} names={{ ours: 'Our assistant' }} />)
  expect(screen.getByRole('status').textContent).toContain(
    'mini answers instead of Our assistant, which did not answer in time (since',
  )
})

test('it says when the preferred route is tried again, where that is known', () => {
  const backAt = new Date(2026, 10, 23, 14, 5).getTime()
  render(<FallbackNotice<Name> degraded={{ ...degraded, cause: 'rate-limit', backAt }} />)
  const time = [...screen.getByRole('status').querySelectorAll('time')].at(-1)
  expect(time?.dateTime).toBe(new Date(backAt).toISOString())
  expect(screen.getByRole('status').textContent).toMatch(
    /^mini answers instead of ours, which is getting too many requests \(since .*\)\. ours is tried again at .*05.*\.$/,
  )
})

test('every word can be replaced', () => {
  render(
    <FallbackNotice<Name> degraded={degraded} className="notice" lang="de">
      {({ from, to }) => <strong>{`${to} statt ${from}`}</strong>}
    </FallbackNotice>,
  )
  const region = screen.getByRole('status')
  expect(region.innerHTML).toBe('<strong>mini statt ours</strong>')
  expect(region.className).toBe('notice')
  expect(region.lang).toBe('de')
})

test('the focus stays where it is, and nothing in the notice can take it', () => {
  const field = <textarea key="field" aria-label="question" />
  const { rerender } = render([field, <FallbackNotice<Name> key="notice" degraded={null} />])
  screen.getByLabelText('question').focus()
  rerender([field, <FallbackNotice<Name> key="notice" degraded={degraded} />])
  expect(document.activeElement).toBe(screen.getByLabelText('question'))
  expect(screen.getByRole('status').querySelector('[tabindex], button, a, dialog')).toBeNull()
  expect(screen.queryByRole('dialog')).toBeNull()
})

test('what a route is called is text, whatever it looks like', () => {
  const label = '<img src=x onerror=alert(1)>'
  render(<FallbackNotice<Name> degraded={degraded} names={{ mini: label }} />)
  expect(screen.getByRole('status').querySelector('img')).toBeNull()
  expect(screen.getByRole('status').textContent).toContain(label)
})
