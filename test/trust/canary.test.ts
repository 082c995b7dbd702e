import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answersOf, sse } from './answers.ts'
import { openPlace, openTheatre, type Place, type Stage, type Theatre } from './stage.ts'

/** None of them is a word that says anything of a failure. */
const KEY = 'sk-wxqj-key-4417'
const PROMPT = 'wxqj-prompt-5528'
const SAID = 'wxqj-said-6639'
const CANARIES = { key: KEY, prompt: PROMPT, said: SAID }
const ANY = /wxqj/i

/** A provider's error repeats what it was sent. */
const error = {
  message: `Bad key ${KEY} for: ${PROMPT} ${SAID}`,
  type: SAID,
  code: SAID,
  param: PROMPT,
  metadata: { raw: JSON.stringify({ error: { message: `${KEY} ${PROMPT}`, code: KEY } }) },
}
const errorEvent = {
  type: 'error',
  error,
  errorText: error.message,
  message: error.message,
  code: SAID,
}

const json = (status: number) => (response: ServerResponse) =>
  response
    .writeHead(status, {
      'content-type': 'application/json',
      'access-control-expose-headers': '*',
      'x-debug': `${KEY} ${PROMPT} ${SAID}`,
    })
    .end(JSON.stringify({ error }))
const stream = (text: string) => (response: ServerResponse) =>
  response.writeHead(200, { 'content-type': 'text/event-stream' }).end(text)

/** What a provider can do wrong, by the first part of the path. */
const FAULTS: Readonly<Record<string, (response: ServerResponse, protocol: string) => unknown>> = {
  '400': json(400),
  '401': json(401),
  '402': json(402),
  '403': json(403),
  '404': json(404),
  '413': json(413),
  '429': json(429),
  '500': json(500),
  '503': json(503),
  html: (response) =>
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(`<!doctype html><title>${KEY}</title><p>${PROMPT} ${SAID}`),
  document: (response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ error })),
  cut(response, protocol) {
    const [start = ''] = answersOf(SAID)[protocol] ?? []
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(start, () => response.destroy())
  },
  ended: (response, protocol) => stream(answersOf(SAID)[protocol]?.[0] ?? '')(response),
  hang: (response) =>
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders(),
  silent: () => undefined,
  event: (response, protocol) =>
    stream(sse(protocol === 'agUi' ? { ...errorEvent, type: 'RUN_ERROR' } : errorEvent))(response),
  'late-event': (response, protocol) =>
    stream(
      (answersOf(SAID)[protocol]?.[0] ?? '') +
        sse(errorEvent, { ...errorEvent, type: 'RUN_ERROR' }),
    )(response),
  malformed: (response) => stream(`data: {"${KEY} ${PROMPT} ${SAID}\n\n`.repeat(9))(response),
  redirect: (response) => response.writeHead(307, { location: '/else' }).end(`${KEY} ${PROMPT}`),
  fine: (response, protocol) => stream((answersOf(SAID)[protocol] ?? []).join(''))(response),
}

/** All that a script, or a person with the tools of the browser, sees of the page afterwards. */
interface Seen {
  /** Events and snapshots, without what the model said. */
  readonly told: readonly string[]
  /** What the model said. */
  readonly content: string
  /** Route and fault -> kind of the failure, or how it ended. */
  readonly endings: Readonly<Record<string, string>>
  readonly keyring: string
  readonly shown: readonly string[]
  readonly errors: readonly string[]
}

let theatre: Theatre
let stage: Stage
let provider: Place
let endless: Place
const logged: string[] = []
const addresses: string[] = []
let seen: Seen

beforeAll(async () => {
  const answer: Parameters<typeof openPlace>[0] = (response, { path }) => {
    const [, fault = '', protocol = ''] = path.split('/')
    FAULTS[fault]?.(response, protocol)
  }
  provider = await openPlace(answer)
  endless = await openPlace(answer)
  const gone = await openPlace(() => undefined)
  await gone.close()
  theatre = await openTheatre()
  stage = await theatre.stage({ init: watchConsole })
  stage.page.on('console', (message) => logged.push(message.text()))
  stage.page.on('pageerror', (thrown) => logged.push(`${thrown.message} ${thrown.stack}`))
  stage.page.on('request', (request) => addresses.push(request.url()))
  seen = await stage.page.evaluate(playAll, {
    at: provider.origin,
    endlessAt: endless.origin,
    refusedAt: gone.origin,
    faults: Object.keys(FAULTS),
    ...CANARIES,
  })
})
afterAll(async () => {
  await stage.close()
  await provider.close()
  await endless.close()
  await theatre.close()
})

