import { useLLM } from '@rungs/react'
import { useRef, useState, type ReactNode, type SyntheticEvent } from 'react'
import { Composer } from './Composer.tsx'
import { Conversation } from './Conversation.tsx'
import { Header } from './Header.tsx'
import type { Job, Kitchen } from './llm.ts'
import type { Names } from './names.ts'
import { Service } from './Service.tsx'
import { history, type Turn } from './turn.ts'
import { useMedia } from './useMedia.ts'
import { progressWords } from './words.ts'

const system =
  'You are Larder, a calm companion in the kitchen. Answer in plain words, in short paragraphs and lists, without headings.'

/** The product's one page: who answers, the conversation, the composer, and the panel beside them. */
export function Chat({
  llm,
  names,
  job,
  panel,
}: {
  llm: Kitchen
  names: Names
  job: Job
  panel: ReactNode
}): ReactNode {
  const live = useLLM({ workload: 'chat', surface: 'kitchen' })
  const [turns, setTurns] = useState<readonly Turn[]>([])
  const drawer = useRef<HTMLDialogElement>(null)
  const scroller = useRef<HTMLDivElement>(null)
  const hasRoom = useMedia('(min-width: 68rem)')
  const isBusy = live.status === 'submitted' || live.status === 'streaming'

  function ask(question: string, event: SyntheticEvent) {
    const messages = [...history(turns), { role: 'user' as const, content: question }]
    const run = live.send({ workload: job, system, messages }, { event: event.nativeEvent })
    setTurns([...turns, { id: run.id, question, run, names }])
    showEnd()
  }
  function askAgain(event: SyntheticEvent) {
    const run = live.retry({ event: event.nativeEvent })
    const last = turns.at(-1)
    if (run && last) setTurns([...turns.slice(0, -1), { ...last, run, names }])
    leaveFocus()
  }
  function begin() {
    live.reset()
    setTurns([])
    leaveFocus()
  }
  // the list grows upwards from its end, so its end is 0
  function showEnd() {
    scroller.current?.scrollTo({ top: 0 })
  }
  /** For a button that goes away when it is pressed. */
  function leaveFocus() {
    scroller.current?.focus({ preventScroll: true })
  }

  return (
    <div className="page">
      <Header
        onNew={turns.length > 0 ? begin : null}
        onBreak={hasRoom ? null : () => drawer.current?.showModal()}
      />
      <main className="chat">
        <Service llm={llm} live={live} names={turns.at(-1)?.names ?? names} />
        <Conversation
          ref={scroller}
          turns={turns}
          live={live}
          onAsk={(question, event) => {
            ask(question, event)
            leaveFocus()
          }}
          onRetry={askAgain}
        />
        <Composer isBusy={isBusy} onAsk={ask} onStop={() => void live.stop()} />
        <output aria-label="Progress" className="unseen">
          {progressWords(live, names)}
        </output>
      </main>
      {hasRoom ? (
        <aside className="side" aria-labelledby="break-title">
          {panel}
        </aside>
      ) : (
        <dialog ref={drawer} className="drawer" aria-labelledby="break-title">
          <button
            type="button"
            className="quiet drawer-close"
            onClick={() => drawer.current?.close()}
          >
            Close
          </button>
          {panel}
        </dialog>
      )}
    </div>
  )
}
