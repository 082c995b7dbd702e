import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { classify } from '../src/policy/classify.ts'
import { Fault, judged, type Evidence } from '../src/policy/fault.ts'
import { classOf, SENTENCES } from '../src/policy/sentences.ts'
import type { Failure, FailureKind } from '../src/words/failure.ts'

const NOW = Date.UTC(2026, 8, 1, 12)
const context = { route: 'ours', provider: 'acme', phase: 'before-content', now: NOW } as const
const KINDS = Object.keys(SENTENCES)

function of(evidence: Evidence): Failure<'ours'> {
  return classify(new Fault(evidence), context)
}

function status(code: number, body: unknown = '', headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return of({ from: 'status', status: code, headers, body: text })
}

function event(error: unknown) {
  return of({ from: 'event', error })
}

function saying(message: string, rest: object = {}): object {
  return { error: { message, ...rest } }
}

function wait(headers: Record<string, string>, body: unknown = '') {
  return status(429, body, headers).retryAfterMs
}

function fill(unit: string): string {
  return unit.repeat(65_536).slice(0, 65_536)
}

describe('the shape of a failure', () => {
  test('a failure says where, how far, and what to do, in our words alone', () => {
    const secret = 'sk-secret https://a.example/?key=1'
    const failure = status(429, saying(secret, { code: secret, type: secret }), {
      'x-request-id': 'req_1',
      'retry-after': '2',
    })
    expect(failure).toStrictEqual({
      class: 'technical',
      kind: 'rate-limit',
      phase: 'before-content',
      route: 'ours',
      provider: 'acme',
      status: 429,
      retryAfterMs: 2000,
      requestId: 'req_1',
      message: SENTENCES['rate-limit'],
    })
  })

  test('each kind has one sentence of its own', () => {
    expect(KINDS).toHaveLength(22)
    expect(new Set(Object.values(SENTENCES)).size).toBe(22)
  })

  test.each<[FailureKind, string]>([
    ['outage', 'technical'],
    ['unsupported-capability', 'technical'],
    ['invalid-request', 'technical'],
    ['context-length', 'technical'],
    ['budget-breach', 'business'],
    ['latency-ceiling', 'business'],
    ['quality-floor', 'business'],
    ['blocked-content', 'policy'],
    ['region-restriction', 'policy'],
    ['compliance-mismatch', 'policy'],
  ])('%s is %s', (kind, expected) => {
    expect(classOf(kind)).toBe(expected)
  })

  test('our own judgement is taken as it is', () => {
    expect(classify(judged('truncated', 200), context)).toMatchObject({
      kind: 'truncated',
      status: 200,
    })
    expect(classify(judged('stream-stall'), context)).not.toHaveProperty('status')
    expect(of({ from: 'unsent', kind: 'auth' }).kind).toBe('auth')
  })

  test('a redirect is a blocked request', () => {
    expect(of({ from: 'redirect' }).kind).toBe('blocked-request')
  })

  test.each([
    [true, false, 'network'],
    [true, true, 'blocked-request'],
    [false, false, 'offline'],
    [false, true, 'offline'],
  ] as const)('online %s, blocked %s: %s', (isOnline, isBlocked, kind) => {
    expect(of({ from: 'transport', isOnline, isBlocked }).kind).toBe(kind)
  })
})

describe('a status alone', () => {
  test.each<[FailureKind, number[]]>([
    ['invalid-request', [400, 405, 406, 411, 415, 416, 418, 421, 422, 431]],
    ['auth', [401, 403]],
    ['quota-exhausted', [402, 412]],
    ['not-found', [404, 410]],
    ['timeout', [408, 504, 522, 524]],
    ['outage', [409, 424, 425, 498, 499, 500, 502, 503, 520, 521, 523, 525, 529, 530]],
    ['context-length', [413]],
    ['rate-limit', [429]],
    ['blocked-content', [446]],
    ['region-restriction', [451]],
    ['unsupported-capability', [501]],
    ['blocked-request', [301, 302, 307]],
  ])('tells %s', (kind, statuses) => {
    for (const code of statuses) expect([code, status(code).kind]).toEqual([code, kind])
  })
})

