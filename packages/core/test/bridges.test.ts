import { describe, expect, test } from 'vitest'
import { ladderTransport, type UiChunk, type UiReset } from '../src/bridges/ai-sdk.ts'
import { ladderFetch } from '../src/bridges/fetch.ts'
import { ladderConnection } from '../src/bridges/tanstack-ai.ts'
import { seal, unseal } from '../src/bridges/thought.ts'
import { tell, type Told } from '../src/bridges/told.ts'
import type { Message } from '../src/index.ts'
import { CUT, scripted } from '../src/testing.ts'
import type { Route } from '../src/words/route.ts'
import { eventsOf, stage, wired } from './play.ts'

const opaque = { signature: 'only for the maker' }
const madeBy = { provider: 'maker', model: 'wired' }

/** A route that thinks under seal, and keeps what it was sent. */
function thinking(): { readonly route: Route; readonly asked: (readonly Message[])[] } {
  const asked: (readonly Message[])[] = []
  const route = wired({ provider: 'maker' }, async ({ request }, put) => {
    asked.push(request.messages)
    put({ type: 'reasoning', text: 'Hm.' })
    put({ type: 'reasoning', text: '', opaque })
    put({ type: 'text', text: 'Yes.' })
    put({ type: 'finish', finish: 'stop' })
    put({ type: 'terminal' })
  })
  return { route, asked }
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = []
  for await (const item of items) list.push(item)
  return list
}

describe('what only the maker of a thought can read goes out and comes back', () => {
  const thought = { type: 'reasoning', text: 'Hm.', opaque, madeBy }
  const user = { role: 'user', content: 'Sure?' } as const

  test('through useChat', async () => {
    const { route, asked } = thinking()
    const { llm } = stage({ route })
    const transport = ladderTransport(llm, { workload: 'chat' })
    const call = {
      trigger: 'submit-message',
      chatId: 'one',
      messageId: undefined,
      abortSignal: undefined,
    } as const
    const ask = { id: 'u', role: 'user', parts: [{ type: 'text', text: 'Sure?' }] } as const
    const chunks = await all(await transport.sendMessages({ ...call, messages: [ask] }))
    const end = chunks.find((chunk) => chunk.type === 'reasoning-end')
    const { providerMetadata } = { providerMetadata: undefined, ...end }
    expect(providerMetadata).toBeDefined()
    const parts = [{ type: 'reasoning', text: 'Hm.', providerMetadata }]
    await all(
      await transport.sendMessages({
        ...call,
        messages: [ask, { id: 'a', role: 'assistant', parts }, ask],
      }),
    )
    expect(asked[1]?.[1]).toEqual({ role: 'assistant', content: [thought] })
  })

  test.each([
    [
      '/v1/messages',
      { messages: [user] },
      (answer: { content: unknown }) => ({
        messages: [user, { role: 'assistant', content: answer.content }, user],
      }),
    ],
    [
      '/v1/responses',
      { input: [user] },
      (answer: { output: readonly unknown[] }) => ({ input: [user, ...answer.output, user] }),
    ],
  ] as const)('through %s', async (path, first, next) => {
    const { route, asked } = thinking()
    const { llm } = stage({ route })
    const post = async (body: object): Promise<Response> =>
      ladderFetch(llm, { workload: 'chat' })(path, { method: 'POST', body: JSON.stringify(body) })
    const answer = await (await post(first)).json()
    expect((await post(next(answer))).status).toBe(200)
    const text = { type: 'text', text: 'Yes.' }
    expect(asked[1]?.[1]).toEqual({ role: 'assistant', content: [thought, text] })
    const streamed = await (await post({ ...first, stream: true })).text()
    expect(streamed).toContain(
      JSON.stringify(seal({ type: 'reasoning', opaque, madeBy })).slice(1, -1),
    )
  })

  test('through TanStack AI', async () => {
    const { route, asked } = thinking()
    const connection = ladderConnection(stage({ route }).llm, { workload: 'chat' })
    const events: readonly { readonly type: string; readonly encryptedValue?: string }[] =
      await all(connection.connect([user]))
    const signature = events.find(
      ({ type }) => type === 'REASONING_ENCRYPTED_VALUE',
    )?.encryptedValue
    const parts = [{ type: 'thinking', content: 'Hm.', signature }]
    await all(connection.connect([user, { role: 'assistant', parts }, user]))
    expect(asked[1]?.[1]).toEqual({ role: 'assistant', content: [thought] })
  })

  test.each([undefined, 7, '', '{', '{"rungs":1}', '{"rungs":1,"madeBy":{"provider":1}}', '"x"'])(
    'and %j, from elsewhere, is none',
    (text) => {
      expect(unseal(text)).toEqual({})
    },
  )
})

