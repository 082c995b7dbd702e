// What all variants share: the same list, the same rows, the same counters. Only the hook differs.
import { memo, useLayoutEffect, type ComponentType, type ReactElement } from 'react'
import type { Variant } from './variant.ts'

export interface Counts {
  commits: number
  /** Rows rendered, in all. */
  rows: number
  /** Rows rendered in each commit that showed more of a text: not its first, and not its end. */
  readonly rowsOfMore: number[]
}

export function createCounts(): Counts {
  return { commits: 0, rows: 0, rowsOfMore: [] }
}

/** A list of messages that counts into `counts`, over an answer of `length` characters; `last` reads what its last row shows. */
export function createView<Message extends { readonly id: string; readonly role: string }>(
  { textOf, apart }: Pick<Variant<Message>, 'textOf' | 'apart'>,
  counts: Counts,
  {
    length,
    last,
    isMemoised,
  }: {
    readonly length: number
    readonly last: () => string
    readonly isMemoised: boolean
  },
): ComponentType<{ readonly messages: readonly Message[] }> {
  let isCounted = false
  let rowsBefore = 0
  let lengthBefore = 0
  /** Of several components in one commit, one counts. */
  function countCommit(): void {
    if (isCounted) return
    isCounted = true
    queueMicrotask(() => {
      isCounted = false
    })
    counts.commits += 1
    const { length: shown } = last()
    const isMore = lengthBefore > 0 && shown > lengthBefore && shown < length
    if (isMore) counts.rowsOfMore.push(counts.rows - rowsBefore)
    rowsBefore = counts.rows
    lengthBefore = shown
  }
  const countRow = (): void => {
    counts.rows += 1
  }
  function Plain({ message }: { readonly message: Message }): ReactElement {
    countRow()
    return <p data-role={message.role}>{textOf(message)}</p>
  }
  const Row = isMemoised ? memo(Plain) : Plain
  function Apart({ message }: { readonly message: Message }): ReactElement {
    useLayoutEffect(countCommit)
    return <Row message={message} />
  }
  const drawApart = (message: Message): ReactElement => <Apart message={message} />
  return function View({ messages }) {
    useLayoutEffect(countCommit)
    return (
      <main>
        {messages.map((message) =>
          apart?.is(message) ? (
            <apart.Answer key={message.id} draw={drawApart} />
          ) : (
            <Row key={message.id} message={message} />
          ),
        )}
      </main>
    )
  }
}
