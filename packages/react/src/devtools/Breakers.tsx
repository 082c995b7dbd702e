import type { Breakage, BreakableRoute } from '@rungs/core/testing'
import { useState, type ReactElement } from 'react'

const WAYS: readonly Breakage[] = [
  'hang',
  'outage',
  'network',
  'rate-limit',
  'quota-exhausted',
  'auth',
  'not-found',
  'invalid-response',
  'context-length',
  'blocked-content',
]

/** A switch for each route that can be broken. */
export function Breakers({
  routes,
}: {
  readonly routes: Readonly<Record<string, BreakableRoute>>
}): ReactElement {
  return (
    <div>
      <h2>Break routes</h2>
      {Object.entries(routes).map(([name, route]) => (
        <Breaker key={name} name={name} route={route} />
      ))}
    </div>
  )
}

function Breaker({
  name,
  route,
}: {
  readonly name: string
  readonly route: BreakableRoute
}): ReactElement {
  const [broken, setBroken] = useState(route.broken)
  return (
    <label>
      {name}{' '}
      <select
        value={broken ?? ''}
        onChange={({ currentTarget: { value } }) => {
          const how = WAYS.find((way) => way === value) ?? null
          route.break(how)
          setBroken(how)
        }}
      >
        <option value="">works</option>
        {WAYS.map((way) => (
          <option key={way}>{way}</option>
        ))}
      </select>
    </label>
  )
}
