import { useState, type KeyboardEvent, type SyntheticEvent, type ReactNode } from 'react'

/** Where a question is written. Enter sends, Shift and Enter starts a line; while an answer comes in, Send is Stop. */
export function Composer({
  isBusy,
  onAsk,
  onStop,
}: {
  isBusy: boolean
  onAsk: (question: string, event: SyntheticEvent) => void
  onStop: () => void
}): ReactNode {
  const [draft, setDraft] = useState('')

  function ask(event: SyntheticEvent) {
    const question = draft.trim()
    if (isBusy || question === '') return
    onAsk(question, event)
    setDraft('')
  }
  function onSubmit(event: SyntheticEvent) {
    event.preventDefault()
    if (isBusy) onStop()
    else ask(event)
  }
  function onKeyDown(event: KeyboardEvent) {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    ask(event)
  }

  return (
    <form className="composer" onSubmit={onSubmit}>
      <label className="unseen" htmlFor="question">
        Your question
      </label>
      <textarea
        id="question"
        rows={1}
        value={draft}
        placeholder="Ask about your cooking"
        enterKeyHint="send"
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={onKeyDown}
      />
      {/* one button, so that it keeps the focus when it changes, and of one type: a click that made it
          a submit button would go on to submit */}
      <button type="submit" className={isBusy ? 'stop' : 'send'}>
        {isBusy ? 'Stop' : 'Send'}
      </button>
    </form>
  )
}
