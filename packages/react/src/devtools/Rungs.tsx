import type { RouteHealth } from '@rungs/core'
import type { ReactElement } from 'react'
import type { Rung } from './ladder.ts'
import { ms } from './ms.ts'
import type { Health } from './recorder.ts'

/** A ladder as a picture: rungs between two rails, each with the state that it is in now. */
export function Rungs({
  rungs,
  health,
}: {
  readonly rungs: readonly Rung[]
  readonly health: Health
}): ReactElement {
  return (
    <ol className="ladder">
      {rungs.map(({ route, fate, tone, isOut, notes }) => {
        const now = health[route]
        return (
          <li key={route} className={isOut ? 'out' : ''} data-fate={fate ? tone : undefined}>
            <b>{route}</b>
            {now && <span className={`chip ${TONES[now.state]}`}>{now.state}</span>}
            {fate && <span className={`chip ${tone}`}>{fate}</span>}
            {now && <Now {...now} />}
            {notes.map((note) => (
              <p key={note}>{note}</p>
            ))}
          </li>
        )
      })}
    </ol>
  )
}

const TONES = {
  good: 'good',
  suspect: 'warn',
  probing: 'live',
  held: 'bad',
  disabled: 'bad',
} as const satisfies Record<RouteHealth['state'], string>

function Now({ pBad, firstChunkMs, lastFailure, heldUntil }: RouteHealth): ReactElement {
  return (
    <span className="now">
      <meter min={0} max={1} low={0.15} high={0.5} optimum={0} value={pBad} aria-label="belief" />{' '}
      bad with {Math.round(pBad * 100)} %
      {firstChunkMs && `, first content ${ms(firstChunkMs[0])} (p90 ${ms(firstChunkMs[1])})`}
      {lastFailure && `, last failure ${lastFailure}`}
      {heldUntil !== null && `, held until ${new Date(heldUntil).toLocaleTimeString()}`}
    </span>
  )
}
