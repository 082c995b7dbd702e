// The sixteen faults of FailoverBench (github.com/failoverbench/failoverbench, methodology v0.1) as
// data, in our words. All times are those of its `full` profile; the wall scales them.

export type Side = 'primary' | 'fallback' | 'alive'

/** What a route does wrong. `attempts`: only the first so many; without it, all of them. */
export type Fault =
  | { readonly does: 'answer' }
  | {
      readonly does: 'refuse'
      readonly status: number
      readonly code: string
      readonly words: string
      readonly retryAfterS?: number
      readonly attempts?: number
    }
  /** 503 for so long, then healthy. */
  | { readonly does: 'outage'; readonly ms: number }
  /** The connection is reset before any byte of an answer. */
  | { readonly does: 'reset'; readonly attempts: number }
  /** The request is taken and never answered. */
  | { readonly does: 'silence'; readonly ms: number }
  /** Headers at once, the first token late. */
  | { readonly does: 'delay'; readonly ms: number }
  /** The body breaks off; `isHidden`: by an end that is proper HTTP, as a gateway in between makes it. */
  | { readonly does: 'cut'; readonly afterTokens: number; readonly isHidden?: boolean }
  /** The connection stays open and says nothing, then closes. */
  | { readonly does: 'stall'; readonly afterTokens: number; readonly ms: number }
  /** One event that is not JSON, between good ones. */
  | { readonly does: 'garble'; readonly atToken: number }
  | { readonly does: 'omit-done' }
  /** Refuses a request whose last message is an assistant's. */
  | { readonly does: 'reject-prefill' }

/** `advisory`: a miss makes the verdict `partial`. `noted`: printed, never judged. */
export type Level = 'required' | 'advisory' | 'noted'

export type Check = { readonly id: string; readonly level?: Level } & (
  | { readonly asks: 'no-hang' }
  | { readonly asks: 'no-truncated-success' }
  /** Whatever was shown is the beginning of one route's answer. */
  | { readonly asks: 'never-spliced' }
  | {
      readonly asks: 'attempts'
      readonly on: Side
      readonly min?: number
      readonly max?: number
    }
  /** At most so many attempts on the primary in any window of that length. */
  | { readonly asks: 'rate'; readonly max: number; readonly withinMs: number }
  /** Between the primary's first two attempts. */
  | { readonly asks: 'first-gap'; readonly minMs: number }
  /** From the request to the end of the answer. */
  | { readonly asks: 'time'; readonly maxMs: number }
  | { readonly asks: 'alive-after' }
  /** The caller hung up on the primary before the primary had done with it. */
  | { readonly asks: 'lets-go' }
  | { readonly asks: 'reports-who-served' }
  | { readonly asks: 'usage' }
  /** Money is booked for the answer, and for no failed attempt. */
  | { readonly asks: 'one-bill' }
  | { readonly asks: 'fails-as'; readonly kind: string; readonly status: number }
  /** The first attempt's failure is of one of these kinds: ours, not FailoverBench's. */
  | { readonly asks: 'calls-it'; readonly kinds: readonly string[] }
  | { readonly asks: 'no-prefill-masking' }
  | { readonly asks: 'served-during-outage' }
  /** The primary answers again so soon after its outage. */
  | { readonly asks: 'recovered'; readonly maxMs: number }
  | { readonly asks: 'probes'; readonly max: number }
)

export interface Scenario {
  readonly id: string
  readonly title: string
  readonly primary: Fault
  readonly fallback: Fault
  /** Whether the caller should get an answer, or a clean error. */
  readonly ideal: 'answer' | 'error'
  /** Each starts in its time, whether the ones before have ended. `extra`: until the primary answers. */
  readonly requests: { readonly count: number; readonly everyMs: number; readonly extra: number }
  /** A request that takes longer hangs. */
  readonly hangMs: number
  readonly checks: readonly Check[]
  /** Where this is judged otherwise than FailoverBench does. */
  readonly differs?: string
}

export const tokenMs = 15

/** Sixty words each, and not a word in common at the start: who spoke is seen at once. */
export const answers: Readonly<Record<Side, string>> = {
  primary:
    'Every route is a promise until the day it breaks. This answer comes from the preferred one, ' +
    'word by word, with a little time between the words. It has sixty of them, counted by a test, ' +
    'so that an answer which stops early can be seen for what it is, however calmly the one who ' +
    'shows it calls it complete.',
  fallback:
    'When the preferred route is silent, slow, broken or full, somebody else has to speak. These ' +
    'are the words of the second route, again sixty, and none of them may ever follow half a ' +
    'sentence of the first. A reader sees one whole answer or the other, is told which of the two ' +
    'it was, and never pays for both.',
  alive:
    'Still here. After each fault one plain question goes through the same instance, on a route ' +
    'with no fault at all, and this is what it must hear, in good time and in full. A client that ' +
    'spins, leaks, holds on to a dead connection or has thrown somewhere inside would not get this ' +
    'far, or not within its time.',
}

