// pnpm bench: Rungs beside what an app would write itself, on the same wire, in one run. Medians of ratios
// are what counts; the machine's speed is not.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import * as floor from './floor.ts'
import { decisionUs, healthBytes } from './policy.ts'
import * as rungs from './rungs.ts'
import { telemetryFigures } from './telemetry.ts'

const CHUNKS = 20_000
const ROUNDS = Number(process.argv[2] ?? 9)

type Stream = typeof floor.stream

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN
}

async function cpuMs(stream: Stream, url: string): Promise<number> {
  globalThis.gc?.()
  const before = process.cpuUsage()
  const text = await stream([url], () => undefined)
  const { user, system } = process.cpuUsage(before)
  if (text.length !== CHUNKS * 5) throw new Error(`${text.length} characters came`)
  return (user + system) / 1000
}

async function firstMs(stream: Stream, urls: readonly string[]): Promise<number> {
  const startedAt = performance.now()
  let first = 0
  await stream(urls, () => {
    first ||= performance.now() - startedAt
  })
  return first
}

const provider = spawn(process.execPath, [fileURLToPath(new URL('provider.ts', import.meta.url))], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
const port = await new Promise<string>((resolve) => {
  provider.stdout.once('data', (data: Buffer) => {
    resolve(String(data).trim())
  })
})
const base = (path: string): string => `http://127.0.0.1:${port}/${path}/v1`
let isWithin = true
const say = (what: string, figures: string, isGood: boolean): void => {
  isWithin &&= isGood
  console.log(`${isGood ? 'ok  ' : 'OVER'} ${what}: ${figures}`)
}

const us = decisionUs()
say('plan and decide, 50 routes', `${us.toFixed(1)} µs (at most 50)`, us <= 50)
const bytes = healthBytes(4_000)
say(
  'belief, latency, holds, retries and a hint, heap of one route',
  `${bytes.toFixed(0)} B (at most 2048)`,
  bytes <= 2048,
)

const telemetry = await telemetryFigures()
const p95 = ([p50, most]: readonly [number, number]): string =>
  `${most.toFixed(2)} µs p95, ${p50.toFixed(2)} p50`
say(
  'telemetry of a chunk of text, main thread of Chromium',
  `${p95(telemetry.chunkUs)} (at most 1)`,
  telemetry.chunkUs[1] <= 1,
)
say(
  'telemetry of a report: events taken in, the row made and handed to storage',
  `${p95(telemetry.reportUs)} (at most 50)`,
  telemetry.reportUs[1] <= 50,
)
console.log(`     an event of a run, with the reports that it changes: ${p95(telemetry.eventUs)}`)
console.log(`     and with the transaction of IndexedDB that it starts: ${p95(telemetry.storedUs)}`)
const off = telemetry.stallsMs.map((stalled) => Math.abs(stalled - 1_500))
say(
  `${off.length} stalls of 1.5 s, as rows tell of them`,
  `at most ${Math.max(...off)} ms off (at most 20)`,
  off.length > 0 && Math.max(...off) <= 20,
)
say(
  'a report in a batch of 20',
  `${telemetry.gzippedBytes.toFixed(0)} B gzipped (at most 120), ${telemetry.rawBytes.toFixed(0)} B raw (at most 900)`,
  telemetry.gzippedBytes <= 120 && telemetry.rawBytes <= 900,
)

try {
  for (const [shape, bound] of [
    ['slabs', 1.5],
    ['single', 2],
  ] as const) {
    const url = base(`${shape}/${CHUNKS}`)
    const own: number[] = []
    const raw: number[] = []
    for (let round = -2; round < ROUNDS; round += 1) {
      const one = await cpuMs(floor.stream, url)
      const other = await cpuMs(rungs.stream, url)
      if (round >= 0) {
        raw.push(one)
        own.push(other)
      }
    }
    const ratio = median(own) / median(raw)
    say(
      `stream CPU, ${CHUNKS} chunks, ${shape === 'slabs' ? 'many in one read' : 'one by one'}`,
      `${median(own).toFixed(0)} ms against ${median(raw).toFixed(0)} ms of fetch + eventsource-parser: ${ratio.toFixed(2)} x (at most ${bound})`,
      ratio <= bound,
    )
  }
  for (const shape of ['busy', 'limited'] as const) {
    const urls = [base(shape), base('slabs/5')]
    const own: number[] = []
    const raw: number[] = []
    for (let round = -20; round < ROUNDS * 20; round += 1) {
      const one = await firstMs(floor.stream, urls)
      const other = await firstMs(rungs.stream, urls)
      if (round >= 0) {
        raw.push(one)
        own.push(other)
      }
    }
    const more = median(own) - median(raw)
    say(
      `failover after ${shape === 'busy' ? 'a 503' : 'a 429 with Retry-After: 20'}, first content of the second route`,
      `${median(own).toFixed(2)} ms against ${median(raw).toFixed(2)} ms of glue code: ${more.toFixed(2)} ms more (at most 5)`,
      more <= 5,
    )
  }
} finally {
  provider.kill()
}
process.exitCode = isWithin ? 0 : 1
