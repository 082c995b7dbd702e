import type { ReactNode } from 'react'
import { Here } from './Here.tsx'
import { Team } from './Team.tsx'

/** What became of the runs: the team's questions, answered for this browser and from what was reported. */
export function Happened(): ReactNode {
  return (
    <main className="chat" aria-label="What happened">
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so that a keyboard has to get into it */}
      <section className="sheet" tabIndex={0} aria-labelledby="happened-title">
        <div className="happened">
          <h2 id="happened-title">What happened</h2>
          <p className="sheet-lead">
            Each run leaves one flat row, and each of its attempts another: numbers and names, none
            of your words.
          </p>
          <Here />
          <Team />
        </div>
      </section>
    </main>
  )
}
