import type { Answer } from '../src/store.ts'
import { miss, patience, type Truth } from './truth.ts'
import { ROUTES, SURFACES } from './world.ts'

/** Asks a question by its name. */
export type Ask = (name: string) => Promise<readonly Answer[]>

const EFFECTS = 'does-falling-back-help'
const list = (row: Answer, ...keys: readonly string[]): string =>
  keys.map((key) => row[key]).join(' ')

const isVerdict = ({ verdict, outcome }: Answer): boolean =>
  outcome === 'success' && (verdict === 'helps' || verdict === 'harms')

/** All that the answers say stands out, one line each. */
export async function findings(ask: Ask): Promise<readonly string[]> {
  const said = async (
    name: string,
    isSo: (row: Answer) => boolean,
    ...keys: readonly string[]
  ): Promise<readonly string[]> =>
    (await ask(name)).filter((row) => isSo(row)).map((row) => `${name}: ${list(row, ...keys)}`)
  const all = [
    said('fallbacks-by-surface', (row) => row['stands_out'] === true, 'surface', 'cause'),
    said('failures-by-provider', (row) => row['stands_out'] === true, 'provider'),
    said('latency-targets', (row) => row['misses'] === true, 'route'),
    said('abandonment', (row) => row['stands_out'] === true, 'surface'),
    said('smoothness', (row) => row['stalls'] === true, 'route'),
    said('smoothness', (row) => row['drags'] === true, 'surface'),
    said(EFFECTS, isVerdict, 'workload', 'route', 'kind', 'verdict'),
    said('arms', isVerdict, 'arm', 'verdict'),
    said('naive', (row) => row['wrong_sign'] === true, 'workload'),
    said('checks', (row) => row['ok'] !== true, 'check_name', 'part'),
  ]
  return [...new Set((await Promise.all(all)).flat())]
}

/** What was planted, as `findings` says it. The last takes a large world to be found. */
export const PLANTED: readonly string[] = [
  'fallbacks-by-surface: mobile any',
  'fallbacks-by-surface: mobile network',
  'failures-by-provider: acme',
  'latency-targets: deep',
  'abandonment: search',
  'smoothness: deep',
  'smoothness: editor',
  `${EFFECTS}: all all all helps`,
  `${EFFECTS}: briefing deep queue-stall harms`,
  `${EFFECTS}: support desk outage helps`,
  'arms: cheap harms',
  'naive: all',
  'naive: support',
  `${EFFECTS}: briefing deep outage harms`,
]

const number = (row: Answer | undefined, key: string): number => Number(row?.[key] ?? Number.NaN)

/** Where a figure is further from the truth than it may be, one line each. */
export async function untrue(
  ask: Ask,
  truth: Truth,
  tolerance: number,
): Promise<readonly string[]> {
  const lines: string[] = []
  const compare = (what: string, said: number, is: number, within: number): void => {
    if (!(Math.abs(said - is) <= within)) lines.push(`${what}: ${said}, in truth ${is}`)
  }
  for (const row of await ask(EFFECTS)) {
    const what = list(row, 'workload', 'route', 'kind')
    const is = truth.fallback.get(what)
    const outcome = row['outcome']
    const effect =
      is && (outcome === 'success' || outcome === 'abandoned' || outcome === 'wait_10s_ms')
        ? is[outcome]
        : 0
    // The interval that holds for all rows and looks together has to hold the truth, and a verdict its sign.
    compare(
      `${outcome} ${what}`,
      number(row, 'effect'),
      effect,
      number(row, 'always_high') - number(row, 'effect'),
    )
  }
  for (const row of await ask('arms')) {
    const is = truth.arms.get(String(row['arm']))?.success ?? 0
    if (row['outcome'] === 'success') {
      compare(
        `arm ${row['arm']}`,
        number(row, 'effect'),
        is,
        number(row, 'always_high') - number(row, 'effect'),
      )
    }
  }
  const late = await ask('latency-targets')
  for (const route of [ROUTES.ours, ROUTES.desk, ROUTES.deep]) {
    const row = late.find((one) => one['route'] === route.route)
    compare(
      `late ${route.route}`,
      number(row, 'miss'),
      miss(route, number(row, 'target_ms')),
      tolerance,
    )
  }
  const curves = await ask('abandonment')
  for (const surface of [
    'sidebar',
    'editor',
    'search',
    'mobile',
  ] satisfies (keyof typeof SURFACES)[]) {
    const row = curves.find((one) => one['surface'] === surface && one['at_ms'] === 3000)
    compare(`waiting ${surface}`, number(row, 'waiting'), patience(surface, 3000), tolerance)
  }
  return lines
}
