import { useState, type ReactNode } from 'react'

type Signal = 'thumb-up' | 'thumb-down' | 'copied'

/** What the reader made of an answer, for the team: it joins the report of the run. */
export function Verdict({
  text,
  onVerdict,
}: {
  text: string
  onVerdict: (signal: Signal) => void
}): ReactNode {
  const [said, setSaid] = useState<Signal | null>(null)
  function say(signal: Signal) {
    setSaid(signal)
    onVerdict(signal)
  }
  async function copy() {
    try {
      await navigator.clipboard.writeText(text)
      say('copied')
    } catch {
      // the browser did not let us; the text is there to be marked by hand
      setSaid(null)
    }
  }
  return (
    <div className="verdict">
      <button type="button" aria-pressed={said === 'thumb-up'} onClick={() => say('thumb-up')}>
        Helped
      </button>
      <button type="button" aria-pressed={said === 'thumb-down'} onClick={() => say('thumb-down')}>
        Did not
      </button>
      <button type="button" onClick={() => void copy()}>
        {said === 'copied' ? 'Copied' : 'Copy'}
      </button>
    </div>
  )
}
