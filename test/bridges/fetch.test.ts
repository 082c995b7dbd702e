import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import Anthropic, { APIError as AnthropicError } from '@anthropic-ai/sdk'
import { generateText, Output, stepCountIs, streamText, tool } from 'ai'
import OpenAI, { APIUserAbortError, RateLimitError } from 'openai'
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod'
import { ladderFetch } from '@rungs/core/fetch'
import { CUT, HANG, scripted } from '@rungs/core/testing'
import { z } from 'zod'
import { describe, expect, test, vi } from 'vitest'
import { ladder, type Ladder } from './ladder.ts'

const SECRET = 'sk-secret-of-the-user'
const usage = { inputTokens: 30, outputTokens: 12, cachedTokens: 10, reasoningTokens: 5 }
const plain = scripted({}, [{ reasoning: 'Hm.' }, 'Hello', ' there.', { usage }])
const down = scripted({ provider: 'down' }, [{ reasoning: 'Lost.' }, { status: 503 }])
const cut = scripted({ provider: 'cut' }, ['The capital is', CUT])
const limited = scripted({ provider: 'limited' }, [
  { status: 429, headers: { 'retry-after': '7' }, body: '{}' },
])
const spare = scripted({ provider: 'spare' }, ['From the spare.'])
const city = z.object({ city: z.string() })

const openaiOf = (llm: Ladder): OpenAI =>
  new OpenAI({
    apiKey: SECRET,
    maxRetries: 0,
    baseURL: 'https://example.com/v1',
    fetch: ladderFetch(llm, { workload: 'chat' }),
  })
const anthropicOf = (llm: Ladder): Anthropic =>
  new Anthropic({
    apiKey: SECRET,
    maxRetries: 0,
    fetch: ladderFetch(llm, { workload: 'chat' }),
  })
/** Without a safe answer. */
const bare = (routes: Parameters<typeof ladder>[0]): Ladder => ladder(routes, { safe: undefined })

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = []
  for await (const item of items) list.push(item)
  return list
}
/** What is thrown, and what came before it. */
async function broken<Item>(items: AsyncIterable<Item>): Promise<[Item[], unknown]> {
  const list: Item[] = []
  try {
    for await (const item of items) list.push(item)
    return [list, null]
  } catch (error) {
    return [list, error]
  }
}