describe('what a body says', () => {
  test.each<[FailureKind, number, unknown]>([
    // OpenAI and what is compatible
    ['context-length', 400, saying('x', { code: 'context_length_exceeded' })],
    ['blocked-content', 400, saying('x', { code: 'content_policy_violation' })],
    ['blocked-content', 400, saying('x', { code: 'invalid_prompt' })],
    ['blocked-content', 400, saying('Your request was rejected by our safety system')],
    ['invalid-request', 400, saying('x', { type: 'invalid_request_error' })],
    ['region-restriction', 403, saying('x', { code: 'unsupported_country_region_territory' })],
    ['not-found', 403, saying('x', { code: 'model_not_found' })],
    ['quota-exhausted', 429, saying('x', { code: 'insufficient_quota' })],
    ['quota-exhausted', 429, saying('x', { code: 'organization_spend_limit_exceeded' })],
    ['quota-exhausted', 429, saying('x', { code: 'billing_not_active' })],
    ['unsupported-capability', 400, saying('x', { code: 'unsupported_parameter' })],
    ['unsupported-capability', 400, saying("'image_url' is only supported by certain models.")],
    // Azure
    ['blocked-content', 400, saying('x', { code: 'content_filter' })],
    ['unsupported-capability', 400, saying('x', { code: 'OperationNotSupported' })],
    ['timeout', 408, saying('x', { code: 'Timeout' })],
    // Anthropic
    ['context-length', 400, saying('prompt is too long: 3 tokens > 2 maximum')],
    ['quota-exhausted', 400, saying('Your credit balance is too low to access the API.')],
    ['quota-exhausted', 400, saying('You have reached your specified API usage limits.')],
    ['quota-exhausted', 429, saying('Your monthly spend limit', { type: 'rate_limit_error' })],
    ['blocked-content', 400, saying('Output blocked by content filtering policy')],
    ['not-found', 404, saying('model: claude-0', { type: 'not_found_error' })],
    ['outage', 529, saying('Overloaded', { type: 'overloaded_error' })],
    // Gemini and Vertex
    ['auth', 400, saying('API key not valid.', { status: 'INVALID_ARGUMENT' })],
    ['auth', 400, saying('x', { details: [{ reason: 'API_KEY_INVALID' }] })],
    [
      'context-length',
      400,
      saying('The input token count (2) exceeds the maximum number of tokens'),
    ],
    ['context-length', 400, saying('Request payload size exceeds the limit: 20971520 bytes.')],
    ['region-restriction', 400, saying('User location is not supported for the API use.')],
    ['quota-exhausted', 429, saying('Your prepayment credits are depleted.')],
    ['outage', 503, saying('The model is overloaded.', { status: 'UNAVAILABLE' })],
    ['timeout', 504, saying('x', { status: 'DEADLINE_EXCEEDED' })],
    ['unsupported-capability', 400, saying('Function calling is not enabled for models/gemma-3')],
    // Mistral, Groq, Cohere, DeepSeek, xAI, llama.cpp, Ollama
    ['not-found', 400, { type: 'invalid_model', code: '1500', message: 'Invalid model: x' }],
    ['unsupported-capability', 400, { code: '3051', message: 'Logprobs are not enabled for this' }],
    ['invalid-request', 400, { code: '3051', message: 'x', type: 'invalid_request_invalid_args' }],
    ['not-found', 400, saying('x', { code: 'model_decommissioned' })],
    ['invalid-response', 400, saying('x', { code: 'tool_use_failed' })],
    ['invalid-response', 400, saying('x', { code: 'json_validate_failed' })],
    ['context-length', 400, { message: 'too many tokens: size limit exceeded by 9 tokens.' }],
    ['quota-exhausted', 402, saying('Insufficient Balance', { code: 'invalid_request_error' })],
    ['auth', 400, { code: 'Client specified an invalid argument', error: 'Incorrect API key' }],
    ['context-length', 400, { error: "This model's maximum prompt length is 131072 but" }],
    ['context-length', 400, saying('exceeds the available context size', { type: 'x' })],
    ['unsupported-capability', 500, saying('tools param requires --jinja flag')],
    ['unsupported-capability', 500, saying('image input is not supported - hint: provide mmproj')],
    ['unsupported-capability', 400, { error: '"gemma" does not support tools' }],
    // Bedrock
    ['context-length', 400, { message: 'Input is too long for requested model.' }],
    ['not-found', 400, { message: 'The provided model identifier is invalid.' }],
    ['region-restriction', 400, { message: 'from unsupported countries, regions, or territories' }],
    ['unsupported-capability', 400, { message: "This model doesn't support tool use." }],
    // Gateways
    ['quota-exhausted', 400, saying('Budget has been exceeded!', { type: 'budget_exceeded' })],
    ['unsupported-capability', 404, saying('No endpoints found that support tool use.')],
    ['compliance-mismatch', 404, saying('No endpoints found matching your data policy')],
    ['not-found', 404, saying('No endpoints found for a/b:free.', { code: 404 })],
    ['blocked-content', 403, saying('x', { metadata: { error_type: 'content_policy_violation' } })],
    ['blocked-content', 403, { message: 'Content blocked by guardrail' }],
    ['blocked-content', 400, saying('x', { code: '1301' })],
    ['outage', 429, saying('The engine is overloaded', { type: 'engine_overloaded_error' })],
    ['quota-exhausted', 429, saying('x', { type: 'exceeded_current_quota_error' })],
    ['rate-limit', 429, { code: 'request_quota_exceeded', type: 'too_many_requests_error' }],
  ])('%s at %i: %j', (kind, code, body) => {
    expect(status(code, body).kind).toBe(kind)
  })

  test('an exception named in a header is read, whatever follows its name', () => {
    const headers = { 'x-amzn-errortype': 'ModelTimeoutException:http://internal.amazon.com/' }
    expect(status(400, { message: 'x' }, headers).kind).toBe('timeout')
  })

  test("a provider's refusal of browsers is no bad key", () => {
    const body = saying(
      'CORS requests are not allowed for this Organization because of its settings',
    )
    expect(status(401, body).kind).toBe('blocked-request')
    expect(status(401, { error: { type: 'authentication_error', message: 'x' } }).kind).toBe('auth')
  })
})

