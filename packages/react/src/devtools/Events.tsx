import { useState, type ReactElement } from 'react'
import type { Fact } from './fact.ts'
import { findFacts } from './filter.ts'
import { ms } from './ms.ts'
import { Search } from './Search.tsx'

/** Every event with its time and, on demand, all that is in it. */
export function Events({ facts }: { readonly facts: readonly Fact[] }): ReactElement {
  const [words, setWords] = useState('')
  const found = new Set(findFacts(facts, words))
  return (
    <>
      <Search label="Search events" words={words} onWords={setWords} />
      <output>{found.size < facts.length && `${found.size} of ${facts.length} events`}</output>
      <ol className="events">
        {facts.map(
          (fact, index) =>
            found.has(fact) && (
              // oxlint-disable-next-line react/no-array-index-key -- events are only ever added at the end
              <Event key={index} fact={fact} />
            ),
        )}
      </ol>
    </>
  )
}

function Event({ fact }: { readonly fact: Fact }): ReactElement {
  const { type, at, ...rest } = fact
  const { runId: _, ...shown } = { runId: '', ...rest }
  return (
    <li>
      <details>
        <summary>
          <small>{ms(at)}</small> <b>{type}</b> {gist(fact)}
        </summary>
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it */}
        <pre tabIndex={0} aria-label={`All of ${type}`}>
          {JSON.stringify(shown, null, 2)}
        </pre>
      </details>
    </li>
  )
}

function gist(fact: Fact): string {
  if (fact.type === 'content' || fact.type === 'reasoning') {
    return `${fact.chars} characters in ${fact.reads === 1 ? '1 read' : `${fact.reads} reads`}`
  }
  if (fact.type === 'tool-call') return `${fact.name}, ${fact.chars} characters`
  if (fact.type === 'attempt-failed') return `${fact.route}: ${fact.failure.kind}`
  if (fact.type === 'moved') return fact.because
  if (fact.type === 'settled') return fact.status
  return 'route' in fact ? fact.route : ''
}
