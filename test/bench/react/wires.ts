// One answer as four kinds of client are sent it.

/** How an answer is written on a wire: what comes before its pieces, each of them, and what comes after. */
interface Wire {
  readonly head: string
  readonly piece: (text: string) => string
  readonly tail: string
}

function event(data: object | string): string {
  return `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`
}

function completion(choice: object): string {
  return event({
    id: 'chatcmpl-BqX7aN3kVfY0wQmZr5uT1cJdHs2Lp',
    object: 'chat.completion.chunk',
    created: 1_760_000_000,
    model: 'gpt-4o-mini-2024-07-18',
    service_tier: 'default',
    system_fingerprint: 'fp_560af6e559',
    choices: [{ index: 0, logprobs: null, finish_reason: null, ...choice }],
    usage: null,
  })
}

function agui(type: string, rest: object): string {
  return event({ type, ...rest, timestamp: 1_760_000_000_000 })
}

export const wires: Readonly<Record<'openai' | 'ui-messages' | 'agui', Wire>> = {
  openai: {
    head: completion({ delta: { role: 'assistant', content: '', refusal: null } }),
    piece: (content) => completion({ delta: { content } }),
    tail: completion({ delta: {}, finish_reason: 'stop' }) + event('[DONE]'),
  },
  'ui-messages': {
    head:
      event({ type: 'start', messageId: 'm1' }) +
      event({ type: 'start-step' }) +
      event({ type: 'text-start', id: 't1' }),
    piece: (delta) => event({ type: 'text-delta', id: 't1', delta }),
    tail:
      event({ type: 'text-end', id: 't1' }) +
      event({ type: 'finish-step' }) +
      event({ type: 'finish', finishReason: 'stop' }) +
      event('[DONE]'),
  },
  agui: {
    head:
      agui('RUN_STARTED', { threadId: 'th1', runId: 'r1' }) +
      agui('TEXT_MESSAGE_START', { messageId: 'm1', role: 'assistant' }),
    piece: (delta) => agui('TEXT_MESSAGE_CONTENT', { messageId: 'm1', delta }),
    tail:
      agui('TEXT_MESSAGE_END', { messageId: 'm1' }) +
      agui('RUN_FINISHED', { threadId: 'th1', runId: 'r1', finishReason: 'stop' }),
  },
}