describe('the OpenAI SDK, chat completions', () => {
  const messages = [{ role: 'user', content: 'Hi' }] as const
  const ask = { model: 'gpt-5', messages: [...messages] }

  test('a plain answer, whole', async () => {
    const { data, response } = await openaiOf(ladder({ down, plain }))
      .chat.completions.create(ask)
      .withResponse()
    expect(data).toMatchObject({
      object: 'chat.completion',
      model: 'plain',
      choices: [{ message: { role: 'assistant', content: 'Hello there.' }, finish_reason: 'stop' }],
      usage: {
        prompt_tokens: 30,
        completion_tokens: 12,
        total_tokens: 42,
        prompt_tokens_details: { cached_tokens: 10 },
        completion_tokens_details: { reasoning_tokens: 5 },
      },
    })
    expect(response.headers.get('x-rungs-route')).toBe('plain')
    expect(response.headers.get('x-rungs-degraded')).toBe('down; cause=outage')
  })

  test('a plain answer after a fallback, as a stream', async () => {
    const stream = openaiOf(ladder({ down, plain })).chat.completions.stream({
      ...ask,
      stream_options: { include_usage: true },
    })
    expect(await stream.finalContent()).toBe('Hello there.')
    const { choices, model } = await stream.finalChatCompletion()
    expect(choices[0]?.finish_reason).toBe('stop')
    expect(model).toBe('plain')
    expect(await stream.totalUsage()).toMatchObject({ prompt_tokens: 30 })
  })

  test('a cut answer ends in an error behind what was shown, and nothing follows it', async () => {
    const stream = await openaiOf(
      ladder({ cut, spare }, { recovery: 'restart' }),
    ).chat.completions.create({ ...ask, stream: true })
    const [chunks, error] = await broken(stream)
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(
      'The capital is',
    )
    expect(error).toMatchObject({
      code: 'truncated',
      message: 'The answer was cut off; try again.',
    })
  })

  test('a cut answer that nobody has seen is replaced where the workload says so', async () => {
    const { choices } = await openaiOf(
      ladder({ cut, spare }, { recovery: 'restart' }),
    ).chat.completions.create(ask)
    expect(choices[0]?.message.content).toBe('From the spare.')
  })

  test('a cut answer that is kept says that it is not whole', async () => {
    const { choices } = await openaiOf(
      ladder({ cut }, { recovery: 'keep' }),
    ).chat.completions.create(ask)
    expect(choices[0]).toMatchObject({
      message: { content: 'The capital is' },
      finish_reason: 'length',
    })
  })

  test.each([true, false])(
    'no answer is an error with an honest status (stream: %s)',
    async (stream) => {
      const asked = openaiOf(bare({ limited })).chat.completions.create({ ...ask, stream })
      const error = await asked.then(
        () => null,
        (thrown: unknown) => thrown,
      )
      expect(error).toBeInstanceOf(RateLimitError)
      expect(error).toMatchObject({ status: 429, code: 'rate-limit' })
      if (!(error instanceof RateLimitError)) throw error
      expect(error.headers.get('retry-after')).toBe('7')
      expect(error.headers.get('x-should-retry')).toBe('false')
    },
  )

  test('retries that are left on are told not to', async () => {
    const answer = vi.fn<typeof fetch>(ladderFetch(bare({ limited }), { workload: 'chat' }))
    const client = new OpenAI({ apiKey: SECRET, fetch: answer })
    await expect(client.chat.completions.create(ask)).rejects.toThrow('429')
    expect(answer).toHaveBeenCalledTimes(1)
  })

  const weather = {
    type: 'function' as const,
    function: {
      name: 'weather',
      description: 'The weather.',
      parameters: { type: 'object', properties: { city: { type: 'string' } } },
      parse: (text: string) => city.parse(JSON.parse(text)),
      function: (given: { city: string }) => `snow in ${given.city}`,
    },
  }
  test.each([true, false])(
    'a tool is called and its result goes to the route (stream: %s)',
    async (isStream) => {
      const asked: (readonly unknown[])[] = []
      const client = openaiOf(
        ladder({
          ours: scripted(
            { onRequest: ({ messages: sent }) => asked.push(sent) },
            ['Let me see.', { call: { name: 'weather', input: { city: 'Oslo' }, id: 'call-1' } }],
            ['It snows.'],
          ),
        }),
      )
      const runner = isStream
        ? client.chat.completions.runTools({ ...ask, stream: true, tools: [weather] })
        : client.chat.completions.runTools({ ...ask, tools: [weather] })
      expect(await runner.finalContent()).toBe('It snows.')
      expect(asked[1]).toEqual([
        { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Let me see.' },
            { type: 'tool-call', id: 'call-1', name: 'weather', input: { city: 'Oslo' } },
          ],
        },
        {
          role: 'tool',
          content: [{ type: 'tool-result', id: 'call-1', name: 'weather', output: 'snow in Oslo' }],
        },
      ])
    },
  )
  test('structured output parses, and one that is no JSON goes to the next route', async () => {
    const client = openaiOf(
      ladder({ chatty: scripted({}, ['Sure! Oslo']), json: scripted({}, ['{"city":"Oslo"}']) }),
    )
    const { choices, model } = await client.chat.completions.parse({
      ...ask,
      response_format: zodResponseFormat(city, 'city'),
    })
    expect(choices[0]?.message.parsed).toEqual({ city: 'Oslo' })
    expect(model).toBe('json')
  })

  test('a tool that has to be called is, by a route that gives structured output', async () => {
    const { choices } = await openaiOf(
      ladder({ json: scripted({}, ['{"city":"Oslo"}']) }),
    ).chat.completions.create({
      ...ask,
      tools: [
        { type: 'function', function: { name: 'weather', parameters: z.toJSONSchema(city) } },
      ],
      tool_choice: { type: 'function', function: { name: 'weather' } },
    })
    expect(choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        content: null,
        tool_calls: [{ function: { name: 'weather', arguments: '{"city":"Oslo"}' } }],
      },
    })
  })

  test('stopping the stream stops the run', async () => {
    const llm = ladder({ ours: scripted({}, ['Once upon', HANG]) })
    const ended: unknown[] = []
    llm.subscribe((event) => {
      if (event.type === 'settled') ended.push(event.outcome.status)
    })
    const stream = await openaiOf(llm).chat.completions.create({ ...ask, stream: true })
    for await (const { choices } of stream) if (choices[0]?.delta.content) break
    await vi.waitFor(() => {
      expect(ended).toEqual(['stopped'])
    })
    const aborter = new AbortController()
    const asked = openaiOf(ladder({ ours: scripted({}, [HANG]) })).chat.completions.create(ask, {
      signal: aborter.signal,
    })
    setTimeout(() => {
      aborter.abort()
    }, 10)
    await expect(asked).rejects.toBeInstanceOf(APIUserAbortError)
  })

  test('what a ladder cannot promise is refused by name, not left out', async () => {
    const client = openaiOf(ladder({ plain }))
    const refused: Partial<typeof ask & OpenAI.ChatCompletionCreateParams>[] = [
      { n: 2 },
      { stop: '.' },
      { logprobs: true },
    ]
    for (const more of refused) {
      await expect(
        client.chat.completions.create({ ...ask, ...more, stream: false }),
      ).rejects.toMatchObject({
        status: 400,
        param: Object.keys(more)[0],
      })
    }
    await expect(client.embeddings.create({ model: 'e', input: 'x' })).rejects.toThrow('Connection')
  })
})

