// What the pages of the cycles load: a product on the published package, and a client beside it as it is often written.
import {
  createLLM,
  openai,
  type FailureKind,
  type Outcome,
  type Route,
  type RouteHealth,
} from '@rungs/core'
import { AGAIN } from './plan.ts'

export interface Ended {
  readonly status: Outcome['status']
  readonly text: string
  readonly route: string | null
  /** What each attempt failed by; null where it did not. */
  readonly failures: readonly (FailureKind | null)[]
  readonly tookMs: number
}
export interface Again {
  readonly status: Outcome['status']
  readonly tried: readonly string[]
  /** Before this run. */
  readonly health: readonly RouteHealth[]
}
export interface NaiveEnded {
  readonly status: 'completed' | 'stalled' | 'timed-out' | 'broken'
  readonly text: string
}
/** A page of one cycle. */
export interface Play {
  /** Begins both; what they come to is fetched later, for a page that is frozen answers nothing. */
  begin(options: Options): void
  /** `isDeaf`: frozen while a stream came, and Chromium (156) told nothing more of it for longer than a gap may be. */
  ended(): Promise<{
    readonly rungs: Ended
    readonly naive: NaiveEnded
    readonly isDeaf: boolean
  }>
  /** What is thought of the routes afterwards, and one run more. */
  again(): Promise<Again>
}
interface Options {
  readonly port: number
  readonly firstChunkMs: number
  readonly chunkMs: number
}

declare global {
  interface Window {
    readonly play: Play
  }
}

function routeOf(name: string): Route {
  return openai({ model: 'm', apiKey: 'k', baseUrl: `https://${name}.test/v1`, provider: name })
}

function createProduct({ port, firstChunkMs, chunkMs }: Options) {
  // What is on this machine needs no network, so the routes have other addresses.
  const reach: typeof fetch = async (input, init) => {
    const request = new Request(input, init)
    const { method, headers, signal, redirect, cache, credentials } = request
    const [name = ''] = new URL(request.url).hostname.split('.')
    const body = await request.text()
    const rest = { method, headers, signal, redirect, cache, credentials, body }
    return fetch(`http://127.0.0.1:${port}/${name}`, rest)
  }
  return createLLM({
    routes: { a: routeOf('a'), b: routeOf('b') },
    workloads: { chat: { ladder: ['a', 'b'], limits: { firstChunkMs, chunkMs } } },
    world: { fetch: reach },
  })
}
let product: ReturnType<typeof createProduct> | undefined
let both: ReturnType<Play['ended']> | undefined

const play: Play = {
  begin(options) {
    product = createProduct(options)
    const { port, firstChunkMs, chunkMs } = options
    const server = `http://127.0.0.1:${port}`
    const isDeaf = listen(`${server}/ear`, chunkMs)
    both = Promise.all([run(product), naive(`${server}/naive`, firstChunkMs, chunkMs)]).then(
      ([rungs, other]) => ({ rungs, naive: other, isDeaf: isDeaf() }),
    )
  },
  ended() {
    if (!both) throw new Error('nothing has begun')
    return both
  },
  async again() {
    if (!product) throw new Error('nothing has begun')
    const health = Object.values(product.health.getState())
    const { outcome } = product.run({ workload: 'chat', prompt: AGAIN })
    const { status, attempts } = await outcome
    return { status, tried: attempts.map(({ route }) => route), health }
  },
}
Object.assign(window, { play })

async function run(llm: NonNullable<typeof product>): Promise<Ended> {
  const startedAt = performance.now()
  const { outcome } = llm.run({ workload: 'chat', prompt: 'Hello?' })
  const { status, text, route, attempts } = await outcome
  return {
    status,
    text,
    route,
    failures: attempts.map(({ failure }) => failure?.kind ?? null),
    tookMs: performance.now() - startedAt,
  }
}

/** One timer for a stall that each chunk sets anew, and `AbortSignal.timeout` for the beginning. */
async function naive(url: string, firstMs: number, gapMs: number): Promise<NaiveEnded> {
  const stall = new AbortController()
  const first = AbortSignal.timeout(firstMs)
  let text = ''
  let timer: ReturnType<typeof setTimeout> | undefined
  const onLate = (): void => {
    if (timer === undefined) stall.abort('timed-out')
  }
  first.addEventListener('abort', onLate)
  try {
    const response = await fetch(url, { method: 'POST', signal: stall.signal })
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    if (!reader) throw new Error('no body')
    for (;;) {
      const { done, value } = await reader.read()
      clearTimeout(timer)
      if (done) return { status: 'completed', text }
      timer = setTimeout(() => {
        stall.abort('stalled')
      }, gapMs)
      for (const [, content] of value.matchAll(/"content":"([^"]*)"/g)) text += content
    }
  } catch {
    const { reason } = stall.signal
    return { status: reason === 'stalled' || reason === 'timed-out' ? reason : 'broken', text }
  } finally {
    clearTimeout(timer)
  }
}

/** A reader that waits for ever; tells whether the page was left in the dark by a freeze, so far. */
function listen(url: string, deafMs: number): () => boolean {
  let resumedAt: number | undefined
  let heardAt: number | undefined
  const hear = (): void => {
    if (resumedAt !== undefined) heardAt ??= performance.now()
  }
  document.addEventListener('resume', () => (resumedAt ??= performance.now()))
  async function read(): Promise<void> {
    const response = await fetch(url, { method: 'POST' })
    const reader = response.body?.getReader()
    for (let isDone = !reader; !isDone; hear()) isDone = (await reader?.read())?.done ?? true
    // What had ended before the freeze is not waited for.
    heardAt ??= performance.now()
  }
  read().catch(hear)
  return () => resumedAt !== undefined && (heardAt ?? performance.now()) - resumedAt > deafMs
}
