import { createLLM, openai } from '@rungs/core'
import {
  LLMProvider,
  textOf,
  useLLM,
  useLLMChat,
  type AnyLLM,
  type ChatMessage,
} from '@rungs/react'
import { useMemo } from 'react'
import type { Variant } from '../variant.ts'

type Rungs = Variant<ChatMessage>

const talk = { workload: 'chat', id: 'talk' } as const

/** As a first page has it: the list draws everything. */
export const rungs: Rungs = {
  wire: 'openai',
  toMessage: ({ id, role, text }) => ({
    id,
    role,
    content: text,
    ...(role === 'assistant' && {
      served: { route: 'ours', degraded: null, status: 'completed', runId: id },
    }),
  }),
  textOf,
  Chat: below(({ history, throttleMs, children }) => {
    const { messages, send } = useLLMChat<AnyLLM>({
      ...talk,
      initialMessages: history,
      throttleMs,
    })
    return children(messages, () => send('hi'))
  }),
}

/** For a long chat: the list is rendered by what changes it, and the answer under way is drawn apart. */
export const rungsApart: Rungs = {
  ...rungs,
  Chat: below(({ history, children }) => {
    const { messages, send } = useLLMChat<AnyLLM>({
      ...talk,
      initialMessages: history,
      throttleMs: Infinity,
    })
    return children(messages, () => send('hi'))
  }),
  apart: {
    is: ({ role, served }) => role === 'assistant' && !served,
    Answer({ draw }) {
      const { text } = useLLM<AnyLLM>(talk)
      return draw({ id: 'answer', role: 'assistant', content: text })
    },
  },
}

/** Below a provider of one route, which is the server of the page. */
function below(Talk: Rungs['Chat']): Rungs['Chat'] {
  return function Chat(props) {
    const { url: baseUrl } = props
    const llm = useMemo(
      () =>
        createLLM({
          routes: { ours: openai({ model: 'm', apiKey: 'k', baseUrl }) },
          workloads: { chat: { ladder: ['ours'] } },
        }),
      [baseUrl],
    )
    return (
      <LLMProvider llm={llm}>
        <Talk {...props} />
      </LLMProvider>
    )
  }
}