/** In the page: keep all that is written to the console, to the last field of an error. */
function watchConsole(): void {
  const lines: string[] = []
  for (const level of ['debug', 'log', 'info', 'warn', 'error', 'trace', 'dir'] as const) {
    const write = console[level].bind(console)
    console[level] = (...words: unknown[]) => {
      for (const word of words) {
        const error =
          word instanceof Error ? `${word.message} ${word.stack} ${String(word.cause)}` : ''
        lines.push(`${String(word)} ${JSON.stringify(word) ?? ''} ${error}`)
      }
      write(...words)
    }
  }
  addEventListener('unhandledrejection', ({ reason }) => lines.push(`unhandled ${String(reason)}`))
  addEventListener('error', ({ message }) => lines.push(`error ${message}`))
  Object.assign(window, { lines })
}

/** In the page: every route through every fault, and every mistake that we could think of. */
async function playAll(input: {
  readonly at: string
  readonly endlessAt: string
  readonly refusedAt: string
  readonly faults: readonly string[]
  readonly key: string
  readonly prompt: string
  readonly said: string
}): Promise<Seen> {
  const { at, endlessAt, refusedAt, faults, key, prompt, said } = input
  const { createLLM, createKeyring, canned, ...core } = window.rungs
  type Route = ReturnType<typeof canned>
  type Keyed = Parameters<typeof core.openai>[0]
  type Llm = ReturnType<typeof createLLM>

  const told: string[] = []
  const shown: string[] = []
  const endings: Record<string, string> = {}
  let content = ''
  const ring = createKeyring()
  ring.store.subscribe((state) => told.push(JSON.stringify(state)))
  await ring.set('theirs', key)

  const isEndless = (name: string): boolean => /hang|silent/.test(name)
  const withoutModel = (_: string, value: unknown): unknown =>
    typeof value === 'object' && value !== null && 'latency' in value
      ? { ...value, text: null, message: null, parts: null, object: null }
      : value

  async function play(name: string, only: Route): Promise<void> {
    const llm = createLLM({
      routes: { only, sorry: canned('Sorry.') },
      workloads: {
        chat: {
          ladder: ['only'],
          safe: 'sorry',
          limits: { maxAttempts: 1, ...(isEndless(name) ? { firstChunkMs: 300 } : {}) },
          recovery: 'keep',
        },
      },
    })
    shown.push(JSON.stringify([llm, only]), String(only))
    llm.subscribe((event) => {
      if (event.type === 'content' || event.type === 'reasoning') content += event.text
      else if (event.type !== 'tool-call') told.push(JSON.stringify(event, withoutModel))
    })
    const request = {
      workload: 'chat',
      system: `Be kind. ${prompt}`,
      messages: [
        { role: 'user', content: prompt },
        { role: 'assistant', content: [{ type: 'text', text: prompt }] },
      ],
      prompt,
      surface: 'sidebar',
      thread: 'conversation-1',
    } as const
    told.push(JSON.stringify(llm.explain(request)))
    const run = llm.run(request)
    run.store.subscribe((state) => told.push(JSON.stringify(state, withoutModel)))
    const outcome = await run.outcome
    run.feedback({ signal: 'copied' })
    endings[name] = outcome.failure?.kind ?? outcome.status
    await llm.close()
  }

  const keyed = ['openai', 'openaiResponses', 'anthropic', 'gemini'] as const
  const endpoints = ['aiSdk', 'agUi', 'textStream'] as const
  const bad: Readonly<Record<string, Partial<Keyed>>> = {
    'bad-key': { apiKey: () => `${key}\n${key}` },
    'no-key': { apiKey: () => Promise.reject(new Error(key)) },
    'bad-header': { apiKey: key, headers: { 'x-team': `${key}\n${key}` } },
    'bad-name': { apiKey: key, headers: { [`${key} `]: key } },
    'no-headers': { apiKey: key, headers: () => Promise.reject(new Error(key)) },
    'bad-body': { apiKey: key, body: { toJSON: () => JSON.parse(prompt) } },
  }
  const secret = { authorization: `Bearer ${key}`, 'x-team': key }
  // What does not end would keep the connections of the rest.
  const addressOf = (fault: string): string => `${isEndless(fault) ? endlessAt : at}/${fault}`
  for (const protocol of keyed) {
    const make = (base: string, options: Partial<Keyed> = {}): Route =>
      core[protocol]({
        model: 'm',
        apiKey: key,
        headers: secret,
        baseUrl: `${base}/${protocol}`,
        ...options,
      })
    await Promise.all([
      ...faults.map((fault) =>
        play(
          `${protocol} ${fault}`,
          make(addressOf(fault), isEndless(fault) ? {} : { apiKey: ring.ref('theirs') }),
        ),
      ),
      ...Object.entries(bad).map(([name, options]) =>
        play(`${protocol} ${name}`, make(`${at}/fine`, options)),
      ),
      play(`${protocol} refused`, make(refusedAt)),
    ])
  }
  for (const protocol of endpoints) {
    const make = (base: string, headers: Readonly<Record<string, string>> = secret): Route =>
      core[protocol]({ url: `${base}/${protocol}`, headers, body: async () => ({ note: prompt }) })
    await Promise.all([
      ...faults.map((fault) => play(`${protocol} ${fault}`, make(addressOf(fault)))),
      play(`${protocol} refused`, make(refusedAt)),
      play(`${protocol} bad-header`, make(`${at}/fine`, { 'x-team': `${key}\n${key}` })),
    ])
  }

  // What runs in the page says it by throwing.
  const words = `${key} ${prompt} ${said}`
  const throws = (name: string) => () => {
    throw Object.assign(new Error(words, { cause: words }), { name })
  }
  const engineOf = (create: () => unknown): Route =>
    core.engine({ model: 'm', engine: { chat: { completions: { create } } } })
  async function* chunks(): AsyncGenerator<object> {
    yield { choices: [{ index: 0, delta: { content: said } }] }
    throws('Error')()
  }
  for (const name of ['Error', 'TypeError', 'NetworkError', 'QuotaExceededError', words]) {
    await play(`engine ${name === words ? 'odd' : name}`, engineOf(throws(name)))
  }
  await play('engine cut', engineOf(chunks))
  const none = (): Promise<never> => Promise.reject(new Error(words))
  await play('engine none', core.engine({ model: 'm', engine: none }))
  const LanguageModel = { availability: async () => 'available', create: throws('OperationError') }
  Object.assign(window, { LanguageModel })
  await play('onDevice', core.onDevice({ languages: ['en'] }))
  await play('canned', canned(throws('Error')))

  // The keyring, and its checks.
  const { theirs } = ring.store.getState()
  const checks = faults.map(async (fault) => {
    const route = core.anthropic({
      model: 'm',
      apiKey: ring.ref('theirs'),
      baseUrl: `${at}/${fault}/anthropic`,
    })
    if (!isEndless(fault)) await ring.check('theirs', route)
  })
  await Promise.all(checks)
  shown.push(JSON.stringify([ring, ring.store.getState()]))

  // Mistakes: whatever the type says, a page is JavaScript.
  const loose = (value: unknown): never => value as never
  const routes = { only: core.openai({ model: 'm', apiKey: key }), sorry: canned('Sorry.') }
  const workloads = { chat: { ladder: ['only' as const] } }
  const llm: Llm = loose(createLLM({ routes, workloads }))
  const run = (request: unknown) => () => llm.run(loose(request))
  const withRoute = (only: () => Route) => () => createLLM({ routes: { only: only() }, workloads })
  const valid = { model: 'm', apiKey: key }
  const mistakes: readonly (() => unknown)[] = [
    () => createLLM(loose(key)),
    () => createLLM(loose({ routes: key, workloads: key })),
    () => createLLM(loose({ routes: { only: key }, workloads })),
    () => createLLM(loose({ routes: [key], workloads: { chat: key } })),
    () => createLLM(loose({ routes, workloads, apiKey: key })),
    () => createLLM(loose({ routes, workloads, world: key, tiers: key })),
    () =>
      createLLM(loose({ routes, workloads: { chat: { ladder: 'only', limits: key, on: key } } })),
    withRoute(() => core.openai({ ...valid, apiKey: `${key}\n${key}` })),
    withRoute(() => core.openai({ ...valid, apiKey: `“${key}”` })),
    withRoute(() => core.openai({ ...valid, baseUrl: key })),
    withRoute(() => core.openai({ ...valid, baseUrl: `https://me:${key}@api.example/v1` })),
    withRoute(() => core.openai({ ...valid, baseUrl: `http://api.example/v1?key=${key}` })),
    withRoute(() => core.openai({ ...valid, model: loose({ apiKey: key }) })),
    withRoute(() => core.openai({ ...valid, quality: loose(key), price: loose(key) })),
    withRoute(() => core.openai({ ...valid, compliance: loose(key), expect: loose(key) })),
    withRoute(() => core.aiSdk({ url: `https://me:${key}@api.example/v1` })),
    withRoute(() => core.textStream({ url: loose({ url: key }) })),
    withRoute(() => core.engine(loose({ model: 'm', engine: { apiKey: key } }))),
    withRoute(() => core.engine(loose({ model: 'm', engine: { ...valid, baseURL: key } }))),
    withRoute(() => core.onDevice({ languages: [`${prompt} ${key}`] })),
    withRoute(() =>
      core.openai({ ...valid, baseUrl: 'https://elsewhere.example', apiKey: ring.ref('theirs') }),
    ),
    () => ring.set('theirs', `${key}\n`.repeat(2)),
    () => ring.set('theirs', ` ${key} ${key}`),
    () => ring.set('theirs', loose({ key })),
    () => ring.check('theirs', loose({ key })),
    run(prompt),
    run([prompt]),
    run(null),
    run({ workload: 'chat', messages: prompt }),
    run({ workload: 'chat', messages: [prompt] }),
    run({ workload: 'chat', messages: { prompt } }),
    run({ workload: 'chat', messages: [{ role: 'user', text: prompt }] }),
    run({ workload: 'chat', messages: [{ role: 'user', content: { prompt } }] }),
    run({ workload: 'chat', prompt: { prompt } }),
    run({ workload: 'chat', prompt: [prompt] }),
    run({ workload: 'chat', prompt, system: { prompt } }),
    run({ workload: 'chat', prompt, surface: prompt.repeat(9) }),
    run({ workload: 'chat', prompt, thread: `${prompt} ` }),
    run({ workload: 'chat', prompt, tools: prompt }),
    run({ workload: 'chat', prompt, tools: { look: prompt } }),
    run({ workload: 'chat', prompt, tools: [{ description: prompt }] }),
    run({ workload: 'chat', prompt, limits: prompt }),
    run({ workload: 'chat', prompt, limits: { totalMs: prompt, regions: prompt } }),
    run({ workload: 'chat', prompt, maxOutputTokens: prompt, temperature: prompt }),
    run({ workload: 'chat', prompt, apiKey: key }),
    run({ workload: `Write ${prompt}`, tier: `as ${prompt}`, reasoning: `hard ${prompt}` }),
  ]
  const errors: string[] = []
  for (const [index, mistake] of mistakes.entries()) {
    try {
      await mistake()
      errors.push(`${index}: nothing was thrown`)
    } catch (thrown) {
      const one = thrown instanceof Error ? thrown : new Error(String(thrown))
      errors.push(
        `${index}: ${one.name} ${one.message} ${one.stack} ${String(one.cause)} ${JSON.stringify(one)}`,
      )
    }
  }
  return { told, content, endings, keyring: JSON.stringify(theirs), shown, errors }
}

