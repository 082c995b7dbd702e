// What telemetry takes of a page: of its main thread, in a real Chromium, and of its network.
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { chromium } from 'playwright'
import { chromiumLaunch } from '../../scripts/chromium.ts'
import { bundle, openPlace } from '../trust/stage.ts'
import type { Figures } from './telemetryPage.ts'
import { SCHEMA } from '../../packages/core/src/telemetry/version.ts'

const BATCH = 20
/** What else the machine does only adds, so that the quietest round counts. */
const ROUNDS = 3

export interface TelemetryFigures {
  /**
   * µs of main thread, p50 and p95: of a chunk; of a report that another event had made and encoded; of such an event
   * with all its reports, without a database and with it.
   */
  readonly chunkUs: readonly [number, number]
  readonly reportUs: readonly [number, number]
  readonly eventUs: readonly [number, number]
  readonly storedUs: readonly [number, number]
  /** What rows say of stalls of 1.5 s. */
  readonly stallsMs: readonly number[]
  /** Of one report in a batch of 20, as it is sent. */
  readonly rawBytes: number
  readonly gzippedBytes: number
}

export async function telemetryFigures(): Promise<TelemetryFigures> {
  const files = await bundle(fileURLToPath(new URL('telemetryPage.ts', import.meta.url)))
  const place = await openPlace((response, { path }) => {
    const code = files.get(path.slice(1))
    // Alone in its process, so that the browser's clock has steps of 5 µs.
    response.setHeader('cross-origin-opener-policy', 'same-origin')
    response.setHeader('cross-origin-embedder-policy', 'require-corp')
    if (code !== undefined) {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(code)
    } else {
      const page =
        '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>'
      response.writeHead(200, { 'content-type': 'text/html' }).end(page)
    }
  })
  const browser = await chromium.launch(chromiumLaunch())
  try {
    const page = await browser.newPage()
    await page.goto(`${place.origin}/`)
    const rounds: Figures[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      rounds.push(await page.evaluate(() => window.measureAll(false)))
    }
    const stored = await page.evaluate(() => window.measureAll(true))
    const stallsMs = await page.evaluate(() => window.stallAll())
    const { reports = [] } = rounds[0] ?? {}
    const sizes: (readonly [number, number])[] = []
    for (let from = 0; from + BATCH <= reports.length; from += BATCH) {
      const body = JSON.stringify({ schema: SCHEMA, rows: reports.slice(from, from + BATCH) })
      sizes.push([body.length / BATCH, gzipSync(body).length / BATCH])
    }
    return {
      stallsMs,
      chunkUs: quietest(rounds.map(({ chunkUs }) => chunkUs)),
      reportUs: quietest(rounds.map(({ reportUs }) => reportUs)),
      eventUs: quietest(rounds.map(({ eventUs }) => eventUs)),
      storedUs: quietest([stored.eventUs]),
      rawBytes: quantile(
        sizes.map(([raw]) => raw),
        0.5,
      ),
      gzippedBytes: quantile(
        sizes.map(([, gzipped]) => gzipped),
        0.5,
      ),
    }
  } finally {
    await browser.close()
    await place.close()
  }
}

function quietest(rounds: readonly (readonly number[])[]): readonly [number, number] {
  const figures = rounds.map((all) => [quantile(all, 0.5), quantile(all, 0.95)] as const)
  const [best = [Number.NaN, Number.NaN]] = figures.toSorted(([, one], [, other]) => one - other)
  return best
}

function quantile(values: readonly number[], share: number): number {
  const inOrder = values.toSorted((one, other) => one - other)
  return inOrder[Math.min(inOrder.length - 1, Math.floor(values.length * share))] ?? Number.NaN
}