describe('the order of evidence', () => {
  test('a code outranks a phrase', () => {
    const body = saying('insufficient credits: rate limit, safety system', {
      code: 'invalid_api_key',
    })
    expect(status(401, body)).toMatchObject({ kind: 'auth', code: 'invalid_api_key' })
    expect(
      status(413, saying('please reduce your message size', { code: 'rate_limit_exceeded' })).kind,
    ).toBe('rate-limit')
  })

  test('a code outranks a type, before or after it', () => {
    const pair = { type: 'insufficient_quota', code: 'context_length_exceeded' }
    expect(status(400, { error: pair }).kind).toBe('context-length')
    expect(status(400, { error: { code: pair.code, type: pair.type } }).kind).toBe('context-length')
  })

  test('a type that names a status outranks a vague status, and no other', () => {
    expect(status(400, saying('x', { type: 'authentication_error' })).kind).toBe('auth')
    expect(status(500, saying('x', { type: 'rate_limit_error' })).kind).toBe('rate-limit')
    expect(status(402, saying('x', { type: 'invalid_request_error' })).kind).toBe('quota-exhausted')
    expect(status(403, saying('x', { type: 'invalid_request_error' })).kind).toBe('auth')
  })

  test('a phrase counts only under a status at which it makes sense', () => {
    expect(status(400, saying('see the rate limit for this field')).kind).toBe('invalid-request')
    expect(status(400, saying('Timeout while downloading the image')).kind).toBe('invalid-request')
    expect(status(429, { message: 'Too many tokens, please wait' }).kind).toBe('rate-limit')
    expect(status(503, saying('API key not valid, model not found')).kind).toBe('outage')
    expect(status(500, saying('insufficient balance')).kind).toBe('outage')
  })

  test('"exceeded your current quota" alone is a rate limit, for Gemini says it of minutes', () => {
    const message = 'You exceeded your current quota, please check your plan and billing details.'
    expect(status(429, saying(message, { status: 'RESOURCE_EXHAUSTED' })).kind).toBe('rate-limit')
    expect(status(429, saying(message, { code: 'insufficient_quota' })).kind).toBe(
      'quota-exhausted',
    )
  })

  test('an address in a message is no evidence', () => {
    const message = 'max_tokens is off, see https://a.example/context-window-size#safety-system'
    expect(status(400, saying(message)).kind).toBe('invalid-request')
  })

  test('too long a string is not too long a prompt, and a suspension is no spending', () => {
    const long = saying("Invalid 'user': string too long.", { code: 'string_above_max_length' })
    expect(status(400, long).kind).toBe('invalid-request')
    expect(status(403, saying('Consumer has been suspended.')).kind).toBe('auth')
    expect(
      status(401, saying('x', { details: [{ reason: 'ACCESS_TOKEN_TYPE_UNSUPPORTED' }] })).kind,
    ).toBe('auth')
    expect(status(403, saying('account was flagged', { type: 'access_terminated' })).kind).toBe(
      'auth',
    )
  })

  test('what a provider repeats of the input is not read', () => {
    const failed_generation = 'insufficient_quota: content filter'
    const input = { code: 'insufficient_quota', message: 'API key' }
    expect(status(400, { error: { message: 'x', failed_generation }, input }).kind).toBe(
      'invalid-request',
    )
  })
})