/** All that the origin keeps, and what the page shows of itself. */
async function lookAround(): Promise<Record<string, string>> {
  const done = <Value>(request: IDBRequest<Value>) =>
    new Promise<Value>((resolve, reject) => {
      request.addEventListener('success', () => resolve(request.result))
      request.addEventListener('error', () => reject(request.error))
    })
  const databases = await indexedDB.databases()
  const records = await Promise.all(
    databases.map(async ({ name = '' }) => {
      const db = await done(indexedDB.open(name))
      const stores = [...db.objectStoreNames].map(async (store) => {
        const from = db.transaction(store).objectStore(store)
        return JSON.stringify([await done(from.getAllKeys()), await done(from.getAll())])
      })
      return [name, ...(await Promise.all(stores))]
    }),
  )
  return {
    localStorage: JSON.stringify({ ...localStorage }),
    sessionStorage: JSON.stringify({ ...sessionStorage }),
    indexedDB: JSON.stringify(records),
    caches: JSON.stringify(await caches.keys()),
    cookies: document.cookie,
    address: `${location.href} ${JSON.stringify(history.state)} ${window.name} ${document.title}`,
    resources: performance
      .getEntries()
      .map((entry) => JSON.stringify(entry))
      .join('\n'),
    dom: document.documentElement.outerHTML,
    console: JSON.stringify((window as unknown as { lines: string[] }).lines),
  }
}

