import {
  createLLM,
  openai,
  type Outcome,
  type OutputSchema,
  type Route,
  type Tool,
} from '@rungs/core'
import { describe, expect, test } from 'vitest'
import { pour, serve, sse } from './loopback.ts'

// What looks like a success, a 200 with a stream, and is none. A second route shows what was made of it.

const schemaOf = (isGood: (value: unknown) => boolean): OutputSchema => ({
  '~standard': {
    version: 1,
    vendor: 'test',
    // As Valibot does, the value that is refused comes beside the issues.
    validate: (value) => (isGood(value) ? { value } : { value, issues: [{ message: 'no' }] }),
  },
})
const hasCity = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'city' in value
const tools: Record<string, Tool> = { look: { description: 'Look.', input: schemaOf(hasCity) } }

function piece(delta: object, finish: string | null = null): object {
  return { choices: [{ index: 0, delta, finish_reason: finish }] }
}
const says = (content: string, finish: string | null = null): object => piece({ content }, finish)
const calls = (name: string, args: string): object =>
  piece({ tool_calls: [{ index: 0, id: 'c', function: { name, arguments: args } }] }, 'tool_calls')

function route(origin: string, provider: string): Route {
  return openai({ model: 'm', apiKey: 'k', baseUrl: `${origin}/v1`, provider })
}

/** What the first route's answer, a 200 with this body, comes to. */
async function hear(
  body: string | readonly string[],
  request: { readonly tools?: typeof tools; readonly output?: OutputSchema } = {},
  type = 'text/event-stream',
): Promise<Outcome> {
  const first = await serve((response) => {
    response.writeHead(200, { 'content-type': type })
    void pour(response, typeof body === 'string' ? [body] : body)
  })
  const second = await serve((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    void pour(response, [sse(says('{"city":"Bern"}', 'stop'), '[DONE]')])
  })
  const llm = createLLM({
    routes: { first: route(first.origin, 'a'), second: route(second.origin, 'b') },
    workloads: { chat: { ladder: ['first', 'second'] } },
  })
  return llm.run({ workload: 'chat', prompt: 'Where?', ...request }).outcome
}

describe('a 200', () => {
  test.each<[string, string, string | readonly string[], string?]>([
    ['with no text and no call', 'invalid-response', sse(piece({}, 'stop'), '[DONE]')],
    ['with nothing but its end', 'invalid-response', sse('[DONE]')],
    ['with an empty body', 'invalid-response', ''],
    ['that ends without its end', 'truncated', sse(says('half'))],
    ['that breaks after some text', 'outage', sse(says('half'), { error: { code: 503 } })],
    ['that only thinks', 'invalid-response', sse(piece({ reasoning_content: 'hm' }, 'stop'))],
    ['that is a page', 'invalid-response', '<!doctype html><p>Log in', 'text/html'],
    ['that is a document', 'invalid-response', '{"choices":[]}', 'application/json'],
    ['that is an error', 'quota-exhausted', '{"error":{"code":"insufficient_quota"}}'],
    ['that is blank for ever', 'invalid-response', sse(...Array(50).fill(says(' \n'.repeat(100))))],
  ])('%s is no answer', async (_, kind, body, type) => {
    const { attempts, status, text } = await hear(body, {}, type)
    expect({ status, text }).toEqual({ status: 'completed', text: '{"city":"Bern"}' })
    expect(attempts[0]?.failure?.kind).toBe(kind)
  })

  test.each([
    ['that is no JSON', sse(says('It is in Bern.', 'stop'), '[DONE]')],
    ['that the schema refuses', sse(says('{"town":"Bern"}', 'stop'), '[DONE]')],
    ['that the output limit cut', sse(says('{"city":"Be', 'length'), '[DONE]')],
  ])('with a structured answer %s is no answer', async (_, body) => {
    const { attempts, object, route: by } = await hear(body, { output: schemaOf(hasCity) })
    expect(attempts[0]?.failure?.kind).toBe('invalid-response')
    expect({ object, by }).toEqual({ object: { city: 'Bern' }, by: 'second' })
  })

  test.each([
    ['whose input is no JSON', calls('look', '{"city":')],
    ['of a tool that there is not', calls('leap', '{"city":"Bern"}')],
    ['of a tool named like what objects inherit', calls('constructor', '{"city":"Bern"}')],
    ['whose input the tool does not take', calls('look', '{"town":"Bern"}')],
  ])('with a call %s is no answer', async (_, body) => {
    const { attempts, route: by } = await hear(sse(body, '[DONE]'), { tools })
    expect(attempts[0]?.failure?.kind).toBe('invalid-response')
    expect(by).toBe('second')
  })

  test('with a call of a tool that takes it is one', async () => {
    const outcome = await hear(sse(calls('look', '{"city":"Bern"}'), '[DONE]'), { tools })
    expect(outcome).toMatchObject({ status: 'completed', finish: 'tool-calls', route: 'first' })
  })

  test('whose prompt was filtered is none, and is put to nobody else', async () => {
    const { attempts, status } = await hear(sse(piece({}, 'content_filter')))
    expect(status).toBe('failed')
    expect(attempts.map(({ failure }) => failure?.kind)).toEqual(['blocked-content'])
  })

  test('with a refusal is one, and says so', async () => {
    const body = sse(piece({ refusal: 'I will not.' }, 'stop'), '[DONE]')
    expect(await hear(body)).toMatchObject({
      status: 'completed',
      finish: 'refused',
      text: 'I will not.',
      route: 'first',
    })
  })

  test('that is filtered after some text is one, and says so', async () => {
    const body = sse(says('Half of'), piece({}, 'content_filter'), '[DONE]')
    expect(await hear(body)).toMatchObject({
      status: 'completed',
      finish: 'filtered',
      text: 'Half of',
    })
  })

  test('with long text that repeats itself is one: tables do', async () => {
    const lines = Array.from({ length: 400 }, () => says('| 0 | 0 | 0 | 0 | 0 | 0 | 0 |\n'))
    const outcome = await hear(sse(...lines, piece({}, 'stop'), '[DONE]'))
    expect(outcome).toMatchObject({ status: 'completed', route: 'first' })
  })
})
