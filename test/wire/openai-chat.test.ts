import { openai } from '@rungs/core'
import { testRecordings } from './recorded.ts'

/** Small ones, between them with emoji, comments, CRLF, no [DONE], calls, a refusal and reasoning. */
const cut = [
  'google-openai-chat-text-gemini-2.0-flash-80503f',
  'ollama-openai-chat-tool-llama3.1-bb4a95',
  'mistral-openai-chat-multitool-mistral-large-latest-3046c6',
  'xai-openai-chat-text-unicode-grok-4-fast-5dbd7a',
  'openrouter-openai-chat-text-emoji-comments-deepseek-chat-v3-0324-0fde07',
  'openai-openai-chat-text-emoji-davinci-002-f33449',
  'mistral-openai-chat-text-emoji-mistral-large-latest-ebe079',
  'deepseek-openai-chat-reasoning-tool-deepseek-v4-flash-583a0b',
  'openrouter-openai-chat-refusal-4c1024',
  'perplexity-openai-chat-text-crlf-sonar-d74c92',
]

testRecordings({ name: 'openai-chat', adapter: openai, cut, longest: 8_192, samples: 600 })
