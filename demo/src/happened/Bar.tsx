import type { CSSProperties, ReactNode } from 'react'

/** Custom properties, which React's types do not know. */
function properties(values: Readonly<Record<`--${string}`, number>>): CSSProperties {
  return values
}

/** What a bar is about: what failed, or what merely took another way. */
type Tone = 'failed' | 'moved'

/** A share as a bar, with the range in which it may lie where that is known. What it says is said in words beside it. */
export function Bar({
  share,
  tone = 'failed',
  low,
  high,
}: {
  share: number
  tone?: Tone
  low?: number | undefined
  high?: number | undefined
}): ReactNode {
  return (
    <span className="bar" aria-hidden="true">
      <i className="bar-fill" data-tone={tone} style={properties({ '--to': share })} />
      {low !== undefined && high !== undefined && (
        <i className="bar-range" style={properties({ '--from': low, '--to': high })} />
      )}
    </span>
  )
}

/** From a median to a 95th percentile, on a scale that all rows share. */
export function Span({ from, to, most }: { from: number; to: number; most: number }): ReactNode {
  return (
    <span className="bar" aria-hidden="true">
      <i className="bar-span" style={properties({ '--from': from / most, '--to': to / most })} />
    </span>
  )
}

/** A whole in its parts. */
export function Parts({
  parts,
}: {
  parts: readonly { readonly status: string; readonly share: number }[]
}): ReactNode {
  return (
    <span className="parts" aria-hidden="true">
      {parts.map(({ status, share }) => (
        <i key={status} data-status={status} style={properties({ '--share': share })} />
      ))}
    </span>
  )
}

/** A wait in two, before somebody else was asked and after, with a mark at what the wait usually is. */
export function Waits({
  before,
  after,
  usual,
  most,
}: {
  before: number
  after: number
  usual: number | null
  most: number
}): ReactNode {
  return (
    <span className="bar" aria-hidden="true">
      <i className="bar-before" style={properties({ '--to': before / most })} />
      <i
        className="bar-span"
        style={properties({ '--from': before / most, '--to': (before + after) / most })}
      />
      {usual !== null && (
        <i
          className="bar-usual"
          style={properties({ '--from': usual / most, '--to': usual / most })}
        />
      )}
    </span>
  )
}
