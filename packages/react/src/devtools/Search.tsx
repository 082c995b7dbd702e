import type { ReactElement } from 'react'

/** A field that narrows a list. Escape empties it first, and only then does what it does elsewhere. */
export function Search({
  label,
  words,
  onWords,
}: {
  readonly label: string
  readonly words: string
  readonly onWords: (words: string) => void
}): ReactElement {
  return (
    <input
      type="search"
      aria-label={label}
      placeholder={label}
      autoComplete="off"
      spellCheck={false}
      value={words}
      onChange={({ currentTarget: { value } }) => {
        onWords(value)
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || words === '') return
        event.stopPropagation()
        // The browser would empty it too, and tell nobody.
        event.preventDefault()
        onWords('')
      }}
    />
  )
}
