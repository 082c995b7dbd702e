import type { ReactNode } from 'react'
import { questions } from './questions.tsx'
import { useTeam, type TeamView } from './useTeam.ts'
import { counted } from './words.ts'

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })

/** What the team reads: the same runs as reported, answered by SQL on the server. */
export function Team(): ReactNode {
  const { view, look } = useTeam()
  return (
    <section className="happened-part" aria-labelledby="team-title">
      <h3 id="team-title">For the team</h3>
      {view.is === 'missing' && (
        <p className="nothing">
          {view.problem} Everything else works; reports wait in this browser meanwhile.
        </p>
      )}
      {view.is === 'coming' && <p className="nothing">Asking the collector…</p>}
      {view.is === 'here' && <Answered view={view} onLook={() => void look()} />}
    </section>
  )
}

function Answered({
  view: {
    answers: { stored, answers },
    at,
  },
  onLook,
}: {
  view: Extract<TeamView, { is: 'here' }>
  onLook: () => void
}): ReactNode {
  return (
    <>
      <p className="sheet-lead">
        {counted(stored.run, 'run')} and {counted(stored.attempt, 'attempt')} in DuckDB, asked at{' '}
        {clock.format(at)}. Reports arrive 5 s after a run.{' '}
        <button type="button" className="link" onClick={onLook}>
          Look again
        </button>
      </p>
      {stored.run === 0 ? (
        <p className="nothing">No report has arrived yet.</p>
      ) : (
        <div className="figures">
          {answers.map(({ name, about, rows }) => {
            const question = questions[name]
            return (
              question &&
              rows.length > 0 && (
                <figure key={name}>
                  <figcaption>{question.title}</figcaption>
                  {question.draw(rows)}
                  <details className="about">
                    <summary>How to read it</summary>
                    <p>{about}</p>
                    <p>
                      <code>{name}.sql</code>
                    </p>
                  </details>
                </figure>
              )
            )
          })}
        </div>
      )}
    </>
  )
}
