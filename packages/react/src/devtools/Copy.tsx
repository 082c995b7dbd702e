import { useState, type ReactElement } from 'react'

/** A text to take along. Where the clipboard is denied it can still be selected. */
export function Copy({ text }: { readonly text: string }): ReactElement {
  const [said, setSaid] = useState('')
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text)
      setSaid('Copied.')
    } catch {
      setSaid('The browser does not let it be copied: select it here.')
    }
  }
  return (
    <>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it */}
      <pre tabIndex={0} aria-label="Transcript">
        {text}
      </pre>
      <button type="button" onClick={() => void copy()}>
        Copy transcript
      </button>{' '}
      <output>{said}</output>
    </>
  )
}
