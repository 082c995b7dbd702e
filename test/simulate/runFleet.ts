// pnpm simulate:fleet [--clients 3000] [--seed 1] [--write]: ten minutes without provider A, for 100,000 clients. So many of them
// are simulated, each with a page and an LLM of its own; the rest are taken to do as they do. `--write` puts what comes of it into docs/.
import { parseArgs } from 'node:util'
import { writePlot, writeSection } from './docs.ts'
import { DOWN_AT_MS, loadOf, sail, tollOf, UP_AT_MS, type FleetRun, type Sent } from './fleet.ts'
import { plotTimes } from './plot.ts'
import { baselines } from './policies/baselines.ts'
import { rungs } from './policies/rungs.ts'
import { atLeast, atMost, barLine, type Bar } from './report.ts'

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '3000' },
    seed: { type: 'string', default: '1' },
    write: { type: 'boolean', default: false },
  },
})
const FLEET = 100_000
const sample = Number(values.clients)
const seed = Number(values.seed)
if (!(sample >= 1 && sample <= FLEET) || !Number.isInteger(seed)) {
  throw new TypeError(`--clients 1 to ${FLEET}, --seed a whole number`)
}
const SLICE_MS = 15_000

const toA = ({ route, isProbe }: Sent): boolean => route === 'A' && !isProbe
const anyToA = ({ route }: Sent): boolean => route === 'A'
const probes = ({ isProbe }: Sent): boolean => isProbe
const toB = ({ route }: Sent): boolean => route === 'B'

const ladder = baselines.find(({ name }) => name === 'ladder, 10 s')
if (!ladder) throw new Error('there is no ladder to compare with')

const lines: string[] = []
const bars: Bar[] = []
for (const { everyMs, share, most } of [
  { everyMs: 40_000, share: 1, most: 1.25 },
  // So many more runs a client that fewer clients tell as much.
  { everyMs: 5_000, share: 0.2, most: 1.05 },
]) {
  const clients = Math.max(1, Math.round(sample * share))
  const options = { seed, clients, everyMs }
  const own = await sail(rungs('Rungs'), options)
  const other = await sail(ladder, options)
  const every = `one request every ${everyMs / 1000} s`
  lines.push(...tell(every, clients, own, other))
  bars.push(...judge(every, own, most))
  if (values.write) writePlot(`simulation-fleet-${everyMs / 1000}s.svg`, plot(clients, own, other))
}
const report = `${lines.join('\n')}\n${bars.map((bar) => `    ${barLine(bar)}`).join('\n')}`
console.log(report)
if (values.write) writeSection('fleet', report)
process.exitCode = bars.every(({ isKept }) => isKept) ? 0 : 1

/** Of the whole fleet, requests a second in each slice. */
function load(
  runs: readonly FleetRun[],
  clients: number,
  is: (sent: Sent) => boolean,
): readonly number[] {
  return loadOf(runs, SLICE_MS, is).map((perSecond) => perSecond * (FLEET / clients))
}

function row(name: string, runs: readonly FleetRun[]): string {
  const toll = tollOf(runs)
  const cells = [
    (100 * toll.answered).toFixed(2),
    toll.requestsPerRun.toFixed(3),
    toll.probesPerRun.toFixed(3),
    toll.toDeadPerRun.toFixed(3),
  ]
  return `| ${name} | ${cells.join(' | ')} |`
}

function tell(
  every: string,
  clients: number,
  own: readonly FleetRun[],
  other: readonly FleetRun[],
): readonly string[] {
  return [
    `${every} and client; ${clients.toLocaleString('en-US')} clients simulated, shown times ${(FLEET / clients).toFixed(0)}; during the outage:`,
    '',
    '| policy | answered % | requests a run, probes apart | probes a run | of all, to A a run |',
    '| --- | ---: | ---: | ---: | ---: |',
    row('ladder, 10 s', other),
    row('Rungs', own),
    '',
  ]
}

/** From the slice in which A is up again. */
function after(slices: readonly number[]): readonly number[] {
  return slices.slice(UP_AT_MS / SLICE_MS)
}
function mean(slices: readonly number[]): number {
  return slices.reduce((sum, value) => sum + value, 0) / slices.length
}

function judge(every: string, own: readonly FleetRun[], most: number): readonly Bar[] {
  const toll = tollOf(own)
  const usual = mean(loadOf(own, SLICE_MS, anyToA).slice(0, DOWN_AT_MS / SLICE_MS))
  const onB = loadOf(own, SLICE_MS, toB)
  const minuteBefore = onB.slice((UP_AT_MS - 60_000) / SLICE_MS, UP_AT_MS / SLICE_MS)
  const back = after(loadOf(own, SLICE_MS, anyToA))
  const home = after(loadOf(own, SLICE_MS, toA)).findIndex((value) => value > 0.9 * usual)
  return [
    atMost(`${every}: requests a run, probes apart`, toll.requestsPerRun, most),
    atMost(`${every}: probes a run`, toll.probesPerRun, 0.65),
    atMost(
      `${every}: A's highest load after the outage over its usual one`,
      Math.max(...back) / usual,
      1.15,
    ),
    atMost(
      `${every}: B's highest load after the outage over that of its last minute`,
      Math.max(...after(onB)) / mean(minuteBefore),
      1.15,
    ),
    atLeast(`${every}: s until A has nine tenths of its load again`, (home * SLICE_MS) / 1000, 60),
  ]
}

function plot(clients: number, own: readonly FleetRun[], other: readonly FleetRun[]): string {
  return plotTimes({
    description: `Requests a second to the provider that is down and to the other one, before, during and after an outage of ten minutes`,
    sliceMs: SLICE_MS,
    band: { fromMs: DOWN_AT_MS, toMs: UP_AT_MS, label: 'A is down' },
    panels: [
      {
        title: 'Requests a second to A',
        series: [
          { name: 'Rungs, probes', tone: 'two', as: 'area', values: load(own, clients, probes) },
          { name: 'Rungs, all', tone: 'one', as: 'line', values: load(own, clients, anyToA) },
          {
            name: 'ladder, 10 s',
            tone: 'quiet',
            as: 'dashed',
            values: load(other, clients, anyToA),
          },
        ],
      },
      {
        title: 'Requests a second to B',
        series: [
          { name: 'Rungs', tone: 'one', as: 'line', values: load(own, clients, toB) },
          { name: 'ladder, 10 s', tone: 'quiet', as: 'dashed', values: load(other, clients, toB) },
        ],
      },
    ],
  })
}