describe('the OpenAI SDK, responses', () => {
  const ask = { model: 'gpt-5', input: 'Hi', instructions: 'Be kind.' }

  test('a plain answer, whole and as a stream', async () => {
    const client = openaiOf(ladder({ down, plain }))
    const answer = await client.responses.create(ask)
    expect(answer).toMatchObject({
      status: 'completed',
      model: 'plain',
      output_text: 'Hello there.',
      usage: { input_tokens: 30, output_tokens: 12, total_tokens: 42 },
    })
    const stream = client.responses.stream(ask)
    const types = (await all(stream)).map(({ type }) => type)
    expect(types[0]).toBe('response.created')
    expect(types.at(-1)).toBe('response.completed')
    const final = await stream.finalResponse()
    expect(final.output_text).toBe('Hello there.')
    expect(final.output.map(({ type }) => type)).toEqual(['reasoning', 'message'])
  })

  test('a cut answer ends in an error behind what was shown', async () => {
    const stream = await openaiOf(ladder({ cut, spare }, { recovery: 'restart' })).responses.create(
      {
        ...ask,
        stream: true,
      },
    )
    const [events, error] = await broken(stream)
    const text = events.map((event) =>
      event.type === 'response.output_text.delta' ? event.delta : '',
    )
    expect(text.join('')).toBe('The capital is')
    expect(error).toMatchObject({ code: 'truncated' })
  })

  test('no answer is an error with an honest status', async () => {
    await expect(openaiOf(bare({ limited })).responses.create(ask)).rejects.toMatchObject({
      status: 429,
      code: 'rate-limit',
    })
  })

  test('tools, their results and structured output', async () => {
    const asked: (readonly unknown[])[] = []
    const client = openaiOf(
      ladder({
        ours: scripted(
          { onRequest: ({ messages }) => asked.push(messages) },
          ['Let me see.', { call: { name: 'weather', input: { city: 'Oslo' }, id: 'call-1' } }],
          ['{"city":"Oslo"}'],
        ),
      }),
    )
    const parameters = z.toJSONSchema(city)
    const tools = [{ type: 'function', name: 'weather', parameters, strict: true } as const]
    const stream = client.responses.stream({ ...ask, tools })
    const { output } = await stream.finalResponse()
    expect(output[1]).toMatchObject({
      type: 'function_call',
      call_id: 'call-1',
      name: 'weather',
      arguments: '{"city":"Oslo"}',
    })
    const parsed = await client.responses.parse({
      model: 'gpt-5',
      input: [
        { role: 'user', content: 'Hi' },
        ...output.flatMap((item) =>
          'id' in item ? [{ type: 'item_reference', id: item.id ?? '' } as const] : [],
        ),
        { type: 'function_call_output', call_id: 'call-1', output: 'snow' },
      ],
      text: { format: zodTextFormat(city, 'city') },
    })
    expect(parsed.output_parsed).toEqual({ city: 'Oslo' })
    expect(asked[1]).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Let me see.' },
          { type: 'tool-call', id: 'call-1', name: 'weather', input: { city: 'Oslo' } },
        ],
      },
      {
        role: 'tool',
        content: [{ type: 'tool-result', id: 'call-1', name: 'weather', output: 'snow' }],
      },
    ])
    await expect(
      client.responses.create({ ...ask, previous_response_id: 'resp_1' }),
    ).rejects.toMatchObject({ status: 400, param: 'previous_response_id' })
  })
})

