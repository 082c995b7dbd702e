import type { ReactNode } from 'react'
import { range, seconds } from '../seconds.ts'
import { Bar, Span, Waits } from './Bar.tsx'
import { Endings } from './Endings.tsx'
import { counted, percent, providerName, routeName, surfaceName } from './words.ts'

/** A row of an answer, as SQL gave it. */
type Row = Readonly<Record<string, string | number | boolean | null>>

/** How each of the team's questions is drawn. */
export const questions: Readonly<
  Record<string, { readonly title: string; readonly draw: (rows: readonly Row[]) => ReactNode }>
> = {
  'failures-by-provider': { title: 'Which routes fail most, and why', draw: drawFailures },
  waits: { title: 'How long people waited to read: median to 95th percentile', draw: drawWaits },
  'how-runs-end': { title: 'How runs ended, by surface', draw: drawEndings },
  replacements: { title: 'What stood in, and what it did to the wait', draw: drawReplacements },
}

const kinds = {
  outage: 'outage',
  rate_limit: 'rate-limit',
  network: 'network',
  broken_answer: 'broken answer',
  late: 'cut off, too late',
} as const

function drawFailures(rows: readonly Row[]): ReactNode {
  return (
    <ul className="rows">
      {rows.map((row) => (
        <li key={String(row['provider'])}>
          <b>{providerName(row['provider'])}</b>
          <span>
            {percent(Number(row['rate']))} of {counted(Number(row['attempts']), 'attempt')}, likely{' '}
            {percent(Number(row['low']))} to {percent(Number(row['high']))}
          </span>
          <Bar share={Number(row['rate'])} low={Number(row['low'])} high={Number(row['high'])} />
          <span className="kinds">
            {Object.entries(kinds).map(
              ([column, kind]) =>
                Number(row[column]) > 0 && (
                  <span key={column}>
                    <code>{kind}</code> {percent(Number(row[column]))}
                  </span>
                ),
            )}
          </span>
        </li>
      ))}
    </ul>
  )
}

/** The rarer ones say little. */
const MOST_REPLACEMENTS = 8

function drawReplacements(rows: readonly Row[]): ReactNode {
  const shown = rows.slice(0, MOST_REPLACEMENTS)
  const most = Math.max(
    ...shown.map((row) =>
      Math.max(
        Number(row['before_p50_ms']) + Number(row['after_p50_ms']),
        Number(row['from_p50_ms']),
      ),
    ),
  )
  return (
    <ul className="rows">
      {shown.map((row) => (
        <li key={`${row['from_route']} ${row['cause']} ${row['to_route']}`} className="stood-in">
          <b>
            {routeName(row['from_route'])} → {routeName(row['to_route'])}
          </b>
          <span>
            <code>{row['cause']}</code> {counted(Number(row['fallbacks']), 'time')}
          </span>
          <Waits
            before={Number(row['before_p50_ms'])}
            after={Number(row['after_p50_ms'])}
            usual={row['from_p50_ms'] == null ? null : Number(row['from_p50_ms'])}
            most={most}
          />
          <dl>
            <div>
              <dt data-part="before">before</dt>
              <dd>{wait(row['before_p50_ms'])}</dd>
            </div>
            <div>
              <dt data-part="after">after</dt>
              <dd>{wait(row['after_p50_ms'])}</dd>
            </div>
            <div>
              <dt data-part="usual">usual wait</dt>
              <dd>{wait(row['from_p50_ms'])}</dd>
            </div>
          </dl>
        </li>
      ))}
      {rows.length > shown.length && (
        <li>
          <span>and {counted(rows.length - shown.length, 'rarer one')}</span>
        </li>
      )}
    </ul>
  )
}

function drawWaits(rows: readonly Row[]): ReactNode {
  const answered = rows.filter((row) => row['p50_ms'] !== null)
  const most = Math.max(...answered.map((row) => Number(row['p95_ms'])))
  return (
    <ul className="rows">
      {answered.map((row) => (
        <li key={`${row['surface']} ${row['route']}`}>
          <b>
            {surfaceName(row['surface'])}: {routeName(row['route'])}
          </b>
          <span>
            {range(Number(row['p50_ms']), Number(row['p95_ms']))},{' '}
            {counted(Number(row['runs']), 'run')}
          </span>
          <Span from={Number(row['p50_ms'])} to={Number(row['p95_ms'])} most={most} />
        </li>
      ))}
    </ul>
  )
}

function drawEndings(rows: readonly Row[]): ReactNode {
  const bySurface = Map.groupBy(rows, (row) => row['surface'])
  return [...bySurface].map(([surface, all]) => (
    <div key={String(surface)} className="by-surface">
      <b>{surfaceName(surface)}</b>
      <Endings
        counts={Object.fromEntries(all.map((row) => [row['status'], Number(row['runs'])]))}
      />
    </div>
  ))
}

function wait(ms: Row[string] | undefined): string {
  return ms === null || ms === undefined ? 'none came' : seconds(Number(ms))
}
