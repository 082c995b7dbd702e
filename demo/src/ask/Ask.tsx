import { PausedNotice, SlowNotice, useLLMChat } from '@rungs/react'
import { useRef, type ReactNode, type SyntheticEvent } from 'react'
import type { Kitchen } from '../llm.ts'
import { Service } from '../Service.tsx'
import { Composer } from './Composer.tsx'
import { Conversation } from './Conversation.tsx'
import { progressWords } from './words.ts'

const system =
  'You are Larder, a calm companion in the kitchen. Answer in plain words, in short paragraphs and lists, without headings.'

/** The chat: who answers, the conversation, what there is to know meanwhile, the composer. */
export function Ask({ llm }: { llm: Kitchen }): ReactNode {
  // kept, so that an answer goes on while another view is looked at
  const chat = useLLMChat({
    workload: 'chat',
    surface: 'kitchen',
    id: 'ask',
    onUnmount: 'keep',
    system,
  })
  const scroller = useRef<HTMLDivElement>(null)
  const isBusy = chat.status === 'submitted' || chat.status === 'streaming'

  function ask(question: string, event: SyntheticEvent) {
    chat.send(question, { event: event.nativeEvent })
    // the list grows upwards from its end, so its end is 0
    scroller.current?.scrollTo({ top: 0 })
  }
  /** For a button that goes away when it is pressed. */
  function leaveFocus() {
    scroller.current?.focus({ preventScroll: true })
  }

  return (
    <main className="chat" aria-label="Ask">
      <Service llm={llm} job="chat" live={chat}>
        {chat.messages.length > 0 && (
          <button
            type="button"
            className="quiet new"
            onClick={() => {
              chat.reset()
              leaveFocus()
            }}
          >
            New<span className="long"> conversation</span>
          </button>
        )}
      </Service>
      <Conversation
        ref={scroller}
        chat={chat}
        isBusy={isBusy}
        onAsk={(question, event) => {
          ask(question, event)
          leaveFocus()
        }}
      />
      <div className="foot">
        <SlowNotice of={chat} />
        <PausedNotice of={chat} />
        <Composer isBusy={isBusy} onAsk={ask} onStop={() => void chat.stop()} />
      </div>
      <output aria-label="Progress" className="unseen">
        {progressWords(chat)}
      </output>
    </main>
  )
}