const once = { count: 1, everyMs: 0, extra: 0 } as const
const noHang: Check = { id: 'no hang', asks: 'no-hang' }
const notTruncated: Check = { id: 'no truncated success', asks: 'no-truncated-success' }
const notSpliced: Check = { id: 'never spliced', asks: 'never-spliced' }
const alive: Check = { id: 'alive after', asks: 'alive-after' }
const reportsWhoServed: Check = { id: 'reports who served', asks: 'reports-who-served' }
const letsGo: Check = { id: 'lets go of the silent route', asks: 'lets-go' }
const callsIt = (...kinds: readonly string[]): Check => ({
  id: 'calls it by its name',
  asks: 'calls-it',
  kinds,
  level: 'advisory',
})
const fallbackIsUsed: Check = {
  id: 'the fallback is used',
  asks: 'attempts',
  on: 'fallback',
  min: 1,
  level: 'advisory',
}
const answer: Fault = { does: 'answer' }
const overloaded: Fault = {
  does: 'refuse',
  status: 503,
  code: 'overloaded',
  words: 'The engine is currently overloaded. Please try again later.',
}

/** What every scenario asks besides its own checks. */
const always = [noHang, notTruncated, notSpliced, reportsWhoServed, alive] as const

export const scenarios: readonly Scenario[] = [
  {
    id: 'S01',
    title: '429 with Retry-After: 2, then healthy',
    primary: {
      does: 'refuse',
      status: 429,
      code: 'rate_limit_exceeded',
      words: 'Rate limit reached. Please retry after 2 seconds.',
      retryAfterS: 2,
      attempts: 1,
    },
    fallback: answer,
    ideal: 'answer',
    requests: { count: 1, everyMs: 800, extra: 10 },
    hangMs: 20_000,
    checks: [
      { id: 'asks the primary again', asks: 'attempts', on: 'primary', min: 2, level: 'advisory' },
      { id: 'honours Retry-After', asks: 'first-gap', minMs: 1800, level: 'advisory' },
      { id: 'no hammering', asks: 'rate', max: 2, withinMs: 1500 },
      callsIt('rate-limit'),
      ...always,
    ],
    differs:
      'there, one request that moves on instead of waiting for the primary is partial; here it ' +
      'is what is meant to happen, and later requests show when the primary is asked again',
  },
  {
    id: 'S02',
    title: '429 without Retry-After, for good',
    primary: {
      does: 'refuse',
      status: 429,
      code: 'rate_limit_exceeded',
      words: 'Rate limit reached.',
    },
    fallback: answer,
    ideal: 'answer',
    requests: { count: 4, everyMs: 500, extra: 0 },
    hangMs: 40_000,
    checks: [
      { id: 'no hammering', asks: 'rate', max: 4, withinMs: 3000 },
      { id: 'bounded attempts', asks: 'attempts', on: 'primary', max: 6 },
      callsIt('rate-limit'),
      ...always,
    ],
    differs: 'one request there; four in a row here, under the same bars',
  },
  {
    id: 'S03',
    title: '500 once, then healthy',
    primary: {
      does: 'refuse',
      status: 500,
      code: 'server_error',
      words: 'The server had an error while processing your request.',
      attempts: 1,
    },
    fallback: answer,
    ideal: 'answer',
    requests: once,
    hangMs: 20_000,
    checks: [
      {
        id: 'retries the same provider',
        asks: 'attempts',
        on: 'primary',
        min: 2,
        level: 'noted',
      },
      callsIt('outage'),
      ...always,
    ],
    differs:
      'there, going to the fallback is "acceptable but noted", which makes it partial; here it is ' +
      'noted only, for moving at once is what is meant to happen',
  },
  {
    id: 'S04',
    title: '503 for good',
    primary: overloaded,
    fallback: answer,
    ideal: 'answer',
    requests: once,
    hangMs: 40_000,
    checks: [
      { id: 'bounded attempts', asks: 'attempts', on: 'primary', max: 6 },
      fallbackIsUsed,
      callsIt('outage'),
      ...always,
    ],
  },
  {
    id: 'S05',
    title: 'connection reset before headers',
    primary: { does: 'reset', attempts: 1 },
    fallback: answer,
    ideal: 'answer',
    requests: once,
    hangMs: 20_000,
    checks: [callsIt('network'), ...always],
  },
  {
    id: 'S06',
    title: 'no response at all',
    primary: { does: 'silence', ms: 120_000 },
    fallback: answer,
    ideal: 'answer',
    requests: once,
    hangMs: 130_000,
    checks: [
      { id: 'within the budget', asks: 'time', maxMs: 100_000 },
      {
        id: 'the silent route is not asked again',
        asks: 'attempts',
        on: 'primary',
        max: 1,
        level: 'advisory',
      },
      letsGo,
      callsIt('timeout'),
      ...always,
    ],
  },
  {
    id: 'S07',
    title: 'first token after 20 s',
    primary: { does: 'delay', ms: 20_000 },
    fallback: answer,
    ideal: 'answer',
    requests: once,
    hangMs: 60_000,
    checks: [
      { id: 'a limit on the first token', asks: 'time', maxMs: 15_000, level: 'advisory' },
      fallbackIsUsed,
      letsGo,
      callsIt('queue-stall'),
      ...always,
    ],
  },
  {
    id: 'S08',
    title: 'stream cut after 40 of 60 tokens',
    primary: { does: 'cut', afterTokens: 40 },
    fallback: answer,
    ideal: 'answer',
    requests: once,
    hangMs: 40_000,
    checks: [callsIt('truncated', 'network'), ...always],
  },
  {
    id: 'S09',
    title: 'stream stalls for 30 s after 20 tokens',
    primary: { does: 'stall', afterTokens: 20, ms: 30_000 },
    fallback: answer,
    ideal: 'answer',
    requests: once,
    hangMs: 70_000,
    checks: [
      { id: 'bounded', asks: 'time', maxMs: 45_000 },
      letsGo,
      callsIt('stream-stall'),
      ...always,
    ],
  },
  {
    id: 'S10',
    title: 'one malformed event',
    primary: { does: 'garble', atToken: 10 },
    fallback: answer,
    ideal: 'answer',
    requests: once,
    hangMs: 30_000,
    checks: [
      {
        id: 'survives in place',
        asks: 'attempts',
        on: 'fallback',
        max: 0,
        level: 'advisory',
      },
      ...always,
    ],
  },
  {
    id: 'S11',
    title: 'stream ends without [DONE]',
    primary: { does: 'omit-done' },
    fallback: answer,
    ideal: 'answer',
    requests: once,
    hangMs: 30_000,
    checks: [
      { id: 'finishes promptly', asks: 'time', maxMs: 8000 },
      { id: 'a missing [DONE] is no failure', asks: 'attempts', on: 'fallback', max: 0 },
      { id: 'usage', asks: 'usage', level: 'advisory' },
      ...always,
    ],
  },
  {
    id: 'S12',
    title: 'context length exceeded',
    primary: {
      does: 'refuse',
      status: 400,
      code: 'context_length_exceeded',
      words:
        "This model's maximum context length is 8192 tokens. However, your messages resulted in " +
        '9631 tokens. Please reduce the length of the messages.',
    },
    fallback: answer,
    ideal: 'answer',
    requests: once,
    hangMs: 20_000,
    checks: [
      {
        id: 'the same model is not asked again',
        asks: 'attempts',
        on: 'primary',
        min: 1,
        max: 1,
      },
      callsIt('context-length'),
      ...always,
    ],
  },
  {
    id: 'S13',
    title: 'refused by a content filter',
    primary: {
      does: 'refuse',
      status: 400,
      code: 'content_policy_violation',
      words: 'Your request was rejected as a result of our safety system.',
    },
    fallback: answer,
    ideal: 'error',
    requests: once,
    hangMs: 20_000,
    checks: [
      { id: 'one attempt', asks: 'attempts', on: 'primary', min: 1, max: 1 },
      { id: 'no way around the refusal', asks: 'attempts', on: 'fallback', max: 0 },
      { id: 'says why', asks: 'fails-as', kind: 'blocked-content', status: 400 },
      ...always,
    ],
  },
  {
    id: 'S14',
    title: 'stream cut, and the fallback rejects an assistant prefill',
    primary: { does: 'cut', afterTokens: 40 },
    fallback: { does: 'reject-prefill' },
    ideal: 'answer',
    requests: once,
    hangMs: 40_000,
    checks: [
      { id: 'no prefill masking', asks: 'no-prefill-masking' },
      callsIt('truncated', 'network'),
      ...always,
    ],
  },
  {
    id: 'S15',
    title: 'down for 60 s, then healthy; twenty requests, one every 4 s',
    primary: { does: 'outage', ms: 60_000 },
    fallback: answer,
    ideal: 'answer',
    requests: { count: 20, everyMs: 4000, extra: 4 },
    hangMs: 30_000,
    checks: [
      { id: 'served during the outage', asks: 'served-during-outage' },
      { id: 'back within 30 s', asks: 'recovered', maxMs: 30_000 },
      { id: 'at most one attempt per request', asks: 'probes', max: 15, level: 'advisory' },
      callsIt('outage'),
      ...always,
    ],
    differs:
      'twenty requests end 16 s after the outage there; here up to four more follow until the ' +
      'primary has answered, for the bar is 30 s',
  },
  {
    id: 'S16',
    title: 'accounting of a fallback',
    primary: overloaded,
    fallback: answer,
    ideal: 'answer',
    requests: once,
    hangMs: 40_000,
    checks: [
      { id: 'usage', asks: 'usage', level: 'advisory' },
      { id: 'one bill', asks: 'one-bill', level: 'advisory' },
      { id: 'bounded attempts', asks: 'attempts', on: 'primary', max: 6 },
      fallbackIsUsed,
      callsIt('outage'),
      ...always,
    ],
  },
]

/** Beyond the sixteen. */
export const more: readonly Scenario[] = [
  {
    id: 'hidden-cut',
    title: 'stream cut after 40 of 60 tokens, and the cut hidden by a gateway',
    primary: { does: 'cut', afterTokens: 40, isHidden: true },
    fallback: answer,
    ideal: 'answer',
    requests: once,
    hangMs: 40_000,
    checks: [callsIt('truncated'), ...always],
  },
]
