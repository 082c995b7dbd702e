// The client under test, in a process of its own so that nothing else is measured: `node --expose-gc
// client.ts`. It is sent orders and reports on each case.
import { createLLM, type Outcome, type Run, type RunEvent, type StandardSchema } from '@rungs/core'
import { dialects, type WireName } from './dialects.ts'

/** One case to be played. */
export interface Order {
  readonly key: string
  readonly wire: WireName
  readonly baseUrl: string
  readonly asksForJson: boolean
  /** Real ms per ms of the run's own. */
  readonly scale: number
  /** `heap`: collect and weigh while it runs. `tasks`: leave it alone and time its tasks. */
  readonly measure: 'heap' | 'tasks'
}

/** Groups of cases, each weighed as one: its cases one after the other, or all at once. */
export interface Orders {
  readonly groups: readonly (readonly Order[])[]
  readonly areTogether: boolean
}

/** Told before each case. */
export interface Begun {
  readonly begun: string
}

/** What came of it. */
export interface Report {
  readonly key: string
  readonly status: Outcome['status']
  readonly kind: string | null
  readonly phase: string | null
  readonly httpStatus: number | null
  readonly retryAfterMs: number | null
  /** Its beginning. */
  readonly text: string
  readonly length: number
  readonly calls: number
  readonly skipped: number
  /** What is of another type or beyond its bounds in what the run says. */
  readonly flaws: readonly string[]
  /** Memory in use at most, beyond the start and what the run keeps; and once the run is let go, MiB. */
  readonly heapMiB: number
  readonly leftMiB: number
  readonly keptMiB: number
  /** The longest task, ms of this thread's own work. */
  readonly taskMs: number
  readonly tookMs: number
  readonly isHung: boolean
}

const MIB = 2 ** 20
/** Real ms after which a run is given up. */
const HANG_MS = 12_000
/** Of the run's own time. */
const TOTAL_MS = 60_000
const MAX_DEPTH = 64
/** So much more than at the start is not waited for, bytes; and how often more is looked at. */
const SLACK_BYTES = 2 * MIB
const ROUNDS = 50

/** The heap once what is garbage is gone, bytes. */
function heap(): number {
  if (!globalThis.gc) throw new Error('run with --expose-gc')
  globalThis.gc()
  return process.memoryUsage().heapUsed
}

/** What of buffers and the like is outside the heap goes some time after what held it: it is given that. */
async function settled(enough: number): Promise<number> {
  for (let round = 0; ; round += 1) {
    const used = heap() + process.memoryUsage().external
    if (used <= enough || round === ROUNDS) return used
    await new Promise((resolve) => {
      setTimeout(resolve, round)
    })
  }
}

function createClock(scale: number): {
  readonly now: () => number
  readonly after: (ms: number, task: () => void) => () => void
} {
  const startedAt = Date.now()
  const start = performance.now()
  return {
    now: () => startedAt + (performance.now() - start) / scale,
    after: (ms, task) => {
      const timer = setTimeout(task, Math.min(ms * scale, 2 ** 31 - 1))
      return () => clearTimeout(timer)
    },
  }
}

const anyJson: StandardSchema = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => (value === undefined ? { issues: [{}] } : { value }),
  },
}

/** How deep a value is, as far as it matters. Not recursive: it may be very deep. */
function isTooDeep(value: unknown): boolean {
  const queue: [unknown, number][] = [[value, 0]]
  for (let next = queue.pop(); next; next = queue.pop()) {
    const [one, depth] = next
    if (typeof one !== 'object' || one === null) continue
    if (depth > MAX_DEPTH) return true
    for (const inner of Object.values(one)) queue.push([inner, depth + 1])
  }
  return false
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

/** What is not as its type says in what a run told. */
function flawsOf(outcome: Outcome, events: readonly RunEvent[]): string[] {
  const flaws = new Set<string>()
  const must = (isSo: boolean, what: string): void => {
    if (!isSo) flaws.add(what)
  }
  for (const told of events) {
    if (told.type === 'content' || told.type === 'reasoning') {
      must(typeof told.text === 'string', `the text of ${told.type} is ${typeof told.text}`)
    } else if (told.type === 'tool-call') {
      const { id, name, input, inputText } = told.call
      must(typeof id === 'string', `a call's id is ${typeof id}`)
      must(typeof name === 'string', `a call's name is ${typeof name}`)
      must(inputText === undefined || typeof inputText === 'string', `a call's text is no text`)
      must(!isTooDeep(input), `a call's input is too deep`)
    } else if (told.type === 'usage') {
      for (const [name, value] of Object.entries(told.usage)) {
        must(isCount(value), `${name} is ${JSON.stringify(value)} (${typeof value})`)
      }
    }
  }
  const { costUsd, failure, text, latency, attempts } = outcome
  must(costUsd === null || (costUsd >= 0 && costUsd < 1e6), `costUsd is ${costUsd}`)
  must(typeof text === 'string', 'the text is none')
  must(latency.totalMs !== null && latency.totalMs >= 0, 'there is no total time')
  must(attempts.length === 1, `there were ${attempts.length} attempts`)
  const {
    retryAfterMs = 0,
    requestId = 'none',
    status = 200,
    code = 'server_error',
  } = failure ?? {}
  must(retryAfterMs >= 0 && retryAfterMs <= 864e5, `retryAfterMs is ${retryAfterMs}`)
  must(/^[\w.:-]{1,128}$/.test(requestId), 'the request id is anything')
  must(Number.isInteger(status), `the status is ${status}`)
  must(/^[a-z_]{1,64}$/.test(code) && code !== '__proto__', `the code is ${code.slice(0, 40)}`)
  for (const proto of [Object.prototype, Array.prototype, Function.prototype]) {
    must(!('polluted' in proto), 'a prototype is polluted')
  }
  must(Object.keys(Object.prototype).length === 0, 'a prototype has keys')
  return [...flaws]
}

/** Arguments up to here are parsed, and what JSON comes to in memory is many times its text. */
const PARSED_CHARS = MIB

function bytesOf(text: string): number {
  return text.length * (/[^\0-\xff]/.test(text) ? 2 : 1)
}

/** What a run keeps of what came: its texts, in its events and once more in its state, and the events. */
function keptBytes(events: readonly RunEvent[]): number {
  let bytes = 0
  for (const told of events) {
    bytes += 200
    if (told.type === 'content' || told.type === 'reasoning') bytes += 2 * bytesOf(told.text)
    if (told.type === 'tool-call') {
      const { inputText = '' } = told.call
      bytes +=
        2 * bytesOf(inputText) + 32 * (inputText.length > PARSED_CHARS ? 0 : inputText.length)
    }
  }
  return bytes
}

/** Processor time of this thread, ms. */
function usedMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** The longest turn of this thread's loop by its own processor time, which no other process adds to. */
function timeTasks(): () => number {
  let longest = 0
  let isOn = true
  let last = usedMs()
  const look = (): void => {
    const now = usedMs()
    longest = Math.max(longest, now - last)
    last = now
    if (isOn) setImmediate(look)
  }
  setImmediate(look)
  return () => {
    isOn = false
    look()
    return longest
  }
}

/** Collects and weighs as often as its own work is a tenth of the time. */
function weigh(start: number): { readonly stop: () => void; readonly peak: () => number } {
  let peak = start
  let timer: NodeJS.Timeout
  const look = (): void => {
    const before = performance.now()
    peak = Math.max(peak, heap())
    timer = setTimeout(look, 50 + 10 * (performance.now() - before))
  }
  timer = setTimeout(look, 20)
  return { stop: () => clearTimeout(timer), peak: () => peak }
}

async function eventsOf(run: Run): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = []
  for await (const told of run) events.push(told)
  return events
}

