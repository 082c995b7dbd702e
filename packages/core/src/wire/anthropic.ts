import type { Message, Part } from '../words/message.ts'
import type { KeyedRouteOptions, Route } from '../words/route.ts'
import type { WireRequest } from '../words/wire.ts'
import { closeSchema } from './closedSchema.ts'
import { ANSWER, decode } from './anthropicStream.ts'
import { asText, isRecord } from './json.ts'
import { createKeyedRoute } from './keyed.ts'
import { read } from './remote.ts'
import { jsonSchemaOf } from './schema.ts'

/** Sent with a key and without. The later version, 2026-10-21, refuses every temperature. */
const HEADERS = {
  'anthropic-version': '2023-06-01',
  // Without it Anthropic answers no browser.
  'anthropic-dangerous-direct-browser-access': 'true',
}

/**
 * A route to Anthropic's Messages API, or to any host that speaks it (`baseUrl`, up to and with `/v1`).
 * Without `maxOutputTokens` it asks for as much as the model's generation surely takes, for the API wants
 * a number: 64,000 tokens from Claude 4.5 on. Reasoning becomes adaptive thinking from Claude 4.6 on, and
 * a budget that leaves room for the answer before that and on other hosts. Structured output becomes the
 * API's own where the model and the schema allow it, else a forced tool whose input is told as text.
 * Format: https://platform.claude.com/docs/en/api/messages
 *
 * @example
 * anthropic({ model: 'claude-sonnet-4-6', apiKey: () => session.anthropicKey, quality: 0.9 })
 */
export function anthropic(options: KeyedRouteOptions): Route {
  const headers = async (): Promise<Readonly<Record<string, string>>> => ({
    ...HEADERS,
    ...(await read(options.headers)),
  })
  return createKeyedRoute(
    { ...options, headers },
    {
      protocol: 'anthropic',
      baseUrl: 'https://api.anthropic.com/v1',
      abilities: ['text', 'image', 'tools', 'json', 'reasoning'],
      path: () => 'messages',
      authorize: (key) => ({ 'x-api-key': key }),
      encode,
      decode,
    },
  )
}

/** What of the output may be thought: https://openrouter.ai/docs/use-cases/reasoning-tokens */
const SHARES = { low: 0.2, medium: 0.5, high: 0.8 }
/** The least budget that the API takes. */
const LEAST_BUDGET = 1024

function encode(request: WireRequest, { model }: KeyedRouteOptions): object {
  const { output, reasoning, temperature } = request
  const generation = generationOf(model)
  const maxTokens = request.maxOutputTokens ?? maxTokensOf(generation)
  const { turns, system } = encodeMessages(request.messages)

  const jsonSchema: { readonly type?: unknown } | undefined = output && jsonSchemaOf(output)
  // Later models refuse to be forced, and a tool's input is an object.
  const canForce = generation <= 5 && (!jsonSchema || jsonSchema.type === 'object')
  const closed = jsonSchema && generation >= 4.5 ? closeSchema(jsonSchema) : undefined
  const schema = closed?.isWhole || !canForce ? closed?.schema : undefined
  const isForced = output && !schema && canForce

  // A forced tool leaves no room for a thought.
  const thinking = isForced ? undefined : thinkingFor(generation, reasoning, maxTokens, turns)
  // Models that cannot but think do the least of it.
  const least = generation < 5 ? undefined : 'low'
  const effort = generation < 4.6 ? undefined : reasoning === 'none' ? least : reasoning
  const tools = Object.entries({
    ...request.tools,
    ...(isForced && { [ANSWER]: { description: 'The answer.', input: output } }),
  }).map(([name, { description, input }]) => ({
    name,
    description,
    input_schema: jsonSchemaOf(input) ?? { type: 'object' },
    // Else a long text in an input comes at once, after a silence that looks like a stall.
    eager_input_streaming: generation >= 4.5 || undefined,
  }))
  return {
    model,
    max_tokens: maxTokens,
    stream: true,
    system:
      [request.system, ...system, output && !schema && !isForced && 'Answer in JSON.']
        .filter(Boolean)
        .join('\n\n') || undefined,
    messages: turns,
    // Other providers go up to 2; thinking and later models take none.
    temperature:
      temperature === undefined || thinking || generation >= 4.7
        ? undefined
        : Math.min(temperature, 1),
    thinking,
    output_config:
      schema || effort ? { effort, format: schema && { type: 'json_schema', schema } } : undefined,
    tools: tools[0] && tools,
    tool_choice: isForced ? { type: 'any', disable_parallel_tool_use: true } : undefined,
  }
}

