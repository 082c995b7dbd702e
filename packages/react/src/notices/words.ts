import type { Confirmation, RunState } from '@rungs/core'
import type { ReactNode } from 'react'

/** What routes are called in front of people. */
export type RouteNames<Name extends string> = { readonly [Route in Name]?: string }

export function nameOf<Name extends string>(
  names: RouteNames<Name> | undefined,
  route: Name,
): string {
  return names?.[route] ?? route
}

/** What `ConfirmRun` says. Each can be replaced. */
export interface ConfirmWords {
  /** The question. `route` is what the route is called. */
  readonly question: (about: Confirmation['about'], route: string) => ReactNode
  /** Until the first words; before a first attempt, `promisedMs` is what needs no question. */
  readonly wait: (ms: number, promisedMs: number) => ReactNode
  readonly cost: (usd: number, promisedUsd: number) => ReactNode
  readonly weaker: ReactNode
  readonly payer: (payer: 'product' | 'user') => ReactNode
  readonly privacy: (where: 'device' | 'own' | 'third-party') => ReactNode
  readonly download: (bytes: number) => ReactNode
  /** Before the time at which no answer becomes a no. */
  readonly expiry: ReactNode
  readonly once: ReactNode
  readonly session: ReactNode
  /** What a no leads to: the text that is there, a prepared answer, or a route, by what it is called. */
  readonly decline: (to: 'keep' | 'safe' | { readonly route: string }) => ReactNode
}

export const confirmWords: ConfirmWords = {
  question: (about, route) =>
    about === 'recovery'
      ? `The answer broke off. Start it again with ${route}?`
      : `Go on with ${route}?`,
  wait: (ms) => `It takes about ${seconds(ms)}.`,
  cost: (usd) => `It costs about ${dollars(usd)}.`,
  weaker: 'The answer may be weaker.',
  payer: (payer) => (payer === 'user' ? 'You pay for it.' : 'We pay for it.'),
  privacy: (where) =>
    where === 'device'
      ? 'What you wrote stays on this device.'
      : where === 'own'
        ? 'What you wrote is sent to us.'
        : 'What you wrote is sent to another company.',
  download: (bytes) => `${size(bytes)} are downloaded first.`,
  expiry: 'Without an answer it is a no at',
  once: 'Yes',
  session: 'Yes, and do not ask again',
  decline: (to) =>
    to === 'keep' ? 'No, keep what is there' : to === 'safe' ? 'No' : `No, use ${to.route}`,
}

export interface SlowWords {
  readonly slow: ReactNode
  readonly stop: ReactNode
}
export const slowWords: SlowWords = {
  slow: 'This takes longer than usual. You can wait, or stop it.',
  stop: 'Stop',
}

export interface PausedWords {
  readonly paused: ReactNode
  readonly stop: ReactNode
}
export const pausedWords: PausedWords = {
  paused: 'You are offline. The answer goes on as soon as you are back.',
  stop: 'Stop',
}

/** A run under way, as the hooks give it. */
export interface Stoppable {
  readonly stop: () => Promise<void>
}
export type Phase = RunState['phase']

/** A length of time in words, from ms. */
export function seconds(ms: number): string {
  if (ms < 950) return 'less than a second'
  if (ms < 90_000) return `${Math.round(ms / 1000)} s`
  return `${Math.round(ms / 60_000)} min`
}

function size(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`
}

/** Two digits that count, whatever the size: $0.0012, $0.15, $3.40. */
function dollars(usd: number): string {
  return usd >= 1 || usd === 0 ? `$${usd.toFixed(2)}` : `$${Number(usd.toPrecision(2))}`
}
