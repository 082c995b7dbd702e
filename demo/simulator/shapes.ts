/** One wire format: what a whole answer, an error and an error document look like in it. */
export interface Shape {
  readonly headers: Readonly<Record<string, string>>
  opening(): string
  delta(text: string): string
  closing(outputTokens: number): string
  /** An error told inside a stream that began with 200. */
  errorEvent(): string
  /** The body of a refusal by status. */
  errorBody(status: number, retryAfterMs: number | null): string
  /** A whole answer as one JSON document, where a stream was due. */
  document(text: string): string
}

const SSE = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
}
const DONE = 'data: [DONE]\n\n'
const data = (value: object): string => `data: ${JSON.stringify(value)}\n\n`

const codes: Readonly<Record<number, { readonly type: string; readonly code: string }>> = {
  429: { type: 'requests', code: 'rate_limit_exceeded' },
  500: { type: 'server_error', code: 'internal_error' },
  503: { type: 'server_error', code: 'server_overloaded' },
}

const choice = (delta: object, finish_reason: string | null) => ({
  index: 0,
  delta,
  logprobs: null,
  finish_reason,
})

const error = (status: number) => ({
  message: `Simulated ${status}.`,
  param: null,
  ...codes[status],
})

/** OpenAI chat completions, streaming. */
export function openaiShape(model: string, promptTokens: number): Shape {
  const id = 'chatcmpl-sim'
  const created = 1_790_000_000
  const chunk = (choices: readonly object[], usage: object | null) =>
    data({ id, object: 'chat.completion.chunk', created, model, choices, usage })
  const usage = (completionTokens: number) => ({
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  })

  return {
    headers: SSE,
    opening: () => chunk([choice({ role: 'assistant', content: '', refusal: null }, null)], null),
    delta: (text) => chunk([choice({ content: text }, null)], null),
    closing: (outputTokens) =>
      chunk([choice({}, 'stop')], null) + chunk([], usage(outputTokens)) + DONE,
    errorEvent: () => data({ error: error(500) }),
    errorBody: (status) => JSON.stringify({ error: error(status) }),
    document: (text) =>
      JSON.stringify({
        id,
        object: 'chat.completion',
        created,
        model,
        choices: [
          { index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' },
        ],
        usage: usage(0),
      }),
  }
}

/** The AI SDK's UI message stream, as a product's own backend sends it. */
export function aiSdkShape(): Shape {
  const id = 'text-1'
  return {
    headers: { ...SSE, 'x-vercel-ai-ui-message-stream': 'v1' },
    opening: () =>
      data({ type: 'start', messageId: 'msg-sim' }) +
      data({ type: 'start-step' }) +
      data({ type: 'text-start', id }),
    delta: (text) => data({ type: 'text-delta', id, delta: text }),
    closing: () =>
      data({ type: 'text-end', id }) +
      data({ type: 'finish-step' }) +
      data({ type: 'finish', finishReason: 'stop' }) +
      DONE,
    errorEvent: () => data({ type: 'error', errorText: 'An error occurred.' }),
    // a page cannot read Retry-After across origins unless it is exposed, so a backend says it here too
    errorBody: (status, retryAfterMs) =>
      JSON.stringify({
        error: `Simulated ${status}.`,
        code: codes[status]?.code,
        ...(retryAfterMs === null ? {} : { retryAfterMs }),
      }),
    document: (text) =>
      JSON.stringify({ id: 'msg-sim', role: 'assistant', parts: [{ type: 'text', text }] }),
  }
}