describe('an error inside a stream', () => {
  test.each<[FailureKind, unknown]>([
    ['outage', { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }],
    ['rate-limit', { type: 'error', error: { type: 'rate_limit_error', message: 'x' } }],
    ['quota-exhausted', { type: 'error', error: { code: 'insufficient_quota', message: 'x' } }],
    ['rate-limit', { error: { code: 429, message: 'Provider returned error' } }],
    ['timeout', { error: { code: 504, message: 'x' } }],
    ['outage', { error: { code: 502 }, choices: [{ delta: { content: 'API key' } }] }],
    ['invalid-request', { error: { type: 'invalid_request_error', message: 'x' } }],
    ['context-length', { error: { type: 'invalid_request_error', message: 'prompt is too long' } }],
    ['invalid-response', { error: { type: 'model_error', message: 'invalid content' } }],
    ['outage', [{ error: { code: 503, status: 'UNAVAILABLE' } }]],
    ['rate-limit', [{ error: { code: 429, status: 'RESOURCE_EXHAUSTED' } }]],
    ['outage', { type: 'response.failed', response: { error: { code: 'server_is_overloaded' } } }],
    ['not-found', { error: "model 'x' not found" }],
    ['auth', { detail: 'Invalid API Key', code: 401 }],
    ['timeout', { Message: 'The operation timed out' }],
    ['invalid-request', { error: ['Input is invalid'], error_type: 'validation_invalid' }],
    ['outage', 'data: nothing we know'],
    ['rate-limit', '{"error":{"code":429}}'],
    ['rate-limit', 'litellm.RateLimitError: {"error":{"code":429}}'],
    [
      'invalid-request',
      saying('Provider returned error', {
        code: 400,
        metadata: {
          raw: '{"error":{"message":"Missing required parameter","type":"invalid_request_error"}}',
        },
      }),
    ],
    [
      'region-restriction',
      saying('Provider returned error', {
        code: 403,
        metadata: {
          raw: '{"error":{"code":"unsupported_country_region_territory","message":"x"}}',
        },
      }),
    ],
    ['blocked-content', { promptFeedback: { blockReason: 'SAFETY' } }],
    ['blocked-content', { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } }],
    ['invalid-response', { candidates: [{ finishReason: 'MALFORMED_FUNCTION_CALL' }] }],
    ['outage', {}],
    ['outage', null],
    ['outage', undefined],
    ['outage', 42],
  ])('is %s: %j', (kind, payload) => {
    const failure = event(payload)
    expect(failure.kind).toBe(kind)
    expect(failure).not.toHaveProperty('status')
  })
})

