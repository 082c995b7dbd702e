import type { Failure, FailureKind, FailurePhase } from '../words/failure.ts'
import { failureOf } from './failure.ts'
import { Fault, type Evidence } from './fault.ts'

type Reading = Pick<Failure, 'kind' | 'status' | 'code' | 'retryAfterMs' | 'requestId'>
type Role = readonly [role: string, keys: RegExp]
type Sign = readonly [kind: FailureKind, says: RegExp, means?: RegExp, at?: string]

/** Statuses under which a body knows better. 200 stands for an error inside a stream. */
const VAGUE = '200 400 403 404 422 500'

/** Where a phrase about load is believed: a 400 may only mention one. */
const LOAD = '200 413 429'

const NEVER = /(?!)/

/**
 * What tells a kind; the first sign that fits is taken. `says` is asked of each code and type, then of
 * the message where the status is one of `at` (else, of the vague ones). `means` is asked last, of the
 * status and, where that is vague, of codes and types that say no more than a status does:
 * `rate_limit_error` is sent for money too. Stems, in the spelling of `plain`; from the
 * providers' documents on errors, other gateways' tables and recorded traffic.
 */
const SIGNS: readonly Sign[] = [
  // Anthropic's organisations can forbid browsers: the key is good, the page is not.
  ['blocked-request', /cors_requests/, /^3..$/, '401'],
  [
    'region-restriction',
    /user_loc|your_(?:country|region)|unsupported_countr|region_restr/,
    /^451/,
  ],
  [
    'quota-exhausted',
    // Not "exceeded your current quota": Gemini says it of requests per minute.
    /insufficient_(?:[qbf]|cr)|credit_b|credits_a|_spend|usage_limit|billing_[ent]|budget_[eh]|quota_err|arrear/,
    /^4(?:02|12)/,
    `${LOAD} 400 403`,
  ],
  ['compliance-mismatch', /data_policy|residency/],
  [
    'blocked-content',
    /content_(?:filt|pol|man)|usage_(?:pol|gui)|safety_sys|flagged|inspection|guardrail|armor|_policy$|policy_viol|^(?:invalid_prompt$|safety|prohib|1301)/,
    /^446/, // Portkey's guardrails
  ],
  ['auth', /api_?key|credential|access_te/, /^40[13]|authenti|permis|forbid|denied/],
  [
    'context-length',
    // The first is the Prompt API's error.
    /^quotae|context_?[lw]|context_s|[st]_too_l(?:ong|arge_)|too_many.{0,16}tokens|token_[cl]|exceed[^.]{0,40}(?:tokens|length)|prompt_length_is|reduce_the_l|payload_s/,
    /^413/,
  ],
  [
    'not-found',
    /model.{0,60}(?:not_(?:found|exist)|decom)|(?:id|wn)_model|model_(?:id|not_s)/,
    /^4(?:04|10)|not_found/,
  ],
  ['unsupported-capability', /[ty]_?support|unsupported_|not_enabled|capabilit|jinja/, /^501/],
  ['invalid-response', /tool_use_f|json_val|model_error$|malformed_f|unexpected_t/, NEVER, ''],
  ['timeout', /timed?_?out/, /^(?:408|504|52[24])/, LOAD],
  [
    'rate-limit',
    /rate_?limit(?:ed|_ex|_re)|too_many_req|tokens_per/,
    /^429|rate_limit|exhausted/,
    LOAD,
  ],
  ['outage', /overloaded|[lo]_capacity|^capacity/, /^5..$|unavail/, LOAD],
  ['network', /^(?:network|aborter|failed_to_f|fetch_f|load_f)/, NEVER, ''],
  ['invalid-request', NEVER, /^4(?:0[0-7]|[13].|2[0-3])$|invalid/, ''],
]

/** The codes that may be told. */
const CODES =
  /^(?:insufficient_quota|rate_limit_exceeded|overloaded_error|invalid_api_key|model_not_found|invalid_request_error|context_length_exceeded|content_filter|unsupported_country_region_territory)$/

/** What is read of headers and payloads. Nothing else is, above all no input that a provider repeats. */
const ROLES: readonly Role[] = [
  ['ms', /retry.?after.?ms$/i],
  ['s', /^retry.?(?:after|delay)$|^estimated/i],
  ['id', /request.?id$|^cf.ray/i],
  ['code', /code$|reason$/i],
  ['code', /type$|status$/i],
  ['text', /^error|message$|^detail|^raw$|^\d$|metadata|^response$|feedback|candidates|groq/i],
]

