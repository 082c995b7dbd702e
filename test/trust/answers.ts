import type { ServerResponse } from 'node:http'

/** Server-sent events, one for each value. */
export function sse(...values: readonly unknown[]): string {
  return values
    .map((value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`)
    .join('')
}

/** A whole answer in each protocol, in two pieces. */
export function answersOf(text: string): Readonly<Record<string, readonly [string, string]>> {
  return {
    openai: [
      sse({ choices: [{ index: 0, delta: { content: text } }] }),
      sse({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }, '[DONE]'),
    ],
    openaiResponses: [
      sse({ type: 'response.output_text.delta', item_id: 'i', output_index: 0, delta: text }),
      sse({ type: 'response.completed', response: { id: 'r', status: 'completed', output: [] } }),
    ],
    anthropic: [
      sse(
        { type: 'message_start', message: { id: 'm', role: 'assistant', content: [] } },
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
        { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } },
      ),
      sse(
        { type: 'content_block_stop', index: 0 },
        { type: 'message_delta', delta: { stop_reason: 'end_turn' } },
        { type: 'message_stop' },
      ),
    ],
    gemini: [
      sse({ candidates: [{ index: 0, content: { role: 'model', parts: [{ text }] } }] }),
      sse({ candidates: [{ index: 0, content: { parts: [{ text: '' }] }, finishReason: 'STOP' }] }),
    ],
    aiSdk: [
      sse(
        { type: 'start' },
        { type: 'text-start', id: 't' },
        { type: 'text-delta', id: 't', delta: text },
      ),
      sse({ type: 'text-end', id: 't' }, { type: 'finish' }, '[DONE]'),
    ],
    agUi: [
      sse(
        { type: 'RUN_STARTED', threadId: 't', runId: 'r' },
        { type: 'TEXT_MESSAGE_START', messageId: 'm', role: 'assistant' },
        { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta: text },
      ),
      sse(
        { type: 'TEXT_MESSAGE_END', messageId: 'm' },
        { type: 'RUN_FINISHED', threadId: 't', runId: 'r' },
      ),
    ],
    textStream: [text, '.'],
  }
}

const [hiStart, hiEnd] = answersOf('hi')['openai'] ?? ['', '']

/** An answer in OpenAI's protocol. */
export function sayHi(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).end(hiStart + hiEnd)
}
