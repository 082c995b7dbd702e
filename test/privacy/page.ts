// A page that tells Rungs secrets by every way in, for every sink, with the browser's own storage.
import { beacon, createLLM, otlp, toConsole, toGtag, toPostHog, toSegment } from '@rungs/core'
import type { Report, TelemetryOptions } from '@rungs/core'
import { scripted, type Script } from '@rungs/core/testing'

/** What one case is told: texts that nobody but a route may be sent. */
export interface Secrets {
  readonly key: string
  readonly prompt: string
  readonly system: string
  readonly said: string
  readonly url: string
  readonly body: string
  readonly user: string
  readonly thread: string
}
/** What was told by ways that are not the network. */
export interface Told {
  readonly console: readonly string[]
  readonly products: readonly string[]
  readonly stored: readonly string[]
}

const lines: string[] = []
for (const level of ['debug', 'log', 'info', 'warn', 'error'] as const) {
  console[level] = (...words: unknown[]) => {
    lines.push(words.map((word) => textOf(word)).join(' '))
  }
}
addEventListener('unhandledrejection', ({ reason }) => lines.push(`unhandled ${textOf(reason)}`))
addEventListener('error', ({ message }) => lines.push(`error ${message}`))

function textOf(word: unknown): string {
  if (word instanceof Error) return `${word.message} ${word.stack} ${textOf(word.cause)}`
  return typeof word === 'string' ? word : (JSON.stringify(word) ?? String(word))
}

/** How the first route breaks, with the secrets in all that it says. */
function breakageOf({ key, prompt, said, url, body }: Secrets, chance: number): Script {
  const error = { message: `${key} ${prompt} ${body}`, code: said, type: body, param: url }
  const headers = { 'x-request-id': key, 'retry-after': said, location: url }
  const scripts: readonly Script[] = [
    [{ status: 401, headers, body: { error } }],
    [{ status: 429, headers, body: { error } }],
    [{ status: 500, headers, body: `<html>${body} ${key}</html>` }],
    [{ reasoning: prompt }, said, { error }],
    [{ call: { name: said, id: key, input: { [key]: prompt, url } } }],
    [{ model: said }, { refusal: body }],
    [said, { malformed: true }, { finish: 'length' }],
    [{ fail: 'invalid-response' }],
  ]
  return scripts[chance % scripts.length] ?? []
}

/** One case: a run that meets a breakage, and all that a product can say of it. */
async function tellOne(secrets: Secrets, chance: number, products: string[]): Promise<void> {
  const { key, prompt, system, said, url, body, user, thread } = secrets
  const note =
    (name: string) =>
    (...words: readonly unknown[]): void => {
      products.push(`${name} ${JSON.stringify(words)}`)
    }
  const sinks: TelemetryOptions['sinks'] = [
    beacon('/reports'),
    otlp(location.origin, { headers: { 'x-token': 't' } }),
    toConsole(),
    toPostHog({ capture: note('posthog') }),
    toSegment({ track: note('segment') }),
    toGtag(note('gtag')),
    async (batch: readonly Report[]) => {
      products.push(JSON.stringify(batch))
      return 'sent'
    },
  ]
  const llm = createLLM({
    user: () => user,
    routes: {
      // What a product's mistake puts where a name is due is for the sinks to leave out.
      first: scripted({ provider: key, account: user }, breakageOf(secrets, chance)),
      second: scripted({ provider: url, model: said }, [said, ' ', body]),
    },
    workloads: { chat: { ladder: ['first', 'second'] } },
    telemetry: {
      sinks,
      autoSignals: true,
      attributes: { plan: key, page: url },
      signals: ['stars'],
    },
  })
  const run = llm.run({
    workload: 'chat',
    // Only names are taken here, so that it is what looks like one.
    surface: key.slice(0, 64).replaceAll(/[^\w.-]/g, ''),
    thread,
    messages: [{ role: 'user', content: `${prompt} ${key} ${url}` }],
    system,
    attributes: { note: prompt, from: url.split('?')[0] ?? '' },
  })
  await run.outcome
  run.feedback({ signal: 'thumb-up' })
  run.feedback({ custom: said, value: 1 })
  llm.feedback(key, { signal: 'copied' })
  await llm.close()
}

/** Everything that this origin keeps, as text. */
async function everythingStored(): Promise<readonly string[]> {
  const all = [
    JSON.stringify(Object.entries(localStorage)),
    JSON.stringify(Object.entries(sessionStorage)),
  ]
  for (const { name = '' } of await indexedDB.databases()) {
    const database = await asked(indexedDB.open(name))
    for (const store of database.objectStoreNames) {
      const things = database.transaction(store).objectStore(store)
      const [keys, values] = await Promise.all([asked(things.getAllKeys()), asked(things.getAll())])
      all.push(`${name} ${JSON.stringify(keys)} ${JSON.stringify(values)}`)
    }
    database.close()
  }
  return all
}
function asked<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => {
      resolve(request.result)
    })
    request.addEventListener('error', () => {
      reject(request.error ?? new Error('no storage'))
    })
  })
}

/** So many cases, one after another; what they left is told with them, and then forgotten. */
async function tellAll(cases: readonly Secrets[], from: number): Promise<Told> {
  const products: string[] = []
  for (const [index, secrets] of cases.entries()) {
    await tellOne(secrets, from + index, products)
  }
  const stored = await everythingStored()
  return { console: lines.splice(0), products, stored }
}

declare global {
  interface Window {
    readonly tellAll: typeof tellAll
  }
}
Object.assign(window, { tellAll })
