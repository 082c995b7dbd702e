import type { Streamed } from '@rungs/react'
import type { ReactNode } from 'react'
import type { Menu } from './menu.ts'

/** A plan as far as it has come: a card for each day, then what to buy. */
export function Plan({ menu, isBusy }: { menu: Streamed<Menu>; isBusy: boolean }): ReactNode {
  const { title, days = [], shopping = [] } = menu
  return (
    <article className="plan" aria-busy={isBusy} aria-labelledby="plan-title">
      <h3 id="plan-title">{title}</h3>
      <ol className="days">
        {days.map(({ day, dish, minutes, note }, place) => (
          // oxlint-disable-next-line react/no-array-index-key -- days only ever come at the end, and no two need have different names
          <li key={place} className="day">
            <p className="day-name">
              {day}
              {minutes !== undefined && <span>{minutes} min</span>}
            </p>
            {dish && <h4>{dish}</h4>}
            <p>{note}</p>
          </li>
        ))}
      </ol>
      {shopping.length > 0 && (
        <section className="shopping" aria-labelledby="shopping-title">
          <h4 id="shopping-title">To buy</h4>
          <ul>
            {shopping.map((thing, place) => (
              // oxlint-disable-next-line react/no-array-index-key -- the same
              <li key={place}>{thing}</li>
            ))}
          </ul>
        </section>
      )}
    </article>
  )
}
