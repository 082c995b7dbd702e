import { useState, type SyntheticEvent, type ReactNode } from 'react'

/** Puts the real provider on the first rung, with the visitor's own key. */
export function KeyField({
  hasKey,
  onKey,
}: {
  hasKey: boolean
  onKey: (key: string | null) => void
}): ReactNode {
  const [draft, setDraft] = useState('')

  function submit(event: SyntheticEvent) {
    event.preventDefault()
    const key = draft.trim()
    setDraft('')
    if (hasKey) onKey(null)
    else if (key !== '') onKey(key)
  }

  return (
    <section className="key" aria-labelledby="key-title">
      <h3 id="key-title">Use the real OpenAI</h3>
      {/* the same controls with a key and without, so that the focus stays where it is */}
      <form onSubmit={submit}>
        <label htmlFor="key">OpenAI API key</label>
        <input
          id="key"
          type="password"
          autoComplete="off"
          spellCheck={false}
          value={draft}
          readOnly={hasKey}
          placeholder={hasKey ? 'In use, not shown' : ''}
          aria-describedby="key-notice"
          onChange={(event) => setDraft(event.target.value)}
        />
        <button type="submit">{hasKey ? 'Remove key' : 'Use key'}</button>
      </form>
      <output>{hasKey ? 'The first rung is OpenAI now, and your account pays for it.' : ''}</output>
      <p id="key-notice" className="notice">
        The key stays in this page’s memory until you reload or remove it. It goes to api.openai.com
        and nowhere else, straight from this browser, and OpenAI bills your account for what you
        ask.
      </p>
    </section>
  )
}
