import type { ReactElement } from 'react'
import { ms } from './ms.ts'
import type { Health, Sample } from './recorder.ts'

const WIDTH = 300
const HEIGHT = 60
/** Between two samples that are further apart nobody watched, ms. */
const BREAK_MS = 3_000

/** Belief and latency of each route over the time that the panel was open. */
export function Charts({ samples }: { readonly samples: readonly Sample[] }): ReactElement | null {
  const [first] = samples
  const last = samples.at(-1)
  if (!first || !last) return null
  const span = last.at - first.at
  const waits = samples.flatMap(({ health }) =>
    Object.keys(health).map((route) => waitIn(health, route) ?? 0),
  )
  const longest = Math.max(...waits)
  return (
    <div>
      <h2>Over time</h2>
      <p>
        While this was open, the last {ms(span)}. The full height is 100 %
        {longest > 0 && ` and ${ms(longest)}`}.
      </p>
      <div className="charts">
        {Object.keys(last.health).map((route) => (
          <figure key={route}>
            <figcaption>
              <b>{route}</b> <span className="belief">bad with</span>{' '}
              {Math.round((last.health[route]?.pBad ?? 0) * 100)} %,{' '}
              <span className="latency">first content</span> {ms(waitIn(last.health, route))}
            </figcaption>
            <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
              <path
                className="belief"
                d={pathOf(samples, span, (health) => health[route]?.pBad ?? null)}
              />
              <path
                className="latency"
                d={pathOf(samples, span, (health) => {
                  const wait = waitIn(health, route)
                  return wait === null ? null : wait / (longest || 1)
                })}
              />
            </svg>
          </figure>
        ))}
      </div>
    </div>
  )
}

function waitIn(health: Health, route: string): number | null {
  return health[route]?.firstChunkMs?.[0] ?? null
}

/** A line through what was sampled, broken where nothing was. `read` gives 0 to 1, or null for nothing. */
function pathOf(
  samples: readonly Sample[],
  span: number,
  read: (health: Health) => number | null,
): string {
  let path = ''
  let drawnAt: number | null = null
  for (const { at, health } of samples) {
    const value = read(health)
    if (value === null) continue
    const start = samples[0]?.at ?? at
    const x = span === 0 ? 0 : ((at - start) / span) * WIDTH
    const y = (1 - value) * (HEIGHT - 2) + 1
    const isApart: boolean = drawnAt === null || at - drawnAt > BREAK_MS
    path += `${isApart ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`
    drawnAt = at
  }
  return path
}