/** The lines that hold a canary, each cut to what is around it. */
function leaks(lines: readonly string[]): readonly string[] {
  return lines
    .filter((line) => ANY.test(line))
    .map((line) => {
      const at = line.search(ANY)
      return line.slice(Math.max(0, at - 150), at + 60)
    })
}

describe('after every route met every fault', () => {
  test('each failed as it should have, so that there was something to leak', () => {
    const { endings, content } = seen
    const of = (fault: string) =>
      Object.entries(endings).flatMap(([name, ending]) =>
        name.endsWith(` ${fault}`) ? [ending] : [],
      )
    const expected: readonly (readonly [string, number, string])[] = [
      ['400', 7, 'invalid-request'],
      ['401', 7, 'auth'],
      ['402', 7, 'quota-exhausted'],
      ['403', 7, 'auth'],
      ['404', 7, 'not-found'],
      ['413', 7, 'context-length'],
      ['429', 7, 'rate-limit'],
      ['500', 7, 'outage'],
      ['503', 7, 'outage'],
      ['html', 7, 'invalid-response'],
      ['redirect', 7, 'blocked-request'],
      ['refused', 7, 'network'],
      ['fine', 7, 'completed'],
      ['bad-key', 4, 'auth'],
      ['no-key', 4, 'auth'],
      ['no-headers', 4, 'auth'],
    ]
    for (const [fault, count, kind] of expected) {
      expect([fault, of(fault)]).toEqual([fault, Array.from({ length: count }, () => kind)])
    }
    for (const fault of ['cut', 'hang', 'silent', 'event', 'malformed', 'document']) {
      const endedWell = of(fault).filter((ending) => ending === 'completed')
      // Plain text has no errors in it and no form to break.
      const isPlain = fault === 'event' || fault === 'malformed'
      expect([fault, endedWell]).toEqual([fault, isPlain ? ['completed'] : []])
    }
    // The canaries were there: they came to the model's side, and from it.
    expect(content).toContain(SAID)
    expect(provider.bytes()).toContain(PROMPT)
    expect(provider.bytes()).toContain(KEY)
  })

  test('no event or snapshot holds a canary beside what the model said', () => {
    expect(seen.told.length).toBeGreaterThan(1_000)
    expect(leaks(seen.told)).toEqual([])
  })

  test('no route, LLM or keyring shows one', () => {
    // Its last four characters alone.
    expect(JSON.parse(seen.keyring)).toEqual({
      status: expect.any(String),
      last4: KEY.slice(-4),
    })
    expect(leaks(seen.shown)).toEqual([])
  })

  test('no error that is thrown holds one', () => {
    const silent = seen.errors.filter((one) => one.endsWith('nothing was thrown'))
    expect(silent).toEqual([])
    expect(leaks(seen.errors)).toEqual([])
  })

  test('nothing was written to the console that holds one, and nothing was left unhandled', async () => {
    const around = await stage.page.evaluate(lookAround)
    expect(leaks([...logged, around['console'] ?? ''])).toEqual([])
    expect(logged.join('\n')).not.toMatch(/unhandled|Uncaught/)
    expect(around['console']).not.toMatch(/unhandled |error Uncaught/)
  })

  test('nothing in storage, in the page or in its address holds one', async () => {
    const around = await stage.page.evaluate(lookAround)
    const { cookies } = await stage.context.storageState()
    expect(leaks(Object.entries({ ...around, jar: JSON.stringify(cookies) }).map(String))).toEqual(
      [],
    )
    expect(around).toMatchObject({
      localStorage: '{}',
      sessionStorage: '{}',
      caches: '[]',
      cookies: '',
    })
  })

  test('no address that was asked for holds one', async () => {
    expect(addresses.length).toBeGreaterThan(100)
    expect(leaks(addresses)).toEqual([])
    expect(leaks(provider.got.map(({ path }) => path))).toEqual([])
  })

  test('no header but those of the credentials held the key, and none the prompt', () => {
    const secret = new Set(['authorization', 'x-api-key', 'x-goog-api-key', 'x-team'])
    const others = provider.got.flatMap(({ headers }) =>
      Object.entries(headers).filter(([name]) => !secret.has(name)),
    )
    expect(leaks(others.map(String))).toEqual([])
    expect(provider.got.map(({ body }) => body).filter((body) => body.includes(KEY))).toEqual([])
  })
})
