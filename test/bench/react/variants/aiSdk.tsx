import { useChat } from '@ai-sdk/react'
import { DefaultChatTransport, type UIMessage } from 'ai'
import { useMemo } from 'react'
import type { Variant } from '../variant.ts'

export const aiSdk: Variant<UIMessage> = {
  wire: 'ui-messages',
  toMessage: ({ id, role, text }) => ({ id, role, parts: [{ type: 'text', text }] }),
  textOf: ({ parts }) => parts.map((part) => (part.type === 'text' ? part.text : '')).join(''),
  Chat({ url, history, throttleMs, children }) {
    const transport = useMemo(() => new DefaultChatTransport({ api: url }), [url])
    const { messages, sendMessage } = useChat({
      transport,
      messages: history,
      ...(throttleMs !== undefined && { throttle: throttleMs }),
    })
    return children(messages, () => sendMessage({ text: 'hi' }))
  },
}
