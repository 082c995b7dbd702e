import { useChat as useChat7 } from '@ai-sdk/react'
import { useChat as useTanstack } from '@tanstack/ai-react'
import { useChat as useChat5 } from 'ai-react5'
import { useChat as useChat6 } from 'ai-react6'
import OpenAI from 'openai'
import { ladderTransport, type LadderTransport } from '@rungs/core/ai-sdk'
import { ladderFetch } from '@rungs/core/fetch'
import { ladderConnection } from '@rungs/core/tanstack-ai'
import { CUT, HANG, scripted } from '@rungs/core/testing'
import { StrictMode, useState, type ReactElement } from 'react'
import { describe, expect, onTestFinished, test } from 'vitest'
import { render } from 'vitest-browser-react'
import { ladder, type Ladder } from './ladder.ts'

interface Shown {
  readonly status: string
  readonly error: Error | undefined
  readonly messages: readonly {
    readonly id: string
    readonly role: string
    readonly parts: readonly { readonly type: string }[]
  }[]
  readonly send: (text: string) => unknown
  readonly stop: () => unknown
  readonly again: () => unknown
  /** What the newest piece of state said. */
  readonly note: string
}

function View({ status, error, messages, send, stop, again, note }: Shown): ReactElement {
  return (
    <>
      <output aria-label="status">{status}</output>
      <output aria-label="note">{note}</output>
      <ol aria-label="talk">
        {messages.map(({ id, role, parts }) => (
          <li key={id}>
            {role}: {parts.map(textOf).join('')}
          </li>
        ))}
      </ol>
      {error && <p role="alert">{error.message}</p>}
      <button onClick={() => void send('Hi')}>Send</button>
      <button onClick={() => void stop()}>Stop</button>
      <button onClick={() => void again()}>Again</button>
    </>
  )
}
function textOf(part: object): string {
  if (!('type' in part) || part.type !== 'text') return ''
  if ('text' in part) return String(part.text)
  return 'content' in part ? String(part.content) : ''
}
/** What of the state is shown to a user. */
function noteOf(value: unknown): string {
  if (typeof value !== 'object' || value === null || !('phase' in value)) return ''
  const degraded: unknown = 'degraded' in value ? value.degraded : null
  const { phase } = value
  const to = typeof degraded === 'object' && degraded && 'to' in degraded ? degraded.to : 'none'
  return `${String(phase)}, instead: ${String(to)}`
}

type Talk = (props: { readonly transport: LadderTransport<string> }) => ReactElement
const Talk5: Talk = ({ transport }) => {
  const [note, setNote] = useState('')
  const { messages, status, error, sendMessage, stop, regenerate } = useChat5({
    id: 'talk',
    transport,
    resume: true,
    onData: ({ data }) => setNote(noteOf(data)),
  })
  const send = (text: string) => sendMessage({ text })
  return <View {...{ messages, status, error, send, stop, again: regenerate, note }} />
}
const Talk6: Talk = ({ transport }) => {
  const [note, setNote] = useState('')
  const { messages, status, error, sendMessage, stop, regenerate } = useChat6({
    id: 'talk',
    transport,
    resume: true,
    onData: ({ data }) => setNote(noteOf(data)),
  })
  const send = (text: string) => sendMessage({ text })
  return <View {...{ messages, status, error, send, stop, again: regenerate, note }} />
}
const Talk7: Talk = ({ transport }) => {
  const [note, setNote] = useState('')
  const { messages, status, error, sendMessage, stop, regenerate } = useChat7({
    id: 'talk',
    transport,
    resume: true,
    onData: ({ data }) => setNote(noteOf(data)),
  })
  const send = (text: string) => sendMessage({ text })
  return <View {...{ messages, status, error, send, stop, again: regenerate, note }} />
}
function TalkTanstack({ llm }: { readonly llm: Ladder }): ReactElement {
  const [note, setNote] = useState('')
  const [connection] = useState(() => ladderConnection(llm, { workload: 'chat' }))
  const { messages, status, error, sendMessage, stop, reload } = useTanstack({
    connection,
    onCustomEvent: (name, value) => {
      if (name === 'rungs') setNote(noteOf(value))
    },
  })
  return <View {...{ messages, status, error, send: sendMessage, stop, again: reload, note }} />
}

const overAiSdk =
  (Talk: Talk) =>
  (llm: Ladder): ReactElement => <Talk transport={ladderTransport(llm, { workload: 'chat' })} />
const hooks: readonly (readonly [string, (llm: Ladder) => ReactElement])[] = [
  ['useChat of AI SDK 5', overAiSdk(Talk5)],
  ['useChat of AI SDK 6', overAiSdk(Talk6)],
  ['useChat of AI SDK 7', overAiSdk(Talk7)],
  ['useChat of TanStack AI', (llm) => <TalkTanstack llm={llm} />],
]
const spare = scripted({ provider: 'other' }, ['From the spare.'])