describe('the Anthropic SDK', () => {
  const ask = {
    model: 'claude',
    max_tokens: 100,
    system: 'Be kind.',
    messages: [{ role: 'user' as const, content: 'Hi' }],
  }

  test('a plain answer, whole and as a stream', async () => {
    const client = anthropicOf(ladder({ down, plain }))
    const whole = {
      model: 'plain',
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Hm.' },
        { type: 'text', text: 'Hello there.' },
      ],
      stop_reason: 'end_turn',
      usage: { input_tokens: 20, output_tokens: 12, cache_read_input_tokens: 10 },
    }
    expect(await client.messages.create(ask)).toMatchObject(whole)
    const message = await client.messages.stream(ask).finalMessage()
    expect(message).toMatchObject({ ...whole, usage: { output_tokens: 12 } })
  })

  test('a fallback is shown as one answer', async () => {
    const stream = anthropicOf(ladder({ down, spare })).messages.stream(ask)
    expect(await stream.finalText()).toBe('From the spare.')
  })

  test('a cut answer ends in an error behind what was shown', async () => {
    const stream = await anthropicOf(
      ladder({ cut, spare }, { recovery: 'restart' }),
    ).messages.create({
      ...ask,
      stream: true,
    })
    const [events, error] = await broken(stream)
    const texts = events.map((event) =>
      event.type === 'content_block_delta' && event.delta.type === 'text_delta'
        ? event.delta.text
        : '',
    )
    expect(texts.join('')).toBe('The capital is')
    expect(error).toBeInstanceOf(AnthropicError)
  })

  test.each([true, false])(
    'no answer is an error with an honest status (stream: %s)',
    async (stream) => {
      const asked = anthropicOf(bare({ limited })).messages.create({ ...ask, stream })
      await expect(asked).rejects.toMatchObject({ status: 429, errorCode: 'rate-limit' })
    },
  )

  test('what fails after its thoughts were shown is an error too', async () => {
    const { messages } = anthropicOf(bare({ down }))
    await expect(messages.create(ask)).rejects.toMatchObject({ status: 503 })
    // Where it streams, the status was told before that.
    const [, error] = await broken(await messages.create({ ...ask, stream: true }))
    expect(error).toBeInstanceOf(AnthropicError)
  })

  test('a tool is called, its result and the rest of the talk go to the route', async () => {
    const asked: (readonly unknown[])[] = []
    const client = anthropicOf(
      ladder({
        ours: scripted(
          { onRequest: ({ messages }) => asked.push(messages) },
          ['Let me see.', { call: { name: 'weather', input: { city: 'Oslo' }, id: 'call-1' } }],
          ['It snows.'],
        ),
      }),
    )
    const input_schema = { type: 'object' as const, properties: { city: { type: 'string' } } }
    const tools = [{ name: 'weather', description: 'The weather.', input_schema }]
    const first = await client.messages.stream({ ...ask, tools }).finalMessage()
    expect(first.stop_reason).toBe('tool_use')
    expect(first.content[1]).toMatchObject({
      type: 'tool_use',
      id: 'call-1',
      name: 'weather',
      input: { city: 'Oslo' },
    })
    await client.messages.create({
      ...ask,
      tools,
      messages: [
        ...ask.messages,
        { role: 'assistant', content: first.content },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'call-1', content: 'No.', is_error: true },
            { type: 'text', text: 'And?' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'QUJD' } },
          ],
        },
      ],
    })
    expect(asked[1]?.slice(1)).toEqual([
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Let me see.' },
          { type: 'tool-call', id: 'call-1', name: 'weather', input: { city: 'Oslo' } },
        ],
      },
      {
        role: 'tool',
        content: [
          { type: 'tool-result', id: 'call-1', name: 'weather', output: 'No.', isError: true },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'And?' },
          { type: 'image', mediaType: 'image/png', data: 'QUJD' },
        ],
      },
    ])
  })
})

const providers = (llm: Ladder) => {
  const settings = { apiKey: SECRET, fetch: ladderFetch(llm, { workload: 'chat' }) }
  const openai = createOpenAI(settings)
  return {
    'openai chat': openai.chat('gpt-5'),
    'openai responses': openai('gpt-5'),
    anthropic: createAnthropic(settings)('claude-sonnet-4-5'),
  }
}