/** 4.6 for `claude-opus-4-6`, the newest for a Claude without a number, 0 for models of other makers. */
function generationOf(model: string): number {
  const found = /claude-(?:(?:[a-z]+-)?(\d)(?:[-.](\d\d?))?(?!\d))?/.exec(model)
  if (!found) return 0
  const [, major = 'Infinity', minor = 0] = found
  return Number.parseFloat(`${major}.${minor}`)
}

/**
 * What every model of a generation takes, with room for a long prompt where the API adds the two up:
 * https://platform.claude.com/docs/en/about-claude/models/overview
 */
function maxTokensOf(generation: number): number {
  if (generation >= 4.5) return 64_000
  if (generation >= 3.7) return 32_000
  return generation >= 3.5 || generation === 0 ? 8192 : 4096
}

/** Which models take what: https://platform.claude.com/docs/en/build-with-claude/thinking */
function thinkingFor(
  generation: number,
  reasoning: WireRequest['reasoning'],
  maxTokens: number,
  turns: readonly Turn[],
): object | undefined {
  const asked = reasoning === 'none' ? undefined : reasoning
  // The latest think unasked, but show it only where asked: silence would look like a stall.
  if (generation >= (asked ? 4.6 : 5)) return { type: 'adaptive', display: 'summarized' }
  if (!asked || (generation > 0 && generation < 3.7)) return undefined
  const budget = Math.max(LEAST_BUDGET, Math.floor(maxTokens * SHARES[asked]))
  if (budget > maxTokens * SHARES.high) return undefined
  // With a budget, a turn that goes on after a tool must have begun with a thought.
  const [before, last] = turns.slice(-2)
  return last?.content[0]?.type === 'tool_result' && !isThought(before?.content[0])
    ? undefined
    : { type: 'enabled', budget_tokens: budget }
}

interface Block {
  readonly type: string
  readonly [field: string]: unknown
}
interface Turn {
  readonly role: string
  readonly content: Block[]
}

/** Turns that alternate, what tools gave first in them, and the system's texts. Ids get the API's pattern, each once. */
function encodeMessages(messages: readonly Message[]): { turns: Turn[]; system: string[] } {
  const ids = new Map<string, string>()
  const taken = new Set<string>()
  const turns: Turn[] = []
  const system: string[] = []

  function rename(id: string): string {
    const plain = id.replace(/[^\w-]/g, '_') || '_'
    let unique = plain
    while (taken.has(unique)) unique = `${plain}_${taken.size}`
    taken.add(unique)
    ids.set(id, unique)
    return unique
  }
  function add(role: string, block: Block): void {
    const last = turns.at(-1)
    if (last?.role === role) last.content.push(block)
    else turns.push({ role, content: [block] })
  }
  function addPart(part: Part, role: string): void {
    switch (part.type) {
      case 'text':
        // Blank text is refused.
        if (role === 'system') system.push(part.text)
        else if (part.text.trim()) add(role, { type: 'text', text: part.text })
        return
      case 'image':
        if (role === 'user') add(role, { type: 'image', source: sourceOf(part) })
        return
      case 'reasoning':
        if (isThought(part.opaque)) add('assistant', part.opaque)
        return
      case 'tool-call': {
        const { name, input } = part
        add('assistant', {
          type: 'tool_use',
          id: rename(part.id),
          name,
          input: isRecord(input) ? input : {},
        })
        return
      }
      case 'tool-result':
        add('user', {
          type: 'tool_result',
          tool_use_id: ids.get(part.id) ?? rename(part.id),
          content: asText(part.output),
          is_error: part.isError,
        })
        return
      default:
        part satisfies never
    }
  }

  for (const { role, content } of messages) {
    const parts: readonly Part[] =
      typeof content === 'string' ? [{ type: 'text', text: content }] : content
    for (const part of parts) addPart(part, role === 'tool' ? 'user' : role)
  }
  for (const { content } of turns) {
    content.sort(
      (one, other) => Number(other.type === 'tool_result') - Number(one.type === 'tool_result'),
    )
  }
  return { turns, system }
}

function sourceOf({ data, mediaType }: Extract<Part, { type: 'image' }>): object {
  return data instanceof URL
    ? { type: 'url', url: data.href }
    : { type: 'base64', media_type: mediaType, data }
}

/** Whether it is what `decode` told as opaque: a block of the API's own, sent back as it came. */
function isThought(value: unknown): value is Block {
  return isRecord(value) && /^(?:redacted_)?thinking$/.test(String(value['type']))
}