describe('how long to wait', () => {
  test.each<[number | undefined, Record<string, string>]>([
    [660, { 'retry-after-ms': '660' }],
    [0, { 'retry-after-ms': '0', 'retry-after': '1' }],
    [50, { 'x-ms-retry-after-ms': '50', 'retry-after': '1' }],
    [50, { 'retry-after': '1', 'x-ms-retry-after-ms': '50' }],
    [65_000, { 'retry-after': '65' }],
    [1500, { 'retry-after': '1.5' }],
    [30_000, { 'retry-after': new Date(NOW + 30_000).toUTCString() }],
    [undefined, { 'retry-after': new Date(NOW - 30_000).toUTCString() }],
    [86_400_000, { 'retry-after': '99999999' }],
    [86_400_000, { 'retry-after': new Date(NOW + 9e8).toUTCString() }],
    [2000, { 'retry-after-ms': 'soon', 'retry-after': '2' }],
  ])('is %s by the headers %j', (ms, headers) => {
    expect(wait(headers)).toBe(ms)
  })

  test.each([
    'soon',
    '-5',
    'NaN',
    'Infinity',
    '1e3',
    '0x10',
    '',
    ' ',
    '5 garbage',
    '1.2.3',
    '2001'.padStart(400, 'x'),
    'GMT',
    'Mon, never GMT',
    '--1',
  ])('%j is no time', (said) => {
    expect(wait({ 'retry-after': said })).toBeUndefined()
    expect(wait({}, { retry_after: said })).toBeUndefined()
  })

  test.each<[number | undefined, unknown]>([
    [37_000, saying('x', { details: [{ '@type': 'google.rpc.RetryInfo', retryDelay: '37s' }] })],
    [48_000, saying('Please retry in 48.9s.', { details: [{ retryDelay: '48s' }] })],
    [120_000, { retryable: true, retry_after: 120 }],
    [250, saying('x', { retry_after_ms: 250 })],
    [250, saying('x', { retryAfterMs: 250 })],
    [22_307, { error: 'Model is loading', estimated_time: 22.30726623 }],
    [undefined, { retry_after: -1 }],
    [undefined, { retry_after: null }],
    [undefined, { retry_after: true }],
    [20_000, saying('Please try again in 20s. Visit the docs')],
    [330, saying('Please try again in 330ms.')],
    [62_500, saying('Please try again in 1m2.5s.')],
    [3_723_000, saying('Try again in 1h2m3s')],
    [60_000, saying('Please retry after 60 seconds. Please go here')],
    [120_000, saying('try again in 2 minutes')],
    [undefined, saying('please try again later')],
    [undefined, saying('try again in a while, 5 seconds say')],
  ])('is %s by the body %j', (ms, body) => {
    expect(wait({}, body)).toBe(ms)
  })

  test('a header goes before a body', () => {
    expect(wait({ 'retry-after': '3' }, saying('try again in 2.81s', { retry_after_ms: 9 }))).toBe(
      3000,
    )
  })

  test('an event can ask for time too', () => {
    expect(event({ error: { code: 429, retryAfterMs: 700 } }).retryAfterMs).toBe(700)
  })
})