const UNITS: { readonly [unit: string]: number } = { ms: 1, s: 1e3, m: 6e4, h: 36e5 }

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
  const { now, ...where } = context
  let reading: Reading = { kind: 'invalid-response' }
  try {
    if (thrown instanceof Fault) reading = read(thrown.evidence, now)
    else if (thrown instanceof Error) reading = readError(thrown)
  } catch {
    // Only something made to be unreadable comes here.
  }
  return { ...failureOf(reading.kind, where), ...reading }
}

/** What the browser and models on the device throw is told by its name; of a `fetch`, by its message. */
function readError({ name, message }: Error): Reading {
  const said = (name === 'TypeError' ? message : name).slice(0, 1024)
  return { kind: kindSaid(plain(said)) ?? 'invalid-response' }
}

function read(evidence: Evidence, now: number): Reading {
  switch (evidence.from) {
    case 'status':
      return {
        ...judge(evidence.status, [evidence.headers, evidence.body], now),
        status: evidence.status,
      }
    case 'event':
      return judge(200, evidence.error, now)
    case 'redirect':
      return { kind: 'blocked-request' }
    case 'transport':
      if (!evidence.isOnline) return { kind: 'offline' }
      return { kind: evidence.isBlocked ? 'blocked-request' : 'network' }
    case 'unsent':
    case 'judgement': {
      const { from: _, ...reading } = evidence
      return reading
    }
    default:
      return evidence satisfies never
  }
}

function judge(http: number, payload: unknown, now: number): Reading {
  const found = gather(payload)
  const of = (role: string): string[] => found.flatMap(([as, said]) => (as === role ? said : []))
  const status = `${http}`
  const codes = of('code')
  const words = codes.map((code) => plain(code.slice(0, 99)))
  const told = VAGUE.includes(status) ? [...words, status] : [status]
  const message = of('text').join(' ').slice(0, 4096)
  const said = plain(message)
  found.push(['s', /(?:again|retry|reset) (?:in|after) (\d.{0,40})/i.exec(message)?.[1] ?? ''])
  const [wait] = found.flatMap(([unit, text]) => waitIn(text, unit, now))
  const code = codes.find((one) => CODES.test(one))
  const requestId = of('id').find((id) => /^[\w.:-]{1,128}$/.test(id))
  return {
    kind:
      words.map(kindSaid).find(Boolean) ??
      kindIf(([, says, , at = VAGUE]) => at.includes(status) && says.test(said)) ??
      kindIf(([, , means]) => told.some((word) => means?.test(word))) ??
      'outage',
    ...(code && { code }),
    ...wait,
    ...(requestId && { requestId }),
  }
}

function kindSaid(word: string): FailureKind | undefined {
  return kindIf(([, says]) => says.test(word))
}

function kindIf(fits: (sign: Sign) => boolean): FailureKind | undefined {
  return SIGNS.find(fits)?.[0]
}

/** One spelling for codes and prose. An address is no evidence: help pages are about every failure. */
function plain(said: string): string {
  return said
    .replace(/https?:\S+/g, '')
    .replace(/[\s-]+/g, '_')
    .toLowerCase()
}

/**
 * Reads a payload from the outside in, and JSON inside its texts too (OpenRouter's `metadata.raw`, a
 * gateway's message). It ends whatever it is given: so many values, so many characters. A body over
 * 16 KiB is not parsed, which alone can take some ms, but read as prose.
 */
function gather(payload: unknown): [role: string, said: string][] {
  const queue: [role: string, value: unknown][] = [['text', payload]]
  const found: [role: string, said: string][] = []
  for (const [role, value] of queue)
    if (isRecord(value)) {
      if (queue.length < 64)
        for (const [as, keys] of ROLES)
          for (const key of Object.keys(value).slice(0, 64))
            if (keys.test(key)) queue.push([as, value[key]])
    } else if (typeof value === 'string' || typeof value === 'number') {
      let said = `${value}`.slice(0, 16_384)
      const start = said.search(/[{[]/)
      if (role === 'text' && start >= 0)
        try {
          queue.push([role, JSON.parse(said.slice(start))])
          said = said.slice(0, start)
        } catch {
          // Prose.
        }
      found.push([role, said])
    }
  return found
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

/** `2` and `"2.5"` in the unit given, `"37s"`, `"1m2.5s"`, `"2 minutes"` in theirs, or a date from now. */
function waitIn(said: string, unit: string, now: number): Pick<Failure, 'retryAfterMs'>[] {
  // `Date.parse` makes a date of nearly anything.
  let ms = /^\w+, .+GMT$/.test(said) ? Date.parse(said) - now : NaN
  for (const [, amount, as] of said.matchAll(/(\d[\d.]*) ?(ms|[smh]|$)[a-z]*[ ,]*/gy))
    ms = (ms || 0) + Number(amount) * (UNITS[as || unit] ?? NaN)
  return unit in UNITS && ms >= 0 ? [{ retryAfterMs: Math.min(Math.round(ms), 864e5) }] : []
}
