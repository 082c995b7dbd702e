import type { Failure, FailureKind, FailurePhase } from '../words/failure.ts'
import { Fault, type Evidence } from './fault.ts'
import { classOf, SENTENCES } from './sentences.ts'

type Reading = Pick<Failure, 'kind' | 'status' | 'code' | 'retryAfterMs' | 'requestId'>
type Sign = readonly [kind: FailureKind, at: string, says: RegExp, means?: RegExp]

/** Statuses under which the body knows better. 200 stands for an error inside a stream. */
const VAGUE = '200 400 422 500'

/**
 * What tells a kind; the first sign that fits is taken. `says` is asked of each code and type, and of
 * the message if the status is one of `at`. `means` is then asked of the status and, where that is
 * vague, of the codes and types that say no more than a status does: `rate_limit_error` is also sent
 * for money. Sources: reference/gateways.md, section 3.
 */
const SIGNS: readonly Sign[] = [
  // Anthropic's organisations can forbid browsers: the key is good, the page is not.
  ['blocked-request', '401 403', /cors requests/, /^3\d\d$/],
  [
    'region-restriction',
    `${VAGUE} 403 404`,
    /(?:user|your) (?:location|country|region)|unsupported countr|or territor|region restr/,
    /^451$/,
  ],
  [
    'quota-exhausted',
    '200 400 401 403 412 422 429',
    // Not "exceeded your current quota": Gemini says it of requests per minute.
    /insufficient (?:quota|balance|credit|fund)|credit balance|(?:more|no|of|enough) credit|credits are|spend(?:ing)? (?:limit|cap)|usage limit|billing (?:error|not|hard|to be)|budget (?:has|ex)|key limit|current quota err|payment|arrearage|^1113/,
    /^402$/,
  ],
  [
    'compliance-mismatch',
    `${VAGUE} 403 404`,
    /zero data|data policy|privacy restr|permission block/,
  ],
  [
    'blocked-content',
    `${VAGUE} 403 498`,
    /content (?:filter|polic|manage)|policy violation|usage (?:polic|guideline)|safety system|flagged (?:as|for)|inappropriate|inspection|guardrail|model armor|^(?:invalid prompt$|safety|blocklist|prohibited|spii|1301)/,
    /^446$/, // Portkey's guardrails
  ],
  [
    'auth',
    VAGUE,
    /api ?key|credential|authoriz|access term|restricted$/,
    /^40[137]$|authenti|permission|forbidden|denied/,
  ],
  [
    'context-length',
    VAGUE,
    /context (?:length|window|size|limit)|(?:prompt|input|messages?|request|body|payload)\b[^:]{0,30}too (?:long|large)|too many .{0,16}(?:tokens|bytes)|tokens? (?:count|limit)|exceed[^.]{0,40}(?:tokens|length)|prompt length|reduce the length|payload size|new tokens` must/,
    /^413$/,
  ],
  [
    'not-found',
    `${VAGUE} 404`,
    /model.{0,60}(?:not (?:found|exist)|decommission|no longer|end of its)|model \S+ is not supported|valid model|unknown model|model (?:id|not supp|deprecat)|deployment not|on demand|inference profile|publisher model|no endpoints$/,
    /^4(?:04|10)$|not found/,
  ],
  [
    'unsupported-capability',
    `${VAGUE} 404`,
    /(?:not|n.t)(?: \w+)? support|unsupported \w|(?:that|only) support|not enabled for|capabilit|unknown variant .(?:im|in|f|v)|deprecated for|jinja/,
    /^501$/,
  ],
  [
    'invalid-response',
    '',
    /tool use failed|json validate|model error$|malformed func|unexpected tool/,
  ],
  ['timeout', '200 500', /timed? ?out|deadline/, /^(?:408|504|52[24])$/],
  [
    'rate-limit',
    '200 413',
    /rate ?limit(?:ed| ex| re)|too many req|(?:tokens|requests) per|throttl|service quota/,
    /^429$|rate limit|exhausted/,
  ],
  [
    'outage',
    '200 429',
    /overloaded|^(?:model )?capacity|(?:no|at) capacity|not ready|^1305/,
    /^(?:409|42[45]|49[89]|5\d\d)$|unavailable/,
  ],
  ['invalid-request', '', /string above|encrypted content/, /^4\d\d$|invalid|validation/],
]

/** The codes that may be told. */
const CODES = new Set(
  'insufficient_quota rate_limit_exceeded rate_limit_error RESOURCE_EXHAUSTED overloaded_error server_error invalid_api_key authentication_error permission_error model_not_found not_found_error invalid_request_error context_length_exceeded content_filter unsupported_country_region_territory tool_use_failed'.split(
    ' ',
  ),
)

/** What is read of headers and payloads. Nothing else is, above all no input that a provider repeats. */
const ROLES: readonly (readonly [role: string, key: RegExp])[] = [
  ['ms', /retry.?after.?ms$/i],
  ['s', /^retry.?(?:after|delay)$|^estimated/i],
  ['id', /request.?id$|^cf-ray/i],
  ['code', /code$|reason$|errortype$|__type/i],
  ['type', /type$|status$/i],
  ['text', /^error|message$|^detail|^msg$|^raw$|^title/i],
  ['more', /metadata|inner|^response$|feedback|candidates|groq/i],
]

const BODY_CHARS = 65_536
const DAY_MS = 86_400_000
const UNITS: { readonly [unit: string]: number } = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: DAY_MS,
}

/**
 * Says why an attempt broke, whatever was thrown; never throws. A code outranks a type, a type a phrase
 * in the message, and a phrase counts only under a status at which it makes sense.
 */
export function classify<Name extends string>(
  thrown: unknown,
  context: {
    readonly route: Name | null
    readonly provider: string | null
    readonly phase: FailurePhase
    /** Epoch ms. */
    readonly now: number
  },
): Failure<Name> {
  const { route, provider, phase, now } = context
  let reading: Reading = { kind: 'invalid-response' }
  try {
    reading = thrown instanceof Fault ? readEvidence(thrown.evidence, now) : readThrown(thrown)
  } catch {
    // Only something made to be unreadable comes here.
  }
  const { kind } = reading
  return { class: classOf(kind), ...reading, phase, route, provider, message: SENTENCES[kind] }
}

/** What the browser and models on the device throw; of a `fetch`, only the message tells. */
function readThrown(thrown: unknown): Reading {
  const name = isRecord(thrown) ? `${wordsOf(thrown['name'])} ${wordsOf(thrown['message'])}` : ''
  if (
    /^(?:Network|Abort)E|^TypeError  ?(?:failed to f|fetch f|load f|a? ?network|termin|the int)/i.test(
      name,
    )
  )
    return { kind: 'network' }
  // The Prompt API's words for more than the model can hold.
  if (/^QuotaE/.test(name)) return { kind: 'context-length' }
  return { kind: kindSaid(name.replace(/ .*/s, '')) ?? 'invalid-response' }
}

function readEvidence(evidence: Evidence, now: number): Reading {
  switch (evidence.from) {
    case 'status': {
      const { status, headers, body } = evidence
      return { status, ...judge(status, [headers, body], now) }
    }
    case 'event':
      return judge(200, evidence.error, now)
    case 'redirect':
      return { kind: 'blocked-request' }
    case 'transport':
      if (!evidence.isOnline) return { kind: 'offline' }
      return { kind: evidence.isBlocked ? 'blocked-request' : 'network' }
    case 'judgement': {
      const { from: _, ...reading } = evidence
      return reading
    }
    default:
      return evidence satisfies never
  }
}

function judge(status: number, payload: unknown, now: number): Reading {
  const found = gather(payload)
  const of = (role: string): string[] => found.flatMap(([as, said]) => (as === role ? said : []))
  const words = [...of('code'), ...of('type')].map((word) => word.replace(/:.*/, ''))
  const message = of('text').join(' ').slice(0, 4096)
  const again = /(?:again|retry|reset) (?:in|after) (\d.{0,40})/i.exec(message)?.[1] ?? ''
  const retryAfterMs = [...found, ['s', again] as const]
    .map(([role, said]) => waitIn(said, UNITS[role], now))
    .find((ms) => ms !== undefined)
  const requestId = of('id').find((id) => /^[\w.:-]{1,128}$/.test(id))
  const decisive = words.find(kindSaid) ?? ''
  const code = [decisive, ...words].find((word) => CODES.has(word))
  return {
    kind: kindSaid(decisive) ?? kindMeant(`${status}`, words.map(plain), plain(message)),
    ...(code && { code }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(requestId && { requestId }),
  }
}

function kindSaid(word: string): FailureKind | undefined {
  return SIGNS.find(([, , says]) => says.test(plain(word)))?.[0]
}

function kindMeant(status: string, words: readonly string[], message: string): FailureKind {
  const told = VAGUE.includes(status) ? [...words, status] : [status]
  const sign =
    SIGNS.find(([, at, says]) => at.includes(status) && says.test(message)) ??
    SIGNS.find(([, , , means]) => told.some((word) => means?.test(word)))
  return sign?.[0] ?? 'outage'
}

/**
 * One spelling for `RateLimitReached`, `rate_limit_reached` and prose. An address is no evidence: help
 * pages are about every kind of failure.
 */
function plain(said: string): string {
  return said
    .replace(/https?:\S+|([a-z])(?=[A-Z])/g, '$1 ')
    .replace(/[\s_-]+/g, ' ')
    .toLowerCase()
}

/**
 * Reads a payload from the outside in. It ends whatever it is given: so many values, so many
 * characters. JSON inside a text (OpenRouter's `metadata.raw`, a gateway's message) is read too.
 */
function gather(payload: unknown): (readonly [role: string, said: string])[] {
  const queue: (readonly [role: string, value: unknown])[] = [['text', payload]]
  const found: (readonly [role: string, said: string])[] = []
  let left = 2 * BODY_CHARS
  for (const [role, value] of queue) {
    if (isRecord(value)) {
      if (queue.length > 256) continue
      // Longer names first: `retry-after-ms` is finer than `retry-after`.
      for (const key of Object.keys(value).slice(0, 64).toSorted().toReversed()) {
        const as = Array.isArray(value) ? role : ROLES.find(([, keys]) => keys.test(key))?.[0]
        if (as) queue.push([as, value[key]])
      }
    } else {
      const said = wordsOf(value).slice(0, left)
      left -= said.length
      const start = said.search(/\{|^\s*\[/)
      const json = role === 'text' && start >= 0 ? parse(said.slice(start)) : null
      if (json) queue.push([role, json])
      // A page of HTML says nothing that its status does not.
      if (!/^\s*</.test(said)) found.push([role, json ? said.slice(0, start) : said])
    }
  }
  return found
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json.slice(0, Math.max(json.lastIndexOf('}'), json.lastIndexOf(']')) + 1))
  } catch {
    return null
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function wordsOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? `${value}` : ''
}

/** In ms: `2` and `"2.5"` in the unit given, `"37s"`, `"1m2.5s"`, `"2 minutes"` in theirs, a date from now. */
function waitIn(said: string, unitMs: number | undefined, now: number): number | undefined {
  if (!unitMs) return undefined
  let ms = /^\d+(?:\.\d+)?$/.test(said) ? Number(said) * unitMs : NaN
  for (const [, amount, unit = ''] of said
    .toLowerCase()
    .matchAll(/(\d[\d.]*) ?(ms|[smhd])[a-z]*[ ,]*/gy))
    ms = (ms || 0) + Number(amount) * (UNITS[unit] ?? NaN)
  // `Date.parse` makes a date of nearly anything.
  if (/^\w{3,9}, \d.+GMT$/.test(said)) ms = Date.parse(said) - now
  return ms >= 0 && ms < Infinity ? Math.min(Math.round(ms), DAY_MS) : undefined
}
