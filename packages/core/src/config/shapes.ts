import {
  attributes,
  isRecord,
  kindOf,
  list,
  nameLike,
  number,
  object,
  oneOf,
  text,
  type Check,
} from './checks.ts'

export const LIMITS: Check = object(
  {
    firstChunkMs: number(1),
    chunkMs: number(1),
    totalMs: number(1),
    costUsd: number(0),
    minQuality: number(0, 1),
    maxAttempts: number(1),
    regions: list(text),
    require: list(text),
    thread: object({ totalMs: number(1), costUsd: number(0) }, 'limits of a thread'),
  },
  'limits',
)
export const PACE: Check = oneOf('pace', ['chat', 'reasoning', 'background'])
export const DIRECTION: Check = oneOf('direction', [
  'next',
  'faster',
  'cheaper',
  'stronger',
  'larger',
  'retry',
  'ask',
  'safe',
  'stop',
])
export const FLAG: Check = (value, path, report) => {
  if (value !== undefined && typeof value !== 'boolean')
    report(path, `must be true or false, is ${kindOf(value)}`)
}
export const ASK: Check = object(
  {
    slowerByMs: number(0),
    costlierByUsd: number(0),
    lowerQuality: FLAG,
    payer: FLAG,
    leavesDevice: FLAG,
    download: FLAG,
    first: object({ waitMs: number(0), costUsd: number(0) }, 'first'),
  },
  'ask',
)
export const FUNCTION: Check = (value, path, report) => {
  if (value !== undefined && typeof value !== 'function')
    report(path, `must be a function, is ${kindOf(value)}`)
}
/** The most of all users who may be left without a fallback, for the sake of knowing what it is worth. */
const HELD_OUT = 0.1
export const HOLD_OUT = (tiers: readonly string[]): Check =>
  object(
    {
      share: number(0, HELD_OUT),
      kinds: list(oneOf('kind', ['queue-stall', 'timeout', 'outage'])),
      tiers: list(oneOf('tier', tiers)),
    },
    'holdOut',
    ['share'],
  )
const HINTS = object({ url: text, everyMs: number(1000) }, 'hints', ['url'])
export const hintsLike: Check = (value, path, report) => {
  if (typeof value !== 'function') HINTS(value, path, report)
}
const sinkLike: Check = (value, path, report) => {
  const send = isRecord(value) ? value['send'] : value
  if (typeof send !== 'function') {
    report(path, `must be a function or have one named send, is ${kindOf(value)}`)
  }
}
const CONSENT = oneOf('consent', ['granted', 'denied'])
export const TELEMETRY: Check = object(
  {
    sinks: list(sinkLike),
    consent: (value, path, report) => {
      if (typeof value !== 'function') CONSENT(value, path, report)
    },
    sampleRate: number(0, 1),
    keepFallbacks: FLAG,
    autoSignals: FLAG,
    attributes,
    release: nameLike,
    signals: list(nameLike),
  },
  'telemetry',
)
export const BUDGET: Check = object({ usdPerSession: number(0), usdPerDay: number(0) }, 'a budget')
const PRICES = { inputPerMTok: number(0), outputPerMTok: number(0) }
const PRICE = object(PRICES, 'a price', Object.keys(PRICES))
const priceLike: Check = (value, path, report) => {
  if (value !== 'included') PRICE(value, path, report)
}
export const FACTS: Check = object(
  {
    provider: text,
    account: text,
    region: text,
    compliance: list(text),
    quality: number(0, 1),
    price: priceLike,
    contextTokens: number(1),
    abilities: list(oneOf('ability', ['text', 'image', 'tools', 'json', 'reasoning'])),
    pace: PACE,
    expect: object({ firstChunkMs: number(1), tokensPerSecond: number(0.1) }, 'expect'),
    payer: oneOf('payer', ['product', 'user']),
  },
  'a route',
)