function pieces(told: readonly Told[]): unknown[] {
  return told.flatMap((piece): unknown[] => {
    if (piece.type === 'text') return [piece.text]
    if (piece.type === 'reasoning') return [`thinks ${piece.part.text}`]
    return piece.type === 'end' ? [piece.outcome.status, ...piece.calls] : [piece.type]
  })
}

async function heard(
  routes: Parameters<typeof stage>[0],
  recovery?: 'restart',
): Promise<unknown[]> {
  const { start } = stage(routes, { recovery })
  return pieces((await all(tell(start()))).filter(({ type }) => type !== 'state'))
}

describe('what a run tells', () => {
  const call = { call: { name: 'look', input: {}, id: '1' } }

  test('takes the first answer back when the next one begins, its thoughts with it', async () => {
    const ours = scripted({}, [{ reasoning: 'One.' }, 'half', CUT])
    const other = scripted({ provider: 'other' }, [{ reasoning: 'Two.' }, 'whole'])
    expect(await heard({ ours, other }, 'restart')).toEqual([
      'thinks One.',
      'half',
      'retracted',
      'thinks Two.',
      'whole',
      'completed',
    ])
  })

  test('holds the thoughts of an attempt that may yet come to nothing', async () => {
    const ours = scripted({}, ['half', CUT])
    const lost = scripted({ provider: 'lost' }, [{ reasoning: 'Lost.' }, { status: 503 }])
    const other = scripted({ provider: 'other' }, ['whole'])
    const told = ['half', 'retracted', 'whole', 'completed']
    expect(await heard({ ours, lost, other }, 'restart')).toEqual(told)
  })

  test('takes a text back for an answer that is only a call', async () => {
    const ours = scripted({}, ['half', CUT])
    const other = scripted({ provider: 'other' }, [{ reasoning: 'Two.' }, call])
    expect(await heard({ ours, other }, 'restart')).toEqual([
      'half',
      'retracted',
      'thinks Two.',
      'completed',
      { type: 'tool-call', id: '1', name: 'look', input: {} },
    ])
  })

  test('has no call of an answer that did not come whole', async () => {
    expect(await heard({ ours: scripted({}, ['half', call, CUT]) })).toEqual([
      'half',
      'retracted',
      'Sorry.',
      'safe',
    ])
  })
})

test('a question reaches the chat, and its answer the run', async () => {
  const { llm, virtual } = stage(
    { ours: scripted({}, [{ status: 503 }]), other: scripted({ provider: 'other' }, ['Dear.']) },
    { on: { outage: 'ask' } },
  )
  const transport = ladderTransport(llm, { workload: 'chat', canConfirm: true })
  const messages = [{ id: 'u', role: 'user', parts: [{ type: 'text', text: 'Hi' }] }] as const
  const stream = await transport.sendMessages({
    trigger: 'submit-message',
    chatId: 'one',
    messageId: undefined,
    messages,
    abortSignal: undefined,
  })
  const chunks: (UiChunk | UiReset)[] = []
  for await (const chunk of stream) {
    chunks.push(chunk)
    if (chunk.type !== 'data-rungs' || !chunk.data.confirmation) continue
    expect(chunk.data.confirmation).toMatchObject({
      about: 'tradeoff',
      route: 'other',
      cause: 'outage',
    })
    transport.run('one')?.confirm()
  }
  expect(chunks.filter(({ type }) => type === 'text-delta')).toMatchObject([{ delta: 'Dear.' }])
  expect(virtual.pending()).toBe(0)
  expect(transport.run('one')).toBeNull()
})

test('a conversation is a thread of its own, so that a new message supersedes the answer before', async () => {
  const { llm } = stage({ ours: scripted({}, ['Yes.']) })
  const threads: unknown[] = []
  const ended: unknown[] = []
  llm.subscribe((event) => {
    threads.push(...eventsOf([event], 'started').map(({ thread }) => thread))
    ended.push(...eventsOf([event], 'settled').map(({ outcome }) => outcome.status))
  })
  const transport = ladderTransport(llm, { workload: 'chat' })
  const call = {
    trigger: 'submit-message',
    chatId: `${'x'.repeat(80)} ä`,
    messageId: undefined,
    messages: [{ id: 'u', role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
    abortSignal: undefined,
  } as const
  const first = await transport.sendMessages(call)
  const second = await transport.sendMessages(call)
  await all(first)
  await all(second)
  expect(ended).toEqual(['superseded', 'completed'])
  expect(threads[0]).toBe(`${'x'.repeat(62)}__`)
  expect(threads[1]).toBe(threads[0])
})
