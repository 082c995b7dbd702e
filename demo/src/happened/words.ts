import { names, type RouteName } from '../names.ts'

const providers: Readonly<Record<string, RouteName>> = {
  swift: 'swift',
  house: 'backend',
  reserve: 'reserve',
  chef: 'chef',
  openai: 'yours',
  canned: 'prepared',
}
const surfaces: Readonly<Record<string, string>> = { kitchen: 'Ask', week: 'Plan a week' }

type Cell = string | number | boolean | null | undefined

/** What the page calls a route, a provider or a surface of the reports. */
export function routeName(route: Cell): string {
  const known: Readonly<Record<string, string>> = names
  return known[String(route)] ?? String(route ?? 'nobody')
}
export function providerName(provider: Cell): string {
  const route = providers[String(provider)]
  return route === undefined ? String(provider ?? 'unknown') : names[route]
}
export function surfaceName(surface: Cell): string {
  return surfaces[String(surface)] ?? String(surface ?? 'elsewhere')
}

/** How a run ended, in a word or two, in the order in which endings are shown: the good ones first. */
export const endings: Readonly<Record<string, string>> = {
  completed: 'Answered',
  partial: 'Broke off',
  safe: 'Prepared answer',
  failed: 'No answer',
  stopped: 'Stopped',
  superseded: 'Asked anew',
  abandoned: 'Left',
  open: 'Still open',
}

export function percent(share: number): string {
  return `${Math.round(share * 100)}\u00A0%`
}

/** A number of things: `1 run`, `3 runs`. */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`
}