describe('codes and request ids', () => {
  test.each(['insufficient_quota', 'rate_limit_exceeded', 'invalid_api_key', 'overloaded_error'])(
    '%s is told',
    (code) => {
      expect(status(400, saying('x', { code })).code).toBe(code)
    },
  )

  test.each([
    'constructor',
    '__proto__',
    'toString',
    'hasOwnProperty',
    'sk-1',
    'insufficient_quota ',
    '',
  ])('%j is not told', (code) => {
    const failure = status(400, `{"error":{"code":${JSON.stringify(code)},"message":"x"}}`)
    expect(failure).not.toHaveProperty('code')
    expect(KINDS).toContain(failure.kind)
  })

  test('keys that are names of a prototype change nothing', () => {
    const body = '{"__proto__":{"code":"insufficient_quota"},"constructor":{"message":"API key"}}'
    expect(status(400, body).kind).toBe('invalid-request')
  })

  test.each([
    [{ 'x-request-id': 'req_1' }, {}, 'req_1'],
    [{ 'request-id': 'req_2' }, { request_id: 'req_9' }, 'req_2'],
    [{ 'x-amzn-requestid': 'a-b-c' }, {}, 'a-b-c'],
    [{ 'cf-ray': '9828e739fceabff2-ATL' }, {}, '9828e739fceabff2-ATL'],
    [{ 'x-request-id': 'Root=1;<b>', 'cf-ray': 'abc' }, {}, 'abc'],
    [{}, { request_id: 'req_3' }, 'req_3'],
    [{}, { request_id: null }, undefined],
    [{}, { request_id: 'a b' }, undefined],
    [{}, { request_id: 'a'.repeat(129) }, undefined],
  ])('%j with %j has the id %s', (headers, body, id) => {
    expect(status(500, body, headers as Record<string, string>).requestId).toBe(id)
  })
})

describe('anything else that is thrown', () => {
  test.each<[FailureKind, unknown]>([
    ['network', new TypeError('Failed to fetch')],
    ['network', new TypeError('Failed to fetch (api.example.com)')],
    ['network', new TypeError('network error')],
    ['network', new TypeError('NetworkError when attempting to fetch resource.')],
    ['network', new TypeError('Load failed')],
    ['network', new TypeError('fetch failed')],
    ['network', new DOMException('x', 'NetworkError')],
    ['network', new DOMException('x', 'AbortError')],
    ['timeout', new DOMException('x', 'TimeoutError')],
    ['context-length', new DOMException('x', 'QuotaExceededError')],
    ['unsupported-capability', new DOMException('x', 'NotSupportedError')],
    ['context-length', Object.assign(new Error('x'), { name: 'ContextWindowSizeExceededError' })],
    ['invalid-response', new TypeError("Cannot read properties of undefined (reading 'fetch')")],
    ['invalid-response', new SyntaxError('Unexpected token <')],
    ['invalid-response', new Error('API key timeout')],
    ['invalid-response', 'text'],
    ['invalid-response', null],
    ['invalid-response', undefined],
    ['invalid-response', 42],
    ['invalid-response', Symbol('x')],
    ['invalid-response', () => 1],
    ['invalid-response', { error: { code: 'insufficient_quota' } }],
  ])('is %s: %s', (kind, thrown) => {
    expect(classify(thrown, context).kind).toBe(kind)
  })
})

