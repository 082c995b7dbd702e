import { createKeyring, openai, type Keyring } from '@rungs/core'
import { KeyForm } from '@rungs/react'
import { act, cleanup, render, screen } from '@testing-library/react'
import { StrictMode, type ReactElement } from 'react'
import { renderToString } from 'react-dom/server'
import { afterEach, expect, test, vi } from 'vitest'

const KEY = 'sk-test-0123456789wxyz'

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

interface Open {
  readonly field: HTMLInputElement
  readonly news: () => string | null
  readonly type: (key: string) => Promise<void>
}
async function press(name: string): Promise<void> {
  await act(async () => {
    screen.getByText(name).click()
    await Promise.resolve()
  })
}
function open(form: ReactElement): Open {
  render(form, { wrapper: StrictMode })
  const field = screen.getByLabelText(/key/i)
  if (!(field instanceof HTMLInputElement)) throw new Error('the field is no input')
  return {
    field,
    news: () => screen.getByRole('status').textContent,
    async type(key) {
      field.value = key
      await press('Save')
    },
  }
}
function routeOf(keyring: Keyring, answer: () => Promise<Response>) {
  vi.stubGlobal('fetch', vi.fn(answer))
  return openai({ model: 'm', apiKey: keyring.ref('openai') })
}

test('a key goes into the keyring, and out of the page', async () => {
  const keyring = createKeyring()
  const { field, news, type } = open(
    <KeyForm keyring={keyring} provider="openai" providerName="OpenAI" />,
  )
  expect(field).toBe(screen.getByLabelText('Your key for OpenAI'))
  expect(field.type).toBe('password')
  expect(field.name).toBe('')
  expect(news()).toBe('')
  expect(screen.queryByText('Remove the key')).toBeNull()
  await type(` ${KEY} `)
  expect(await keyring.ref('openai')()).toBe(KEY)
  expect(field.value).toBe('')
  expect(news()).toBe('A key that ends in wxyz is in use.')
  field.blur()
  await press('Remove the key')
  expect(await keyring.ref('openai')()).toBeUndefined()
  expect(news()).toBe('')
  expect(document.activeElement).toBe(field)
})

test('the key is at no time in the markup', async () => {
  const keyring = createKeyring()
  const { type, field } = open(<KeyForm keyring={keyring} provider="openai" />)
  const seen: string[] = []
  const observer = new MutationObserver(() => {
    seen.push(document.documentElement.outerHTML)
  })
  observer.observe(document, {
    attributes: true,
    childList: true,
    subtree: true,
    characterData: true,
  })
  field.value = KEY
  seen.push(document.documentElement.outerHTML)
  await type(KEY)
  observer.disconnect()
  expect(seen.length).toBeGreaterThan(1)
  expect(seen.join(' ')).not.toContain(KEY.slice(0, -4))
})

test('what cannot be a key is refused without being shown', async () => {
  const keyring = createKeyring()
  const { field, news, type } = open(<KeyForm keyring={keyring} provider="openai" />)
  await type('clé secrète')
  expect(news()).toBe('This is no key: it is empty, or has characters that no key has.')
  expect(field.getAttribute('aria-invalid')).toBe('true')
  expect(field.getAttribute('aria-describedby')).toBe(screen.getByRole('status').id)
  expect(document.body.innerHTML).not.toContain('secr')
  await type(KEY)
  expect(field.getAttribute('aria-invalid')).toBe('false')
})

test.for([
  ['works', 429, 'The key that ends in wxyz works.', 'set'],
  ['is refused', 401, 'The key that ends in wxyz was refused.', 'rejected'],
  ['cannot be tried', 503, 'The key is saved. It could not be tried, for nobody answered.', 'set'],
] as const)('a key that %s is said to', async ([, status, words, state]) => {
  const keyring = createKeyring()
  const answered = Promise.withResolvers<Response>()
  const route = routeOf(keyring, () => answered.promise)
  const { news, type } = open(<KeyForm keyring={keyring} provider="openai" route={route} />)
  await type(KEY)
  expect(news()).toBe('The key is being tried …')
  answered.resolve(new Response('{}', { status }))
  await vi.waitFor(() => {
    expect(news()).toBe(words)
  })
  expect(document.querySelector('form')?.dataset['rungsKey']).toBe(state)
})

test('a key that is locked can be unlocked or removed, in words of the product', async () => {
  const unlock = vi.fn<Keyring['unlock']>(() => Promise.resolve(true))
  const locked = { openai: { status: 'locked', last4: null } } as const
  const store = { ...createKeyring().store, getState: () => locked, getInitialState: () => locked }
  const { news, field } = open(
    <KeyForm
      keyring={{ ...createKeyring(), store, unlock }}
      provider="openai"
      lang="de"
      words={{
        label: () => 'Key',
        locked: () => 'Zu',
        unlock: 'Auf',
        remove: 'Weg',
        save: 'Merken',
      }}
    />,
  )
  expect(news()).toBe('Zu')
  expect(screen.getAllByRole('button').map(({ textContent }) => textContent)).toEqual([
    'Merken',
    'Auf',
    'Weg',
  ])
  await press('Auf')
  expect(unlock).toHaveBeenCalledWith('openai')
  expect(document.activeElement).toBe(field)
})

test('a server draws the form, with nothing known yet', () => {
  const html = renderToString(<KeyForm keyring={createKeyring()} provider="openai" />)
  expect(html).toContain('data-rungs-key="empty"')
  expect(html).not.toContain('value=')
})
