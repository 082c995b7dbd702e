import type { Summary } from '@rungs/core'
import { useLLMSummary } from '@rungs/react'
import type { ReactNode } from 'react'
import { range } from '../seconds.ts'
import { Bar, Span } from './Bar.tsx'
import { Endings } from './Endings.tsx'
import { counted, percent, providerName, routeName, surfaceName } from './words.ts'

/** The live answers: this browser's own runs of the last three days, whether or not a report of them was sent. */
export function Here(): ReactNode {
  const summary = useLLMSummary()
  return (
    <section className="happened-part" aria-labelledby="here-title">
      <h3 id="here-title">In this browser</h3>
      <p className="sheet-lead">
        Runs of the last three days, as they end. Kept here, whether they are reported or not.
      </p>
      {summary === null || summary.runs === 0 ? (
        <p className="nothing">Nothing yet. Ask something, break a route, and come back.</p>
      ) : (
        <Figures summary={summary} />
      )}
    </section>
  )
}

function Figures({ summary }: { summary: Summary }): ReactNode {
  const { runs, outcomes, fallbacksBySurface, failuresByProvider, latencyByRoute } = summary
  const fallbacks = fallbacksBySurface.reduce((sum, surface) => sum + surface.fallbacks, 0)
  const most = Math.max(...latencyByRoute.map(({ p95 }) => p95))
  return (
    <div className="figures">
      <figure>
        <figcaption>How runs ended</figcaption>
        <p className="big">
          {counted(runs, 'run')}, {fallbacks} fell back
        </p>
        <Endings counts={outcomes} />
      </figure>
      <figure>
        <figcaption>Where they fell back, and why</figcaption>
        <ul className="rows">
          {fallbacksBySurface.map((surface) => (
            <li key={surface.surface}>
              <b>{surfaceName(surface.surface)}</b>
              <span>
                {surface.fallbacks} of {surface.runs}
              </span>
              <Bar tone="moved" share={surface.fallbacks / surface.runs} />
              <Kinds kinds={surface.kinds} />
            </li>
          ))}
        </ul>
      </figure>
      <figure>
        <figcaption>Which routes fail</figcaption>
        <ul className="rows">
          {failuresByProvider
            .toSorted((one, other) => other.failures - one.failures)
            .map(({ provider, attempts, failures }) => (
              <li key={provider}>
                <b>{providerName(provider)}</b>
                <span>
                  {failures} of {counted(attempts, 'attempt')}, {percent(failures / attempts)}
                </span>
                <Bar share={failures / attempts} />
              </li>
            ))}
        </ul>
      </figure>
      <figure>
        <figcaption>Wait for the first words: median to 95th percentile</figcaption>
        <ul className="rows">
          {latencyByRoute.map(({ route, p50, p95, missed }) => (
            <li key={route}>
              <b>{routeName(route)}</b>
              <span>
                {range(p50, p95)}
                {missed > 0 && `, late ${counted(missed, 'time')}`}
              </span>
              <Span from={p50} to={p95} most={most} />
            </li>
          ))}
        </ul>
      </figure>
    </div>
  )
}

function Kinds({ kinds }: { kinds: Readonly<Record<string, number>> }): ReactNode {
  return (
    <span className="kinds">
      {Object.entries(kinds).map(([kind, count]) => (
        <span key={kind}>
          <code>{kind}</code> {count}
        </span>
      ))}
    </span>
  )
}