type Unweighed = Omit<Report, 'heapMiB' | 'leftMiB'>

async function play(order: Order): Promise<{ readonly report: Unweighed; readonly run: Run }> {
  process.send?.({ begun: order.key } satisfies Begun)
  const { key, wire, baseUrl, asksForJson, scale, measure } = order
  const tasks = measure === 'tasks' ? timeTasks() : null
  const startedAt = performance.now()
  const llm = createLLM({
    routes: { hostile: dialects[wire].route(baseUrl) },
    workloads: { chat: { ladder: ['hostile'], limits: { maxAttempts: 1, totalMs: TOTAL_MS } } },
    ...(scale === 1 ? {} : { world: createClock(scale) }),
  })
  const run: Run = llm.run({
    workload: 'chat',
    prompt: 'Hi',
    ...(asksForJson ? { output: anyJson } : {}),
  })
  let updates = 0
  run.store.subscribe(() => {
    updates += 1
  })
  let isHung = false
  const timer = setTimeout(() => {
    isHung = true
    void run.stop()
  }, HANG_MS)
  const outcome = await run.outcome
  clearTimeout(timer)
  const tookMs = performance.now() - startedAt
  await turn()
  // What follows is the test's own work.
  const taskMs = tasks?.() ?? 0
  const events = await eventsOf(run)
  const { status, text, failure, attempts, message } = outcome
  const report = {
    key,
    status,
    kind: failure?.kind ?? null,
    phase: failure?.phase ?? null,
    httpStatus: failure?.status ?? null,
    retryAfterMs: failure?.retryAfterMs ?? null,
    // A slice would hold on to all of it.
    text: JSON.parse(JSON.stringify(text.slice(0, 100))),
    length: text.length,
    calls: message.content.filter(({ type }) => type === 'tool-call').length,
    skipped: attempts[0]?.skippedEvents ?? 0,
    flaws: [...flawsOf(outcome, events), ...(updates === 0 ? ['the store never changed'] : [])],
    keptMiB: keptBytes(events) / MIB,
    taskMs,
    tookMs,
    isHung,
  }
  await llm.close()
  return { report, run }
}

/** What is let go takes a turn of the loop to be gone. */
async function turn(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
}

/** Plays a group; its memory is one figure, for which each case answers. */
async function playGroup(orders: readonly Order[], areTogether: boolean): Promise<Report[]> {
  const measure = orders[0]?.measure
  const before = heap() + process.memoryUsage().external
  const start = heap()
  const scales = measure === 'heap' ? weigh(start) : null
  let played: { readonly report: Unweighed; readonly run: Run }[] = []
  if (areTogether) played = await Promise.all(orders.map(play))
  else for (const order of orders) played.push(await play(order))
  scales?.stop()
  const peak = Math.max(heap(), scales?.peak() ?? 0)
  const reports = played.map(({ report }) => report)
  const keptMiB = reports.reduce((sum, one) => sum + one.keptMiB, 0)
  // The runs themselves are held until here, so that what they keep is weighed.
  played = []
  await turn()
  const leftMiB = ((await settled(before + SLACK_BYTES)) - before) / MIB
  const heapMiB = (peak - start) / MIB - keptMiB
  return reports.map((report) => Object.assign(report, { heapMiB, leftMiB }))
}

process.on('message', ({ groups, areTogether }: Orders) => {
  void (async () => {
    for (const group of groups) {
      for (const report of await playGroup(group, areTogether)) process.send?.(report)
    }
  })()
})
