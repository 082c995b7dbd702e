// What happens in the page of the canaries.
import {
  agUi,
  aiSdk,
  anthropic,
  canned,
  createKeyring,
  createLLM,
  engine,
  gemini,
  onDevice,
  openai,
  openaiResponses,
  textStream,
  type KeyedRouteOptions,
  type Route,
} from '@rungs/core'

type Keyed = KeyedRouteOptions

export interface Input {
  readonly at: string
  readonly endlessAt: string
  readonly refusedAt: string
  readonly faults: readonly string[]
  readonly key: string
  readonly prompt: string
  readonly said: string
}

/** All that a script, or a person with the tools of the browser, sees of the page afterwards. */
export interface Seen {
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

/** These never end by themselves. */
const isEndless = (name: string): boolean => /hang|silent/.test(name)
/** An event or a snapshot, without what the model said. */
const withoutModel = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'latency' in value
    ? { ...value, text: null, message: null, parts: null, object: null }
    : value
/** Whatever the type says, a page is JavaScript. */
const loose = (value: unknown): ReturnType<typeof Reflect.get> => value

const KEYED = { openai, openaiResponses, anthropic, gemini }
const ENDPOINTS = { aiSdk, agUi, textStream }
const engineOf = (create: () => unknown): Route =>
  engine({ model: 'm', engine: { chat: { completions: { create } } } })

/** Every route through every fault, and every mistake that we could think of. */
export async function playAll(input: Input): Promise<Seen> {
  const { at, endlessAt, refusedAt, faults, key, prompt, said } = input

  const told: string[] = []
  const shown: string[] = []
  const endings: Record<string, string> = {}
  let content = ''
  const ring = createKeyring()
  ring.store.subscribe((state) => told.push(JSON.stringify(state)))
  await ring.set('theirs', key)

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
    shown.push(JSON.stringify([llm, only]))
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
  for (const [protocol, create] of Object.entries(KEYED)) {
    const make = (base: string, options: Partial<Keyed> = {}): Route =>
      create({
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
  for (const [protocol, create] of Object.entries(ENDPOINTS)) {
    const make = (base: string, headers: Readonly<Record<string, string>> = secret): Route =>
      create({ url: `${base}/${protocol}`, headers, body: async () => ({ note: prompt }) })
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
  async function* chunks(): AsyncGenerator<object> {
    yield { choices: [{ index: 0, delta: { content: said } }] }
    throws('Error')()
  }
  for (const name of ['Error', 'TypeError', 'NetworkError', 'QuotaExceededError', words]) {
    await play(`engine ${name === words ? 'odd' : name}`, engineOf(throws(name)))
  }
  await play('engine cut', engineOf(chunks))
  const none = (): Promise<never> => Promise.reject(new Error(words))
  await play('engine none', engine({ model: 'm', engine: none }))
  const LanguageModel = { availability: async () => 'available', create: throws('OperationError') }
  Object.assign(window, { LanguageModel })
  await play('onDevice', onDevice({ languages: ['en'] }))
  await play('canned', canned(throws('Error')))

  // The keyring, and its checks.
  const { theirs } = ring.store.getState()
  const checks = faults.map(async (fault) => {
    const route = anthropic({
      model: 'm',
      apiKey: ring.ref('theirs'),
      baseUrl: `${at}/${fault}/anthropic`,
    })
    if (!isEndless(fault)) await ring.check('theirs', route)
  })
  await Promise.all(checks)
  shown.push(JSON.stringify([ring, ring.store.getState()]))

  // Mistakes.
  const routes = { only: openai({ model: 'm', apiKey: key }), sorry: canned('Sorry.') }
  const workloads = { chat: { ladder: ['only' as const] } }
  const llm = createLLM({ routes, workloads })
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
    withRoute(() => openai({ ...valid, apiKey: `${key}\n${key}` })),
    withRoute(() => openai({ ...valid, apiKey: `“${key}”` })),
    withRoute(() => openai({ ...valid, baseUrl: key })),
    withRoute(() => openai({ ...valid, baseUrl: `https://me:${key}@api.example/v1` })),
    withRoute(() => openai({ ...valid, baseUrl: `http://api.example/v1?key=${key}` })),
    withRoute(() => openai({ ...valid, model: loose({ apiKey: key }) })),
    withRoute(() => openai({ ...valid, quality: loose(key), price: loose(key) })),
    withRoute(() => openai({ ...valid, compliance: loose(key), expect: loose(key) })),
    withRoute(() => aiSdk({ url: `https://me:${key}@api.example/v1` })),
    withRoute(() => textStream({ url: loose({ url: key }) })),
    withRoute(() => engine(loose({ model: 'm', engine: { apiKey: key } }))),
    withRoute(() => engine(loose({ model: 'm', engine: { ...valid, baseURL: key } }))),
    withRoute(() => onDevice({ languages: [`${prompt} ${key}`] })),
    withRoute(() =>
      openai({ ...valid, baseUrl: 'https://elsewhere.example', apiKey: ring.ref('theirs') }),
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

const done = <Value>(request: IDBRequest<Value>) =>
  new Promise<Value>((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error))
  })

/** All that the origin keeps, and what the page shows of itself. */
export async function lookAround(): Promise<Record<string, string>> {
  const databases = await indexedDB.databases()
  const records = await Promise.all(
    databases.map(async ({ name = '' }) => {
      const db = await done(indexedDB.open(name))
      const stores = [...db.objectStoreNames].map(async (store) => {
        const from = db.transaction(store).objectStore(store)
        return JSON.stringify([await done(from.getAllKeys()), await done(from.getAll())])
      })
      return { name, stores: await Promise.all(stores) }
    }),
  )
  return {
    localStorage: JSON.stringify(Object.entries(localStorage)),
    sessionStorage: JSON.stringify(Object.entries(sessionStorage)),
    indexedDB: JSON.stringify(records),
    caches: JSON.stringify(await caches.keys()),
    cookies: document.cookie,
    address: `${location.href} ${JSON.stringify(history.state)} ${window.name} ${document.title}`,
    resources: performance
      .getEntries()
      .map((entry) => JSON.stringify(entry))
      .join('\n'),
    dom: document.documentElement.outerHTML,
    console: JSON.stringify(window.lines),
  }
}
