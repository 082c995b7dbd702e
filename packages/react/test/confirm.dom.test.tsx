import { HANG, type Script } from '@rungs/core/testing'
import { ConfirmRun, useLLM, useLLMChat, type ConfirmRunProps } from '@rungs/react'
import { screen } from '@testing-library/react'
import { useEffect, type ReactElement } from 'react'
import { expect, test } from 'vitest'
import { doing, stage, type TestLLM } from './kit.tsx'

type Props = Omit<ConfirmRunProps<'ours' | 'mini'>, 'of'>
const long = 'x'.repeat(400)
const ask = { recovery: 'ask' } as const
const broken: readonly Script[] = [[long, { fail: 'outage' }]]

/** An answer that breaks off, and who is asked about it. */
function Asker({
  canConfirm,
  isAsking = true,
  ...props
}: Props & { readonly canConfirm?: boolean; readonly isAsking?: boolean }): ReactElement {
  const hook = useLLM<TestLLM>({ workload: 'chat', id: 'lunch' })
  const { outcome, send, phase } = hook
  return (
    <>
      <button type="button" onClick={() => send({ prompt: 'Hi', canConfirm })}>
        send
      </button>
      <i data-testid="end">{outcome ? `${outcome.status} ${outcome.text.slice(0, 5)}` : phase}</i>
      {isAsking && <ConfirmRun of={hook} {...props} />}
    </>
  )
}
function press(name: string): void {
  doing(() => {
    screen.getByText(name).click()
  })
}
const end = (): string | null => screen.getByTestId('end').textContent

test('where none is mounted every question is a no', async () => {
  const { pass, show } = stage({ ours: broken }, ask)
  const page = show(<Asker />)
  page.change(<Asker isAsking={false} />)
  press('send')
  await pass(100)
  expect(end()).toBe('partial xxxxx')
})

test('while it is mounted questions are asked', async () => {
  const { pass, show } = stage({ ours: broken, mini: [['whole']] }, ask)
  show(<Asker />)
  press('send')
  await pass(100)
  expect(end()).toBe('asking')
  press('Yes')
  await pass(100)
  expect(end()).toBe('completed whole')
})

test('what a request says of itself goes before', async () => {
  const { pass, show } = stage({ ours: broken }, ask)
  show(<Asker canConfirm={false} />)
  press('send')
  await pass(100)
  expect(end()).toBe('partial xxxxx')
})

test('it says what it is about, until when, and what a no leads to', async () => {
  const { pass, show } = stage({ ours: broken })
  const { container } = show(<Asker names={{ mini: 'The quick model' }} />)
  const region = screen.getByRole('status')
  expect(region.textContent).toBe('')
  expect(screen.queryByRole('group')).toBeNull()
  press('send')
  await pass(100)
  expect(screen.getByRole('status')).toBe(region)
  expect(region.textContent).toMatch(
    /^The answer broke off\. Start it again with The quick model\?.*Without an answer it is a no at .*\.$/,
  )
  expect(region.querySelector('button')).toBeNull()
  expect(screen.getByRole('group').getAttribute('aria-labelledby')).toBe(
    region.querySelector('p')?.id,
  )
  expect(screen.getAllByRole('button').map(({ textContent }) => textContent)).toEqual([
    'send',
    'Yes',
    'Yes, and do not ask again',
    'No, keep what is there',
  ])
  expect(container.querySelector('[data-rungs-notice="confirm"]')).toMatchObject({
    dataset: { about: 'recovery', route: 'mini', open: '' },
  })
  press('No, keep what is there')
  await pass(100)
  expect(end()).toBe('partial xxxxx')
  expect(region.textContent).toBe('')
})

const none = (): void => undefined
const lines = (): (string | null)[] =>
  screen.getAllByRole('listitem').map(({ textContent }) => textContent)