describe('hostile input', () => {
  const bomb = new Proxy(
    {},
    {
      get: () => {
        throw new Error('get')
      },
      ownKeys: () => {
        throw new Error('keys')
      },
      getPrototypeOf: () => {
        throw new Error('prototype')
      },
    },
  )
  const endless: object = new Proxy(
    {},
    {
      get: () => endless,
      ownKeys: () => ['error'],
      getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
    },
  )
  const cycle: Record<string, unknown> = { message: 'x' }
  cycle['error'] = cycle
  cycle['details'] = [cycle, cycle]

  test.each([
    ['a proxy that throws', bomb],
    ['a proxy without end', endless],
    ['a cycle', cycle],
    [
      'a getter that throws',
      Object.defineProperty({}, 'error', { enumerable: true, get: () => bomb.constructor }),
    ],
    ['a symbol', { error: Symbol('x'), code: Symbol('y') }],
    ['a big integer', { code: 10n }],
    ['a huge array', { error: Array.from({ length: 100_000 }, () => ({ error: 'x' })) }],
  ])('%s gets an answer, thrown or in an event', (_, value) => {
    expect(KINDS).toContain(event(value).kind)
    expect(KINDS).toContain(classify(value, context).kind)
  })

  const deep = '{"error":'.repeat(6000) + '1' + '}'.repeat(6000)
  const wide = `{${Array.from({ length: 6000 }, (_, at) => `"k${at}":1`).join()}}`
  test.each([
    ...[
      'a',
      '{',
      '[',
      ']}',
      '{"error":',
      'model ',
      'exceed ',
      'too many ',
      'https:',
      ' ',
      '-',
      '1',
      'again in 1',
      'again in 1m',
      '\n ',
      '\\"',
      '<',
    ].map((unit) => fill(unit)),
    deep,
    wide,
    '['.repeat(32_768) + ']'.repeat(32_768),
    JSON.stringify(saying(fill('model '))),
    JSON.stringify({ code: fill('model'), type: fill('exceed'), request_id: fill('a') }),
    JSON.stringify({ error: Array.from({ length: 900 }, () => ({ code: 'x', message: 'model' })) }),
  ])('64 KiB are read in a moment: %.20s', (body) => {
    const times = Array.from({ length: 9 }, () => {
      const start = performance.now()
      status(400, body, { 'retry-after': body })
      event(body)
      return performance.now() - start
    })
    // Two readings, and a busy machine: alone, each is under 1 ms.
    expect(Math.min(...times)).toBeLessThan(4)
  })

  test('whatever is thrown gets a whole failure, and none of its words', () => {
    const evidence = fc.oneof(
      fc.record({
        from: fc.constant('status' as const),
        status: fc.integer({ min: 0, max: 999 }),
        headers: fc.dictionary(fc.string(), fc.string()),
        body: fc.oneof(fc.string(), fc.json()),
      }),
      fc.record({ from: fc.constant('event' as const), error: fc.anything() }),
    )
    fc.assert(
      fc.property(evidence, (one) => {
        const failure = of(one)
        expect(KINDS).toContain(failure.kind)
        expect(failure.message).toBe(SENTENCES[failure.kind])
        expect(failure.class).toBe(classOf(failure.kind))
        expect(failure.code ?? 'rate_limit').toMatch(/^[a-z_]+$/)
        expect(failure.retryAfterMs ?? 0).toBeGreaterThanOrEqual(0)
        expect(failure.retryAfterMs ?? 0).toBeLessThanOrEqual(86_400_000)
      }),
    )
    fc.assert(fc.property(fc.anything(), (one) => KINDS.includes(classify(one, context).kind)))
  })
})

interface Item {
  readonly file: string
  readonly kind: string
  readonly debatable?: boolean
  readonly expected: {
    readonly failure_class: string
    readonly alternatives?: readonly string[]
    readonly retry_after_ms?: number
  }
}

describe('recorded traffic', () => {
  const wire = fileURLToPath(new URL('../../../../shared/wire/', import.meta.url))
  const has = existsSync(`${wire}manifest.jsonl`)
  // Answers that a wire's decoder judges: a refusal in the model's own words, and no content at all.
  const DECODED = ['openai-200-model-refusal', 'vertex-200-candidate-empty-content']
  const items = has
    ? readFileSync(`${wire}manifest.jsonl`, 'utf8')
        .trim()
        .split('\n')
        .map((line): Item => JSON.parse(line))
        .filter((item) => item.kind === 'error')
        .filter((item) => !DECODED.some((name) => item.file.includes(name)))
    : []

  test.skipIf(!has)('is there to be read (skipped without ../shared/wire)', () => {
    expect(items.length).toBeGreaterThan(150)
  })

  test.each(items)('$file is $expected.failure_class', ({ file, debatable, expected }) => {
    const recorded: { status: number; headers: Record<string, string>; body: string } = JSON.parse(
      readFileSync(`${wire}${file}`, 'utf8'),
    )
    const { body } = recorded
    const headers = Object.fromEntries(
      Object.entries(recorded.headers).map(([name, value]) => [name.toLowerCase(), value]),
    )
    const failure = recorded.status === 200 ? event(body) : status(recorded.status, body, headers)
    const allowed = [expected.failure_class, ...(debatable ? (expected.alternatives ?? []) : [])]
    expect(allowed.map((name) => name.replaceAll('_', '-'))).toContain(failure.kind)
    expect(failure.retryAfterMs).toBe(expected.retry_after_ms)
  })
})
