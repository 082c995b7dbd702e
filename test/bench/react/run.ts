// pnpm bench:react [rounds]: what rendering an answer takes, of Rungs beside the hooks of its peers, in one real
// Chromium, in turns. Medians of the rounds; exit 1 on a bar that is missed; BUSY where the
// machine does too much else to say by whom.
import { availableParallelism, loadavg } from 'node:os'
import { openBench, type Measured, type Trial } from './measure.ts'

const ROUNDS = Number(process.argv[2] ?? 5)
/** What no screen can show, ms. */
const FRAME_MS = 1000 / 60

const names: Readonly<Record<string, Pick<Trial, 'variant' | 'throttle'>>> = {
  useLLMChat: { variant: 'useLLMChat' },
  'useLLMChat, answer apart': { variant: 'useLLMChat-apart' },
  'animation-frame store': { variant: 'frame-store' },
  'useChat, throttle 50': { variant: 'ai-sdk', throttle: 50 },
  useChat: { variant: 'ai-sdk' },
  'useChat of TanStack AI': { variant: 'tanstack-ai' },
}
type Name = keyof typeof names
const all = Object.keys(names)
const quick = all.filter((name) => name !== 'useChat of TanStack AI')

interface Setting extends Omit<Trial, 'variant' | 'throttle'> {
  readonly title: string
  readonly of: readonly Name[]
}
const settings = {
  plain: { title: '3,000 pieces at 1,000 a second', of: all, pieces: 3000, rate: 1000 },
  slow: {
    title: 'the same, the CPU 4 times slower',
    of: quick,
    pieces: 3000,
    rate: 1000,
    cpu: 4,
  },
  long: {
    title: '1,000 pieces under 500 messages, rows as they are',
    of: all,
    pieces: 1000,
    rate: 1000,
    history: 500,
  },
  memo: {
    title: '1,000 pieces under 500 messages, rows in memo',
    of: quick,
    pieces: 1000,
    rate: 1000,
    history: 500,
    memo: true,
  },
} as const satisfies Record<string, Setting>
type Key = keyof typeof settings

const results = new Map<string, Measured[]>()
const resultsOf = (key: Key, name: Name): Measured[] => {
  const id = `${key} ${name}`
  const known = results.get(id) ?? []
  results.set(id, known)
  return known
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN
}
/** The median of a figure over the rounds. */
function of(key: Key, name: Name, pick: (measured: Measured) => number): number {
  return median(resultsOf(key, name).map(pick))
}
const commits = ({ commits: count }: Measured): number => count
const rows = ({ rowsOfMore }: Measured): number => median(rowsOfMore)
const cpu = ({ cpuMs }: Measured): number => cpuMs
const first = ({ firstMs }: Measured): number => firstMs
const lag = ({ lagMs }: Measured): number => lagMs
const tasks = ({ longTasks }: Measured): number => longTasks
const gap = ({ worstGapMs }: Measured): number => worstGapMs

const load = (): string => `load ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores`
console.log(`${ROUNDS} rounds; ${load()}`)
const keys = Object.keys(settings).filter((key): key is Key => key in settings)
const bench = await openBench()
try {
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const key of keys) {
      const { title: _title, of: asked, ...rest } = settings[key]
      // Nobody is always the first, or after the same one.
      const turn = round % asked.length
      for (const name of [...asked.slice(turn), ...asked.slice(0, turn)]) {
        const trial = names[name]
        if (trial) resultsOf(key, name).push(await bench.measure({ ...rest, ...trial }))
      }
    }
  }
} finally {
  await bench.close()
}

const columns: readonly (readonly [string, (measured: Measured) => number])[] = [
  ['commits', commits],
  ['rows a commit', rows],
  ['rows in all', (measured) => measured.rows],
  ['CPU ms', cpu],
  ['first ms', first],
  ['last ms', lag],
  ['tasks > 50 ms', tasks],
  ['worst gap ms', gap],
]
for (const key of keys) {
  const { title, of: asked } = settings[key]
  console.log(`\n${title}`)
  console.log(''.padEnd(25) + columns.map(([head]) => head.padStart(14)).join(''))
  for (const name of asked) {
    const figures = columns.map(([, pick]) => of(key, name, pick).toFixed(0).padStart(14))
    const wrong = resultsOf(key, name).filter(({ isCorrect }) => !isCorrect).length
    console.log(name.padEnd(25) + figures.join('') + (wrong > 0 ? `  ${wrong} wrong` : ''))
  }
}

const FRAMES = 'animation-frame store'
/** The store alone shows what the machine allows: where it does not come to this, times and counts of frames say nothing. */
const isBusy =
  of('plain', FRAMES, commits) < 150 ||
  of('plain', FRAMES, tasks) > 0 ||
  of('plain', FRAMES, lag) > 35 ||
  of('slow', FRAMES, gap) > 100
let isWithin = true
const say = (what: string, figure: number, bar: number): void => {
  const isGood = figure <= bar
  isWithin &&= isGood
  const word = isGood ? 'ok  ' : isBusy ? 'BUSY' : 'OVER'
  console.log(`${word} ${what}: ${figure.toFixed(2)} (at most ${bar.toFixed(2)})`)
}
console.log(`\n${load()}`)
for (const name of ['useLLMChat', 'useLLMChat, answer apart']) {
  console.log(name)
  say(
    'commits, against useChat with throttle 50',
    of('plain', name, commits),
    of('plain', 'useChat, throttle 50', commits),
  )
  say(
    'CPU, times that of the animation-frame store',
    of('plain', name, cpu) / of('plain', FRAMES, cpu),
    1.15,
  )
  say(
    'first text, ms after that of useChat without a throttle (a frame)',
    of('plain', name, first) - of('plain', 'useChat', first),
    FRAME_MS,
  )
  say('last text after the last byte, ms', of('plain', name, lag), 35)
  say('tasks over 50 ms', of('plain', name, tasks), 0)
  say('worst gap between frames, CPU 4 times slower, ms', of('slow', name, gap), 100)
  const key = name === 'useLLMChat' ? 'memo' : 'long'
  say(
    `rows a commit under 500 messages${key === 'memo' ? ', in memo' : ''}`,
    of(key, name, rows),
    1,
  )
  const wrong = keys.flatMap((one) => resultsOf(one, name)).filter(({ isCorrect }) => !isCorrect)
  say('answers that are not in the document as they were sent', wrong.length, 0)
}
process.exitCode = isWithin ? 0 : 1
