import { LLMock } from '@copilotkit/aimock'
import {
  anthropic,
  gemini,
  openai,
  openaiResponses,
  type OutputSchema,
  type Route,
  type Run,
} from '@rungs/core'

/** The one key that the mock takes, in whichever header a protocol has for it. */
export const KEY = 'sk-foreign'

/**
 * Someone else's idea of four providers: real HTTP on loopback, an answer for what a test says and for
 * nothing else, every key checked. What it understood of a request is in its journal, in the shape of Chat
 * Completions whatever came in.
 */
export async function startMock(): Promise<LLMock> {
  const mock = new LLMock({ port: 0, strict: true, chunkSize: 7, auth: { apiKeys: [KEY] } })
  await mock.start()
  return mock
}

/** Stop, without waiting for connections that the client may keep for some seconds more. */
export function stopMock(mock: LLMock): void {
  void mock.stop()
}

/** A route of each wire, told apart by their models. */
export const MODELS = {
  chat: 'gpt-5-mini',
  responses: 'gpt-5.5',
  claude: 'claude-sonnet-4-5',
  gemini: 'gemini-2.5-flash',
} as const
export type WireName = keyof typeof MODELS
export const WIRES: readonly WireName[] = ['chat', 'responses', 'claude', 'gemini']

export function routesTo(url: string, apiKey: string = KEY): Readonly<Record<WireName, Route>> {
  return {
    chat: openai({ provider: 'chat', model: MODELS.chat, apiKey, baseUrl: `${url}/v1` }),
    responses: openaiResponses({
      provider: 'responses',
      model: MODELS.responses,
      apiKey,
      baseUrl: `${url}/v1`,
    }),
    claude: anthropic({ provider: 'claude', model: MODELS.claude, apiKey, baseUrl: `${url}/v1` }),
    gemini: gemini({ provider: 'gemini', model: MODELS.gemini, apiKey, baseUrl: `${url}/v1beta` }),
  }
}

/** What the mock understood of the requests that came, in their order. */
export interface Understood {
  readonly path: string
  readonly status: number
  readonly model: unknown
  readonly system: string
  readonly user: string
  readonly tools: readonly string[]
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: unknown }[]
  readonly results: readonly { readonly id: string; readonly content: string }[]
}
interface Told {
  readonly role: string
  readonly content: unknown
  readonly tool_call_id?: string
  readonly tool_calls?: readonly {
    readonly id: string
    readonly function: { readonly name: string; readonly arguments: string }
  }[]
}

export function understoodBy(mock: LLMock): Understood[] {
  return mock.getRequests().map(({ path, body, response }): Understood => {
    const {
      model,
      messages = [],
      tools = [],
    } = (body ?? {}) as {
      model?: unknown
      messages?: readonly Told[]
      tools?: readonly { readonly function: { readonly name: string } }[]
    }
    const said = (role: string): string =>
      messages.flatMap((one) => (one.role === role ? [textOf(one.content)] : [])).join('\n')
    return {
      path,
      status: response.status,
      model,
      system: said('system'),
      user: said('user'),
      tools: tools.map((tool) => tool.function.name),
      calls: messages.flatMap(({ tool_calls: calls = [] }) =>
        calls.map(({ id, function: { name, arguments: input } }) => ({
          id,
          name,
          input: JSON.parse(input),
        })),
      ),
      results: messages.flatMap(({ role, tool_call_id: id = '', content }) =>
        role === 'tool' ? [{ id, content: textOf(content) }] : [],
      ),
    }
  })
}

function textOf(content: unknown): string {
  return typeof content === 'string' ? content : JSON.stringify(content)
}

/** A run as a transcript. How an answer is cut into reads is the machine's business, so texts are whole. */
export async function transcriptOf(run: Run): Promise<string[]> {
  const lines: string[] = []
  let text = ''
  function speak(): void {
    if (text !== '') lines.push(JSON.stringify(text))
    text = ''
  }
  let kind = ''
  for await (const event of run) {
    if (event.type === 'content') text += event.text
    else if (event.type === 'tool-call') {
      speak()
      lines.push(`call ${event.call.name} ${JSON.stringify(event.call.input)}`)
    } else if (event.type === 'attempt-started') lines.push(`try ${event.route}`)
    else if (event.type === 'attempt-failed') {
      speak()
      kind = event.failure.kind
    } else if (event.type === 'moved') {
      const { move } = event
      lines.push(`${kind} -> ${'route' in move ? move.route : move.to}`)
    } else if (event.type === 'settled') {
      speak()
      lines.push(event.outcome.status)
    }
  }
  return lines
}

/** A `fetch` that keeps what it sends. */
export function recordingFetch(): {
  readonly fetch: typeof fetch
  readonly sent: { readonly url: string; readonly body: string }[]
} {
  const sent: { url: string; body: string }[] = []
  return {
    sent,
    async fetch(input, init) {
      const request = new Request(input, init)
      sent.push({ url: request.url, body: await request.clone().text() })
      return fetch(request)
    },
  }
}

/** A schema that takes what the check takes, and says so as JSON Schema. */
export function schemaOf<Output>(
  isRight: (value: unknown) => value is Output,
  jsonSchema: object,
): OutputSchema<Output> {
  return {
    schema: {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value) => (isRight(value) ? { value } : { issues: [{ message: 'wrong' }] }),
      },
    },
    jsonSchema,
  }
}

export interface Place {
  readonly city: string
}
function isPlace(value: unknown): value is Place {
  return typeof value === 'object' && value !== null && 'city' in value && value.city !== ''
}
const place: OutputSchema<Place> = schemaOf(isPlace, {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
})
export const weather: { readonly description: string; readonly input: OutputSchema<Place> } = {
  description: 'The weather in a city.',
  input: place,
}
