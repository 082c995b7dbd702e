import { useId, type ReactNode } from 'react'
import { type Fault, faultGroups, faults, isFault } from '../simulator/faults.ts'
import { breakRoute } from './breakage.ts'
import type { RungName } from './names.ts'

/** One rung of the panel's ladder: the route, what is believed of it, and what is wrong with it. */
export function Rung({
  route,
  name,
  wire,
  fault,
  standing,
  isReal,
}: {
  route: RungName
  name: string
  wire: string
  fault: Fault
  /** How long it is passed over, in words; null while it would be tried. */
  standing: string | null
  isReal: boolean
}): ReactNode {
  const id = useId()
  return (
    <li className="step" data-broken={fault !== 'healthy' && !isReal}>
      <label htmlFor={id}>{name}</label>
      <p className="wire">{wire}</p>
      <select
        id={id}
        value={isReal ? 'healthy' : fault}
        disabled={isReal}
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
      <p id={`${id}-standing`} className="standing" data-passed={standing !== null}>
        {(standing && `Passed over ${standing}`) ??
          (isReal ? 'The real provider, out of reach of this menu' : 'Tried when its turn comes')}
      </p>
    </li>
  )
}