describe.each(hooks)('%s, rendered', (_, over) => {
  async function open(llm: Ladder) {
    // What one LLM has learnt of a route, it tells the others of the same routes.
    onTestFinished(() => llm.close())
    const screen = await render(<StrictMode>{over(llm)}</StrictMode>)
    const talk = screen.getByRole('list', { name: 'talk' })
    await screen.getByText('Send').click()
    return { screen, talk }
  }

  test('shows one answer after a fallback, and who gave it', async () => {
    const { screen, talk } = await open(ladder({ down: scripted({}, [{ status: 503 }]), spare }))
    await expect
      .poll(() => talk.element().textContent)
      .toMatch(/^user: Hi\s*assistant: From the spare\.$/)
    await expect.element(screen.getByLabelText('status')).toHaveTextContent('ready')
    await expect.element(screen.getByLabelText('note')).toHaveTextContent('settled, instead: spare')
  })

  test('keeps a cut text and shows no second answer; a new try replaces it', async () => {
    const cut = scripted({}, ['The capital is', CUT], ['Paris.'])
    const { screen, talk } = await open(ladder({ cut, spare }, { recovery: 'restart' }))
    await expect.poll(() => talk.element().textContent).toMatch(/assistant: The capital is$/)
    await expect.element(screen.getByLabelText('status')).toHaveTextContent('ready')
    await screen.getByText('Again').click()
    await expect
      .poll(() => talk.element().textContent)
      .toMatch(/^user: Hi\s*assistant: (?:Paris|From the spare)\.$/)
  })

  test('stops at the user’s word, and keeps the text', async () => {
    const llm = ladder({ ours: scripted({}, ['Once upon', HANG]) })
    const ended: string[] = []
    llm.subscribe((event) => {
      if (event.type === 'settled') ended.push(event.outcome.status)
    })
    const { screen, talk } = await open(llm)
    await expect.poll(() => talk.element().textContent).toMatch(/assistant: Once upon$/)
    await screen.getByText('Stop').click()
    await expect.element(screen.getByLabelText('status')).toHaveTextContent('ready')
    await expect.poll(() => talk.element().textContent).toMatch(/assistant: Once upon$/)
    await expect.poll(() => ended).toEqual(['stopped'])
  })

  test('shows why there is no answer', async () => {
    const llm = ladder({ ours: scripted({}, [{ status: 429, body: '{}' }]) }, { safe: undefined })
    const { screen } = await open(llm)
    await expect
      .element(screen.getByRole('alert'))
      .toHaveTextContent('The service is busy; try again later.')
  })
})

/** A chat that has asked, and has gone when the answer had begun. */
async function gone(Talk: Talk, transport: LadderTransport<string>): Promise<void> {
  const first = await render(<Talk transport={transport} />, { wrapper: StrictMode })
  await first.getByText('Send').click()
  await expect
    .poll(() => first.getByRole('list').element().textContent)
    .toMatch(/assistant: Once upon$/)
  await first.unmount()
}

describe.each([
  ['5', Talk5],
  ['6', Talk6],
  ['7', Talk7],
] as const)('a chat of AI SDK %s that comes back', (version, Talk) => {
  test('shows the answer that went on without it, and can stop it', async () => {
    const llm = ladder({ ours: scripted({}, ['Once upon', 400, ' a time', HANG]) })
    onTestFinished(() => llm.close())
    const transport = ladderTransport(llm, { workload: 'chat' }, { onAbort: 'keep' })
    await gone(Talk, transport)
    const run = transport.run('talk')
    expect(run).not.toBeNull()
    const second = await render(<Talk transport={transport} />, { wrapper: StrictMode })
    await expect
      .poll(() => second.getByRole('list').element().textContent)
      .toMatch(/^assistant: Once upon a time$/)
    await transport.stop('talk')
    await expect.element(second.getByLabelText('status')).toHaveTextContent('ready')
    expect(await run?.outcome).toMatchObject({ status: 'stopped', text: 'Once upon a time' })
  })

  test('by itself keeps it in 5 and 6, and not in 7', async () => {
    const llm = ladder({ ours: scripted({}, ['Once upon', 400, ' a time.']) })
    onTestFinished(() => llm.close())
    const transport = ladderTransport(llm, { workload: 'chat' })
    await gone(Talk, transport)
    expect(transport.run('talk') === null).toBe(version === '7')
  })
})

test('the OpenAI SDK streams in a browser', async () => {
  const llm = ladder({ down: scripted({}, [{ status: 503 }]), spare })
  const client = new OpenAI({
    apiKey: 'none',
    maxRetries: 0,
    dangerouslyAllowBrowser: true,
    fetch: ladderFetch(llm, { workload: 'chat' }),
  })
  const stream = client.chat.completions.stream({
    model: 'any',
    messages: [{ role: 'user', content: 'Hi' }],
  })
  expect(await stream.finalContent()).toBe('From the spare.')
})
