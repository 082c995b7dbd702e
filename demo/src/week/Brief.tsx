import { useState, type ReactNode, type SyntheticEvent } from 'react'

const sizes = [1, 2, 4, 6] as const

/** What a plan is made from. One button, so that it keeps the focus when it changes. */
export function Brief({
  isBusy,
  onPlan,
  onStop,
}: {
  isBusy: boolean
  onPlan: (prompt: string, event: SyntheticEvent) => void
  onStop: () => void
}): ReactNode {
  const [people, setPeople] = useState<number>(2)
  const [larder, setLarder] = useState('lentils, a cabbage, lemons')
  function submit(event: SyntheticEvent) {
    event.preventDefault()
    if (isBusy) onStop()
    else onPlan(`Plan five dinners for ${people}. In the larder: ${larder.trim()}.`, event)
  }
  return (
    <form className="brief" onSubmit={submit}>
      <fieldset>
        <legend>For how many?</legend>
        <div className="sizes">
          {sizes.map((size) => (
            <label key={size}>
              <input
                type="radio"
                name="people"
                checked={size === people}
                onChange={() => setPeople(size)}
              />
              {size}
            </label>
          ))}
        </div>
      </fieldset>
      <label className="in-larder">
        In the larder
        <input value={larder} onChange={(event) => setLarder(event.target.value)} />
      </label>
      <button type="submit" className={isBusy ? 'stop' : 'send'}>
        {isBusy ? 'Stop' : 'Plan the week'}
      </button>
    </form>
  )
}
