import type { CSSProperties, ReactElement } from 'react'
import { ms } from './ms.ts'
import type { Bar, Mark, Timeline } from './timeline.ts'

const LEGEND: readonly (readonly [kind: Piece['kind'] | Mark['kind'], label: string])[] = [
  ['headers', 'until headers'],
  ['wait', 'until content'],
  ['stream', 'content'],
  ['gap', 'gap'],
  ['fail', 'failure'],
  ['move', 'move'],
  ['paint', 'paint'],
  ['mark', 'question, pause, end'],
]
/** Where the scale is written, as shares of the whole. */
const TICKS = [0, 0.25, 0.5, 0.75, 1]

/** Attempts as bars on one scale: waiting for headers, for content, the stream with its gaps. */
export function TimelineView({ timeline }: { readonly timeline: Timeline }): ReactElement {
  const { bars, moves, marks, endAt } = timeline
  const span = Math.max(endAt, 1)
  const between = [...moves, ...marks].toSorted((one, other) => one.at - other.at)
  return (
    <>
      <p className="legend">
        {LEGEND.map(([kind, label]) => (
          <span key={kind}>
            <i className={kind} />
            {label}
          </span>
        ))}
      </p>
      <ol className="bars">
        {bars.map((bar) => (
          <li key={bar.attempt}>
            <span>
              {bar.attempt} <b>{bar.route}</b> {bar.why}
            </span>
            {/* oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a picture made of elements has no file */}
            <div className="track" role="img" aria-label={sayBar(bar)} title={sayBar(bar)}>
              {piecesOf(bar, endAt).map(({ kind, from, to }) => (
                <i key={`${kind} ${from}`} className={kind} style={place(from, to, span)} />
              ))}
            </div>
            <small>{sayBar(bar)}</small>
          </li>
        ))}
        <li>
          <span>run</span>
          <div className="track marks">
            {between.map((mark) => (
              <i
                key={`${mark.at} ${mark.label}`}
                className={mark.kind}
                title={sayMark(mark)}
                style={place(mark.at, mark.at, span)}
              />
            ))}
          </div>
          <div className="axis">
            {TICKS.map((share) => (
              <small key={share}>{ms(share * endAt)}</small>
            ))}
          </div>
        </li>
      </ol>
      <ul className="moves">
        {between.map((mark) => (
          <li key={`${mark.at} ${mark.label}`}>
            <i className={mark.kind} /> {sayMark(mark)}
          </li>
        ))}
      </ul>
    </>
  )
}

interface Piece {
  readonly kind: 'headers' | 'wait' | 'stream' | 'gap' | 'fail'
  readonly from: number
  readonly to: number
}

function piecesOf(bar: Bar, now: number): readonly Piece[] {
  const { startAt, headersAt, contentAt, gaps, failure } = bar
  const end = bar.endAt ?? now
  const waited = contentAt ?? end
  const heard = Math.min(headersAt ?? waited, waited)
  const pieces: readonly Piece[] = [
    { kind: 'headers', from: startAt, to: heard },
    { kind: 'wait', from: heard, to: waited },
    { kind: 'stream', from: waited, to: end },
    ...gaps.map(({ from, to }): Piece => ({ kind: 'gap', from, to })),
  ]
  const drawn = pieces.filter(
    ({ kind, from, to }) => to > from || (kind === 'stream' && contentAt !== null),
  )
  return failure === null ? drawn : [...drawn, { kind: 'fail', from: end, to: end }]
}

function place(from: number, to: number, span: number): CSSProperties {
  // Something that took no time, at the very end too, is to be seen.
  return {
    left: `min(${(from / span) * 100}%, 100% - 3px)`,
    width: `${((to - from) / span) * 100}%`,
  }
}

function sayBar({
  startAt,
  headersAt,
  contentAt,
  endAt,
  chars,
  gaps,
  failure,
  finish,
}: Bar): string {
  const since = (at: number): string => ms(at - startAt)
  return [
    headersAt !== null && `headers ${since(headersAt)}`,
    contentAt !== null && `first content ${since(contentAt)}`,
    chars > 0 && `${chars} characters`,
    ...gaps.map(({ from, to }) => `gap ${ms(to - from)}`),
    endAt !== null && `${failure ?? finish ?? 'ended'} ${since(endAt)}`,
  ]
    .filter((part) => part !== false)
    .join(', ')
}

function sayMark({ at, label, because }: Mark): string {
  return `${ms(at)} ${label}${because === null ? '' : `: ${because}`}`
}