test('each change has its sentence, in words that the product can replace', () => {
  const of: ConfirmRunProps<'ours' | 'mini'>['of'] = {
    confirm: none,
    decline: none,
    attend: () => none,
    confirmation: {
      about: 'tradeoff',
      route: 'mini',
      cause: 'outage',
      tradeoff: {
        waitMs: { promised: 800, delivered: 12_400 },
        costUsd: { promised: 0, delivered: 0.00123 },
        quality: { promised: 0.9, delivered: 0.4 },
        payer: { promised: 'product', delivered: 'user' },
        privacy: { promised: 'device', delivered: 'third-party' },
        downloadBytes: { promised: 0, delivered: 2_100_000_000 },
      },
      expiresAt: 0,
      declineTo: 'ours',
    },
  }
  const { show } = stage()
  const page = show(<ConfirmRun<'ours' | 'mini'> of={of} />)
  expect(lines()).toEqual([
    'It takes about 12 s.',
    'It costs about $0.0012.',
    'The answer may be weaker.',
    'You pay for it.',
    'What you wrote is sent to another company.',
    '2.1 GB are downloaded first.',
  ])
  expect(screen.getByText('No, use ours')).toBeDefined()
  page.change(
    <ConfirmRun<'ours' | 'mini'>
      of={of}
      lang="de"
      words={{
        question: (_about, route) => `Weiter mit ${route}?`,
        wait: (ms, promised) => `${ms} statt ${promised}`,
        cost: () => 'b',
        weaker: 'c',
        payer: () => 'd',
        privacy: () => 'e',
        download: () => 'f',
        expiry: 'Bis',
        once: 'Ja',
        session: 'Immer',
        decline: () => 'Nein',
      }}
    />,
  )
  expect(lines()).toEqual(['12400 statt 800', 'b', 'c', 'd', 'e', 'f'])
  expect(page.container.textContent).toMatch(/^Weiter mit mini\?.*Bis .*\.JaImmerNein$/)
})

test('agreed for the session, it is not asked again', async () => {
  const { pass, show } = stage({ ours: [...broken, ...broken], mini: [['whole'], ['again']] })
  show(<Asker />)
  press('send')
  await pass(100)
  press('Yes, and do not ask again')
  await pass(100)
  expect(end()).toBe('completed whole')
  press('send')
  await pass(100)
  expect(end()).toBe('completed again')
})

test('no answer in time is a no', async () => {
  const { pass, show } = stage({ ours: broken })
  show(<Asker />)
  press('send')
  await pass(59_000)
  expect(end()).toBe('asking')
  await pass(2000)
  expect(end()).toBe('partial xxxxx')
  expect(screen.queryByRole('group')).toBeNull()
})

test.for(['Yes', 'No, keep what is there', 'nobody'])(
  'it takes no focus, holds none, and gives it back after %s',
  async (answer) => {
    const { pass, show } = stage({ ours: broken, mini: [['whole', HANG]] })
    show(
      <>
        <textarea aria-label="draft" />
        <Asker />
      </>,
    )
    const draft = screen.getByLabelText('draft')
    draft.focus()
    press('send')
    await pass(100)
    expect(document.activeElement).toBe(draft)
    doing(() => {
      screen.getByText('Yes').focus()
      screen.getByText('No, keep what is there').focus()
    })
    draft.focus()
    expect(document.activeElement).toBe(draft)
    doing(() => {
      screen.getByText('Yes').focus()
    })
    if (answer !== 'nobody') press(answer)
    await pass(answer === 'nobody' ? 61_000 : 100)
    expect(screen.queryByRole('group')).toBeNull()
    expect(document.activeElement).toBe(draft)
  },
)

/** A confirmation of the product's own. */
function Own(): ReactElement {
  const { confirmation, attend, send } = useLLMChat<TestLLM>({ workload: 'chat' })
  useEffect(attend, [attend])
  return (
    <button type="button" onClick={() => send('Hi')}>
      {confirmation?.about ?? 'send'}
    </button>
  )
}

test('a chat with a confirmation of its own is asked as well', async () => {
  const { pass, show } = stage({ ours: broken })
  show(<Own />)
  press('send')
  await pass(100)
  expect(screen.getByRole('button').textContent).toBe('recovery')
})