describe.each(['openai chat', 'openai responses', 'anthropic'] as const)(
  'the AI SDK provider %s',
  (name) => {
    test('streams an answer after a fallback', async () => {
      const answer = streamText({
        model: providers(ladder({ down, plain }))[name],
        prompt: 'Hi',
        maxRetries: 0,
      })
      expect(await answer.text).toBe('Hello there.')
      expect(await answer.finishReason).toBe('stop')
      expect(await answer.usage).toMatchObject({ outputTokens: 12 })
    })

    test('a cut answer is an error behind what was shown', async () => {
      const answer = streamText({
        model: providers(ladder({ cut, spare }, { recovery: 'restart' }))[name],
        prompt: 'Hi',
        maxRetries: 0,
        onError: () => undefined,
      })
      const parts = await all(answer.fullStream)
      const text = parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('')
      expect(text).toBe('The capital is')
      expect(parts.map(({ type }) => type)).toContain('error')
    })

    test('runs a tool and goes on', async () => {
      const model = providers(
        ladder({
          ours: scripted(
            {},
            [{ call: { name: 'weather', input: { city: 'Oslo' } } }],
            ['It snows.'],
          ),
        }),
      )[name]
      const execute = vi.fn<() => string>(() => 'snow')
      const { text } = await generateText({
        model,
        prompt: 'Weather?',
        maxRetries: 0,
        stopWhen: stepCountIs(3),
        tools: { weather: tool({ inputSchema: city, execute }) },
      })
      expect(text).toBe('It snows.')
      expect(execute).toHaveBeenCalledWith({ city: 'Oslo' }, expect.anything())
    })

    test('gives structured output', async () => {
      const { output } = await generateText({
        model: providers(ladder({ json: scripted({}, ['{"city":"Oslo"}']) }))[name],
        prompt: 'Where?',
        maxRetries: 0,
        output: Output.object({ schema: city }),
      })
      expect(output).toEqual({ city: 'Oslo' })
    })

    test('no answer is an error with its status', async () => {
      await expect(
        generateText({ model: providers(bare({ limited }))[name], prompt: 'Hi', maxRetries: 0 }),
      ).rejects.toMatchObject({ statusCode: 429 })
    })
  },
)

describe('a ladder as fetch', () => {
  test('refuses what is no question, unless another fetch takes it', async () => {
    const llm = ladder({ plain })
    const own = ladderFetch(llm, { workload: 'chat' })
    await expect(own('https://example.com/v1/models')).rejects.toThrow(
      'A ladder answers no GET /v1/models',
    )
    const fallthrough = vi.fn<typeof fetch>().mockResolvedValue(new Response('models'))
    const both = ladderFetch(llm, { workload: 'chat' }, { fallthrough })
    const init = { headers: { authorization: SECRET } }
    expect(await (await both('https://example.com/v1/models', init)).text()).toBe('models')
    expect(fallthrough).toHaveBeenCalledWith('https://example.com/v1/models', init)
  })

  test('asks the product for each request, by the model that is named', async () => {
    const asked = vi.fn<(call: unknown) => void>()
    const answer = ladderFetch(ladder({ plain }), (call) => {
      asked(call)
      return { workload: 'chat', surface: 'editor' }
    })
    const body = { model: 'fast', messages: [{ role: 'user', content: 'Hi' }] }
    const request = new Request('https://example.com/v1/chat/completions', {
      method: 'POST',
      headers: { authorization: SECRET },
      body: JSON.stringify(body),
    })
    expect((await answer(request)).status).toBe(200)
    expect(asked).toHaveBeenCalledWith({ url: request.url, model: 'fast', body })
  })

  test('whoever leaves a streamed answer stops the run', async () => {
    const llm = ladder({ ours: scripted({}, ['Once upon', HANG]) })
    const ended: unknown[] = []
    llm.subscribe((event) => {
      if (event.type === 'settled') ended.push(event.outcome.status)
    })
    const body = { stream: true, messages: [{ role: 'user', content: 'Hi' }] }
    const response = await ladderFetch(llm, { workload: 'chat' })('/v1/messages', {
      method: 'POST',
      body: JSON.stringify(body),
    })
    await response.body?.cancel()
    await vi.waitFor(() => {
      expect(ended).toEqual(['stopped'])
    })
  })

  test('a request that no run can be is told as such', async () => {
    const answer = ladderFetch(ladder({ plain }), { workload: 'chat' })
    const response = await answer('/v1/messages', { method: 'POST', body: '{' })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', message: 'run: prompt: must be given, or messages' },
    })
  })
})

test('the key of an SDK is in no log, event, error or request to a route', async () => {
  const seen: unknown[] = []
  for (const level of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    vi.spyOn(console, level).mockImplementation((...said) => void seen.push(said))
  }
  const llm = bare({
    ours: scripted({ onRequest: (request) => seen.push(request) }, [{ status: 400, body: '{}' }]),
  })
  llm.subscribe((event) => seen.push(event))
  const asked = openaiOf(llm).responses.create({ model: 'gpt-5', input: 'Hi' })
  seen.push(await asked.catch((error: unknown) => error))
  vi.restoreAllMocks()
  expect(JSON.stringify(seen)).toContain('the request itself was refused')
  expect(JSON.stringify(seen)).not.toContain(SECRET)
})
