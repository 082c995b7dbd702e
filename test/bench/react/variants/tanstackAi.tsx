import { fetchServerSentEvents, useChat, type UIMessage } from '@tanstack/ai-react'
import { useMemo } from 'react'
import type { Variant } from '../variant.ts'

export const tanstackAi: Variant<UIMessage> = {
  wire: 'agui',
  toMessage: ({ id, role, text }) => ({ id, role, parts: [{ type: 'text', content: text }] }),
  textOf: ({ parts }) => parts.map((part) => (part.type === 'text' ? part.content : '')).join(''),
  Chat({ url, history, children }) {
    const connection = useMemo(() => fetchServerSentEvents(url), [url])
    const { messages, sendMessage } = useChat({ connection, initialMessages: history })
    return children(messages, () => sendMessage('hi'))
  },
}
