import type { ReactElement } from 'react'
import { wayOf, WAYS, type Way } from './filter.ts'
import type { RunRecord } from './record.ts'
import { Search } from './Search.tsx'

export const TONES: Readonly<Record<Way, string>> = {
  running: 'live',
  clean: 'good',
  changed: 'warn',
  failed: 'bad',
}

/** Chooses which runs are listed: by words, and by how they went. */
export function Filters({
  runs,
  words,
  way,
  onWords,
  onWay,
}: {
  readonly runs: readonly RunRecord[]
  readonly words: string
  readonly way: Way | null
  readonly onWords: (words: string) => void
  readonly onWay: (way: Way | null) => void
}): ReactElement {
  return (
    <div className="filters">
      <Search label="Search runs" words={words} onWords={onWords} />
      {/* oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a fieldset has looks of its own in every app */}
      <div role="group" aria-label="How they went">
        {WAYS.map((each) => (
          <button
            key={each}
            type="button"
            className="way"
            aria-pressed={each === way}
            onClick={() => {
              onWay(each === way ? null : each)
            }}
          >
            <span className={`dot ${TONES[each]}`} />
            {runs.filter((run) => wayOf(run) === each).length} {each}
          </button>
        ))}
      </div>
    </div>
  )
}
