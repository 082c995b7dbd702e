import type { KeyboardEvent, ReactElement } from 'react'
import { wayOf } from './filter.ts'
import { TONES } from './Filters.tsx'
import { ms } from './ms.ts'
import type { RunRecord } from './record.ts'

/** The runs, the newest first; one stop of the tab key, and the arrows from there. */
export function RunList({
  runs,
  chosen,
  onChoose,
}: {
  readonly runs: readonly RunRecord[]
  readonly chosen: string | null
  readonly onChoose: (id: string) => void
}): ReactElement {
  const shown = runs.toReversed()
  function step(event: KeyboardEvent<HTMLElement>): void {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const index = shown.findIndex(({ id }) => id === chosen) + (by ?? 0)
    const next = shown[index]
    if (by === undefined || !next) return
    event.preventDefault()
    onChoose(next.id)
    event.currentTarget.querySelectorAll('button')[index]?.focus()
  }
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- it hears what comes up from the buttons in it
    <nav aria-label="Runs" onKeyDown={step}>
      {shown.map((run) => {
        const { id, started, settled } = run
        return (
          <button
            key={id}
            type="button"
            aria-current={id === chosen}
            tabIndex={id === chosen ? 0 : -1}
            onClick={() => {
              onChoose(id)
            }}
          >
            <span className={`dot ${TONES[wayOf(run)]}`} />
            <b>{started?.workload ?? 'under way'}</b> {started?.surface}
            <small>
              {settled
                ? `${settled.status}, ${settled.route ?? 'nobody'}, ${ms(settled.latency.totalMs)}`
                : 'running'}
            </small>
          </button>
        )
      })}
    </nav>
  )
}
