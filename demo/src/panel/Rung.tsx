import { useRouteHealth } from '@rungs/react'
import { useId, type ReactNode } from 'react'
import { type Fault, faultGroups, faults, isFault } from '../../simulator/faults.ts'
import { breakRoute } from '../breakage.ts'
import { names, wires, type RungName } from '../names.ts'
import { standingWords } from './standing.ts'

/** One rung of the panel's ladder: the route, what is known of it, and what is wrong with it. */
export function Rung({ route, fault }: { route: RungName; fault: Fault }): ReactNode {
  const id = useId()
  const health = useRouteHealth(route)
  return (
    <li className="step" data-broken={fault !== 'healthy'}>
      <label htmlFor={id}>{names[route]}</label>
      <p className="wire">{wires[route]}</p>
      <select
        id={id}
        value={fault}
        aria-describedby={`${id}-standing`}
        onChange={(event) => {
          if (isFault(event.target.value)) breakRoute(route, event.target.value)
        }}
      >
        {faultGroups.map((group) => (
          <optgroup key={group.label} label={group.label}>
            {group.faults.map((each) => (
              <option key={each} value={each}>
                {faults[each]}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      <p id={`${id}-standing`} className="standing" data-state={health.state}>
        {standingWords(health)}
      </p>
    </li>
  )
}

/** The visitor's own route, on top of the others: real, so that no menu breaks it. */
export function OwnRung(): ReactNode {
  const health = useRouteHealth('yours')
  return (
    <li className="step" data-broken={health.state !== 'good'}>
      <b>{names.yours}</b>
      <p className="wire">The real provider, out of reach of this panel</p>
      <p className="standing" data-state={health.state}>
        {standingWords(health)}
      </p>
    </li>
  )
}
