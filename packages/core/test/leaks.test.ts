import { expect, test, vi } from 'vitest'
import {
  beacon,
  openai,
  otlp,
  toConsole,
  toGtag,
  toPostHog,
  toSegment,
  type Report,
} from '../src/index.ts'
import { createVirtualDisk, scripted } from '../src/testing.ts'
import { START, ticks, visit } from './telemetry.ts'

// None of them is a word that says anything of a run.
const KEY = 'sk-wxqj-key-4417'
const PROMPT = 'wxqj prompt 5528'
const SAID = 'wxqj said 6639, which is long enough to be known again'
const HOST = 'wxqj-host.example'
const ANY = /wxqj/i

/** What a sink of the product's own is sent, written out. */
const written: string[] = []
const keep =
  (name: string) =>
  (...words: unknown[]): void => {
    written.push(`${name} ${JSON.stringify(words)}`)
  }

test('no prompt, answer, key, address, error or user is in what any sink sends, in storage, or on the console', async () => {
  const levels = ['debug', 'log', 'info', 'warn', 'error'] as const
  const spies = levels.map((level) => vi.spyOn(console, level).mockImplementation(keep(level)))
  const disk = createVirtualDisk()
  const received: string[] = []
  const { llm, virtual, play } = await visit(
    {
      autoSignals: true,
      signals: ['solved'],
      attributes: { plan: 'pro', label: 'wxqj label with blanks' },
      sinks: [
        beacon(`https://${HOST}/reports?key=${KEY}`),
        otlp(`https://${HOST}`, { headers: { authorization: `Bearer ${KEY}` } }),
        toPostHog({ capture: keep('posthog') }),
        toSegment({ track: keep('segment') }),
        toGtag(keep('gtag')),
        toConsole(),
        function own(batch: readonly Report[]) {
          keep('own')(batch)
          return Promise.resolve('sent' as const)
        },
      ],
    },
    {
      disk,
      user: () => `wxqj@users.example`,
      routes: {
        keyed: openai({
          model: 'gpt',
          apiKey: KEY,
          baseUrl: `https://${HOST}/v1`,
          provider: 'them',
        }),
        broken: scripted({ provider: 'us' }, [
          {
            status: 500,
            headers: { 'x-wxqj': KEY },
            body: { error: `${PROMPT} ${KEY}`, code: KEY },
          },
        ]),
        spoken: scripted({ provider: 'you' }, [{ reasoning: SAID }, SAID]),
      },
      world: {
        fetch: async (input, init) => {
          if (input instanceof Request) {
            return new Response(`{"error":{"message":"${KEY} ${PROMPT}","code":"${KEY}"}}`, {
              status: 401,
            })
          }
          received.push(typeof init?.body === 'string' ? init.body : 'no text')
          return new Response(`${KEY} ${PROMPT}`, { status: 200 })
        },
      },
    },
  )
  const id = await play({
    prompt: PROMPT,
    system: PROMPT,
    thread: 'wxqj-thread',
    attributes: { note: 'wxqj note with blanks', token: `${KEY}-0123456789abcdef01234567` },
  })
  virtual.copy(SAID)
  llm.feedback(id, { custom: 'solved', value: 1 })
  llm.feedback(id, { custom: 'wxqj', value: 1 })
  await play({ prompt: PROMPT, thread: 'wxqj-thread' })
  await virtual.advance(60_000)
  await ticks()
  const stored = JSON.stringify([...(disk.archives.get('rungs-telemetry') ?? [])])
  const local = JSON.stringify([...disk.texts])
  const summary = JSON.stringify(await llm.summary())
  for (const spy of spies) spy.mockRestore()

  // All of it was there: rows of both kinds, of both runs, and what was noted of the first.
  expect(received.length).toBeGreaterThanOrEqual(3)
  for (const name of ['posthog', 'segment', 'gtag', 'own', 'info']) {
    expect(written.some((line) => line.startsWith(name) && line.includes(id))).toBe(true)
  }
  expect(stored).toContain('"copied":true')
  expect(stored).toContain('"regenerated":true')
  expect(stored).toContain(`"started_at":${START}`)

  const leaks = [...received, ...written, stored, local, summary].filter((line) => ANY.test(line))
  expect(leaks).toEqual([])
})
