import type { ReactElement } from 'react'
import type { Fact } from './fact.ts'
import { ms } from './ms.ts'

/** Every event with its time and, on demand, all that is in it. */
export function Events({ facts }: { readonly facts: readonly Fact[] }): ReactElement {
  return (
    <ol className="events">
      {facts.map((fact, index) => {
        const { type, at, ...rest } = fact
        const { runId: _, ...shown } = { runId: '', ...rest }
        return (
          // oxlint-disable-next-line react/no-array-index-key -- events are only ever added at the end
          <li key={index}>
            <details>
              <summary>
                <small>{ms(at)}</small> {type} {gist(fact)}
              </summary>
              <pre>{JSON.stringify(shown, null, 2)}</pre>
            </details>
          </li>
        )
      })}
    </ol>
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
